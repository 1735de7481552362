"""One contract met in a register, in a notice and in payments is one thing, and its money counts once."""

import csv
import json
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

import civicgraph.graph as cg
from civicgraph.api.app import create_app
from civicgraph.api.cli import app
from civicgraph.api.settings import Settings
from civicgraph.graph.edges.account import pounds
from civicgraph.graph.records.iris import BASE
from civicgraph.graph.records.rows import holds_contracts
from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.seeds_loader.load_records import load_contracts, load_ocds, load_spend

REGISTER = """Ref,Title,Supplier,Company number,Start date,End date,Extension,Value (exc VAT)
DN700001,Payroll system,Alpha Ltd,1234567,01/04/2023,31/03/2026,2 years,"150,000.10"
DN700002,School meals,Beta Ltd,,01/09/2023,31/08/2025,,90000
C-0003,Grounds maintenance,Gamma Ltd,,01/04/2024,31/03/2027,,30000
"""
PAYMENTS = """Payment date,Supplier,Amount (net of VAT),Contract reference
15/05/2023,ALPHA LIMITED,"10,000.05",DN700001
15/05/2024,Alpha Ltd,"20,000.06",dn 700001
20/05/2024,Alpha Ltd,-5.00,DN700001
20/06/2024,Alpha Ltd,77.77,
20/06/2024,Beta Ltd,500.00,
20/06/2022,Beta Ltd,11.00,
20/06/2024,Delta Ltd,999.00,DN700001
"""


def award(number: int, title: str, supplier: str, start: str, end: str, value: float, tender: str = "") -> str:
    """Return a release of one award, as a line."""
    party = {"id": "s", "name": supplier, "roles": ["supplier"]}
    release: dict[str, Any] = {
        "ocid": f"ocds-h6vhtk-{number:06}",
        "id": f"{number:06}-2023",
        "date": "2023-03-01T00:00:00Z",
        "tag": ["award"],
        "parties": [{"id": "b", "name": "Ashby Council", "roles": ["buyer"]}, party],
        "buyer": {"id": "b", "name": "Ashby Council"},
        "tender": {"id": tender or f"T/{number}", "title": title},
        "awards": [
            {
                "id": "1",
                "status": "active",
                "suppliers": [{"id": "s", "name": supplier}],
                "value": {"amount": value, "currency": "GBP"},
                "contractPeriod": {"startDate": f"{start}T00:00:00Z", "endDate": f"{end}T00:00:00Z"},
            }
        ],
    }
    return json.dumps(release) + "\n"


AWARDS = (
    award(
        1, "Payroll and HR system", "Alpha Limited", "2023-04-01", "2026-03-31", 150000.10, "ASHB001-DN700001-12345678"
    )
    + award(2, "Provision of school meals", "Beta Ltd", "2023-09-01", "2025-08-31", 90000)
    + award(3, "Street lighting", "Gamma Ltd", "2020-01-01", "2021-12-31", 5000)
)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    """Return a folder that holds a register, the notices of some of its contracts, and payments; only to be read."""
    place = tmp_path_factory.mktemp("sides")
    found = DataFolder(place / "data")
    files = {"ashby-council__2024-06.csv": REGISTER, "awards.jsonl": AWARDS, "ashby-council__2024-q1.csv": PAYMENTS}
    for (name, text), load in zip(files.items(), (load_contracts, load_ocds, load_spend), strict=True):
        (place / name).write_text(text, encoding="utf-8")
        assert load(found, [place / name]).report.rejected.total() == 0
    return found


@pytest.fixture
def folder(loaded: DataFolder, tmp_path: Path) -> DataFolder:
    """Return a copy of it, to be changed."""
    shutil.copytree(loaded.path, tmp_path / "data", symlinks=True)
    return DataFolder(tmp_path / "data")


def contracts(folder: DataFolder) -> dict[str, Decimal]:
    """Return what each contract is worth, by the end of its IRI."""
    query = "SELECT string_split(record, '/')[-1], value_e4 FROM entry WHERE kind = 'contract' ORDER BY ALL"
    with folder.edges() as table:
        return {record: pounds(value) for record, value in table.rows(query)}


def paid_under(folder: DataFolder) -> dict[str, str | None]:
    """Return the contract of each payment, by its amount."""
    query = "SELECT value_e4, string_split(contract, '/')[-1] FROM entry WHERE kind = 'spend' ORDER BY file_row"
    with folder.edges() as table:
        return {str(pounds(value)): contract for value, contract in table.rows(query)}


def totals(folder: DataFolder) -> tuple[Decimal, Decimal]:
    """Return what all contracts are worth and what was paid, as figures count it."""
    with cg.open_folder(folder.path) as data:
        value, spend = (data.figures("market", basis=basis)[0]["total"] for basis in ("value", "spend"))
    return Decimal(str(value)), Decimal(str(spend))


def judge(folder: DataFolder, line: str) -> None:
    with (folder.path / "judgements.yaml").open("a", encoding="utf-8") as file:
        file.write(f"- {line}\n")
    with folder.writing() as writer:
        writer.publish()


def candidates(folder: DataFolder) -> dict[tuple[str, str], str]:
    """Return the kinds of the pairs that `civicgraph review` asks about."""
    done = CliRunner().invoke(app, ["review", "--list", "--data", str(folder.path)])
    assert done.exit_code == 0, done.output
    parts = [line.split("  ", 2) for line in done.stdout.splitlines()]
    return {tuple(one.split(" (")[0] for one in pair.split(" | ")): kind for _, kind, pair in parts}  # type: ignore[misc]


def test_one_contract_each_money_once_and_ceiling_against_paid(loaded: DataFolder) -> None:
    assert contracts(loaded) == {
        "ashby-council-c-0003-ce19aa21ef5f64c6": Decimal("30000.00"),
        "ocds-h6vhtk-000001-1": Decimal("150000.10"),
        "ocds-h6vhtk-000002-1": Decimal("90000.00"),
        "ocds-h6vhtk-000003-1": Decimal("5000.00"),
    }
    assert totals(loaded) == (Decimal("275000.10"), Decimal("31587.88"))
    with TestClient(create_app(Settings(loaded.path, workers=1))) as client:
        (row,) = client.get("/tables/ceilings.json").json()
        page = client.get("/id/contract/ocds-h6vhtk-000001-1", headers={"Accept": "text/html"}).text
        listed = client.get("/tables/contracts.json").json()
        payments = client.get("/tables/payments.json").json()
        running = client.get("/queries/contracts-that-run.json").json()
    assert {name: row[name] for name in ("contract", "buyer", "supplier", "ceiling", "paid", "left_to_pay")} == {
        "contract": "Payroll system",
        "buyer": "Ashby Council",
        "supplier": "Alpha Ltd",
        "ceiling": 150000.10,
        "paid": 30000.11,
        "left_to_pay": 119999.99,
    }
    assert (row["payments"], row["not_counted"], row["latest_end"]) == (2, -5.0, "2028-03-31")
    assert (row["ceiling_vat"], row["paid_vat"], row["last_paid"]) == ("net", "net", "2024-05-20")
    assert all(text in page for text in ("150,000.10", "30,000.11", "119,999.99", "net of VAT"))
    assert sum(one["counted"] for one in listed) == pytest.approx(275000.10)
    assert sum(one["counted"] or 0 for one in payments) == pytest.approx(31587.88)
    assert sum(one["contract"] is not None for one in payments) == 3
    assert [(one["contract"], one["end"], one["latest_end"]) for one in running] == [
        ("Payroll system", "2026-03-31", "2028-03-31"),
        ("School meals", "2025-08-31", None),
        ("Grounds maintenance", "2027-03-31", None),
    ]


@pytest.mark.parametrize(
    ("view", "basis", "total"),
    [("network", "value", "275000.10"), ("network", "spend", "31587.88"), ("contracts", "value", "275000.10")],
)
def test_exports_hold_the_same_money_once(
    loaded: DataFolder, tmp_path: Path, view: str, basis: str, total: str
) -> None:
    out = tmp_path / "out"
    told = ["export", "csv", "-o", str(out), "--view", view, "--basis", basis, "--data", str(loaded.path)]
    done = CliRunner().invoke(app, told)
    assert done.exit_code == 0, done.output
    with (out / "edges.csv").open(encoding="utf-8", newline="") as file:
        edges = [row for row in csv.DictReader(file) if row["Kind"] != "provides"]
    assert sum(Decimal(row["value"]) for row in edges) == Decimal(total)


def test_each_record_of_a_contract_stays_and_the_store_tells_what_was_paid(loaded: DataFolder) -> None:
    iri = f"<{BASE}contract/ocds-h6vhtk-000001-1>"
    query = f"""SELECT ?source ?reference ?latest {{ GRAPH cg:records {{
        ?record cg:recordOf {iri} ; cg:inSource ?source
        OPTIONAL {{ ?record cg:reference ?reference }} OPTIONAL {{ ?record cg:latestEnd ?latest }} }} }}
        ORDER BY ?source"""
    paid = f"""SELECT (SUM(?amount) AS ?paid) {{ ?sum cg:underContract {iri} ; cg:amount ?amount
        FILTER NOT EXISTS {{ ?sum cg:guard ?guard }} }}"""
    with loaded.open() as snapshot:
        found = [[getattr(value, "value", None) for value in row.values()] for row in snapshot.engine.select(query)]
        (total,) = snapshot.engine.select(paid)
    assert [one[1:] for one in found] == [["DN700001", "2028-03-31"], [None, None]]
    assert getattr(total["paid"], "value", None) == "30000.11"


def test_what_is_not_tied_stays_apart_until_a_person_judges(folder: DataFolder) -> None:
    assert paid_under(folder)["500.00"] is None
    found = candidates(folder)
    assert (
        found["Payroll system", "1 payment of Ashby Council to Alpha Ltd, 2024-06-20 to 2024-06-20, 77.77"]
        == "payments while it runs"
    )
    judge(folder, "same: [contract/ocds-h6vhtk-000002-1, payments/ocds-h6vhtk-000002-1]")
    assert paid_under(folder) | {"11.00": None, "500.00": "ocds-h6vhtk-000002-1"} == paid_under(folder)
    judge(folder, "different: [contract/ocds-h6vhtk-000001-1, payments/ocds-h6vhtk-000001-1]")
    assert not any("payment of" in right for _, right in candidates(folder))
    assert totals(folder) == (Decimal("275000.10"), Decimal("31587.88"))


def test_a_person_joins_contracts_and_takes_it_back(folder: DataFolder) -> None:
    register, notice = "contract/ashby-council-c-0003-ce19aa21ef5f64c6", "contract/ocds-h6vhtk-000003-1"
    judge(folder, f"same: [{register}, {notice}]")
    # The register was published last, and says what it is worth.
    assert contracts(folder) == {
        "ocds-h6vhtk-000001-1": Decimal("150000.10"),
        "ocds-h6vhtk-000002-1": Decimal("90000.00"),
        "ocds-h6vhtk-000003-1": Decimal("30000.00"),
    }
    done = CliRunner().invoke(app, ["review", "--undo", register, notice, "--data", str(folder.path)])
    assert done.exit_code == 0, done.output
    assert len(contracts(folder)) == 4
    judge(
        folder,
        "different: [contract/ocds-h6vhtk-000001-1, contract/ashby-council-dn700001-REST]".replace("REST", own(folder)),
    )
    assert len(contracts(folder)) == 5


def test_a_figure_says_what_may_be_counted_twice(folder: DataFolder, tmp_path: Path) -> None:
    assert notes(folder, "value") == ""
    again = award(4, "Upkeep of grounds", "Gamma Ltd", "2024-04-01", "2027-03-31", 30000)
    (tmp_path / "more.jsonl").write_text(again, encoding="utf-8")
    load_ocds(folder, [tmp_path / "more.jsonl"])
    assert totals(folder)[0] == Decimal("305000.10")
    told = "another source may have the same, which a person is to judge (civicgraph review)."
    assert notes(folder, "value") == f"Up to 1 contract, 30,000.00 of money may be counted twice: {told}"
    assert notes(folder, "contracts") == f"Up to 1 contract may be counted twice: {told}"
    assert notes(folder, "spend") == ""
    judge(folder, "same: [contract/ashby-council-c-0003-ce19aa21ef5f64c6, contract/ocds-h6vhtk-000004-1]")
    assert (totals(folder)[0], notes(folder, "value")) == (Decimal("275000.10"), "")


def notes(folder: DataFolder, basis: str) -> str:
    with cg.open_folder(folder.path) as data:
        return str(data.figures("market", basis=basis)[0]["notes"])


def own(folder: DataFolder) -> str:
    """Return the end of the key that the register's line about payroll had before it was tied."""
    rows = [path for source in folder.kept_sources() if (path := source.rows()) is not None and holds_contracts(path)]
    keys = [line.split("\t")[1] for path in rows for line in path.read_text(encoding="utf-8").splitlines()]
    (key,) = [key for key in keys if key.startswith("contract/ashby-council-dn700001-")]
    return key.rpartition("-")[2]


def test_a_load_says_pounds_and_what_is_new_gone_and_changed(tmp_path: Path) -> None:
    path, data = tmp_path / "ashby-council__2024-06.csv", ["--data", str(tmp_path / "data")]
    path.write_text(REGISTER, encoding="utf-8")
    first = CliRunner().invoke(app, ["load", "contracts", str(path), *data])
    assert "loaded: 3, £270,000.10" in first.stderr
    assert "since it was last loaded" not in first.stderr
    later = REGISTER.replace("90000", "95000").replace("C-0003,Grounds", "C-0004,Parks")
    path.write_text(later + "C-0005,Trees,Gamma Ltd,,01/04/2024,31/03/2027,,1\n", encoding="utf-8")
    report = tmp_path / "report.json"
    again = CliRunner().invoke(app, ["load", "contracts", str(path), *data, "--report", str(report)])
    told = [line.strip() for line in again.stderr.splitlines() if "since" in line]
    assert told == [
        "new since it was last loaded: 2 contracts (Parks maintenance; Trees)",
        "gone since it was last loaded: 1 contract (Grounds maintenance)",
        "changed since it was last loaded: 1 contract (School meals)",
    ]
    assert json.loads(report.read_text(encoding="utf-8"))["changes"] == {"new": 2, "gone": 1, "changed": 1}
