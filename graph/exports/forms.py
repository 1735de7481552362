"""A drawing as GraphML, as CSV for Gephi's spreadsheet import, and as JSON for Grafana's Node Graph panel."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Final, TypeAlias

import networkx as nx
import orjson

from civicgraph.graph.edges.to_networkx import Spell
from civicgraph.graph.exports.cells import Value, colour, columns, in_pieces, known, plain, spelled, timeset
from civicgraph.graph.exports.drawing import Drawing, EdgeRow, Node

_NODE_HEADER: Final = ("Id", "Label", "timeset")
_EDGE_HEADER: Final = ("Source", "Target", "Type", "Kind", "Id", "Label", "Weight", "timeset")
_SAID: Final = ("kind", "class", "value", "degree")
"""Columns of nodes that have a field of their own in Grafana."""

Fields: TypeAlias = dict[str, str | int | float]


def graphml(drawing: Drawing) -> Iterator[bytes]:
    """Yield a drawing as GraphML, for yEd, networkx, Gephi and Gephi Lite; lists and spells are text in it."""
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for node in drawing.nodes():
        drawn: Fields = {"label": plain(node.label), "x": node.x, "y": node.y, "size": node.size}
        drawn |= dict(zip("rgb", colour(node.kind), strict=True))
        if node.spells:
            drawn["spells"] = spells_text(node.spells)
        graph.add_node(plain(node.id), **drawn, **known(columns(), node.values))
    for edge in drawing.edges():
        own: Fields = {"kind": plain(edge.kind), "label": plain(edge.label), "weight": edge.weight}
        if edge.spells:
            own["spells"] = spells_text(edge.spells)
        graph.add_edge(
            plain(edge.source), plain(edge.target), plain(edge.id), **own, **known(columns(drawing.view), edge.values)
        )
    out = io.BytesIO()
    nx.write_graphml(graph, out, prettyprint=False)
    yield out.getvalue()


def spells_text(spells: Sequence[Spell]) -> str:
    """Return periods as ISO 8601 intervals, `..` for an open end.

    >>> spells_text([(None, None)])
    '../..'
    """
    return "; ".join("/".join(".." if day is None else day.isoformat() for day in spell) for spell in spells)


def nodes_csv(drawing: Drawing) -> Iterator[bytes]:
    """Yield the nodes of a drawing as CSV, some hundred rows at a time."""
    header = (*_NODE_HEADER, *(column.id for column in columns()))
    rows = (
        (plain(node.id), plain(node.label), timeset(node.spells), *map(spelled, node.values))
        for node in drawing.nodes()
    )
    return _csv(header, rows)


def edges_csv(drawing: Drawing) -> Iterator[bytes]:
    """Yield the edges of a drawing as CSV, some hundred rows at a time."""
    header = (*_EDGE_HEADER, *(column.id for column in columns(drawing.view)))
    writers = [_years if column.type == "yearly" else spelled for column in columns(drawing.view)]
    rows = (
        (
            *(plain(edge.source), plain(edge.target), "Directed", plain(edge.kind), plain(edge.id), plain(edge.label)),
            *(repr(edge.weight), timeset(edge.spells)),
            *(write(value) for write, value in zip(writers, edge.values, strict=True)),
        )
        for edge in drawing.edges()
    )
    return _csv(header, rows)


def _years(value: Value) -> str:
    # Gephi takes numbers by year for whole ones, and cuts off their pence, unless they have an exponent.
    return str(value).replace("];", "e0];").replace("]>", "e0]>") if value else ""


def _csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")

    def line(row: Sequence[str]) -> bytes:
        out.seek(0)
        out.truncate()
        writer.writerow(row)
        return out.getvalue().encode()

    return in_pieces(map(line, chain([header], rows)))


def node_graph(drawing: Drawing) -> Iterator[bytes]:
    """Yield `{"nodes": [...], "edges": [...]}`, some hundred rows at a time.

    A node's `mainstat` is what sizes go by and its `secondarystat` how many edges it has; an edge's `mainstat` is its
    weight. The ring of a node has one part, `arc__` with its kind, so that the panel colours by kind; the parts of each
    node add up to 1, as the panel asks. Every other column is in the details.
    """
    kinds = sorted({node.kind for node in drawing.nodes()})
    yield b'{"nodes":['
    yield from _listed(_node_fields(node, kinds) for node in drawing.nodes())
    yield b'],"edges":['
    yield from _listed(_edge_fields(drawing, edge) for edge in drawing.edges())
    yield b"]}\n"


def _values(drawing: Drawing, edge: EdgeRow) -> Fields:
    return known(columns(drawing.view), edge.values)


def _node_fields(node: Node, kinds: Iterable[str]) -> dict[str, object]:
    values = known(columns(), node.values)
    return {
        "id": node.id,
        "title": node.label,
        "subtitle": values.get("class"),
        "mainstat": values.get("value"),
        "secondarystat": node.degree,
        "noderadius": round(node.size),
        **{f"arc__{kind}": int(kind == node.kind) for kind in kinds},
        **{f"detail__{column.id}": values.get(column.id) for column in columns() if column.id not in _SAID},
    }


def _edge_fields(drawing: Drawing, edge: EdgeRow) -> dict[str, object]:
    values = _values(drawing, edge)
    return {
        "id": edge.id,
        "source": edge.source,
        "target": edge.target,
        "mainstat": edge.weight,
        "detail__kind": edge.kind,
        **{f"detail__{column.id}": values.get(column.id) for column in columns(drawing.view)},
    }


def _listed(rows: Iterable[dict[str, object]]) -> Iterator[bytes]:
    return in_pieces((b"," if number else b"") + orjson.dumps(row) for number, row in enumerate(rows))
