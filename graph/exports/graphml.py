"""GraphML as Gephi, Gephi Lite, yEd and networkx read it, written as a stream."""

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from lxml import etree

from civicgraph.graph.edges.to_networkx import Spell
from civicgraph.graph.exports.drawing import Column, Drawing, EdgeRow, NodeRow, Value, plain, spelled
from civicgraph.graph.exports.palette import colour

_NS: Final = "http://graphml.graphdrawing.org/xmlns"
_CHUNK: Final = 64 * 1024
_TYPES: Final = {"string": "string", "integer": "int", "double": "double", "liststring": "string", "yearly": "string"}
_NODE_KEYS: Final = {
    "label": "string", "x": "double", "y": "double", "size": "double", "r": "int", "g": "int", "b": "int",
    "spells": "string",
}  # fmt: skip
_EDGE_KEYS: Final = {"kind": "string", "label": "string", "weight": "double", "spells": "string"}


def graphml(drawing: Drawing) -> Iterator[bytes]:
    """Yield a drawing as GraphML, piece by piece; what it has no form for, lists and spells, is text.

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
        with file.element(f"{{{_NS}}}graphml", nsmap={None: _NS}):
            _write_keys(file, "node", _NODE_KEYS, drawing.node_columns)
            _write_keys(file, "edge", _EDGE_KEYS, drawing.edge_columns)
            with file.element(f"{{{_NS}}}graph", {"edgedefault": "directed"}):
                for node in drawing.nodes():
                    file.write(_element("node", {"id": node.id}, _node(node, drawing.node_columns)))
                    yield from _taken(file, out)
                for edge in drawing.edges():
                    ends = {"id": edge.id, "source": edge.source, "target": edge.target}
                    file.write(_element("edge", ends, _edge(edge, drawing.edge_columns)))
                    yield from _taken(file, out)
    yield out.getvalue()


def _taken(file: Any, out: io.BytesIO) -> Iterator[bytes]:  # noqa: ANN401 - lxml's incremental writer has no public type
    if out.tell() >= _CHUNK:
        file.flush()
        yield out.getvalue()
        out.seek(0)
        out.truncate()


def _write_keys(file: Any, cls: str, own: Mapping[str, str], columns: Sequence[Column]) -> None:  # noqa: ANN401
    declared = {**own, **{column.id: _TYPES[column.type] for column in columns}}
    for name, kind in declared.items():
        attributes = {"id": f"{cls}-{name}", "for": cls, "attr.name": name, "attr.type": kind}
        with file.element(f"{{{_NS}}}key", attributes):
            pass


def _element(name: str, attributes: Mapping[str, str], data: Mapping[str, str]) -> etree._Element:
    # In no namespace: written inside an element of one, it is read as of that.
    element = etree.Element(name, {key: plain(value) for key, value in attributes.items()})
    for key, text in data.items():
        etree.SubElement(element, "data", {"key": f"{name}-{key}"}).text = text
    return element


def _node(row: NodeRow, columns: Sequence[Column]) -> dict[str, str]:
    red, green, blue = colour(row.kind)
    own: dict[str, Value] = {"label": row.label, "x": row.x, "y": row.y, "size": row.size}
    own |= {"r": red, "g": green, "b": blue, "spells": spells_text(row.spells)}
    return _texts(own, columns, row.values)


def _edge(row: EdgeRow, columns: Sequence[Column]) -> dict[str, str]:
    own: dict[str, Value] = {"kind": row.kind, "label": row.label, "weight": row.weight}
    return _texts({**own, "spells": spells_text(row.spells)}, columns, row.values)


def _texts(own: Mapping[str, Value], columns: Sequence[Column], values: Sequence[Value]) -> dict[str, str]:
    named = {**own, **{column.id: value for column, value in zip(columns, values, strict=True)}}
    texts = {
        name: "; ".join(map(plain, value)) if isinstance(value, tuple) else spelled(value)
        for name, value in named.items()
    }
    return {name: text for name, text in texts.items() if text}


def spells_text(spells: Sequence[Spell]) -> str:
    """Return periods as ISO 8601 intervals, `..` for an open end.

    >>> spells_text([(None, None)])
    '../..'
    """
    return "; ".join("/".join(".." if day is None else day.isoformat() for day in spell) for spell in spells)
