"""Saved figures: asked by SPARQL, a source of their own, replaced by saving again and gone when unloaded."""

import shutil
from decimal import Decimal
from pathlib import Path

import pytest
from pyoxigraph import Store

from civicgraph.graph.edges.scope import Scope
from civicgraph.graph.edges.table import EdgeTable
from civicgraph.graph.measures.observations import save_figures
from civicgraph.graph.snapshot.derive import build
from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.seeds_loader.load import load_claims, unload
from tests.figures import figures

ABOVE = """PREFIX qb: <http://purl.org/linked-data/cube#>
SELECT ?label ?hhi ?suppliers ?coverage ?excluded ?from WHERE { GRAPH cg:figures {
  ?figure a qb:Observation, cg:Figure ; cg:figureMeasure "hhi" ; cg:figureValue ?hhi ; rdfs:label ?label ;
    cg:suppliersCounted ?suppliers ; cg:coverage ?coverage ; cg:figureBasis "customers" ; qb:dataSet ?cube .
  ?cube a qb:DataSet ; qb:structure/qb:component/qb:measure cg:figureValue ; prov:wasDerivedFrom ?from .
  OPTIONAL { ?figure cg:excluded ?excluded }
  FILTER (?hhi > 1800) } } ORDER BY ?hhi ?label ?from"""


@pytest.fixture(scope="module")
def loaded(facts: Path, tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    """Hold all seed facts but one article's. Nothing writes to it."""
    found = DataFolder(tmp_path_factory.mktemp("loaded") / "data")
    load_claims(found, sorted(facts.glob("*.yaml"))[1:])
    return found


@pytest.fixture
def folder(loaded: DataFolder, tmp_path: Path) -> DataFolder:
    shutil.copytree(loaded.path, tmp_path / "data", symlinks=True)
    return DataFolder(tmp_path / "data")


def test_markets_above_a_line_are_asked_in_sparql_and_survive_a_load(folder: DataFolder, facts: Path) -> None:
    with folder.edges() as table:
        found = list(figures(table, Scope(), "market"))
    above = {figure["market"]: figure["hhi"] for figure in found if (figure["hhi"] or 0) > 1800}
    assert above
    source, count = save_figures(folder, found)
    assert count > len(found)
    load_claims(folder, sorted(facts.glob("*.yaml"))[:1])
    with folder.open() as snapshot:
        rows = list(snapshot.engine.select(ABOVE))
    assert {row["label"].value: Decimal(row["hhi"].value) for row in rows if row["label"] and row["hhi"]} == {
        f"{market}: hhi": Decimal(str(index)) for market, index in above.items()
    }
    assert all(row["from"] is not None and "/source/" in row["from"].value for row in rows)
    # Figures are of what was loaded then; saved again they are of what is loaded now, under the same id.
    with folder.edges() as table:
        again, _ = save_figures(folder, figures(table, Scope(), "market"))
    assert again == source
    manifest = folder.manifest()
    assert manifest is not None
    assert [one.id for one in manifest.sources if one.kind == "figures"] == [source]
    unload(folder, source)
    with folder.open() as snapshot:
        assert not snapshot.engine.ask("ASK { GRAPH cg:figures { ?s ?p ?o } }")


CONSTRAINTS = {
    # https://www.w3.org/TR/vocab-data-cube/#wf-rules, over the graph of figures.
    "IC-4 a dimension has a range": """ASK { GRAPH cg:figures { ?s qb:dimension ?dimension }
      FILTER NOT EXISTS { GRAPH <https://w3id.org/civicgraph/ontology> { ?dimension rdfs:range ?range } } }""",
    "IC-11 every observation has every dimension": """ASK { GRAPH cg:figures {
      ?observation qb:dataSet/qb:structure/qb:component/qb:dimension ?dimension
      FILTER NOT EXISTS { ?observation ?dimension ?value } } }""",
    "IC-12 no two observations have the same dimensions": """ASK { GRAPH cg:figures {
      ?one qb:dataSet ?cube . ?other qb:dataSet ?cube FILTER (STR(?one) < STR(?other))
      FILTER NOT EXISTS { ?cube qb:structure/qb:component/qb:dimension ?dimension .
        ?one ?dimension ?a . ?other ?dimension ?b FILTER (?a != ?b) } } }""",
    "IC-13 a required attribute is there": """ASK { GRAPH cg:figures {
      ?figure a qb:Observation FILTER NOT EXISTS { ?figure cg:figureValue ?value } } }""",
}


@pytest.mark.parametrize("basis", ["customers", "services"])
def test_saved_figures_are_a_sound_data_cube(folder: DataFolder, basis: str) -> None:
    scope = Scope(basis="customers" if basis == "customers" else "services")
    with folder.edges() as table:
        save_figures(folder, figures(table, scope, "market" if basis == "customers" else "supplier"))
    with folder.open() as snapshot:
        for constraint, query in CONSTRAINTS.items():
            assert not snapshot.engine.ask(f"PREFIX qb: <http://purl.org/linked-data/cube#> {query}"), constraint
        assert snapshot.engine.ask("ASK { GRAPH cg:figures { ?figure cg:figureScope ?scope } }")


def lines(store: Store) -> list[str]:
    return sorted(map(str, store))


def test_saving_copies_the_snapshot_and_gives_what_building_anew_gives(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with monkeypatch.context() as patch:

        def unwanted(*_: object) -> None:
            raise AssertionError("nothing but figures differs")

        patch.setattr("civicgraph.graph.snapshot.derive.build", unwanted)
        with folder.edges() as before:
            kept, _ = save_figures(folder, figures(before, Scope(), "market"))
            also, _ = save_figures(folder, figures(before, Scope(basis="services"), "supplier"))
    manifest = folder.manifest()
    assert manifest is not None
    assert [one.id for one in manifest.sources if one.kind == "figures"] == sorted([kept, also])
    anew = Store()
    with folder.writing() as writer:
        (tmp_path / "anew").mkdir()
        build(anew, writer.parts(writer.next_version()[1]), tmp_path / "anew")
        assert writer.next_version()[0] == manifest.version
    with folder.open() as snapshot, folder.edges() as copied:
        assert manifest.quads == len(anew)
        assert lines(Store.read_only(str(snapshot.path / "store"))) == lines(anew)
        built, query = (
            EdgeTable(tmp_path / "anew"),
            "SELECT * FROM edge ORDER BY ALL",
        )
        assert copied.rows(query) == built.rows(query)
        built.close()


def test_what_was_saved_of_somebody_who_is_now_another_goes_as_well(folder: DataFolder) -> None:
    with folder.edges() as table:
        source, _ = save_figures(folder, figures(table, Scope(), "supplier"))
    (folder.path / "judgements.yaml").write_text("- same: [Capita, Serco]\n", encoding="utf-8")
    with folder.writing() as writer:
        writer.publish()
    unload(folder, source)
    with folder.open() as snapshot:
        assert not snapshot.engine.ask("ASK { GRAPH cg:figures { ?s ?p ?o } }")
