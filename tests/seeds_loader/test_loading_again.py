"""Records loaded again, in another order, anew and taken out; the rules over them add nothing; nothing is unsound."""

import io
import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Quad, Store

from civicgraph.graph.exports.quads import write_trig
from civicgraph.graph.records.quads import ESTABLISHED, RDF_TYPE
from civicgraph.graph.snapshot.check import check
from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.ontology.read import rules
from civicgraph.ontology.terms import CG
from civicgraph.seeds_loader.load import LoadResult, unload
from civicgraph.seeds_loader.load_records import load_ocds, load_spend

SPEND = """\
Body Name,Payment Date,Amount,Beneficiary Name
Ashby Council,2019-10-02,100.10,Alpha Limited
Ashby Council,2019-10-09,50.05,ALPHA LTD
Ashby Council,2019-11-01,70,Beta LLP
Ashby Council,2019-11-02,-20,Beta LLP
Ashby Council,2019-11-03,9,REDACTED
Ashby Council,2019-11-04,8,
Ashby Council,soon,8,Beta LLP
"""
BETA = {"id": "b", "name": "Beta LLP", "identifier": {"scheme": "GB-COH", "id": "OC300001"}}
DERIVED = [NamedNode(iri) for iri in (CG.contractsWith, CG.servedBy, CG.currentlyContractsWith, CG.provides)]
ROLES = [NamedNode(CG.Supplier), NamedNode(CG.Buyer)]


def award(
    number: int, start: str, end: str, *suppliers: Mapping[str, object], value: float = 1000
) -> dict[str, object]:
    return {
        "id": str(number),
        "date": "2019-01-01T00:00:00Z",
        "value": {"amount": value, "currency": "GBP"},
        "suppliers": list(suppliers),
        "contractPeriod": {"startDate": start, "endDate": end},
    }


def release(number: int, *awards: dict[str, object], title: str = "Payroll") -> dict[str, object]:
    buyer = {"id": "a", "name": "Ashby Council"}
    parties = [{**BETA, "roles": ["supplier"]}]
    tender = {"title": title, "classification": {"scheme": "CPV", "id": "48000000"}}
    return {"ocid": f"ocds-x-{number}", "buyer": buyer, "parties": parties, "tender": tender, "awards": awards}


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path / "data")


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "payments.csv"
    path.write_text(SPEND, encoding="utf-8")
    return path


@pytest.fixture
def notices(tmp_path: Path) -> Path:
    alpha = {"name": "Alpha Ltd"}
    rows = [
        release(1, award(1, "2019-01-01", "2020-01-01", BETA, alpha), award(2, "2010-01-01", "2011-01-01", alpha)),
        release(2, award(1, "2019-01-01", "2019-11-04", {"name": "Gamma plc"})),
        release(3),
        release(4, award(1, "2019-01-01", "2020-01-01", {"name": "Delta Ltd"}, value=0.01)),
        # An OCID that is not a slug, and a title that looks like an IRI of ours.
        {
            **release(5),
            "ocid": "OCDS/x 5>",
            "tender": {"title": 'A "title" <https://w3id.org/civicgraph/id/organisation/'},
        },
    ]
    path = tmp_path / "notices.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def state(folder: DataFolder) -> tuple[str, bytes]:
    out = io.BytesIO()
    with folder.open() as snapshot:
        write_trig(snapshot.engine.store, out)
        return snapshot.manifest.version, out.getvalue()


def sums(result: LoadResult) -> tuple[int, int, dict[str, int], int]:
    report = result.report
    return report.read, report.loaded, dict(report.guarded), report.rejected.total()


def test_counts_are_those_of_the_files(folder: DataFolder, table: Path, notices: Path) -> None:
    assert sums(load_spend(folder, [table])) == (7, 3, {"refund": 1, "redacted": 1, "blank": 1}, 1)
    assert sums(load_ocds(folder, [notices])) == (9, 8, {"absurd-amount": 1}, 0)


def test_loading_again_changes_nothing(folder: DataFolder, table: Path, notices: Path) -> None:
    load_spend(folder, [table])
    load_ocds(folder, [notices])
    before = state(folder)
    load_spend(folder, [table])
    load_ocds(folder, [notices])
    assert state(folder) == before


def test_order_of_loading_changes_nothing(folder: DataFolder, table: Path, notices: Path, tmp_path: Path) -> None:
    load_spend(folder, [table])
    load_ocds(folder, [notices])
    other = DataFolder(tmp_path / "other")
    load_ocds(other, [notices])
    load_spend(other, [table])
    assert state(folder) == state(other)


def test_unloading_leaves_no_trace(folder: DataFolder, table: Path, notices: Path) -> None:
    load_spend(folder, [table])
    before = state(folder)
    load_ocds(folder, [notices])
    assert b"Gamma" in state(folder)[1]
    unload(folder, "notices")
    assert state(folder) == before
    assert len({path.stem for path in (folder.path / "sources").iterdir()}) == 1


def test_newer_version_replaces_a_source(folder: DataFolder, table: Path, tmp_path: Path) -> None:
    load_spend(folder, [table])
    table.write_text(SPEND.replace("Alpha Limited", "Omega Limited").replace("ALPHA", "OMEGA"), encoding="utf-8")
    load_spend(folder, [table])
    fresh = DataFolder(tmp_path / "fresh")
    load_spend(fresh, [table])
    assert state(folder) == state(fresh)
    assert b"Alpha" not in state(folder)[1]


def test_rules_add_nothing_that_the_loaders_had_not_written(folder: DataFolder, table: Path, notices: Path) -> None:
    load_spend(folder, [table])
    load_ocds(folder, [notices])
    with folder.open() as snapshot:
        written = Store()
        written.extend(snapshot.engine.store)
    # The rules know no guards: what is guarded is in no share, so it is taken away for them.
    for quad in list(written.quads_for_pattern(None, NamedNode(CG.guard), None)):
        for other in list(written.quads_for_pattern(quad.subject, None, None)):
            written.remove(other)
    oracle = Store()
    oracle.extend(quad for quad in written if not derived(quad))
    for rule in rules():
        oracle.update(rule.sparql)
        written.update(rule.sparql)
    assert {quad for quad in written if derived(quad)} == {quad for quad in oracle if derived(quad)}
    with folder.open() as snapshot:
        own = {quad for quad in snapshot.engine.store if derived(quad)}
    assert own == {quad for quad in oracle if derived(quad)}
    running = [str(q.object).rpartition("/")[2] for q in own if q.predicate == NamedNode(CG.currentlyContractsWith)]
    assert sorted(running) == ["alpha-ltd>", "gamma-plc>", "gb-coh-oc300001>"]


def derived(quad: Quad) -> bool:
    return quad.graph_name == ESTABLISHED and (
        quad.predicate in DERIVED or (quad.predicate == RDF_TYPE and quad.object in ROLES)
    )


def test_snapshot_of_records_is_sound(folder: DataFolder, table: Path, notices: Path) -> None:
    load_spend(folder, [table])
    load_ocds(folder, [notices])
    with folder.open() as snapshot:
        assert [one for one in check(snapshot.engine) if one.severity == "Violation"] == []


@pytest.mark.parametrize("torn", ["", "no,header\n1,2\n", SPEND + 'Ashby Council,2019-11-05,"8,Beta LLP\n'])
def test_torn_tables_leave_the_folder_as_it_was(folder: DataFolder, table: Path, notices: Path, torn: str) -> None:
    load_ocds(folder, [notices])
    before = state(folder), sorted(folder.path.rglob("*"))
    table.write_text(torn, encoding="utf-8")
    result = load_spend(folder, [table])
    assert [error.file for error in result.unreadable] == ["payments.csv"]
    assert (result.manifest, result.report.read) == (None, 0)
    assert (state(folder), sorted(folder.path.rglob("*"))) == before


def test_torn_notice_leaves_the_snapshot_as_it_was(folder: DataFolder, table: Path, notices: Path) -> None:
    load_spend(folder, [table])
    before = state(folder)
    notices.write_bytes(notices.read_bytes().splitlines()[0][:-20])
    result = load_ocds(folder, [notices])
    assert result.manifest is None
    assert (result.report.loaded, result.report.rejected) == (0, {"line": 1})
    assert state(folder) == before


def test_rejected_rows_are_a_table_to_correct_and_load_again(tmp_path: Path) -> None:
    path = tmp_path / "leeds__2019-10.csv"
    rows = ["02/10/2019,Alpha Limited,100.10", 'soon,"Beta, Gamma LLP",8', "03/10/2019,Delta Ltd,7,more"]
    path.write_text("\n".join(["Payments over £500", "Date,Supplier,Amount", *rows]) + "\n", encoding="utf-8")
    folder = DataFolder(tmp_path / "data")
    first = load_spend(folder, [path])
    assert (first.report.read, first.report.loaded) == (3, 1)
    (table,) = first.report.tables
    text = table.read_text(encoding="utf-8")
    assert text.splitlines()[0] == "rejected line,rejected because,to correct it,Date,Supplier,Amount"
    again = tmp_path / table.name
    again.write_text(text.replace("soon", "04/10/2019").replace(",7,more", ",7"), encoding="utf-8")
    result = load_spend(folder, [again])
    assert (result.report.read, result.report.loaded, result.report.tables) == (2, 2, [])
    query = "SELECT (SUM(?amount) AS ?total) { ?spend a cg:Spend ; cg:amount ?amount ; cg:buyer/rdfs:label 'Leeds' }"
    with folder.open() as snapshot:
        (row,) = snapshot.engine.select(query)
    assert row["total"] is not None
    assert row["total"].value == "115.1"
    path.write_text("\n".join(["Date,Supplier,Amount", rows[0]]) + "\n", encoding="utf-8")
    load_spend(folder, [path])
    assert not table.exists()
