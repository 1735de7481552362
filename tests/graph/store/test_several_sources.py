"""A contract that several sources have is one contract with one value of each property; what each says is kept."""

import json
from pathlib import Path

import pytest

from civicgraph.graph.engine.embedded import EmbeddedEngine
from civicgraph.graph.snapshot.check import check
from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.seeds_loader.load import unload
from civicgraph.seeds_loader.load_records import load_ocds

SUM = """SELECT (SUM(?value) AS ?total) {
    ?contract a cg:Contract ; cg:awardedValue ?value FILTER NOT EXISTS { ?contract cg:guard ?g } }"""
STATED = """SELECT ?value ?currency ?end ?guard {
    ?c a cg:Contract ; cg:awardedValue ?value ; cg:currency ?currency ; cg:end ?end OPTIONAL { ?c cg:guard ?guard } }"""
RECORDS = """SELECT ?source ?n ?value { GRAPH cg:records {
    ?record a cg:Record ; cg:recordOf ?contract ; cg:inSource ?in ; cg:precedence ?n ; cg:awardedValue ?value }
    ?in rdfs:label ?source } ORDER BY ?n"""


def write(
    path: Path,
    published: str,
    value: object,
    end: str = "2026-03-31",
    status: str = "active",
    supplier: str = "Alpha Ltd",
) -> Path:
    award = {
        "id": "1",
        "status": status,
        "date": "2025-01-01T00:00:00Z",
        "value": {"amount": value, "currency": "GBP"},
        "suppliers": [{"name": supplier}],
        "contractPeriod": {"startDate": "2025-01-01", "endDate": end},
    }
    release = {
        "ocid": "ocds-x-1",
        "id": "1",
        "date": f"{published}T00:00:00Z",
        "buyer": {"id": "a", "name": "Ashby Council"},
        "tender": {"title": "Payroll"},
        "awards": [award],
    }
    path.write_text(json.dumps(release) + "\n", encoding="utf-8")
    return path


def rows(engine: EmbeddedEngine, sparql: str) -> list[tuple[str | None, ...]]:
    return [tuple(None if term is None else term.value for term in row.values()) for row in engine.select(sparql)]


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path / "data")


def disagreements(engine: EmbeddedEngine) -> set[str | None]:
    return {one.value for one in check(engine) if "sources disagree" in one.message}


def test_the_record_published_last_gives_value_and_end(folder: DataFolder, tmp_path: Path) -> None:
    load_ocds(folder, [write(tmp_path / "b.jsonl", "2025-06-01", 45_210, "2027-03-31")])
    load_ocds(folder, [write(tmp_path / "a.jsonl", "2025-02-01", 32_800)])
    with folder.open() as snapshot:
        engine = snapshot.engine
        assert rows(engine, SUM) == [("45210",)]
        assert rows(engine, STATED) == [("45210", "GBP", "2027-03-31", None)]
        assert rows(engine, RECORDS) == [("OCDS file b.jsonl", "1", "45210"), ("OCDS file a.jsonl", "2", "32800")]
        assert {str(one).rpartition("#")[2] for one in disagreements(engine)} == {"awardedValue", "end"}


def test_a_faulty_record_does_not_remove_the_clean_one(folder: DataFolder, tmp_path: Path) -> None:
    load_ocds(folder, [write(tmp_path / "a.jsonl", "2025-02-01", 32_800)])
    load_ocds(folder, [write(tmp_path / "b.jsonl", "2025-06-01", 10**16)])
    with folder.open() as snapshot:
        assert rows(snapshot.engine, STATED) == [("32800", "GBP", "2026-03-31", None)]


def test_an_award_that_was_cancelled_later_counts_no_more(folder: DataFolder, tmp_path: Path) -> None:
    load_ocds(folder, [write(tmp_path / "a.jsonl", "2025-02-01", 32_800)])
    with folder.open() as snapshot:
        assert snapshot.engine.ask("ASK { ?buyer cg:contractsWith ?supplier }")
    load_ocds(folder, [write(tmp_path / "b.jsonl", "2025-06-01", 32_800, status="cancelled")])
    with folder.open() as snapshot:
        assert rows(snapshot.engine, STATED) == [("32800", "GBP", "2026-03-31", "unsuccessful-award")]
        assert not snapshot.engine.ask("ASK { ?buyer cg:contractsWith|cg:servedBy ?supplier }")


def test_parties_are_all_that_any_source_names(folder: DataFolder, tmp_path: Path) -> None:
    load_ocds(folder, [write(tmp_path / "a.jsonl", "2025-02-01", 5, supplier="Alpha Ltd")])
    load_ocds(folder, [write(tmp_path / "b.jsonl", "2025-06-01", 5, supplier="Beta Ltd")])
    with folder.open() as snapshot:
        found = rows(snapshot.engine, "SELECT ?name { ?c cg:supplier/rdfs:label ?name } ORDER BY ?name")
        assert found == [("Alpha Ltd",), ("Beta Ltd",)]
        assert any("supplier" in str(one) for one in disagreements(snapshot.engine))


def test_without_the_second_source_there_are_no_records(folder: DataFolder, tmp_path: Path) -> None:
    load_ocds(folder, [write(tmp_path / "a.jsonl", "2025-02-01", 32_800)], "first")
    with folder.open() as snapshot:
        before = snapshot.manifest.version
    load_ocds(folder, [write(tmp_path / "b.jsonl", "2025-06-01", 45_210)], "second")
    unload(folder, "second")
    with folder.open() as snapshot:
        assert snapshot.manifest.version == before
        assert not snapshot.engine.ask("ASK { GRAPH cg:records { ?s ?p ?o } }")
        assert rows(snapshot.engine, SUM) == [("32800",)]
