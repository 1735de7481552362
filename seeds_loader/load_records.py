"""Loading records: contracts and spending into drafts, one pass over each file."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final

from civicgraph.graph.identity.names import provisional_of
from civicgraph.graph.records.contract_quads import (
    NAMELESS,
    party_lines,
    sector_lines,
    spend_lines,
)
from civicgraph.graph.records.rows import payment_row
from civicgraph.graph.records.spend_keys import SpendKeys
from civicgraph.graph.records.types import PaymentRow, Rejection
from civicgraph.graph.snapshot.derive import Progress
from civicgraph.graph.snapshot.snapshot import DataFolder, LoadedSource, Manifest
from civicgraph.graph.snapshot.source_files import SourceDraft
from civicgraph.ontology.terms import CG
from civicgraph.seeds_loader.drafts import Lines, digest_of, source_key, source_of
from civicgraph.seeds_loader.duplicates import Content
from civicgraph.seeds_loader.faults import SourceFileError
from civicgraph.seeds_loader.guards.guard import Context, Sums, guard_payment
from civicgraph.seeds_loader.load import LoadResult, Prepared, Read, Reading, loader
from civicgraph.seeds_loader.load import unload as unload_source
from civicgraph.seeds_loader.ocds.across_files import Plan, Shared, keep, plan, sweep
from civicgraph.seeds_loader.ocds.batches import Drafted, draft_batches, draft_records, later
from civicgraph.seeds_loader.ocds.stream import published
from civicgraph.seeds_loader.pace import Pace
from civicgraph.seeds_loader.parties import Parties
from civicgraph.seeds_loader.registers.contracts import open_register
from civicgraph.seeds_loader.report import LoadReport
from civicgraph.seeds_loader.services.classify import services_of_payment, services_of_text
from civicgraph.seeds_loader.tables.columns import basis_of, read_mapping
from civicgraph.seeds_loader.tables.mappings import mapping_for, remember_mapping
from civicgraph.seeds_loader.tables.spend_nodes import add_up
from civicgraph.seeds_loader.tables.spending import Undated, open_spending

_AT_ONCE: Final = 1_000
"""Contracts of a register that are drafted at a time."""


class _Roles:
    """Says once of each organisation that it is a supplier or a buyer."""

    def __init__(self) -> None:
        self._said: set[tuple[str, str]] = set()

    def lines(self, roles: Iterable[tuple[str, str]]) -> Iterable[str]:
        """Yield the lines of those keys and classes that were not yet said."""
        for key, cls in roles:
            if (key, cls) not in self._said:
                self._said.add((key, cls))
                yield party_lines(key, cls)


@dataclass(slots=True)
class _Drafting:
    """Takes what batches of records come to into a draft, and adds their counts up."""

    draft: SourceDraft
    report: LoadReport = field(default_factory=LoadReport)
    parties: Parties = field(default_factory=Parties)
    roles: _Roles = field(default_factory=_Roles)
    latest: date | None = None

    def take(self, drafted: Drafted) -> None:
        """Take a batch."""
        self.draft.write_quads(drafted.quads)
        self.draft.write_quads("".join(self.roles.lines(drafted.roles)).encode())
        self.draft.write_rows(drafted.rows)
        self.parties.add(drafted.parties)
        self.latest = later(self.latest, drafted.latest)
        self.report.read += drafted.read
        self.report.guarded += drafted.guarded
        self.report.add_pounds(drafted.pounds)
        for fault in drafted.faults:
            self.report.take(fault)


def _read_ocds(reading: Reading, plan: Plan) -> Read:
    path, draft = reading.path, reading.draft
    shared, seen = plan.shared.get(reading.id, Shared()), plan.overviews.get(path)
    taken = _Drafting(draft)
    pace = Pace(path.name, reading.progress)
    with ThreadPoolExecutor(1, "digest") as pool:
        # To read a large file for its digest takes seconds, in which it can be read for what it says.
        digest = pool.submit(digest_of, path)
        for drafted in draft_batches(path, source_key(reading), pace.reached, shared, seen):
            taken.take(drafted)
    source = source_of(reading, "OCDS file", digest.result(), published(path))
    draft.write_mentions(taken.parties.mentions())
    if seen is not None:
        keep(reading.folder.path, source.sha256, seen.digests)
    for number, other in sorted((count, other) for other, count in Counter(shared.elsewhere.values()).items()):
        reason = f"{number:,} of its processes have releases in {other} too, and are merged with these there"
        taken.report.take(Rejection(path.name, 1, "ocid", reason, "nothing is to be done", partial=True))
    return Read(source.id, "ocds", source.label, taken.report, taken.latest, Content(source.sha256))


def _prepare_ocds(folder: DataFolder, loaded: Mapping[str, LoadedSource], files: Mapping[str, Path | None]) -> Prepared:
    """See which processes are in several files."""
    made = plan(folder.path, loaded, files)
    done = partial(sweep, folder.path)
    return Prepared(lambda reading: _read_ocds(reading, made), made.again, made.faults, done)


def unload(folder: DataFolder, source_id: str, progress: Progress = lambda _: None) -> Manifest:
    """Take a source out; see `civicgraph.seeds_loader.load.unload`."""
    return unload_source(folder, source_id, progress, _prepare_ocds)


load_ocds: Final = loader(prepare=_prepare_ocds)
"""Load OCDS files. Releases of one process are merged whatever files they are in.

A large one is read by several processes, which import the script that calls this: it must do so under
`if __name__ == "__main__":`.
"""


def load_contracts(
    folder: DataFolder,
    paths: Sequence[Path],
    source_id: str | None = None,
    progress: Progress = lambda _: None,
    mapping: Path | None = None,
    *,
    again: bool = False,
) -> LoadResult:
    """Load contracts registers, each a source of its own; see `load_spend`."""
    given = None if mapping is None else read_mapping(mapping, "contracts")
    return loader(lambda reading: _read_contracts(reading, given))(folder, paths, source_id, progress, again=again)


def _read_contracts(reading: Reading, mapping: Mapping[str, str] | None) -> Read:
    used, told = mapping_for(reading.folder.path, reading.path, "contracts", mapping)
    register = open_register(reading.path, mapping=used)
    source = source_of(reading, "Contracts register")
    taken = _Drafting(reading.draft, LoadReport(headers=register.table.headers))
    for one in told:
        taken.report.take(one)
    context, records, ties = Context(), register.contracts(), set[tuple[str, str]]()
    pace = Pace(reading.path.name, reading.progress)
    while some := list(islice(records, _AT_ONCE)):
        taken.take(draft_records(some, source_key(source), context, Drafted(), ties))
        pace.reached(taken.report.read)
    if not taken.report.read:
        raise SourceFileError(reading.path.name, None, "a header and no rows", "name a register with contracts in it")
    if mapping is not None:
        remember_mapping(reading.folder.path, reading.path, "contracts", mapping)
    reading.draft.write_mentions(taken.parties.mentions())
    return Read(source.id, "contracts", source.label, taken.report, taken.latest, Content(source.sha256))


def load_spend(
    folder: DataFolder,
    paths: Sequence[Path],
    source_id: str | None = None,
    progress: Progress = lambda _: None,
    mapping: Path | None = None,
    *,
    again: bool = False,
) -> LoadResult:
    """Load spending or sales tables, each a source of its own.

    Parameters and errors are those of every `Loader`; `mapping` names a file that says which header plays which role.
    """
    given = None if mapping is None else read_mapping(mapping)
    return loader(lambda reading: _read_spend(reading, given))(folder, paths, source_id, progress, again=again)


def _read_spend(reading: Reading, mapping: Mapping[str, str] | None) -> Read:
    path, draft = reading.path, reading.draft
    used, told = mapping_for(reading.folder.path, path, "spending", mapping)
    opened = open_spending(path, mapping=used)
    headers = opened.table.headers
    reported_by = basis_of(headers)
    source = source_of(reading, f"Table of {reported_by}")
    parties, roles = Parties(), _Roles()
    lines, rows, keys = Lines(draft.write_quads), Lines(draft.write_rows), SpendKeys(source_key(source))
    taken = _Payments(LoadReport(headers=headers), parties, is_sales=reported_by == "sales")
    for one in told:
        taken.report.take(one)
    pace = Pace(path.name, reading.progress)
    for buyer, supplier, payment in taken.keyed(opened.rows(pace.reached)):
        rows.write([payment_row(payment, keys.key(payment, buyer, supplier), buyer, supplier, reported_by)])
    rows.flush()
    for spend in add_up(draft.written_rows()):
        names = parties.name(spend.buyer), parties.name(spend.supplier)
        lines.write(spend_lines(spend, source_key(source), reported_by, names))
        if spend.guard is None:
            lines.write(roles.lines(((spend.buyer, CG.Buyer), (spend.supplier, CG.Supplier))))
    lines.write(chain.from_iterable(sector_lines(*one) for one in sorted(taken.sectors)))
    lines.flush()
    draft.write_mentions(parties.mentions())
    if mapping is not None:
        remember_mapping(reading.folder.path, path, "spending", mapping)
    content = Content.of_payments(source.sha256, taken.buyers, taken.months)
    return Read(source.id, "spend", source.label, taken.report, taken.latest, content)


@dataclass(slots=True)
class _Payments:
    """What is known of a table once its rows have passed: its report, its buyers' sectors and its latest day."""

    report: LoadReport
    parties: Parties
    is_sales: bool
    sectors: set[tuple[str, str]] = field(default_factory=set)
    latest: date | None = None
    buyers: set[str] = field(default_factory=set)
    months: Mapping[str, tuple[int, float]] = field(default_factory=dict)
    kinds: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(lambda: [0, Decimal(0)]))

    def keyed(self, rows: Iterable[PaymentRow | Undated | Rejection]) -> Iterator[tuple[str, str, PaymentRow]]:
        """Yield each row, guarded, with the keys of its buyer and supplier."""
        report, parties, context = self.report, self.parties, Context(sums=Sums(), nets=self.is_sales)
        totals: dict[tuple[date, str | None, str], list[Any]] = {}
        rejected, last = Decimal(0), ""
        for given in rows:
            if isinstance(given, PaymentRow):
                row = guard_payment(given, context)
            elif isinstance(given, Undated):
                row = guard_payment(given.row, context)
                if row.guard != "total":
                    report.read += 1
                    report.take(given.fault)
                    rejected += row.amount
                    continue
            else:
                report.read += not given.partial
                report.take(given)
                continue
            guard = row.guard
            key = (row.day, guard, row.marks.currency)
            total = totals.get(key)
            if total is None:
                totals[key] = [1, row.amount]
            else:
                total[0] += 1
                total[1] += row.amount
            supplier = "" if guard in NAMELESS else parties.key(row.supplier)
            buyer = parties.key(row.buyer)
            if buyer is not last:
                self.buyers.add(provisional_of(buyer))
                last = buyer
            if row.marks.sector:
                self.sectors.add((buyer, row.marks.sector))
            if guard is None or self.is_sales:
                row = self._typed(row)
            yield buyer, supplier, row
        self._count(totals)
        if rejected:
            report.pounds["rejected"] = rejected

    def _typed(self, row: PaymentRow) -> PaymentRow:
        """Return a row with its service types, and count how they were told."""
        what = row.what
        services, typed = services_of_text(what) if self.is_sales and what else (), "asserted"
        if not services and not self.is_sales:
            services, typed = services_of_payment(what, row.supplier.name, row.department)
        if row.guard is None:
            told = self.kinds[f"with a service type that is {typed}" if services else "without a service type"]
            told[0] += 1
            told[1] += row.amount
        return row._replace(services=services, typed=typed) if services else row

    def _count(self, totals: Mapping[tuple[date, str | None, str], Sequence[Any]]) -> None:
        """Take the rows and pounds by day, guard and currency into the report, and keep them by month."""
        report = self.report
        months: dict[str, tuple[int, Decimal]] = {}
        for (day, guard, currency), (rows, pounds) in totals.items():
            report.read += rows
            if guard is not None:
                report.guarded[guard] += rows
            elif currency != "GBP":
                self.kinds[f"in {currency}"][0] += rows
                self.kinds[f"in {currency}"][1] += pounds
            if pounds.is_finite() and currency == "GBP":
                report.pounds[guard or "loaded"] = report.pounds.get(guard or "loaded", Decimal(0)) + pounds
                known = months.get(month := day.isoformat()[:7], (0, Decimal(0)))
                months[month] = known[0] + rows, known[1] + pounds
        self.months = {month: (rows, float(pounds)) for month, (rows, pounds) in months.items()}
        report.kinds = {kind: (rows, amount) for kind, (rows, amount) in self.kinds.items()}
        self.latest = max((day for day, guard, _ in totals if guard != "absurd-date"), default=None)
