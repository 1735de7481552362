"""A data folder whose snapshots live on a server: sources and judgements are kept here, the graph is asked there.

    DATA/judgements.yaml                what a person has judged about who is who, for the embedded store too
    DATA/stores/<key>/                  lock, sources/ and snapshots/ of one set of data on one server, as in an
                                        embedded data folder: the versions that the server holds, as they were built
    DATA/stores/<key>/edges-<n>/<v>/    the edge table of a version that was built elsewhere, fetched

Who only reads needs none of it: version, sources and graph are all on the server.
"""

import math
import re
import secrets
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Final

from pyoxigraph import NamedNode, RdfFormat, Store

from civicgraph.graph.edges.sql import FILE, FORMAT
from civicgraph.graph.edges.table import EdgeTable
from civicgraph.graph.engine.errors import RemoteError
from civicgraph.graph.engine.remote.engine import RemoteEngine
from civicgraph.graph.engine.remote.http import Connection
from civicgraph.graph.engine.remote.query import DURATION, Slot
from civicgraph.graph.records.iris import short_hash
from civicgraph.graph.snapshot.derive import edges_of_store
from civicgraph.graph.snapshot.locks import write_lock
from civicgraph.graph.snapshot.remote.catalogue import Catalogue
from civicgraph.graph.snapshot.snapshot import (
    DataFolder,
    DataFolderError,
    Manifest,
    OpenSnapshot,
    Writer,
)
from civicgraph.graph.snapshot.writer import JUDGEMENTS
from civicgraph.ontology.read import ONTOLOGY_IRI
from civicgraph.ontology.terms import CG

_VERSIONS: Final = 3
"""Versions whose edge tables are kept by who only reads."""
_FRESH: Final = 1.0
"""Seconds for which the pointer, or that it could not be looked at, is not looked at again."""
_EARLY: Final = 0.2
"""Seconds before that in which who cannot wait is told nothing: who asks next is not to wait either."""


_FIXED: Final = (CG.established, CG.plans, CG.rumours, CG.claims, CG.figures, ONTOLOGY_IRI)
"""Graphs that every version has, if only by name, so that no load changes what a name means."""
_TIMES: Final = 3
"""How often a version is sent to a server that loses some of it."""
_BATCH: Final = 16_000_000
"""Bytes of triples that are sent at once where the server takes whole files."""


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
        self._root = path / "stores" / short_hash(connection.address.query, connection.address.name)
        self._looking = threading.Lock()
        # When the pointer was looked at last, by the monotonic clock; what it said, or why it could not be looked at.
        self._looked_at = -math.inf
        self._seen: str | RemoteError | None = None

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
            seen, age = self._seen, time.monotonic() - self._looked_at
            return seen if isinstance(seen, str) and age < _FRESH - _EARLY else None
        with self._looking:  # of many who ask at once, one looks
            if time.monotonic() - self._looked_at > _FRESH:
                try:
                    slot = self._current_slot()
                    self._seen = None if slot is None else slot.version
                except RemoteError as error:
                    self._seen = error
                self._looked_at = time.monotonic()
            seen = self._seen
        if isinstance(seen, RemoteError):
            raise type(seen)(seen.what, seen.remedy)
        return seen

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
        if not for_long and ((after := self.catalogue.read()) is None or slot not in after.slots):
            what = "the data was replaced while it was being read, so that the result may be of two minds"
            raise RemoteError(what, "run it again")

    def _current_slot(self) -> Slot | None:
        state = self.catalogue.read()
        return None if state is None else state.current

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
        folder = self._root / "snapshots" / engine.version
        if not (folder / "manifest.json").exists():  # another form of edge table has another folder
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
        with self.writing():
            state = self.catalogue.begun()
            if state.previous is None:
                msg = f"{self.where} holds no version before the current one"
                raise DataFolderError(msg)
            self.catalogue.point(state, state.previous)
            return self.catalogue.manifest(state.previous)


class RemoteWriter(Writer):
    """One load: sources are added or removed, then published as the next version on the server.

    Parameters
    ----------
    path
        The folder of what belongs to the server here.
    judgements
        The file of what a person has judged.
    catalogue
        Where it goes.
    """

    def __init__(self, path: Path, judgements: Path, catalogue: Catalogue) -> None:
        # From where the pointer is to be moved.
        self._before = state = catalogue.begun()
        super().__init__(path, None if state.current is None else catalogue.manifest(state.current), judgements)
        self._catalogue = catalogue
        for slot in state.slots:
            if slot not in (state.current, state.previous):
                catalogue.forget(slot)

    def _kept(self) -> list[Manifest]:
        return [self._catalogue.manifest(slot) for slot in self._catalogue.begun().slots if slot.version]

    def _serve(self, folder: Path, manifest: Manifest) -> None:
        """Send a version that was built, and switch to it.

        Raises
        ------
        RemoteError
            The server failed. Readers have the old version, and the next load makes up for what was half sent.
        """
        there = (slot for slot in self._catalogue.begun().slots if slot.version == manifest.version)
        slot = next(there, None) or self._filled(Store.read_only(str(folder / "store")), manifest)
        whole = replace(slot, version=manifest.version)
        # Where the same sources were current before, what was said of them may be new.
        self._catalogue.keep(whole, manifest.text())
        self._progress("switching")
        self._catalogue.point(self._before, whole)
        self._published = manifest
        self.sweep()

    def _filled(self, store: Store, manifest: Manifest) -> Slot:
        """Return a new slot that holds a version, which is sent again while the server loses some of it."""
        before = -1
        for _ in range(_TIMES):
            slot = self._sent(store)
            self._progress("counting")
            held = self._count(slot)
            if held in (manifest.quads, before):
                if held != manifest.quads:
                    what = f"the server holds {held:,} of {manifest.quads:,} triples: it takes some values for the same"
                    self._catalogue.connection.notice(what)
                return slot
            # A server that was killed may have lost the end of what it took; one that forgot all has no catalogue.
            self._progress("sending everything again")
            self._catalogue.forget(slot)
            before = held
        what = f"the server does not hold all of the {manifest.quads:,} triples that it took"
        raise RemoteError(what, "load again; if it stays so, look at the server's log and its disk")

    def _sent(self, store: Store) -> Slot:
        """Send a version into a new slot, and return that."""
        # Kept with the slot, so that whoever reads it knows what it holds, whatever filled it.
        graphs = sorted({*(graph.value for graph in store.named_graphs()), *_FIXED})
        catalogue = self._catalogue
        iris_there = (*graphs, *(() if catalogue.keeps_durations else (DURATION,)))
        slot = Slot(secrets.token_hex(4), renamed=iris_there, row_limit=catalogue.row_limit)
        catalogue.keep(slot)
        iris = re.compile(b"|".join(re.escape(f"<{iri}>".encode()) for iri in slot.renamed))
        sent = 0
        for graph in slot.graphs:
            with TemporaryFile() as triples:
                store.dump(triples, RdfFormat.N_TRIPLES, from_graph=NamedNode(graph))
                triples.seek(0)
                while lines := triples.readlines(_BATCH):
                    renamed = iris.sub(lambda found: found[0][:-1] + f"{slot.marker}>".encode(), b"".join(lines))
                    catalogue.connection.insert(slot.called(graph), renamed)
                    sent += len(lines)
                    self._progress(f"sent {sent:,} triples")
        return slot

    def _count(self, slot: Slot) -> int:
        """Return how many triples the graphs of a slot hold."""
        total = 0
        for name in slot.names:
            asked = f"SELECT (COUNT(*) AS ?n) WHERE {{ GRAPH <{name}> {{ ?s ?p ?o }} }}"
            ((count,),) = self._catalogue.table(asked)
            total += 0 if count is None else int(count.value)
        return total
