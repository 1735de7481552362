"""Loading records: contracts and spending into drafts, one pass over each file."""

import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import chain, islice
from pathlib import Path
from typing import Final

from civicgraph.graph.identity.names import provisional_of
from civicgraph.graph.records.contract_quads import party_lines, sector_lines, spend_lines
from civicgraph.graph.snapshot.derive import Progress
from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.graph.snapshot.source_files import SourceDraft
from civicgraph.ontology.terms import CG
from civicgraph.seeds_loader.duplicates import payments_told
from civicgraph.seeds_loader.faults import SourceFileError
from civicgraph.seeds_loader.guards.guard import Context
from civicgraph.seeds_loader.guards.rules import MILLIONTHS
from civicgraph.seeds_loader.load import LoadResult, Read, Reading, digest_of, loader, source_key, source_of
from civicgraph.seeds_loader.ocds.batches import Drafted, draft_batches, draft_records, later
from civicgraph.seeds_loader.ocds.releases import published
from civicgraph.seeds_loader.parties import Parties
from civicgraph.seeds_loader.registers.contracts import open_register
from civicgraph.seeds_loader.report import LoadReport
from civicgraph.seeds_loader.tables.columns import Kind, read_mapping
from civicgraph.seeds_loader.tables.mappings import mapping_for, remember_mapping
from civicgraph.seeds_loader.tables.payments import PaymentTable
from civicgraph.seeds_loader.tables.spending import open_spending

POUNDS: Final = "GBP"
_AT_ONCE: Final = 1_000
"""Contracts of a register that are drafted at a time."""


class Pace:
    """Tells about twice a second how fast the records of a file are read, and how long the rest of it will take.

    Parameters
    ----------
    name
        What is read.
    progress
        Told the pace in words.
    clock
        Gives seconds from any beginning.
    """

    def __init__(self, name: str, progress: Progress, clock: Callable[[], float] = time.monotonic) -> None:
        self._name = name
        self._progress = progress
        self._clock = clock
        self._started = clock()
        self._next = 1_000

    def reached(self, done: int, total: int | None = None) -> None:
        """Say that so many records or lines are read, of so many where that is known; called for each, it is cheap.

        >>> seconds = iter([0.0, 2.0])
        >>> Pace("leeds.csv", print, lambda: next(seconds)).reached(1_000, 31_000)
        reading leeds.csv: 1,000 of 31,000, 500 a second, 1 min 0 s left
        """
        if done < self._next:
            return
        elapsed = max(self._clock() - self._started, 1e-3)
        rate = done / elapsed
        self._next = done + max(1, int(rate / 2))
        of, left = "", ""
        if total is not None:
            seconds = round(max(total - done, 0) / rate)
            of, left = f" of {total:,}", f", {seconds // 60} min {seconds % 60} s left"
        self._progress(f"reading {self._name}: {done:,}{of}, {rate:,.0f} a second{left}")


@dataclass(slots=True)
class _Drafting:
    """Takes what batches of records come to into a draft, and adds their counts up.

    `roles` are the organisations that are said to be a supplier or a buyer, each once.
    """

    draft: SourceDraft
    report: LoadReport = field(default_factory=LoadReport)
    parties: Parties = field(default_factory=Parties)
    roles: set[tuple[str, str]] = field(default_factory=set)
    latest: date | None = None

    def take(self, drafted: Drafted) -> None:
        """Take a batch."""
        self.draft.write_quads(drafted.quads)
        new = [one for one in drafted.roles if one not in self.roles]
        self.draft.write_quads(party_lines(*one) for one in new)
        self.roles.update(new)
        self.draft.write_rows(drafted.rows)
        self.parties.add(drafted.parties)
        self.latest = later(self.latest, drafted.latest)
        self.report.read += drafted.read
        self.report.guarded += drafted.guarded
        self.report.add_pounds(drafted.pounds)
        for fault in drafted.faults:
            self.report.take(fault)


def _read_ocds(reading: Reading) -> Read:
    path, draft = reading.path, reading.draft
    taken = _Drafting(draft)
    pace = Pace(path.name, reading.progress)
    with ThreadPoolExecutor(1, "digest") as pool:
        # To read a large file for its digest takes seconds, in which it can be read for what it says.
        digest = pool.submit(digest_of, path)
        for drafted in draft_batches(path, source_key(reading), pace.reached):
            taken.take(drafted)
    source = source_of(reading, "OCDS file", digest.result(), published(path))
    draft.write_mentions(taken.parties.mentions())
    return Read(source, "ocds", taken.report, taken.latest)


load_ocds: Final = loader(_read_ocds)
"""Load OCDS files. Releases of one process in a file are merged.

A large one is read by several processes, which import the script that calls this: it must do so under
`if __name__ == "__main__":`.
"""


def _mapped(kind: Kind, read: Callable[[Reading, Mapping[str, str] | None], Read]) -> Callable[..., LoadResult]:
    """Return what loads tables, which may come with a file that says which header plays which role."""

    def load(
        folder: DataFolder, paths: Sequence[Path], *given: object, mapping: Path | None = None, **options: object
    ) -> LoadResult:
        said = None if mapping is None else read_mapping(mapping, kind)
        return loader(lambda reading: read(reading, said))(folder, paths, *given, **options)

    return load


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
    return Read(source, "contracts", taken.report, taken.latest)


def _read_spend(reading: Reading, mapping: Mapping[str, str] | None) -> Read:
    path, draft = reading.path, reading.draft
    used, told = mapping_for(reading.folder.path, path, "spending", mapping)
    opened = open_spending(path, mapping=used)
    with PaymentTable(opened, source_key(reading)) as table:
        source = source_of(reading, f"Table of {opened.reported_by}")
        report, pace = LoadReport(headers=opened.table.headers), Pace(path.name, reading.progress)
        for one in told:
            report.take(one)
        for line in table.read():
            pace.reached(line, opened.table.found.lines)
        table.finish()
        parties, buyers = Parties(), set[str]()
        for party, is_payer, times in table.parties():
            key = parties.key(party, times)
            if is_payer:
                buyers.add(provisional_of(key))
        with ThreadPoolExecutor(1, "rows") as beside:
            rows = beside.submit(table.rows)
            _write_spends(table, parties, draft, source_key(source), opened.reported_by)
            draft.take_rows(rows.result())
        months, latest = _count_payments(table, report)
    draft.write_mentions(parties.mentions())
    if mapping is not None:
        remember_mapping(reading.folder.path, path, "spending", mapping)
    return Read(source, "spend", report, latest, payments_told(buyers, months))


def _write_spends(table: PaymentTable, parties: Parties, draft: SourceDraft, source: str, reported_by: str) -> None:
    roles: dict[tuple[str, str], None] = {}
    for spend in table.spends():
        names = parties.name(spend.buyer), parties.name(spend.supplier)
        draft.write_quads(spend_lines(spend, source, reported_by, names))
        if spend.guard is None:
            roles[spend.buyer, CG.Buyer] = roles[spend.supplier, CG.Supplier] = None
    draft.write_quads(party_lines(key, cls) for key, cls in roles)
    draft.write_quads(chain.from_iterable(sector_lines(*one) for one in table.sectors()))


def _count_payments(table: PaymentTable, report: LoadReport) -> tuple[dict[str, tuple[int, float]], date | None]:
    """Take what rows come to into the report; return the rows and pounds of each month, and the latest day."""
    kinds: dict[str, tuple[int, Decimal]] = defaultdict(lambda: (0, Decimal(0)))
    months: dict[str, tuple[int, Decimal]] = defaultdict(lambda: (0, Decimal(0)))
    latest, rejected = None, 0
    for fault, millionths in table.rejected():
        report.read += not fault.partial
        report.take(fault)
        rejected += millionths
    for month, guard, currency, typed, rows, amount, last in table.counts():
        report.read += rows
        if guard is not None:
            report.guarded[guard] += rows
        else:
            kind = "without a service type" if typed is None else f"with a service type that is {typed}"
            in_pounds = currency == POUNDS
            counted = [(kind, amount)] if in_pounds else [(kind, Decimal(0)), (f"in {currency}", amount)]
            for told, money in counted:
                kinds[told] = kinds[told][0] + rows, kinds[told][1] + money
        if currency == POUNDS:
            report.add_pounds({guard or "loaded": amount})
            months[month] = months[month][0] + rows, months[month][1] + amount
        if guard != "absurd-date":
            latest = later(latest, last)
    report.kinds = dict(kinds)
    if rejected:
        report.add_pounds({"rejected": Decimal(rejected) / MILLIONTHS})
    return {month: (rows, float(amount)) for month, (rows, amount) in months.items()}, latest


load_contracts: Final = _mapped("contracts", _read_contracts)
"""Load contracts registers, each a source of its own; `mapping` names a file that says which header is what."""

load_spend: Final = _mapped("spending", _read_spend)
"""Load spending or sales tables, in the same way. """
