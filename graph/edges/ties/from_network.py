"""Ties out of a networkx graph: the way in for whoever holds one, and for every store that answers SPARQL."""

import math
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from civicgraph.graph.edges.network import Network
from civicgraph.graph.edges.surroundings import Named, Surroundings
from civicgraph.graph.edges.ties.arrays import NO_DAY, Ties
from civicgraph.graph.edges.ties.build import Row, ties_of_rows


def ties_of(network: Network) -> Ties:
    """Return the ties of a network as columns: a row for each edge in their order, then one for each record unnamed.

    Parameters
    ----------
    network
        As `civicgraph.graph.edges.network.build_network` returns it.

    Examples
    --------
    >>> import networkx as nx
    >>> G = nx.MultiDiGraph(labels={}, broader={}, as_of=None, version="")
    >>> G.add_node("a", label="A", cls="Council", is_collective=False)
    >>> G.add_node("x", label="X", cls="Company", is_collective=False)
    >>> _ = G.add_edge(
    ...     "a",
    ...     "x",
    ...     key="c1",
    ...     kind="contract",
    ...     guard=None,
    ...     services=(),
    ...     places=(),
    ...     start=None,
    ...     end=None,
    ...     value=None,
    ...     currency=None,
    ...     split=1.0,
    ...     certainty="asserted",
    ... )
    >>> ties = ties_of(G)
    >>> len(ties), ties.parties.names[int(ties.supplier[0])]
    (1, 'X')
    """
    named = {
        party: Named(data["label"], data["cls"], data["is_collective"]) for party, data in network.nodes(data=True)
    }
    graph: Mapping[str, Any] = network.graph
    around = Surroundings(
        named=named,
        labels=graph["labels"],
        broader=graph["broader"],
        as_of=graph["as_of"],
        version=graph["version"],
    )
    return ties_of_rows(rows_of(network), around)


def rows_of(network: Network) -> Iterator[Row]:
    """Yield the ties of a network row by row, those of records that name no supplier last."""
    for buyer, supplier, edge, data in network.edges(keys=True, data=True):
        yield row_of(edge, buyer, supplier, data)
    for buyer, edge, data in network.graph.get("unnamed", ()):
        yield row_of(edge, buyer, None, data)


def row_of(edge: str, buyer: str, supplier: str | None, data: Mapping[str, Any]) -> Row:
    """Return one tie of a network as a row, from the attributes of its edge."""
    value = data["value"]
    return Row(
        edge,
        data["kind"],
        buyer,
        supplier,
        buyer,
        supplier,
        _ordinal(data["start"]),
        _ordinal(data["end"]),
        math.nan if value is None else float(value),
        data["currency"],
        float(data["split"]),
        data.get("guard"),
        data["certainty"],
        data["services"],
        data["places"],
    )


def _ordinal(day: date | None) -> int:
    return NO_DAY if day is None else day.toordinal()
