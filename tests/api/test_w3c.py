"""The W3C SPARQL 1.1 test suite over HTTP, against one server in memory. What fails is listed with its reason."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest
import yaml
from fastapi.testclient import TestClient
from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, parse, serialize
from rdflib import RDF, Graph, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from civicgraph.api.app import create_app
from civicgraph.api.settings import Settings
from tests.api.w3c_suite import (
    BASE,
    CNT,
    HT,
    LABEL,
    MF,
    QT,
    SD,
    SUITE,
    UT,
    Case,
    cases,
    path_of,
    quads_of,
    same_graph,
    same_quads,
    same_results,
    text_of,
)

TOKEN: Final = "of-the-tests"  # noqa: S105 - a server of the tests alone takes it
WRITING: Final = {"Authorization": f"Bearer {TOKEN}"}
QUADS: Final = "application/n-quads"
NOWHERE: Final = f"{BASE}no-such-graph"
FAILURES: Final = Path(__file__).parent / "files/w3c-failures.yaml"
PARTS: Final = 4
"""In how many tests the questions are asked, and the updates made."""

pytestmark = pytest.mark.skipif(not SUITE.is_dir(), reason="the W3C test suite is not beside the checkout")


@pytest.fixture(scope="module")
def server() -> Iterator[TestClient]:
    """Ask a server whose store is in memory alone."""
    with TestClient(create_app(Settings(None, store="memory", token=TOKEN, workers=2)), headers=WRITING) as running:
        yield running


@pytest.fixture(scope="module")
def listed() -> dict[str, list[Case]]:
    """Hold all tests by kind."""
    found: dict[str, list[Case]] = {}
    for case in cases():
        found.setdefault(case.kind, []).append(case)
    return found


def put_everything(server: TestClient, quads: list[Quad]) -> None:
    content = serialize(quads, format=RdfFormat.N_QUADS)
    response = server.put("/graph-store", content=content, headers={"Content-Type": QUADS})
    assert response.status_code == 204, response.text


def failing(tests: list[Case], passes: Callable[[Case], bool]) -> set[str]:
    return {case.name for case in tests if not passes(case)}


def expected_failures(tests: list[Case]) -> set[str]:
    reasons: dict[str, str] = yaml.safe_load(FAILURES.read_text(encoding="utf-8"))
    assert all(reason.strip() for reason in reasons.values())
    return set(reasons) & {case.name for case in tests}


def part_of(tests: list[Case], part: int) -> list[Case]:
    """Return one part of the tests: parts can run at the same time, in processes of their own."""
    size = -(-len(tests) // PARTS)
    return tests[part * size : (part + 1) * size]


@pytest.mark.parametrize("part", range(PARTS))
def test_queries_are_answered_as_the_suite_says(server: TestClient, listed: dict[str, list[Case]], part: int) -> None:
    def data_of(case: Case) -> tuple[list[Node], list[Node]]:
        default, named = (set(case.manifest.objects(case.action, name)) for name in (QT.data, QT.graphData))
        return sorted(default, key=str), sorted(named, key=str)

    # All questions to the same data one after the other, for to write is what takes the time.
    tests = sorted(
        [*listed["QueryEvaluationTest"], *listed["CSVResultFormatTest"]], key=lambda case: str(data_of(case))
    )
    loaded: object = None

    def load(case: Case) -> None:
        nonlocal loaded
        default, named = wanted = data_of(case)
        if wanted != loaded:
            quads = [quad for data in default for quad in quads_of(data, DefaultGraph())]
            put_everything(server, quads + [quad for data in named for quad in quads_of(data, NamedNode(str(data)))])
            loaded = wanted

    def passes(case: Case) -> bool:
        query = case.one(case.action, QT.query)
        assert query is not None
        assert case.result is not None
        text = text_of(query)
        suffix = path_of(case.result).suffix
        load(case)
        form = {".csv": "csv", ".tsv": "tsv"}.get(suffix, "json")
        accept = {"csv": "text/csv", "tsv": "text/tab-separated-values"}.get(form, "application/sparql-results+json")
        headers = {"Accept": f"{accept}, text/turtle;q=0.9"}
        response = server.post("/sparql", data={"query": text}, headers=headers)
        if response.status_code != 200:
            return False
        if response.headers["content-type"].startswith("text/turtle"):
            return same_graph(response.content, case.result)
        return same_results(response.content, form, case.result)

    tests = part_of(tests, part)
    assert failing(tests, passes) == expected_failures(tests)


@pytest.mark.parametrize("part", range(PARTS))
def test_updates_do_as_the_suite_says(server: TestClient, listed: dict[str, list[Case]], part: int) -> None:
    def quads(case: Case, node: Node | None) -> list[Quad]:
        if node is None:
            return []
        found = [quad for data in case.manifest.objects(node, UT.data) for quad in quads_of(data, DefaultGraph())]
        for named in case.manifest.objects(node, UT.graphData):
            data, label = case.one(named, UT.graph), case.one(named, LABEL)
            if data is None:  # the file's own address is the graph's name
                found += quads_of(named, NamedNode(str(named)))
            else:
                found += quads_of(data, NamedNode(str(label)))
        return found

    def passes(case: Case) -> bool:
        request = case.one(case.action, UT.request)
        assert request is not None
        put_everything(server, quads(case, case.action))
        if server.post("/update", data={"update": text_of(request)}).status_code != 204:
            return False
        left = server.get("/graph-store", headers={"Accept": QUADS}).content
        return same_quads(list(parse(left, RdfFormat.N_QUADS)), quads(case, case.result))

    tests = part_of(listed["UpdateEvaluationTest"], part)
    assert failing(tests, passes) == expected_failures(tests)


def test_syntax_is_taken_or_refused_as_the_suite_says(server: TestClient, listed: dict[str, list[Case]]) -> None:
    put_everything(server, [])

    def is_query(case: Case) -> bool:
        sent = server.post("/sparql", data={"query": text_of(case.action), "default-graph-uri": NOWHERE})
        return sent.status_code == 200 or any(
            reason in sent.text for reason in ("SERVICE is not answered here", "this query cannot be answered")
        )  # its syntax was understood

    def is_update(case: Case) -> bool:
        sent = server.post("/update", data={"update": text_of(case.action)})
        return sent.status_code == 204 or "cannot be made" in sent.text  # such as a graph that is not there

    for kind, passes in (
        ("PositiveSyntaxTest11", is_query),
        ("NegativeSyntaxTest11", lambda case: not is_query(case)),
        ("PositiveUpdateSyntaxTest11", is_update),
        ("NegativeUpdateSyntaxTest11", lambda case: not is_update(case)),
    ):
        tests = listed[kind]
        assert failing(tests, passes) == expected_failures(tests), kind


def test_few_failures_and_each_with_a_reason(listed: dict[str, list[Case]]) -> None:
    counted = [
        case.name
        for tests in listed.values()
        for case in tests
        if case.kind not in ("ProtocolTest", "ServiceDescriptionTest")
    ]
    reasons: dict[str, str] = yaml.safe_load(FAILURES.read_text(encoding="utf-8"))
    assert set(reasons) <= set(counted)
    assert len(counted) - len(reasons) >= 486


def test_the_protocol_is_kept(server: TestClient, listed: dict[str, list[Case]]) -> None:
    label = "http://kasei.us/2009/09/sparql/data/data{}.rdf"
    data = {number: URIRef(f"{BASE}protocol/data{number}.nt") for number in (1, 2, 3)}

    def passes(case: Case) -> bool:
        put_everything(server, [q for n, iri in data.items() for q in quads_of(iri, NamedNode(label.format(n)))])
        listed_requests = case.one(case.action, HT.requests)
        assert listed_requests is not None
        return all(_as_expected(server, case, request) for request in Collection(case.manifest, listed_requests))

    tests = listed["ProtocolTest"]
    assert len(tests) == 34
    assert failing(tests, passes) == set()


def _as_expected(server: TestClient, case: Case, request: Node) -> bool:
    headers: dict[str, str] = {}
    fields = case.one(request, HT.headers)
    for one in Collection(case.manifest, fields) if fields is not None else ():
        headers[str(case.one(one, HT.fieldName))] = str(case.one(one, HT.fieldValue))
    body = case.one(request, HT.body)
    content = b""
    if body is not None:
        content = str(case.one(body, CNT.chars)).encode(str(case.one(body, CNT.characterEncoding) or "UTF-8"))
    path = str(case.one(request, HT.absolutePath)).replace("/sparql/", "/sparql")
    is_update = (
        "update" in f"{case.name} {content!r}" and "sparql-query" not in str(headers) and b"query=" not in content
    )
    if is_update and "query=" not in path:
        path = path.replace("/sparql", "/update")
    method = str(case.one(request, HT.methodName))
    response = server.request(method, path, content=content, headers=headers)
    expected = case.one(request, HT.resp)
    assert expected is not None
    statuses = {str(status)[-3] for status in case.manifest.objects(expected, MF.expectedStatus)}
    if str(response.status_code)[0] not in statuses:
        return False
    boolean = case.one(expected, MF.expectedBoolean)
    if boolean is not None:
        return bool(response.json()["boolean"]) == (str(boolean) == "true")
    return True


def test_the_service_describes_itself(server: TestClient, listed: dict[str, list[Case]]) -> None:
    assert len(listed["ServiceDescriptionTest"]) == 3
    put_everything(server, [Quad(NamedNode("a:a"), NamedNode("a:b"), NamedNode("a:c"), NamedNode("a:g"))])
    response = server.get("/sparql")
    assert response.headers["content-type"].startswith("text/turtle")  # returns-rdf
    described = Graph().parse(data=response.text, format="turtle")
    (service,) = described.subjects(RDF.type, URIRef(f"{SD}Service"))
    endpoint = described.value(service, URIRef(f"{SD}endpoint"))
    assert endpoint == URIRef("http://testserver/sparql")  # has-endpoint-triple
    # conforms-to-schema: what stands in each place is of the class that the vocabulary says
    for name, kind in (("defaultDataset", "Dataset"), ("namedGraph", "NamedGraph"), ("defaultGraph", "Graph")):
        for _, value in described.subject_objects(URIRef(f"{SD}{name}")):
            assert (value, RDF.type, URIRef(f"{SD}{kind}")) in described
    names = {str(value) for value in described.objects(None, URIRef(f"{SD}name"))}
    assert names == {"a:g"}
    assert (None, URIRef("http://rdfs.org/ns/void#sparqlEndpoint"), endpoint) in described
    for accept in ("application/rdf+xml", "application/ld+json", "application/n-triples"):
        assert server.get("/sparql", headers={"Accept": accept}).headers["content-type"] == accept
