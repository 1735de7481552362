"""Virtuoso, the awkward second: the same rows, figures and exports, in an order of its own where texts are long.

What else differs stands in docs/engines.md. Debian packs it as virtuoso-opensource-7-bin.
"""

import io
import json
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, suppress
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
from fastapi.testclient import TestClient
from pyoxigraph import NamedNode

from civicgraph.api.app import create_app
from civicgraph.api.settings import Settings
from civicgraph.graph.engine.embedded import EmbeddedEngine
from civicgraph.graph.engine.errors import RemoteError
from civicgraph.graph.engine.interface import Engine, Query, ResultFormat, ResultKind
from civicgraph.graph.engine.remote.address import Address
from civicgraph.graph.engine.remote.engine import RemoteEngine
from civicgraph.graph.engine.remote.http import Connection
from civicgraph.graph.exports.gexf import gexf
from civicgraph.graph.exports.options import VIEWS
from civicgraph.graph.exports.quads import write_trig
from civicgraph.graph.exports.views import draw
from civicgraph.graph.snapshot.remote.folder import RemoteFolder
from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.ontology.terms import CG_NS
from civicgraph.seeds_loader.load import load_claims, load_rdf
from tests.graph.in_memory import edges_of
from tests.graph.remote_server import FACTS, free_port, measured
from tests.graph.snapshot.remote.test_serving import PAGES

SERVER, CLIENT = shutil.which("virtuoso-t"), shutil.which("isql-vt")
pytestmark = pytest.mark.skipif(
    SERVER is None or CLIENT is None, reason="Virtuoso is not installed (on Debian: virtuoso-opensource-7-bin)"
)
ROOT = Path(__file__).parents[4]
QUESTIONS = sorted((ROOT / "tests" / "competency").glob("*.rq"))
OWN = [
    path
    for path in sorted([*(ROOT / "graph" / "queries").glob("*.rq"), *(ROOT / "ontology" / "integrity").glob("*.rq")])
    if "ORDER BY" in path.read_text(encoding="utf-8") or path.parent.name == "integrity"
]
LENGTHS = "SELECT DISTINCT ?o { GRAPH ?g { ?s ?p ?o } FILTER (DATATYPE(?o) = xsd:duration) }"
XSD = "http://www.w3.org/2001/XMLSchema#"
SETTINGS = """
[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
FileExtend = 200
[TempDatabase]
DatabaseFile = {folder}/temporary.db
TransactionFile = {folder}/temporary.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
DisableUnixSocket = 1
NumberOfBuffers = 4000
MaxDirtyBuffers = 2000
DirsAllowed = {folder}
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerThreads = 8
[SPARQL]
ResultSetMaxRows = 1000000
"""


def attempted(folder: Path) -> tuple[subprocess.Popen[bytes], Address] | None:
    """Start a server in a folder and let whoever asks write; None where another took one of its ports first."""
    ports = {"sql": free_port(), "http": free_port()}
    (folder / "virtuoso.ini").write_text(SETTINGS.format(folder=folder, **ports), encoding="utf-8")
    command = [str(SERVER), "+foreground", "+configfile", "virtuoso.ini"]
    server = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    grant = [str(CLIENT), f"127.0.0.1:{ports['sql']}", "dba", "dba", 'exec=GRANT SPARQL_UPDATE TO "SPARQL";']
    for _ in range(600):
        if server.poll() is not None:
            return None
        if subprocess.run(grant, check=False, capture_output=True).returncode == 0:
            url = f"http://127.0.0.1:{ports['http']}/sparql"
            with suppress(httpx2.TransportError):
                httpx2.get(url, params={"query": "ASK {}"}, timeout=60).raise_for_status()
                return server, Address.read(f"{url}#seeds", None, f"{url}-graph-crud")
        time.sleep(0.1)
    server.kill()
    server.wait()
    raise AssertionError((folder / "virtuoso.log").read_text(encoding="utf-8", errors="replace"))


@pytest.fixture(scope="module")
def virtuoso(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Address]:
    """Run Virtuoso, and give its address."""
    for _ in range(3):
        started = attempted(tmp_path_factory.mktemp("virtuoso"))
        if started is not None:
            server, address = started
            yield address
            server.kill()
            server.wait()
            return
    raise AssertionError("Virtuoso ends as soon as it was started")


@pytest.fixture(scope="module")
def folder(virtuoso: Address, tmp_path_factory: pytest.TempPathFactory) -> RemoteFolder:
    """Hold the seed facts on Virtuoso. Nothing writes to it."""
    made = RemoteFolder(tmp_path_factory.mktemp("remote"), Connection(virtuoso, timeout=60))
    load_claims(made, [FACTS])
    return made


def written(engine: Engine, sparql: str, form: ResultFormat) -> bytes:
    out = io.BytesIO()
    kinds: dict[ResultKind, ResultFormat] = {
        "solutions": form,
        "boolean": form if form in ("json", "xml") else "json",
        "graph": "turtle",
    }
    engine.write_answer(Query(sparql, kinds), lambda _: out)
    return out.getvalue()


def test_every_quad_comes_back_as_it_was_sent(folder: RemoteFolder, seeds: EmbeddedEngine) -> None:
    with folder.open() as snapshot:
        assert set(snapshot.engine.quads()) == set(seeds.quads())
        lengths = {row["o"] for row in seeds.select(LENGTHS)}
        assert len(lengths) > 2
        for length in lengths:
            assert set(snapshot.engine.quads(value=length)) == set(seeds.quads(value=length))


def rows(content: bytes) -> list[str]:
    """Return the solutions of a result in JSON, in an order of our own, or its truth value.

    A truth value that a query computes comes from Virtuoso as 1 or 0; that of an ASK in a table with 1, or nothing.
    """
    found = json.loads(content.replace(b"XMLSchema#boolean", b"XMLSchema#integer"))
    for solution in found.get("results", {}).get("bindings", ()):
        for value in solution.values():
            value["value"] = {"true": "1", "false": "0"}.get(value["value"], value["value"])
    if found["head"].get("vars") == ["__ASK_RETVAL"]:
        return [str(bool(found["results"]["bindings"]))]
    return [str(found["boolean"])] if "boolean" in found else sorted(map(str, found["results"]["bindings"]))


def test_questions_and_own_queries_have_the_same_rows(folder: RemoteFolder, seeds: EmbeddedEngine) -> None:
    with folder.open() as snapshot:
        for path in (*QUESTIONS, *OWN):
            sparql = path.read_text(encoding="utf-8")
            assert rows(written(snapshot.engine, sparql, "json")) == rows(written(seeds, sparql, "json")), path.name


@pytest.mark.parametrize(
    "sparql",
    [
        "SELECT ?s (STRLEN(?label) AS ?n) { ?s rdfs:label ?label }",
        "SELECT (1 + 1 AS ?b) ?c {}",
        "SELECT ?s { ?s ?p 'P13Y'^^xsd:duration }",
        "SELECT ?type (COUNT(*) AS ?n) { ?s a ?type } GROUP BY ?type",
        "SELECT ?s ?c FROM cg:plans { ?s a ?c }",
        "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }",
        "ASK { GRAPH cg:plans { ?s ?p ?o } }",
        "ASK { GRAPH cg:plans { ?s ?p <http://nowhere/> } }",
    ],
)
def test_durations_and_names_of_graphs_are_put_right(sparql: str, folder: RemoteFolder, seeds: EmbeddedEngine) -> None:
    with folder.open() as snapshot:
        assert rows(written(snapshot.engine, sparql, "json")) == rows(written(seeds, sparql, "json"))


def test_triples_are_the_same(folder: RemoteFolder, seeds: EmbeddedEngine) -> None:
    sparql = "CONSTRUCT { ?s cg:duration ?o } { ?s cg:duration ?o }"
    with folder.open() as snapshot:
        there, here = (written(engine, sparql, "json") for engine in (snapshot.engine, seeds))
    assert sorted(there.splitlines()) == sorted(here.splitlines())


def test_all_rows_come_over_pages(virtuoso: Address, folder: RemoteFolder, seeds: EmbeddedEngine) -> None:
    sparql = "SELECT ?s (STRLEN(?label) AS ?n) { ?s rdfs:label ?label }"
    with folder.open() as snapshot:
        paged = RemoteEngine(Connection(virtuoso, timeout=60), replace(snapshot.engine.held, row_limit=50))
        there, here = list(paged.select(sparql)), list(seeds.select(sparql))
    assert len(there) > 100
    assert sorted(map(str, there)) == sorted(map(str, here))


def test_values_may_be_given_from_outside(folder: RemoteFolder, seeds: EmbeddedEngine) -> None:
    base = "https://w3id.org/civicgraph/id/organisation/"
    things = [NamedNode(base + slug) for slug in ("serco", "capita", "nobody")]
    with folder.open() as snapshot:
        for path in (ROOT / "api" / "pages" / "queries" / f"{name}.rq" for name in ("thing", "thing-incoming")):
            sparql = path.read_text(encoding="utf-8")
            for thing in things:
                there, here = (engine.select(sparql, bind={"thing": thing}) for engine in (snapshot.engine, seeds))
                assert sorted(map(str, there)) == sorted(map(str, here))


def test_tables_pages_and_figures_say_the_same(
    folder: RemoteFolder,
    serving_over: Callable[..., AbstractContextManager[str]],
    tmp_path: Path,
) -> None:
    load_claims(DataFolder(tmp_path / "here"), [FACTS])
    with (
        serving_over(folder.connection.address, tmp_path / "there") as url,
        httpx2.Client(base_url=url, timeout=120) as there,
        TestClient(create_app(Settings(tmp_path / "here", workers=1))) as here,
    ):
        tables = [f"/tables/{table['name']}.csv" for table in here.get("/tables").json()]
        assert len(tables) > 2
        for path in (*tables, *PAGES):
            one, other = (client.get(path, headers={"Host": "civicgraph.example"}) for client in (there, here))
            assert one.status_code == other.status_code, path
            if path.startswith(("/concentration", "/what-if/")):
                assert one.content == other.content, path
            assert sorted(one.content) == sorted(other.content), path  # in another order, at most


def test_exports_are_the_same(folder: RemoteFolder, seeds: EmbeddedEngine) -> None:
    def everything(engine: Engine) -> list[list[bytes]]:
        out = io.BytesIO()
        write_trig(engine.quads(), out)
        with closing(edges_of(engine)) as table:
            return [[out.getvalue()], *(sorted(gexf(draw(view, table, engine))) for view in VIEWS)]

    with folder.open() as snapshot:
        assert everything(snapshot.engine) == everything(seeds)


def test_files_of_councils_load_and_measure_as_they_do_embedded(
    councils: tuple[Path, list[str]], virtuoso: Address, tmp_path: Path
) -> None:
    store = ("--store", f"{virtuoso.query}#councils", "--graph-store-url", str(virtuoso.graph_store))
    data, told = councils
    assert measured(tmp_path / "remote", *store) == told
    address = Address.read(f"{virtuoso.query}#councils", None, virtuoso.graph_store)
    remote, embedded = RemoteFolder(tmp_path / "remote", Connection(address)), DataFolder(data)
    with remote.open() as there, embedded.open() as here:
        assert (there.manifest.version, there.manifest.quads) == (here.manifest.version, here.manifest.quads)
        for degrees in ("latitude", "longitude"):
            found = [set(one.engine.quads(predicate=NamedNode(f"{CG_NS}{degrees}"))) for one in (there, here)]
            assert len(found[0]) > 400
            assert found[0] == found[1]


def test_a_path_without_ends_is_refused_in_one_line(folder: RemoteFolder) -> None:
    with folder.open() as snapshot, pytest.raises(RemoteError, match="transitive start not given") as refused:
        list(snapshot.engine.select("SELECT * { ?a cg:partOf+ ?b }"))
    assert "\n" not in str(refused.value)


def test_a_pattern_that_names_false_finds_the_number_nought_too(folder: RemoteFolder, seeds: EmbeddedEngine) -> None:
    # What docs/engines.md says of it: the two are the same to this server, so that this cannot be put right here.
    sparql = "SELECT (COUNT(*) AS ?n) { GRAPH cg:claims { ?s ?p false } }"
    with folder.open() as snapshot:
        (there,), (here,) = snapshot.engine.select(sparql), seeds.select(sparql)
    assert there["n"] is not None
    assert here["n"] is not None
    assert (int(there["n"].value) > 0, int(here["n"].value)) == (True, 0)


def test_later_loads_and_undo(virtuoso: Address, tmp_path: Path) -> None:
    address = Address.read(f"{virtuoso.query}#later", None, virtuoso.graph_store)
    folder = RemoteFolder(tmp_path, Connection(address, timeout=60))

    def held() -> set[str]:
        with folder.open() as snapshot:
            return {str(quad.triple) for quad in snapshot.engine.quads(predicate=NamedNode("http://e/p"))}

    versions: list[set[str]] = [set()]
    for name in ("one", "two"):
        values = (f'"P2M"^^<{XSD}duration>', f'"true"^^<{XSD}boolean>', '"1.5"')
        added = {f"<http://e/{name}> <http://e/p> {value}" for value in values}
        source = tmp_path / f"{name}.ttl"
        source.write_text("".join(f"{line} .\n" for line in sorted(added)), encoding="utf-8")
        load_rdf(folder, [source])
        versions.append(versions[-1] | added)
        assert held() == versions[-1]
    folder.undo()
    assert held() == versions[-2]
