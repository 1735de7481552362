"""Payments added up to spend: one node for each buyer, supplier, month, service types and guard."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Final

import duckdb

from civicgraph.graph.records.rows import reading
from civicgraph.graph.records.types import Spend

_AT_ONCE: Final = 10_000
_MEMORY: Final = "500MB"


def add_up(rows: Path) -> Iterator[Spend]:
    """Yield the spend that payments add up to, in the order of buyer, supplier and month.

    Parameters
    ----------
    rows
        A file of payments as `civicgraph.graph.records.rows.payment_row` writes them.
    """
    if not rows.stat().st_size:
        return
    query = f"""
        SELECT buyers, coalesce(suppliers, ''), strftime(first, '%Y-%m') AS month, coalesce(services, ''), guard,
            sum(value), count(*), list(file_row ORDER BY file_row),
            typed, coalesce(size, ''), coalesce(vat, ''), currency, coalesce(sector, ''), coalesce(lot, '')
        FROM {reading("$path")}
        GROUP BY record, buyers, suppliers, month, services, guard, typed, size, vat, currency, sector, lot
        ORDER BY buyers, suppliers NULLS FIRST, month, services NULLS FIRST, guard NULLS FIRST, typed, size, vat,
            currency, sector, lot
    """  # noqa: S608 - the project's own text
    with duckdb.connect(config={"memory_limit": _MEMORY}) as connection:
        found = connection.execute(query, {"path": str(rows)})
        while some := found.fetchmany(_AT_ONCE):
            for buyer, supplier, month, services, guard, amount, count, members, *told in some:
                types, total = tuple(services.split()), Decimal(amount)
                yield Spend(buyer, supplier, month, types, guard, total, count, row_ranges(members), *told)


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
