"""Queries in processes that can be killed: a pool of workers over one snapshot, asked from an event loop.

The engine has no time-out of its own. A worker that is too slow, or whose reader went away, is killed, and another is
forked when one is wanted.
"""

import asyncio
import os
import pickle
import struct
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from functools import partial
from typing import Final, Self, cast

from civicgraph.graph.engine.errors import (
    QueryError,
    QueryTimeoutError,
    RemoteError,
    ResultLimitError,
    StoppedError,
    WorkerEndedError,
    read_error,
)
from civicgraph.graph.engine.interface import Query, ResultFormat
from civicgraph.graph.engine.processes import StoreProcess, reason_of
from civicgraph.graph.engine.store_process import ERROR, LAST, PART
from civicgraph.graph.engine.turns import PoolLimits, Turns, Watch

_UNWATCHED: Final = Watch()

_LONG: Final = 0.5
"""Seconds after which a query runs at a lower priority if others run too, so that short ones pass it."""


_LENGTH: Final = struct.Struct("!i")
"""What `multiprocessing.connection` puts before a message."""

_HIGH: Final = 1 << 19
"""Bytes that may wait for a slow reader; where it is twice as many, the worker is made to wait."""

_LOWER: Final = 10

Part = tuple[bytes, ResultFormat, bytes]
"""A part of an answer: its kind as `worker` has them, the format of the answer, and what it holds."""


class WorkerConnection:
    """A connection to a worker process: messages in, messages out.

    Parameters
    ----------
    pid
        The process.
    parent
        The store process that forked it.
    streams
        What comes from it, and what goes to it.
    """

    def __init__(
        self, pid: int, parent: StoreProcess, streams: tuple[asyncio.StreamReader, asyncio.StreamWriter]
    ) -> None:
        self.pid = pid
        self.parent = parent
        self.is_slow = False
        """Whether it runs behind others: not for the next query."""
        self._reader, self._writer = streams

    @classmethod
    async def open(cls, parent: StoreProcess) -> Self:
        """Return a connection to a new worker. Raises WorkerEndedError where its store process is gone."""
        connection, pid = await asyncio.to_thread(parent.fork)
        return cls(pid, parent, await asyncio.open_connection(sock=connection, limit=_HIGH))

    @property
    def closed(self) -> bool:
        """Whether one side has closed it."""
        return self._writer.is_closing() or self._reader.at_eof()

    def send(self, content: bytes) -> None:
        """Send a message."""
        self._writer.write(_LENGTH.pack(len(content)) + content)

    async def next(self) -> Part:
        """Return the next part of an answer.

        Raises
        ------
        QueryError, StoppedError
            It is an error; or the worker ended by itself.
        """
        try:
            (length,) = _LENGTH.unpack(await self._reader.readexactly(_LENGTH.size))
            content = await self._reader.readexactly(length)
        except (asyncio.IncompleteReadError, ConnectionError):
            raise reason_of(await asyncio.to_thread(self.parent.end, self.pid, dying=True)) from None
        kind = content[:1]
        if kind == ERROR:
            raise read_error(content[1:])
        chosen, _, part = content[1:].partition(b" ")
        return kind, cast("ResultFormat", chosen.decode()), part

    def lower_priority(self) -> None:
        """Let the worker run behind others from now on: priority, once lowered, cannot be raised again."""
        self.is_slow = True
        try:
            os.setpriority(os.PRIO_PROCESS, self.pid, _LOWER)
        except OSError:
            return  # it has ended meanwhile

    def close(self) -> None:
        """Close the connection."""
        self._writer.transport.abort()


class Chunks:
    """What is still to come of an answer, part by part.

    Parameters
    ----------
    first
        Its first part.
    rest
        The others; they have begun, so that to close them ends the query.
    """

    def __init__(self, first: bytes, rest: AsyncGenerator[Part, None]) -> None:
        self._first: bytes | None = first
        self._rest = rest

    def __aiter__(self) -> Self:
        """Return itself."""
        return self

    async def __anext__(self) -> bytes:
        """Return the next part. Raises StoppedError or QueryError where the query was stopped."""
        first, self._first = self._first, None
        # The last may be empty; as a part of a body in HTTP that would be its end.
        return first or (await anext(self._rest))[2] or (await anext(self._rest))[2]

    async def aclose(self) -> None:
        """End the query, if it has not ended."""
        await self._rest.aclose()


@dataclass(frozen=True, slots=True)
class Answer:
    """Results in the format that was chosen for their kind: whole in `body`, or as `chunks` that are still to come.

    Whoever is given chunks reads them to their end or closes them: until then the query holds its worker.
    """

    format: ResultFormat
    body: bytes | None = None
    chunks: Chunks | None = None

    async def whole(self) -> bytes:
        """Return all of it. Raises StoppedError where the query was stopped."""
        if self.chunks is None:
            return self.body or b""
        return b"".join([chunk async for chunk in self.chunks])


class WorkerPool:
    """Answers queries over the store of a store process, each in a process that is killed when its time is up.

    It belongs to the event loop that first asks it.

    Parameters
    ----------
    parent
        What forks the workers.
    limits
        How long a query may take, and how many may run at once.
    watch
        Is told what becomes of each query.
    """

    def __init__(self, parent: StoreProcess, limits: PoolLimits, watch: Watch = _UNWATCHED) -> None:
        self.turns = Turns(limits, watch)
        self.is_lost = False
        """Whether the store process has ended by itself: this pool answers nothing more."""
        self._parents = [parent]
        self._watch = watch
        self._free: list[WorkerConnection] = []
        self._busy: set[WorkerConnection] = set()
        self._tasks: set[asyncio.Task[object]] = set()
        self._closed = False

    async def answer(self, query: Query, client: str = "") -> Answer:
        """Return the answer as soon as its first bytes are there, or whole if it came at once.

        Parameters
        ----------
        query
            The query.
        client
            Who asks: each client has its share of the workers.

        Raises
        ------
        QueryError
            The query is not SPARQL, or asks for what the engine will not do.
        StoppedError
            The query was stopped, or not started. While the chunks are read, it can be raised too.
        """
        return await self._answer(query, client)

    async def graph(self, graph: str | None, chosen: ResultFormat, client: str = "") -> Answer:
        """Return a graph whole, as `answer` does; None is the unnamed graph, ALL_GRAPHS is all of them."""
        return await self._answer((graph, chosen), client)

    def move_to(self, parent: StoreProcess) -> None:
        """Let all later queries be answered by workers of another store process, over the same data."""
        self._parents.append(parent)
        if self._closed:
            self._aside(parent.close)
            return
        free, self._free = self._free, []
        for connection in free:
            self._discard(connection)

    async def close(self) -> None:
        """End all workers, and the store process."""
        self._closed = True
        self.turns.close()
        for connection in (*self._free, *self._busy):
            connection.close()
        self._free.clear()
        for parent in self._parents:
            self._aside(parent.close)
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _answer(self, question: object, client: str) -> Answer:
        parts = self._parts(pickle.dumps(question), client)
        kind, chosen, content = await anext(parts)
        if kind == PART:
            return Answer(chosen, chunks=Chunks(content, parts))
        await parts.aclose()
        return Answer(chosen, content)

    async def _parts(self, question: bytes, client: str) -> AsyncGenerator[Part, None]:
        """Yield the parts of an answer; by the time of the last, or when this is closed, the worker is given back."""
        loop = asyncio.get_running_loop()
        asked = loop.time()
        await self.turns.take(client)
        try:
            worker = self._free_one() or await self._fork()
        except BaseException:
            self.turns.give(client)
            raise
        began = loop.time()
        self._busy.add(worker)
        self._watch.began(began - asked)
        # One that was made slower is not kept, nor one that was stopped. An answer that was too long, or a server's
        # fault, leaves the worker as it was.
        keep, outcome = False, "left"
        slower = loop.call_at(began + _LONG, self._slow_down, worker)
        try:
            worker.send(question)
            while (part := await self._next(worker, began))[0] == PART:
                yield part
            keep, outcome = part[0] == LAST, "done"
        except (QueryError, StoppedError) as error:
            keep, outcome = isinstance(error, QueryError | ResultLimitError | RemoteError), error.outcome
            raise
        finally:
            slower.cancel()
            self._watch.ended(outcome, loop.time() - began)
            if worker.is_slow or not keep:
                worker.close()
            self._busy.discard(worker)
            self._put(worker)
            self.turns.give(client)
        yield part

    async def _next(self, worker: WorkerConnection, began: float) -> Part:
        timeout = self.turns.limits.timeout
        remedy = "ask for less, or start the server with a longer --timeout"
        stopped = QueryTimeoutError(f"the query was stopped after {timeout:g} seconds; {remedy}")
        # What is there already would be given however late it is.
        if asyncio.get_running_loop().time() > began + timeout:
            raise stopped
        try:
            async with asyncio.timeout_at(began + timeout):
                return await worker.next()
        except TimeoutError as error:
            raise stopped from error

    def _slow_down(self, worker: WorkerConnection) -> None:
        if self.turns.is_shared:
            worker.lower_priority()

    def _free_one(self) -> WorkerConnection | None:
        while self._free:
            connection = self._free.pop()
            if not connection.closed:
                return connection
            self._discard(connection)
        return None

    async def _fork(self) -> WorkerConnection:
        task = asyncio.get_running_loop().create_task(WorkerConnection.open(self._parents[-1]))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            task.add_done_callback(self._keep)  # who asked has gone; the next need not wait for another
            raise
        except WorkerEndedError:
            self.is_lost = True
            raise

    def _keep(self, task: "asyncio.Task[WorkerConnection]") -> None:
        if not task.cancelled() and task.exception() is None:
            self._put(task.result())

    def _put(self, connection: WorkerConnection) -> None:
        """Keep a worker for the next query, or end it where it is not as it was."""
        if self._closed or connection.closed or connection.parent is not self._parents[-1]:
            self._discard(connection)
        else:
            self._free.append(connection)

    def _discard(self, connection: WorkerConnection) -> None:
        connection.close()
        if not self._closed:
            self._aside(partial(connection.parent.end, connection.pid))

    def _aside(self, work: Callable[[], object]) -> None:
        """Do what takes a moment in a thread; it is waited for when the pool is closed."""
        task = asyncio.get_running_loop().create_task(asyncio.to_thread(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
