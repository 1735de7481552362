"""The project's own queries over a store that lives in memory alone: asked of a worker, as everybody else's are."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

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

from civicgraph.graph.engine.errors import QueryKindError, WorkerEndedError, read_error
from civicgraph.graph.engine.interface import ALL_GRAPHS, ANY_FORMAT, Begin, Query, ResultFormat, ResultKind, Row, Term
from civicgraph.graph.engine.messages import (
    CHUNK,
    ERROR,
    FORMAT,
    WHOLE,
    MessageReader,
    graph_message,
    query_message,
    read_whole,
)
from civicgraph.graph.engine.processes import StoreProcess
from civicgraph.graph.engine.results import term

_Results = TypeVar("_Results", QuerySolutions, QueryBoolean)


class WorkerEngine:
    """Answers queries over the store of a store process, one at a time and without a time limit.

    Parameters
    ----------
    parent
        What forks the worker.
    version
        A name for this state of the data.
    """

    def __init__(self, parent: StoreProcess, version: str) -> None:
        self._version = version
        self._lock = threading.Lock()
        self._connection, _ = parent.worker()
        self._reader = MessageReader(self._connection)

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
        solutions = self._results(Query(sparql, ANY_FORMAT, graphs, named, bind or {}), QuerySolutions, "a SELECT")
        names = [variable.value for variable in solutions.variables]
        return iter([dict(zip(names, map(term, solution), strict=True)) for solution in solutions])

    def ask(self, sparql: str) -> bool:
        """Return the answer of an ASK query.

        Raises
        ------
        QueryError
            The query is not SPARQL, or not an ASK.
        """
        return bool(self._results(Query(sparql), QueryBoolean, "an ASK"))

    def quads(
        self,
        subject: NamedNode | None = None,
        predicate: NamedNode | None = None,
        value: Term | None = None,
        graph: NamedNode | DefaultGraph | None = None,
    ) -> Iterator[Quad]:
        """Yield the quads of a pattern in no fixed order; None stands for any term."""
        _, content = self._ask(graph_message(ALL_GRAPHS, "nquads"))
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
        chosen, content = self._ask(query_message(Query(sparql, formats)))
        begin(chosen).write(content)

    def close(self) -> None:
        """Close the connection; the worker ends with it."""
        self._connection.close()

    def _graphs(self) -> list[str]:
        found = self._results(Query("SELECT ?g { GRAPH ?g {} }"), QuerySolutions, "a SELECT")
        return [row["g"].value for row in found]

    def _results(self, query: Query, wanted: type[_Results], kind: str) -> _Results:
        chosen, content = self._ask(query_message(query))
        results = parse_query_results(content, QueryResultsFormat.JSON) if chosen == "json" else None
        if not isinstance(results, wanted):
            msg = f"this is not {kind} query"
            raise QueryKindError(msg)
        return results

    def _ask(self, message: bytes) -> tuple[ResultFormat, bytes]:
        with self._lock:
            try:
                self._connection.sendall(message)
                return _answer(self._reader)
            except (OSError, EOFError) as error:
                msg = "the process that answers the server's own queries has ended: start the server again"
                raise WorkerEndedError(msg) from error


def _answer(reader: MessageReader) -> tuple[ResultFormat, bytes]:
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
        elif kind == ERROR:
            raise read_error(content)
        else:
            return chosen, b"".join(parts)
