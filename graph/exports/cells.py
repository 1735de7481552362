"""What a cell of a node or an edge holds, and how it is spelt in a file."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal, NamedTuple

import yaml

from civicgraph.graph.edges.scope import Basis
from civicgraph.graph.edges.to_networkx import Spell
from civicgraph.graph.exports.options import View
from civicgraph.graph.records.iris import key_of

Value = str | int | float | Decimal | tuple[str, ...] | None
"""What a cell holds; None where nothing is known. Money is a Decimal in pounds."""

_AT_ONCE: Final = 150
_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Column(NamedTuple):
    """A column of nodes or edges, by its name in every syntax. `yearly` is a double for each year, as one text."""

    id: str
    type: Literal["string", "integer", "double", "liststring", "yearly"]


@cache
def columns(view: View | None = None) -> tuple[Column, ...]:
    """Return the columns of the edges of a view, or of nodes."""
    return tuple(Column(*one) for one in (_data()["nodes"] if view is None else _data()["edges"][view]).items())


def colour(kind: str) -> tuple[int, int, int]:
    """Return the colour of a kind of node: red, green and blue, 0 to 255."""
    red, green, blue = _data()["colours"].get(kind) or _data()["colours"]["other"]
    return red, green, blue


def kind_of(cls: str) -> str:
    """Return the kind of a node of the view of claims, by its class."""
    return str(_data()["kinds"].get(cls, "organisation"))


def weighed_by(basis: Basis) -> str:
    """Return what sizes go by on a basis."""
    return str(_data()["weighed_by"][basis])


@cache
def _data() -> dict[str, Any]:
    text = files("civicgraph.graph.exports").joinpath("columns.yaml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return found


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


def timeset(spells: Sequence[Spell]) -> str:
    """Return periods as Gephi's spreadsheet import reads them.

    >>> timeset([(None, date(2010, 12, 31)), (date(2015, 1, 1), None)])
    '<[-Infinity, 2010-12-31T23:59:59]; [2015-01-01, Infinity]>'
    """
    inner = "; ".join(f"[{start or '-Infinity'}, {end_of(end) if end else 'Infinity'}]" for start, end in spells)
    return f"<{inner}>" if inner else ""


def id_of(iri: str) -> str:
    """Return what stands for a thing in a file: its key, or its IRI where it is not one of ours.

    >>> id_of("https://w3id.org/civicgraph/id/organisation/serco"), id_of("http://e/1")
    ('organisation/serco', 'http://e/1')
    """
    return key_of(iri) or iri


def spelled(value: Value) -> str:
    r"""Return what a cell holds as text: lists as Gephi reads them; empty where there is nothing to write.

    >>> spelled(("IT", 'a "b"'))
    '["IT", "a \\"b\\""]'
    >>> spelled(0.0), spelled(1.5), spelled(()), spelled("")
    ('0.0', '1.5', '', '')
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, Decimal):
        return pounds(value)
    if isinstance(value, tuple):
        if not value:
            return ""
        quoted = (plain(item).replace("\\", "\\\\").replace('"', '\\"') for item in value)
        return "[" + ", ".join(f'"{item}"' for item in quoted) + "]"
    return repr(value)


def known(columns_: Sequence[Column], values: Sequence[Value]) -> dict[str, str | int | float]:
    """Return what is known in a row by column, as JSON and networkx take it: money as a number, lists as text."""
    found: dict[str, str | int | float] = {}
    for column, value in zip(columns_, values, strict=True):
        if isinstance(value, Decimal):
            found[column.id] = float(value)
        elif isinstance(value, str | tuple):
            if text := plain(value if isinstance(value, str) else "; ".join(value)):
                found[column.id] = text
        elif value is not None:
            found[column.id] = value
    return found


def in_pieces(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the parts of a file some hundred at a time."""
    batch: list[bytes] = []
    for part in parts:
        batch.append(part)
        if len(batch) == _AT_ONCE:
            yield b"".join(batch)
            batch.clear()
    yield b"".join(batch)
