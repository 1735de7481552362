"""A contract that several sources have is one contract with one value of each property; what each says is kept."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from civicgraph.graph.engine.embedded import EmbeddedEngine
from civicgraph.graph.records.contract_quads import contract_lines
from civicgraph.graph.records.quads import canonical_nquads, source_quads
from civicgraph.graph.records.rows import contract_row
from civicgraph.graph.records.types import ContractRecord, Party, Source
from civicgraph.graph.snapshot.check import check
from civicgraph.graph.snapshot.manifest import LoadedSource
from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.seeds_loader.load import unload
from civicgraph.seeds_loader.parties import Parties

SUM = """SELECT (SUM(?value) AS ?total) {
    ?contract a cg:Contract ; cg:awardedValue ?value FILTER NOT EXISTS { ?contract cg:guard ?g } }"""
STATED = """SELECT ?value ?currency ?end ?guard {
    ?c a cg:Contract ; cg:awardedValue ?value ; cg:currency ?currency ; cg:end ?end OPTIONAL { ?c cg:guard ?guard } }"""
RECORDS = """SELECT ?source ?n ?value { GRAPH cg:records {
    ?record a cg:Record ; cg:recordOf ?contract ; cg:inSource ?in ; cg:precedence ?n ; cg:awardedValue ?value }
    ?in rdfs:label ?source } ORDER BY ?n"""


def add(
    folder: DataFolder,
    source: str,
    published: str,
    value: Decimal | int,
    end: str = "2026-03-31",
    supplier: str = "Alpha Ltd",
    guard: str | None = None,
) -> None:
    """Add a source that says something of the one contract: a register and a notice may both have it."""
    contract = ContractRecord(
        id="1",
        title="Payroll",
        buyers=(Party("Ashby Council"),),
        suppliers=(Party(supplier),),
        record="line 1",
        value=Decimal(value),
        currency="GBP",
        start=date(2025, 1, 1),
        end=date.fromisoformat(end),
        published=date.fromisoformat(published),
        guard=guard,
    )
    parties = Parties()
    buyers, suppliers = ([parties.key(party) for party in some] for some in (contract.buyers, contract.suppliers))
    with folder.writing() as writer, writer.draft() as draft:
        draft.write_quads(canonical_nquads(source_quads(Source(source, f"File {source}", "0" * 64))))
        draft.write_quads("".join(contract_lines(contract, buyers, suppliers, f"source/{source}")).encode())
        draft.write_rows(contract_row(contract, buyers, suppliers).encode())
        draft.write_mentions(parties.mentions())
        writer.sources[source] = LoadedSource(source, "ocds", source, draft.keep().digest)
        writer.publish()


def rows(engine: EmbeddedEngine, sparql: str) -> list[tuple[str | None, ...]]:
    return [tuple(None if term is None else term.value for term in row.values()) for row in engine.select(sparql)]


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path / "data")


def disagreements(engine: EmbeddedEngine) -> set[str | None]:
    return {one.value for one in check(engine) if "sources disagree" in one.message}


def test_the_record_published_last_gives_value_and_end(folder: DataFolder) -> None:
    add(folder, "b", "2025-06-01", 45_210, "2027-03-31")
    add(folder, "a", "2025-02-01", 32_800)
    with folder.open() as snapshot:
        engine = snapshot.engine
        assert rows(engine, SUM) == [("45210",)]
        assert rows(engine, STATED) == [("45210", "GBP", "2027-03-31", None)]
        assert rows(engine, RECORDS) == [("File b", "1", "45210"), ("File a", "2", "32800")]
        assert {str(one).rpartition("#")[2] for one in disagreements(engine)} == {"awardedValue", "end"}
    with folder.edges() as table:
        assert table.rows("SELECT value_e4, last, source FROM entry") == [(452_100_000, date(2027, 3, 31), "b")]


def test_a_faulty_record_does_not_remove_the_clean_one(folder: DataFolder) -> None:
    add(folder, "a", "2025-02-01", 32_800)
    add(folder, "b", "2025-06-01", 10**16, guard="absurd-amount")
    with folder.open() as snapshot:
        assert rows(snapshot.engine, STATED) == [("32800", "GBP", "2026-03-31", None)]
    with folder.edges() as table:
        assert table.rows("SELECT value_e4, guard FROM entry") == [(328_000_000, None)]


def test_an_award_that_was_cancelled_later_counts_no_more(folder: DataFolder) -> None:
    add(folder, "a", "2025-02-01", 32_800)
    with folder.open() as snapshot:
        assert snapshot.engine.ask("ASK { ?buyer cg:contractsWith ?supplier }")
    add(folder, "b", "2025-06-01", 32_800, guard="unsuccessful-award")
    with folder.open() as snapshot:
        assert rows(snapshot.engine, STATED) == [("32800", "GBP", "2026-03-31", "unsuccessful-award")]
        assert not snapshot.engine.ask("ASK { ?buyer cg:contractsWith|cg:servedBy ?supplier }")


def test_parties_are_all_that_any_source_names(folder: DataFolder) -> None:
    add(folder, "a", "2025-02-01", 5, supplier="Alpha Ltd")
    add(folder, "b", "2025-06-01", 5, supplier="Beta Ltd")
    with folder.open() as snapshot:
        found = rows(snapshot.engine, "SELECT ?name { ?c cg:supplier/rdfs:label ?name } ORDER BY ?name")
        assert found == [("Alpha Ltd",), ("Beta Ltd",)]
        assert any("supplier" in str(one) for one in disagreements(snapshot.engine))


def test_without_the_second_source_there_are_no_records(folder: DataFolder) -> None:
    add(folder, "a", "2025-02-01", 32_800)
    with folder.open() as snapshot:
        before = snapshot.manifest.version
    add(folder, "b", "2025-06-01", 45_210)
    unload(folder, "b")
    with folder.open() as snapshot:
        assert snapshot.manifest.version == before
        assert not snapshot.engine.ask("ASK { GRAPH cg:records { ?s ?p ?o } }")
        assert rows(snapshot.engine, SUM) == [("32800",)]
