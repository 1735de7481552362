"""What a file for Gephi and its like holds, whatever its syntax: nodes and edges as rows, and their columns."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, Literal, NamedTuple

from civicgraph.graph.edges.to_networkx import Spell
from civicgraph.graph.records.iris import key_of

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
    """Return money with its pence, with more digits only where it has them, and never an exponent.

    >>> pounds(Decimal("2E9")), pounds(Decimal("0.1234"))
    ('2000000000.00', '0.1234')
    """
    text = str(value)
    # Most sums have their pence already, and formatting takes ten times as long.
    if text[-3:-2] == "." and "E" not in text:
        return text
    return f"{value:f}" if int(value.as_tuple().exponent) < -2 else f"{value:.2f}"  # noqa: PLR2004 - pence


def end_of(day: date) -> str:
    """Return the last second of a day, which is what a period that includes the day ends with.

    Gephi reads a day alone as its first instant, so that a period would end a day too early.

    >>> end_of(date(2012, 12, 31))
    '2012-12-31T23:59:59'
    """
    return f"{day}T23:59:59"


def id_of(iri: str) -> str:
    """Return what stands for a thing in a file: its key, or its IRI where it is not one of ours.

    >>> id_of("https://w3id.org/civicgraph/id/organisation/serco"), id_of("http://e/1")
    ('organisation/serco', 'http://e/1')
    """
    return key_of(iri) or iri


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
