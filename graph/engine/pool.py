"""Queries in processes that can be killed: a pool of workers over one snapshot, asked from an event loop.

The engine has no time-out of its own. A worker that is too slow, or whose reader went away, is killed, and another is
forked when one is wanted.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Final

from civicgraph.graph.engine.connection import Answer, RunningQuery, WorkerConnection
from civicgraph.graph.engine.errors import WorkerEndedError
from civicgraph.graph.engine.fork_server import ForkError
from civicgraph.graph.engine.interface import Query, ResultFormat
from civicgraph.graph.engine.processes import Forks
from civicgraph.graph.engine.turns import PoolLimits, Turns, Watch
from civicgraph.graph.engine.worker import graph_message, query_message

_UNWATCHED: Final = Watch()


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

    def __init__(self, parent: Forks, limits: PoolLimits, watch: Watch = _UNWATCHED) -> None:
        self.turns = Turns(limits, watch)
        self.is_lost = False
        """Whether the store process has ended by itself: this pool answers nothing more."""
        self._parents = [parent]
        self._watch = watch
        self._free: list[WorkerConnection] = []
        self._busy: set[WorkerConnection] = set()
        self._tasks: set[asyncio.Task[None]] = set()
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
        return await self._run(query_message(query), client)

    async def graph(self, graph: str | None, chosen: ResultFormat, client: str = "") -> Answer:
        """Return a graph whole, as `answer` does; None is the unnamed graph, ALL_GRAPHS is all of them."""
        return await self._run(graph_message(graph, chosen), client)

    def move_to(self, parent: Forks) -> None:
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

    async def _run(self, content: bytes, client: str) -> Answer:
        loop = asyncio.get_running_loop()
        asked = loop.time()
        await self.turns.take(client)
        try:
            connection = self._free_one() or await self._fork()
        except BaseException:
            self.turns.give(client)
            raise
        self._busy.add(connection)
        self._watch.began(loop.time() - asked)
        running = RunningQuery(connection, self.turns, self._watch, partial(self._take_back, connection, client))
        connection.send(content)
        return await running.first()

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
        except ForkError as error:
            self.is_lost = True
            raise WorkerEndedError(str(error)) from error

    def _keep(self, task: "asyncio.Task[WorkerConnection]") -> None:
        if not task.cancelled() and task.exception() is None:
            self._put(task.result())

    def _take_back(self, connection: WorkerConnection, client: str) -> None:
        self._busy.discard(connection)
        self._put(connection)
        self.turns.give(client)

    def _put(self, connection: WorkerConnection) -> None:
        """Keep a worker for the next query, or end it where it is not as it was."""
        if self._closed or connection.closed or connection.parent is not self._parents[-1]:
            self._discard(connection)
        else:
            self._free.append(connection)

    def _discard(self, connection: WorkerConnection) -> None:
        connection.close()
        if not self._closed:
            self._aside(connection.end_process)

    def _aside(self, work: Callable[[], object]) -> None:
        """Do what takes a moment in a thread; it is waited for when the pool is closed."""
        task = asyncio.get_running_loop().create_task(_in_thread(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _in_thread(work: Callable[[], object]) -> None:
    await asyncio.to_thread(work)
