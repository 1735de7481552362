"""What a server answers is what the embedded engine answers, byte for byte."""

import io
from contextlib import closing
from pathlib import Path
from typing import get_args

import pytest
from pyoxigraph import NamedNode

from civicgraph.graph.edges.scope import Scope
from civicgraph.graph.engine.embedded import EmbeddedEngine
from civicgraph.graph.engine.errors import QueryError, QueryKindError
from civicgraph.graph.engine.interface import Engine, Query, ResultFormat, ResultKind
from civicgraph.graph.engine.remote.http import Connection
from civicgraph.graph.exports.gexf import gexf
from civicgraph.graph.exports.options import VIEWS
from civicgraph.graph.exports.quads import write_trig
from civicgraph.graph.exports.views import draw
from civicgraph.graph.measures.figure_columns import By
from civicgraph.graph.snapshot.check import check
from civicgraph.graph.snapshot.remote.folder import RemoteFolder
from tests.figures import figures
from tests.graph.in_memory import edges_of

ROOT = Path(__file__).parents[4]
OWN = [
    path
    for path in sorted([*(ROOT / "graph" / "queries").glob("*.rq"), *(ROOT / "ontology" / "integrity").glob("*.rq")])
    if "ORDER BY" in path.read_text(encoding="utf-8") or path.parent.name == "integrity"
]
BASE = "https://w3id.org/civicgraph/id/"


def written(engine: Engine, sparql: str, form: ResultFormat, graph: ResultFormat = "turtle") -> bytes:
    out = io.BytesIO()
    formats: dict[ResultKind, ResultFormat] = {
        "solutions": form,
        "boolean": form if form in ("json", "xml") else "json",
        "graph": graph,
    }
    engine.write_answer(Query(sparql, formats), lambda _: out)
    return out.getvalue()


def test_the_projects_own_queries_have_the_same_bytes(seeds: EmbeddedEngine, remote_seeds: RemoteFolder) -> None:
    forms: tuple[ResultFormat, ...] = ("json", "xml", "csv", "tsv")
    with remote_seeds.open() as snapshot:
        for number, path in enumerate(OWN):
            sparql = path.read_text(encoding="utf-8")
            form = forms[number % len(forms)]
            assert written(snapshot.engine, sparql, form) == written(seeds, sparql, form), (path.name, form)


def test_rows_and_bound_values_are_the_same(seeds: EmbeddedEngine, remote_seeds: RemoteFolder) -> None:
    queries = [ROOT / "api" / "pages" / "queries" / f"{name}.rq" for name in ("thing", "thing-incoming")]
    things = [{"thing": NamedNode(f"{BASE}organisation/{slug}")} for slug in ("serco", "capita", "nobody")]
    with remote_seeds.open() as snapshot:
        for path in queries:
            for bind in things:
                sparql = path.read_text(encoding="utf-8")
                assert list(snapshot.engine.select(sparql, bind=bind)) == list(seeds.select(sparql, bind=bind))


def test_quads_are_the_same_as_a_whole_and_in_part(seeds: EmbeddedEngine, remote_seeds: RemoteFolder) -> None:
    with remote_seeds.open() as snapshot:
        assert set(snapshot.engine.quads()) == set(seeds.quads())
        for quad in list(seeds.quads())[::2000]:
            for pattern in ((quad.subject, None, None), (None, quad.predicate, quad.object)):
                assert set(snapshot.engine.quads(*pattern)) == set(seeds.quads(*pattern))


def test_measures_and_exports_are_the_same_bytes(seeds: EmbeddedEngine, remote_seeds: RemoteFolder) -> None:
    def everything(engine: Engine) -> list[bytes]:
        out = io.BytesIO()
        write_trig(engine.quads(), out)
        with closing(edges_of(engine)) as table:
            for view in VIEWS:
                out.writelines(gexf(draw(view, table, engine)))
            rows = [repr(figures(table, Scope(), by)).encode() for by in get_args(By)]
        return [out.getvalue(), *rows]

    with remote_seeds.open() as snapshot:
        assert everything(snapshot.engine) == everything(seeds)


def test_checks_find_the_same(seeds: EmbeddedEngine, remote_seeds: RemoteFolder) -> None:
    with remote_seeds.open() as snapshot:
        assert check(snapshot.engine) == check(seeds)


@pytest.mark.parametrize(
    "sparql",
    [
        "SELECT * FROM cg:plans { ?s a ?c } ORDER BY ?s ?c",
        "SELECT * FROM NAMED cg:plans { GRAPH ?g { ?s a ?c } } ORDER BY ?s ?c",
        "SELECT * FROM <http://nowhere/> { ?s ?p ?o }",
        "BASE <https://w3id.org/civicgraph/> SELECT (COUNT(*) AS ?n) { GRAPH <ontology#claims> { ?s ?p ?o } }",
        "PREFIX x: <https://w3id.org/civicgraph/ontology#> SELECT (COUNT(*) AS ?n) { GRAPH x:rumours { ?s ?p ?o } }",
        r"SELECT (COUNT(*) AS ?n) { GRAPH <https://w3id.org/civicgraph/ontology#pl\u0061ns> { ?s ?p ?o } }",
        "SELECT DISTINCT ?g (STR(?g) AS ?text) { GRAPH ?g { ?s ?p ?o } } ORDER BY ?g",
        "SELECT ?v (COUNT(*) AS ?n) { GRAPH cg:claims { ?c cg:view ?v } GRAPH ?v { ?s a ?x } } GROUP BY ?v ORDER BY ?v",
        "SELECT ('cg:plans <https://w3id.org/civicgraph/ontology#plans> # no' AS ?x) { }",
        "ASK { GRAPH cg:plans { ?s ?p ?o } }",
        "CONSTRUCT { ?s cg:view cg:plans } { GRAPH cg:claims { ?s cg:view cg:plans } } ORDER BY ?s LIMIT 20",
        "CONSTRUCT WHERE { <https://w3id.org/civicgraph/id/organisation/serco> rdfs:label ?name }",
    ],
)  # fmt: skip
def test_names_of_graphs_mean_what_they_mean(sparql: str, seeds: EmbeddedEngine, remote_seeds: RemoteFolder) -> None:
    with remote_seeds.open() as snapshot:
        assert written(snapshot.engine, sparql, "json") == written(seeds, sparql, "json")


def test_what_cannot_be_asked_is_refused_as_it_is_embedded(remote_seeds: RemoteFolder) -> None:
    with remote_seeds.open() as snapshot:
        engine = snapshot.engine
        with pytest.raises(QueryError, match="SERVICE is not answered"):
            list(engine.select("SELECT * { SERVICE <http://e/> { ?s ?p ?o } }"))
        with pytest.raises(QueryError, match="the server says"):
            list(engine.select("SELECT nonsense"))
        with pytest.raises(QueryError, match="an update"):
            list(engine.select("DROP ALL"))
        with pytest.raises(QueryError, match="this is not SPARQL"):
            list(engine.select("SELECT * { ?s ?p 'unended }"))
        with pytest.raises(QueryKindError):
            list(engine.select("ASK { }"))


def test_edges_that_are_fetched_are_those_of_the_load(remote_seeds: RemoteFolder, tmp_path: Path) -> None:
    """Who has only the address fetches them once a version, and is told that it takes a while."""
    told: list[str] = []
    known = remote_seeds.connection
    reader = RemoteFolder(tmp_path, Connection(known.address, timeout=known.timeout, notice=told.append))

    def held(folder: RemoteFolder) -> list[list[tuple[object, ...]]]:
        with folder.edges() as table:
            return [
                table.rows(f"SELECT * FROM {name} ORDER BY ALL")  # noqa: S608 - names of our own
                for name in ("party", "called", "thing", "under", "holding", "entry", "edge")
            ]

    expected = held(remote_seeds)
    assert sum(map(len, expected)) > 100
    for _ in range(2):
        assert held(reader) == expected
    assert [one.partition(" of version ")[0] for one in told] == ["fetching the edges"]
