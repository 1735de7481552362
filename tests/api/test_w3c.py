"""The W3C SPARQL 1.1 test suite over HTTP, against one server in memory. What fails is listed with its reason."""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final

import pytest
import yaml
from fastapi.testclient import TestClient
from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    parse,
    parse_query_results,
    serialize,
)
from rdflib import RDF, Graph, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from civicgraph.api.app import create_app
from civicgraph.api.settings import Settings

SUITE: Final = Path(__file__).parents[3] / "shared/data/w3c-sparql11"
BASE: Final = "http://w3c.example/"

MF: Final = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
QT: Final = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")
SD: Final = "http://www.w3.org/ns/sparql-service-description#"
UT: Final = Namespace("http://www.w3.org/2009/sparql/tests/test-update#")
RS: Final = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/result-set#")
HT: Final = Namespace("http://www.w3.org/2011/http#")
CNT: Final = Namespace("http://www.w3.org/2011/content#")
LABEL: Final = URIRef("http://www.w3.org/2000/01/rdf-schema#label")

_RDF: Final = {".ttl": RdfFormat.TURTLE, ".nt": RdfFormat.N_TRIPLES, ".rdf": RdfFormat.RDF_XML}
_RESULTS: Final = {
    ".srx": QueryResultsFormat.XML,
    ".srj": QueryResultsFormat.JSON,
    ".tsv": QueryResultsFormat.TSV,
    ".csv": QueryResultsFormat.CSV,
}
_XSD: Final = "http://www.w3.org/2001/XMLSchema#"
_INTEGERS: Final = {
    _XSD + name
    for name in (
        *("integer", "nonPositiveInteger", "negativeInteger", "long", "int", "short", "byte", "nonNegativeInteger"),
        *("unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte", "positiveInteger"),
    )
}
_NUMBERS: Final = {_XSD + name for name in ("decimal", "double", "float")} | _INTEGERS

Term = NamedNode | BlankNode | Literal | object


@dataclass(frozen=True, slots=True)
class Case:
    """One test: its name as folder#id, its kind, and the graph that describes it."""

    name: str
    kind: str
    folder: str
    node: Node
    manifest: Graph = field(repr=False, compare=False)

    def one(self, subject: Node, predicate: URIRef) -> Node | None:
        """Return the only value of a property, if any."""
        return self.manifest.value(subject, predicate)

    @property
    def action(self) -> Node:
        """What the test does."""
        found = self.one(self.node, MF.action)
        assert found is not None
        return found

    @property
    def result(self) -> Node | None:
        """What is to come of it."""
        return self.one(self.node, MF.result)


def cases() -> Iterator[Case]:
    """Yield all tests of the suite, manifest by manifest."""
    for path in sorted(SUITE.glob("*/manifest.ttl")):
        folder = path.parent.name
        manifest = Graph().parse(path, format="turtle", publicID=f"{BASE}{folder}/")
        entries = manifest.value(predicate=RDF.type, object=MF.Manifest)
        assert entries is not None
        listed = manifest.value(entries, MF.entries)
        for node in Collection(manifest, listed) if listed is not None else ():
            kind = str(manifest.value(node, RDF.type)).rpartition("#")[2]
            yield Case(f"{folder}#{str(node).rpartition('#')[2]}", kind, folder, node, manifest)


def path_of(iri: Node) -> Path:
    """Return the file that an IRI of a manifest stands for."""
    return SUITE / str(iri).removeprefix(BASE)


def text_of(iri: Node) -> str:
    """Return a query or an update, with the base that its relative IRIs have."""
    text = path_of(iri).read_bytes().decode("utf-8")
    return f"BASE <{iri}>\n{text}"


def quads_of(iri: Node, graph: NamedNode | DefaultGraph) -> list[Quad]:
    """Return a data file as quads of one graph, with blank nodes of its own."""
    path = path_of(iri)
    read = parse(path=path, format=_RDF[path.suffix], base_iri=str(iri), rename_blank_nodes=True)
    return [Quad(quad.subject, quad.predicate, quad.object, graph) for quad in read]


def same_graph(one: bytes, iri: Node) -> bool:
    """Say whether Turtle and a file hold the same graph, but for the names of blank nodes."""
    return _canonical(parse(one, RdfFormat.TURTLE)) == _canonical(quads_of(iri, DefaultGraph()))


def same_quads(one: list[Quad], other: list[Quad]) -> bool:
    """Say whether two sets of quads are the same, but for the names of blank nodes."""
    return _canonical(one) == _canonical(other)


def same_results(content: bytes, form: str, iri: Node) -> bool:
    """Say whether results (`json`, `csv`) are those of a file."""
    path = path_of(iri)
    if path.suffix == ".csv":
        return _csv(content) == _csv(path.read_bytes())
    found = parse_query_results(content, QueryResultsFormat.JSON if form == "json" else QueryResultsFormat.TSV)
    if path.suffix in _RDF:
        return _rows(found) == _listed(iri)
    expected = parse_query_results(path.read_bytes(), _RESULTS[path.suffix])
    if isinstance(found, QueryBoolean) or isinstance(expected, QueryBoolean):
        return isinstance(found, QueryBoolean) and isinstance(expected, QueryBoolean) and bool(found) == bool(expected)
    return _rows(found) == _rows(expected)


def _rows(results: object) -> object:
    assert isinstance(results, QuerySolutions)
    names = [variable.value for variable in results.variables]
    rows = [{name: row[name] for name in names if row[name] is not None} for row in results]
    return set(names), _without_names(rows)


def _listed(iri: Node) -> object:
    graph = Graph().parse(path_of(iri), publicID=str(iri))
    results = graph.value(predicate=RDF.type, object=RS.ResultSet)
    rows: list[dict[str, Term]] = []
    for solution in graph.objects(results, RS.solution):
        row: dict[str, Term] = {}
        for binding in graph.objects(solution, RS.binding):
            value = graph.value(binding, RS.value)
            assert value is not None
            (quad,) = parse(f"<a:a> <a:a> {value.n3()} .", RdfFormat.TURTLE)
            row[str(graph.value(binding, RS.variable))] = quad.object
        rows.append(row)
    return {str(name) for name in graph.objects(results, RS.resultVariable)}, _without_names(rows)


def _without_names(rows: list[dict[str, Term]]) -> object:
    """Return rows so that blank nodes count by how they are shared, and numbers by what they are."""
    if not any(isinstance(term, BlankNode) for row in rows for term in row.values()):
        return Counter(frozenset((name, _value(term)) for name, term in row.items()) for row in rows)
    quads = []
    for number, row in enumerate(rows):
        for name, term in row.items():
            value = term if isinstance(term, BlankNode | NamedNode) else Literal(str(_value(term)))
            quads.append(Quad(BlankNode(f"row{number}"), NamedNode(f"a:{name}"), value))
    return _canonical(quads)


def _value(term: Term) -> Term:
    if isinstance(term, Literal) and term.datatype.value == _XSD + "boolean":
        return term.datatype.value, {"1": "true", "0": "false"}.get(term.value, term.value)
    if isinstance(term, Literal) and term.datatype.value in _NUMBERS:
        try:
            number = Decimal(term.value)
        except InvalidOperation:
            return term
        if number.is_nan():  # which equals nothing, itself included
            return term.datatype.value, "NaN"
        if term.datatype.value in (_XSD + "double", _XSD + "float"):
            return term.datatype.value, float(number)
        # An integer of a narrower type is the same number: the engine keeps the value, not the way that it was written.
        kind = _XSD + "integer" if term.datatype.value in _INTEGERS else term.datatype.value
        return kind, number.normalize()
    return term


def _canonical(quads: object) -> set[str]:
    dataset = Dataset(quads)  # type: ignore[arg-type] # any iterable of quads
    dataset.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    return {str(quad) for quad in dataset}


def _number(text: str) -> object:
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


def _csv(content: bytes) -> object:
    header, *rows = list(csv.reader(io.StringIO(content.decode("utf-8"))))
    order = sorted(range(len(header)), key=header.__getitem__)
    plain = [tuple("_:" if row[at].startswith("_:") else _number(row[at]) for at in order) for row in rows]
    return sorted(header), Counter(plain)


TOKEN: Final = "of-the-tests"  # noqa: S105 - a server of the tests alone takes it
WRITING: Final = {"Authorization": f"Bearer {TOKEN}"}
QUADS: Final = "application/n-quads"
NOWHERE: Final = f"{BASE}no-such-graph"
FAILURES: Final = Path(__file__).parent / "files/w3c-failures.yaml"

pytestmark = [
    pytest.mark.skipif(not SUITE.is_dir(), reason="the W3C test suite is not beside the checkout"),
    pytest.mark.xdist_group("w3c"),
]


@pytest.fixture(scope="module")
def server() -> Iterator[TestClient]:
    """Ask a server whose store is in memory alone."""
    with TestClient(create_app(Settings(None, in_memory=True, token=TOKEN, workers=2)), headers=WRITING) as running:
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


def test_queries_are_answered_as_the_suite_says(server: TestClient, listed: dict[str, list[Case]]) -> None:
    tests = [*listed["QueryEvaluationTest"], *listed["CSVResultFormatTest"]]
    loaded: set[Node] = set()

    def load(case: Case) -> None:
        nonlocal loaded
        default, named = (set(case.manifest.objects(case.action, name)) for name in (QT.data, QT.graphData))
        wanted = default | {URIRef(f"{iri}#named") for iri in named}
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

    assert failing(tests, passes) == expected_failures(tests)


def test_updates_do_as_the_suite_says(server: TestClient, listed: dict[str, list[Case]]) -> None:
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

    tests = listed["UpdateEvaluationTest"]
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
