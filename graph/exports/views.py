"""How a view becomes a drawing: positions, sizes, communities, core numbers."""

import math
from collections.abc import Iterator
from datetime import date
from threading import Lock
from typing import Final

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from civicgraph.graph.edges.scope import Scope
from civicgraph.graph.edges.table import EdgeTable
from civicgraph.graph.engine.interface import Engine
from civicgraph.graph.exports.claims_view import claims_view
from civicgraph.graph.exports.contracts_view import contracts_view
from civicgraph.graph.exports.drawing import Drawing, EdgeRow, NodeRow, Value
from civicgraph.graph.exports.layout import layout
from civicgraph.graph.exports.network_view import network_view
from civicgraph.graph.exports.options import Options, View
from civicgraph.graph.exports.suppliers_view import suppliers_view
from civicgraph.graph.exports.view_graph import NODE_COLUMNS, Drawn, Node, ViewGraph, nodes_in, rows_in
from civicgraph.graph.measures.structure import communities, partners_in

SOURCE: Final = "civicgraph, from the sources that the data folder holds (civicgraph sources lists them)"
LICENCE: Final = "Facts of UK public records are under the Open Government Licence v3.0; ask each source for the others"

SMALLEST: Final = 4.0
LARGEST: Final = 40.0


def draw(
    view: View, table: EdgeTable, engine: Engine, scope: Scope | None = None, options: Options | None = None
) -> Drawing:
    """Return a view of a snapshot, ready to be written.

    Parameters
    ----------
    view
        Which view.
    table
        The edge table of the snapshot.
    engine
        Its store, which the view of claims is of.
    scope
        What of the table; None for all of it.
    options
        What of the view is shown.

    Raises
    ------
    ScopeError
        It is to be around what is not there.
    TooLargeError
        The view would be too large to be of use.
    """
    scope, options = scope or Scope(), options or Options()
    if view == "claims":
        return drawn(claims_view(engine, scope, options), table.as_of, _asked(table, scope, options))
    make = {"network": network_view, "contracts": contracts_view, "suppliers": suppliers_view}[view]
    return drawn(make(table, scope, options), table.as_of, _asked(table, scope, options))


def _asked(table: EdgeTable, scope: Scope, options: Options) -> str:
    """Return what was asked for beside the view, as the end of its title."""
    parties = table.parties
    names = [table.label(iri) for iri in (*scope.services, *scope.places)]
    names += [parties[iri].name if iri in parties else iri for iri in (*scope.buyers, *scope.suppliers)]
    if options.around is not None:
        party = parties.get(options.around)
        names.append(f"around {options.around if party is None else party.name}")
    if scope.start is not None or scope.end is not None:
        names.append(f"{scope.start or 'the first day'} to {scope.end or 'the last'}")
    return f": {', '.join(names)}" if names else ""


def drawn(view: ViewGraph, day: date | None, asked: str = "") -> Drawing:
    """Return a view with positions, sizes and structure, the same for the same view; worked out once it is written.

    `asked` is what was asked for beside the view, which ends its title.
    """
    graph, placed = view.graph, _Placed(view.graph)

    def edges() -> Iterator[EdgeRow]:
        return rows_in(graph)

    return Drawing(
        title=f"civicgraph: {view.title[0].lower()}{view.title[1:]}{asked}",
        description=". ".join((f"Sizes go by {view.weighed_by}; colours by kind", *view.notes)),
        source=SOURCE,
        licence=LICENCE,
        day=day,
        node_columns=NODE_COLUMNS,
        edge_columns=view.edge_columns,
        nodes=placed.rows,
        edges=edges,
        node_count=len(graph),
        edge_count=graph.number_of_edges(),
        weighed_by=view.weighed_by,
        notes=view.notes,
    )


class _Placed:
    """The nodes of a graph as rows, worked out when they are asked for: a file can begin before."""

    def __init__(self, graph: Drawn) -> None:
        self._graph = graph
        self._rows: list[NodeRow] | None = None
        self._lock = Lock()

    def rows(self) -> Iterator[NodeRow]:
        """Yield the nodes as rows."""
        with self._lock:
            if self._rows is None:
                self._rows = list(self._placed())
        return iter(self._rows)

    def _placed(self) -> Iterator[NodeRow]:
        graph, nodes = self._graph, nodes_in(self._graph)
        sizes = _sizes(np.array([float(node.value or 0) for node in nodes.values()]))
        partners = partners_in(graph)
        positions = layout(partners, sizes).round(2)
        degrees, numbers, cores = dict(graph.degree()), communities(partners), nx.core_number(partners)
        for (name, node), (x, y), size in zip(nodes.items(), positions.tolist(), sizes.tolist(), strict=True):
            structure = (degrees[name], numbers[name], cores[name])
            yield NodeRow(name, node.label, node.kind, node.spells, _values(node, structure), x, y, size)


def _values(node: Node, structure: tuple[int, ...]) -> tuple[Value, ...]:
    value = float(node.value) if node.value is not None else None
    figures = (node.share, node.hhi, node.buyers, node.suppliers)
    return node.kind, node.cls, node.iri, node.region, value, *figures, *structure


def _sizes(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return radii whose areas go by the values, between the smallest and the largest that are drawn."""
    positive = np.sqrt(np.maximum(values, 0))
    largest = float(positive.max(initial=0))
    # Many nodes get less each, so that they do not cover each other.
    most = min(LARGEST, SMALLEST + 400 / math.sqrt(max(len(values), 1)))
    if not largest:
        return np.full(len(values), SMALLEST)
    return np.asarray((SMALLEST + (most - SMALLEST) * positive / largest).round(2))
