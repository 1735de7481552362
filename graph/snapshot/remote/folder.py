"""A data folder whose snapshots live on a server: sources and judgements are kept here, the graph is asked there.

    DATA/judgements.yaml                what a person has judged about who is who, for the embedded store too
    DATA/stores/<key>/                  lock, sources/ and snapshots/ of one set of data on one server, as in an
                                        embedded data folder: the versions that the server holds, as they were built
    DATA/stores/<key>/edges-<n>/<v>/    the edge table of a version that was built elsewhere, fetched

Who only reads needs none of it: version, sources and graph are all on the server.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from civicgraph.graph.edges.table import EdgeTable
from civicgraph.graph.engine.errors import RemoteError
from civicgraph.graph.engine.remote.engine import RemoteEngine
from civicgraph.graph.engine.remote.http import Connection
from civicgraph.graph.snapshot.derive import edges_of_store
from civicgraph.graph.snapshot.locks import write_lock
from civicgraph.graph.snapshot.remote.catalogue import Slot
from civicgraph.graph.snapshot.remote.server import Server
from civicgraph.graph.snapshot.remote.writer import RemoteWriter
from civicgraph.graph.snapshot.snapshot import (
    DataFolder,
    DataFolderError,
    Manifest,
    OpenSnapshot,
)
from civicgraph.graph.snapshot.source_files import SourceFiles
from civicgraph.graph.snapshot.writer import JUDGEMENTS

GRACE: Final = 300.0
"""Seconds for which a version that was left is not written over, for those who still read it."""
_FRESH: Final = 1.0
"""Seconds for which the pointer, or that it could not be looked at, is not looked at again."""
_EARLY: Final = 0.2
"""Seconds before that in which who cannot wait is told nothing: who asks next is not to wait either."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the pointer said, by the monotonic clock; or why it could not be looked at."""

    at: float
    version: str | None
    fault: RemoteError | None


class RemoteFolder(DataFolder):
    """A folder that keeps sources, and a server that keeps the graph.

    Parameters
    ----------
    path
        The data folder; it need not exist yet.
    connection
        The server.
    grace
        Seconds for which a version that was left is not written over.
    """

    def __init__(self, path: Path, connection: Connection, grace: float = GRACE) -> None:
        super().__init__(path)
        self.server = Server(path, connection, grace)
        self._looking = threading.Lock()
        self._seen: _Seen | None = None

    @property
    def where(self) -> str:
        """Where the graph is, as messages name it."""
        return self.server.where

    def manifest(self) -> Manifest | None:
        """Return the manifest of the current version, or None where nothing was ever loaded.

        Raises
        ------
        RemoteError
            The server cannot be asked.
        """
        slot = self.server.current()
        return None if slot is None else self.server.manifest(slot)

    def current_version(self) -> str | None:
        """Return the name of the current version, as it was at most a second ago.

        Raises
        ------
        RemoteError
            The server cannot be asked, or could not be a moment ago.
        """
        with self._looking:  # of many who ask at once, one looks
            seen = self._seen
            if seen is None or time.monotonic() - seen.at > _FRESH:
                fault: RemoteError | None = None
                version = None
                try:
                    slot = self.server.current()
                    version = None if slot is None else slot.version
                except RemoteError as error:
                    fault = error
                seen = self._seen = _Seen(time.monotonic(), version, fault)
        if seen.fault is not None:
            raise type(seen.fault)(seen.fault.what, seen.fault.remedy)
        return seen.version

    def version_at_hand(self) -> str | None:
        """Return the name of the current version if it was looked at less than a second ago, and else None."""
        seen = self._seen
        fresh = seen is not None and time.monotonic() - seen.at < _FRESH - _EARLY
        return seen.version if fresh and seen is not None else None

    @property
    def takes_updates(self) -> bool:
        """Whether single updates can be made: not to versions of which each is made from sources."""
        return False

    def kept_sources(self) -> list[SourceFiles]:
        """Return the files of the current version's sources.

        Raises
        ------
        DataFolderError
            They are in another data folder.
        """
        folder = self.server.root / "sources"
        manifest = self.manifest()
        found = [SourceFiles(folder, source.digest, source.id) for source in manifest.sources] if manifest else []
        if any(not (folder / f"{source.digest}.nq").exists() for source in found):
            what = f"what {self.where} holds was loaded from another data folder than {self.path}"
            raise DataFolderError(f"{what}; name that with --data")
        return found

    @contextmanager
    def open(self) -> Iterator[OpenSnapshot[RemoteEngine]]:  # type: ignore[override] # another engine, the same questions
        """Open the current version for reading.

        Raises
        ------
        DataFolderError
            Nothing was loaded yet.
        RemoteError
            The server cannot be asked; at the end, that what was read is not what it was any more.
        """
        slot, snapshot = self._opened()
        yield snapshot
        after = self.server.catalogue.read()
        if after is None or slot.sign not in after.slots or after.slots[slot.sign].version != slot.version:
            what = "the data was replaced while it was being read, so that the result may be of two minds"
            raise RemoteError(what, "run it again")

    @contextmanager
    def open_for_server(self) -> Iterator[OpenSnapshot[RemoteEngine]]:  # type: ignore[override] # as above
        """Open the current version for who looks for a newer one all the time, so that nothing is told at the end.

        Raises
        ------
        DataFolderError
            Nothing was loaded yet.
        RemoteError
            The server cannot be asked.
        """
        yield self._opened()[1]

    def _opened(self) -> tuple[Slot, OpenSnapshot[RemoteEngine]]:
        state = self.server.catalogue.read()
        slot = None if state is None or state.current is None else state.slots[state.current]
        if state is None or slot is None or slot.version is None:
            msg = f"{self.where} holds no data; load some with: civicgraph load"
            raise DataFolderError(msg)
        connection, held = self.server.connection, slot.held(state.row_limit)
        engine = RemoteEngine(connection, held)
        # What workers ask has connections of its own.
        asked = RemoteEngine(connection.another(), held)
        manifest = self.server.manifest(slot)
        return slot, OpenSnapshot(self.server.root, manifest, engine, asked, partial(self._edges, engine))

    @contextmanager
    def edges(self) -> Iterator[EdgeTable]:
        """Open the edge table of the current version: as this folder's load left it, or else fetched from the server.

        Raises
        ------
        DataFolderError
            Nothing was loaded yet.
        RemoteError
            The server cannot be asked.
        """
        with self.open() as snapshot, closing(snapshot.edges()) as table:
            yield table

    def _edges(self, engine: RemoteEngine) -> EdgeTable:
        def make(folder: Path) -> None:
            self.server.connection.notice(f"fetching the edges of version {engine.version}, which are then kept")
            edges_of_store(engine, folder).close()

        return self.server.edges(engine.version, make)

    @contextmanager
    def writing(self) -> Iterator["RemoteWriter"]:
        """Hold the store for one load.

        Raises
        ------
        BusyError
            Another process is loading into this folder.
        """
        with write_lock(self.server.root), self.server.connection.patient():
            before = self.server.catalogue.begun().current
            self.kept_sources()
            writer = RemoteWriter(self.server, self.path / JUDGEMENTS, self.manifest(), before)
            writer.sweep()
            try:
                yield writer
            finally:
                self._seen = None

    def undo(self) -> Manifest:
        """Serve the version before the current one again, and return its manifest.

        Raises
        ------
        DataFolderError
            There is none.
        BusyError
            A load is under way.
        """
        with self.writing() as writer:
            return writer.undo()
