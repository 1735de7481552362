"""Nodes and edges as Grafana's Node Graph panel takes them: one JSON object with a list for each of its two frames.

The names of fields are those of the panel's documentation, which every version of it reads:
https://grafana.com/docs/grafana/latest/panels-visualizations/visualizations/node-graph/
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

import orjson

from civicgraph.graph.exports.drawing import Column, Drawing, EdgeRow, NodeRow, Value, spelled

_AT_ONCE: Final = 500
_SAID: Final = ("kind", "class", "value", "degree")
"""Columns of nodes that have a field of their own."""


def node_graph(drawing: Drawing) -> Iterator[bytes]:
    """Yield `{"nodes": [...], "edges": [...]}`, some hundred rows at a time.

    A node's `mainstat` is what sizes go by and its `secondarystat` how many edges it has; an edge's `mainstat` is its
    weight. The ring of a node has one part, `arc__` with its kind, so that the panel colours by kind; the parts of each
    node add up to 1, as the panel asks. Every other column is in the details.
    """
    kinds = sorted({node.kind for node in drawing.nodes()})
    yield b'{"nodes":['
    yield from _joined(_node(node, drawing.node_columns, kinds) for node in drawing.nodes())
    yield b'],"edges":['
    yield from _joined(_edge(edge, drawing.edge_columns) for edge in drawing.edges())
    yield b"]}\n"


def _node(node: NodeRow, columns: Sequence[Column], kinds: Sequence[str]) -> Mapping[str, object]:
    values = {column.id: value for column, value in zip(columns, node.values, strict=True)}
    return {
        "id": node.id,
        "title": node.label,
        "subtitle": _cell(values["class"]),
        "mainstat": _cell(values["value"]),
        "secondarystat": _cell(values["degree"]),
        "noderadius": round(node.size),
        **{f"arc__{kind}": int(kind == node.kind) for kind in kinds},
        **{f"detail__{name}": _cell(value) for name, value in values.items() if name not in _SAID},
    }


def _edge(edge: EdgeRow, columns: Sequence[Column]) -> Mapping[str, object]:
    return {
        "id": edge.id,
        "source": edge.source,
        "target": edge.target,
        "mainstat": edge.weight,
        "detail__kind": edge.kind,
        **{f"detail__{column.id}": _cell(value) for column, value in zip(columns, edge.values, strict=True)},
    }


def _cell(value: Value) -> str | int | float | None:
    if isinstance(value, Decimal):
        return float(value)
    return value if isinstance(value, int | float) else spelled(value)


def _joined(rows: Iterator[Mapping[str, object]]) -> Iterator[bytes]:
    batch: list[bytes] = []
    for number, row in enumerate(rows):
        batch.append((b"," if number else b"") + orjson.dumps(row))
        if len(batch) == _AT_ONCE:
            yield b"".join(batch)
            batch.clear()
    yield b"".join(batch)
