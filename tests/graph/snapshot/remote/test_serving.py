"""A server over a store on another server answers what it does over a data folder: the same bytes at every address."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from itertools import cycle
from pathlib import Path

import httpx2
import pytest
from fastapi.testclient import TestClient
from pyoxigraph import NamedNode

from civicgraph.api.app import create_app
from civicgraph.api.settings import Settings
from civicgraph.graph.exports.options import VIEWS
from civicgraph.graph.snapshot.remote.folder import RemoteFolder
from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.seeds_loader import load
from civicgraph.seeds_loader.load import load_claims
from civicgraph.seeds_loader.load_records import load_spend

Serving = Callable[..., AbstractContextManager[str]]
FACTS = Path(load.__file__).parent / "facts"
SMALL = Path(__file__).parents[3] / "api" / "files" / "small.yaml"
QUESTIONS = sorted((Path(__file__).parents[3] / "competency").glob("*.rq"))
CG = "https://w3id.org/civicgraph/ontology#"
FORMS = ("application/sparql-results+json", "application/sparql-results+xml", "text/csv", "text/tab-separated-values")
PAGES = (
    *("/", "/network", "/markets", "/map", "/doubtful", "/contradictions", "/data", "/ontology", "/health"),
    *("/id/organisation/serco", "/id/organisation/capita", "/id/organisation/nobody", "/search?q=serco"),
    *("/network/neighbours.json?around=serco", "/ties?a=serco&b=capita", "/what-if?supplier=serco"),
    *("/concentration.json", "/concentration.csv?by=supplier&structure=true", "/concentration.csv?by=buyer&every=year"),
    *("/what-if/fails/serco", "/what-if/merge?a=serco&b=capita", "/what-if/fails/nobody"),
)  # fmt: skip


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Ask the application over a data folder with the seed facts."""
    data = tmp_path_factory.mktemp("embedded")
    load_claims(DataFolder(data), [FACTS])
    with TestClient(create_app(Settings(data, workers=1))) as client:
        yield client


@pytest.fixture(scope="module")
def served(
    serving_over: Serving, remote_seeds: RemoteFolder, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx2.Client]:
    """Ask a server that was started with the address of the store alone: it has loaded nothing itself."""
    with (
        serving_over(remote_seeds.connection.address, tmp_path_factory.mktemp("served")) as url,
        httpx2.Client(base_url=url, timeout=120) as client,
    ):
        yield client


def same(
    served: httpx2.Client,
    embedded: TestClient,
    path: str,
    params: Mapping[str, str | list[str]] | None = None,
    accept: str = "*/*",
) -> None:
    """Ask both, and hold them to the same status, version and bytes."""
    headers = {"Host": "civicgraph.example", "Accept": accept}  # addresses in an answer begin with the host
    there, here = (client.get(path, params=params, headers=headers) for client in (served, embedded))
    for name in ("content-type", "etag"):
        assert there.headers.get(name) == here.headers.get(name), path
    assert there.status_code == here.status_code, path
    assert there.content == here.content, path


def test_every_question_has_the_same_answer(served: httpx2.Client, embedded: TestClient) -> None:
    assert len(QUESTIONS) >= 28
    for question, form in zip(QUESTIONS, cycle(FORMS), strict=False):
        same(served, embedded, "/sparql", {"query": question.read_text(encoding="utf-8")}, form)


@pytest.mark.parametrize(
    ("query", "dataset"),
    [
        ("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", {}),
        ("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", {"default-graph-uri": f"{CG}plans"}),
        ("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", {"default-graph-uri": [f"{CG}plans", f"{CG}rumours"]}),
        ("SELECT (COUNT(*) AS ?n) FROM cg:claims { ?s ?p ?o }", {"default-graph-uri": f"{CG}plans"}),
        ("SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g ORDER BY ?g", {}),
        ("SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g", {"named-graph-uri": f"{CG}plans"}),
        ("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", {"named-graph-uri": f"{CG}plans"}),
        ("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", {"default-graph-uri": "http://nowhere.example/"}),
        ("SELECT (COUNT(*) AS ?n) { GRAPH cg:plans { ?s ?p ?o } }", {}),
        ("SELECT (<relative> AS ?iri) {}", {}),
        ("BASE <http://e.example/> SELECT (<relative> AS ?iri) {}", {}),
        ("ASK { GRAPH cg:rumours { ?s ?p ?o } }", {}),
        ("DESCRIBE <https://w3id.org/civicgraph/id/organisation/nobody>", {}),
        ("SELECT ?c { ?c cg:view cg:plans . GRAPH cg:claims { ?c a ?x } } ORDER BY ?c", {}),
        (
            "CONSTRUCT { ?s a cg:Company } { ?s a cg:Company } ORDER BY ?s LIMIT 9",
            {"default-graph-uri": f"{CG}established"},
        ),
    ],
)
def test_a_client_names_graphs_as_ever(
    query: str, dataset: dict[str, str | list[str]], served: httpx2.Client, embedded: TestClient
) -> None:
    same(served, embedded, "/sparql", {"query": query, **dataset})


def test_what_cannot_be_answered_is_a_problem(served: httpx2.Client, embedded: TestClient) -> None:
    for query in ("SELEKT", "DROP ALL", "SELECT * { SERVICE <http://e/> { ?s ?p ?o } }", "SELECT * { ?s ?p 'x }"):
        there, here = (client.get("/sparql", params={"query": query}) for client in (served, embedded))
        assert (
            (there.status_code, there.json()["title"])
            == (here.status_code, here.json()["title"])
            == (
                400,
                "The query cannot be answered",
            )
        )
    assert served.get("/sparql", params={"query": "ASK {}", "default-graph-uri": "no iri"}).status_code == 400


def test_every_page_and_figure_is_the_same(served: httpx2.Client, embedded: TestClient) -> None:
    for path in PAGES:
        same(served, embedded, path)


def test_every_table_and_stored_query_is_the_same(served: httpx2.Client, embedded: TestClient) -> None:
    for kind in ("tables", "queries"):
        for one in embedded.get(f"/{kind}").json():
            same(served, embedded, f"/{kind}/{one['name']}.csv")
            same(served, embedded, f"/{kind}/{one['name']}.json")


def test_every_export_is_the_same(served: httpx2.Client, embedded: TestClient) -> None:
    for view in VIEWS:
        for end in (".gexf", ".graphml", "/nodes.csv", "/edges.csv"):
            same(served, embedded, f"/exports/{view}{end}")


def test_what_is_loaded_meanwhile_is_served(
    serving_over: Serving, remote: Callable[..., RemoteFolder], tmp_path: Path
) -> None:
    table = tmp_path / "one.csv"
    table.write_text(
        "Body Name,Date,Supplier Name,Amount\nLeeds City Council,01/10/2019,Alpha Ltd,100\n", encoding="utf-8"
    )
    folder = remote(folder="loader")
    with (
        serving_over(folder.connection.address, tmp_path / "served") as url,
        httpx2.Client(base_url=url, timeout=60) as client,
    ):
        nothing = client.get("/health")
        assert (nothing.status_code, nothing.json()["title"]) == (503, "There is no data")
        for step in (lambda: load_spend(folder, [table]), lambda: load_claims(folder, [SMALL]), folder.undo):
            step()
            manifest = folder.manifest()
            assert manifest is not None
            version = manifest.version
            address = "/sparql?query=SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"
            while (answer := client.get(address, headers={"Accept": "text/csv"})).headers.get(
                "etag"
            ) != f'W/"{version}"':
                assert answer.status_code in (200, 503)  # the version before, whole, for a second at most
            assert int(answer.text.splitlines()[1]) == manifest.quads
            assert client.get("/health").json()["version"] == version


def test_nothing_is_written_through_the_server(
    serving_over: Serving, remote_seeds: RemoteFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CIVICGRAPH_TOKEN", "secret")
    key = {"Authorization": "Bearer secret"}
    with (
        serving_over(remote_seeds.connection.address, tmp_path) as url,
        httpx2.Client(base_url=url, timeout=60, headers=key) as client,
    ):
        version = client.get("/health").json()["version"]
        for refused in (
            client.post("/update", data={"update": "DROP ALL"}),
            client.put(f"/graph-store?graph={CG}plans", content=b"", headers={"Content-Type": "text/turtle"}),
            client.delete("/graph-store?default"),
        ):
            assert (refused.status_code, refused.headers["content-type"]) == (501, "application/problem+json")
            assert "civicgraph load" in refused.json()["detail"]
        assert "SPARQL11Update" not in client.get("/sparql", headers={"Accept": "text/turtle"}).text
        plans = client.get("/graph-store", params={"graph": f"{CG}plans"}, headers={"Accept": "application/n-triples"})
        with remote_seeds.open() as snapshot:
            assert set(plans.text.splitlines()) == {
                f"{quad.triple} ." for quad in snapshot.engine.quads(graph=NamedNode(f"{CG}plans"))
            }
        assert client.get("/graph-store?graph=http://nowhere.example/").status_code == 404
        assert client.get("/health").json()["version"] == version
