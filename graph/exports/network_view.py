"""The view of buyers and suppliers: one edge for all services, all contracts or all payments between the same two."""

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import compress

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array

from civicgraph.graph.edges.network import Network
from civicgraph.graph.edges.scope import Basis
from civicgraph.graph.exports.drawing import Column, EdgeRow, Spell, plain
from civicgraph.graph.exports.parts import Node, Parts, id_of
from civicgraph.graph.exports.selection import Selection, find_node
from civicgraph.graph.exports.ties import OPEN_END, OPEN_START, Chosen, Totals, totals

EDGE_COLUMNS = (
    Column("value", "double", "the sum in pounds of those known"),
    Column("count", "integer", "how many services, contracts or payments the edge stands for; its weight too"),
    Column("spend", "yearly", "pounds paid in each year: moves with Gephi's timeline"),
    Column("services", "liststring", "the types of services"),
    Column("places", "liststring", "the areas served, else where it is delivered from"),
    Column("certainty", "string", "asserted, reported or speculative, of the least certain claim"),
    Column("documents", "integer", "how many documents say so"),
)

WEIGHED_BY: Mapping[Basis, str] = {
    "spend": "pounds paid or sold",
    "value": "pounds awarded",
    "contracts": "contracts",
    "services": "services",
    "customers": "customers",
}


def network_parts(
    network: Network, selection: Selection, regions: Mapping[str, str], groups: Mapping[str, str]
) -> Parts:
    """Return the view of buyers and suppliers.

    Parameters
    ----------
    network
        As `civicgraph.graph.edges.network.build_network` returns it.
    selection
        Which ties. Shares and HHI rest on all that its service, place and period take in; the minimum and the
        neighbourhood only choose what is shown.
    regions
        The region of organisations, by IRI.
    groups
        The group that stands for an organisation, by IRI; empty for none.

    Raises
    ------
    ScopeError
        The selection is around a node that is not in the view.
    """
    chosen = Chosen(network, selection, groups)
    sums = totals(chosen)
    kept = _kept(sums, selection, network)
    nodes, numbers = _nodes(sums, kept, network, regions)

    def edges() -> Iterator[EdgeRow]:
        return map(chosen.row, compress(chosen.ties(), kept.tolist()))

    return Parts(
        nodes,
        numbers[sums.sources[kept]],
        numbers[sums.targets[kept]],
        edges,
        EDGE_COLUMNS,
        "Who buys from whom",
        WEIGHED_BY[sums.basis],
        sums.left_out,
    )


def label_of(network: Network, iri: str) -> str:
    """Return the name of a party; a group that is in no tie itself has its IRI."""
    data = network.nodes.get(iri)
    return plain(data["label"]) if data else id_of(iri)


def _kept(sums: Totals, selection: Selection, network: Network) -> NDArray[np.bool_]:
    kept = np.ones(len(sums.sources), dtype=np.bool_)
    if selection.minimum is not None:
        kept &= np.nan_to_num(sums.pounds, nan=-np.inf) >= float(selection.minimum)
    if selection.around is not None:
        candidates = {party: label_of(network, party) for party in sums.parties}
        middle = sums.parties.index(find_node(candidates, selection.around))
        near = within(len(sums.parties), sums.sources[kept], sums.targets[kept], middle, selection.depth)
        kept &= near[sums.sources] & near[sums.targets]
    return kept


def within(
    count: int, sources: NDArray[np.int64], targets: NDArray[np.int64], middle: int, depth: int
) -> NDArray[np.bool_]:
    """Return which of `count` nodes are at most `depth` steps from the middle, along ties in either direction."""
    near = np.zeros(count, dtype=np.bool_)
    near[middle] = True
    ties = coo_array((np.ones(len(sources), dtype=np.int32), (sources, targets)), shape=(count, count)).tocsr()
    back = ties.T.tocsr()
    for _ in range(depth):
        reached = near.astype(np.int32)
        wider = near | (ties @ reached > 0) | (back @ reached > 0)
        if np.array_equal(wider, near):
            break
        near = wider
    return near


def _nodes(
    sums: Totals, kept: NDArray[np.bool_], network: Network, regions: Mapping[str, str]
) -> tuple[list[Node], NDArray[np.int64]]:
    count = len(sums.parties)
    bought, buyers_hhi = _side(count, sums.sources, sums.weights)
    supplied, suppliers_hhi = _side(count, sums.targets, sums.weights)
    all_bought, all_supplied = (float(side[side > 0].sum()) for side in (bought, supplied))
    sources, targets = sums.sources[kept], sums.targets[kept]
    pairs = np.unique(np.stack((sources, targets)), axis=1)
    partners = np.bincount(pairs[0], minlength=count), np.bincount(pairs[1], minlength=count)
    first, last = np.full(count, OPEN_END), np.full(count, OPEN_START)
    for ends in (sources, targets):
        np.minimum.at(first, ends, sums.first[kept])
        np.maximum.at(last, ends, sums.last[kept])
    order = sorted(np.unique(np.concatenate((sources, targets))).tolist(), key=lambda n: id_of(sums.parties[n]))
    numbers = np.full(count, -1, dtype=np.int64)
    numbers[order] = np.arange(len(order))
    nodes = []
    for number in order:
        iri = sums.parties[number]
        suppliers, buyers = int(partners[0][number]), int(partners[1][number])
        is_supplier = buyers > 0
        side, whole, hhi = (supplied, all_supplied, suppliers_hhi) if is_supplier else (bought, all_bought, buyers_hhi)
        value = float(side[number])
        data = network.nodes.get(iri)
        nodes.append(
            Node(
                iri=iri,
                label=label_of(network, iri),
                kind="both" if buyers and suppliers else "supplier" if buyers else "buyer",
                cls=data["cls"] if data else "Organisation",
                region=regions.get(iri),
                value=round(value, 2),
                share=round(max(value, 0.0) / whole, 9) if whole else None,
                hhi=None if np.isnan(hhi[number]) else round(float(hhi[number]), 4),
                buyers=buyers,
                suppliers=suppliers,
                spells=_spell(int(first[number]), int(last[number])),
            )
        )
    return nodes, numbers


def _side(
    count: int, ends: NDArray[np.int64], weights: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the total of each node on one side, and the HHI of its partners on the other; NaN for no positive one."""
    positive = np.where(weights > 0, weights, 0.0)
    total = np.bincount(ends, weights=weights, minlength=count).astype(np.float64)
    gained = np.bincount(ends, weights=positive, minlength=count)
    squares = np.bincount(ends, weights=positive**2, minlength=count)
    with np.errstate(invalid="ignore", divide="ignore"):
        return total, 10_000 * squares / gained**2


def _spell(first: int, last: int) -> tuple[Spell, ...]:
    start = None if first == OPEN_START else date.fromordinal(first)
    end = None if last == OPEN_END else date.fromordinal(last)
    return () if (start is None and end is None) or (start and end and end < start) else ((start, end),)
