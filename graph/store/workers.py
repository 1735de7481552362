"""Queries in processes that can be killed: a pool of workers over one snapshot, asked from an event loop.

The engine has no time-out of its own. A worker that is too slow, or whose reader went away, is killed, and another is
forked when one is wanted.
"""

import asyncio
import os
from collections import deque
from dataclasses import dataclass
from typing import Final, Protocol, Self, cast

from civicgraph.graph.store.asking import (
    Answer,
    PoolBusyError,
    QueryCrashError,
    QueryTimeoutError,
    Question,
    ResultLimitError,
    StoppedError,
)
from civicgraph.graph.store.channel import Channel, Frame
from civicgraph.graph.store.engine import QueryError, ResultFormat
from civicgraph.graph.store.frames import CHUNK, END, FORMAT, GRAPH, LIMIT, QUESTION, REFUSED, frame, question_bytes
from civicgraph.graph.store.holder import HolderError
from civicgraph.graph.store.nursery import Holder

_QUEUE: Final = 16
"""Questions that may wait, for each worker."""

_LONG: Final = 0.5
"""Seconds after which a query runs at a lower priority if others run too, so that short ones pass it."""

_LOWER: Final = 10


@dataclass(frozen=True, slots=True)
class PoolLimits:
    """Seconds that one query may take, its results included; how many may run at once."""

    timeout: float
    workers: int


class Watch(Protocol):
    """Is told what becomes of queries, for those who count."""

    def began(self, waited: float) -> None:
        """Note that a query has a worker, after so many seconds in the queue."""

    def ended(self, how: str, seconds: float) -> None:
        """Note the end of a query: `done`, `refused`, `timeout`, `memory`, `limit`, `left`."""


class WorkerPool:
    """Answers questions over the store of a holder, each in a process that is killed when its time is up.

    It belongs to the event loop that first asks it.

    Parameters
    ----------
    holder
        What forks the workers.
    limits
        How long a query may take, and how many may run at once.
    watch
        Is told what becomes of each query.
    """

    def __init__(self, holder: Holder, limits: PoolLimits, watch: Watch | None = None) -> None:
        self.limits = limits
        self._holder = holder
        self._watch = watch
        self._free: list[Channel] = []
        self._busy: set[Channel] = set()
        self._starting = 0
        self._waiting: deque[asyncio.Future[Channel | None]] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False
        self._left: list[Holder] = []
        self._of_before: set[Channel] = set()

    @property
    def running(self) -> int:
        """How many queries run now."""
        return len(self._busy)

    @property
    def queued(self) -> int:
        """How many questions wait."""
        return len(self._waiting)

    async def answer(self, question: Question) -> Answer:
        """Return the answer as soon as its first bytes are there, or whole if it came at once.

        Raises
        ------
        QueryError
            The query is not SPARQL, or asks for what the engine will not do.
        StoppedError
            The query was stopped, or not started. While the chunks are read, it can be raised too.
        """
        return await self._ask(frame(QUESTION, question_bytes(question)))

    async def graph(self, graph: str | None, form: ResultFormat) -> Answer:
        """Return a graph whole, as `answer` does; None is the unnamed graph, `*` is all of them."""
        return await self._ask(frame(GRAPH, f"{form} {graph or ''}".encode()))

    def move_to(self, holder: Holder) -> None:
        """Let all later queries be answered from another holder of the same data."""
        if self._closed:
            holder.close()
            return
        self._left.append(self._holder)
        self._holder = holder
        free, self._free = self._free, []
        self._of_before |= self._busy
        for channel in free:
            self._discard(channel)

    async def close(self) -> None:
        """End all workers, and the holder."""
        self._closed = True
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)
        for channel in (*self._free, *self._busy):
            channel.close()
        self._free.clear()
        for holder in (self._holder, *self._left):
            holder.close()
        if self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _ask(self, content: bytes) -> Answer:
        loop = asyncio.get_running_loop()
        asked = loop.time()
        channel = await self._take()
        began = loop.time()
        if self._watch is not None:
            self._watch.began(began - asked)
        run = _Run(self, channel, began, self._watch)
        try:
            channel.send(content)
            return await run.first()
        except BaseException as error:
            run.end(error)
            raise

    async def _take(self) -> Channel:
        while self._free:
            channel = self._free.pop()
            if not channel.closed:
                self._busy.add(channel)
                return channel
            self._discard(channel)
        if self._closed:
            msg = "the server is ending"
            raise PoolBusyError(msg)
        if len(self._busy) + self._starting < self.limits.workers:
            return await self._fork()
        if len(self._waiting) >= _QUEUE * self.limits.workers:
            msg = f"{len(self._waiting)} queries are waiting already"
            raise PoolBusyError(msg)
        return await self._wait()

    async def _wait(self) -> Channel:
        waiting: asyncio.Future[Channel | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiting)
        try:
            async with asyncio.timeout(2 * self.limits.timeout):
                channel = await waiting
        except TimeoutError:
            msg = f"all workers were busy for {2 * self.limits.timeout:g} seconds"
            raise PoolBusyError(msg) from None
        except asyncio.CancelledError:
            if waiting.done() and not waiting.cancelled() and (given := waiting.result()) is not None:
                self.give_back(given, unharmed=True)
            raise
        finally:
            if waiting in self._waiting:
                self._waiting.remove(waiting)
        # None: a worker has ended and there is room for another.
        return await self._take() if channel is None else channel

    async def _fork(self) -> Channel:
        self._starting += 1
        try:
            holder = self._holder
            connection, pid = await asyncio.to_thread(holder.worker)
            loop = asyncio.get_running_loop()
            connection.setblocking(False)
            _, channel = await loop.create_connection(lambda: Channel(pid, holder.end), sock=connection)
        except HolderError as error:
            raise QueryCrashError(str(error)) from error
        finally:
            self._starting -= 1
        self._busy.add(channel)
        return channel

    def give_back(self, channel: Channel, *, unharmed: bool) -> None:
        """Take a worker back: for the next query, or to be ended where it is not as it was."""
        self._busy.discard(channel)
        waiting = self._next_waiting()
        if channel in self._of_before:
            self._of_before.discard(channel)
            unharmed = False
        if unharmed and not self._closed and not channel.closed:
            if waiting is not None:
                self._busy.add(channel)
                waiting.set_result(channel)
                return
            self._free.append(channel)
            return
        self._discard(channel)
        if waiting is not None:
            waiting.set_result(None)

    def _next_waiting(self) -> asyncio.Future[Channel | None] | None:
        while self._waiting:
            waiting = self._waiting.popleft()
            if not waiting.done():
                return waiting
        return None

    def _discard(self, channel: Channel) -> None:
        channel.close()
        if not self._closed:
            task = asyncio.get_running_loop().create_task(asyncio.to_thread(channel.end_process))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)


class _Left(Exception):  # noqa: N818 - no error: the reader has had enough
    """Nobody reads the answer to its end."""


class _Run:
    """One query from its start to the end of its results."""

    def __init__(self, pool: WorkerPool, channel: Channel, began: float, watch: Watch | None) -> None:
        loop = asyncio.get_running_loop()
        timeout = pool.limits.timeout
        late = QueryTimeoutError(f"the query was stopped after {timeout:g} seconds")
        self._pool = pool
        self._channel = channel
        self._watch = watch
        self._began = began
        self._loop = loop
        self._deadline = loop.call_at(began + timeout, channel.fail, late)
        self._later = loop.call_at(began + _LONG, self._lower)
        self._is_lowered = False
        self._ended = False
        self._first: bytes | None = None
        self._after: Frame | None = None

    async def first(self) -> Answer:
        """Return the answer once there is a part of it."""
        chosen = self._content(await self._channel.next(), FORMAT)
        form = cast("ResultFormat", chosen.decode())
        kind, content = await self._channel.next()
        if kind == END:
            self._finish(content)
            return Answer(form, b"")
        first = self._content((kind, content), CHUNK)
        after = self._channel.next_at_hand()
        if after is not None and after[0] == END:
            self._finish(after[1])
            return Answer(form, first)
        self._first, self._after = first, after
        return Answer(form, None, self)

    def __aiter__(self) -> Self:
        """Return itself: it is what is still to come of its answer."""
        return self

    async def __anext__(self) -> bytes:
        """Return the next part of the answer."""
        if self._first is not None:
            first, self._first = self._first, None
            return first
        if self._ended:
            raise StopAsyncIteration
        try:
            found = await self._channel.next() if self._after is None else self._after
            self._after = None
            if found[0] != END:
                return self._content(found, CHUNK)
        except BaseException as error:
            self.end(error)
            raise
        self._finish(found[1])
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """End the query, if it has not ended."""
        self._first = None
        self.end(_Left())

    def end(self, error: BaseException | None) -> None:
        """Give the worker back, whatever state it is in."""
        if self._ended:
            return
        self._ended = True
        self._deadline.cancel()
        self._later.cancel()
        refused = isinstance(error, QueryError)
        if self._watch is not None:
            self._watch.ended(_how(error), self._loop.time() - self._began)
        # Priority, once lowered, cannot be raised again.
        self._pool.give_back(self._channel, unharmed=(error is None or refused) and not self._is_lowered)

    def _lower(self) -> None:
        if self._pool.running > 1 or self._pool.queued:
            self._is_lowered = True
            _lower_priority(self._channel.pid)

    def _finish(self, content: bytes) -> None:
        if content:  # it asks to be replaced
            self._channel.close()
        self.end(None)

    def _content(self, found: Frame, wanted: bytes) -> bytes:
        kind, content = found
        if kind == wanted:
            return content
        if kind == REFUSED:
            raise QueryError(content.decode())
        if kind == LIMIT:
            raise ResultLimitError(content.decode())
        msg = "a query worker lost its way, and another takes its place: ask again"
        raise QueryCrashError(msg)


def _how(error: BaseException | None) -> str:
    kinds: tuple[tuple[type[BaseException], str], ...] = (
        (QueryError, "refused"),
        (QueryTimeoutError, "timeout"),
        (ResultLimitError, "limit"),
        (StoppedError, "memory"),
    )
    if error is None:
        return "done"
    return next((how for kind, how in kinds if isinstance(error, kind)), "left")


def _lower_priority(pid: int) -> None:
    try:
        os.setpriority(os.PRIO_PROCESS, pid, _LOWER)
    except OSError:
        return  # it has ended meanwhile
