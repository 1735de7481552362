"""GEXF 1.3 as Gephi and Gephi Lite read it, written as a stream.

What their importers make of a file rules what is written:

* parallel edges are told apart by `kind`, and money is a double with its pence;
* spells are days, to the last second of the last one, and do not overlap;
* Gephi Lite keeps only the last block of attributes of a class, so a number that changes with time is declared in a
  dynamic block, which Gephi takes it from, and as text in the static block after it, which Gephi passes over with a
  line in its log; declared in the first alone, readers that refuse what is not declared (graphology's) fail;
* such a number is written as one value with all its years, which Gephi reads as such and Gephi Lite shows whole;
* colours have no transparency, coordinates are all given, and what is not known is left out.

All is formatted as text, each value escaped by Python's own xml.sax: as elements it would take three times as long.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any, Final
from xml.sax.saxutils import escape

from civicgraph.graph.edges.to_networkx import Spell
from civicgraph.graph.exports.cells import Column, Value, colour, columns, end_of, in_pieces, plain, pounds, spelled
from civicgraph.graph.exports.drawing import LICENCE, SOURCE, Drawing, EdgeRow, Node

_HEAD: Final = (
    '<?xml version="1.0" encoding="utf-8"?>\n'
    '<gexf xmlns="http://gexf.net/1.3" xmlns:viz="http://gexf.net/1.3/viz" version="1.3">'
)
_GRAPH: Final = '<graph defaultedgetype="directed" mode="dynamic" timeformat="date" timerepresentation="interval">'
_REMEMBERED: Final = 60_000
_HARMLESS: Final = re.compile(r"[A-Za-z0-9 _./|:#?=%~,;()\[\]+-]*").fullmatch
# Unescaped, white space in an attribute is read as blanks.
_ENTITIES: Final = {'"': "&quot;", "\n": "&#10;", "\t": "&#9;", "\r": "&#13;"}


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
    of_nodes, of_edges = columns(), columns(drawing.view)
    declared = f"{_declared('node', of_nodes)}{_declared('edge', of_edges)}"
    yield f"{_HEAD}{_meta(drawing)}{_GRAPH}{declared}<nodes>".encode()
    cells = _Cells(of_nodes)
    yield from in_pieces(_node(node, cells).encode() for node in drawing.nodes())
    yield b"</nodes><edges>"
    of_edge = _Cells(of_edges)
    yield from in_pieces(_edge(row, of_edge).encode() for row in drawing.edges())
    yield b"</edges></graph></gexf>"


def _meta(drawing: Drawing) -> str:
    modified = "" if drawing.day is None else f' lastmodifieddate="{drawing.day}"'
    texts = {
        "creator": "civicgraph",
        "title": f"civicgraph: {drawing.title[:1].lower()}{drawing.title[1:]}",
        "description": ". ".join((f"Sizes go by {drawing.weighed_by}; colours by kind", *drawing.notes)),
        "source": SOURCE,
        "license": LICENCE,
    }
    parts = "".join(f"<{name}>{escape(plain(text))}</{name}>" for name, text in texts.items())
    return f"<meta{modified}>{parts}</meta>"


def _declared(cls: str, of: Sequence[Column]) -> str:
    moving = [(column.id, "double") for column in of if column.type == "yearly"]
    static = [(column.id, "string" if column.type == "yearly" else column.type) for column in of]
    blocks = ""
    for mode, block in (("dynamic", moving), ("static", static)):
        each = "".join(f'<attribute id="{name}" title="{name}" type="{type_}"/>' for name, type_ in block)
        blocks += f'<attributes class="{cls}" mode="{mode}">{each}</attributes>' if block else ""
    return blocks


def _node(row: Node, cells: "_Cells") -> str:
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

    def __init__(self, of: Sequence[Column]) -> None:
        self._known: dict[Value, str] = {}
        writers: dict[str, Callable[[Any], str]] = {
            "string": quoted,
            "integer": repr,
            "double": lambda value: pounds(value) if isinstance(value, Decimal) else repr(value),
            "liststring": self.known,
            # The angle brackets around it are all that needs escaping.
            "yearly": lambda value: f"&lt;{value[1:-1]}&gt;",
        }
        self._columns = [(f'<attvalue for="{quoted(column.id)}" value="', writers[column.type]) for column in of]

    def known(self, value: str | tuple[str, ...]) -> str:
        found = self._known.get(value)
        if found is None:
            found = quoted(spelled(value))
            if len(self._known) < _REMEMBERED:
                self._known[value] = found
        return found

    def text(self, values: Sequence[Value]) -> str:
        parts = ""
        for (head, write), value in zip(self._columns, values, strict=True):
            if value is not None and (text := write(value)):
                parts += f'{head}{text}"/>'
        return f"<attvalues>{parts}</attvalues>"


def quoted(text: str) -> str:
    r"""Return a text as it may stand between double quotes in XML, without what no XML file may hold.

    >>> quoted('Bell & "Sons" <Ltd>\x07')
    'Bell &amp; &quot;Sons&quot; &lt;Ltd&gt;'
    """
    return text if _HARMLESS(text) else escape(plain(text), _ENTITIES)
