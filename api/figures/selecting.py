"""From what a person asks for to what an export holds: the same words in a query string and on the command line."""

from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Final

from civicgraph.graph.edges.scope import ScopeError, find_place, find_service
from civicgraph.graph.exports.selection import DEEPEST, Selection

if TYPE_CHECKING:
    from civicgraph.graph.edges.network import Network

FILTERS: Final = (
    *("service", "place", "from", "to", "as_of", "level"),
    *("minimum", "around", "depth", "basis", "shared"),
)
"""The names of the filters in a query string."""


def period_of(start: date | None, end: date | None, as_of: date | None = None) -> tuple[date | None, date | None]:
    """Return the first and the last day that are asked for, by a period or by one day.

    Raises
    ------
    ScopeError
        Both are given, or the period ends before it begins.
    """
    if as_of is not None and (start or end):
        msg = "a day (as-of) and a period (from, to) were both given; choose one"
        raise ScopeError(msg)
    if start is not None and end is not None and start > end:
        msg = f"the period ends ({end}) before it begins ({start}); exchange the two"
        raise ScopeError(msg)
    return as_of or start, as_of or end


def selected(network: "Network", asked: Selection) -> Selection:
    """Return a selection whose service and place are looked up by name.

    Raises
    ------
    ScopeError
        A name is not in the data, or two filters do not go together.
    """
    period_of(asked.start, asked.end, asked.as_of)
    if not 1 <= asked.depth <= DEEPEST:
        msg = f"a neighbourhood goes 1 to {DEEPEST} steps deep, not {asked.depth}; leave depth out for 1"
        raise ScopeError(msg)
    if asked.shared < 1:
        msg = f"suppliers share 1 buyer or more, not {asked.shared}; leave shared out for {Selection().shared}"
        raise ScopeError(msg)
    return replace(
        asked,
        service=None if asked.service is None else find_service(network.graph["labels"], asked.service),
        place=None if asked.place is None else find_place(network.graph["labels"], asked.place),
    )


def amount(text: str | None) -> Decimal | None:
    """Return a sum in pounds as it was typed, with or without thousands set off by commas.

    Raises
    ------
    ScopeError
        It is no number.

    Examples
    --------
    >>> amount("1,000,000.50")
    Decimal('1000000.50')
    """
    if text is None:
        return None
    try:
        number = Decimal(text.replace(",", ""))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        msg = f"the minimum {text!r} is no sum of money; write pounds in figures, such as 100000"
        raise ScopeError(msg)
    return number
