"""The view of suppliers tied by the buyers they share: who could stand in for whom, and who meets whom."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from civicgraph.graph.edges.network import Network
from civicgraph.graph.exports.drawing import Column, EdgeRow
from civicgraph.graph.exports.network_view import network_parts, within
from civicgraph.graph.exports.parts import Parts, TooLargeError, id_of
from civicgraph.graph.exports.selection import Selection, find_node

EDGE_COLUMNS = (
    Column("shared", "integer", "how many buyers the two share; its weight too"),
    Column("overlap", "double", "the part of all buyers of either that both have, 0 to 1"),
)

SHARES: Final = "shares"
"""The kind of its edges, the only ones without a direction of their own."""
MOST_EDGES: Final = 100_000
_MOST_WORK: Final = 1_000_000_000
_BLOCK: Final = 2_000


def suppliers_parts(
    network: Network, selection: Selection, regions: Mapping[str, str], groups: Mapping[str, str]
) -> Parts:
    """Return the view of suppliers that share at least `selection.shared` buyers.

    See `civicgraph.graph.exports.network_view.network_parts` for the other parameters. An edge has no direction of its
    own: it is written from the lesser id to the greater.

    Raises
    ------
    TooLargeError
        It would have more than `MOST_EDGES` edges; the message says what least number of shared buyers would fit.
    ScopeError
        The selection is around a node that is not in the view.
    """
    whole = network_parts(network, replace(selection, around=None), regions, groups)
    count = len(whole.nodes)
    ties = coo_array((np.ones(len(whole.sources), dtype=np.int32), (whole.targets, whole.sources)), (count, count))
    buyers = ties.tocsr()
    buyers.data[:] = 1
    first, second, shared = _pairs(buyers, selection.shared)
    if selection.around is not None:
        names = {node.iri: node.label for node in whole.nodes if node.buyers}
        wanted = find_node(names, selection.around)
        middle = next(at for at, node in enumerate(whole.nodes) if node.iri == wanted)
        near = within(count, first, second, middle, selection.depth)
        keep = near[first] & near[second]
        first, second, shared = first[keep], second[keep], shared[keep]
    order = np.unique(np.concatenate((first, second)))
    number = np.full(count, -1, dtype=np.int64)
    number[order] = np.arange(len(order))
    nodes = [whole.nodes[at] for at in order.tolist()]
    have = np.diff(buyers.indptr)
    overlap = shared / (have[first] + have[second] - shared)
    sources, targets = number[first], number[second]

    def edges() -> Iterator[EdgeRow]:
        columns = (sources.tolist(), targets.tolist(), shared.tolist(), overlap.tolist())
        for one, other, both, part in zip(*columns, strict=True):
            source, target = id_of(nodes[one].iri), id_of(nodes[other].iri)
            label = f"{both} shared buyers"
            values = (both, round(part, 6))
            yield EdgeRow(f"{source}|{SHARES}|{target}", source, target, SHARES, label, float(both), (), values)

    return Parts(
        nodes,
        sources,
        targets,
        edges,
        EDGE_COLUMNS,
        f"Suppliers that share {selection.shared} buyers or more",
        whole.weighed_by,
        whole.left_out,
    )


def _pairs(buyers: csr_array, least: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the pairs of rows that share columns, the lesser first, and how many; in blocks, to bound memory."""
    work = float((np.diff(buyers.tocsc().indptr).astype(np.float64) ** 2).sum())
    if work > _MOST_WORK:
        msg = (
            f"the suppliers make about {work / 2:,.0f} pairs with a buyer in common, which is too many to look at; "
            "choose a service, a place, a period or a minimum"
        )
        raise TooLargeError(msg)
    found: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]] = []
    of_count = np.zeros(buyers.shape[0] + 1, dtype=np.int64)
    across = buyers.T.tocsr()
    kept = 0
    for start in range(0, buyers.shape[0], _BLOCK):
        block = (buyers[start : start + _BLOCK] @ across).tocoo()
        first, second, shared = block.row.astype(np.int64) + start, block.col.astype(np.int64), block.data
        wanted = (first < second) & (shared >= least)
        of_count += np.bincount(shared[wanted], minlength=len(of_count))[: len(of_count)]
        kept += int(wanted.sum())
        if kept <= MOST_EDGES:
            order = np.lexsort((second[wanted], first[wanted]))
            found.append((first[wanted][order], second[wanted][order], shared[wanted][order].astype(np.int64)))
        else:
            found.clear()
    if kept > MOST_EDGES:
        at_least = np.cumsum(of_count[::-1])[::-1]
        fitting = int(np.argmax(at_least <= MOST_EDGES))
        msg = (
            f"{kept:,} pairs of suppliers share {least} buyers or more, and no more than {MOST_EDGES:,} can be shown; "
            f"{fitting} or more would fit, with {int(at_least[fitting]):,}"
        )
        raise TooLargeError(msg)
    if not found:
        none = np.zeros(0, dtype=np.int64)
        return none, none, none
    first, second, shared = (np.concatenate(column) for column in zip(*found, strict=True))
    return first, second, shared
