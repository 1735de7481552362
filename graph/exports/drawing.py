"""What a file for Gephi and its like holds, whatever its syntax: nodes and edges as rows, and their columns."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, Literal, NamedTuple

Spell = tuple[date | None, date | None]
"""A period, both days included; None where it is open."""

Value = str | int | float | Decimal | tuple[str, ...] | None
"""What a cell holds; None where nothing is known. Money is a Decimal in pounds."""

ColumnType = Literal["string", "integer", "double", "liststring", "yearly"]
"""As GEXF names them; `yearly` is a double for each year, written as one text."""

_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of nodes or edges. Its id is its name in every syntax, and none that Gephi keeps for itself."""

    id: str
    type: ColumnType
    meaning: str


class NodeRow(NamedTuple):
    """A node: `kind` gives it its colour; position within 1,000 of the middle; `values` in the order of the columns."""

    id: str
    label: str
    kind: str
    spells: tuple[Spell, ...]
    values: tuple[Value, ...]
    x: float
    y: float
    size: float


class EdgeRow(NamedTuple):
    """An edge; of two nodes there is at most one of a kind. Its spells are in order and do not overlap."""

    id: str
    source: str
    target: str
    kind: str
    label: str
    weight: float
    spells: tuple[Spell, ...]
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A network that is ready to be written. `nodes` and `edges` begin anew each time they are called.

    `day` is the day up to which the data goes; `notes` say what was left out of it; `weighed_by` what sizes go by.
    """

    title: str
    description: str
    source: str
    licence: str
    day: date | None
    node_columns: Sequence[Column]
    edge_columns: Sequence[Column]
    nodes: Callable[[], Iterator[NodeRow]]
    edges: Callable[[], Iterator[EdgeRow]]
    node_count: int
    edge_count: int
    weighed_by: str = ""
    notes: tuple[str, ...] = ()


def plain(text: str) -> str:
    r"""Return a text without the control characters that no XML file may hold.

    >>> plain("Serco\x00 \x0bLtd")
    'Serco Ltd'
    """
    # Nearly every text is printable and has none, which is known sooner.
    return text if text.isprintable() and text.isascii() else _NOT_XML.sub("", text)


def pounds(value: Decimal) -> str:
    """Return money with its pence and never an exponent.

    >>> pounds(Decimal("2E9"))
    '2000000000.00'
    """
    text = str(value)
    # Most sums have their pence already, and formatting takes ten times as long.
    return text if text[-3:-2] == "." and "E" not in text else f"{value:.2f}"


def spelled(value: Value) -> str | None:
    r"""Return what a cell holds as text: lists as Gephi reads them; None where there is nothing to write.

    >>> spelled(("IT", 'a "b"'))
    '["IT", "a \\"b\\""]'
    >>> spelled(0.0), spelled(1.5), spelled(()), spelled("")
    ('0.0', '1.5', None, None)
    """
    if value is None:
        return None
    if isinstance(value, str):
        return plain(value) or None
    if isinstance(value, Decimal):
        return pounds(value)
    if isinstance(value, tuple):
        if not value:
            return None
        quoted = (plain(item).replace("\\", "\\\\").replace('"', '\\"') for item in value)
        return "[" + ", ".join(f'"{item}"' for item in quoted) + "]"
    return repr(value)


def joined(spells: Iterable[Spell]) -> tuple[Spell, ...]:
    """Return periods in order, those that overlap or touch as one.

    Periods without any day are left out: such a tie holds for all time, and so would every period joined to it; where
    all time is what they come to, there are none. So are those that end before they begin: a fault of the data for
    which Gephi would refuse the whole file.

    Examples
    --------
    >>> joined([(date(2012, 2, 1), date(2012, 2, 29)), (date(2012, 1, 1), date(2012, 1, 31)), (None, None)])
    ((datetime.date(2012, 1, 1), datetime.date(2012, 2, 29)),)
    """
    spells = list(spells)
    if len(spells) == 1 and spells[0][0] and spells[0][1] and spells[0][0] <= spells[0][1]:
        return (spells[0],)
    dated = sorted(
        (spell for spell in spells if spell != (None, None) and not _is_backward(spell)),
        key=lambda spell: (spell[0] or date.min, spell[1] or date.max),
    )
    result: list[Spell] = []
    for start, end in dated:
        if result and _touches(result[-1], start):
            first, last = result[-1]
            result[-1] = (first, None if last is None or end is None else max(last, end))
        else:
            result.append((start, end))
    return () if result == [(None, None)] else tuple(result)


def _is_backward(spell: Spell) -> bool:
    start, end = spell
    return start is not None and end is not None and end < start


def _touches(earlier: Spell, start: date | None) -> bool:
    end = earlier[1]
    return end is None or start is None or (start - end).days <= 1
