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
    """Return the rows of a table, then what is wrong with those that cannot be used, in the order of lines."""
    rows: list[Row] = []
    faults: list[Rejection] = []
    for some in open_spending(path, mapping=mapping, buyer=buyer).payments():
        faults += [*some.faults, *some.undated.values()]
        columns = zip(some.rows, some.purchases, some.days, some.amounts, strict=True)
        rows += [
            Row(number, one.buyer, one.supplier, first, Decimal(amount) / MILLIONTHS, one.what, one.marks)
            for at, (number, one, (first, _), amount) in enumerate(columns)
            if at not in some.undated
        ]
    return [*rows, *sorted(faults, key=lambda fault: fault.line)]
