"""Loading registers: public bodies, the procurement vocabulary and who owns whom, into drafts."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from civicgraph.graph.identity.names import provisional_key
from civicgraph.graph.mentions import Rank, SourceMention
from civicgraph.graph.record_quads import area_lines, authority_lines, code_lines, ownership_lines, sector_lines
from civicgraph.graph.records import Area, Authority, Party, Rejection
from civicgraph.graph.store.derive import Progress
from civicgraph.graph.store.snapshot import DataFolder
from civicgraph.graph.store.source_files import SourceDraft
from civicgraph.seeds_loader.drafts import Lines, source_key, source_of
from civicgraph.seeds_loader.load import LoadResult, Read, Reader, load, told_apart
from civicgraph.seeds_loader.parties import Parties
from civicgraph.seeds_loader.registers.authorities import count_authority_rows, read_authorities
from civicgraph.seeds_loader.registers.buyers import is_list, read_buyers
from civicgraph.seeds_loader.registers.cpv import read_cpv
from civicgraph.seeds_loader.registers.organisations import count_organisation_rows, read_organisations
from civicgraph.seeds_loader.registers.ownership import read_ownership
from civicgraph.seeds_loader.report import LoadReport


def load_authorities(
    folder: DataFolder,
    paths: Sequence[Path],
    source_id: str | None = None,
    progress: Progress = lambda _: None,
) -> LoadResult:
    """Load registers of local authorities; parameters and errors are those of `load_claims`."""
    read = _register_reader("authorities", source_id, (read_authorities, count_authority_rows))
    return load(folder, told_apart(paths, source_id), read, progress)


def load_organisations(
    folder: DataFolder,
    paths: Sequence[Path],
    source_id: str | None = None,
    progress: Progress = lambda _: None,
) -> LoadResult:
    """Load registers of government organisations, and lists of buyers; parameters and errors as `load_claims` has them.

    A list of buyers brings names; one that leads to codes of government organisations brings them as other names.
    """
    read_register = _register_reader("organisations", source_id, (read_organisations, count_organisation_rows))
    read_list = _buyers_reader(source_id)

    def read(path: Path, draft: SourceDraft) -> Read:
        return (read_list if is_list(path) else read_register)(path, draft)

    return load(folder, told_apart(paths, source_id), read, progress)


def _buyers_reader(source_id: str | None) -> Reader:
    def read(path: Path, draft: SourceDraft) -> Read:
        source = source_of(path, source_id, "List of buyers", draft)
        report, lines, named = LoadReport(), Lines(draft), Parties()
        coded: list[SourceMention] = []
        for record in read_buyers(path):
            report.read += 1
            if isinstance(record, Rejection):
                report.reject(record)
            elif record.code:
                key = provisional_key(record.name, (f"GB-GOR-{record.code}",))
                coded.append(SourceMention(key, record.name, Rank.REGISTER, cls="PublicBody", is_alias=True))
            else:
                key = named.key(Party(record.name))
                lines.write(sector_lines(key, record.sector) if record.sector else ())
        lines.flush()
        draft.write_mentions([*named.mentions(), *coded])
        return Read(source.id, "organisations", source.label, report)

    return read


def load_cpv(
    folder: DataFolder,
    paths: Sequence[Path],
    source_id: str | None = None,
    progress: Progress = lambda _: None,
) -> LoadResult:
    """Load the Common Procurement Vocabulary; parameters and errors are those of `load_claims`."""

    def read(path: Path, draft: SourceDraft) -> Read:
        source = source_of(path, source_id, "Procurement vocabulary", draft)
        report, lines = LoadReport(), Lines(draft)
        for code in read_cpv(path):
            report.read += 1
            if isinstance(code, Rejection):
                report.reject(code)
            else:
                lines.write(code_lines(code))
        lines.flush()
        return Read(source.id, "cpv", source.label, report)

    return load(folder, told_apart(paths, source_id), read, progress)


def load_ownership(
    folder: DataFolder,
    paths: Sequence[Path],
    source_id: str | None = None,
    progress: Progress = lambda _: None,
) -> LoadResult:
    """Load files of ownership; parameters and errors are those of `load_claims`."""

    def read(path: Path, draft: SourceDraft) -> Read:
        source = source_of(path, source_id, "Ownership file", draft)
        report, lines, parties = LoadReport(), Lines(draft), Parties()
        for record in read_ownership(path):
            report.read += 1
            if isinstance(record, Rejection):
                report.reject(record)
            else:
                keys = parties.key(record.owner), parties.key(record.owned)
                lines.write(ownership_lines(record, *keys, source_key(source)))
        lines.flush()
        draft.write_mentions(parties.mentions())
        return Read(source.id, "ownership", source.label, report)

    return load(folder, told_apart(paths, source_id), read, progress)


def _register_reader(
    kind: str,
    source_id: str | None,
    readers: tuple[Callable[[Path], Iterable[Authority | Area | Rejection]], Callable[[Path], int]],
) -> Reader:
    read_all, count = readers

    def read(path: Path, draft: SourceDraft) -> Read:
        source = source_of(path, source_id, "Register", draft)
        report, lines = LoadReport(), Lines(draft)
        mentions: list[SourceMention] = []
        for record in read_all(path):
            if isinstance(record, Rejection):
                report.take(record)
            elif isinstance(record, Area):
                lines.write(area_lines(record))
                codes = (record.gss,) if record.gss else ()
                mentions.append(SourceMention(record.key, record.name, Rank.REGISTER, codes, "Place"))
            else:
                key = provisional_key(record.name, (record.identifier,))
                successors = [provisional_key("", (identifier,)) for identifier in record.successors]
                lines.write(authority_lines(record, key, successors))
                mentions += _of_register(record, key)
        lines.flush()
        draft.write_mentions(mentions)
        report.read = count(path)
        return Read(source.id, kind, source.label, report)

    return read


def _of_register(authority: Authority, key: str) -> Iterable[SourceMention]:
    identifiers = (authority.identifier, *authority.other_identifiers)
    yield SourceMention(key, authority.name, Rank.REGISTER, identifiers, authority.cls)
    for alias in authority.aliases:
        yield SourceMention(key, alias, Rank.REGISTER, cls=authority.cls, is_alias=True)
