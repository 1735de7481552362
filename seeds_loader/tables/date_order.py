"""Whether a table's dates of digits put the day first or the month, also where one file has both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import accumulate
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
    rows = _digit_dates(table, column)
    told = {row.order for row in rows} - {None}
    if told == {"month first"}:
        line = next(row.line for row in rows if row.order is not None)
        remedy = "write a mapping file with the line date_order: month first, and give it as --mapping"
        raise SourceFileError(table.file, line, "dates are month/day/year, not day/month/year", remedy)
    return _both(table, rows) if "month first" in told else DateOrder()


def _digit_dates(table: Table, column: int) -> list[_Row]:
    found = ((row[0], row[1], row[2][column].strip()) for row in table.rows() if not isinstance(row, Rejection))
    return [
        _Row(number, line, text, order_evidence(text))
        for number, line, text in found
        if text and not text[:4].isdigit()
    ]


def _both(table: Table, rows: Sequence[_Row]) -> DateOrder:
    """Read a file of both orders."""
    days: dict[int, date] = {}
    doubtful: list[_Row] = []
    after = list(accumulate(reversed(rows), _nearest))[::-1]
    before: _Row | None = None
    for at, row in enumerate(rows):
        before = row if row.order is not None else before
        day, other = _read(row.text, month_first=False), _read(row.text, month_first=True)
        if row.order == "month first" and other is not None:
            days[row.number] = other
        elif row.order is None and day is not None and other is not None and day != other:
            doubtful.append(row)
            if _as_month_first(before, after[at], day, other):
                days[row.number] = other
    if not doubtful:
        return DateOrder(days=days)
    named = ", ".join(
        f"{row.text} on line {row.line} as {(days.get(row.number) or read_day(row.text)).isoformat()}"
        for row in doubtful[:_SHOWN]
    )
    more = f" and {len(doubtful) - _SHOWN:,} more" if len(doubtful) > _SHOWN else ""
    reason = f"the file has both month/day/year and day/month/year; read by the rows about them: {named}{more}"
    remedy = "where that is not meant, write the day as 2019-10-31"
    return DateOrder(days=days, warnings=(Rejection(table.file, doubtful[0].line, "date", reason, remedy, "", True),))


def _as_month_first(before: _Row | None, after: _Row, day: date, other: date) -> bool:
    told = {row.order for row in (before, after) if row is not None} - {None}
    if len(told) == 1:
        return told == {"month first"}
    bounds = [_read(row.text, month_first=row.order == "month first") for row in (before, after) if row]
    known = sorted(bound for bound in bounds if bound is not None)
    if len(known) < 2:  # noqa: PLR2004 - two ends
        return False
    within = [known[0] <= candidate <= known[1] for candidate in (day, other)]
    return within == [False, True]


def _nearest(later: _Row, row: _Row) -> _Row:
    return later if row.order is None else row


def _read(text: str, *, month_first: bool) -> date | None:
    try:
        return read_day(text, month_first=month_first)
    except ValueFault:
        return None
