"""Whether a table's dates of digits put the day first or the month, also where one file has both."""

from bisect import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, NamedTuple

from civicgraph.graph.records.types import Rejection
from civicgraph.seeds_loader.faults import SourceFileError, ValueFault
from civicgraph.seeds_loader.tables.cells import order_evidence, read_day
from civicgraph.seeds_loader.tables.table import Table

_SHOWN: Final = 8


@dataclass(frozen=True, slots=True)
class DateOrder:
    """How dates of digits are read.

    `days` are those of records that are not read as the others are, by the record's number; `warnings` what a person
    is to know of it.
    """

    month_first: bool = False
    days: Mapping[int, date] = field(default_factory=dict)
    warnings: tuple[Rejection, ...] = ()


class _Row(NamedTuple):
    number: int
    line: int
    text: str
    order: str | None


def find_order(table: Table, column: int | None, given: str | None) -> DateOrder:
    """Return how the dates of a table are to be read.

    Days that no month has tell. Where both orders are told, a date that could be either is read as the rows about it
    are; where these differ, as the day that lies between theirs; and a warning says so.

    Raises
    ------
    SourceFileError
        All that tells puts the month first, which must be confirmed by a mapping file.
    """
    if given is not None:
        return DateOrder(month_first=given == "month first")
    if column is None:
        return DateOrder()
    found = ((row[0], row[1], row[2][column].strip()) for row in table.rows() if not isinstance(row, Rejection))
    rows = [_Row(*row, order_evidence(row[2])) for row in found if row[2] and not row[2][:4].isdigit()]
    told = {row.order for row in rows} - {None}
    if told == {"month first"}:
        line = next(row.line for row in rows if row.order is not None)
        remedy = "write a mapping file with the line date_order: month first, and give it as --mapping"
        raise SourceFileError(table.file, line, "dates are month/day/year, not day/month/year", remedy)
    return _both(table, rows) if "month first" in told else DateOrder()


def _both(table: Table, rows: Sequence[_Row]) -> DateOrder:
    """Read a file of both orders."""
    days: dict[int, date] = {}
    doubtful: list[str] = []
    first = 0
    certain = [at for at, row in enumerate(rows) if row.order is not None]
    for at, row in enumerate(rows):
        day, other = _read(row.text, month_first=False), _read(row.text, month_first=True)
        if row.order == "month first" and other is not None:
            days[row.number] = other
        elif row.order is None and day is not None and other is not None and day != other:
            following = bisect(certain, at)
            about = [rows[near] for near in certain[max(following - 1, 0) : following + 1]]
            if _as_month_first(about, day, other):
                days[row.number] = day = other
            first = first or row.line
            doubtful.append(f"{row.text} on line {row.line} as {day.isoformat()}")
    if not doubtful:
        return DateOrder(days=days)
    more = f" and {len(doubtful) - _SHOWN:,} more" if len(doubtful) > _SHOWN else ""
    named = f"{', '.join(doubtful[:_SHOWN])}{more}"
    reason = f"the file has both month/day/year and day/month/year; read by the rows about them: {named}"
    remedy = "where that is not meant, write the day as 2019-10-31"
    return DateOrder(days=days, warnings=(Rejection(table.file, first, "date", reason, remedy, "", True),))


def _as_month_first(about: Sequence[_Row], day: date, other: date) -> bool:
    """Return whether a date is month first as the certain ones about it are, or as lies between them."""
    if len(orders := {row.order for row in about}) == 1:
        return orders == {"month first"}
    bounds = [_read(row.text, month_first=row.order == "month first") for row in about]
    known = sorted(bound for bound in bounds if bound is not None)
    within = [known[0] <= candidate <= known[-1] for candidate in (day, other) if len(known) > 1]
    return within == [False, True]


def _read(text: str, *, month_first: bool) -> date | None:
    try:
        return read_day(text, month_first=month_first)
    except ValueFault:
        return None
