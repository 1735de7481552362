"""Concentration in any networkx graph, by weighted degree: the formulas are those of the figures of a scope."""

from dataclasses import dataclass
from typing import Any, Literal, overload

from civicgraph.graph.measures.concentration import concentration_ratio, effective_number, gini, hhi, shares
from civicgraph.graph.measures.structure import Graph


@dataclass(frozen=True, slots=True)
class GraphMarket:
    """How concentrated the suppliers of a graph are. HHI from 0 to 10,000, ratios and Gini from 0 to 1."""

    hhi: float | None
    cr1: float | None
    cr4: float | None
    cr5: float | None
    effective_suppliers: float | None
    gini: float | None
    suppliers: int
    buyers: int
    total: float


@dataclass(frozen=True, slots=True)
class GraphParty:
    """What a supplier has of a graph, or a buyer: its weighted degree, its share, and the HHI of its partners.

    `total` is what it has, refunds taken off; only what is above zero is in a share. HHI is from 0 to 10,000, None for
    who has nothing above zero. `partners` says how many it deals with, `top_partner_share` what the largest has of it.
    """

    total: float
    share: float
    hhi: float | None
    partners: int
    top_partner: Any
    top_partner_share: float | None


@overload
def concentration(graph: Graph, by: Literal["market"] = "market", weight: str = "weight") -> GraphMarket: ...
@overload
def concentration(graph: Graph, by: Literal["supplier", "buyer"], weight: str = "weight") -> dict[Any, GraphParty]: ...
def concentration(
    graph: Graph, by: Literal["market", "supplier", "buyer"] = "market", weight: str = "weight"
) -> GraphMarket | dict[Any, GraphParty]:
    """Return how concentrated a graph is, by weighted degree.

    Parameters
    ----------
    graph
        Edges run from buyer to supplier, and may be parallel. In a graph without direction every node is either.
    by
        `market` for the whole, `supplier` or `buyer` for each of these.
    weight
        The edge attribute to add up.

    Returns
    -------
    GraphMarket or dict of GraphParty
        By node, the largest total first, equal ones in the order of the graph.

    Examples
    --------
    >>> import networkx as nx
    >>> G = nx.MultiDiGraph()
    >>> _ = G.add_edges_from([("a", "x", {"weight": 60}), ("b", "x", {"weight": 20}), ("a", "y", {"weight": 20})])
    >>> concentration(G).hhi, concentration(G, "supplier")["x"].share, concentration(G, "buyer")["a"].hhi
    (6800.0, 0.8, 6250.0)
    """
    if by == "market":
        totals = {party: total for party, (total, _) in _sides(graph, "supplier", weight).items()}
        held = shares(totals)
        buyers = sum(any(one > 0 for one in given.values()) for _, given in _sides(graph, "buyer", weight).values())
        return GraphMarket(
            hhi=hhi(held.values()),
            cr1=concentration_ratio(held.values(), 1),
            cr4=concentration_ratio(held.values(), 4),
            cr5=concentration_ratio(held.values(), 5),
            effective_suppliers=effective_number(held.values()),
            gini=gini(total for total in totals.values() if total > 0),
            suppliers=len(held),
            buyers=buyers,
            total=sum(totals.values()),
        )
    sides = _sides(graph, by, weight)
    held = shares({party: total for party, (total, _) in sides.items()})
    found = {party: _party(total, held.get(party, 0.0), partners) for party, (total, partners) in sides.items()}
    return dict(sorted(found.items(), key=lambda item: -item[1].total))


def _party(total: float, share: float, partners: dict[Any, float]) -> GraphParty:
    if len(partners) == 1 and total > 0:
        # Most deal with one alone, which needs no arithmetic.
        return GraphParty(total, share, 10_000.0, 1, next(iter(partners)), 1.0)
    parts = shares(partners)
    top = max(parts, key=lambda one: parts[one], default=None)
    return GraphParty(total, share, hhi(parts.values()), len(partners), top, None if top is None else parts[top])


def _sides(graph: Graph, by: Literal["supplier", "buyer"], weight: str) -> dict[Any, tuple[float, dict[Any, float]]]:
    """Return what each supplier or buyer has, and from whom or of whom."""
    degrees = graph.degree
    if graph.is_directed():
        degrees = graph.in_degree if by == "supplier" else graph.out_degree  # type: ignore[attr-defined]  # is directed
        ends = ((v, u, one) if by == "supplier" else (u, v, one) for u, v, one in graph.edges(data=weight, default=1))
    else:
        pairs = [(u, v, one) for u, v, one in graph.edges(data=weight, default=1)]
        ends = (end for end in [*pairs, *((v, u, one) for u, v, one in pairs if u != v)])
    partners: dict[Any, dict[Any, float]] = {}
    for party, partner, one in ends:
        of = partners.setdefault(party, {})
        of[partner] = of.get(partner, 0) + one
    totals = dict(degrees(weight=weight))
    return {party: (totals[party], partners[party]) for party in graph if party in partners}
