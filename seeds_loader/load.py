"""Loading sources into a data folder: read, check, map to quads, publish the next snapshot."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from pyoxigraph import Quad, Store

from civicgraph.graph.engine.embedded import EmbeddedEngine
from civicgraph.graph.identity.mentions import Rank, SourceMention
from civicgraph.graph.records.iris import short_hash, slugify
from civicgraph.graph.records.quads import (
    canonical_nquads,
    claim_quads,
    correction_quads,
    document_quads,
    source_quads,
    thing_quads,
)
from civicgraph.graph.records.types import Published, Source
from civicgraph.graph.snapshot.derive import Parts, Progress, build
from civicgraph.graph.snapshot.snapshot import DataFolder, LoadedSource, Manifest, Writer
from civicgraph.graph.snapshot.source_files import SourceDraft, SourceFiles
from civicgraph.seeds_loader.claims.claims_file import ClaimsFile, read_claims
from civicgraph.seeds_loader.claims.documents import Documents
from civicgraph.seeds_loader.duplicates import refuse_duplicate
from civicgraph.seeds_loader.faults import SourceFileError, SourceIdError
from civicgraph.seeds_loader.rdf import read_rdf
from civicgraph.seeds_loader.report import LoadReport, changes, total
from civicgraph.seeds_loader.yaml_lines import claims_files


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What one load did: the report over all its files, the files that could not be read, the new snapshot.

    `sources` are the ids of what was read.
    """

    report: LoadReport
    unreadable: tuple[SourceFileError, ...]
    manifest: Manifest | None
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Read:
    """A source as its reader left it; what it holds is in the draft that the reader wrote to.

    `latest` is the latest day of award or payment in it; `payments` what tells a table of these again.
    """

    source: Source
    kind: str
    report: LoadReport
    latest: date | None = None
    payments: Mapping[str, Any] = field(default_factory=dict)

    @property
    def content(self) -> Mapping[str, Any]:
        """What tells the file again, as the manifest keeps it."""
        return {"sha256": self.source.sha256, **self.payments}


@dataclass(frozen=True, slots=True)
class Reading:
    """A file to be read into a draft: the id that its source is to have, whom to tell, and what its headers mean."""

    path: Path
    draft: SourceDraft
    folder: DataFolder
    id: str
    progress: Progress
    mapping: Mapping[str, str] | None = None


def source_of(reading: Reading, what: str, digest: str | None = None, published: Published | None = None) -> Source:
    """Return the source that a file is, and write what is known of it to the draft.

    Parameters
    ----------
    reading
        The file, and the draft.
    what
        What kind of file it is.
    digest
        Its digest, if it is known already.
    published
        What it says of itself as a publication.
    """
    path = reading.path
    source = Source(reading.id, f"{what} {path.name}", digest or digest_of(path), published or Published())
    reading.draft.write_quads(canonical_nquads(source_quads(source)))
    return source


def source_key(source: Source | Reading) -> str:
    """Return the kind/slug of a source, or of what a file will be."""
    return f"source/{source.id}"


def digest_of(path: Path) -> str:
    """Return the SHA-256 digest of a file, or of all files in a folder, in lower-case hexadecimal."""
    if path.is_dir():
        return hashlib.sha256("".join(digest_of(file) for file in sorted(path.iterdir())).encode()).hexdigest()
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


Reader = Callable[[Reading], Read]
"""Reads a file into its draft. Raises SourceFileError where the file as a whole cannot be used."""


def load_files(  # noqa: PLR0913 - what a kind of source needs, and each an option of the command
    read: Reader,
    folder: DataFolder,
    paths: Sequence[Path],
    source_id: str | None = None,
    progress: Progress = lambda _: None,
    *,
    again: bool = False,
    mapping: Path | None = None,
    spread: Callable[[Sequence[Path]], Iterable[Path]] = iter,
    read_mapping: Callable[[Path], Mapping[str, str]] | None = None,
) -> LoadResult:
    """Load files, each a source of its own, and publish the next snapshot if anything in them is usable.

    Parameters
    ----------
    read
        Reads a file of their kind.
    folder
        Where to load them.
    paths
        The files; folders of them for claims.
    source_id
        The id of the source if there is one file; otherwise each has the name of its file.
    progress
        Told the name of each step.
    again
        Whether to load also what seems to be loaded already, or takes the place of another file.
    mapping
        For tables, a file that says which header is what.
    spread
        Gives the files that the paths stand for.
    read_mapping
        Gives what a mapping file says, for tables.

    Raises
    ------
    TypeError
        A mapping was given for what is not a table.
    BusyError
        Another process is loading into the same folder.
    SourceIdError
        A source id was given for several files, is none, or is that of another file or of a source of another kind.
    """
    files = _told_apart(spread(paths), source_id)
    if mapping is not None and read_mapping is None:
        msg = "a mapping is for tables of payments and of contracts only"
        raise TypeError(msg)
    said = None if mapping is None or read_mapping is None else read_mapping(mapping)
    found: list[tuple[Read, str, Path]] = []
    unreadable: list[SourceFileError] = []
    with folder.writing() as writer:
        loaded = {key: (source.report.get("content", {}), source.path) for key, source in writer.sources.items()}
        for key, file in files.items():
            progress(f"reading {file.name}")
            try:
                with writer.draft() as draft:
                    one = read(Reading(file, draft, folder, key, progress, said))
                    before = writer.sources.get(key)
                    if before is not None and before.kind != one.kind:
                        reason = f"{key} is a source of kind {before.kind} already"
                        raise SourceIdError(reason, "give another id with --source")
                    if not again:
                        refuse_duplicate(key, file, one.content, loaded, named=source_id is not None)
                    loaded[key] = one.content, str(file.resolve())
                    kept = draft.keep()
                    if before is not None:
                        was = SourceFiles(kept.folder, before.digest)
                        one.report.changes = changes(was.rows(), kept.rows())
                    found.append((one, kept.digest, file))
            except SourceFileError as error:
                unreadable.append(error)
        report = _adopt(folder, writer, found)
        manifest = writer.publish(progress) if report.loaded + report.guarded.total() > 0 else None
    return LoadResult(report, tuple(unreadable), manifest, tuple(one.source.id for one, *_ in found))


def _read_claims(reading: Reading) -> Read:
    found = read_claims(reading.path, Documents(reading.folder.path))
    label, published = f"Claims of {found.document.label}", Published(licence=found.licence)
    source = Source(reading.id, label, digest_of(reading.path), published)
    reading.draft.write_quads(canonical_nquads(claims_quads(found, source)))
    reading.draft.write_mentions(claims_mentions(found))
    return Read(source, "claims", found.report)


load_claims: Final = partial(load_files, _read_claims, spread=claims_files)
"""Load claims files, or folders of them."""


def claims_mentions(found: ClaimsFile) -> Iterator[SourceMention]:
    """Yield the places and organisations of a claims file, organisations under the document's spellings too."""
    for thing in found.things:
        if thing.key.startswith("place/"):
            yield SourceMention(thing.key, thing.label, Rank.CLAIMS, cls="Place")
        elif thing.key.startswith("organisation/"):
            mention = SourceMention(thing.key, thing.label, Rank.CLAIMS, cls=thing.cls or "Organisation")
            yield mention
            yield from (replace(mention, name=alias, is_alias=True) for alias in thing.aliases)


def engine_in_memory(paths: Sequence[Path]) -> EmbeddedEngine:
    """Return an engine over claims files that keeps nothing on disk; records at fault are left out.

    Raises
    ------
    SourceFileError
        A file cannot be read as a whole.
    """
    store, sources = Store(), []
    with TemporaryDirectory() as made:
        for path in claims_files(paths):
            with SourceDraft(Path(made)) as draft:
                _read_claims(Reading(path, draft, DataFolder(Path(made)), slugify(path.stem), lambda _: None))
                sources.append(draft.keep())
        build(store, Parts(sources), Path(made))
    return EmbeddedEngine(store, short_hash("memory", *(source.digest for source in sources)))


def _read_rdf(reading: Reading) -> Read:
    quads = read_rdf(reading.path)
    reading.draft.write_quads(canonical_nquads(quads))
    return Read(source_of(reading, "RDF file"), "rdf", LoadReport(read=len(quads)))


load_rdf: Final = partial(load_files, _read_rdf)
"""Load RDF files. Triples without a graph go into the established view."""


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


def _told_apart(paths: Iterable[Path], source_id: str | None) -> dict[str, Path]:
    """Return the files to load, each once, by the ids of their sources."""
    files = dict.fromkeys(paths)
    if source_id is not None:
        if len(files) != 1:
            raise SourceIdError(f"one source id for {len(files)} files", "load them one by one, or give no id")
        if source_id != slugify(source_id):
            raise SourceIdError(f"{source_id!r} is not a source id", f"write it as {slugify(source_id)}")
        return dict.fromkeys([source_id], *files)
    by_id: dict[str, Path] = {}
    for file in files:
        other = by_id.setdefault(slugify(file.stem), file)
        if other is not file:
            reason = f"{other} and {file} would be one source"
            raise SourceIdError(reason, "load them one by one, each with its own id")
    return by_id


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
        del writer.sources[source_id]
        return writer.publish(progress)


def _adopt(folder: DataFolder, writer: Writer, found: Sequence[tuple[Read, str, Path]]) -> LoadReport:
    """Write out what was rejected, hand the sources over, and return the report over all of them."""
    for one, _, path in found:
        one.report.write_table(folder.path / "rejects" / f"{path.name.partition('.')[0]}-rejected.csv")
    report = total(one.report for one, *_ in found)
    if found:
        first, more = found[0][0].source.id, len(found) - 1
        report.write_rejects(folder.path / "rejects" / f"{f'{first}-and-{more}-more' if more else first}.jsonl")
    for one, digest, path in found:
        one.report.rejects_file = report.rejects_file if one.report.rejections else None
        latest, at = None if one.latest is None else one.latest.isoformat(), str(path.resolve())
        told = one.report.as_json() | {"content": one.content}
        loaded = LoadedSource(one.source.id, one.kind, one.source.label, digest, latest, told, at)
        writer.sources[loaded.id] = loaded
    return report
