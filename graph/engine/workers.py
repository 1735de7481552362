"""Queries in processes that can be killed: a pool of workers over one snapshot, asked from an event loop.

The engine has no time-out of its own. A worker that is too slow, or whose reader went away, is killed, and another is
forked when one is wanted.
"""

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Final

from civicgraph.graph.engine.asking import Answer, PoolBusyError, QueryCrashError, Question
from civicgraph.graph.engine.channel import Channel
from civicgraph.graph.engine.frames import GRAPH, QUESTION, frame, question_bytes
from civicgraph.graph.engine.holder import HolderError
from civicgraph.graph.engine.interface import ResultFormat
from civicgraph.graph.engine.lane import Lane, LookUp, Told
from civicgraph.graph.engine.nursery import Holder
from civicgraph.graph.engine.running import Run, Watch

_QUEUE: Final = 16
"""Questions that may wait, for each worker."""


@dataclass(frozen=True, slots=True)
class PoolLimits:
    """Seconds that one query may take, its results included; how many may run at once."""

    timeout: float
    workers: int


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
    has_lane
        Whether look-ups may share a worker: not where the engine is another server, which answers many at once.
    """

    def __init__(
        self, holder: Holder, limits: PoolLimits, watch: Watch | None = None, *, has_lane: bool = True
    ) -> None:
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
        self._lane = Lane(self, watch) if has_lane else None

    @property
    def timeout(self) -> float:
        """Seconds that a query may take."""
        return self.limits.timeout

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

    def look_up(self, content: bytes, told: Told) -> LookUp | None:
        """Ask a question that is likely to be answered at once, if a worker for such is at hand; else return None.

        Parameters
        ----------
        content
            The question, as a frame.
        told
            Is told what came of it.
        """
        return self._lane.ask(content, told) if self._lane is not None and self.takes_look_ups else None

    @property
    def takes_look_ups(self) -> bool:
        """Whether a look-up would be asked now."""
        if self._lane is None or self._waiting or self._closed:
            return False
        return self._lane.takes_more or bool(self._free and not self._lane.is_used)

    def is_of_now(self, channel: Channel) -> bool:
        """Return whether a worker is one of those that later queries are answered by."""
        return channel not in self._of_before

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
        channel = self.at_rest() or await self._take()
        began = loop.time()
        if self._watch is not None:
            self._watch.began(began - asked)
        run = Run(self, channel, loop, self._watch)
        channel.send(content)
        return await run.first()

    def at_rest(self) -> Channel | None:
        """Return a worker that has nothing to do, and is taken with this; None where there is none."""
        while self._free:
            channel = self._free.pop()
            if not channel.closed:
                self._busy.add(channel)
                return channel
            self._discard(channel)
        return None

    async def _take(self) -> Channel:
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
        loop = asyncio.get_running_loop()
        waiting: asyncio.Future[Channel | None] = loop.create_future()
        self._waiting.append(waiting)
        late = loop.call_later(2 * self.limits.timeout, self._refuse, waiting)
        if self._watch is not None:
            self._watch.waits(1)
        try:
            channel = await waiting
        except asyncio.CancelledError:
            if waiting.done() and not waiting.cancelled() and (given := waiting.result()) is not None:
                self.give_back(given, unharmed=True)
            raise
        finally:
            late.cancel()
            if waiting in self._waiting:
                self._waiting.remove(waiting)
            if self._watch is not None:
                self._watch.waits(-1)
        # None: a worker has ended and there is room for another.
        return channel or self.at_rest() or await self._take()

    def _refuse(self, waiting: "asyncio.Future[Channel | None]") -> None:
        if not waiting.done():
            msg = f"all workers were busy for {2 * self.limits.timeout:g} seconds"
            waiting.set_exception(PoolBusyError(msg))

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
