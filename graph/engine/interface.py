"""The interface that everything above the store is written to, whichever engine answers."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import IO, Literal, Protocol

from pyoxigraph import DefaultGraph, NamedNode, Quad
from pyoxigraph import Literal as RdfLiteral

Term = NamedNode | RdfLiteral
Row = Mapping[str, Term | None]
"""One solution of a SELECT: every projected variable, None where it is unbound."""

ResultKind = Literal["solutions", "boolean", "graph"]
ResultFormat = Literal["json", "xml", "csv", "tsv", "turtle", "ntriples", "rdfxml", "jsonld", "trig", "nquads"]

Begin = Callable[[ResultFormat], IO[bytes]]
"""Told the format of a query's results once it is known; returns where they are to be written."""


class QueryError(ValueError):
    """A query is not SPARQL 1.1, or asks for what this engine will not do."""


class QueryKindError(QueryError):
    """A query is of another kind than was asked for: no SELECT, or no ASK."""


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

    def write_results(self, sparql: str, formats: Mapping[ResultKind, ResultFormat], begin: Begin) -> None:
        """Write the results of any query in the format named for its kind. Raises QueryError."""
