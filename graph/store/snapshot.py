"""Snapshots: what was loaded, built beside the current one and switched to in one step.

    DATA/lock                       held by the one writer
    DATA/sources/<digest>.*         one state of one source, see `source_files`
    DATA/judgements.yaml            what a person has judged about who is who
    DATA/snapshots/<version>/       manifest.json, store/ (Oxigraph), ties/ (columns), readers (held while it is read)
    DATA/current -> snapshots/<version>

Everything but the link `current` is written under names that nothing reads yet, so a crash, a full disk or an
interrupt at any point leaves the old snapshot as it was; what it left behind goes at the next load.
"""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from pyoxigraph import Store

from civicgraph.graph.store.beside import Figures, copied, only_figures_differ
from civicgraph.graph.store.embedded import EmbeddedEngine
from civicgraph.graph.store.engine import Engine
from civicgraph.graph.store.locks import BusyError, read_lock, remove_lock, write_lock
from civicgraph.graph.store.manifest import FIGURES, FORMAT, DataFolderError, LoadedSource, Manifest
from civicgraph.graph.store.source_files import SUFFIXES, SourceDraft, SourceFiles
from civicgraph.graph.store.steps import sync_folder, without, write_durably
from civicgraph.graph.ties.arrays import Ties
from civicgraph.graph.ties.files import TiesFileError, read_ties, write_ties
from civicgraph.ontology.read import read_text, rules

if TYPE_CHECKING:
    # Who only reads a snapshot need not wait for what builds one: networkx, names, rules of identity.
    from civicgraph.graph.identity.judgements import Judgement
    from civicgraph.graph.store.changes import Change, Done
    from civicgraph.graph.store.derive import Parts, Progress
    from civicgraph.graph.store.revise import Revision

__all__ = ["DataFolder", "DataFolderError", "LoadedSource", "Manifest", "OpenSnapshot", "Writer"]

EngineT_co = TypeVar("EngineT_co", bound=Engine, covariant=True)

STATED_KINDS: Final = frozenset({"claims", "rdf", "ownership"})
"""Kinds of sources that state triples for the rules to derive from; others bring what follows from their records."""
UPDATE: Final = "update"
"""Kind and id of the source that keeps what updates have added and removed."""

JUDGEMENTS: Final = "judgements.yaml"


@dataclass(frozen=True, slots=True)
class OpenSnapshot(Generic[EngineT_co]):
    """A snapshot that is held for reading; `path` is the folder of what is derived from it."""

    path: Path
    manifest: Manifest
    engine: EngineT_co


class DataFolder:
    """A folder that keeps sources and the current snapshot.

    Parameters
    ----------
    path
        The folder; it need not exist yet.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._link = str(path / "current")

    @property
    def where(self) -> str:
        """Where the graph is, as messages name it."""
        return str(self.path)

    @property
    def _current(self) -> Path:
        return self.path / "current"

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

    def current_version(self) -> str | None:
        """Return the version of the current snapshot by one look at the link, or None where nothing was ever loaded."""
        try:
            target = os.readlink(self._link)  # noqa: PTH115 - for every request, and five times as fast
        except FileNotFoundError:
            return None
        return target.rpartition("/")[2]

    def kept_sources(self) -> list[SourceFiles]:
        """Return the files of the current snapshot's sources."""
        manifest = self.manifest()
        folder = self.path / "sources"
        return [SourceFiles(folder, source.digest) for source in manifest.sources] if manifest else []

    def judgements(self) -> list["Judgement"]:
        """Return what a person has judged about who is who, from the folder's `judgements.yaml`.

        Raises
        ------
        JudgementError
            The file is at fault; the error names the line.
        """
        return _judgements_in(self.path / JUDGEMENTS)

    @contextmanager
    def open(self) -> Iterator[OpenSnapshot[EmbeddedEngine]]:
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
            yield OpenSnapshot(snapshot, manifest, engine)

    @contextmanager
    def ties(self) -> Iterator[Ties]:
        """Open the ties of the current snapshot, and not its store; they stay while they are held.

        Raises
        ------
        DataFolderError
            Nothing was loaded yet, or the snapshot is damaged.
        """
        with ExitStack() as held:
            try:
                yield read_ties(self._hold_current(held))
            except TiesFileError as error:
                raise DataFolderError(str(error)) from error

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
    def writing(self) -> Iterator["Writer"]:
        """Hold the folder for one load.

        Raises
        ------
        BusyError
            Another process is loading.
        """
        with write_lock(self.path):
            writer = Writer(self.path, self.manifest(), self.path / JUDGEMENTS)
            writer.sweep()
            yield writer


class Writer:
    """One load: sources are added or removed, then published as the next snapshot."""

    def __init__(self, path: Path, manifest: Manifest | None, judgements: Path) -> None:
        self._path = path
        self._judgements = judgements
        self._folder = path / "sources"
        self._published = manifest
        self._sources = {source.id: source for source in manifest.sources} if manifest else {}

    @property
    def sources(self) -> Mapping[str, LoadedSource]:
        """The sources that the next snapshot will hold, by id."""
        return self._sources

    def draft(self) -> SourceDraft:
        """Return a source to write to; nothing of it is kept before it is added."""
        return SourceDraft(self._folder)

    def adopt(self, source: LoadedSource) -> None:
        """Add a source whose files are kept, or replace the one of the same id."""
        self._sources[source.id] = source

    def add(self, source_id: str, kind: str, label: str, quads: bytes, report: Mapping[str, Any]) -> None:
        """Add a source that is held in memory, or replace the one of the same id.

        Parameters
        ----------
        source_id, kind, label
            What it can be unloaded by; what reader made it; what people call it.
        quads
            Canonical N-Quads.
        report
            What the load report shall say of it later; must be JSON.
        """
        with self.draft() as draft:
            draft.write_quads(quads)
            self.adopt(LoadedSource(source_id, kind, label, draft.keep().digest, report=dict(report)))

    def remove(self, source_id: str) -> None:
        """Take a source out.

        Raises
        ------
        KeyError
            No source has that id.
        """
        del self._sources[source_id]

    def publish(self, progress: "Progress" = lambda _: None) -> Manifest:
        """Build the next snapshot, switch to it, remove what no reader holds, and return its manifest."""
        version, ordered = self.next_version()
        folder = self._path / "snapshots" / version
        if folder.exists():
            # The same sources were current before, and a reader still holds that snapshot: it serves again.
            manifest = Manifest(version, ordered, Manifest.read(folder / "manifest.json").quads)
            _write_manifest(folder, manifest)
        else:
            building = folder.with_suffix(".building")
            shutil.rmtree(building, ignore_errors=True)
            building.mkdir(parents=True)
            quads = self._copy(building, version, ordered)
            if quads is None:
                quads = self._build(building, version, ordered, progress)
            manifest = Manifest(version, ordered, quads)
            (building / "readers").touch()
            _write_manifest(building, manifest)
            building.rename(folder)
        self._switch(folder)
        self._published = manifest
        self.sweep()
        return manifest

    def next_version(self) -> tuple[str, tuple[LoadedSource, ...]]:
        """Return the name of the next snapshot, and its sources in order."""
        ordered = tuple(sorted(self._sources.values(), key=lambda source: source.id))
        return _version(ordered, self._judgements_digest()), ordered

    def parts(self, version: str, sources: tuple[LoadedSource, ...]) -> "Parts":
        """Return what a snapshot of some sources is built from."""
        from civicgraph.graph.store.derive import Parts  # noqa: PLC0415 - see the head of the file

        files = [(source, SourceFiles(self._folder, source.digest)) for source in sources]
        stated = [file for source, file in files if source.kind in STATED_KINDS]
        records = [file for source, file in files if source.kind not in (*STATED_KINDS, UPDATE)]
        updates = [file for source, file in files if source.kind == UPDATE]
        latest = max((source.latest for source in sources if source.latest is not None), default=None)
        return Parts(stated, records, _judgements_in(self._judgements), latest, version, updates)

    def publish_revision(self, change: "Change", make: Callable[["Revision"], "Done"]) -> tuple[Manifest, "Done"]:
        """Publish the current snapshot with one change made to it, which becomes part of the source of all updates.

        Parameters
        ----------
        change
            The change.
        make
            Makes the changed copy of the store; what it raises leaves the current snapshot as it is.

        Raises
        ------
        DataFolderError
            There is no snapshot yet.
        """
        from civicgraph.graph.store.derive import ties_of_store  # noqa: PLC0415 - see the head of the file
        from civicgraph.graph.store.revise import Revision  # noqa: PLC0415

        if self._published is None:
            msg = f"{self._path} holds no data to update; load some with: civicgraph load"
            raise DataFolderError(msg)
        base = self._path / "snapshots" / self._published.version
        building = self._path / "snapshots" / "revision.building"
        shutil.rmtree(building, ignore_errors=True)
        building.mkdir(parents=True)
        added, removed = building / "added", building / "removed"
        revision = Revision(str(base / "store"), str(building / "store"), change, str(added), str(removed))
        done = make(revision)
        if not added.stat().st_size and not removed.stat().st_size:
            shutil.rmtree(building)
            return self._published, done
        self._adopt_revision(added, removed)
        for path in (added, removed):
            path.unlink()
        version, ordered = self.next_version()
        folder = self._path / "snapshots" / version
        if folder.exists():
            shutil.rmtree(building)
            manifest = Manifest(folder.name, ordered, done.quads)
        else:
            manifest = Manifest(folder.name, ordered, done.quads)
            write_ties(ties_of_store(EmbeddedEngine(Store.read_only(str(building / "store")), folder.name)), building)
            (building / "readers").touch()
            _write_manifest(building, manifest)
            building.rename(folder)
        self._switch(folder)
        self._published = manifest
        self.sweep()
        return manifest, done

    def _adopt_revision(self, added: Path, removed: Path) -> None:
        """Take what a change added and removed into the source that keeps all that updates did."""
        before = self._sources.get(UPDATE)
        kept = None if before is None else SourceFiles(self._folder, before.digest)
        with self.draft() as draft:
            draft.write_quads(without(added, None if kept is None else kept.quads(), removed))
            draft.write_removed(without(removed, None if kept is None else kept.removed(), added))
            self.adopt(LoadedSource(UPDATE, UPDATE, "Updates over HTTP", draft.keep().digest))

    def _copy(self, folder: Path, version: str, sources: tuple[LoadedSource, ...]) -> int | None:
        """Copy the current snapshot with other saved figures, and return its quads; None where more differs."""
        before = self._published
        if before is None or any(source.kind == UPDATE for source in sources):
            return None
        # The same name of the same sources says that neither judgements nor the ontology have changed since.
        same = _version(before.sources, self._judgements_digest()) == before.version
        if not same or not only_figures_differ(before.sources, sources):
            return None
        then, now = ({one.digest for one in some if one.kind == FIGURES} for some in (before.sources, sources))
        parts = [
            [SourceFiles(self._folder, one) for one in sorted(some)] for some in (then - now, then & now, now - then)
        ]
        return copied(self._path / "snapshots" / before.version, folder, version, Figures(*parts))

    def _build(self, folder: Path, version: str, sources: tuple[LoadedSource, ...], progress: "Progress") -> int:
        from civicgraph.graph.store.derive import build  # noqa: PLC0415 - see the head of the file

        store = Store(str(folder / "store"))
        write_ties(build(store, self.parts(version, sources), progress), folder)
        store.flush()
        return len(store)

    def _switch(self, folder: Path) -> None:
        link = self._path / "current.next"
        link.unlink(missing_ok=True)
        link.symlink_to(folder.relative_to(self._path))
        link.rename(self._path / "current")
        sync_folder(self._path)

    def _judgements_digest(self) -> str:
        path = self._judgements
        return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""

    def sweep(self) -> None:
        """Remove what an earlier load left behind and no reader holds."""
        kept = {source.digest for source in self._published.sources} if self._published else set()
        for file in self._folder.glob("*"):
            if file.stem not in kept or file.suffix not in SUFFIXES:
                file.unlink()
        current = self._published.version if self._published else None
        for folder in (self._path / "snapshots").glob("*"):
            if folder.name == current:
                continue
            try:
                with remove_lock(folder):
                    shutil.rmtree(folder)
            except BusyError:
                continue


def _judgements_in(path: Path) -> list["Judgement"]:
    from civicgraph.graph.identity.judgements import read_judgements  # noqa: PLC0415 - see the head of the file

    return read_judgements(path.read_text(encoding="utf-8"), str(path)) if path.exists() else []


def _version(sources: tuple[LoadedSource, ...], judgements: str) -> str:
    parts = [f"format {FORMAT}", judgements, *(f"{source.id} {source.digest}" for source in sources)]
    parts += [read_text(name) for name in ("civicgraph.ttl", "views.ttl", "services.ttl")]
    parts += [rule.sparql for rule in rules()]
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]


def _write_manifest(folder: Path, manifest: Manifest) -> None:
    partial = folder / "manifest.json.partial"
    write_durably(partial, manifest.text().encode())
    partial.rename(folder / "manifest.json")
