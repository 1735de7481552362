"""Payments added up to spend: one node for each buyer, supplier, month, service types and guard, in bounded memory.

Sums that do not fit in memory are written to disk in the order of their keys and merged at the end, so that a table of
any length with any number of keys takes no more memory than `MAX_ROWS` row numbers do.
"""

import heapq
import json
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from decimal import Decimal
from itertools import groupby
from typing import IO, Final

from civicgraph.graph.records.types import PaymentRow, Spend

MAX_ROWS: Final = 1_000_000

_Key = tuple[str, str, str, str, str]


def add_up(payments: Iterable[tuple[str, str, PaymentRow]], max_rows: int = MAX_ROWS) -> Iterator[Spend]:
    """Yield the spend that payments add up to, in the order of buyer, supplier and month.

    Parameters
    ----------
    payments
        The key of the buyer, the key of the supplier, and the row.
    max_rows
        How many rows to hold in memory at a time.
    """
    held: dict[_Key, list[int]] = {}
    months: dict[object, str] = {}
    count = 0
    with ExitStack() as files:
        spilled: list[IO[str]] = []
        for buyer, supplier, row in payments:
            day, services = row.day, row.services
            month = months.get(day)
            if month is None:
                month = months[day] = day.isoformat()[:7]
            key = (buyer, supplier, month, " ".join(services) if services else "", row.guard or "")
            # Amounts are kept as hundredths of pence so that sums are exact and cheap; rows follow.
            pence = int((row.amount * 10_000).to_integral_value())
            if count == max_rows:
                spilled.append(_spill(held, files))
                held, count = {}, 0
            found = held.get(key)
            if found is None:
                held[key] = [pence, row.row]
            else:
                found[0] += pence
                found.append(row.row)
            count += 1
        yield from _merged([*map(_read, spilled), iter(sorted(held.items()))])


def row_ranges(rows: Iterable[int]) -> str:
    """Return row numbers as ranges.

    >>> row_ranges([7, 1, 2, 3, 9])
    '1-3 7 9'
    """
    ordered = sorted(rows)
    ranges = []
    for _, run in groupby(enumerate(ordered), key=lambda pair: pair[1] - pair[0]):
        members = [row for _, row in run]
        ranges.append(str(members[0]) if len(members) == 1 else f"{members[0]}-{members[-1]}")
    return " ".join(ranges)


def _spill(held: dict[_Key, list[int]], files: ExitStack) -> IO[str]:
    file = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - closed with the others by `files`
    files.enter_context(file)
    file.writelines(json.dumps([key, values]) + "\n" for key, values in sorted(held.items()))
    file.seek(0)
    return file


def _read(file: IO[str]) -> Iterator[tuple[_Key, list[int]]]:
    for line in file:
        key, values = json.loads(line)
        buyer, supplier, month, services, guard = key
        yield (buyer, supplier, month, services, guard), values


def _merged(runs: list[Iterator[tuple[_Key, list[int]]]]) -> Iterator[Spend]:
    for key, parts in groupby(heapq.merge(*runs, key=lambda pair: pair[0]), key=lambda pair: pair[0]):
        amounts, rows = 0, []
        for _, (amount, *found) in parts:
            amounts += amount
            rows += found
        buyer, supplier, month, services, guard = key
        total = Decimal(amounts) / 10_000
        yield Spend(buyer, supplier, month, tuple(services.split()), guard or None, total, len(rows), row_ranges(rows))
