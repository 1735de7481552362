"""One load of a data folder: sources go in and out, and what they make is published as the next snapshot."""

import hashlib
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pyoxigraph import RdfFormat, Store

from civicgraph.graph.edges.sql import FILE, DataFolderError
from civicgraph.graph.engine.embedded import EmbeddedEngine
from civicgraph.graph.snapshot.locks import BusyError, read_lock
from civicgraph.graph.snapshot.manifest import FIGURES, FORMAT, LoadedSource, Manifest
from civicgraph.graph.snapshot.source_files import SUFFIXES, SourceDraft, SourceFiles
from civicgraph.ontology.read import ONTOLOGY_FILES, read_text, rules
from civicgraph.ontology.schemes import scheme_texts

if TYPE_CHECKING:
    # Who only reads a snapshot need not wait for what builds one: networkx, names, rules of identity.
    from civicgraph.graph.engine.updates import Change, Done, Revision
    from civicgraph.graph.identity.judgements import Judgement
    from civicgraph.graph.snapshot.derive import Parts, Progress

STATED_KINDS: Final = frozenset({"claims", "rdf", "ownership"})
"""Kinds of sources that state triples for the rules to derive from; others bring what follows from their records."""
UPDATE: Final = "update"
"""Kind and id of the source that keeps what updates have added and removed."""

JUDGEMENTS: Final = "judgements.yaml"
_OPTIMIZED: Final = ".optimized"
"""What the folder of a snapshot whose files are in order is called, after its version."""


class Writer:
    """One load: sources are added or removed, then published as the next snapshot."""

    def __init__(self, path: Path, manifest: Manifest | None, judgements: Path, *, keeps_updates: bool = True) -> None:
        self._path = path
        self._judgements = judgements
        self._folder = path / "sources"
        self._published = manifest
        self._keeps_updates = keeps_updates
        self._progress: Progress = lambda _: None
        self.sources = {source.id: source for source in manifest.sources} if manifest else {}
        """The sources that the next snapshot will hold, by id: one is added, replaced or taken out here."""

    def draft(self) -> SourceDraft:
        """Return a source to write to; nothing of it is kept before it is among `sources`."""
        return SourceDraft(self._folder)

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
            self.sources[source_id] = LoadedSource(source_id, kind, label, draft.keep().digest, report=dict(report))

    def publish(self, progress: "Progress" = lambda _: None) -> Manifest:
        """Build the next snapshot, switch to it, remove what no reader holds, and return its manifest.

        `progress` is told the name of each step.
        """
        self._progress = progress
        version, ordered = self.next_version()
        if (again := self._served_again(version, ordered)) is not None:
            return again
        building = self.building(version)
        quads = self._copy(building, ordered)
        if quads is None:
            quads = self._build(building, ordered)
        return self.complete(building, Manifest(version, ordered, quads))

    def optimize(self) -> None:
        """Put the files of the current snapshot in order: queries of much data are several times as fast after it.

        A load ends when the engine's files are few enough, not when they are one run of each index: to merge them all
        takes as long as half the load. So it is done in a copy, which is served in place of the snapshot.

        Raises
        ------
        DataFolderError
            There is no snapshot yet.
        """
        published, base = self._base()
        if base.name.endswith(_OPTIMIZED):
            return
        building = self.building("optimized")
        Store.read_only(str(base / "store")).backup(str(building / "store"))
        # The engine works for minutes: in a process of its own, so that Ctrl-C need not wait for it.
        script = "import sys, pyoxigraph; s = pyoxigraph.Store(sys.argv[1]); s.optimize(); s.flush()"
        subprocess.run([sys.executable, "-P", "-c", script, str(building / "store")], check=True)  # noqa: S603 - ours
        (building / FILE).hardlink_to(base / FILE)
        self.complete(building, published, _OPTIMIZED)

    def next_version(self) -> tuple[str, tuple[LoadedSource, ...]]:
        """Return the name of the next snapshot, and its sources in order."""
        ordered = tuple(sorted(self.sources.values(), key=lambda source: source.id))
        return _version(ordered, self._judgements_digest()), ordered

    def parts(self, sources: tuple[LoadedSource, ...]) -> "Parts":
        """Return what a snapshot of some sources is built from."""
        from civicgraph.graph.snapshot.derive import Parts  # noqa: PLC0415 - see the head of the file

        files: dict[str, list[SourceFiles]] = {"stated": [], "records": [], UPDATE: []}
        for source in sources:
            group = "stated" if source.kind in STATED_KINDS else UPDATE if source.kind == UPDATE else "records"
            files[group].append(SourceFiles(self._folder, source.digest, source.id))
        latest = max((source.latest for source in sources if source.latest is not None), default=None)
        judgements = judgements_in(self._judgements)
        return Parts(files["stated"], files["records"], judgements, latest, next(iter(files[UPDATE]), None))

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
        from civicgraph.graph.engine.updates import Revision  # noqa: PLC0415
        from civicgraph.graph.snapshot.derive import revise_edges, touched  # noqa: PLC0415 - see the head of the file

        published, base = self._base()
        building = self.building("revision")
        notes = str(building) if self._keeps_updates else None
        done = make(Revision(str(base / "store"), str(building / "store"), change, notes))
        if not self._keeps_updates:
            return self.complete(building, Manifest(unlike_any(), published.sources, done.quads)), done
        added, removed = ((building / name).read_bytes() for name in ("added", "removed"))
        if not added and not removed:
            shutil.rmtree(building)
            return published, done
        self._adopt_revision(added, removed)
        for name in ("added", "removed"):
            (building / name).unlink()
        version, ordered = self.next_version()
        if (again := self._served_again(version, ordered)) is not None:
            return again, done  # what was built instead goes with the next load
        if changed := touched(added, removed):
            engine = EmbeddedEngine(Store.read_only(str(building / "store")), version)
            revise_edges(base / FILE, building, engine, changed)
        else:
            (building / FILE).hardlink_to(base / FILE)
        return self.complete(building, Manifest(version, ordered, done.quads)), done

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
        return self._published, self._folder_of(self._published.version)

    def _folder_of(self, version: str) -> Path:
        """Return the folder of a snapshot; that of the current one may be an optimized one."""
        current = (self._path / "current").resolve()
        return current if current.name.partition(".")[0] == version else self._path / "snapshots" / version

    def _adopt_revision(self, added: bytes, removed: bytes) -> None:
        """Take the quads that a change added and removed into the source that keeps all that updates did."""
        before = self.sources.get(UPDATE)
        kept = None if before is None else SourceFiles(self._folder, before.digest)
        with self.draft() as draft:
            for suffix, lines, undone in ((".nq", added, removed), (".removed", removed, added)):
                found = set(lines.splitlines(keepends=True))
                if kept is not None:
                    with kept.quads() if suffix == ".nq" else kept.removed() as earlier:
                        found |= set(earlier).difference(undone.splitlines(keepends=True))
                draft.write(suffix, b"".join(sorted(found)))
            self.sources[UPDATE] = LoadedSource(UPDATE, UPDATE, "Updates over HTTP", draft.keep().digest)

    def _copy(self, folder: Path, sources: tuple[LoadedSource, ...]) -> int | None:
        """Copy the current snapshot with more saved figures, and return its quads; None where more differs."""
        before = self._published
        # The same name of the same sources says that neither judgements nor the ontology have changed since.
        if before is None or _version(before.sources, self._judgements_digest()) != before.version:
            return None
        more = [source for source in sources if source not in before.sources]
        kinds = {source.kind for source in more}
        base = self._folder_of(before.version)
        is_more = len(before.sources) + len(more) == len(sources) and kinds == {FIGURES}
        if not is_more or UPDATE in self.sources or not base.exists():
            return None
        Store.read_only(str(base / "store")).backup(str(folder / "store"))
        store = Store(str(folder / "store"))
        for source in more:
            with SourceFiles(self._folder, source.digest).quads() as quads:
                store.bulk_load(quads, RdfFormat.N_QUADS)
        store.flush()
        (folder / FILE).hardlink_to(base / FILE)
        return len(store)

    def _build(self, folder: Path, sources: tuple[LoadedSource, ...]) -> int:
        from civicgraph.graph.snapshot.derive import build  # noqa: PLC0415 - see the head of the file

        store = Store(str(folder / "store"))
        build(store, self.parts(sources), folder, self._progress)
        # To count the quads takes seconds, and so does to wait until the engine has put its files in order.
        with ThreadPoolExecutor(1) as pool:
            flushed = pool.submit(store.flush)
            quads = len(store)
            flushed.result()
        return quads

    def _served_again(self, version: str, sources: tuple[LoadedSource, ...]) -> Manifest | None:
        """Serve a snapshot that is there: its sources were current before, and a reader holds it; else return None."""
        folder = self._folder_of(version)
        if not folder.exists():
            return None
        manifest = Manifest(version, sources, Manifest.read(folder / "manifest.json").quads)
        _write_manifest(folder, manifest)
        self._serve(folder, manifest)
        return manifest

    def complete(self, building: Path, manifest: Manifest, suffix: str = "") -> Manifest:
        """Give a snapshot that is built all that readers need, and its lasting name; serve it, return its manifest."""
        (building / "readers").touch()
        _write_manifest(building, manifest)
        folder = building.with_name(manifest.version + suffix)
        building.rename(folder)
        self._serve(folder, manifest)
        return manifest

    def _serve(self, folder: Path, manifest: Manifest) -> None:
        """Make a whole snapshot the current one, and remove what nobody needs any more."""
        link = self._path / "current.next"
        link.unlink(missing_ok=True)
        link.symlink_to(folder.relative_to(self._path))
        link.rename(self._path / "current")
        # What was renamed is to last even if the machine stops.
        descriptor = os.open(self._path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        self._published = manifest
        self.sweep()

    def _judgements_digest(self) -> str:
        path = self._judgements
        return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""

    def sweep(self) -> None:
        """Remove what an earlier load left behind and no reader holds."""
        # Of a server that lost all it held, what is kept here may be all that there is.
        if not (kept := self._kept()):
            return
        digests = {source.digest for manifest in kept for source in manifest.sources}
        for file in self._folder.glob("*"):
            if file.stem not in digests or file.suffix not in SUFFIXES:
                file.unlink()
        names = {self._folder_of(manifest.version).name for manifest in kept}
        for folder in (self._path / "snapshots").glob("*"):
            if folder.name in names:
                continue
            try:
                with read_lock(folder, alone=True):
                    shutil.rmtree(folder)
            except BusyError:
                continue

    def _kept(self) -> list[Manifest]:
        """Return the manifests of the snapshots that are to stay."""
        return [] if self._published is None else [self._published]


def unlike_any() -> str:
    """Return a version for what is kept nowhere."""
    return f"memory-{secrets.token_hex(8)}"


def _version(sources: tuple[LoadedSource, ...], judgements: str) -> str:
    parts = [f"format {FORMAT}", judgements, *(f"{source.id} {source.digest}" for source in sources)]
    parts += [*map(read_text, ONTOLOGY_FILES), *scheme_texts()]
    parts += [rule.sparql for rule in (*rules(), *rules("rules_of_records"))]
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]


def _write_manifest(folder: Path, manifest: Manifest) -> None:
    partial = folder / "manifest.json.partial"
    # It is to be there even if the machine stops.
    with partial.open("wb") as file:
        file.write(manifest.text().encode())
        file.flush()
        os.fsync(file.fileno())
    partial.rename(folder / "manifest.json")


def judgements_in(path: Path) -> list["Judgement"]:
    """Return the judgements of a file, none where there is no file."""
    from civicgraph.graph.identity.judgements import read_judgements  # noqa: PLC0415 - see the head of the file

    return read_judgements(path.read_text(encoding="utf-8"), str(path)) if path.exists() else []
