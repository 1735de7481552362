"""The interface that everything above the store is written to, whichever engine answers, and the forms of results."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import IO, Final, Literal, Protocol, TypeVar

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, QueryResultsFormat, RdfFormat
from pyoxigraph import Literal as RdfLiteral

from civicgraph.graph.engine.errors import QueryError

_F = TypeVar("_F")

Term = NamedNode | RdfLiteral
Row = Mapping[str, Term | None]
"""One solution of a SELECT: every projected variable, None where it is unbound."""

Graphs = list[NamedNode | BlankNode | DefaultGraph]
NamedGraphs = list[NamedNode | BlankNode]

ResultKind = Literal["solutions", "boolean", "graph"]
ResultFormat = Literal["json", "xml", "csv", "tsv", "turtle", "ntriples", "rdfxml", "jsonld", "trig", "nquads"]

ANY_FORMAT: Final[Mapping[ResultKind, ResultFormat]] = {"solutions": "json", "boolean": "json", "graph": "ntriples"}
"""The formats that programs of the project itself read."""

ALL_GRAPHS: Final = ""
"""In the place of a graph's name: the whole store."""

SOLUTION_SYNTAXES: Final[Mapping[str, QueryResultsFormat]] = {
    "json": QueryResultsFormat.JSON,
    "xml": QueryResultsFormat.XML,
    "csv": QueryResultsFormat.CSV,
    "tsv": QueryResultsFormat.TSV,
}
GRAPH_SYNTAXES: Final[Mapping[str, RdfFormat]] = {
    "turtle": RdfFormat.TURTLE,
    "ntriples": RdfFormat.N_TRIPLES,
    "rdfxml": RdfFormat.RDF_XML,
    "jsonld": RdfFormat.JSON_LD,
    # The triples of a CONSTRUCT are in no named graph, and both formats write those as their older sisters do.
    "trig": RdfFormat.TURTLE,
    "nquads": RdfFormat.N_TRIPLES,
}
DATASET_SYNTAXES: Final[Mapping[str, RdfFormat]] = {
    **GRAPH_SYNTAXES,
    "trig": RdfFormat.TRIG,
    "nquads": RdfFormat.N_QUADS,
}

Begin = Callable[[ResultFormat], IO[bytes]]
"""Told the format of a query's results once it is known; returns where they are to be written."""


@dataclass(frozen=True, slots=True)
class Query:
    """A query of any kind, as a protocol states it.

    `formats` says what to write its results in, by their kind. `default_graphs` and `named_graphs` are the dataset that
    a protocol names beside the query; where either is given the other is empty unless given too, and the query's own
    `FROM` is passed over. `bind` gives variables their values, as terms; `base` is what relative IRIs are relative to.
    """

    sparql: str
    formats: Mapping[ResultKind, ResultFormat] = field(default_factory=lambda: ANY_FORMAT)
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None
    bind: Mapping[str, Term] = field(default_factory=dict)
    base: str | None = None


def named_dataset(query: Query) -> tuple[Graphs, NamedGraphs] | None:
    """Return the graphs that a protocol names, unnamed and named; None where it names neither part of a dataset.

    Raises
    ------
    QueryError
        One of them has a name that is not an IRI.
    """
    default, named = query.default_graphs, query.named_graphs
    if default is None and named is None:
        return None
    try:
        return [NamedNode(graph) for graph in default or ()], [NamedNode(graph) for graph in named or ()]
    except ValueError as error:
        msg = f"a graph of the request has a name that is not an IRI: {error}"
        raise QueryError(msg) from error


class Engine(Protocol):
    """A set of quads that answers SPARQL with the established view as its default graph."""

    @property
    def version(self) -> str:
        """A name for exactly this state of the data."""

    def select(
        self, sparql: str, default_graph: Sequence[str] | None = None, bind: Mapping[str, Term] | None = None
    ) -> Iterator[Row]:
        """Yield the solutions of a SELECT query over the given default graph. Raises QueryError.

        `bind` gives projected variables their values: as terms, so that no value can be read as query text.
        """

    def quads(
        self,
        subject: NamedNode | None = None,
        predicate: NamedNode | None = None,
        value: Term | None = None,
        graph: NamedNode | DefaultGraph | None = None,
    ) -> Iterator[Quad]:
        """Yield the quads of a pattern in no fixed order; None stands for any term."""

    def write_answer(self, query: Query, begin: Begin) -> None:
        """Write the answer of a query of any kind, over the dataset that it names. Raises QueryError or StoppedError.

        `begin` is called once with the format, before anything is written, and returns where to write. What was written
        before an error is not an answer.
        """

    def write_graph(self, graph: str | None, chosen: ResultFormat, begin: Begin) -> None:
        """Write a graph whole: the unnamed one for None, all for ALL_GRAPHS. Raises as `write_answer` does."""


def syntax_of(known: Mapping[str, _F], name: str, kind: str) -> _F:
    """Return the syntax of a format.

    Parameters
    ----------
    known
        The syntaxes that can hold the results, by the name of their format.
    name
        The format.
    kind
        What the results are, for people.

    Raises
    ------
    QueryError
        The format cannot hold such results.
    """
    if name not in known:
        msg = f"{name} cannot hold {kind}; {', '.join(known)} can"
        raise QueryError(msg)
    return known[name]


def term(value: object) -> Term | None:
    """Return a value of a solution as a term, None where it is unbound.

    A blank node or an RDF 1.2 triple term can only come from a user's own data; it is passed on as text.
    """
    if value is None or isinstance(value, NamedNode | RdfLiteral):
        return value
    return RdfLiteral(str(value))


def rows(engine: Engine, name: str, *views: str) -> Iterator[Row]:
    """Return what one of the graph's own queries answers, over the established view unless others are named."""
    return engine.select(query_text(name), views or None)


def query_text(name: str) -> str:
    """Return one of the graph's own queries by the name of its file."""
    return files("civicgraph.graph").joinpath(f"queries/{name}.rq").read_text(encoding="utf-8")


def text(row: Row, name: str) -> str:
    """Return a value of a solution as text.

    Raises
    ------
    ValueError
        The query left it unbound.
    """
    found = row[name]
    if found is None:
        msg = f"the query left ?{name} unbound"
        raise ValueError(msg)
    return found.value
