"""The snapshot that is being served: the newest in the data folder, changed between requests and never under one."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path

from civicgraph.api.finding import Names
from civicgraph.api.settings import Settings
from civicgraph.graph.network import Network, build_network
from civicgraph.graph.store.embedded import EmbeddedEngine
from civicgraph.graph.store.snapshot import DataFolder, Manifest
from civicgraph.graph.store.workers import WorkerPool
from civicgraph.graph.ties.arrays import Ties
from civicgraph.graph.ties.files import read_ties
from civicgraph.seeds_loader.claims.documents import Documents


class Snapshot:
    """One snapshot, opened: the engine for the project's own queries, the workers for everybody else's."""

    def __init__(self, folder: DataFolder, settings: Settings) -> None:
        self._held = ExitStack()
        self.users = 0
        opened = self._held.enter_context(folder.open())
        self.engine: EmbeddedEngine = opened.engine
        self.manifest: Manifest = opened.manifest
        self.path: Path = opened.path
        self.pool = WorkerPool(self.path / "store", settings.timeout, settings.workers)
        self._held.callback(self.pool.close)

    @property
    def version(self) -> str:
        """The snapshot's version."""
        return self.manifest.version

    @cached_property
    def network(self) -> Network:
        """The established network; made when it is first asked for."""
        return build_network(self.engine)

    @cached_property
    def names(self) -> Names:
        """The names of its things; made when somebody first searches."""
        return Names(self.engine)

    @cached_property
    def ties(self) -> Ties:
        """The ties between buyers and suppliers as columns: those kept with the snapshot.

        Raises
        ------
        TiesFileError
            They are damaged.
        """
        return read_ties(self.path)

    def close(self) -> None:
        """Let the snapshot go."""
        self._held.close()


class Serving:
    """Hands out the newest snapshot; an older one is closed when its last request has ended."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._folder = DataFolder(settings.data)
        self._lock = threading.Lock()
        self._current: Snapshot | None = None

    @property
    def documents(self) -> Documents:
        """The articles at hand now."""
        return Documents(self.settings.data)

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Hold the newest snapshot for one request.

        Raises
        ------
        DataFolderError
            The data folder holds none.
        """
        with self._lock:
            snapshot = self._newest()
            snapshot.users += 1
        try:
            yield snapshot
        finally:
            with self._lock:
                snapshot.users -= 1
                if snapshot is not self._current and snapshot.users == 0:
                    snapshot.close()

    def close(self) -> None:
        """Let the current snapshot go."""
        with self._lock:
            if self._current is not None:
                self._current.close()
                self._current = None

    def _newest(self) -> Snapshot:
        current = self._current
        if current is not None and self._folder.current_path() == current.path:
            return current
        newest = Snapshot(self._folder, self.settings)
        self._current = newest
        if current is not None and current.users == 0:
            current.close()
        return newest
