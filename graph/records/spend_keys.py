"""What tells the money between two parties in a month from all other, and the days of a month."""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache

from civicgraph.graph.records.iris import short_hash
from civicgraph.graph.records.types import PaymentRow


class SpendKeys:
    """Gives each payment of a source the key of the sum that it is part of: what is paid between two in a month.

    Parameters
    ----------
    source
        Key of the source.
    """

    def __init__(self, source: str) -> None:
        self._source = source
        self._known: dict[tuple[object, ...], str] = {}
        self._months: dict[date, str] = {}

    def key(self, payment: PaymentRow, buyer: str, supplier: str) -> str:
        """Return the key for a payment between two parties given by key."""
        month = self._months.get(payment.day)
        if month is None:
            month = self._months[payment.day] = payment.day.isoformat()[:7]
        marks = payment.marks
        told = (payment.typed, marks.size, marks.vat, marks.currency, marks.sector, marks.lot)
        mark = (buyer, supplier, month, payment.services, payment.guard, told)
        known = self._known.get(mark)
        if known is None:
            known = spend_key(self._source, buyer, supplier, month, payment.services, payment.guard, told)
            self._known[mark] = known
        return known


def spend_key(
    source: str,
    buyer: str,
    supplier: str,
    month: str,
    services: Iterable[str] = (),
    guard: str | None = None,
    told: tuple[str, ...] = (),
) -> str:
    """Return the key of the money between two parties in a month, as one source has it.

    `told` is what else sets it apart: how certain its types are, the supplier's size, the VAT basis, the currency, the
    buyer's sector and the lot.
    """
    return f"spend/{short_hash(source, buyer, supplier, month, *services, guard or '', *told, length=20)}"


def month_days(month: str) -> tuple[date, date]:
    """Return the first and the last day of a month.

    >>> month_days("2020-02")[1]
    datetime.date(2020, 2, 29)
    """
    first = date.fromisoformat(f"{month}-01")
    return first, last_of_month(first)


@cache
def last_of_month(day: date) -> date:
    """Return the last day of a day's month."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
