"""Gephi's graph streaming, read by the rules of its client."""

import json
from collections.abc import Callable
from typing import Any

from civicgraph.graph.edges.table import EdgeTable
from civicgraph.graph.exports.drawing import Drawing
from civicgraph.graph.exports.forms import events


def read(text: str) -> list[dict[str, Any]]:
    """Return the events as the client does: a carriage return ends one, and white space around it goes."""
    return [json.loads(line) for line in text.split("\r") if line.strip()]


def test_nodes_come_before_the_edges_that_need_them(traps: EdgeTable, drawing_of: Callable[..., Drawing]) -> None:
    drawing = drawing_of(traps)
    nodes: dict[str, dict[str, Any]] = {}
    edges: dict[str, dict[str, Any]] = {}
    classes: dict[str, type] = {}
    for event in read(b"".join(events(drawing)).decode()):
        ((kind, body),) = event.items()
        ((key, data),) = body.items()
        assert None not in data.values()
        for name, value in data.items():
            # The client makes a column of the class of its first value and refuses values of another.
            assert classes.setdefault(f"{kind} {name}", type(value)) is type(value), name
        if kind == "an":
            nodes[key] = data
            assert all(0 <= data[part] <= 1 for part in "rgb")
        else:
            assert kind == "ae"
            edges[key] = data
            assert {data["source"], data["target"]} <= set(nodes)
            assert data["directed"] is True
    assert set(nodes) == {node.id for node in drawing.nodes()}
    assert set(edges) == {edge.id for edge in drawing.edges()}
    assert edges["a|contract|x"]["value"] == 2234567890.17
    assert (edges["b|contract|x"]["value"], edges["c|contract|x"]["value"]) == (0.0, 1.5)
    assert nodes["b"]["label"] == 'Bell & "Sons" \N{GRINNING FACE}\n\ttab <b>'


def test_nothing_is_an_empty_stream(table_of: Callable[..., EdgeTable], drawing_of: Callable[..., Drawing]) -> None:
    assert read(b"".join(events(drawing_of(table_of([])))).decode()) == []
