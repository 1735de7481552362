"""Concentration in any networkx graph, by weighted degree: the formulas are those of the figures of a scope."""

from typing import Any, Literal

from civicgraph.graph.measures.concentration import concentration_ratio, effective_number, gini, hhi, shares
from civicgraph.graph.measures.structure import Graph


def concentration(
    graph: Graph, by: Literal["market", "supplier", "buyer"] = "market", weight: str = "weight"
) -> dict[Any, Any]:
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
    dict
        Of the whole `hhi` (0 to 10,000), `cr1`, `cr4`, `cr5` and `gini` (0 to 1), `effective_suppliers`, `suppliers`,
        `buyers` and `total`. Of suppliers or buyers a dict by node, the largest total first, equal ones in the order of
        the graph, of `total` (what it has, refunds taken off), `share` (only what is above zero is in a share),
        the `hhi` of its partners (None for who has nothing above zero), `partners` (how many), `top_partner` (the
        largest) and `top_partner_share`.

    Examples
    --------
    >>> import networkx as nx
    >>> G = nx.MultiDiGraph()
    >>> _ = G.add_edges_from([("a", "x", {"weight": 60}), ("b", "x", {"weight": 20}), ("a", "y", {"weight": 20})])
    >>> concentration(G)["hhi"], concentration(G, "supplier")["x"]["share"], concentration(G, "buyer")["a"]["hhi"]
    (6800.0, 0.8, 6250.0)
    """
    sides = _sides(graph, "buyer" if by == "buyer" else "supplier", weight)
    totals = {party: total for party, (total, _) in sides.items()}
    held = shares(totals)
    if by == "market":
        buyers = sum(any(one > 0 for one in given.values()) for _, given in _sides(graph, "buyer", weight).values())
        return {
            "hhi": hhi(held.values()),
            **{f"cr{largest}": concentration_ratio(held.values(), largest) for largest in (1, 4, 5)},
            "effective_suppliers": effective_number(held.values()),
            "gini": gini(total for total in totals.values() if total > 0),
            "suppliers": len(held),
            "buyers": buyers,
            "total": sum(totals.values()),
        }
    found = {}
    for party in sorted(totals, key=lambda party: -totals[party]):
        partners = sides[party][1]
        parts = shares(partners)
        top = max(parts, key=lambda one: parts[one], default=None)
        found[party] = {
            "total": totals[party],
            "share": held.get(party, 0.0),
            # Most deal with one alone, which needs no arithmetic.
            "hhi": 10_000.0 if len(parts) == 1 else hhi(parts.values()),
            "partners": len(partners),
            "top_partner": top,
            "top_partner_share": None if top is None else parts[top],
        }
    return found


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
