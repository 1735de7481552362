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

    `days` are those of cells that are not read as the others are, by the record's number and the column; `warnings`
    what a person is to know of it.
    """

    month_first: bool = False
    days: Mapping[tuple[int, int], date] = field(default_factory=dict)
    warnings: tuple[Rejection, ...] = ()


class _Cell(NamedTuple):
    place: tuple[int, int]
    line: int
    text: str
    order: str | None


def find_order(table: Table, columns: Sequence[int], given: str | None, *, assumed: bool = False) -> DateOrder:
    """Return how the dates of some columns are to be read.

    Days that no month has tell. Where both orders are told, a date that could be either is read as the cells about it
    are; where these differ, as the day that lies between theirs; and a warning says so. Where all that tells puts the
    month first, this may be `assumed`, with a warning: few dates stand in two columns.

    Raises
    ------
    SourceFileError
        All that tells puts the month first, which must be confirmed by a mapping file.
    """
    if given is not None:
        return DateOrder(month_first=given == "month first")
    records = (row for row in table.rows() if not isinstance(row, Rejection))
    found = ((number, at, line, row[at].strip()) for number, line, row in records for at in columns)
    cells = [
        _Cell((number, at), line, text, order_evidence(text))
        for number, at, line, text in found
        if text and not text[:4].isdigit()
    ]
    told = {cell.order for cell in cells} - {None}
    if told == {"month first"}:
        line = next(cell.line for cell in cells if cell.order is not None)
        if not assumed:
            remedy = "write a mapping file with the line date_order: month first, and give it as --mapping"
            raise SourceFileError(table.file, line, "dates are month/day/year, not day/month/year", remedy)
        reason = "dates are read as month/day/year, which is all that some of them can be"
        remedy = "where that is not meant, write the days as 2019-10-31"
        warning = Rejection(table.file, line, "date", reason, remedy, partial=True)
        return DateOrder(month_first=True, warnings=(warning,))
    return _both(table, cells) if "month first" in told else DateOrder()


def _both(table: Table, cells: Sequence[_Cell]) -> DateOrder:
    """Read a file of both orders."""
    days: dict[tuple[int, int], date] = {}
    doubtful: list[str] = []
    first = 0
    certain = [at for at, cell in enumerate(cells) if cell.order is not None]
    for at, cell in enumerate(cells):
        day, other = _read(cell.text, month_first=False), _read(cell.text, month_first=True)
        if cell.order == "month first" and other is not None:
            days[cell.place] = other
        elif cell.order is None and day is not None and other is not None and day != other:
            following = bisect(certain, at)
            about = [cells[near] for near in certain[max(following - 1, 0) : following + 1]]
            if _as_month_first(about, day, other):
                days[cell.place] = day = other
            first = first or cell.line
            doubtful.append(f"{cell.text} on line {cell.line} as {day.isoformat()}")
    if not doubtful:
        return DateOrder(days=days)
    more = f" and {len(doubtful) - _SHOWN:,} more" if len(doubtful) > _SHOWN else ""
    named = f"{', '.join(doubtful[:_SHOWN])}{more}"
    reason = f"the file has both month/day/year and day/month/year; read by the rows about them: {named}"
    remedy = "where that is not meant, write the day as 2019-10-31"
    return DateOrder(days=days, warnings=(Rejection(table.file, first, "date", reason, remedy, "", True),))


def _as_month_first(about: Sequence[_Cell], day: date, other: date) -> bool:
    """Return whether a date is month first as the certain ones about it are, or as lies between them."""
    if len(orders := {cell.order for cell in about}) == 1:
        return orders == {"month first"}
    bounds = [_read(cell.text, month_first=cell.order == "month first") for cell in about]
    known = sorted(bound for bound in bounds if bound is not None)
    within = [known[0] <= candidate <= known[-1] for candidate in (day, other) if len(known) > 1]
    return within == [False, True]


def _read(text: str, *, month_first: bool) -> date | None:
    try:
        return read_day(text, month_first=month_first)
    except ValueFault:
        return None
