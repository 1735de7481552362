"""A data folder whose snapshots live on a server: sources and judgements are kept here, the graph is asked there.

    DATA/judgements.yaml                what a person has judged about who is who, for the embedded store too
    DATA/stores/<key>/                  lock, sources/ and snapshots/ of one set of data on one server, as in an
                                        embedded data folder: the versions that the server holds, as they were built
    DATA/stores/<key>/edges-<n>/<v>/    the edge table of a version that was built elsewhere, fetched

Who only reads needs none of it: version, sources and graph are all on the server.
"""

import math
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from civicgraph.graph.edges.sql import FILE, FORMAT
from civicgraph.graph.edges.table import EdgeTable
from civicgraph.graph.engine.errors import RemoteError
from civicgraph.graph.engine.remote.address import Address
from civicgraph.graph.engine.remote.engine import RemoteEngine
from civicgraph.graph.engine.remote.http import Connection
from civicgraph.graph.engine.remote.query import Slot
from civicgraph.graph.records.iris import short_hash
from civicgraph.graph.snapshot.derive import edges_of_store
from civicgraph.graph.snapshot.locks import write_lock
from civicgraph.graph.snapshot.remote.catalogue import Catalogue
from civicgraph.graph.snapshot.remote.writer import RemoteWriter
from civicgraph.graph.snapshot.snapshot import (
    DataFolder,
    DataFolderError,
    Manifest,
    OpenSnapshot,
)
from civicgraph.graph.snapshot.source_files import SourceFiles
from civicgraph.graph.snapshot.writer import JUDGEMENTS

_VERSIONS: Final = 3
"""Versions whose edge tables are kept by who only reads."""
_FRESH: Final = 1.0
"""Seconds for which the pointer, or that it could not be looked at, is not looked at again."""
_EARLY: Final = 0.2
"""Seconds before that in which who cannot wait is told nothing: who asks next is not to wait either."""


def root_of(data: Path, address: Address) -> Path:
    """Return the folder of what belongs to one set of data on a server."""
    return data / "stores" / short_hash(address.query, address.name)


class RemoteFolder(DataFolder):
    """A folder that keeps sources, and a server that keeps the graph.

    Parameters
    ----------
    path
        The data folder; it need not exist yet.
    connection
        The server.
    """

    def __init__(self, path: Path, connection: Connection) -> None:
        super().__init__(path)
        self.connection = connection
        self.catalogue = Catalogue(connection)
        self._root = root_of(path, connection.address)
        self._looking = threading.Lock()
        # When the pointer was looked at last, by the monotonic clock; what it said, or why it could not be looked at.
        self._looked_at = -math.inf
        self._seen: str | None = None
        self._fault: RemoteError | None = None

    @property
    def where(self) -> str:
        """Where the graph is, as messages name it."""
        return self.connection.where

    def manifest(self) -> Manifest | None:
        """Return the manifest of the current version, or None where nothing was ever loaded.

        Raises
        ------
        RemoteError
            The server cannot be asked.
        """
        slot = self._current_slot()
        return None if slot is None else self.catalogue.manifest(slot)

    def current_version(self, *, wait: bool = True) -> str | None:
        """Return the name of the current version, as it was at most a second ago; None if that is not known at once.

        Raises
        ------
        RemoteError
            The server cannot be asked, or could not be a moment ago.
        """
        if not wait:
            return self._seen if time.monotonic() - self._looked_at < _FRESH - _EARLY else None
        with self._looking:  # of many who ask at once, one looks
            if time.monotonic() - self._looked_at > _FRESH:
                self._seen = self._fault = None
                try:
                    slot = self._current_slot()
                    self._seen = None if slot is None else slot.version
                except RemoteError as error:
                    self._fault = error
                self._looked_at = time.monotonic()
            seen, fault = self._seen, self._fault
        if fault is not None:
            raise type(fault)(fault.what, fault.remedy)
        return seen

    def kept_sources(self) -> list[SourceFiles]:
        """Return the files of the current version's sources.

        Raises
        ------
        DataFolderError
            They are in another data folder.
        """
        folder = self._root / "sources"
        manifest = self.manifest()
        found = [SourceFiles(folder, source.digest, source.id) for source in manifest.sources] if manifest else []
        if any(not (folder / f"{source.digest}.nq").exists() for source in found):
            what = f"what {self.where} holds was loaded from another data folder than {self.path}"
            raise DataFolderError(f"{what}; name that with --data")
        return found

    @contextmanager
    def open(self, *, for_long: bool = False) -> Iterator[OpenSnapshot[RemoteEngine]]:  # type: ignore[override] # another engine, the same questions
        """Open the current version for reading.

        Parameters
        ----------
        for_long
            Whether who opens it looks for a newer one all the time, so that nothing is told at the end.

        Raises
        ------
        DataFolderError
            Nothing was loaded yet.
        RemoteError
            The server cannot be asked; at the end, that what was read is not what it was any more.
        """
        slot = self._current_slot()
        if slot is None:
            msg = f"{self.where} holds no data; load some with: civicgraph load"
            raise DataFolderError(msg)
        engine = RemoteEngine(self.connection, slot)
        yield OpenSnapshot(self._root, self.catalogue.manifest(slot), engine, partial(self._edges, engine))
        if not for_long and ((after := self.catalogue.read()) is None or after.slot(slot.sign) != slot):
            what = "the data was replaced while it was being read, so that the result may be of two minds"
            raise RemoteError(what, "run it again")

    def _current_slot(self) -> Slot | None:
        state = self.catalogue.read()
        return None if state is None else state.slot(state.current)

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
        """Return the edge table of a version: as it was built here, or fetched and kept with those of a few more."""
        built = self._root / "snapshots" / engine.version
        if (built / "manifest.json").exists():
            return EdgeTable(built)
        # Another form of edge table has another folder.
        folder = self._root / f"edges-{FORMAT}" / engine.version
        if not (folder / FILE).exists():
            self.connection.notice(f"fetching the edges of version {engine.version}, which are then kept")
            folder.parent.mkdir(parents=True, exist_ok=True)
            with TemporaryDirectory(dir=folder.parent, prefix="partial-") as partial:
                edges_of_store(engine, Path(partial)).close()
                folder.mkdir(exist_ok=True)
                (Path(partial) / FILE).replace(folder / FILE)
            for old in sorted(folder.parent.iterdir(), key=lambda one: one.stat().st_mtime)[:-_VERSIONS]:
                shutil.rmtree(old, ignore_errors=True)
        return EdgeTable(folder)

    @contextmanager
    def writing(self) -> Iterator["RemoteWriter"]:
        """Hold the store for one load.

        Raises
        ------
        BusyError
            Another process is loading into this folder.
        """
        with write_lock(self._root), self.connection.patient():
            self.kept_sources()
            writer = RemoteWriter(self._root, self.path / JUDGEMENTS, self.catalogue)
            writer.sweep()
            try:
                yield writer
            finally:
                self._looked_at = -math.inf

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
