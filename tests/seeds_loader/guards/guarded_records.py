"""Records of the kinds that guards look at, with what a test says of them."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from civicgraph.graph.records.types import ContractRecord, Party
from civicgraph.seeds_loader.guards.guard import Context, guard_payment
from civicgraph.seeds_loader.guards.rules import MILLIONTHS

BUYER = Party("Leeds City Council")
DAY = date(2019, 10, 1)


class Payment(NamedTuple):
    supplier: str
    amount: Decimal = Decimal(100)
    day: date = DAY


def payment(name: str, amount: str = "100", day: date = DAY) -> Payment:
    return Payment(name, Decimal(amount), day)


def guard_of(one: Payment, context: Context) -> str | None:
    return guard_payment(one.supplier, one.day, int(one.amount * MILLIONTHS), context)


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
