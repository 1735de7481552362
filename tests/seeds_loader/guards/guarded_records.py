"""Records of the kinds that guards look at, with what a test says of them."""

from datetime import date
from decimal import Decimal

from civicgraph.graph.records.types import ContractRecord, Party, PaymentRow

BUYER = Party("Leeds City Council")
DAY = date(2019, 10, 1)


def payment(name: str, amount: str = "100", day: date = DAY) -> PaymentRow:
    return PaymentRow(1, BUYER, Party(name), day, Decimal(amount))


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
