"""The interface that everything above the store is written to, whichever engine answers."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import IO, Final, Literal, Protocol

from pyoxigraph import DefaultGraph, NamedNode, Quad
from pyoxigraph import Literal as RdfLiteral

Term = NamedNode | RdfLiteral
Row = Mapping[str, Term | None]
"""One solution of a SELECT: every projected variable, None where it is unbound."""

ResultKind = Literal["solutions", "boolean", "graph"]
ResultFormat = Literal["json", "xml", "csv", "tsv", "turtle", "ntriples", "rdfxml", "jsonld", "trig", "nquads"]

ANY_FORMAT: Final[Mapping[ResultKind, ResultFormat]] = {"solutions": "json", "boolean": "json", "graph": "ntriples"}
"""The formats that programs of the project itself read."""

ALL_GRAPHS: Final = ""
"""In the place of a graph's name: the whole store."""

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

    def ask(self, sparql: str) -> bool:
        """Return the answer of an ASK query. Raises QueryError."""

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
        before an error is no answer.
        """

    def write_graph(self, graph: str | None, chosen: ResultFormat, begin: Begin) -> None:
        """Write a graph whole: the unnamed one for None, all for ALL_GRAPHS. Raises as `write_answer` does."""


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
