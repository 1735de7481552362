"""What a query worker does: it answers queries over its store, one at a time, until its server closes.

The two exchange messages of a kind, framed as `multiprocessing.connection` does. A worker may have been led astray by
a query, so nothing that it sends is ever unpickled.
"""

import io
import pickle
import resource
import sys
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import IO, Final, cast

from typing_extensions import Buffer

from civicgraph.graph.engine.errors import (
    QueryError,
    QueryMemoryError,
    ResultLimitError,
    StoppedError,
    error_bytes,
)
from civicgraph.graph.engine.interface import Engine, Query, ResultFormat

QUERY, GRAPH = b"Q", b"G"
"""To a worker: a query; a graph to be written out."""

WHOLE, FORMAT, CHUNK, END, ERROR = b"W", b"F", b"C", b"E", b"X"
"""From a worker: a whole answer; or the format of one, its parts, its end; or why there is none, or no more of it."""

REPLACE_ME: Final = b"replace me"
"""Content of the end that a worker sends which has grown too large to be kept."""


_SOON: Final = 0.005
"""Seconds in which most answers are whole: they are sent as one message."""
_FIRST_CHUNK: Final = 1024
_CHUNK: Final = 64 * 1024

_GROWN: Final = 128 * 1024
"""Kilobytes of memory that a worker may have taken for a query and still be kept for the next."""

_ROW_ENDS: Final[dict[ResultFormat, bytes]] = {
    # None of these can stand inside a value: there, quotation marks, line ends or angle brackets are escaped.
    "json": b'"}},{"',
    "xml": b"</result>",
    "tsv": b"\n",
    "ntriples": b"\n",
    "nquads": b"\n",
    # A line end inside a value counts as a row: these two may be cut a little early, and never late.
    "csv": b"\n",
    "turtle": b"\n",
}

TOO_MUCH_MEMORY: Final = (
    "the query took more memory than it may; ask for less at a time, or start the server with fewer --workers, "
    "of which each may then take more"
)


@dataclass(frozen=True, slots=True)
class WorkerLimits:
    """What a worker may take: bytes of memory for one query; and how long its answer may be, in rows and in bytes."""

    memory: int
    rows: int
    bytes: int


def answer_until_closed(connection: Connection, engine: Engine, limits: WorkerLimits) -> None:
    """Answer what comes over a connection until the other side closes it, or until something went badly wrong."""
    began = _peak()
    while True:
        try:
            question = connection.recv_bytes()
            results = ResultWriter(connection, limits, began)
            error = _answer(engine, question[:1], question[1:], results)
            if error is not None:
                results.fail(error)
        except (EOFError, ConnectionError):
            return
        if isinstance(error, QueryMemoryError):
            return  # nobody knows what state the engine is in


def _answer(engine: Engine, kind: bytes, content: bytes, results: "ResultWriter") -> QueryError | StoppedError | None:
    """Answer, and return what went wrong, if anything did."""
    try:
        if kind == QUERY:
            engine.write_answer(read_query(content), results.begin)
        else:
            engine.write_graph(*read_graph(content), results.begin)
        results.end()
    except BaseException as error:
        known = known_failure(error)
        if known is None:
            raise
        return known
    return None


def known_failure(error: BaseException) -> QueryError | StoppedError | None:
    """Return what is told of an error that ended a query or an update, or None where nobody foresaw it."""
    if isinstance(error, QueryError | StoppedError):
        return error
    if isinstance(error, MemoryError):
        return QueryMemoryError(TOO_MUCH_MEMORY)
    return None


def query_message(query: Query) -> bytes:
    """Return a query as it is sent to a worker."""
    fields = (query.sparql, query.formats, query.default_graphs, query.named_graphs, query.bind, query.base)
    return QUERY + pickle.dumps(fields)


def read_query(content: bytes) -> Query:
    """Return a query as it was sent.

    >>> from pyoxigraph import Literal
    >>> query = Query("ASK {}", default_graphs=("a:b",), bind={"x": Literal("1")})
    >>> read_query(query_message(query)[1:]) == query
    True
    """
    return Query(*pickle.loads(content))  # noqa: S301 - of the server, which the worker is a part of


def graph_message(graph: str | None, chosen: ResultFormat) -> bytes:
    """Return the wish for a whole graph as it is sent to a worker."""
    return GRAPH + pickle.dumps((graph, chosen))


def read_graph(content: bytes) -> tuple[str | None, ResultFormat]:
    """Return the graph that is wished for, and the format."""
    graph, chosen = pickle.loads(content)  # noqa: S301 - as above
    return graph, chosen


def whole_message(chosen: ResultFormat, content: bytes) -> bytes:
    """Return a whole answer as it is sent."""
    return b"%b%b %b" % (WHOLE, chosen.encode(), content)


def read_whole(content: bytes) -> tuple[ResultFormat, bytes]:
    """Return the format of a whole answer, and the answer.

    >>> read_whole(whole_message("json", b"{ }")[1:])
    ('json', b'{ }')
    """
    chosen, _, rest = content.partition(b" ")
    return cast("ResultFormat", chosen.decode()), rest


class ResultWriter(io.RawIOBase):
    """Where the engine writes an answer: sends it whole if it is there at once, and else in parts as they come.

    Parameters
    ----------
    connection
        The connection to the server.
    limits
        How much may be written.
    began
        Kilobytes of memory that this process had before its first query.
    """

    def __init__(self, connection: Connection, limits: WorkerLimits, began: int = 0) -> None:
        self._began = began
        self._connection = connection
        self._limits = limits
        self._chosen: ResultFormat | None = None
        self._has_begun = False
        self._content = bytearray()
        self._until = time.monotonic() + _SOON
        self._bytes = 0
        self._rows = 0
        self._row_end: bytes | None = None
        self._tail = b""

    def begin(self, chosen: ResultFormat) -> IO[bytes]:
        """Say which format comes, and return where to write it."""
        self._row_end = _ROW_ENDS.get(chosen)
        self._chosen = chosen
        return cast("IO[bytes]", self)

    def writable(self) -> bool:
        """Return True."""
        return True

    def write(self, data: Buffer, /) -> int:
        """Take a part of the answer.

        Raises
        ------
        ResultLimitError
            It is one part too many.
        """
        part = bytes(data)
        self._count(part)
        self._content += part
        size = len(self._content)
        is_late = not self._has_begun and size >= _FIRST_CHUNK and time.monotonic() > self._until
        if size >= _CHUNK or is_late:
            self._send()
        return len(part)

    def end(self) -> None:
        """Send what is left, and that it was the end."""
        # To ask the system takes longer than many a query, and in a moment no query grows by so much.
        is_grown = time.monotonic() > self._until and _peak() - self._began > _GROWN
        if self._has_begun or is_grown or self._chosen is None:
            self._send(END + (REPLACE_ME if is_grown else b""))
        else:
            self._connection.send_bytes(whole_message(self._chosen, bytes(self._content)))

    def fail(self, error: QueryError | StoppedError) -> None:
        """Send what is left, and why there is no more."""
        self._send(ERROR + error_bytes(error))

    def _send(self, last: bytes | None = None) -> None:
        if not self._has_begun and self._chosen is not None:
            self._has_begun = True
            self._connection.send_bytes(FORMAT + self._chosen.encode())
        if self._content:
            self._connection.send_bytes(CHUNK + self._content)
            self._content.clear()
        if last is not None:
            self._connection.send_bytes(last)

    def _count(self, part: bytes) -> None:
        self._bytes += len(part)
        if self._bytes > self._limits.bytes:
            msg = f"the answer was cut off after {self._limits.bytes:,} bytes: ask for less, with LIMIT and OFFSET"
            raise ResultLimitError(msg)
        if self._row_end is None:
            return
        # What is left over is shorter than the end of a row, so that none is counted twice.
        text = self._tail + part
        self._rows += text.count(self._row_end)
        self._tail = text[max(0, len(text) - len(self._row_end) + 1) :]
        if self._rows > self._limits.rows:
            msg = f"the answer was cut off after {self._limits.rows:,} rows: ask for less, with LIMIT and OFFSET"
            raise ResultLimitError(msg)


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 if sys.platform == "darwin" else 1)
