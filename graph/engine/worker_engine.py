"""The project's own queries over a store that lives in memory alone: asked of a worker, as everybody else's are."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from pyoxigraph import (
    DefaultGraph,
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    parse,
    parse_query_results,
)

from civicgraph.graph.engine.asking import ANY_FORMAT, QueryCrashError, Question
from civicgraph.graph.engine.frames import (
    CHUNK,
    END,
    FORMAT,
    GRAPH,
    LIMIT,
    QUESTION,
    REFUSED,
    WHOLE,
    Reader,
    frame,
    question_bytes,
    read_whole,
)
from civicgraph.graph.engine.interface import Begin, QueryError, QueryKindError, ResultFormat, ResultKind, Row, Term
from civicgraph.graph.engine.nursery import Holder
from civicgraph.graph.engine.results import term

_LIST_FORMAT: Final[Mapping[ResultKind, ResultFormat]] = ANY_FORMAT


class WorkerEngine:
    """Answers queries over the store of a holder, one at a time and without a time limit.

    Parameters
    ----------
    holder
        What forks the worker.
    version
        A name for this state of the data.
    """

    def __init__(self, holder: Holder, version: str) -> None:
        self._version = version
        self._lock = threading.Lock()
        self._connection, _ = holder.worker()
        self._reader = Reader(self._connection)

    @property
    def version(self) -> str:
        """A name for exactly this state of the data."""
        return self._version

    def select(
        self, sparql: str, default_graph: Sequence[str] | None = None, bind: Mapping[str, Term] | None = None
    ) -> Iterator[Row]:
        """Return the solutions of a SELECT query.

        Raises
        ------
        QueryError
            The query is not SPARQL, or not a SELECT.
        """
        graphs = None if default_graph is None else tuple(default_graph)
        named = None if default_graph is None else tuple(self._graphs())
        question = Question(sparql, _LIST_FORMAT, graphs, named, bind or {})
        chosen, content = self._ask(QUESTION, question_bytes(question))
        results = parse_query_results(content, QueryResultsFormat.JSON) if chosen == "json" else None
        if not isinstance(results, QuerySolutions):
            msg = "this is no SELECT query"
            raise QueryKindError(msg)
        names = [variable.value for variable in results.variables]
        return iter([dict(zip(names, map(term, solution), strict=True)) for solution in results])

    def ask(self, sparql: str) -> bool:
        """Return the answer of an ASK query.

        Raises
        ------
        QueryError
            The query is not SPARQL, or not an ASK.
        """
        chosen, content = self._ask(QUESTION, question_bytes(Question(sparql)))
        results = parse_query_results(content, QueryResultsFormat.JSON) if chosen == "json" else None
        if not isinstance(results, QueryBoolean):
            msg = "this is no ASK query"
            raise QueryKindError(msg)
        return bool(results)

    def quads(
        self,
        subject: NamedNode | None = None,
        predicate: NamedNode | None = None,
        value: Term | None = None,
        graph: NamedNode | DefaultGraph | None = None,
    ) -> Iterator[Quad]:
        """Yield the quads of a pattern in no fixed order; None stands for any term."""
        _, content = self._ask(GRAPH, b"nquads *")
        for quad in parse(content, RdfFormat.N_QUADS):
            pattern = ((subject, quad.subject), (predicate, quad.predicate), (value, quad.object))
            if all(wanted in (None, term) for wanted, term in (*pattern, (graph, quad.graph_name))):
                yield quad

    def write_results(self, sparql: str, formats: Mapping[ResultKind, ResultFormat], begin: Begin) -> None:
        """Write the results of any query in the format named for its kind.

        Raises
        ------
        QueryError
            The query is not SPARQL, or the format named for its kind of result cannot hold it.
        """
        chosen, content = self._ask(QUESTION, question_bytes(Question(sparql, formats)))
        begin(chosen).write(content)

    def close(self) -> None:
        """Close the connection; the worker ends with it."""
        self._connection.close()

    def _graphs(self) -> list[str]:
        _, content = self._ask(QUESTION, question_bytes(Question("SELECT ?g { GRAPH ?g {} }")))
        found = parse_query_results(content, QueryResultsFormat.JSON)
        return [row["g"].value for row in found] if isinstance(found, QuerySolutions) else []

    def _ask(self, kind: bytes, content: bytes) -> tuple[ResultFormat, bytes]:
        with self._lock:
            try:
                self._connection.sendall(frame(kind, content))
                return _answer(self._reader)
            except (OSError, EOFError) as error:
                msg = "the process that answers the server's own queries has ended"
                raise QueryCrashError(msg) from error


def _answer(reader: Reader) -> tuple[ResultFormat, bytes]:
    chosen: ResultFormat = "json"
    parts: list[bytes] = []
    while True:
        kind, content = reader.next()
        if kind == WHOLE:
            return read_whole(content)
        if kind == FORMAT:
            chosen = content.decode()  # type: ignore[assignment] # the worker only sends known formats
        elif kind == CHUNK:
            parts.append(content)
        elif kind in (REFUSED, LIMIT):
            raise QueryError(content.decode())
        elif kind == END:
            return chosen, b"".join(parts)
