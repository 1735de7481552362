"""A data folder whose snapshots live on a server: sources and judgements are kept here, the graph is asked there.

    DATA/judgements.yaml                what a person has judged about who is who, for the embedded store too
    DATA/stores/<key>/lock, sources/    as in an embedded data folder, for one set of data on one server
    DATA/stores/<key>/parts/            what versions are made of, see `content`
    DATA/stores/<key>/versions/<v>/     what is derived from a version for speed, made again where it is missing
    DATA/stores/<key>/abilities.json    what the server was found to be

Who only reads needs none of it: version, sources and graph are all on the server.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from civicgraph.graph.store.locks import write_lock
from civicgraph.graph.store.remote.engine import Held, RemoteEngine
from civicgraph.graph.store.remote.faults import RemoteError
from civicgraph.graph.store.remote.http import Connection
from civicgraph.graph.store.remote.server import Server, naming
from civicgraph.graph.store.remote.writer import RemoteWriter
from civicgraph.graph.store.snapshot import (
    DataFolder,
    DataFolderError,
    Manifest,
    OpenSnapshot,
)
from civicgraph.graph.store.source_files import SourceFiles
from civicgraph.graph.store.writer import JUDGEMENTS
from civicgraph.graph.ties.arrays import Ties
from civicgraph.graph.ties.files import FOLDER as TIES
from civicgraph.graph.ties.files import TiesFileError, read_ties
from civicgraph.graph.ties.from_store import ties_from_store

GRACE: Final = 300.0
"""Seconds for which a version that was left is not written over, for those who still read it."""
_FRESH: Final = 1.0
"""Seconds for which the pointer is not looked at again."""


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
        self._seen: tuple[float, str | None] = (0.0, None)

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
        slot = self.server.current_slot()
        return None if slot is None else Manifest.of(slot.manifest, self.where)

    def current_version(self) -> str | None:
        """Return the name of the current version, as it was at most a second ago."""
        seen, version = self._seen
        if time.monotonic() - seen > _FRESH:
            version = self.server.catalogue.current_version()
            self._seen = (time.monotonic(), version)
        return version

    def current_path(self) -> Path | None:
        """Return the folder of what is derived from the current version, or None where nothing was ever loaded."""
        version = self.current_version()
        return None if version is None else self.server.version_folder(version)

    def kept_sources(self) -> list[SourceFiles]:
        """Return the files of the current version's sources.

        Raises
        ------
        DataFolderError
            They are in another data folder.
        """
        folder = self.server.root / "sources"
        manifest = self.manifest()
        found = [SourceFiles(folder, source.digest) for source in manifest.sources] if manifest else []
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
        state = self.server.catalogue.read()
        slot = self.server.current_slot(state)
        if state is None or slot is None or slot.version is None:
            msg = f"{self.where} holds no data; load some with: civicgraph load"
            raise DataFolderError(msg)
        folder = self.server.version_folder(slot.version)
        folder.mkdir(parents=True, exist_ok=True)
        held = Held(slot.version, naming(state, slot.number, slot.graphs), state.marker(slot.number))
        engine = RemoteEngine(self.server.connection, self.server.abilities, held)
        yield OpenSnapshot(folder, Manifest.of(slot.manifest, self.where), engine)
        after = self.server.catalogue.read()
        if after is None or slot.number not in after.slots or after.slots[slot.number].version != slot.version:
            what = "the data was replaced while it was being read, so that the result may be of two minds"
            raise RemoteError(what, "run it again")

    @contextmanager
    def ties(self) -> Iterator[Ties]:
        """Open the ties of the current version: as this folder's own load left them, or else made from the store.

        Raises
        ------
        DataFolderError
            Nothing was loaded yet.
        RemoteError
            The server cannot be asked.
        """
        version = self.current_version()
        if version is not None and (self.server.version_folder(version) / TIES).is_dir():
            with suppress(TiesFileError):  # damaged: they are made again
                yield read_ties(self.server.version_folder(version))
                return
        with self.open() as snapshot:
            ties = ties_from_store(snapshot.engine)
        self.server.keep_ties(ties)
        yield ties

    @contextmanager
    def writing(self) -> Iterator["RemoteWriter"]:
        """Hold the store for one load.

        Raises
        ------
        BusyError
            Another process is loading, here or elsewhere.
        """
        with write_lock(self.server.root):
            if self.server.catalogue.read() is None:
                self.server.catalogue.begin()
            name = self.server.catalogue.take()
            try:
                self.kept_sources()
                writer = RemoteWriter(self.server, self.path / JUDGEMENTS, self.manifest(), name)
                writer.sweep()
                yield writer
            finally:
                self.server.catalogue.release()

    def undo(self) -> Manifest:
        """Serve the version before the current one again, and return its manifest.

        Raises
        ------
        DataFolderError
            There is none.
        BusyError
            A load is under way.
        """
        with self.writing():
            state = self.server.catalogue.read()
            previous = None if state is None else state.previous()
            if previous is None:
                msg = f"{self.where} holds no version before the current one"
                raise DataFolderError(msg)
            self.server.catalogue.point(previous.number)
        return Manifest.of(previous.manifest, self.where)
