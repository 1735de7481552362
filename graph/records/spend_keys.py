"""What tells the money between two parties in a month from all other, and the days of a month."""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache

from civicgraph.graph.records.iris import short_hash


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
