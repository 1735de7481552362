"""Records of the kinds that guards look at, with what a test says of them."""

import csv
import tempfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from civicgraph.graph.records.types import ContractRecord, Party
from tests.seeds_loader.tables.spending_rows import Row, read_spending

BUYER = Party("Leeds City Council")
DAY = date(2019, 10, 1)


class Payment(NamedTuple):
    supplier: str
    amount: Decimal = Decimal(100)
    day: date = DAY


def payment(name: str, amount: str = "100", day: date = DAY) -> Payment:
    return Payment(name, Decimal(amount), day)


def guards_of(*payments: Payment, sales: bool = False) -> list[str | None]:
    """Return why each of the payments of a file counts in no share, or None."""
    headers = ("Date", "Supplier", "Amount", *(("Customer",) if sales else ()))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "leeds__2019-10.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            rows = ((one.day, one.supplier, f"{one.amount:f}", *(("Leeds",) if sales else ())) for one in payments)
            csv.writer(file).writerows((headers, *rows))
        found = [row for row in read_spending(path) if isinstance(row, Row)]
    assert len(found) == len(payments)
    return [row.guard for row in found]


def contract(
    title: str = "Payroll software",
    *suppliers: str,
    value: str | None = "12345.60",
    buyer: str = "Leeds City Council",
    start: date | None = None,
    end: date | None = None,
    hints: tuple[str, ...] = (),
) -> ContractRecord:
    parties = tuple(Party(name) for name in suppliers or ("Capita Business Services Ltd",))
    worth = None if value is None else Decimal(value)
    return ContractRecord(
        "1", title, (Party(buyer),), parties, "a:1", value=worth, start=start, end=end, framework_hints=hints
    )
