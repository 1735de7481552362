"""Rows of spending tables one by one, as tests look at them."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from civicgraph.graph.records.types import Party, PaymentMarks, Rejection
from civicgraph.seeds_loader.guards.rules import MILLIONTHS
from civicgraph.seeds_loader.tables.spending import open_spending


class Row(NamedTuple):
    row: int
    buyer: Party
    supplier: Party
    day: date
    amount: Decimal
    what: str
    marks: PaymentMarks


def read_spending(
    path: Path, *, mapping: Mapping[str, str] | None = None, buyer: Party | None = None
) -> list[Row | Rejection]:
    """Return the rows of a table, and what is wrong with those that cannot be used; of each the latter come first."""
    found: list[Row | Rejection] = []
    for some in open_spending(path, mapping=mapping, buyer=buyer).payments():
        found += some.faults
        columns = zip(some.rows, some.purchases, some.days, some.amounts, strict=True)
        for at, (number, one, (first, _), amount) in enumerate(columns):
            row = Row(number, one.buyer, one.supplier, first, Decimal(amount) / MILLIONTHS, one.what, one.marks)
            found.append(some.undated.get(at, row))
    return found
