"""Snapshots: what was loaded, built beside the current one and switched to in one step.

    DATA/lock                       held by the one writer
    DATA/sources/<digest>.*         one state of one source, see `source_files`
    DATA/judgements.yaml            what a person has judged about who is who
    DATA/snapshots/<version>/       manifest.json, store/ (Oxigraph), edges.duckdb (who buys from whom),
                                    readers (held while it is read)
    DATA/current -> snapshots/<version>     or <version>.optimized

Everything but the link `current` is written under names that nothing reads yet, so a crash, a full disk or an
interrupt at any point leaves the old snapshot as it was; what it left behind goes at the next load.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from pyoxigraph import Store

from civicgraph.graph.edges.sql import FILE, DataFolderError
from civicgraph.graph.engine.embedded import EmbeddedEngine
from civicgraph.graph.engine.interface import Engine
from civicgraph.graph.snapshot.locks import read_lock, write_lock
from civicgraph.graph.snapshot.manifest import LoadedSource, Manifest
from civicgraph.graph.snapshot.source_files import SourceFiles
from civicgraph.graph.snapshot.writer import JUDGEMENTS, Writer, judgements_in, unlike_any

if TYPE_CHECKING:
    # Who only reads a snapshot need not wait for what builds one: networkx, names, rules of identity. Nor does help
    # need an engine for tables.
    from civicgraph.graph.edges.table import EdgeTable
    from civicgraph.graph.identity.judgements import Judgement

__all__ = ["DataFolder", "DataFolderError", "LoadedSource", "Manifest", "OpenSnapshot", "Writer"]

EngineT_co = TypeVar("EngineT_co", bound=Engine, covariant=True)


@dataclass(frozen=True, slots=True)
class OpenSnapshot(Generic[EngineT_co]):
    """A snapshot that is held for reading.

    `path` is the folder of what is derived from it. `edges` opens its edge table.
    """

    path: Path
    manifest: Manifest
    engine: EngineT_co
    edges: Callable[[], "EdgeTable"]


class DataFolder:
    """A folder that keeps sources and the current snapshot.

    Parameters
    ----------
    path
        The folder; it need not exist yet.
    """

    _keeps_updates = True

    def __init__(self, path: Path) -> None:
        self.path = path
        self._root = path
        self._current = path / "current"

    @property
    def where(self) -> str:
        """Where the graph is, as messages name it."""
        return str(self.path)

    def manifest(self) -> Manifest | None:
        """Return the manifest of the current snapshot, or None where nothing was ever loaded.

        Raises
        ------
        DataFolderError
            The snapshot or its manifest is gone, damaged or of another version.
        """
        if not self._current.is_symlink():
            return None
        with ExitStack() as held:
            return Manifest.read(self._hold_current(held) / "manifest.json")

    def current_path(self) -> Path | None:
        """Return the folder of the current snapshot, or None where nothing was ever loaded."""
        return self._current.resolve() if self._current.is_symlink() else None

    def current_version(self, *, wait: bool = True) -> str | None:  # noqa: ARG002 - to look takes no time here
        """Return the version of the current snapshot by one look at the link, or None where nothing was ever loaded."""
        try:
            target = os.readlink(self._current)  # noqa: PTH115 - for every request, and five times as fast
        except FileNotFoundError:
            return None
        return target.rpartition("/")[2].partition(".")[0]  # an optimized one has an ending

    def kept_sources(self) -> list[SourceFiles]:
        """Return the files of the current snapshot's sources.

        Raises
        ------
        DataFolderError
            They are in another data folder.
        """
        manifest, folder = self.manifest(), self._root / "sources"
        found = [SourceFiles(folder, source.digest, source.id) for source in manifest.sources] if manifest else []
        if any(not (folder / f"{source.digest}.nq").exists() for source in found):
            what = f"what {self.where} holds was loaded from another data folder than {self.path}"
            raise DataFolderError(f"{what}; name that with --data")
        return found

    def judgements(self) -> list["Judgement"]:
        """Return what a person has judged about who is who, from the folder's `judgements.yaml`.

        Raises
        ------
        JudgementError
            The file is at fault; the error names the line.
        """
        return judgements_in(self.path / JUDGEMENTS)

    @contextmanager
    def open(self, *, for_long: bool = False) -> Iterator[OpenSnapshot[EmbeddedEngine]]:  # noqa: ARG002 - it stays
        """Open the current snapshot for reading; it stays while it is held, whatever is loaded meanwhile.

        Raises
        ------
        DataFolderError
            Nothing was loaded yet, or the snapshot is damaged.
        """
        with ExitStack() as held:
            snapshot = self._hold_current(held)
            manifest = Manifest.read(snapshot / "manifest.json")
            engine = EmbeddedEngine(Store.read_only(str(snapshot / "store")), manifest.version)
            yield OpenSnapshot(snapshot, manifest, engine, partial(_edges_in, snapshot))

    @contextmanager
    def edges(self) -> Iterator["EdgeTable"]:
        """Open the edge table of the current snapshot, and not its store; it stays while it is held.

        Raises
        ------
        DataFolderError
            Nothing was loaded yet, or the snapshot is damaged.
        """
        with ExitStack() as held:
            table = _edges_in(self._hold_current(held))
            held.callback(table.close)
            yield table

    def _hold_current(self, held: ExitStack) -> Path:
        missed = None
        while (snapshot := self.current_path()) is not None:
            with suppress(FileNotFoundError):
                held.enter_context(read_lock(snapshot))
                if (snapshot / "manifest.json").exists():
                    return snapshot
            # A load switched and removed between our two steps, unless nothing was switched since the last look.
            if snapshot == missed:
                msg = f"{snapshot} is damaged; load its sources again into a new folder"
                raise DataFolderError(msg)
            missed = snapshot
        msg = f"{self.path} holds no data; load some with: civicgraph load"
        raise DataFolderError(msg)

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """Hold the folder for one load.

        Raises
        ------
        BusyError
            Another process is loading.
        """
        with write_lock(self.path):
            judgements = self.path / JUDGEMENTS
            writer = Writer(self.path, self.manifest(), judgements, keeps_updates=self._keeps_updates)
            writer.sweep()
            yield writer


class TemporaryFolder(DataFolder):
    """A data folder that begins with one snapshot, and keeps neither sources nor what updates did.

    Parameters
    ----------
    path
        An empty folder, which its owner removes.
    of
        The folder whose current snapshot it begins with; if None, it begins with an empty store.
    """

    _keeps_updates = False

    def __init__(self, path: Path, of: DataFolder | None = None) -> None:
        super().__init__(path)
        with self.writing() as writer:
            building = writer.building("first")
            if of is None:
                Store(str(building / "store")).flush()
                writer.complete(building, Manifest(unlike_any(), (), 0))
                return
            with of.open() as found:
                found.engine.store.backup(str(building / "store"))
                shutil.copy(found.path / FILE, building)
                writer.complete(building, replace(found.manifest, version=unlike_any()))

    @contextmanager
    def open(self, *, for_long: bool = False) -> Iterator[OpenSnapshot[EmbeddedEngine]]:
        """Open the current snapshot; its edge table is made when it is first asked for. Raises nothing."""
        with super().open(for_long=for_long) as found:

            def edges() -> "EdgeTable":
                from civicgraph.graph.snapshot.derive import edges_of_store  # noqa: PLC0415 - few changes are measured

                if not (found.path / FILE).exists():
                    edges_of_store(found.engine, found.path).close()
                return _edges_in(found.path)

            yield replace(found, edges=edges)


def _edges_in(snapshot: Path) -> "EdgeTable":
    from civicgraph.graph.edges.table import EdgeTable  # noqa: PLC0415 - see the head of the file

    return EdgeTable(snapshot)
