"""A data folder that is not kept: an empty store, or a copy of a snapshot, which single updates change."""

import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from pyoxigraph import Store

from civicgraph.graph.edges.sql import FILE
from civicgraph.graph.edges.table import EdgeTable
from civicgraph.graph.engine.embedded import EmbeddedEngine
from civicgraph.graph.engine.updates import Change, Done, Revision
from civicgraph.graph.snapshot.locks import write_lock
from civicgraph.graph.snapshot.snapshot import DataFolder, LoadedSource, Manifest, OpenSnapshot, Writer, edges_in
from civicgraph.graph.snapshot.writer import JUDGEMENTS


class TemporaryFolder(DataFolder):
    """A data folder that begins with one snapshot, and keeps no sources.

    Parameters
    ----------
    path
        An empty folder, which its owner removes.
    of
        The folder whose current snapshot it begins with; if None, it begins with an empty store.
    """

    def __init__(self, path: Path, of: DataFolder | None = None) -> None:
        super().__init__(path)
        with self.writing() as writer:
            building = writer.building("first")
            if of is None:
                Store(str(building / "store")).flush()
                writer.publish_store(building, (), 0)
                return
            with of.open() as found:
                found.engine.store.backup(str(building / "store"))
                shutil.copy(found.path / FILE, building)
                writer.publish_store(building, found.manifest.sources, found.manifest.quads)

    @contextmanager
    def open(self) -> Iterator[OpenSnapshot[EmbeddedEngine]]:
        """Open the current snapshot; its edge table is made when it is first asked for. Raises nothing."""
        with super().open() as found:

            def edges() -> EdgeTable:
                from civicgraph.graph.snapshot.derive import edges_of_store  # noqa: PLC0415 - few changes are measured

                if not (found.path / FILE).exists():
                    edges_of_store(found.engine, found.path).close()
                return edges_in(found.path)

            yield replace(found, edges=edges)

    @contextmanager
    def writing(self) -> Iterator["_Writer"]:
        """Hold the folder for one change. Raises BusyError where another is being made."""
        with write_lock(self.path):
            yield _Writer(self.path, self.manifest(), self.path / JUDGEMENTS)


class _Writer(Writer):
    """One change, of which no notes are made: nothing is ever built anew."""

    def publish_revision(self, change: Change, make: Callable[[Revision], Done]) -> tuple[Manifest, Done]:
        """Publish the current snapshot with one change made to it; what `make` raises leaves all as it was."""
        published, base = self._base()
        building = self.building("revision")
        done = make(Revision(str(base / "store"), str(building / "store"), change))
        return self.publish_store(building, published.sources, done.quads), done

    def publish_store(self, building: Path, sources: tuple[LoadedSource, ...], quads: int) -> Manifest:
        """Publish a snapshot that is built, and return its manifest."""
        manifest = Manifest(f"memory-{secrets.token_hex(8)}", sources, quads)
        self._complete(building, manifest)
        return manifest
