"""Who depends on whom: totals, spreads and sole suppliers of a network whose edges run from buyer to supplier."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, Literal

from civicgraph.graph.measures.concentration import shares

if TYPE_CHECKING:
    from civicgraph.graph.edges.network import Network  # imports networkx, which figures of a snapshot do not need

Side = Literal["supplier", "buyer"]

DEPENDENT_SHARE: Final = 0.5
"""A buyer depends on a supplier that has at least this share of the buyer's total."""


def totals(network: "Network", side: Side, weight: str = "weight") -> dict[str, float]:
    """Return what each supplier has from all buyers, or what each buyer gives to all suppliers.

    Parameters
    ----------
    network
        Edges from buyer to supplier.
    side
        Whose totals.
    weight
        The edge attribute to add up.

    Returns
    -------
    dict
        Totals by party, the largest first, equal ones by name.

    Examples
    --------
    >>> import networkx as nx
    >>> G = nx.MultiDiGraph()
    >>> _ = G.add_edges_from([("a", "x", {"weight": 2}), ("b", "x", {"weight": 1}), ("b", "y", {"weight": 1})])
    >>> totals(G, "supplier")
    {'x': 3.0, 'y': 1.0}
    """
    return _added(
        (supplier if side == "supplier" else buyer, data[weight]) for buyer, supplier, data in network.edges(data=True)
    )


def partner_totals(network: "Network", party: str, side: Side, weight: str = "weight") -> dict[str, float]:
    """Return what a supplier has from each of its buyers, or what a buyer gives to each of its suppliers.

    Parameters
    ----------
    network
        Edges from buyer to supplier.
    party
        The supplier or buyer.
    side
        Which of the two the party is.
    weight
        The edge attribute to add up.

    Returns
    -------
    dict
        Totals by partner, the largest first, equal ones by name.
    """
    return _added((partner, data[weight]) for partner, data in _ties(network, party, side))


def spread(network: "Network", party: str, side: Side, over: str, weight: str = "weight") -> dict[str, float]:
    """Return how a party's total spreads over an edge attribute that holds several values, such as `services`.

    An edge with several values gives each the same part; an edge with none gives nothing, so that the sum may be
    less than the party's total.

    Examples
    --------
    >>> import networkx as nx
    >>> G = nx.MultiDiGraph()
    >>> _ = G.add_edge("a", "x", weight=2, services=("payroll", "hr"))
    >>> spread(G, "x", "supplier", "services")
    {'hr': 1.0, 'payroll': 1.0}
    """
    found: dict[str, float] = defaultdict(float)
    for _, data in _ties(network, party, side):
        values = data[over]
        for value in values:
            found[value] += float(data[weight]) / len(values)
    return dict(sorted(found.items()))


def dependent_buyers(
    network: "Network", supplier: str, at_least: float = DEPENDENT_SHARE, weight: str = "weight"
) -> dict[str, float]:
    """Return the buyers that depend on a supplier, each with the supplier's share of the buyer's total.

    Parameters
    ----------
    network
        Edges from buyer to supplier.
    supplier
        The supplier.
    at_least
        The share from which a buyer counts as dependent, 0 to 1.
    weight
        The edge attribute to add up.

    Returns
    -------
    dict
        Shares between `at_least` and 1 by buyer, the largest first, equal ones by name.

    Examples
    --------
    >>> import networkx as nx
    >>> G = nx.MultiDiGraph()
    >>> _ = G.add_edges_from([("a", "x", {"weight": 3}), ("a", "y", {"weight": 1}), ("b", "x", {"weight": 2})])
    >>> dependent_buyers(G, "x"), dependent_buyers(G, "y")
    ({'b': 1.0, 'a': 0.75}, {})
    """
    found = {
        buyer: shares(partner_totals(network, buyer, "buyer", weight)).get(supplier, 0.0)
        for buyer in network.predecessors(supplier)
    }
    chosen = [(buyer, share) for buyer, share in found.items() if share >= at_least]
    return dict(sorted(chosen, key=lambda item: (-item[1], item[0])))


def dependences(
    network: "Network", at_least: float = DEPENDENT_SHARE, weight: str = "weight"
) -> dict[tuple[str, str], float]:
    """Return every dependence of a buyer on a supplier, in one pass over the network.

    Returns
    -------
    dict
        By buyer and supplier, the supplier's share of the buyer's total, between `at_least` and 1.

    Examples
    --------
    >>> import networkx as nx
    >>> G = nx.MultiDiGraph()
    >>> _ = G.add_edges_from([("a", "x", {"weight": 3}), ("a", "y", {"weight": 1})])
    >>> dependences(G)
    {('a', 'x'): 0.75}
    """
    found: dict[tuple[str, str], float] = {}
    for buyer in sorted(node for node, degree in network.out_degree() if degree):
        for supplier, share in shares(partner_totals(network, buyer, "buyer", weight)).items():
            if share >= at_least:
                found[buyer, supplier] = share
    return found


def sole_supplies(network: "Network") -> dict[tuple[str, str], str]:
    """Return the services that a buyer has from one supplier only.

    Returns
    -------
    dict
        The supplier by buyer and service type. A buyer's edges without a service type say nothing here.

    Examples
    --------
    >>> import networkx as nx
    >>> G = nx.MultiDiGraph()
    >>> _ = G.add_edge("a", "x", services=("payroll",))
    >>> _ = G.add_edge("a", "y", services=("hr",))
    >>> _ = G.add_edge("a", "x", services=("hr",))
    >>> sole_supplies(G)
    {('a', 'payroll'): 'x'}
    """
    suppliers: dict[tuple[str, str], set[str]] = defaultdict(set)
    for buyer, supplier, data in network.edges(data=True):
        for service in data["services"]:
            suppliers[buyer, service].add(supplier)
    return {need: next(iter(found)) for need, found in sorted(suppliers.items()) if len(found) == 1}


def turnover(now: "Network", before: "Network") -> tuple[frozenset[str], frozenset[str]]:
    """Return the newcomers and the leavers of a market: its suppliers now that it had not before, and those then only.

    Parameters
    ----------
    now, before
        The market in a period, and in the one before; edges from buyer to supplier.

    Examples
    --------
    >>> import networkx as nx
    >>> new, gone = turnover(nx.MultiDiGraph([("a", "x"), ("a", "y")]), nx.MultiDiGraph([("a", "x"), ("b", "z")]))
    >>> sorted(new), sorted(gone)
    (['y'], ['z'])
    """
    here, there = (frozenset(supplier for _, supplier in network.edges()) for network in (now, before))
    return here - there, there - here


def _added(weights: Iterable[tuple[str, float]]) -> dict[str, float]:
    found: defaultdict[str, list[float]] = defaultdict(list)
    for party, weight in weights:
        found[party].append(float(weight))
    # Parts of a whole add up to the whole again, in whatever order: six sixths are 1, and not a little less.
    added = {party: float(f"{math.fsum(parts):.15g}") for party, parts in found.items()}
    return dict(sorted(added.items(), key=lambda item: (-item[1], item[0])))


def _ties(network: "Network", party: str, side: Side) -> Iterable[tuple[str, Mapping[str, Any]]]:
    edges: Callable[..., Any] = network.in_edges if side == "supplier" else network.out_edges
    return [(buyer if side == "supplier" else supplier, data) for buyer, supplier, data in edges(party, data=True)]
