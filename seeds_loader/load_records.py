"""Loading records: contracts and spending into drafts, one pass over each file."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from functools import partial
from itertools import chain, islice
from typing import Final

from civicgraph.graph.identity.names import provisional_of
from civicgraph.graph.records.contract_quads import party_lines, sector_lines, spend_lines
from civicgraph.graph.snapshot.source_files import SourceDraft
from civicgraph.ontology.terms import CG
from civicgraph.seeds_loader.duplicates import payments_told
from civicgraph.seeds_loader.faults import SourceFileError
from civicgraph.seeds_loader.guards.rules import MILLIONTHS
from civicgraph.seeds_loader.load import Read, Reading, digest_of, load_files, source_key, source_of
from civicgraph.seeds_loader.ocds.batches import Drafted, draft_batches, draft_records, later
from civicgraph.seeds_loader.ocds.releases import published
from civicgraph.seeds_loader.parties import Parties, party_key
from civicgraph.seeds_loader.registers.contracts import open_register
from civicgraph.seeds_loader.report import LoadReport
from civicgraph.seeds_loader.tables.columns import read_mapping
from civicgraph.seeds_loader.tables.mappings import mapping_for, remember_mapping
from civicgraph.seeds_loader.tables.payments import PaymentTable
from civicgraph.seeds_loader.tables.spending import open_spending

POUNDS: Final = "GBP"
_AT_ONCE: Final = 1_000
"""Contracts of a register that are drafted at a time."""

_TELL_EVERY: Final = 0.5
"""Seconds."""


def _pace(reading: Reading) -> Callable[[int, int | None], None]:
    """Return what tells about twice a second how fast a file is read, and how long the rest of it will take."""
    begun = told = time.monotonic()

    def reached(done: int, total: int | None) -> None:
        nonlocal told
        if (now := time.monotonic()) - told < _TELL_EVERY:
            return
        told, rate = now, done / (now - begun)
        of, left = "", ""
        if total is not None:
            seconds = round(max(total - done, 0) / rate)
            of, left = f" of {total:,}", f", {seconds // 60} min {seconds % 60} s left"
        reading.progress(f"reading {reading.path.name}: {done:,}{of}, {rate:,.0f} a second{left}")

    return reached


def _take(batches: Iterable[Drafted], draft: SourceDraft, report: LoadReport) -> date | None:
    """Write what batches of records come to, and add their counts up; return the latest day in them."""
    parties, roles, latest = Parties(), set[tuple[str, str]](), None
    for one in batches:
        draft.write_quads(one.quads)
        # Who supplies and who buys is said once.
        draft.write_quads(party_lines(*role) for role in one.roles if role not in roles)
        draft.write_rows(one.rows)
        roles.update(one.roles)
        parties.update(one.parties)
        latest = later(latest, one.latest)
        report.add(one.report)
        for fault in one.faults:
            report.take(fault)
    draft.write_mentions(parties.mentions())
    return latest


def _read_ocds(reading: Reading) -> Read:
    path, report = reading.path, LoadReport()
    with ThreadPoolExecutor(1, "digest") as pool:
        # To read a large file for its digest takes seconds, in which it can be read for what it says.
        digest = pool.submit(digest_of, path)
        latest = _take(draft_batches(path, source_key(reading), _pace(reading)), reading.draft, report)
    source = source_of(reading, "OCDS file", digest.result(), published(path))
    return Read(source, "ocds", report, latest)


load_ocds: Final = partial(load_files, _read_ocds)
"""Load OCDS files. Releases of one process in a file are merged.

A large one is read by several processes, which import the script that calls this: it must do so under
`if __name__ == "__main__":`.
"""


def _read_contracts(reading: Reading) -> Read:
    used, told = mapping_for(reading.folder.path, reading.path, "contracts", reading.mapping)
    register = open_register(reading.path, mapping=used)
    source = source_of(reading, "Contracts register")
    report, pace = LoadReport(headers=register.table.headers), _pace(reading)
    for one in told:
        report.take(one)

    def batches() -> Iterator[Drafted]:
        records, ties = register.contracts(), set[tuple[str, str]]()
        while some := list(islice(records, _AT_ONCE)):
            yield draft_records(some, source_key(source), ties)
            pace(report.read, None)

    latest = _take(batches(), reading.draft, report)
    if not report.read:
        raise SourceFileError(reading.path.name, None, "a header and no rows", "name a register with contracts in it")
    if reading.mapping is not None:
        remember_mapping(reading.folder.path, reading.path, "contracts", reading.mapping)
    return Read(source, "contracts", report, latest)


def _read_spend(reading: Reading) -> Read:
    path, draft = reading.path, reading.draft
    used, told = mapping_for(reading.folder.path, path, "spending", reading.mapping)
    opened = open_spending(path, mapping=used)
    with PaymentTable(opened, source_key(reading)) as table:
        source = source_of(reading, f"Table of {opened.reported_by}")
        report, pace = LoadReport(headers=opened.table.headers), _pace(reading)
        for one in told:
            report.take(one)
        for line in table.read():
            pace(line, opened.table.found.lines)
        table.finish()
        parties, payers = Parties(), set[str]()
        for party, is_payer, times in table.parties():
            parties[party] += times
            if is_payer:
                payers.add(provisional_of(party_key(party)))
        with ThreadPoolExecutor(1, "rows") as beside:
            rows = beside.submit(table.rows)
            _write_spends(table, parties, draft, source_key(source), opened.reported_by)
            draft.take_rows(rows.result())
        months, latest = _count_payments(table, report)
    draft.write_mentions(parties.mentions())
    if reading.mapping is not None:
        remember_mapping(reading.folder.path, path, "spending", reading.mapping)
    return Read(source, "spend", report, latest, payments_told(payers, months))


def _write_spends(table: PaymentTable, parties: Parties, draft: SourceDraft, source: str, reported_by: str) -> None:
    roles: dict[tuple[str, str], None] = {}
    # The first name that a key was met under.
    names = {party_key(party): party.name for party in reversed(parties)}
    for spend in table.spends():
        named = names.get(spend.buyer, ""), names.get(spend.supplier, "")
        draft.write_quads(spend_lines(spend, source, reported_by, named))
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


load_contracts: Final = partial(load_files, _read_contracts, read_mapping=partial(read_mapping, kind="contracts"))
"""Load contracts registers, each a source of its own; `mapping` names a file that says which header is what."""

load_spend: Final = partial(load_files, _read_spend, read_mapping=read_mapping)
"""Load spending or sales tables, in the same way."""
