"""Periods one after the other, so that any figure can be followed over time."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Final, Literal

from civicgraph.graph.edges.scope import Scope, ScopeError
from civicgraph.graph.edges.table import EdgeTable

Every = Literal["financial-year", "year", "quarter", "month"]

MOST_PERIODS: Final = 600
"""Half a century of months."""

_MONTHS: Final[dict[Every, int]] = {"financial-year": 12, "year": 12, "quarter": 3, "month": 1}
_FIRST_MONTH: Final[dict[Every, int]] = {"financial-year": 4, "year": 1, "quarter": 1, "month": 1}


def periods(every: Every, start: date, end: date) -> Iterator[tuple[date, date]]:
    """Yield the first and last day of each period that touches a span, whole periods at both ends.

    Parameters
    ----------
    every
        Financial years run from April to March, the others as the calendar does.
    start, end
        The span, both days included.

    Raises
    ------
    ScopeError
        There are more than `MOST_PERIODS`, or one is beyond the calendar.

    Examples
    --------
    >>> [str(last) for _, last in periods("financial-year", date(2019, 3, 31), date(2020, 4, 1))]
    ['2019-03-31', '2020-03-31', '2021-03-31']
    >>> next(periods("quarter", date(2019, 5, 5), date(2019, 5, 5)))
    (datetime.date(2019, 4, 1), datetime.date(2019, 6, 30))
    """
    length, offset = _MONTHS[every], _FIRST_MONTH[every] - 1
    first = (start.year * 12 + start.month - 1 - offset) // length * length + offset
    last = end.year * 12 + end.month - 1
    if (last - first) // length >= MOST_PERIODS:
        msg = f"{start} to {end} makes more than {MOST_PERIODS} periods; name a shorter span or longer periods"
        raise ScopeError(msg)
    for month in range(first, last + 1, length):
        yield _first_of(month), _first_of(month + length) - timedelta(days=1)


def scopes_over_time(table: EdgeTable, scope: Scope, every: Every) -> list[Scope]:
    """Return a scope for each period of the scope's own span, or else of the days that its edges have.

    Without an end the span ends at the as-of date: contracts run on beyond it, but nothing was awarded there yet.

    Raises
    ------
    ScopeError
        The span makes too many periods.
    """
    with table.scoped(scope) as found:
        first, last = found.rows("SELECT least(min(first), min(last)), greatest(max(first), max(last)) FROM scoped")[0]
    if first is None or last is None:
        return []
    start = scope.start or first
    end = scope.end or (last if table.as_of is None else min(last, table.as_of))
    if end < start:
        return []
    return [replace(scope, start=since, end=until) for since, until in periods(every, start, end)]


def scope_before(scope: Scope) -> Scope | None:
    """Return the scope of the period of the same length that ends the day before: months for whole months, else days.

    None where the scope names no period with both ends.

    >>> found = scope_before(Scope(start=date(2019, 4, 1), end=date(2020, 3, 31)))
    >>> found.start.isoformat(), found.end.isoformat()
    ('2018-04-01', '2019-03-31')
    >>> scope_before(Scope(start=date(2019, 1, 10), end=date(2019, 1, 12))).start.isoformat()
    '2019-01-07'
    """
    start, end = scope.start, scope.end
    if start is None or end is None:
        return None
    days = (end - start).days + 1
    # Of the first years of the calendar there is no before.
    if start.toordinal() <= days or start.year * 12 <= days:
        return None
    last = start - timedelta(days=1)
    if start.day == 1 and (end == date.max or (end + timedelta(days=1)).day == 1):
        months = (end.year - start.year) * 12 + end.month - start.month + 1
        year, month = divmod(start.year * 12 + start.month - 1 - months, 12)
        if year < 1:
            return None
        return replace(scope, start=date(year, month + 1, 1), end=last)
    return replace(scope, start=start - timedelta(days=days), end=last)


def _first_of(month: int) -> date:
    year, place = divmod(month, 12)
    if not date.min.year <= year <= date.max.year:
        msg = f"a period in the year {year} is in no calendar; name a shorter span"
        raise ScopeError(msg)
    return date(year, place + 1, 1)
