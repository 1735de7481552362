"""What runs in a store process: it holds the store of one snapshot, and forks the workers that queries run in.

The server starts it as a program of its own, for a server has threads, and whoever forks must have one only: another's
locks would stay locked in the child for ever. So what opens a store on disk, whose engine has threads of its own, is
always a worker or a helper, and never forks. A small store is held in memory, shared by all workers, each of which is
forked within milliseconds; over a larger one each worker opens the files of the snapshot.

A worker answers queries one at a time until its server closes. Messages are framed as `multiprocessing.connection`
does. A worker may have been led astray by a query, so nothing that it sends is ever unpickled.
"""

import ctypes
import io
import os
import pickle
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from contextlib import suppress
from dataclasses import astuple, dataclass
from multiprocessing.connection import Connection
from selectors import EVENT_READ, BaseSelector, DefaultSelector
from typing import IO, Final, NoReturn, cast

import orjson
from pyoxigraph import NamedNode, RdfFormat, Store
from typing_extensions import Buffer

from civicgraph.graph.engine.embedded import EmbeddedEngine
from civicgraph.graph.engine.errors import (
    TOO_MUCH_MEMORY,
    QueryError,
    QueryMemoryError,
    ResultLimitError,
    StoppedError,
    error_bytes,
)
from civicgraph.graph.engine.interface import Engine, Query, ResultFormat
from civicgraph.graph.engine.sandbox import deny_sockets, limit_memory
from civicgraph.graph.engine.updates import Revision, revise

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

_PR_SET_PDEATHSIG: Final = 1

_STACK: Final = 256 << 20
"""Bytes of stack for the thread that answers: the engine reads and plans a query by recursion."""

_WORDS: Final = 2000
"""Bytes that are kept of the first and the last that a process said: a panic begins with its reason, Python ends so."""


@dataclass(frozen=True, slots=True)
class WorkerLimits:
    """What a worker may take: bytes of memory for one query; and how long its answer may be, in rows and in bytes."""

    memory: int
    rows: int
    bytes: int


def main() -> NoReturn:
    """Be the store process of the server at the other end of the socket that is standard input.

    The server says what the store is and what workers may take, and is told when the store is there. From then on it
    hands over two sockets for each worker that it wants: the other end of the connection to it; and one over which it
    is told how the worker ended by itself, or ends it by closing that. Once it closes the first socket, all end.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which ends us
    control = socket.socket(fileno=0)
    source, in_memory, limits = pickle.load(control.makefile("rb"))  # noqa: S301 - of the server
    if isinstance(source, str):
        # Workers are denied sockets too; those that they need are handed to them. Who asks a server must reach it.
        deny_sockets()
    source = _read(source) if in_memory else source
    control.send(b"\n")
    with DefaultSelector() as selector:
        selector.register(control, EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is not control:
                    key.data()
                elif handed := socket.recv_fds(control, 1, 2)[1]:
                    _Worker(selector, source, limits, *handed)
                else:
                    os.killpg(0, signal.SIGKILL)


class _Worker:
    """A worker as its store process sees it.

    Parameters
    ----------
    selector
        What waits for its end.
    source, limits
        What it answers from, and what it may take.
    connection
        The descriptor of its end of the connection to the server.
    ending
        That of the socket over which the server is told how it ended, and closes to end it.
    """

    def __init__(
        self, selector: BaseSelector, source: Store | str | Engine, limits: WorkerLimits, connection: int, ending: int
    ) -> None:
        self._selector = selector
        self._ending = socket.socket(fileno=ending)
        self._words = b""
        self._is_there = True  # both events may be found at once
        self._said, theirs = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            try:
                if sys.platform == "linux":
                    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
                os.dup2(theirs, 2)
                os.close(theirs)
                _answer_queries(source, limits, Connection(connection))
            finally:
                traceback.print_exc()
                os._exit(1)
        os.close(theirs)
        os.close(connection)
        selector.register(self._said, EVENT_READ, self._listen)
        selector.register(self._ending, EVENT_READ, self._kill)

    def _listen(self) -> None:
        """Take down what it says, the first and the last of it, to the end, which is its own."""
        if self._is_there:
            part = os.read(self._said, _CHUNK)
            words = self._words + part
            self._words = words[:_WORDS] + words[_WORDS:][-_WORDS:]
            if not part:
                self._reap()

    def _kill(self) -> None:
        if self._is_there:
            os.kill(self._pid, signal.SIGKILL)
            self._reap()

    def _reap(self) -> None:
        """Take note of its end, and tell the server how it ended."""
        self._is_there = False
        self._selector.unregister(self._ending)
        self._selector.unregister(self._said)
        os.close(self._said)
        code = os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])
        with self._ending, suppress(ConnectionError):
            self._ending.send(b"%d %b" % (code, self._words))


def _answer_queries(source: Store | str | Engine, limits: WorkerLimits, connection: Connection) -> None:
    """Be a worker."""

    def answer() -> None:
        try:
            store = Store.read_only(source) if isinstance(source, str) else source
            engine = EmbeddedEngine(store, version="") if isinstance(store, Store) else store
            limit_memory(limits.memory)
            answer_until_closed(connection, engine, limits)
            os._exit(0)
        finally:
            traceback.print_exc()
            os._exit(1)

    # The C library gives another thread other memory. In the first one's, what loading freed lies scattered among
    # the store, and each little thing put there makes a copy of a page that is shared: 100 MB a worker were seen.
    threading.stack_size(_STACK)
    thread = threading.Thread(target=answer)
    thread.start()
    thread.join()


_READER: Final = """
import sys
import pyoxigraph as o
store = o.Store.read_only(sys.argv[1])
for graph in store.named_graphs():
    if next(store.quads_for_pattern(None, None, None, graph), None) is None:
        print(graph.value)
print(flush=True)
store.dump(sys.stdout.buffer, o.RdfFormat.N_QUADS)
"""
"""Writes out a store: the names of the graphs that are empty, of which no quad tells, a line without any, its quads."""


def _read(path: str) -> Store:
    """Return a store in memory with what is in one on disk, which a process of its own opens and writes out."""
    store = Store()
    words = [sys.executable, "-P", "-X", "utf8", "-c", _READER, path]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as reader:  # noqa: S603 - this interpreter
        content = cast("IO[bytes]", reader.stdout)
        while name := content.readline().decode().strip():
            store.add_graph(NamedNode(name))
        store.load(content, RdfFormat.N_QUADS)
    if reader.returncode != 0:
        msg = f"the store in {path} cannot be read"
        raise OSError(msg)
    return store


def answer_until_closed(connection: Connection, engine: Engine, limits: WorkerLimits) -> None:
    """Answer what comes over a connection until the other side closes it, or until something went badly wrong.

    That is a `Query`; a `Revision`; or of a graph that is to be written out its name, and the format.
    """
    began = _peak()
    try:
        while True:
            question = connection.recv()
            results = ResultWriter(connection, limits, began)
            try:
                if isinstance(question, Query):
                    engine.write_answer(question, results.begin)
                elif isinstance(question, Revision):
                    results.begin("json").write(orjson.dumps(astuple(revise(question, limits.memory))))
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
