"""One load of a data folder: sources go in and out, and what they make is published as the next snapshot."""

import hashlib
import os
import shutil
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from pyoxigraph import Store

from civicgraph.graph.edges.sql import FILE
from civicgraph.graph.engine.embedded import EmbeddedEngine
from civicgraph.graph.snapshot.beside import Figures, copied, only_figures_differ
from civicgraph.graph.snapshot.locks import BusyError, remove_lock
from civicgraph.graph.snapshot.manifest import FIGURES, FORMAT, DataFolderError, LoadedSource, Manifest
from civicgraph.graph.snapshot.optimized import optimize, settle, store_of, sync_folder
from civicgraph.graph.snapshot.source_files import SUFFIXES, SourceDraft, SourceFiles
from civicgraph.ontology.read import ONTOLOGY_FILES, read_text, rules
from civicgraph.ontology.schemes import scheme_texts

if TYPE_CHECKING:
    # Who only reads a snapshot need not wait for what builds one: networkx, names, rules of identity.
    from civicgraph.graph.engine.revision import Revision
    from civicgraph.graph.engine.updates import Change, Done
    from civicgraph.graph.identity.judgements import Judgement
    from civicgraph.graph.snapshot.derive import Parts, Progress

STATED_KINDS: Final = frozenset({"claims", "rdf", "ownership"})
"""Kinds of sources that state triples for the rules to derive from; others bring what follows from their records."""
UPDATE: Final = "update"
"""Kind and id of the source that keeps what updates have added and removed."""

JUDGEMENTS: Final = "judgements.yaml"


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
            building = self.building(version)
            quads = self._copy(building, ordered)
            if quads is None:
                quads = self._build(building, version, ordered, progress)
            manifest = Manifest(version, ordered, quads)
            complete(building, folder, manifest)
        self._serve(folder, manifest)
        return manifest

    def optimize(self) -> None:
        """Put the files of the current snapshot in order: queries of much data are several times as fast after it.

        Raises
        ------
        DataFolderError
            There is no snapshot yet.
        """
        optimize(self._base()[1])

    def next_version(self) -> tuple[str, tuple[LoadedSource, ...]]:
        """Return the name of the next snapshot, and its sources in order."""
        ordered = tuple(sorted(self._sources.values(), key=lambda source: source.id))
        return _version(ordered, self._judgements_digest()), ordered

    def parts(self, version: str, sources: tuple[LoadedSource, ...]) -> "Parts":
        """Return what a snapshot of some sources is built from."""
        from civicgraph.graph.snapshot.derive import Parts  # noqa: PLC0415 - see the head of the file

        files = [(source, SourceFiles(self._folder, source.digest, source.id)) for source in sources]
        stated = [file for source, file in files if source.kind in STATED_KINDS]
        records = [file for source, file in files if source.kind not in (*STATED_KINDS, UPDATE)]
        updates = [file for source, file in files if source.kind == UPDATE]
        latest = max((source.latest for source in sources if source.latest is not None), default=None)
        return Parts(stated, records, judgements_in(self._judgements), latest, version, updates)

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
        from civicgraph.graph.engine.revision import Revision  # noqa: PLC0415
        from civicgraph.graph.snapshot.derive import revise_edges, touched  # noqa: PLC0415 - see the head of the file

        published, base = self._base()
        building = self.building("revision")
        added, removed, empty = (building / name for name in ("added", "removed", "empty"))
        done = make(Revision(str(store_of(base)), str(building / "store"), change, notes=str(building)))
        kept = self._kept_updates()
        were_empty = [] if kept is None else kept.empty_graphs()
        are_empty = empty.read_text(encoding="utf-8").splitlines()
        if not added.stat().st_size and not removed.stat().st_size and are_empty == were_empty:
            shutil.rmtree(building)
            return published, done
        self._adopt_revision(added, removed, empty)
        with added.open("rb") as more, removed.open("rb") as fewer:
            changed = touched(more, fewer)
        for path in (added, removed, empty):
            path.unlink()
        version, ordered = self.next_version()
        folder = self._path / "snapshots" / version
        manifest = Manifest(version, ordered, done.quads)
        if folder.exists():
            shutil.rmtree(building)
        else:
            if changed:
                engine = EmbeddedEngine(Store.read_only(str(building / "store")), version)
                revise_edges(base / FILE, building, engine, changed)
            else:
                (building / FILE).hardlink_to(base / FILE)
            complete(building, folder, manifest)
        self._serve(folder, manifest)
        return manifest, done

    def building(self, name: str) -> Path:
        """Return an empty folder for a snapshot that is being built, which no reader looks into."""
        building = self._path / "snapshots" / f"{name}.building"
        shutil.rmtree(building, ignore_errors=True)
        building.mkdir(parents=True)
        return building

    def _base(self) -> tuple[Manifest, Path]:
        if self._published is None:
            msg = f"{self._path} holds no data; load some with: civicgraph load"
            raise DataFolderError(msg)
        return self._published, self._path / "snapshots" / self._published.version

    def _kept_updates(self) -> SourceFiles | None:
        before = self._sources.get(UPDATE)
        return None if before is None else SourceFiles(self._folder, before.digest)

    def _adopt_revision(self, added: Path, removed: Path, empty: Path) -> None:
        """Take what a change added, removed and left empty into the source that keeps all that updates did."""
        kept = self._kept_updates()
        with self.draft() as draft:
            draft.write_quads(_without(added, None if kept is None else kept.quads(), removed))
            draft.write_removed(_without(removed, None if kept is None else kept.removed(), added))
            draft.write_graphs(empty.read_bytes())
            self.adopt(LoadedSource(UPDATE, UPDATE, "Updates over HTTP", draft.keep().digest))

    def _copy(self, folder: Path, sources: tuple[LoadedSource, ...]) -> int | None:
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
        return copied(self._path / "snapshots" / before.version, folder, Figures(*parts))

    def _build(self, folder: Path, version: str, sources: tuple[LoadedSource, ...], progress: "Progress") -> int:
        from civicgraph.graph.snapshot.derive import build  # noqa: PLC0415 - see the head of the file

        store = Store(str(folder / "store"))
        build(store, self.parts(version, sources), folder, progress)
        # To count the quads takes seconds, and so does to wait until the engine has put its files in order.
        with ThreadPoolExecutor(1) as pool:
            flushed = pool.submit(store.flush)
            quads = len(store)
            flushed.result()
        return quads

    def _serve(self, folder: Path, manifest: Manifest) -> None:
        """Make a whole snapshot the current one, and remove what nobody needs any more."""
        self._switch(folder)
        self._published = manifest
        self.sweep()

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
                settle(folder)
                continue
            try:
                with remove_lock(folder):
                    shutil.rmtree(folder)
            except BusyError:
                continue


def _version(sources: tuple[LoadedSource, ...], judgements: str) -> str:
    parts = [f"format {FORMAT}", judgements, *(f"{source.id} {source.digest}" for source in sources)]
    parts += [*map(read_text, ONTOLOGY_FILES), *scheme_texts()]
    parts += [rule.sparql for rule in (*rules(), *rules("rules_of_records"))]
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]


def complete(building: Path, folder: Path, manifest: Manifest) -> None:
    """Give a snapshot that is built all that readers need, and its lasting name."""
    (building / "readers").touch()
    _write_manifest(building, manifest)
    building.rename(folder)


def _write_manifest(folder: Path, manifest: Manifest) -> None:
    partial = folder / "manifest.json.partial"
    _write_durably(partial, manifest.text().encode())
    partial.rename(folder / "manifest.json")


def judgements_in(path: Path) -> list["Judgement"]:
    """Return the judgements of a file, none where there is no file."""
    from civicgraph.graph.identity.judgements import read_judgements  # noqa: PLC0415 - see the head of the file

    return read_judgements(path.read_text(encoding="utf-8"), str(path)) if path.exists() else []


def _without(lines: Path, earlier: IO[bytes] | None, undone: Path) -> bytes:
    """Return the lines of a file, and the earlier ones that another has not undone."""
    found = set(lines.read_bytes().splitlines(keepends=True))
    if earlier is not None:
        with earlier:
            found |= set(earlier) - set(undone.read_bytes().splitlines(keepends=True))
    return b"".join(sorted(found))


def _write_durably(path: Path, content: bytes) -> None:
    """Write a file so that it is there even if the machine stops."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
