"""The snapshot that is being served: the newest there is, changed between requests and never under one."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Hashable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, asynccontextmanager, closing, contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

from fastapi import Depends, Request

from civicgraph.api.name_search import Names
from civicgraph.api.own_queries import query, sql
from civicgraph.api.server.metrics import Metrics
from civicgraph.api.settings import Settings
from civicgraph.api.stores import folder_of
from civicgraph.api.tables.kept import KeptTables
from civicgraph.graph.edges.scope import Scope
from civicgraph.graph.edges.table import EdgeTable
from civicgraph.graph.engine.errors import StoppedError
from civicgraph.graph.engine.interface import Row
from civicgraph.graph.engine.pool import PoolLimits, WorkerPool
from civicgraph.graph.engine.processes import StoreProcess
from civicgraph.graph.engine.store_process import WorkerLimits
from civicgraph.graph.engine.updates import Change, Done, Revision
from civicgraph.graph.snapshot.placing import AT_ONCE, fits_memory, query_memory
from civicgraph.graph.snapshot.snapshot import DataFolderError, OpenSnapshot
from civicgraph.seeds_loader.claims.documents import Documents

_T = TypeVar("_T")
_MOST: Final = 200
"""How many answers a snapshot remembers."""


class Snapshot:
    """One state of the data: the engine for the project's own queries, the workers for everybody else's."""

    def __init__(self, opened: OpenSnapshot[Any], pool: WorkerPool, held: ExitStack, data: Path | None) -> None:
        self.engine = opened.engine
        self.manifest = opened.manifest
        self.version = opened.manifest.version
        self.pool = pool
        self.users = 0
        self.held = held
        self._open_edges = opened.edges
        self._data = data
        self._recent: dict[Hashable, Any] = {}

    @cached_property
    def edges(self) -> EdgeTable:
        """Its edge table, opened when it is first asked for. Raises DataFolderError where it is damaged."""
        # Two who come at once may open it twice, and both are closed.
        return self.held.enter_context(closing(self._open_edges()))

    @property
    def documents(self) -> Documents:
        """The articles at hand now."""
        return Documents(self._data)

    @cached_property
    def tables(self) -> KeptTables:
        """Its tables that are read once."""
        return self.held.enter_context(closing(KeptTables(self)))

    @cached_property
    def names(self) -> Names:
        """The names of its things; made when somebody first searches."""
        return Names(self.engine)

    def recent(self, key: Hashable, work_out: Callable[[], _T]) -> _T:
        """Return what a key stands for, worked out unless it was lately: who sorts or turns a table asks for the same.

        Parameters
        ----------
        key
            What it is, with all that it depends on beside the snapshot.
        work_out
            Makes it; nobody may change it afterwards.
        """
        found: _T | None = self._recent.get(key)  # a key stands for values of one type
        if found is None:
            if len(self._recent) >= _MOST:
                # Answers to queries without parameters are few, and stay.
                self._recent = {name: one for name, one in list(self._recent.items()) if isinstance(name, str)}
            found = self._recent[key] = work_out()
        return found

    def answer(self, name: str) -> Sequence[Row]:
        """Return what one of the application's own queries without parameters answers."""
        return self.recent(name, lambda: list(self.engine.select(query(name))))

    def records(self, scope: Scope, name: str, **asked: Hashable) -> Sequence[Mapping[str, Any]]:
        """Return the rows that one of the pages' own SQL files answers over a scope, by the names of its columns."""

        def work_out() -> list[Mapping[str, Any]]:
            with self.edges.selected(scope, sql(name), {"money": None, **asked}) as found:
                return list(found.records("SELECT * FROM selected"))

        return self.recent((name, scope, *asked.items()), work_out)


class Serving:
    """Hands out the newest snapshot; an older one is closed when its last request has ended.

    It is made in the event loop that the workers are asked from.

    Parameters
    ----------
    settings
        Where the data is, and what a query may take.
    metrics
        Counts what becomes of queries.
    """

    def __init__(self, settings: Settings, metrics: Metrics) -> None:
        self.settings = settings
        self.metrics = metrics
        self._held = ExitStack()
        self._folder = self._held.enter_context(folder_of(settings))
        self._lock = threading.Lock()
        self._opening = threading.Lock()
        self._current: Snapshot | None = None
        self._loop = asyncio.get_running_loop()
        self._closing: set[Future[None]] = set()
        self._limits = WorkerLimits(query_memory(settings.workers), settings.max_rows, settings.max_bytes)

    @property
    def can_be_changed(self) -> bool:
        """Whether there is a token that updates could come with, and something that takes them."""
        return self.settings.token is not None and not self.settings.is_remote

    def current_version(self) -> str | None:
        """Return the version that a request would be answered from now, None where it takes time to say or open."""
        current = self._if_newest(wait=False)
        return None if current is None else current.version

    def open_version(self) -> str | None:
        """Return the version that was opened last, which may not be the newest any more; None where none is open."""
        current = self._current
        return None if current is None else current.version

    def prepare(self) -> None:
        """Open the newest snapshot, if there is one, before somebody asks."""
        with suppress(DataFolderError, StoppedError), self.snapshot():
            pass

    def acquire(self) -> Snapshot:
        """Return the newest snapshot, held until it is released.

        Raises
        ------
        DataFolderError
            There is no data.
        RemoteError
            The server that keeps it cannot be asked.
        """
        while True:
            if (snapshot := self._if_newest()) is None:
                # To look and to open may take time: nobody who only lets a snapshot go is to wait for that.
                with self._opening:
                    snapshot = self._if_newest() or self._open()
            with self._lock:
                if snapshot is self._current:
                    snapshot.users += 1
                    return snapshot

    def release(self, snapshot: Snapshot) -> None:
        """Let a snapshot go that was acquired."""
        with self._lock:
            snapshot.users -= 1
            if snapshot is not self._current and snapshot.users == 0:
                self._close(snapshot)

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Hold the newest snapshot for one request.

        Raises
        ------
        DataFolderError
            The data folder holds none.
        """
        snapshot = self.acquire()
        try:
            yield snapshot
        finally:
            self.release(snapshot)

    @asynccontextmanager
    async def held(self) -> AsyncIterator[Snapshot]:
        """Hold the newest snapshot for one request, from the event loop: opening another is not work for that.

        Raises
        ------
        DataFolderError
            There is no data.
        """
        is_open = self._if_newest(wait=False) is not None
        snapshot = self.acquire() if is_open else await asyncio.to_thread(self.acquire)
        try:
            yield snapshot
        finally:
            self.release(snapshot)

    def change(self, change: Change) -> Done:
        """Make a change, whole or not at all; what comes of it is served from the next request on.

        Raises
        ------
        QueryError, StoppedError
            The change is at fault, took too long or too much.
        BusyError
            A load, or another change, is writing to the data folder.
        DataFolderError
            There is no data to change.
        """
        with self._folder.writing() as writer, self.snapshot() as snapshot:

            def make(revision: Revision) -> Done:
                return asyncio.run_coroutine_threadsafe(snapshot.pool.revise(revision), self._loop).result()

            return writer.publish_revision(change, make)[1]

    async def close(self) -> None:
        """Let the current snapshot go, and end all processes."""
        with self._lock:
            current, self._current = self._current, None
            if current is not None:
                self._close(current)
        await asyncio.gather(*map(asyncio.wrap_future, list(self._closing)))
        self._held.close()

    def _if_newest(self, *, wait: bool = True) -> Snapshot | None:
        """Return the current snapshot if there is no newer one; None where that takes time, unless it may."""
        current = self._current
        if current is None or current.pool.is_lost or self._folder.current_version(wait=wait) != current.version:
            return None
        return current

    def _open(self) -> Snapshot:
        with ExitStack() as held:
            opened = held.enter_context(self._folder.open(for_long=True))
            store = opened.engine if self.settings.is_remote else str(opened.path / "store")
            quads = opened.manifest.quads
            small = isinstance(store, str) and fits_memory(quads)
            at_once = small and (quads <= AT_ONCE or self.settings.in_memory)
            limits = PoolLimits(self.settings.timeout, self.settings.workers)
            pool = WorkerPool(StoreProcess(store, self._limits, in_memory=at_once), limits, self.metrics)
            snapshot = Snapshot(opened, pool, held.pop_all(), self.settings.data)
        if isinstance(store, str) and small and not at_once:
            snapshot.users += 1  # it stays on disk until it is in memory
            threading.Thread(target=self._move_to_memory, args=(snapshot, store), daemon=True).start()
        with self._lock:
            current, self._current = self._current, snapshot
            if current is not None and current.users == 0:
                self._close(current)
        return snapshot

    def _move_to_memory(self, snapshot: Snapshot, store: str) -> None:
        try:
            parent = StoreProcess(store, self._limits, in_memory=True)
        except StoppedError:
            return  # it is asked on disk, as before
        finally:
            self.release(snapshot)
        if self._loop.is_closed():
            parent.close()
        else:
            self._loop.call_soon_threadsafe(snapshot.pool.move_to, parent)

    def _close(self, snapshot: Snapshot) -> None:
        if self._loop.is_closed():
            snapshot.held.close()
            return

        async def end() -> None:
            await snapshot.pool.close()
            await asyncio.to_thread(snapshot.held.close)

        closing = asyncio.run_coroutine_threadsafe(end(), self._loop)
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)


def serving_of(request: Request) -> Serving:
    """Return what a request is answered from."""
    serving: Serving = request.app.state.serving
    return serving


ServingDependency = Annotated[Serving, Depends(serving_of)]


def snapshot_of(serving: ServingDependency) -> Iterator[Snapshot]:
    """Hold the newest snapshot for a request."""
    with serving.snapshot() as snapshot:
        yield snapshot


SnapshotDependency = Annotated[Snapshot, Depends(snapshot_of)]
