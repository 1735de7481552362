"""GEXF 1.3 as Gephi and Gephi Lite read it, written as a stream.

What their importers make of a file rules what is written:

* parallel edges are told apart by `kind`, and money is a double with its pence;
* spells are days, to the last second of the last one, and do not overlap;
* Gephi Lite keeps only the last block of attributes of a class, so a number that changes with time is declared in a
  dynamic block, which Gephi takes it from, and as text in the static block after it, which Gephi passes over with a
  line in its log; declared in the first alone, readers that refuse what is not declared (graphology's) fail;
* such a number is written as one value with all its years, which Gephi reads as such and Gephi Lite shows whole;
* colours have no transparency, coordinates are all given, and what is not known is left out.

lxml writes the frame. Nodes and edges are formatted as text, each value escaped by Python's own xml.sax: as elements
they would take three times as long.
"""

import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any, Final, TypeVar
from xml.sax.saxutils import escape

from lxml import etree

from civicgraph.graph.edges.to_networkx import Spell
from civicgraph.graph.exports.drawing import (
    Column,
    ColumnType,
    Drawing,
    EdgeRow,
    NodeRow,
    Value,
    end_of,
    plain,
    pounds,
    spelled,
)
from civicgraph.graph.exports.palette import colour

_NS: Final = "http://gexf.net/1.3"
_VIZ: Final = "http://gexf.net/1.3/viz"
_AT_ONCE: Final = 150
_REMEMBERED: Final = 60_000
_HARMLESS: Final = re.compile(r"[A-Za-z0-9 _./|:#?=%~,;()\[\]+-]*").fullmatch
# Unescaped, white space in an attribute is read as blanks.
_ENTITIES: Final = {'"': "&quot;", "\n": "&#10;", "\t": "&#9;", "\r": "&#13;"}
_R = TypeVar("_R")


def gexf(drawing: Drawing) -> Iterator[bytes]:
    """Yield a drawing as GEXF 1.3, piece by piece: memory does not grow with it.

    Parameters
    ----------
    drawing
        What to write.

    Yields
    ------
    bytes
        The next piece of the file.
    """
    out = io.BytesIO()
    with etree.xmlfile(out, encoding="utf-8") as file:
        file.write_declaration()
        with file.element(f"{{{_NS}}}gexf", {"version": "1.3"}, nsmap={None: _NS, "viz": _VIZ}):
            _write_meta(file, drawing)
            settings = {
                "defaultedgetype": "directed",
                "mode": "dynamic",
                "timeformat": "date",
                "timerepresentation": "interval",
            }
            with file.element(_tag("graph"), settings):
                _write_columns(file, "node", drawing.node_columns)
                _write_columns(file, "edge", drawing.edge_columns)
                with file.element(_tag("nodes")):
                    file.flush()
                    yield _taken(out)
                    cells = _Cells(drawing.node_columns)
                    yield from _pieces(drawing.nodes(), lambda row: _node(row, cells))
                with file.element(_tag("edges")):
                    file.flush()
                    yield _taken(out)
                    cells = _Cells(drawing.edge_columns)
                    yield from _pieces(drawing.edges(), lambda row: _edge(row, cells))
    yield _taken(out)


def _taken(out: io.BytesIO) -> bytes:
    written = out.getvalue()
    out.seek(0)
    out.truncate()
    return written


def _pieces(rows: Iterable[_R], text: Callable[[_R], str]) -> Iterator[bytes]:
    texts: list[str] = []
    for row in rows:
        texts.append(text(row))
        if len(texts) == _AT_ONCE:
            yield "".join(texts).encode()
            texts.clear()
    yield "".join(texts).encode()


def _tag(name: str) -> str:
    return f"{{{_NS}}}{name}"


def _write_meta(file: Any, drawing: Drawing) -> None:  # noqa: ANN401 - lxml's incremental writer has no public type
    modified = {} if drawing.day is None else {"lastmodifieddate": drawing.day.isoformat()}
    with file.element(_tag("meta"), modified):
        for name, text in (
            ("creator", "civicgraph"),
            ("title", drawing.title),
            ("description", drawing.description),
            ("source", drawing.source),
            ("license", drawing.licence),
        ):
            with file.element(_tag(name)):
                file.write(plain(text))


def _write_columns(file: Any, cls: str, columns: Sequence[Column]) -> None:  # noqa: ANN401
    moving = [column for column in columns if column.type == "yearly"]
    for mode, declared in (("dynamic", moving), ("static", columns)):
        if not declared:
            continue
        with file.element(_tag("attributes"), {"class": cls, "mode": mode}):
            for column in declared:
                type_ = {"dynamic": "double", "static": "string"}[mode] if column in moving else column.type
                with file.element(_tag("attribute"), {"id": column.id, "title": column.id, "type": type_}):
                    pass


def _node(row: NodeRow, cells: "_Cells") -> str:
    red, green, blue = colour(row.kind)
    bounds = _bounds(row.spells[0]) if len(row.spells) == 1 else ""
    return (
        f'<node id="{quoted(row.id)}" label="{quoted(row.label)}"{bounds}>{cells.text(row.values)}'
        f'<viz:color r="{red}" g="{green}" b="{blue}"/><viz:position x="{row.x!r}" y="{row.y!r}" z="0.0"/>'
        f'<viz:size value="{row.size!r}"/></node>'
    )


def _edge(row: EdgeRow, cells: "_Cells") -> str:
    identifier, source, target, kind, label, weight, spells, values = row
    known = cells.known
    bounds = several = ""
    if len(spells) == 1:
        bounds = _bounds(spells[0])
    elif spells:
        several = f"<spells>{''.join(f'<spell{_bounds(spell)}/>' for spell in spells)}</spells>"
    return (
        f'<edge id="{quoted(identifier)}" source="{known(source)}" target="{known(target)}" kind="{known(kind)}"'
        f' label="{known(label)}" weight="{weight!r}"{bounds}>{cells.text(values)}{several}</edge>'
    )


def _bounds(spell: Spell) -> str:
    start, end = spell
    return ("" if start is None else f' start="{start}"') + ("" if end is None else f' end="{end_of(end)}"')


class _Cells:
    """Writes the values of rows. Texts that come again and again, such as the ids of nodes and lists, are kept."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._known: dict[Value, str] = {}
        writers: dict[ColumnType, Callable[[Any], str]] = {
            "string": quoted,
            "integer": repr,
            "double": _number,
            "liststring": self.known,
            "yearly": _yearly,
        }
        self._columns = [(f'<attvalue for="{quoted(column.id)}" value="', writers[column.type]) for column in columns]

    def known(self, value: str | tuple[str, ...]) -> str:
        found = self._known.get(value)
        if found is None:
            found = quoted(spelled(value) or "")
            if len(self._known) < _REMEMBERED:
                self._known[value] = found
        return found

    def text(self, values: Sequence[Value]) -> str:
        parts = ""
        for (head, write), value in zip(self._columns, values, strict=True):
            if value is not None and (text := write(value)):
                parts += f'{head}{text}"/>'
        return f"<attvalues>{parts}</attvalues>"


def _number(value: Value) -> str:
    return pounds(value) if isinstance(value, Decimal) else repr(value)


def _yearly(value: Value) -> str:
    return f"&lt;{str(value)[1:-1]}&gt;"  # the angle brackets around it are all that needs escaping


def quoted(text: str) -> str:
    r"""Return a text as it may stand between double quotes in XML, without what no XML file may hold.

    >>> quoted('Bell & "Sons" <Ltd>\x07')
    'Bell &amp; &quot;Sons&quot; &lt;Ltd&gt;'
    """
    return text if _HARMLESS(text) else escape(plain(text), _ENTITIES)
