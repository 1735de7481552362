"""One query worker as the server's event loop sees it, and one query that runs in it."""

import asyncio
import logging
import os
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Self, cast

from civicgraph.graph.engine.errors import (
    EngineFailedError,
    QueryError,
    QueryMemoryError,
    QueryTimeoutError,
    RemoteError,
    RemoteTimeoutError,
    ResultLimitError,
    StoppedError,
    WorkerEndedError,
    read_error,
)
from civicgraph.graph.engine.interface import ResultFormat
from civicgraph.graph.engine.processes import Forks, reason_of
from civicgraph.graph.engine.turns import Turns, Watch
from civicgraph.graph.engine.worker import CHUNK, ERROR, WHOLE, read_whole

_LENGTH: Final = struct.Struct("!i")
"""What `multiprocessing.connection` puts before a message."""

_HIGH: Final = 1 << 19
"""Bytes that may wait for a slow reader; where it is twice as many, the worker is made to wait."""

_LONG: Final = 0.5
"""Seconds after which a query runs at a lower priority if others run too, so that short ones pass it."""

_LOWER: Final = 10

_LOG: Final = logging.getLogger(__name__)


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

    def __init__(self, pid: int, parent: Forks, streams: tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> None:
        self.pid = pid
        self.parent = parent
        self._reader, self._writer = streams

    @classmethod
    async def open(cls, parent: Forks) -> Self:
        """Return a connection to a new worker. Raises ForkError where its store process is gone."""
        connection, pid = await asyncio.to_thread(parent.fork)
        return cls(pid, parent, await asyncio.open_connection(sock=connection, limit=_HIGH))

    @property
    def closed(self) -> bool:
        """Whether one side has closed it."""
        return self._writer.is_closing() or self._reader.at_eof()

    def send(self, content: bytes) -> None:
        """Send a message."""
        self._writer.write(_LENGTH.pack(len(content)) + content)

    def fail(self, failure: Exception) -> None:
        """Let whoever waits for a message, now or next, be told why none comes."""
        if self._reader.exception() is None:
            self._reader.set_exception(failure)

    async def next(self) -> tuple[bytes, bytes]:
        """Return the next message.

        Raises
        ------
        QueryError, StoppedError
            It is an error; the time is up; or the worker ended by itself.
        """
        try:
            (length,) = _LENGTH.unpack(await self._reader.readexactly(_LENGTH.size))
            content = await self._reader.readexactly(length)
        except (asyncio.IncompleteReadError, ConnectionError):
            raise await asyncio.to_thread(self._reason) from None
        kind = content[:1]
        if kind == ERROR:
            raise read_error(content[1:])
        return kind, content[1:]

    def close(self) -> None:
        """Close the connection."""
        self._writer.transport.abort()

    def end_process(self) -> None:
        """End the worker's process."""
        self.parent.end(self.pid)

    def _reason(self) -> StoppedError:
        ending = self.parent.end(self.pid, dying=True)
        reason = reason_of(ending)
        _LOG.warning("worker %d ended by itself: %s\n%s", self.pid, reason, "" if ending is None else ending.said)
        return reason


@dataclass(frozen=True, slots=True)
class Answer:
    """Results in the format that was chosen for their kind: whole in `body`, or as `chunks` that are still to come.

    Whoever is given chunks reads them to their end or closes them: until then the query holds its worker.
    """

    format: ResultFormat
    body: bytes | None
    chunks: "RunningQuery | None" = None

    async def whole(self) -> bytes:
        """Return all of it. Raises StoppedError where the query was stopped."""
        if self.chunks is None:
            return self.body or b""
        return b"".join([chunk async for chunk in self.chunks])


class RunningQuery:
    """One query from its start to the end of its results: until they are read, its time is up, or its reader has gone.

    Parameters
    ----------
    connection
        The worker that answers.
    turns
        Say how long it may take, and whether others run too.
    watch
        Is told of the end.
    give_back
        Takes the worker back; one that is not as it was is closed by then.
    """

    def __init__(self, connection: WorkerConnection, turns: Turns, watch: Watch, give_back: Callable[[], None]) -> None:
        self._connection = connection
        self._turns = turns
        self._watch = watch
        self._give_back = give_back
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        # One clock at a time: most queries are over before the first of them strikes.
        self._clock = self._loop.call_at(self._began + min(_LONG, turns.limits.timeout), self._strike)
        self._is_last = False
        self._ended = False

    async def first(self) -> Answer:
        """Return the answer once there is a part of it.

        Raises
        ------
        QueryError
            The query is not SPARQL, or asks for what the engine will not do.
        StoppedError
            The query was stopped.
        """
        kind, content = await self._next()
        if kind == WHOLE:
            self._end(None)
            return Answer(*read_whole(content))
        return Answer(cast("ResultFormat", content.decode()), None, self)

    def __aiter__(self) -> Self:
        """Return itself: it is what is still to come of its answer."""
        return self

    async def __anext__(self) -> bytes:
        """Return the next part of the answer; raises as `first` does."""
        if self._ended:
            raise StopAsyncIteration
        kind, content = await self._next()
        if kind == CHUNK:
            return content
        if content:  # it asks to be replaced
            self._connection.close()
        self._end(None)
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """End the query, if it has not ended."""
        self._end(_LeftError())

    async def _next(self) -> tuple[bytes, bytes]:
        try:
            return await self._connection.next()
        except BaseException as error:
            self._end(error)
            raise

    def _end(self, error: BaseException | None) -> None:
        """Give the worker back, whatever state it is in."""
        if self._ended:
            return
        self._ended = True
        self._clock.cancel()
        self._watch.ended(outcome_of(error), self._loop.time() - self._began)
        # An answer that was too long, or a server's fault, leaves the worker as it was.
        if self._is_last or not (error is None or isinstance(error, QueryError | ResultLimitError | RemoteError)):
            self._connection.close()
        self._give_back()

    def _strike(self) -> None:
        timeout, passed = self._turns.limits.timeout, self._loop.time() - self._began
        if passed >= timeout:
            remedy = "ask for less, or start the server with a longer --timeout"
            self._connection.fail(QueryTimeoutError(f"the query was stopped after {timeout:g} seconds; {remedy}"))
            return
        self._clock = self._loop.call_at(self._began + timeout, self._strike)
        if self._turns.is_shared:
            self._is_last = True  # priority, once lowered, cannot be raised again
            _lower_priority(self._connection.pid)


class _LeftError(Exception):
    """Nobody reads the answer to its end."""


_OUTCOMES: Final[tuple[tuple[type[BaseException], str], ...]] = (
    (QueryError, "refused"),
    (QueryTimeoutError, "timeout"),
    (RemoteTimeoutError, "timeout"),
    (QueryMemoryError, "memory"),
    (ResultLimitError, "limit"),
    (RemoteError, "store"),
    (EngineFailedError, "crash"),
    (WorkerEndedError, "ended"),
)
OUTCOMES: Final = ("done", *dict.fromkeys(how for _, how in _OUTCOMES), "left")
"""How queries end."""


def outcome_of(error: BaseException | None) -> str:
    """Return what a watch is told of a query that an error has ended, or none.

    >>> outcome_of(None), outcome_of(QueryTimeoutError()), outcome_of(_LeftError())
    ('done', 'timeout', 'left')
    """
    if error is None:
        return "done"
    return next((how for kind, how in _OUTCOMES if isinstance(error, kind)), "left")


def _lower_priority(pid: int) -> None:
    try:
        os.setpriority(os.PRIO_PROCESS, pid, _LOWER)
    except OSError:
        return  # it has ended meanwhile
