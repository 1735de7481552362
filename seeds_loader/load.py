"""Loading sources into a data folder: read, check, map to quads, publish the next snapshot."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Final, Protocol

from pyoxigraph import Quad, Store

from civicgraph.graph.engine.embedded import EmbeddedEngine
from civicgraph.graph.identity.mention_lines import Rank, SourceMention
from civicgraph.graph.records.iris import short_hash, slugify
from civicgraph.graph.records.quads import (
    canonical_nquads,
    claim_quads,
    correction_quads,
    document_quads,
    source_quads,
    thing_quads,
)
from civicgraph.graph.records.types import Source
from civicgraph.graph.snapshot.derive import InMemory, Parts, Progress, build
from civicgraph.graph.snapshot.snapshot import DataFolder, LoadedSource, Manifest
from civicgraph.graph.snapshot.source_files import SourceDraft
from civicgraph.seeds_loader.claims.claims_file import ClaimsFile, read_claims
from civicgraph.seeds_loader.claims.documents import Documents
from civicgraph.seeds_loader.faults import SourceFileError
from civicgraph.seeds_loader.rdf import read_rdf
from civicgraph.seeds_loader.report import LoadReport, total
from civicgraph.seeds_loader.yaml_lines import claims_files


class SourceIdError(ValueError):
    """Sources cannot be told apart by their ids, or an id is none: what is wrong, and what to do."""

    def __init__(self, what: str, remedy: str) -> None:
        self.what = what
        self.remedy = remedy
        super().__init__(f"{what}; {remedy}")


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What one load did: the report over all its files, the files that could not be read, the new snapshot."""

    report: LoadReport
    unreadable: tuple[SourceFileError, ...]
    manifest: Manifest | None


@dataclass(frozen=True, slots=True)
class Read:
    """A source as its reader left it; what it holds is in the draft that the reader wrote to.

    `latest` is the latest day of award or payment in it.
    """

    id: str
    kind: str
    label: str
    report: LoadReport
    latest: date | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A file to be read into a draft: the id that its source is to have, if not that of its name; whom to tell."""

    path: Path
    draft: SourceDraft
    folder: DataFolder
    source_id: str | None = None
    progress: Progress = lambda _: None

    @property
    def id(self) -> str:
        """The id that its source has."""
        return self.source_id or slugify(self.path.stem)


Reader = Callable[[Reading], Read]
"""Reads a file into its draft. Raises SourceFileError where the file as a whole cannot be used."""


class Loader(Protocol):
    """Loads files of one kind, each a source of its own, and publishes the next snapshot if anything is usable."""

    def __call__(
        self,
        folder: DataFolder,
        paths: Sequence[Path],
        source_id: str | None = None,
        progress: Progress = lambda _: None,
    ) -> LoadResult:
        """Load files.

        Parameters
        ----------
        folder
            Where to load them.
        paths
            The files; folders of them for claims.
        source_id
            The id of the source if there is one file; otherwise each has the name of its file.
        progress
            Told the name of each step.

        Raises
        ------
        BusyError
            Another process is loading into the same folder.
        SourceIdError
            A source id was given for several files, is none, or is that of another file or of a source of another kind.
        """


def loader(read: Reader, spread: Callable[[Sequence[Path]], Iterable[Path]] = iter) -> Loader:
    """Return what loads files through a reader; `spread` gives the files that the paths stand for."""

    def load_files(
        folder: DataFolder,
        paths: Sequence[Path],
        source_id: str | None = None,
        progress: Progress = lambda _: None,
    ) -> LoadResult:
        return _load(folder, told_apart(spread(paths), source_id), source_id, read, progress)

    return load_files


def _read_claims(reading: Reading) -> Read:
    source, found, parts = _claims_parts(reading.path, Documents(reading.folder.path), reading.source_id)
    reading.draft.write_quads(parts.nquads)
    reading.draft.write_mentions(parts.mentioned)
    return Read(source.id, "claims", source.label, found.report)


load_claims: Final = loader(_read_claims, claims_files)
"""Load claims files, or folders of them."""


def _claims_parts(path: Path, documents: Documents, source_id: str | None) -> tuple[Source, ClaimsFile, InMemory]:
    found = read_claims(path, documents)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    source = Source(source_id or slugify(path.stem), f"Claims of {found.document.label}", digest)
    return source, found, InMemory(canonical_nquads(claims_quads(found, source)), tuple(claims_mentions(found)))


def claims_mentions(found: ClaimsFile) -> Iterator[SourceMention]:
    """Yield the places and organisations of a claims file, organisations under the document's spellings too."""
    for thing in found.things:
        if thing.key.startswith("place/"):
            yield SourceMention(thing.key, thing.label, Rank.CLAIMS, cls="Place")
        if thing.key.startswith("organisation/"):
            cls = thing.cls or "Organisation"
            yield SourceMention(thing.key, thing.label, Rank.CLAIMS, cls=cls)
            for alias in thing.aliases:
                yield SourceMention(thing.key, alias, Rank.CLAIMS, cls=cls, is_alias=True)


def engine_in_memory(paths: Sequence[Path]) -> EmbeddedEngine:
    """Return an engine over claims files that keeps nothing on disk; records at fault are left out.

    Raises
    ------
    SourceFileError
        A file cannot be read as a whole.
    """
    sources = [_claims_parts(path, Documents(None), None)[2] for path in claims_files(paths)]
    store = Store()
    build(store, Parts(sources))
    return EmbeddedEngine(store, short_hash("memory", *(source.nquads.decode() for source in sources)))


def _read_rdf(reading: Reading) -> Read:
    path = reading.path
    quads = read_rdf(path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    source = Source(reading.id, f"RDF file {path.name}", digest)
    reading.draft.write_quads(canonical_nquads(chain(quads, source_quads(source))))
    return Read(source.id, "rdf", source.label, LoadReport(read=len(quads)))


load_rdf: Final = loader(_read_rdf)
"""Load RDF files. Triples without a graph go into the established view."""


def unload(folder: DataFolder, source_id: str, progress: Progress = lambda _: None) -> Manifest:
    """Take a source out and publish the next snapshot, which is as if it had never been loaded.

    Raises
    ------
    KeyError
        No source has that id.
    BusyError
        Another process is loading into the same folder.
    """
    with folder.writing() as writer:
        writer.remove(source_id)
        return writer.publish(progress)


def claims_quads(found: ClaimsFile, source: Source) -> Iterable[Quad]:
    """Yield the quads of a claims file and of its source; what its organisations are called is decided later.

    See `claims_mentions` for the organisations.
    """
    yield from source_quads(source)
    yield from document_quads(found.document, source)
    for thing in found.things:
        if not thing.key.startswith("organisation/"):
            yield from thing_quads(thing)
    for claim in found.claims:
        yield from claim_quads(claim)
    for correction in found.corrections:
        yield from correction_quads(correction)


def told_apart(paths: Iterable[Path], source_id: str | None) -> list[Path]:
    """Return the files to load, each once, checked to give sources of different ids.

    Raises
    ------
    SourceIdError
        A source id was given for several files, or is none, or two of the files would have the same.
    """
    files = list(dict.fromkeys(paths))
    if source_id is not None:
        if len(files) != 1:
            raise SourceIdError(f"one source id for {len(files)} files", "load them one by one, or give no id")
        if source_id != slugify(source_id):
            raise SourceIdError(f"{source_id!r} is no source id", f"write it as {slugify(source_id)}")
        return files
    by_id = defaultdict(list)
    for file in files:
        by_id[slugify(file.stem)].append(file)
    for same in by_id.values():
        if len(same) > 1:
            named = " and ".join(map(str, same))
            raise SourceIdError(f"{named} would be one source", "load them one by one, each with its own id")
    return files


def _load(
    folder: DataFolder, files: Sequence[Path], source_id: str | None, read: Reader, progress: Progress
) -> LoadResult:
    found: list[tuple[Read, str, str]] = []
    unreadable = []
    with folder.writing() as writer:
        for file in files:
            progress(f"reading {file.name}")
            try:
                with writer.draft() as draft:
                    source = read(Reading(file, draft, folder, source_id, progress))
                    _check_kind(writer.sources.get(source.id), source)
                    found.append((source, draft.keep().digest, str(file.resolve())))
            except SourceFileError as error:
                unreadable.append(error)
        for source, _, path in found:
            source.report.write_table(folder.path / "rejects" / f"{Path(path).name.partition('.')[0]}-rejected.csv")
        report = total(source.report for source, *_ in found)
        if found:
            first, more = found[0][0].id, len(found) - 1
            name = f"{first}-and-{more}-more" if more else first
            report.write_rejects(folder.path / "rejects" / f"{name}.jsonl")
        for source, digest, path in found:
            source.report.rejects_file = report.rejects_file if source.report.rejections else None
            latest = None if source.latest is None else source.latest.isoformat()
            report_of = source.report.as_json()
            writer.adopt(LoadedSource(source.id, source.kind, source.label, digest, latest, report_of, path))
        manifest = writer.publish(progress) if report.loaded + report.guarded.total() > 0 else None
    return LoadResult(report, tuple(unreadable), manifest)


def _check_kind(loaded: LoadedSource | None, source: Read) -> None:
    if loaded is not None and loaded.kind != source.kind:
        raise SourceIdError(f"{source.id} is a source of kind {loaded.kind} already", "give another id with --source")
