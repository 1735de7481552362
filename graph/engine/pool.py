"""Queries in processes that can be killed: a pool of workers over one snapshot, asked from an event loop.

The engine has no time-out of its own. A worker that is too slow, or whose reader went away, is killed, and another is
forked when one is wanted. No client has more than half of the workers, nor of the queue, so that none waits for
another's long queries.
"""

import asyncio
import pickle
import socket
import struct
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Final, Self, cast
from weakref import WeakValueDictionary

import orjson

from civicgraph.graph.engine.errors import (
    PoolBusyError,
    QueryError,
    QueryTimeoutError,
    RemoteError,
    ResultLimitError,
    StoppedError,
    WorkerEndedError,
    read_error,
)
from civicgraph.graph.engine.interface import Query, ResultFormat
from civicgraph.graph.engine.processes import StoreProcess, read_ending
from civicgraph.graph.engine.store_process import ERROR, LAST, PART
from civicgraph.graph.engine.updates import Done, Revision

_QUEUE: Final = 16
"""Queries that may wait, for each worker."""

_LENGTH: Final = struct.Struct("!i")
"""What `multiprocessing.connection` puts before a message."""

_HIGH: Final = 1 << 19
"""Bytes that may wait for a slow reader; where it is twice as many, the worker is made to wait."""

_Part = tuple[bytes, ResultFormat, bytes]
"""A part of an answer: its kind as `store_process` has them, the format of the answer, and what it holds."""


@dataclass(frozen=True, slots=True)
class PoolLimits:
    """Seconds that one query may take, its results included; how many may run at once."""

    timeout: float
    workers: int

    @property
    def workers_of_one(self) -> int:
        """How many queries of one client may run at once."""
        return (self.workers + 1) // 2


class Watch:
    """Is told what becomes of queries, for those who count; this one does not."""

    def waits(self, change: int) -> None:
        """Note that so many queries more, or fewer, wait for a worker."""

    def began(self, waited: float) -> None:
        """Note that a query has a worker, after so many seconds in the queue."""

    def ended(self, how: str, seconds: float) -> None:
        """Note the end of a query: a word of `OUTCOMES`."""


class _Worker:
    """A connection to a worker process: messages in, messages out."""

    def __init__(
        self, parent: StoreProcess, ending: socket.socket, streams: tuple[asyncio.StreamReader, asyncio.StreamWriter]
    ) -> None:
        self.parent = parent
        self._ending = ending
        self._reader, self._writer = streams

    @classmethod
    async def fork(cls, parent: StoreProcess) -> Self:
        """Return a new worker. Raises WorkerEndedError where its store process is gone."""
        connection, ending = parent.fork()
        ending.setblocking(False)
        try:
            return cls(parent, ending, await asyncio.open_connection(sock=connection, limit=_HIGH))
        except BaseException:
            ending.close()
            raise

    @property
    def closed(self) -> bool:
        """Whether one side has closed it."""
        return self._writer.is_closing() or self._reader.at_eof()

    def send(self, content: bytes) -> None:
        """Send a message."""
        self._writer.write(_LENGTH.pack(len(content)) + content)

    async def next(self) -> _Part:
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
            is_ours = self._ending.fileno() < 0  # it was we who ended it
            told = b"" if is_ours else await asyncio.get_running_loop().sock_recv(self._ending, _HIGH)
            raise read_ending(told) from None
        kind = content[:1]
        if kind == ERROR:
            raise read_error(content[1:])
        chosen, _, part = content[1:].partition(b" ")
        return kind, cast("ResultFormat", chosen.decode()), part

    def end(self) -> None:
        """Close the connection, and end the process."""
        self._writer.transport.abort()
        self._ending.close()


@dataclass(frozen=True, slots=True)
class Answer:
    """Results in the format that was chosen for their kind: whole in `body`, or their beginning and the `rest`.

    Whoever is given a rest reads the chunks to their end or closes the answer: until then the query holds its worker.
    """

    format: ResultFormat
    body: bytes
    rest: AsyncGenerator[_Part, None] | None = None

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield all of it as it comes. Raises StoppedError or QueryError where the query was stopped."""
        yield self.body
        if self.rest is not None:
            async for _, _, content in self.rest:
                if content:  # as a part of a body in HTTP an empty one would be its end
                    yield content

    async def whole(self) -> bytes:
        """Return all of it. Raises as `chunks` does."""
        return b"".join([chunk async for chunk in self.chunks()])

    async def aclose(self) -> None:
        """End the query, if it has not ended."""
        if self.rest is not None:
            await self.rest.aclose()


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

    def __init__(self, parent: StoreProcess, limits: PoolLimits, watch: Watch | None = None) -> None:
        self.limits = limits
        self.is_lost = False
        """Whether the store process has ended by itself: this pool answers nothing more."""
        self.waiting: list[str] = []
        """The clients of the queries that wait."""
        self._parents = [parent]
        self._watch = watch or Watch()
        self._places = asyncio.Semaphore(limits.workers)
        self._shares: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()
        self._free: list[_Worker] = []
        self._busy: set[_Worker] = set()
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

    async def revise(self, revision: Revision) -> Done:
        """Make a changed copy of a store, by a worker of its own that waits for no other.

        Raises
        ------
        QueryError
            The change is at fault.
        StoppedError
            It took too long, or too much memory, or the worker ended by itself.
        """
        worker = await self._fork()
        try:
            worker.send(pickle.dumps(revision))
            _, _, told = await self._next(worker, asyncio.get_running_loop().time())
        finally:
            worker.end()
        return Done(*orjson.loads(told))

    def move_to(self, parent: StoreProcess) -> None:
        """Let all later queries be answered by workers of another store process, over the same data."""
        self._parents.append(parent)
        if self._closed:
            parent.close()
        while self._free:
            self._free.pop().end()

    async def close(self) -> None:
        """End all workers, and the store process."""
        self._closed = True
        for worker in (*self._free, *self._busy):
            worker.end()
        self._free.clear()
        await asyncio.gather(*(asyncio.to_thread(parent.close) for parent in self._parents))

    async def _answer(self, question: object, client: str) -> Answer:
        parts = self._parts(pickle.dumps(question), client)
        kind, chosen, content = await anext(parts)
        if kind == PART:
            return Answer(chosen, content, parts)
        await parts.aclose()
        return Answer(chosen, content)

    async def _parts(self, question: bytes, client: str) -> AsyncGenerator[_Part, None]:
        """Yield the parts of an answer; by the time of the last, or when this is closed, the worker is given back."""
        loop = asyncio.get_running_loop()
        asked = loop.time()
        async with AsyncExitStack() as place:
            await self._wait_for_place(client, place)
            worker = self._free_one() or await self._fork()
            began = loop.time()
            self._busy.add(worker)
            self._watch.began(began - asked)
            # One that was stopped is not kept. An answer that was too long, or a server's fault, leaves it as it was.
            keep, outcome = False, "left"
            try:
                worker.send(question)
                while (part := await self._next(worker, began))[0] == PART:
                    yield part
                keep, outcome = part[0] == LAST, "done"
            except (QueryError, StoppedError) as error:
                keep, outcome = isinstance(error, QueryError | ResultLimitError | RemoteError), error.outcome
                raise
            finally:
                self._watch.ended(outcome, loop.time() - began)
                self._busy.discard(worker)
                if keep and not self._closed and worker.parent is self._parents[-1]:
                    self._free.append(worker)
                else:
                    worker.end()
        yield part

    async def _wait_for_place(self, client: str, place: AsyncExitStack) -> None:
        """Return when a query of a client may run, until the stack is closed.

        Raises
        ------
        PoolBusyError
            Too many wait already, or its turn did not come in time.
        """
        # It is forgotten with the last query of the client.
        share = self._shares.setdefault(client, asyncio.Semaphore(self.limits.workers_of_one))
        if share.locked() or self._places.locked():
            same = self.waiting.count(client)
            if len(self.waiting) >= _QUEUE * self.limits.workers or same >= _QUEUE * self.limits.workers_of_one:
                msg = f"{len(self.waiting)} queries wait already, {same} of them yours; come again in a moment"
                raise PoolBusyError(msg)
        self.waiting.append(client)
        self._watch.waits(1)
        try:
            async with asyncio.timeout(2 * self.limits.timeout):
                await place.enter_async_context(share)
                await place.enter_async_context(self._places)
        except TimeoutError:
            msg = f"all workers were busy for {2 * self.limits.timeout:g} seconds; come again in a moment"
            raise PoolBusyError(msg) from None
        finally:
            self.waiting.remove(client)
            self._watch.waits(-1)
        if self._closed:
            msg = "the server is ending"
            raise PoolBusyError(msg)

    async def _next(self, worker: _Worker, began: float) -> _Part:
        timeout = self.limits.timeout
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

    def _free_one(self) -> _Worker | None:
        while self._free:
            worker = self._free.pop()
            if not worker.closed:
                return worker
            worker.end()
        return None

    async def _fork(self) -> _Worker:
        try:
            return await _Worker.fork(self._parents[-1])
        except WorkerEndedError:
            self.is_lost = True
            raise
