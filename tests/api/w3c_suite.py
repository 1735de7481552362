"""The W3C SPARQL 1.1 test suite: its cases as its manifests list them, and when results are the same."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final

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
)
from rdflib import RDF, Graph, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

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
