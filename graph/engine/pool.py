"""Queries in processes that can be killed: a pool of workers over one snapshot, asked from an event loop.

The engine has no time-out of its own. A worker that is too slow, or whose reader went away, is killed, and another is
forked when one is wanted. No client has more than half of the workers, so that none has to wait for another's long
queries; where queries wait, the next is one of the client that has the fewest running.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import Final

from civicgraph.graph.engine.connection import Answer, RunningQuery, Watch, WorkerConnection
from civicgraph.graph.engine.errors import PoolBusyError, WorkerEndedError
from civicgraph.graph.engine.fork_server import ForkError
from civicgraph.graph.engine.interface import Query, ResultFormat
from civicgraph.graph.engine.messages import graph_message, query_message
from civicgraph.graph.engine.processes import StoreProcess

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


@dataclass(frozen=True, eq=False, slots=True)
class _Waiting:
    """A query that waits: its client, and the future that is given a worker, or None where it may fork one."""

    client: str
    turn: "asyncio.Future[WorkerConnection | None]"


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
        self._parent = parent
        self._watch = watch
        self._free: list[WorkerConnection] = []
        self._busy: dict[WorkerConnection, str] = {}
        self._starting = 0
        self._held: Counter[str] = Counter()
        self._waiting: list[_Waiting] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False
        self.is_lost = False
        """Whether the store process has ended by itself: this pool answers nothing more."""
        self._former: list[StoreProcess] = []
        self._outdated: set[WorkerConnection] = set()

    @property
    def timeout(self) -> float:
        """Seconds that a query may take."""
        return self.limits.timeout

    @property
    def is_shared(self) -> bool:
        """Whether more than one query runs, or waits to."""
        return len(self._busy) > 1 or bool(self._waiting)

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
        return await self._run(query_message(query), client)

    async def graph(self, graph: str | None, chosen: ResultFormat, client: str = "") -> Answer:
        """Return a graph whole, as `answer` does; None is the unnamed graph, ALL_GRAPHS is all of them."""
        return await self._run(graph_message(graph, chosen), client)

    def move_to(self, parent: StoreProcess) -> None:
        """Let all later queries be answered by workers of another store process, over the same data."""
        if self._closed:
            parent.close()
            return
        self._former.append(self._parent)
        self._parent = parent
        free, self._free = self._free, []
        self._outdated |= self._busy.keys()
        for connection in free:
            self._discard(connection)

    async def close(self) -> None:
        """End all workers, and the store process."""
        self._closed = True
        for waiting in self._waiting:
            if not waiting.turn.done():
                waiting.turn.set_result(None)
        for connection in (*self._free, *self._busy):
            connection.close()
        self._free.clear()
        for parent in (self._parent, *self._former):
            parent.close()
        if self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run(self, content: bytes, client: str) -> Answer:
        connection = self._take_free(client)
        waited = 0.0
        if connection is None:
            loop = asyncio.get_running_loop()
            asked = loop.time()
            connection = await self._take(client)
            waited = loop.time() - asked
        if self._watch is not None:
            self._watch.began(waited)
        running = RunningQuery(self, connection, self._watch)
        connection.send(content)
        return await running.first()

    def _may_run(self, client: str) -> bool:
        return self._held[client] < self.limits.workers_of_one

    def _take_free(self, client: str) -> WorkerConnection | None:
        """Return a worker that has nothing to do, and is taken with this; None where there is none for the client."""
        while self._free and self._may_run(client):
            connection = self._free.pop()
            if not connection.closed:
                self._lend(connection, client)
                return connection
            self._discard(connection)
        return None

    def _lend(self, connection: WorkerConnection, client: str) -> None:
        self._busy[connection] = client
        self._held[client] += 1

    async def _take(self, client: str) -> WorkerConnection:
        while not self._closed:
            connection = self._take_free(client)
            if connection is not None:
                return connection
            if self._may_run(client) and len(self._busy) + self._starting < self.limits.workers:
                return await self._fork(client)
            connection = await self._wait(client)
            if connection is not None:
                return connection
        msg = "the server is ending"
        raise PoolBusyError(msg)

    async def _wait(self, client: str) -> WorkerConnection | None:
        """Wait for a turn, and return the worker that comes with it; None where one may be forked."""
        same = sum(waiting.client == client for waiting in self._waiting)
        if len(self._waiting) >= _QUEUE * self.limits.workers or same >= _QUEUE * self.limits.workers_of_one:
            msg = f"{len(self._waiting)} queries wait already, {same} of them yours; come again in a moment"
            raise PoolBusyError(msg)
        loop = asyncio.get_running_loop()
        waiting = _Waiting(client, loop.create_future())
        self._waiting.append(waiting)
        late = loop.call_later(2 * self.limits.timeout, self._refuse, waiting)
        if self._watch is not None:
            self._watch.waits(1)
        try:
            return await waiting.turn
        except asyncio.CancelledError:
            turn = waiting.turn
            if turn.done() and not turn.cancelled() and (given := turn.result()) is not None:
                self.give_back(given, unharmed=True)
            raise
        finally:
            late.cancel()
            if waiting in self._waiting:
                self._waiting.remove(waiting)
            if self._watch is not None:
                self._watch.waits(-1)

    def _refuse(self, waiting: _Waiting) -> None:
        if not waiting.turn.done():
            msg = f"all workers were busy for {2 * self.limits.timeout:g} seconds; come again in a moment"
            waiting.turn.set_exception(PoolBusyError(msg))

    async def _fork(self, client: str) -> WorkerConnection:
        self._starting += 1
        self._held[client] += 1
        task = asyncio.get_running_loop().create_task(WorkerConnection.open(self._parent))
        try:
            made = await asyncio.shield(task)
        except asyncio.CancelledError:
            task.add_done_callback(self._keep)  # who asked has gone; the next need not wait for another
            raise
        except ForkError as error:
            self.is_lost = True
            raise WorkerEndedError(str(error)) from error
        finally:
            self._starting -= 1
            self._held[client] -= 1
        self._lend(made, client)
        return made

    def _keep(self, task: "asyncio.Task[WorkerConnection]") -> None:
        if not task.cancelled() and task.exception() is None:
            self.give_back(task.result(), unharmed=True)

    def give_back(self, connection: WorkerConnection, *, unharmed: bool) -> None:
        """Take a worker back: for the next query, or to be ended where it is not as it was."""
        client = self._busy.pop(connection, None)
        if client is not None:
            self._held[client] -= 1
            if self._held[client] <= 0:
                del self._held[client]
        if connection in self._outdated:
            self._outdated.discard(connection)
            unharmed = False
        waiting = self._next_waiting()
        if not unharmed or self._closed or connection.closed:
            self._discard(connection)
            if waiting is not None:
                waiting.turn.set_result(None)
        elif waiting is not None:
            self._lend(connection, waiting.client)
            waiting.turn.set_result(connection)
        else:
            self._free.append(connection)

    def _next_waiting(self) -> _Waiting | None:
        """Return, of those that wait and may run, the first of the client that has the fewest queries running."""
        able = [one for one in self._waiting if not one.turn.done() and self._may_run(one.client)]
        if not able:
            return None
        chosen = min(able, key=lambda one: self._held[one.client])
        self._waiting.remove(chosen)
        return chosen

    def _discard(self, connection: WorkerConnection) -> None:
        connection.close()
        if not self._closed:
            task = asyncio.get_running_loop().create_task(asyncio.to_thread(connection.end_process))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
