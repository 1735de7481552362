"""Periods one after the other, so that any figure can be followed over time."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Final, Literal, get_args

import numpy as np

from civicgraph.graph.edges.scope import Scope, ScopeError
from civicgraph.graph.edges.selection import in_scope
from civicgraph.graph.edges.ties.arrays import NO_DAY, Ties

Every = Literal["financial-year", "year", "quarter", "month"]
EVERY: Final[tuple[Every, ...]] = get_args(Every)

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


def scopes_over_time(ties: Ties, scope: Scope, every: Every) -> list[Scope]:
    """Return a scope for each period of the scope's own span, or else of the days that its ties have.

    Without an end the span ends at the as-of date: contracts run on beyond it, but nothing was awarded there yet.
    """
    span = _span(ties, scope)
    return [replace(scope, start=start, end=end) for start, end in periods(every, *span)] if span else []


def _span(ties: Ties, scope: Scope) -> tuple[date, date] | None:
    rows = in_scope(ties, scope)
    starts, ends = ties.start[rows], ties.end[rows]
    days = np.concatenate([starts[starts != NO_DAY], ends[ends != NO_DAY]])
    if not len(days):
        return None
    first = scope.start or date.fromordinal(int(days.min()))
    latest = date.fromordinal(int(days.max()))
    last = scope.end or (latest if ties.as_of is None else min(latest, ties.as_of))
    return None if last < first else (first, last)


def _first_of(month: int) -> date:
    year, place = divmod(month, 12)
    if not date.min.year <= year <= date.max.year:
        msg = f"a period in the year {year} is in no calendar; name a shorter span"
        raise ScopeError(msg)
    return date(year, place + 1, 1)
