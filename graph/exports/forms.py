"""A drawing as GraphML, and as CSV for Gephi's spreadsheet import."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Final, TypeAlias

import networkx as nx

from civicgraph.graph.edges.to_networkx import Spell
from civicgraph.graph.exports.cells import Value, colour, columns, in_pieces, known, plain, spelled, timeset
from civicgraph.graph.exports.drawing import Drawing

_NODE_HEADER: Final = ("Id", "Label", "timeset")
_EDGE_HEADER: Final = ("Source", "Target", "Type", "Kind", "Id", "Label", "Weight", "timeset")

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
