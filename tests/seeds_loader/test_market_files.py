"""Figures of whole files: of spending that is messy as real files are, and of G-Cloud by a script of its own."""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path

import pytest

from civicgraph.graph.edges.scope import Scope
from civicgraph.graph.edges.table import EdgeTable
from civicgraph.graph.measures.figure_columns import Figure
from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.seeds_loader.load_records import load_spend
from tests.figures import figures

GCLOUD = Path(__file__).parents[3] / "shared/data/gcloud/G-Cloud-Spend-14-07-14-v2-For-import.csv"
HEADER = "Date,Amount,Supplier Name\n"


def figure_of(table: EdgeTable, **scope: date) -> Figure:
    return figures(table, Scope(basis="spend", start=scope.get("start"), end=scope.get("end")), "market")[0]


def spend_figure(tmp_path: Path, rows: str) -> Figure:
    path = tmp_path / "ashby__2019-10.csv"
    path.write_text(HEADER + rows, encoding="utf-8")
    folder = DataFolder(tmp_path / "data")
    load_spend(folder, [path])
    with folder.edges() as table:
        return figure_of(table)


def test_a_grand_total_is_no_supplier(tmp_path: Path) -> None:
    rows = "01/10/2019,600,Alpha Ltd\n02/10/2019,400,Beta Ltd\n31/10/2019,1000,Grand Total\n"
    found = spend_figure(tmp_path, rows)
    assert (found["hhi"], found["suppliers"], found["total"], found["records"]) == (5200, 2, 1000, 3)
    assert (found["coverage"], found["excluded"]) == (2 / 3, "guarded as total: 1 (£1,000.00)")


def test_blank_and_redacted_suppliers_have_no_share(tmp_path: Path) -> None:
    rows = (
        "01/10/2019,500,Alpha Ltd\n02/10/2019,500,Beta Ltd\n03/10/2019,9000,\n04/10/2019,7000,REDACTED PERSONAL DATA\n"
    )
    found = spend_figure(tmp_path, rows)
    assert (found["hhi"], found["suppliers"], found["total"]) == (5000, 2, 1000)
    assert (found["coverage"], found["excluded"]) == (
        0.5,
        "guarded as blank: 1 (£9,000.00); guarded as redacted: 1 (£7,000.00)",
    )


def test_a_refund_larger_than_its_payments_makes_no_share_negative(tmp_path: Path) -> None:
    rows = "01/10/2019,100,Alpha Ltd\n09/10/2019,-900,Alpha Ltd\n02/10/2019,300,Beta Ltd\n"
    found = spend_figure(tmp_path, rows)
    # Refunds are kept and never netted: 100 and 300 were paid.
    assert (found["hhi"], found["suppliers"], found["total"], found["excluded"]) == (
        6250,
        2,
        400,
        "guarded as refund: 1 (£-900.00)",
    )


def hhi_and_cr4(totals: Mapping[str, float]) -> tuple[float, float]:
    whole = sum(totals.values())
    shares = sorted((total / whole for total in totals.values()), reverse=True)
    return 10_000 * sum(share * share for share in shares), sum(shares[:4])


def by_supplier(rows: Iterable[Mapping[str, str]], who: Mapping[str, str]) -> dict[str, float]:
    totals: dict[str, float] = defaultdict(float)
    for row in rows:
        # What was declared too high is corrected by a negative row, and nobody has less than nothing.
        totals[who[" ".join(row["SupplierName"].split())]] += float(row["EvidencedSpend"])
    return {supplier: total for supplier, total in totals.items() if total > 0}


@pytest.mark.skipif(not GCLOUD.exists(), reason=f"the sales of G-Cloud are not at {GCLOUD}, beside the checkout")
@pytest.mark.parametrize(
    ("column", "value"),
    [("", ""), ("Sector", "Local Government"), *(("LotDescription", lot) for lot in "1234")],
)
def test_g_cloud_by_a_script_of_its_own(tmp_path: Path, column: str, value: str) -> None:
    with io.StringIO(GCLOUD.read_bytes().decode("mac-roman"), newline="") as file:
        rows = [row for row in csv.DictReader(file) if not column or row[column] == value]
    assert rows
    path = tmp_path / "sales.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    folder = DataFolder(tmp_path / "data")
    load_spend(folder, [path])
    with folder.open() as snapshot, folder.edges() as table:
        named = snapshot.engine.select("SELECT ?one ?name { ?one a cg:Organisation ; rdfs:label|skos:altLabel ?name }")
        who = {row["name"].value: row["one"].value for row in named if row["name"] and row["one"]}
        found = figure_of(table)
        assert (found["hhi"], found["cr4"]) == pytest.approx(hhi_and_cr4(by_supplier(rows, who)))
        assert found["hhi_unresolved"] is not None
        assert found["hhi_if_refused"] is not None
        assert found["hhi_unresolved"] <= found["hhi_if_refused"] <= (found["hhi"] or 0) <= (found["hhi_if_taken"] or 0)
        for month in sorted({row["ReturnMonth"] for row in rows}) if not column else ():
            start = date.fromisoformat(month)
            end = (start + timedelta(days=31)).replace(day=1) - timedelta(days=1)
            sold = by_supplier((row for row in rows if row["ReturnMonth"] == month), who)
            monthly = figure_of(table, start=start, end=end)
            assert (monthly["hhi"], monthly["cr4"]) == pytest.approx(hhi_and_cr4(sold))
