"""GEXF 1.3 as Gephi and Gephi Lite read it, written as a stream.

What their importers make of a file rules what is written:

* parallel edges are told apart by `kind`, and money is a double with its pence;
* spells are days, both ends included, and do not overlap;
* Gephi Lite keeps only the last block of attributes of a class, so a number that changes with time is declared in a
  dynamic block, which Gephi takes it from, and as text in the static block after it, which Gephi passes over;
* such a number is written as one value with all its years, which Gephi reads as such and Gephi Lite shows whole;
* colours have no transparency, coordinates are all given, and what is not known is left out.
"""

import io
from collections.abc import Iterator, Sequence
from typing import Any, Final

from lxml import etree

from civicgraph.graph.exports.drawing import Column, Drawing, EdgeRow, NodeRow, Spell, plain, spelled
from civicgraph.graph.exports.palette import colour

_NS: Final = "http://gexf.net/1.3"
_VIZ: Final = "http://gexf.net/1.3/viz"
_CHUNK: Final = 64 * 1024


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
                elements = _Elements(drawing.node_columns)
                with file.element(_tag("nodes")):
                    for node in drawing.nodes():
                        _write_node(file, elements, node)
                        yield from _taken(file, out)
                elements = _Elements(drawing.edge_columns)
                with file.element(_tag("edges")):
                    for edge in drawing.edges():
                        file.write(elements.edge(edge))
                        yield from _taken(file, out)
    yield out.getvalue()


def _taken(file: Any, out: io.BytesIO) -> Iterator[bytes]:  # noqa: ANN401 - lxml's incremental writer has no public type
    if out.tell() >= _CHUNK:
        file.flush()
        yield out.getvalue()
        out.seek(0)
        out.truncate()


def _tag(name: str) -> str:
    return f"{{{_NS}}}{name}"


def _write_meta(file: Any, drawing: Drawing) -> None:  # noqa: ANN401
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


def _write_node(file: Any, elements: "_Elements", row: NodeRow) -> None:  # noqa: ANN401
    attributes = {"id": plain(row.id), "label": plain(row.label)}
    if len(row.spells) == 1:
        attributes |= _spell(row.spells[0])
    with file.element(_tag("node"), attributes):
        file.write(elements.values(row.values))
        red, green, blue = colour(row.kind)
        with file.element(f"{{{_VIZ}}}color", {"r": str(red), "g": str(green), "b": str(blue)}):
            pass
        with file.element(f"{{{_VIZ}}}position", {"x": repr(row.x), "y": repr(row.y), "z": "0.0"}):
            pass
        with file.element(f"{{{_VIZ}}}size", {"value": repr(row.size)}):
            pass


class _Elements:
    """Elements that are filled and written again and again: making them anew takes half of the time.

    They are in no namespace: written inside an element of one, they are read as of that.
    """

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = columns
        self._made: dict[tuple[bool, ...], tuple[etree._Element, etree._Element, list[etree._Element]]] = {}

    def values(self, values: Sequence[Any]) -> etree._Element:
        return self._filled(values)[1]

    def edge(self, row: EdgeRow) -> etree._Element:
        edge, _, _ = self._filled(row.values)
        edge.set("id", plain(row.id))
        edge.set("source", plain(row.source))
        edge.set("target", plain(row.target))
        edge.set("kind", plain(row.kind))
        edge.set("label", plain(row.label))
        edge.set("weight", repr(row.weight))
        for name in ("start", "end"):
            edge.attrib.pop(name, None)
        for stale in edge[1:]:
            edge.remove(stale)
        if len(row.spells) == 1:
            edge.attrib.update(_spell(row.spells[0]))
        elif row.spells:
            spells = etree.SubElement(edge, "spells")
            for spell in row.spells:
                etree.SubElement(spells, "spell", _spell(spell))
        return edge

    def _filled(self, values: Sequence[Any]) -> tuple[etree._Element, etree._Element, list[etree._Element]]:
        texts = [spelled(value) for value in values]
        present = tuple(text is not None for text in texts)
        made = self._made.get(present)
        if made is None:
            edge = etree.Element("edge")
            block = etree.SubElement(edge, "attvalues")
            named = (column for column, there in zip(self._columns, present, strict=True) if there)
            made = (edge, block, [etree.SubElement(block, "attvalue", {"for": column.id}) for column in named])
            self._made[present] = made
        for element, text in zip(made[2], (text for text in texts if text is not None), strict=True):
            element.set("value", text)
        return made


def _spell(spell: Spell) -> dict[str, str]:
    return {name: day.isoformat() for name, day in zip(("start", "end"), spell, strict=True) if day is not None}
