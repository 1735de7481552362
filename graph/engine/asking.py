"""A question from outside, and its answer as it comes: what stands between a door and the engine that answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol, Self

from civicgraph.graph.engine.interface import ResultFormat, ResultKind, Term

ANY_FORMAT: Final[Mapping[ResultKind, ResultFormat]] = {"solutions": "json", "boolean": "json", "graph": "ntriples"}
"""The formats that programs of the project itself read."""


class StoppedError(RuntimeError):
    """An answer that was not given, or not to its end, for reasons that do not lie in the query's text."""


class QueryTimeoutError(StoppedError):
    """A query took longer than it may."""


class QueryCrashError(StoppedError):
    """A query ended its worker: it took more memory than it may."""


class ResultLimitError(StoppedError):
    """An answer is longer than it may be."""


class PoolBusyError(StoppedError):
    """All workers are busy, and none became free in time."""


@dataclass(frozen=True, slots=True)
class Question:
    """A query of any kind.

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


class Chunks(Protocol):
    """The parts of an answer that are still to come."""

    def __aiter__(self) -> Self:
        """Return itself."""

    async def __anext__(self) -> bytes:
        """Return the next part; raises StoppedError where the query was stopped, and StopAsyncIteration at the end."""

    async def aclose(self) -> None:
        """End the query, if it has not ended."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Results in the format that was chosen for their kind: whole in `body`, or as `chunks` that are still to come.

    Whoever is given chunks reads them to their end or closes them: until then the query holds its worker.
    """

    format: ResultFormat
    body: bytes | None
    chunks: Chunks | None = None


class Asking(Protocol):
    """Answers questions within limits of time, memory and length."""

    async def answer(self, question: Question) -> Answer:
        """Return the answer as soon as its first bytes are there.

        Raises
        ------
        QueryError
            The query is not SPARQL, or asks for what the engine will not do.
        StoppedError
            The query was stopped, or not started. While chunks are read, it can be raised too.
        """
