"""Rows of spending tables one by one, as tests look at them."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import duckdb

from civicgraph.graph.records.types import Party, Rejection
from civicgraph.seeds_loader.tables.payments import PaymentTable
from civicgraph.seeds_loader.tables.spending import open_spending

ROWS = """
    SELECT file_row, payer, coalesce(payee, ''), first, value, coalesce(category, ''), guard,
        coalesce(sector, ''), coalesce(size, ''), coalesce(lot, ''), coalesce(vat, ''), currency
    FROM read_parquet($path) ORDER BY file_row
"""


class PaymentMarks(NamedTuple):
    sector: str = ""
    size: str = ""
    lot: str = ""
    vat: str = ""
    currency: str = "GBP"


class Row(NamedTuple):
    row: int
    buyer: Party
    supplier: Party
    day: date
    amount: Decimal
    what: str
    marks: PaymentMarks
    guard: str | None


def read_spending(
    path: Path, *, mapping: Mapping[str, str] | None = None, buyer: Party | None = None
) -> list[Row | Rejection]:
    """Return the rows of a table, then what is wrong with those that cannot be used, in the order of lines."""
    opened = open_spending(path, mapping=mapping, buyer=buyer)
    with PaymentTable(opened, "source/s") as table:
        for _ in table.read():
            pass
        table.finish()
        parties = {(is_payer, party.name): party for party, is_payer, _ in table.parties()}
        faults = [fault for fault, _ in table.rejected()]
        found = duckdb.connect().execute(ROWS, {"path": str(table.rows())}).fetchall()
    rows = [
        Row(
            row,
            parties[True, payer],
            parties.get((False, payee), Party(payee)),
            day,
            amount,
            what,
            PaymentMarks(*marks),
            guard,
        )
        for row, payer, payee, day, amount, what, guard, *marks in found
    ]
    return [*rows, *faults]
