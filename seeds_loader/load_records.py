"""Loading records: contracts and spending into drafts, one pass over each file."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import chain, islice
from pathlib import Path
from typing import Final

from civicgraph.graph.identity.names import provisional_of
from civicgraph.graph.records.contract_quads import party_lines, sector_lines, spend_lines
from civicgraph.graph.records.references import reference_list
from civicgraph.graph.records.types import Party
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
from civicgraph.seeds_loader.parties import Parties, party_key
from civicgraph.seeds_loader.registers.contracts import open_register
from civicgraph.seeds_loader.report import LoadReport
from civicgraph.seeds_loader.services.classify import services_of_payment, services_of_text
from civicgraph.seeds_loader.tables.columns import Kind, basis_of, read_mapping
from civicgraph.seeds_loader.tables.guarded import Guarded, guarded_payments
from civicgraph.seeds_loader.tables.mappings import mapping_for, remember_mapping
from civicgraph.seeds_loader.tables.payments import Named, PaymentTable
from civicgraph.seeds_loader.tables.spending import Purchase

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
        self.draft.write_quads(self.roles.lines(drafted.roles))
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
    taken = _Drafting(reading.draft)
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
    with (
        guarded_payments(path, used) as ((headers, lines), blocks),
        PaymentTable(source_key(reading), basis_of(headers)) as table,
    ):
        source = source_of(reading, f"Table of {table.reported_by}")
        taken = _Payments(table, LoadReport())
        for one in told:
            taken.report.take(one)
        pace = Pace(path.name, reading.progress)
        for block in blocks:
            taken.take(block)
            pace.reached(block.line, lines)
        taken.finish()
        with ThreadPoolExecutor(1, "rows") as beside:
            rows = beside.submit(table.rows)
            _write_spends(taken, draft, source_key(source))
            draft.take_rows(rows.result())
    draft.write_mentions(taken.parties.mentions())
    if mapping is not None:
        remember_mapping(reading.folder.path, path, "spending", mapping)
    return Read(source, "spend", taken.report, taken.latest, payments_told(taken.buyers, taken.months))


def _write_spends(taken: "_Payments", draft: SourceDraft, source: str) -> None:
    table, roles = taken.table, _Roles()
    for spend in table.spends():
        names = taken.parties.name(spend.buyer), taken.parties.name(spend.supplier)
        draft.write_quads(spend_lines(spend, source, table.reported_by, names))
        if spend.guard is None:
            draft.write_quads(roles.lines(((spend.buyer, CG.Buyer), (spend.supplier, CG.Supplier))))
    draft.write_quads(chain.from_iterable(sector_lines(*one) for one in sorted(taken.sectors)))


load_contracts: Final = _mapped("contracts", _read_contracts)
"""Load contracts registers, each a source of its own; `mapping` names a file that says which header is what."""

load_spend: Final = _mapped("spending", _read_spend)
"""Load spending or sales tables, in the same way. A large one is read by another process; see `load_ocds`."""


@dataclass(slots=True)
class _Payments:
    """Takes the payments of a table: types them, and counts what became of them."""

    table: PaymentTable
    report: LoadReport
    parties: Parties = field(default_factory=Parties)
    sectors: set[tuple[str, str]] = field(default_factory=set)
    latest: date | None = None
    buyers: set[str] = field(default_factory=set)
    months: dict[str, tuple[int, float]] = field(default_factory=dict)
    rejected: int = 0
    met: list[tuple[Party, Party, str]] = field(default_factory=list)

    def take(self, rows: Guarded) -> None:
        """Take some rows."""
        for fault in rows.faults:
            self.report.read += not fault.partial
            self.report.take(fault)
        self.rejected += rows.rejected
        self.met += [(one.supplier, one.buyer, one.marks.sector) for one in rows.new]
        self.table.add(rows, [self._named(one) for one in rows.new])

    def _named(self, one: Purchase) -> Named:
        what, supplier, marks = one.what, one.supplier, one.marks
        if self.table.reported_by == "sales":
            services, typed = services_of_text(what) if what else (), "asserted"
        else:
            services, typed = services_of_payment(what, supplier.name, one.department)
        return Named(
            one.number,
            buyer=party_key(one.buyer),
            supplier=party_key(supplier) if supplier.name or supplier.identifiers else "",
            payer=one.buyer.name,
            payee=supplier.name,
            department=one.department,
            category=what,
            references=reference_list((one.reference,)) if one.reference else "",
            services=" ".join(services),
            typed=typed if services else "asserted",
            sector=marks.sector,
            size=marks.size,
            lot=marks.lot,
            vat=marks.vat,
            currency=marks.currency,
        )

    def finish(self) -> None:
        """Take all that the rows come to into the report, once they are all taken."""
        self.table.finish()
        for number, times, named in self.table.parties():
            supplier, buyer, sector = self.met[number]
            if named:
                self.parties.key(supplier, named)
            key = self.parties.key(buyer, times)
            self.buyers.add(provisional_of(key))
            if sector:
                self.sectors.add((key, sector))
        kinds: dict[str, tuple[int, Decimal]] = defaultdict(lambda: (0, Decimal(0)))
        months: dict[str, tuple[int, Decimal]] = defaultdict(lambda: (0, Decimal(0)))
        for month, guard, currency, typed, rows, amount, latest in self.table.counts():
            self.report.read += rows
            if guard is not None:
                self.report.guarded[guard] += rows
            else:
                kind = "without a service type" if typed is None else f"with a service type that is {typed}"
                in_pounds = currency == POUNDS
                counted = [(kind, amount)] if in_pounds else [(kind, Decimal(0)), (f"in {currency}", amount)]
                for told, money in counted:
                    kinds[told] = kinds[told][0] + rows, kinds[told][1] + money
            if currency == POUNDS:
                self.report.add_pounds({guard or "loaded": amount})
                months[month] = months[month][0] + rows, months[month][1] + amount
            if guard != "absurd-date":
                self.latest = later(self.latest, latest)
        self.months = {month: (rows, float(amount)) for month, (rows, amount) in months.items()}
        self.report.kinds = dict(kinds)
        if self.rejected:
            self.report.add_pounds({"rejected": Decimal(self.rejected) / MILLIONTHS})
