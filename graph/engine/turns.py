"""Whose query runs next: no client has more than half of the workers, and the queue is nobody's alone.

So no client waits for another's long queries. Where queries wait, the next is one of the client that has the fewest
running.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import Final

from civicgraph.graph.engine.errors import PoolBusyError

_QUEUE: Final = 16
"""Queries that may wait, for each worker."""


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


@dataclass(frozen=True, eq=False, slots=True)
class _Waiting:
    client: str
    turn: "asyncio.Future[None]"


class Turns:
    """Lets so many queries run at once, in the event loop that first asks.

    Parameters
    ----------
    limits
        How many, and for how long one may take.
    watch
        Is told how many wait.
    """

    def __init__(self, limits: PoolLimits, watch: Watch) -> None:
        self.limits = limits
        self._watch = watch
        self._running: Counter[str] = Counter()
        self._waiting: list[_Waiting] = []
        self._is_closed = False

    @property
    def is_shared(self) -> bool:
        """Whether more than one query runs, or waits to."""
        return self._running.total() > 1 or bool(self._waiting)

    @property
    def waiting(self) -> list[str]:
        """The clients of the queries that wait."""
        return [one.client for one in self._waiting]

    async def take(self, client: str) -> None:
        """Return when a query of a client may run; it runs until `give` is called.

        Raises
        ------
        PoolBusyError
            Too many wait already, or its turn did not come in time.
        """
        self._refuse_closed()
        if self._may_run(client) and self._running.total() < self.limits.workers:
            self._running[client] += 1
            return
        same = self.waiting.count(client)
        if len(self._waiting) >= _QUEUE * self.limits.workers or same >= _QUEUE * self.limits.workers_of_one:
            msg = f"{len(self._waiting)} queries wait already, {same} of them yours; come again in a moment"
            raise PoolBusyError(msg)
        one = _Waiting(client, asyncio.get_running_loop().create_future())
        self._waiting.append(one)
        self._watch.waits(1)
        try:
            async with asyncio.timeout(2 * self.limits.timeout):
                await one.turn
            self._refuse_closed()
        except BaseException as error:
            if one in self._waiting:
                self._waiting.remove(one)
            else:  # its turn came as it went away
                self.give(client)
            if isinstance(error, TimeoutError):
                msg = f"all workers were busy for {2 * self.limits.timeout:g} seconds; come again in a moment"
                raise PoolBusyError(msg) from None
            raise
        finally:
            self._watch.waits(-1)

    def give(self, client: str) -> None:
        """Let the next query run in place of one that has ended."""
        self._running[client] -= 1
        if self._running[client] <= 0:
            del self._running[client]
        able = [one for one in self._waiting if self._may_run(one.client) and not one.turn.done()]
        if able:
            self._begin(min(able, key=lambda one: self._running[one.client]))

    def close(self) -> None:
        """Let all that wait be told that they wait for nothing."""
        self._is_closed = True
        for one in tuple(self._waiting):
            if not one.turn.done():
                self._begin(one)

    def _begin(self, one: _Waiting) -> None:
        self._waiting.remove(one)
        self._running[one.client] += 1
        one.turn.set_result(None)

    def _may_run(self, client: str) -> bool:
        return self._running[client] < self.limits.workers_of_one

    def _refuse_closed(self) -> None:
        if self._is_closed:
            msg = "the server is ending"
            raise PoolBusyError(msg)
