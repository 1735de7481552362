"""Where nodes stand in the structure of a drawing: degree, core number and community."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

Indices = NDArray[np.int64]


def degrees(count: int, sources: Indices, targets: Indices) -> Indices:
    """Return how many ties each of `count` nodes has, in and out."""
    return np.bincount(sources, minlength=count) + np.bincount(targets, minlength=count)


def core_numbers(count: int, sources: Indices, targets: Indices) -> Indices:
    """Return the core number of each node: the largest k for which it is among nodes that have k neighbours there.

    Parameters
    ----------
    count
        How many nodes there are.
    sources, targets
        The ends of the ties; direction, repetition and ties of a node with itself do not matter.

    References
    ----------
    .. [1] V. Batagelj, M. Zaversnik, "An O(m) Algorithm for Cores Decomposition of Networks" (2003), arXiv:cs/0310049.
    """
    matrix = neighbours(count, sources, targets)
    starts, ends = matrix.indptr[:-1].tolist(), matrix.indptr[1:].tolist()
    around = matrix.indices.tolist()
    left = np.diff(matrix.indptr)
    order = np.argsort(left, kind="stable").tolist()
    place = np.empty(count, dtype=np.int64)
    place[order] = np.arange(count)
    places = place.tolist()
    firsts = np.searchsorted(np.sort(left), np.arange(int(left.max(initial=0)) + 2)).tolist()
    core: list[int] = left.tolist()
    for node in order:  # `order` changes under way, but only past the node at hand
        for other in around[starts[node] : ends[node]]:
            degree = core[other]
            if degree > core[node]:
                at, first = places[other], firsts[degree]
                swapped = order[first]
                order[at], order[first] = swapped, other
                places[swapped], places[other] = at, first
                firsts[degree] += 1
                core[other] -= 1
    return np.array(core, dtype=np.int64)


def communities(count: int, sources: Indices, targets: Indices, seed: int = 1) -> Indices:
    """Return the number of the community of each node by the Leiden method, the largest community being 0.

    Parameters
    ----------
    count
        How many nodes there are.
    sources, targets
        The ends of the ties; direction and repetition do not matter.
    seed
        Of the method's random choices: the same input gives the same communities.

    References
    ----------
    .. [1] V. A. Traag, L. Waltman, N. J. van Eck, "From Louvain to Leiden: guaranteeing well-connected communities",
       Scientific Reports 9 (2019), 5233.
    """
    from graspologic_native import leiden  # noqa: PLC0415 - only drawings need it

    pairs = neighbours(count, sources, targets).tocoo()
    once = pairs.row < pairs.col
    found = np.full(count, -1, dtype=np.int64)
    edges = [(str(a), str(b), 1.0) for a, b in zip(pairs.row[once].tolist(), pairs.col[once].tolist(), strict=True)]
    if edges:
        _, of_node = leiden(edges, seed=seed)
        found[[int(node) for node in of_node]] = list(of_node.values())
    alone = np.flatnonzero(found < 0)
    found[alone] = int(found.max(initial=-1)) + 1 + np.arange(len(alone))
    # Numbered by size, then by first member: the method's own numbers mean nothing.
    names, first, sizes = np.unique(found, return_index=True, return_counts=True)
    number = np.empty(len(names), dtype=np.int64)
    number[np.lexsort((first, -sizes))] = np.arange(len(names))
    return number[np.searchsorted(names, found)]


def neighbours(count: int, sources: Indices, targets: Indices) -> csr_array:
    """Return who is tied to whom as a symmetric matrix of ones, whatever the direction and number of their ties."""
    other = sources != targets
    ends = (np.concatenate((sources[other], targets[other])), np.concatenate((targets[other], sources[other])))
    matrix = coo_array((np.ones(len(ends[0])), ends), shape=(count, count)).tocsr()
    matrix.data[:] = 1
    return matrix
