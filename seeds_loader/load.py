"""Loading sources into a data folder: read, check, map to quads, publish the next snapshot."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from pyoxigraph import Quad

from civicgraph.graph.iris import short_hash, slugify
from civicgraph.graph.records import Source
from civicgraph.graph.store.derive import Progress, build_in_memory
from civicgraph.graph.store.embedded import EmbeddedEngine
from civicgraph.graph.store.snapshot import DataFolder, Manifest
from civicgraph.graph.triples import (
    canonical_nquads,
    claim_quads,
    correction_quads,
    document_quads,
    source_quads,
    thing_quads,
)
from civicgraph.seeds_loader.claims import ClaimsFile, read_claims
from civicgraph.seeds_loader.documents import Documents
from civicgraph.seeds_loader.located import SourceFileError, claims_files
from civicgraph.seeds_loader.rdf import read_rdf
from civicgraph.seeds_loader.report import LoadReport, total


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What one load did: the report over all its files, the files that could not be read, the new snapshot."""

    report: LoadReport
    unreadable: tuple[SourceFileError, ...]
    manifest: Manifest | None


@dataclass(frozen=True, slots=True)
class _Read:
    """A source as its reader left it."""

    source: Source
    kind: str
    quads: bytes
    report: LoadReport


def load_claims(
    folder: DataFolder,
    paths: Sequence[Path],
    source_id: str | None = None,
    progress: Progress = lambda _: None,
) -> LoadResult:
    """Load claims files, each a source of its own, and publish the next snapshot.

    Parameters
    ----------
    folder
        Where to load them.
    paths
        Claims files, or folders of them.
    source_id
        The id of the source if there is one file; otherwise each has the name of its file.
    progress
        Told the name of each step.

    Raises
    ------
    BusyError
        Another process is loading into the same folder.
    ValueError
        A source id was given for several files.
    """
    files = _one_id(list(claims_files(paths)), source_id)
    documents = Documents(folder.path)
    return _load(folder, files, lambda path: _claims_source(path, documents, source_id), progress)


def _claims_source(path: Path, documents: Documents, source_id: str | None = None) -> _Read:
    found = read_claims(path, documents)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    source = Source(source_id or slugify(path.stem), f"Claims of {found.document.label}", digest)
    return _Read(source, "claims", canonical_nquads(claims_quads(found, source)), found.report)


def engine_in_memory(paths: Sequence[Path]) -> EmbeddedEngine:
    """Return an engine over claims files that keeps nothing on disk; records at fault are left out.

    Raises
    ------
    SourceFileError
        A file cannot be read as a whole.
    """
    sources = [_claims_source(path, Documents(None)).quads for path in claims_files(paths)]
    version = short_hash("memory", *(source.decode() for source in sources))
    return EmbeddedEngine(build_in_memory(*sources), version)


def load_rdf(
    folder: DataFolder,
    paths: Sequence[Path],
    source_id: str | None = None,
    progress: Progress = lambda _: None,
) -> LoadResult:
    """Load RDF files, each a source of its own, and publish the next snapshot.

    Triples without a graph go into the established view. Parameters and errors are those of `load_claims`.
    """
    files = _one_id(list(paths), source_id)

    def read(path: Path) -> _Read:
        quads = read_rdf(path)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        source = Source(source_id or slugify(path.stem), f"RDF file {path.name}", digest)
        report = LoadReport(read=len(quads))
        return _Read(source, "rdf", canonical_nquads(chain(quads, source_quads(source))), report)

    return _load(folder, files, read, progress)


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
    """Yield the quads of everything in a claims file, and of the source that it is."""
    yield from source_quads(source)
    yield from document_quads(found.document, source)
    for thing in found.things:
        yield from thing_quads(thing)
    for claim in found.claims:
        yield from claim_quads(claim)
    for correction in found.corrections:
        yield from correction_quads(correction)


def _one_id(files: list[Path], source_id: str | None) -> list[Path]:
    if source_id is not None and len(files) != 1:
        msg = f"one source id for {len(files)} files; load them one by one, or leave --source out"
        raise ValueError(msg)
    return files


def _load(folder: DataFolder, files: Sequence[Path], read: Callable[[Path], _Read], progress: Progress) -> LoadResult:
    found: list[_Read] = []
    unreadable = []
    with folder.writing() as writer:
        for path in files:
            progress(f"reading {path.name}")
            try:
                found.append(read(path))
            except SourceFileError as error:
                unreadable.append(error)
        report = total(one.report for one in found)
        if found:
            first, more = found[0].source.id, len(found) - 1
            name = f"{first}-and-{more}-more" if more else first
            report.write_rejects(folder.path / "rejects" / f"{name}.jsonl")
        for one in found:
            one.report.rejects_file = report.rejects_file if one.report.rejections else None
            writer.add(one.source.id, one.kind, one.source.label, one.quads, one.report.as_json())
        manifest = writer.publish(progress) if report.loaded > 0 else None
    return LoadResult(report, tuple(unreadable), manifest)
