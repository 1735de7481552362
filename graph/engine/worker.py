"""What a query worker does: it answers queries over its store, one at a time, until its server closes.

Messages are framed as `multiprocessing.connection` does. A worker may have been led astray by a query, so nothing that
it sends is ever unpickled.
"""

import io
import resource
import sys
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import IO, Final, cast

from typing_extensions import Buffer

from civicgraph.graph.engine.errors import (
    TOO_MUCH_MEMORY,
    QueryError,
    QueryMemoryError,
    ResultLimitError,
    StoppedError,
    error_bytes,
)
from civicgraph.graph.engine.interface import Engine, Query, ResultFormat

PART, LAST, GROWN, ERROR = b"P", b"L", b"G", b"X"
"""From a worker: a part of an answer; the last part; the last part of one that has grown too large to be kept; or why
there is no answer, or no more of it. Before a part stands the format of the answer, and a space."""

_SOON: Final = 0.005
"""Seconds in which most answers are whole: they are sent as one message."""
_FIRST_CHUNK: Final = 1024
_CHUNK: Final = 64 * 1024

_GROWTH: Final = 128 * 1024
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


@dataclass(frozen=True, slots=True)
class WorkerLimits:
    """What a worker may take: bytes of memory for one query; and how long its answer may be, in rows and in bytes."""

    memory: int
    rows: int
    bytes: int


def answer_until_closed(connection: Connection, engine: Engine, limits: WorkerLimits) -> None:
    """Answer what comes over a connection until the other side closes it, or until something went badly wrong.

    That is a `Query`; or of a graph that is to be written out its name, and the format.
    """
    began = _peak()
    try:
        while True:
            question = connection.recv()
            results = ResultWriter(connection, limits, began)
            try:
                if isinstance(question, Query):
                    engine.write_answer(question, results.begin)
                else:
                    graph, chosen = question
                    engine.write_graph(graph, chosen, results.begin)
                results.end()
            except (QueryError, StoppedError) as error:
                connection.send_bytes(ERROR + error_bytes(error))
            except MemoryError:
                connection.send_bytes(ERROR + error_bytes(QueryMemoryError(TOO_MUCH_MEMORY)))
                return  # nobody knows what state the engine is in
    except (EOFError, ConnectionError):
        return


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
        self._format = b""
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
        self._format = chosen.encode()
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
            self._send(PART)
        return len(part)

    def end(self) -> None:
        """Send what is left, and that it was the end."""
        # To ask the system takes longer than many a query, and in a moment no query grows by so much.
        is_grown = time.monotonic() > self._until and _peak() - self._began > _GROWTH
        self._send(GROWN if is_grown else LAST)

    def _send(self, kind: bytes) -> None:
        self._connection.send_bytes(b"%b%b %b" % (kind, self._format, bytes(self._content)))
        self._has_begun = True
        self._content.clear()

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
