"""One query that runs in a worker: until its results are read, its time is up, or its reader has gone."""

import asyncio
import os
from typing import Final, Protocol, Self, cast

from civicgraph.graph.engine.asking import (
    Answer,
    QueryCrashError,
    QueryTimeoutError,
    ResultLimitError,
    StoppedError,
)
from civicgraph.graph.engine.channel import Channel, Frame
from civicgraph.graph.engine.frames import CHUNK, END, FAULT, FORMAT, LIMIT, REFUSED, WHOLE, read_whole
from civicgraph.graph.engine.interface import QueryError, ResultFormat
from civicgraph.graph.engine.remote.faults import RemoteError, RemoteTimeoutError, fault_of

_LONG: Final = 0.5
"""Seconds after which a query runs at a lower priority if others run too, so that short ones pass it."""

_LOWER: Final = 10


class Watch(Protocol):
    """Is told what becomes of queries, for those who count."""

    def waits(self, change: int) -> None:
        """Note that so many queries more, or fewer, wait for a worker."""

    def began(self, waited: float) -> None:
        """Note that a query has a worker, after so many seconds in the queue."""

    def ended(self, how: str, seconds: float) -> None:
        """Note the end of a query: `done`, `refused`, `timeout`, `memory`, `limit`, `store`, `left`."""


class Pool(Protocol):
    """Where workers come from and go back to."""

    @property
    def timeout(self) -> float:
        """Seconds that a query may take."""

    @property
    def running(self) -> int:
        """How many queries run now."""

    @property
    def queued(self) -> int:
        """How many questions wait."""

    def give_back(self, channel: Channel, *, unharmed: bool) -> None:
        """Take a worker back."""


class _Left(Exception):  # noqa: N818 - no error: the reader has had enough
    """Nobody reads the answer to its end."""


class Run:
    """One query from its start to the end of its results.

    Parameters
    ----------
    pool
        Where the worker goes back to.
    channel
        The worker that answers.
    loop
        The event loop that this runs in.
    watch
        Is told of the end.
    began
        When it began, by the loop's clock; if None, now.
    """

    def __init__(
        self,
        pool: Pool,
        channel: Channel,
        loop: asyncio.AbstractEventLoop,
        watch: Watch | None,
        began: float | None = None,
    ) -> None:
        self._pool = pool
        self._channel = channel
        self._watch = watch
        self._began = loop.time() if began is None else began
        self._loop = loop
        # One clock at a time: most queries are over before the first of them strikes.
        self._clock = loop.call_at(self._began + min(_LONG, pool.timeout), self._strike)
        self.is_last = False
        """Whether the worker is ended after this."""
        self._ended = False
        self._first: bytes | None = None
        self._after: Frame | None = None

    async def first(self) -> Answer:
        """Return the answer once there is a part of it.

        Raises
        ------
        QueryError
            The query is not SPARQL, or asks for what the engine will not do.
        StoppedError
            The query was stopped.
        """
        try:
            return await self._begin()
        except BaseException as error:
            self.end(error)
            raise

    async def _begin(self) -> Answer:
        found = await self._channel.next()
        if found[0] == WHOLE:
            self.end(None)
            return Answer(*read_whole(found[1]))
        form = form_of(found)
        kind, content = await self._channel.next()
        if kind == END:
            self._finish(content)
            return Answer(form, b"")
        first = content_of((kind, content), CHUNK)
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
                return content_of(found, CHUNK)
        except BaseException as error:
            self.end(error)
            raise
        self._finish(found[1])
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """End the query, if it has not ended."""
        self.leave()

    def leave(self) -> None:
        """End the query, if it has not ended: nobody reads on."""
        self._first = None
        self.end(_Left())

    def end(self, error: BaseException | None) -> None:
        """Give the worker back, whatever state it is in."""
        if self._ended:
            return
        self._ended = True
        self._clock.cancel()
        refused = isinstance(error, QueryError | RemoteError)
        if self._watch is not None:
            self._watch.ended(how_ended(error), self._loop.time() - self._began)
        self._pool.give_back(self._channel, unharmed=(error is None or refused) and not self.is_last)

    def _strike(self) -> None:
        timeout, passed = self._pool.timeout, self._loop.time() - self._began
        if passed >= timeout:
            self._channel.fail(QueryTimeoutError(f"the query was stopped after {timeout:g} seconds"))
            return
        self._clock = self._loop.call_at(self._began + timeout, self._strike)
        if self._pool.running > 1 or self._pool.queued:
            self.is_last = True  # priority, once lowered, cannot be raised again
            _lower_priority(self._channel.pid)

    def _finish(self, content: bytes) -> None:
        if content:  # it asks to be replaced
            self._channel.close()
        self.end(None)


def content_of(found: Frame, wanted: bytes) -> bytes:
    """Return what a worker sent.

    Raises
    ------
    QueryError, StoppedError
        It is not what was to come next: the worker says why there is no answer, or no more of it.
    """
    kind, content = found
    if kind == wanted:
        return content
    if kind == REFUSED:
        raise QueryError(content.decode())
    if kind == LIMIT:
        raise ResultLimitError(content.decode())
    if kind == FAULT:
        raise fault_of(content)
    msg = "a query worker lost its way, and another takes its place: ask again"
    raise QueryCrashError(msg)


def form_of(found: Frame) -> ResultFormat:
    """Return the format that a worker says its answer is in; raises as `content_of` does."""
    return cast("ResultFormat", content_of(found, FORMAT).decode())


def how_ended(error: BaseException | None) -> str:
    """Return what a watch is told of a query that an error has ended, or none."""
    kinds: tuple[tuple[type[BaseException], str], ...] = (
        (QueryError, "refused"),
        (QueryTimeoutError, "timeout"),
        (RemoteTimeoutError, "timeout"),
        (ResultLimitError, "limit"),
        (RemoteError, "store"),
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
