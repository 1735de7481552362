"""The place of parties in a network, by networkx's own functions: degree, PageRank, betweenness, cores, communities.

The functions take any networkx graph whose edges run from buyer to supplier; parallel edges count as one, of their sum.
"""

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

import networkx as nx

if TYPE_CHECKING:
    Graph: TypeAlias = nx.Graph[Any]
else:
    Graph = nx.Graph

PIVOTS: Final = 64
"""How many parties betweenness is estimated from where there are more."""
_DAMPING: Final = 0.85
_TOLERANCE: Final = 1e-12
_ROUNDS: Final = 1_000
_DIGITS: Final = 12


class Place(NamedTuple):
    """Where a party stands in a network.

    `degree` is how many others it deals with; `pagerank` (0 to 1, 1 over all) how much of all buying ends with it, if
    every buyer's choice were followed; `betweenness` (0 to 1) the share of shortest ways between others that pass it,
    None where it was not asked for; `core_number` the largest k so that it is in a part where all have k partners.
    """

    degree: int
    pagerank: float
    betweenness: float | None
    core_number: int


def structure(graph: Graph, *, betweenness: bool = True, weight: str = "weight") -> dict[Any, Place]:
    """Return the place of each party in a network.

    Parameters
    ----------
    graph
        Edges run from buyer to supplier.
    betweenness
        Whether it is worked out too, which takes longest: exactly up to `PIVOTS` parties, beyond that estimated by the
        ways from so many, the same each time.
    weight
        The edge attribute by which a buyer's choice is split in PageRank; what is not above zero leads nowhere.

    Returns
    -------
    dict
        By node, in their order.

    References
    ----------
    .. [1] S. Brin and L. Page, "The anatomy of a large-scale hypertextual Web search engine", Computer Networks 30
       (1998), 107-117; damping 0.85, and parties that buy nothing lead everywhere alike.
    .. [2] U. Brandes and C. Pich, "Centrality estimation in large networks", International Journal of Bifurcation and
       Chaos 17 (2007), 2303-2318.
    .. [3] S. B. Seidman, "Network structure and minimum degree", Social Networks 5 (1983), 269-287.

    Examples
    --------
    >>> G = nx.MultiDiGraph()
    >>> _ = G.add_edges_from([("a", "x", {"weight": 3}), ("a", "y", {"weight": 1})])
    >>> [(party, place.degree, round(place.pagerank, 3), place.core_number) for party, place in structure(G).items()]
    [('a', 2, 0.26, 1), ('x', 1, 0.425, 1), ('y', 1, 0.315, 1)]
    """
    partners = partners_in(graph)
    ranks = nx.pagerank(_chosen(graph, weight), alpha=_DAMPING, max_iter=_ROUNDS, tol=_TOLERANCE)
    cores = nx.core_number(partners)
    between: dict[Any, float] = {}
    if betweenness:
        pivots = PIVOTS if len(partners) > PIVOTS else None
        between = nx.betweenness_centrality(partners, k=pivots, seed=0)
    return {
        party: Place(
            degree, round(ranks[party], _DIGITS), round(between[party], _DIGITS) if between else None, cores[party]
        )
        for party, degree in partners.degree()
    }


def places_of(pairs: Iterable[tuple[str, str, float]], *, betweenness: bool = False) -> dict[str, Place]:
    """Return the place of each party, given buyer, supplier and what the first gives to the second; see `structure`."""
    return structure(_graph(pairs), betweenness=betweenness)


def core_share(pairs: Iterable[tuple[str, str, float]]) -> float | None:
    """Return the share of all weight that is between buyers and suppliers of the innermost core.

    A high share is a market that its best connected parties keep among themselves.

    Parameters
    ----------
    pairs
        Buyer, supplier and weight, above zero.

    Returns
    -------
    float or None
        Between 0 and 1; None where there are no pairs.

    Notes
    -----
    [1]_ draws procurement markets as networks of two sides, issuers and winners of contracts, finds the core of each
    and compares it with the periphery. How it bounds a core was not checked: its abstract does not say, and the rest
    was not at hand. Chosen here is the innermost core by core numbers, which has one meaning and no parameter: the
    parties with the highest core number of all. Its share is that of the weight that lies between two parties of it.
    It is not to be held beside figures of [1]_.

    References
    ----------
    .. [1] J. Wachs, M. Fazekas and J. Kertesz, "Corruption risk in contracting markets: a network science perspective",
       International Journal of Data Science and Analytics 12 (2021), 45-60.

    Examples
    --------
    >>> core_share((buyer, supplier, 1) for buyer, supplier in ("ax", "ay", "bx", "by", "cy"))
    0.8
    """
    graph = _graph(pairs)
    whole = graph.size(weight="weight")
    if not whole:
        return None
    inner = nx.k_core(partners_in(graph))
    return round(float(graph.subgraph(inner).size(weight="weight") / whole), _DIGITS)


def communities(graph: Graph, seed: int = 1) -> dict[Any, int]:
    """Return the number of the community of each node by the Louvain method, the largest community being 0.

    Parameters
    ----------
    graph
        Direction, repetition and weight of its edges do not matter.
    seed
        Of the method's random choices: the same graph gives the same communities.

    References
    ----------
    .. [1] V. D. Blondel, J.-L. Guillaume, R. Lambiotte and E. Lefebvre, "Fast unfolding of communities in large
       networks", Journal of Statistical Mechanics (2008), P10008.
    """
    nodes = list(graph)
    # By numbers, whose sets have one order in every process.
    number_of = {node: number for number, node in enumerate(nodes)}
    numbered: Graph = nx.Graph()
    numbered.add_nodes_from(range(len(nodes)))
    numbered.add_edges_from((number_of[one], number_of[other]) for one, other in graph.edges() if one != other)
    inner, leaves = _without_leaves(numbered)
    found = [sorted(one) for one in nx.community.louvain_communities(inner, seed=seed)]
    at = {node: number for number, one in enumerate(found) for node in one}
    for leaf, holder in leaves.items():
        found[at[holder]].append(leaf)
    found.sort(key=lambda one: (-len(one), min(one)))
    numbers = {nodes[node]: number for number, one in enumerate(found) for node in one}
    return {node: numbers[node] for node in nodes}


def _without_leaves(graph: Graph) -> tuple[Graph, dict[int, int]]:
    """Return a graph without those that have one neighbour, who has others, and that neighbour of each.

    A leaf is in its neighbour's community wherever modularity is highest. The neighbour keeps its edge, as one to
    itself, so that degrees and modularity stay what they were.
    """
    ends = ((node, *graph.adj[node]) for node, degree in graph.degree() if degree == 1)
    leaves = {leaf: holder for leaf, holder in ends if graph.degree(holder) > 1}
    inner: Graph = nx.Graph()
    inner.add_nodes_from(node for node in graph if node not in leaves)
    inner.add_edges_from(pair for pair in graph.edges() if leaves.keys().isdisjoint(pair))
    inner.add_weighted_edges_from((holder, holder, count) for holder, count in Counter(leaves.values()).items())
    return inner, leaves


def partners_in(graph: Graph) -> Graph:
    """Return who deals with whom: each pair once, either way, and nobody with itself; such a graph as it is."""
    if not (graph.is_directed() or graph.is_multigraph() or nx.number_of_selfloops(graph)):
        return graph
    found: Graph = nx.Graph()
    found.add_nodes_from(graph)
    found.add_edges_from((one, other) for one, other in graph.edges() if one != other)
    return found


def _chosen(graph: Graph, weight: str) -> Graph:
    """Return the sum of the weights from each buyer to each supplier, those above zero."""
    found: Graph = nx.DiGraph()
    found.add_nodes_from(graph)
    sums: dict[tuple[Any, Any], float] = {}
    for buyer, supplier, one in graph.edges(data=weight, default=1):
        sums[buyer, supplier] = sums.get((buyer, supplier), 0) + one
    found.add_weighted_edges_from((buyer, supplier, total) for (buyer, supplier), total in sums.items() if total > 0)
    return found


def _graph(pairs: Iterable[tuple[str, str, float]]) -> Graph:
    found: Graph = nx.DiGraph()
    found.add_weighted_edges_from(pairs)
    return found
