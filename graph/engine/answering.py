"""What a query worker does: it answers questions over its store, one at a time, until its server closes."""

import io
import resource
import socket
import sys
from dataclasses import dataclass
from typing import IO, Final, Protocol, cast

from typing_extensions import Buffer

from civicgraph.graph.engine.asking import Question, ResultLimitError
from civicgraph.graph.engine.changes import ALL_GRAPHS
from civicgraph.graph.engine.frames import (
    CHUNK,
    END,
    FAULT,
    FORMAT,
    GRAPH,
    LIMIT,
    LOOK_UP,
    QUESTION,
    REFUSED,
    REPLACE_ME,
    Reader,
    frame,
    read_look_up,
    read_question,
    whole,
)
from civicgraph.graph.engine.interface import Begin, QueryError, ResultFormat
from civicgraph.graph.engine.remote.faults import RemoteError, fault_bytes

FIRST_CHUNK: Final = 1024
NEXT_CHUNKS: Final = 64 * 1024

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


@dataclass(frozen=True, slots=True)
class AnswerLimits:
    """How long one answer may be, in rows (or triples) and in bytes."""

    rows: int
    bytes: int


class Answering(Protocol):
    """What a worker asks: an engine that answers questions of anybody, and gives whole graphs away."""

    def write_answer(self, question: Question, begin: Begin) -> None:
        """Write the answer of a question, over the dataset that it names. Raises QueryError or StoppedError."""

    def write_graph(self, graph: str | None, chosen: ResultFormat, begin: Begin) -> None:
        """Write a graph whole: the unnamed one for None, all of them for `*`. Raises as `write_answer` does."""


def answer_until_closed(connection: socket.socket, engine: Answering, limits: AnswerLimits) -> None:
    """Answer what comes over a connection until the other side closes it."""
    began = _peak()
    reader = Reader(connection)
    while True:
        try:
            kind, content = reader.next()
        except (EOFError, ConnectionError):
            return
        results = Results(connection, limits, began)
        try:
            _answer(engine, kind, content, results)
        except QueryError as error:
            results.stop(REFUSED, str(error).encode())
        except ResultLimitError as error:
            results.stop(LIMIT, str(error).encode())
        except RemoteError as error:
            results.stop(FAULT, fault_bytes(error))
        except ConnectionError:
            return


def _answer(engine: Answering, kind: bytes, content: bytes, results: "Results") -> None:
    if kind == LOOK_UP:
        engine.write_answer(read_look_up(content), results.begin)
    elif kind == QUESTION:
        engine.write_answer(read_question(content), results.begin)
    elif kind == GRAPH:
        chosen, _, graph = content.decode().partition(" ")
        name = ALL_GRAPHS if graph == "*" else graph or None
        engine.write_graph(name, cast("ResultFormat", chosen), results.begin)
    results.end()


class Results(io.RawIOBase):
    """Where the engine writes an answer: sends it in frames, the first of them as soon as there is a kilobyte.

    Parameters
    ----------
    connection
        The connection to the server.
    limits
        How much may be written.
    began
        Kilobytes of memory that this process had before its first question.
    """

    def __init__(self, connection: socket.socket, limits: AnswerLimits, began: int = 0) -> None:
        self._began = began
        self._connection = connection
        self._limits = limits
        self._chosen: ResultFormat | None = None
        self._has_begun = False
        self._content = bytearray()
        self._send_at = FIRST_CHUNK
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
        if len(self._content) >= self._send_at:
            self._send_at = NEXT_CHUNKS
            self._send()
        return len(part)

    def end(self) -> None:
        """Send what is left, and that it was the end."""
        is_grown = _peak() - self._began > _GROWN
        if self._has_begun or is_grown or self._chosen is None:
            self._send(frame(END, REPLACE_ME if is_grown else b""))
        else:
            self._connection.sendall(whole(self._chosen, bytes(self._content)))

    def stop(self, kind: bytes, reason: bytes) -> None:
        """Send what is left, and why there is no more."""
        self._send(frame(kind, reason))

    def _send(self, last: bytes = b"") -> None:
        parts = []
        if not self._has_begun and self._chosen is not None:
            self._has_begun = True
            parts.append(frame(FORMAT, self._chosen.encode()))
        if self._content:
            parts.append(frame(CHUNK, bytes(self._content)))
            self._content.clear()
        self._connection.sendall(b"".join([*parts, last]))

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
