"""Queries in processes that can be killed: a pool of workers over one read-only snapshot.

The engine has no time-out of its own. A worker that is too slow, or whose reader went away, is killed and replaced;
the next query finds another.
"""

import io
import multiprocessing
import os
import queue
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pyoxigraph import Store
from typing_extensions import Buffer

from civicgraph.graph.store.embedded import EmbeddedEngine
from civicgraph.graph.store.engine import QueryError, ResultFormat, ResultKind
from civicgraph.graph.store.sandbox import deny_sockets, limit_memory

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

CHUNK: Final = 64 * 1024
MEMORY_LIMIT: Final = 4 * 1024**3
"""Bytes of address space that one query may take."""

_START_LIMIT: Final = 30.0


class QueryTimeoutError(RuntimeError):
    """A query took longer than it may."""


class QueryCrashError(RuntimeError):
    """A query ended its worker: it took more memory than it may."""


class PoolBusyError(RuntimeError):
    """All workers are busy, and none became free in time."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A query's results: the format that was chosen for their kind, and the bytes as they come."""

    format: ResultFormat
    chunks: Iterator[bytes]


class WorkerPool:
    """Answers queries over the store in a folder, each in a process that is killed when its time is up.

    Parameters
    ----------
    store
        The folder of an Oxigraph store that nothing writes to.
    timeout
        Seconds that one query may take, its results included.
    size
        How many queries may run at once.
    """

    def __init__(self, store: Path, timeout: float, size: int = 2) -> None:
        self.timeout = timeout
        self._store = store
        self._closed = False
        self._free: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
        for _ in range(size):
            self._free.put(_Worker(store))

    def answer(self, sparql: str, formats: Mapping[ResultKind, ResultFormat]) -> Answer:
        """Start a query and return its answer as soon as the first bytes are there.

        Raises
        ------
        QueryError
            The query is not SPARQL, or asks for what the engine will not do.
        QueryTimeoutError, QueryCrashError, PoolBusyError
            The query was stopped, or not started. While the chunks are read, the first two can be raised too.
        """
        deadline = time.monotonic() + self.timeout
        try:
            worker = self._free.get(timeout=self.timeout)
        except queue.Empty:
            msg = f"all workers were busy for {self.timeout:g} seconds"
            raise PoolBusyError(msg) from None
        chunks = self._chunks(worker, deadline, sparql, formats)
        # The generator's first item is the format, so that a refusal is raised here and not in mid-stream.
        return Answer(next(chunks).decode(), chunks)  # type: ignore[arg-type] # the worker only sends known formats

    def close(self) -> None:
        """End all free workers; one that is busy ends with its query."""
        self._closed = True
        while True:
            try:
                self._free.get_nowait().kill()
            except queue.Empty:
                return

    def _chunks(
        self, worker: "_Worker", deadline: float, sparql: str, formats: Mapping[ResultKind, ResultFormat]
    ) -> Iterator[bytes]:
        done = False
        try:
            worker.ask(sparql, formats)
            # A worker's own start is not the query's time.
            deadline += worker.wait_for_start()
            while True:
                kind, content = worker.receive(deadline, self.timeout)
                if kind == "end":
                    done = True
                    return
                if kind == "refused":
                    done = True
                    raise QueryError(content.decode())
                yield content
        finally:
            self._give_back(worker, unharmed=done)

    def _give_back(self, worker: "_Worker", *, unharmed: bool) -> None:
        if self._closed:
            worker.kill()
            return
        if not unharmed:
            worker.kill()
            worker = _Worker(self._store)
        self._free.put(worker)


class _Worker:
    """One process and the pipe to it."""

    def __init__(self, store: Path) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self._process: BaseProcess = context.Process(target=_work, args=(theirs, str(store)), daemon=True)
        self._process.start()
        theirs.close()
        self._ready = False

    def ask(self, sparql: str, formats: Mapping[ResultKind, ResultFormat]) -> None:
        """Send a query."""
        try:
            self.connection.send((sparql, dict(formats)))
        except ConnectionError as error:
            msg = "a query worker had ended by itself, and another takes its place: ask again"
            raise QueryCrashError(msg) from error

    def wait_for_start(self) -> float:
        """Return once the process takes queries, with the seconds that this took."""
        began = time.monotonic()
        if not self._ready:
            self._wait(began + _START_LIMIT, "a query worker did not start")
            self._ready = True
        return time.monotonic() - began

    def receive(self, deadline: float, timeout: float) -> tuple[str, bytes]:
        """Return the next message of the running query."""
        message: tuple[str, bytes] = self._wait(deadline, f"the query was stopped after {timeout:g} seconds")
        return message

    def _wait(self, deadline: float, late: str) -> tuple[str, bytes]:
        if not self.connection.poll(max(0.0, deadline - time.monotonic())):
            raise QueryTimeoutError(late)
        try:
            message: tuple[str, bytes] = self.connection.recv()
        except (EOFError, ConnectionError) as error:
            msg = "the query took more memory than it may"
            raise QueryCrashError(msg) from error
        return message

    def kill(self) -> None:
        """End the process now."""
        self._process.kill()
        self._process.join()
        self._process.close()
        self.connection.close()


def _work(connection: Connection, store: str) -> None:
    """Answer queries until the other end closes. Runs in the worker."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which ends its workers
    deny_sockets()
    limit_memory(MEMORY_LIMIT)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    engine = EmbeddedEngine(Store.read_only(store), version="")
    connection.send(("ready", b""))
    while True:
        try:
            sparql, formats = connection.recv()
        except (EOFError, ConnectionError):
            return
        results = _Results(connection)
        try:
            engine.write_results(sparql, formats, results.begin)
        except QueryError as error:
            connection.send(("refused", str(error).encode()))
        else:
            results.end()


def _end_with_parent() -> None:
    # A query that runs does not read from the pipe, and would outlive a server that was killed.
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


class _Results:
    """Sends the format of a query's results, then the results in chunks."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._buffer: io.BufferedWriter | None = None

    def begin(self, chosen: ResultFormat) -> io.BufferedWriter:
        self._connection.send(("format", chosen.encode()))
        self._buffer = io.BufferedWriter(_Chunks(self._connection), CHUNK)
        return self._buffer

    def end(self) -> None:
        if self._buffer is not None:
            self._buffer.flush()
        self._connection.send(("end", b""))


class _Chunks(io.RawIOBase):
    """A file whose every write is a message."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def writable(self) -> bool:
        return True

    def write(self, data: Buffer, /) -> int:
        chunk = bytes(data)
        self._connection.send(("chunk", chunk))
        return len(chunk)
