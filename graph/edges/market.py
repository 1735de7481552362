"""Markets of a networkx graph: the ties in a scope, weighed, as a graph again."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from civicgraph.graph.edges.network import Network
from civicgraph.graph.edges.scope import Scope
from civicgraph.graph.edges.selection import select
from civicgraph.graph.edges.ties.from_network import ties_of


@dataclass(frozen=True, slots=True)
class Market:
    """The ties in a scope that count, each with the attribute `weight`, and what was left out of them by reason.

    `records` counts the ties in the scope before anything was left out.
    """

    scope: Scope
    network: Network
    records: int
    excluded: Mapping[str, int] = field(default_factory=dict)

    @property
    def coverage(self) -> float | None:
        """The share of the scope's ties that count, 0 to 1; None where the scope is empty."""
        return self.network.number_of_edges() / self.records if self.records else None


def market(network: Network, scope: Scope) -> Market:
    """Return the ties of a network that lie in a scope, weighed on the scope's basis.

    Parameters
    ----------
    network
        As `civicgraph.graph.edges.network.build_network` returns it.
    scope
        The market.

    Returns
    -------
    Market
        A subnetwork that keeps the node and edge attributes of the whole. How ties weigh, and what is left out, is
        said in `civicgraph.graph.edges.selection`.
    """
    found = select(ties_of(network), scope)
    result = network.__class__(**network.graph)
    edges = list(network.edges(keys=True, data=True))
    for row, weight in zip(found.rows.tolist(), found.weight.tolist(), strict=True):
        buyer, supplier, key, data = edges[row]
        result.add_node(buyer, **network.nodes[buyer])
        result.add_node(supplier, **network.nodes[supplier])
        result.add_edge(buyer, supplier, key=key, **data, weight=weight)
    return Market(scope, result, found.records, found.excluded)
