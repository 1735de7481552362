"""Loading records: contracts, spending and registers into drafts, one pass over each file."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

from civicgraph.graph.identity.names import provisional_key
from civicgraph.graph.iris import slugify
from civicgraph.graph.mentions import Rank, SourceMention
from civicgraph.graph.record_quads import (
    NAMELESS,
    area_lines,
    authority_lines,
    code_lines,
    contract_lines,
    ownership_lines,
    party_lines,
    process_lines,
    spend_lines,
)
from civicgraph.graph.records import (
    Area,
    Authority,
    PaymentRow,
    ProcessRecord,
    Rejection,
    Source,
)
from civicgraph.graph.store.derive import Progress
from civicgraph.graph.store.snapshot import DataFolder
from civicgraph.graph.store.source_files import SourceDraft
from civicgraph.graph.ties.lines import contract_tie, spend_tie
from civicgraph.graph.triples import canonical_nquads, source_quads
from civicgraph.ontology.terms import CG
from civicgraph.seeds_loader.classify import services_of_text
from civicgraph.seeds_loader.columns import basis_of, read_mapping
from civicgraph.seeds_loader.cpv import read_cpv
from civicgraph.seeds_loader.guards import Context, Sums, guard_contract, guard_payment
from civicgraph.seeds_loader.load import LoadResult, Read, load, told_apart
from civicgraph.seeds_loader.ocds import read_ocds
from civicgraph.seeds_loader.organisations import count_organisation_rows, read_organisations
from civicgraph.seeds_loader.ownership import read_ownership
from civicgraph.seeds_loader.parties import Parties
from civicgraph.seeds_loader.registers import count_authority_rows, read_authorities
from civicgraph.seeds_loader.report import LoadReport
from civicgraph.seeds_loader.spend_nodes import add_up
from civicgraph.seeds_loader.spending import read_spending
from civicgraph.seeds_loader.tables import read_table

_BUFFERED: Final = 20_000
"""Lines that are written at a time."""


class _Lines:
    """Writes lines to a draft, many at a time."""

    def __init__(self, draft: SourceDraft) -> None:
        self._draft = draft
        self._held: list[str] = []

    def write(self, lines: Iterable[str]) -> None:
        """Add lines."""
        self._held.extend(lines)
        if len(self._held) >= _BUFFERED:
            self.flush()

    def flush(self) -> None:
        """Write what is held."""
        self._draft.write_quads("".join(self._held).encode())
        self._held.clear()


def load_ocds(
    folder: DataFolder,
    paths: Sequence[Path],
    source_id: str | None = None,
    progress: Progress = lambda _: None,
) -> LoadResult:
    """Load OCDS files, each a source of its own; parameters and errors are those of `load_claims`."""

    def read(path: Path, draft: SourceDraft) -> Read:
        source = _source(path, source_id, "OCDS file", draft)
        report, parties, context = LoadReport(), Parties(), Context()
        lines, roles = _Lines(draft), _Roles()
        latest: date | None = None
        for record in read_ocds(path):
            if isinstance(record, Rejection):
                report.read += not record.partial
                report.take(record)
                continue
            report.read += 1
            buyers = [parties.key(party) for party in record.buyers]
            if isinstance(record, ProcessRecord):
                lines.write(process_lines(record, buyers, _key(source)))
                latest = _later(latest, record.published)
                continue
            contract = guard_contract(record, context)
            suppliers = [parties.key(party) for party in contract.suppliers]
            lines.write(contract_lines(contract, buyers, suppliers, _key(source)))
            draft.write_ties([contract_tie(contract, buyers, suppliers)])
            latest = _later(latest, contract.awarded)
            if contract.guard is not None:
                report.guarded[contract.guard] += 1
                continue
            lines.write(roles.lines(buyers, suppliers))
        lines.flush()
        draft.write_mentions(parties.mentions())
        return Read(source.id, "ocds", source.label, report, latest)

    return load(folder, told_apart(paths, source_id), read, progress)


def load_spend(
    folder: DataFolder,
    paths: Sequence[Path],
    source_id: str | None = None,
    progress: Progress = lambda _: None,
    mapping: Path | None = None,
) -> LoadResult:
    """Load spending or sales tables, each a source of its own.

    Parameters and errors are those of `load_claims`; `mapping` names a file that says which header plays which role.
    """
    roles_of_headers: Mapping[str, str] | None = None if mapping is None else read_mapping(mapping)

    def read(path: Path, draft: SourceDraft) -> Read:
        reported_by = basis_of(read_table(path).headers)
        source = _source(path, source_id, f"Table of {reported_by}", draft)
        report, parties, lines, roles = LoadReport(), Parties(), _Lines(draft), _Roles()
        context = Context(sums=Sums())
        latest: date | None = None

        def payments() -> Iterable[tuple[str, str, PaymentRow]]:
            nonlocal latest
            for row in read_spending(path, mapping=roles_of_headers):
                if isinstance(row, Rejection):
                    report.read += not row.partial
                    report.take(row)
                    continue
                report.read += 1
                guarded = guard_payment(row, context)
                if guarded.guard is not None:
                    report.guarded[guarded.guard] += 1
                if reported_by == "sales" and guarded.what:
                    guarded = _typed(guarded)
                if guarded.guard != "absurd-date":
                    latest = _later(latest, guarded.day)
                supplier = "" if guarded.guard in NAMELESS else parties.key(guarded.supplier)
                yield parties.key(guarded.buyer), supplier, guarded

        for spend in add_up(payments()):
            lines.write(spend_lines(spend, _key(source), reported_by))
            draft.write_ties([spend_tie(spend, _key(source))])
            if spend.guard is None:
                lines.write(roles.lines([spend.buyer], [spend.supplier]))
        lines.flush()
        draft.write_mentions(parties.mentions())
        return Read(source.id, "spend", source.label, report, latest)

    return load(folder, told_apart(paths, source_id), read, progress)


def load_authorities(
    folder: DataFolder,
    paths: Sequence[Path],
    source_id: str | None = None,
    progress: Progress = lambda _: None,
) -> LoadResult:
    """Load registers of local authorities; parameters and errors are those of `load_claims`."""
    return _load_register(
        folder,
        told_apart(paths, source_id),
        ("authorities", source_id),
        (read_authorities, count_authority_rows),
        progress,
    )


def load_organisations(
    folder: DataFolder,
    paths: Sequence[Path],
    source_id: str | None = None,
    progress: Progress = lambda _: None,
) -> LoadResult:
    """Load registers of government organisations; parameters and errors are those of `load_claims`."""
    return _load_register(
        folder,
        told_apart(paths, source_id),
        ("organisations", source_id),
        (read_organisations, count_organisation_rows),
        progress,
    )


def load_cpv(
    folder: DataFolder,
    paths: Sequence[Path],
    source_id: str | None = None,
    progress: Progress = lambda _: None,
) -> LoadResult:
    """Load the Common Procurement Vocabulary; parameters and errors are those of `load_claims`."""

    def read(path: Path, draft: SourceDraft) -> Read:
        source = _source(path, source_id, "Procurement vocabulary", draft)
        report, lines = LoadReport(), _Lines(draft)
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
        source = _source(path, source_id, "Ownership file", draft)
        report, lines, parties = LoadReport(), _Lines(draft), Parties()
        for record in read_ownership(path):
            report.read += 1
            if isinstance(record, Rejection):
                report.reject(record)
            else:
                keys = parties.key(record.owner), parties.key(record.owned)
                lines.write(ownership_lines(record, *keys, _key(source)))
        lines.flush()
        draft.write_mentions(parties.mentions())
        return Read(source.id, "ownership", source.label, report)

    return load(folder, told_apart(paths, source_id), read, progress)


def _load_register(
    folder: DataFolder,
    files: Sequence[Path],
    kind: tuple[str, str | None],
    readers: tuple[Callable[[Path], Iterable[Authority | Area | Rejection]], Callable[[Path], int]],
    progress: Progress,
) -> LoadResult:
    name, source_id = kind
    read_all, count = readers

    def read(path: Path, draft: SourceDraft) -> Read:
        source = _source(path, source_id, "Register", draft)
        report, lines = LoadReport(), _Lines(draft)
        mentions: list[SourceMention] = []
        for record in read_all(path):
            if isinstance(record, Rejection):
                report.take(record)
            elif isinstance(record, Area):
                lines.write(area_lines(record))
            else:
                key = provisional_key(record.name, (record.identifier,))
                successors = [provisional_key("", (identifier,)) for identifier in record.successors]
                lines.write(authority_lines(record, key, successors))
                mentions += _of_register(record, key)
        lines.flush()
        draft.write_mentions(mentions)
        report.read = count(path)
        return Read(source.id, name, source.label, report)

    return load(folder, files, read, progress)


def _of_register(authority: Authority, key: str) -> Iterable[SourceMention]:
    identifiers = (authority.identifier, *authority.other_identifiers)
    yield SourceMention(key, authority.name, Rank.REGISTER, identifiers, authority.cls)
    for alias in authority.aliases:
        yield SourceMention(key, alias, Rank.REGISTER, cls=authority.cls, is_alias=True)


class _Roles:
    """Says once of each organisation that it is a supplier or a buyer."""

    def __init__(self) -> None:
        self._said: set[tuple[str, str]] = set()

    def lines(self, buyers: Iterable[str], suppliers: Iterable[str]) -> Iterable[str]:
        """Yield the lines that were not yet said."""
        for keys, cls in ((buyers, CG.Buyer), (suppliers, CG.Supplier)):
            for key in keys:
                if (key, cls) not in self._said:
                    self._said.add((key, cls))
                    yield party_lines(key, cls)


def _typed(row: PaymentRow) -> PaymentRow:
    services = services_of_text(row.what)
    return replace(row, services=services) if services else row


def _source(path: Path, source_id: str | None, what: str, draft: SourceDraft) -> Source:
    source = Source(source_id or slugify(path.stem), f"{what} {path.name}", _digest(path))
    draft.write_quads(canonical_nquads(source_quads(source)))
    return source


def _key(source: Source) -> str:
    return f"source/{source.id}"


def _digest(path: Path) -> str:
    if path.is_dir():
        return hashlib.sha256("".join(_digest(file) for file in sorted(path.iterdir())).encode()).hexdigest()
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _later(latest: date | None, day: date | None) -> date | None:
    return day if latest is None or (day is not None and day > latest) else latest
