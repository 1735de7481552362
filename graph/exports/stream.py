r"""Gephi's graph streaming: one JSON event a line, as the client of its Graph Streaming plugin reads them.

That client takes a carriage return as the end of an event, and the class of a column from the first value that it
meets: so lines end in CR LF, a double is written as one even where it is whole, and what is not known is left out.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

import orjson

from civicgraph.graph.exports.drawing import Column, Drawing, Value, plain, spelled
from civicgraph.graph.exports.palette import colour
from civicgraph.graph.exports.sheets import timeset

_AT_ONCE = 200


def events(drawing: Drawing) -> Iterator[bytes]:
    """Yield the events that build a drawing in Gephi: all nodes, then all edges, some hundred at a time."""
    lines: list[bytes] = []
    for event in _events(drawing):
        lines.append(orjson.dumps(event) + b"\r\n")
        if len(lines) == _AT_ONCE:
            yield b"".join(lines)
            lines.clear()
    yield b"".join(lines)


def _events(drawing: Drawing) -> Iterator[dict[str, object]]:
    for node in drawing.nodes():
        red, green, blue = (part / 255 for part in colour(node.kind))
        yield {
            "an": {
                plain(node.id): {
                    "label": plain(node.label),
                    "x": node.x,
                    "y": node.y,
                    "size": node.size,
                    "r": red,
                    "g": green,
                    "b": blue,
                    **_values(drawing.node_columns, node.values),
                    **({"spells": timeset(node.spells)} if node.spells else {}),
                }
            }
        }
    for edge in drawing.edges():
        yield {
            "ae": {
                plain(edge.id): {
                    "source": plain(edge.source),
                    "target": plain(edge.target),
                    "directed": True,
                    "label": plain(edge.label),
                    "weight": edge.weight,
                    "kind": plain(edge.kind),
                    **_values(drawing.edge_columns, edge.values),
                    **({"spells": timeset(edge.spells)} if edge.spells else {}),
                }
            }
        }


def _values(columns: Sequence[Column], values: Sequence[Value]) -> Mapping[str, str | int | float]:
    found: dict[str, str | int | float] = {}
    for column, value in zip(columns, values, strict=True):
        if isinstance(value, Decimal):
            found[column.id] = float(value)
        elif isinstance(value, tuple):
            if value:
                found[column.id] = "; ".join(map(plain, value))
        elif isinstance(value, str):
            if text := spelled(value):
                found[column.id] = text
        elif value is not None:
            found[column.id] = value
    return found
