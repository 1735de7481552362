"""The place of parties in the network: PageRank, betweenness, core numbers, and what the core has of the market.

The functions take a networkx graph whose edges run from buyer to supplier, and work on its sparse matrix; those that
end in `_of` take the matrix, which is how figures of a snapshot are worked out.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

from civicgraph.graph.edges.network import Network
from civicgraph.graph.edges.ties.arrays import Floats
from civicgraph.graph.edges.ties.codes import Codes

PIVOTS: Final = 64
"""How many parties betweenness is estimated from where there are more."""
_DAMPING: Final = 0.85


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """Parties in the order of their codes, and the sum of the weights from each buyer to each supplier."""

    codes: npt.NDArray[np.int64]
    weights: Any  # scipy.sparse.csr_array, whose types would be another dependency

    def __len__(self) -> int:
        """Return the number of parties."""
        return len(self.codes)

    def neighbours(self) -> Any:  # noqa: ANN401 - as above
        """Return who is tied to whom, either way, each pair once and nobody to itself."""
        either = (self.weights + self.weights.T).tocoo()
        apart = either.row != either.col
        ones = np.ones(int(apart.sum()))
        return sparse.csr_array((ones, (either.row[apart], either.col[apart])), shape=either.shape)


def graph_of(buyer: Codes, supplier: Codes, weight: Floats) -> Graph:
    """Return ties as a graph; pairs whose weights add up to nothing or less are left out."""
    codes, inverse = np.unique(np.concatenate([buyer, supplier]), return_inverse=True)
    half = len(buyer)
    return Graph(codes.astype(np.int64), _matrix(inverse[:half], inverse[half:], weight, len(codes)))


def pagerank(network: Network, weight: str = "weight") -> dict[str, float]:
    """Return the PageRank of each party: how much of all buying ends with it, if every buyer's choice were followed.

    Parameters
    ----------
    network
        Edges from buyer to supplier.
    weight
        The edge attribute by which a buyer's choice is split.

    Returns
    -------
    dict
        Between 0 and 1, summing to 1, in the order of the nodes.

    References
    ----------
    .. [1] S. Brin and L. Page, "The anatomy of a large-scale hypertextual Web search engine", Computer Networks 30
       (1998), 107-117; damping 0.85, and parties that buy nothing lead everywhere alike.

    Examples
    --------
    >>> import networkx as nx
    >>> G = nx.MultiDiGraph()
    >>> _ = G.add_edges_from([("a", "x", {"weight": 3}), ("a", "y", {"weight": 1})])
    >>> [(party, round(rank, 3)) for party, rank in pagerank(G).items()]
    [('a', 0.26), ('x', 0.425), ('y', 0.315)]
    """
    return dict(zip(network, pagerank_of(_graph(network, weight)).tolist(), strict=True))


def pagerank_of(graph: Graph, tolerance: float = 1e-12) -> Floats:
    """Return the PageRank of each party of a graph, in their order; see `pagerank`."""
    size = len(graph)
    if not size:
        return np.zeros(0)
    given: Floats = np.asarray(graph.weights.sum(axis=1)).ravel()
    buys = given > 0
    steps = (sparse.diags_array(np.divide(1.0, given, where=buys, out=np.zeros(size))) @ graph.weights).T.tocsr()
    rank: Floats = np.full(size, 1 / size)
    moved = 1.0
    while moved >= tolerance:
        following: Floats = _DAMPING * (steps @ rank + rank[~buys].sum() / size) + (1 - _DAMPING) / size
        moved = float(np.abs(following - rank).sum())
        rank = following
    return rank


def betweenness(network: Network, pivots: int | None = PIVOTS, seed: int = 0) -> dict[str, float]:
    """Return the betweenness of each party: the share of shortest ways between others that pass it.

    Parameters
    ----------
    network
        Edges from buyer to supplier; ways run along them in either direction, whatever they weigh.
    pivots
        From how many parties ways are followed, if there are more; None for all, which is exact.
    seed
        Which parties those are.

    Returns
    -------
    dict
        Between 0 and 1, of all ordered pairs of others; an estimate where there are more parties than pivots. In the
        order of the nodes.

    References
    ----------
    .. [1] U. Brandes, "A faster algorithm for betweenness centrality", Journal of Mathematical Sociology 25 (2001),
       163-177.
    .. [2] U. Brandes and C. Pich, "Centrality estimation in large networks", International Journal of Bifurcation and
       Chaos 17 (2007), 2303-2318.

    Examples
    --------
    >>> import networkx as nx
    >>> betweenness(nx.MultiDiGraph([("a", "x"), ("b", "x")]))
    {'a': 0.0, 'x': 1.0, 'b': 0.0}
    """
    graph = _graph(network, None)
    return dict(zip(network, betweenness_of(graph, pivots_of(len(graph), pivots, seed)).tolist(), strict=True))


def pivots_of(size: int, pivots: int | None = PIVOTS, seed: int = 0) -> npt.NDArray[np.int64]:
    """Return from which parties ways are followed: all, or so many drawn by a seed, in order."""
    if pivots is None or pivots >= size:
        return np.arange(size)
    return np.sort(np.random.default_rng(seed).choice(size, pivots, replace=False))


def betweenness_of(graph: Graph, pivots: npt.NDArray[np.int64]) -> Floats:
    """Return the betweenness of each party of a graph by ways from some of them; see `betweenness`.

    All ways of one length are followed at once, from many pivots at a time, as products of sparse and dense matrices.
    """
    size = len(graph)
    near = graph.neighbours()
    found: Floats = np.zeros(size)
    for first in range(0, len(pivots), PIVOTS):
        found += _dependencies(near, pivots[first : first + PIVOTS])
    pairs = (size - 1) * (size - 2)
    return found * size / (len(pivots) * pairs) if pairs > 0 else found * 0


def _dependencies(near: Any, pivots: npt.NDArray[np.int64]) -> Floats:  # noqa: ANN401 - a sparse matrix
    """Return, for each party, the sum over pivots of the fractions of shortest ways from the pivot that pass it."""
    size, columns = near.shape[0], np.arange(len(pivots))
    ways = np.zeros((size, len(pivots)))
    ways[pivots, columns] = 1
    unmet = np.ones(ways.shape, dtype=np.bool_)
    unmet[pivots, columns] = False
    front = ways.copy()
    fronts = []  # of each length, the ways that get somewhere new
    while True:
        front = (near @ front) * unmet
        reached = front > 0
        if not reached.any():
            break
        unmet &= ~reached
        ways += front
        fronts.append(reached)
    passing = np.zeros_like(ways)
    for nearer, farther in zip(reversed(fronts[:-1]), reversed(fronts[1:]), strict=True):
        beyond = np.divide(1 + passing, ways, where=farther, out=np.zeros_like(ways))
        passing += ways * (near @ beyond) * nearer
    found: Floats = passing.sum(axis=1)
    return found


def core_numbers(network: Network) -> dict[str, int]:
    """Return the core number of each party: the largest k so that it is in a part where all have k partners or more.

    References
    ----------
    .. [1] S. B. Seidman, "Network structure and minimum degree", Social Networks 5 (1983), 269-287.

    Examples
    --------
    >>> import networkx as nx
    >>> core_numbers(nx.MultiDiGraph([("a", "x"), ("a", "y"), ("b", "x"), ("b", "y"), ("c", "y")]))
    {'a': 2, 'x': 2, 'y': 2, 'b': 2, 'c': 1}
    """
    return dict(zip(network, core_numbers_of(_graph(network, None)).tolist(), strict=True))


def core_numbers_of(graph: Graph) -> npt.NDArray[np.int64]:
    """Return the core number of each party of a graph, in their order; see `core_numbers`."""
    near = graph.neighbours()
    starts, degree = near.indptr[:-1].astype(np.int64), np.diff(near.indptr).astype(np.int64)
    lengths = degree.copy()
    core = np.zeros(len(graph), dtype=np.int64)
    left = np.ones(len(graph), dtype=np.bool_)
    order = 0
    while left.any():
        order = max(order, int(degree[left].min()))
        leaving = np.flatnonzero(left & (degree <= order))
        while len(leaving):
            core[leaving], left[leaving] = order, False
            many = lengths[leaving]
            at = np.arange(int(many.sum())) + np.repeat(starts[leaving] - (np.cumsum(many) - many), many)
            met, times = np.unique(near.indices[at], return_counts=True)
            degree[met] -= times
            leaving = met[left[met] & (degree[met] <= order)]
    return core


def core_share(network: Network, weight: str = "weight") -> float | None:
    """Return the share of all weight that is between buyers and suppliers of the innermost core.

    A high share is a market that its best connected parties keep among themselves.

    Returns
    -------
    float or None
        Between 0 and 1; None where nothing is positive.

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
    >>> import networkx as nx
    >>> G = nx.MultiDiGraph([("a", "x"), ("a", "y"), ("b", "x"), ("b", "y"), ("c", "y")])
    >>> nx.set_edge_attributes(G, 1, "weight")
    >>> core_share(G)
    0.8
    """
    return core_share_of(_graph(network, weight))


def core_share_of(graph: Graph) -> float | None:
    """Return the share of a graph's weight between parties of its innermost core; see `core_share`."""
    whole = float(graph.weights.sum())
    if not whole:
        return None
    cores = core_numbers_of(graph)
    inner = np.flatnonzero(cores == cores.max())
    return round(float(graph.weights[inner][:, inner].sum()) / whole, 12)


def _graph(network: Network, weight: str | None) -> Graph:
    """Return a network as a graph, its parties in the order of its nodes."""
    numbers = {party: number for number, party in enumerate(network)}
    edges = list(network.edges(data=True))
    ends = np.array([(numbers[buyer], numbers[supplier]) for buyer, supplier, _ in edges], dtype=np.int64)
    ends = ends.reshape(-1, 2)
    weights = np.array([1.0 if weight is None else float(data[weight]) for *_, data in edges])
    return Graph(np.arange(len(numbers)), _matrix(ends[:, 0], ends[:, 1], weights, len(numbers)))


def _matrix(buyer: Codes, supplier: Codes, weight: Floats, size: int) -> Any:  # noqa: ANN401 - a sparse matrix
    matrix = sparse.coo_array((weight, (buyer, supplier)), shape=(size, size)).tocsr()
    matrix.sum_duplicates()
    matrix.data = np.maximum(matrix.data, 0)
    matrix.eliminate_zeros()
    return matrix
