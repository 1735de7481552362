"""How critical a supplier is, and how dependent a buyer: figures of all parties of a scope at once."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from civicgraph.graph.edges.scope import Basis
from civicgraph.graph.edges.selection import Selection
from civicgraph.graph.edges.ties.arrays import KINDS, Floats, Ties
from civicgraph.graph.edges.ties.codes import distinct, first_of_each, joined, met
from civicgraph.graph.measures.columns import Alike, Column, Columns, Named
from civicgraph.graph.measures.dependence import DEPENDENT_SHARE, Side
from civicgraph.graph.measures.sums import Grouped, by_pair, over, square_sums, summed

_CONTRACT = KINDS.index("contract")
_SLACK = 1e-12
"""A half that was added up from parts is still a half."""


@dataclass(frozen=True, slots=True)
class SupplierFigure:
    """How critical a supplier is, and how widely it is spread over buyers, services and places.

    `total` is its weighted degree. `share_before` is its share in the period of the same length before; `pagerank`,
    `betweenness` and `core_number` are empty unless they were asked for.
    """

    supplier: str
    name: str
    total: float
    share: float
    contracts: int
    buyers: int
    hhi_buyers: float | None
    hhi_services: float | None
    hhi_places: float | None
    top_buyer: str | None
    top_buyer_share: float | None
    dependent_buyers: int
    sole_supplier_of: int
    coverage: float | None
    share_before: float | None
    pagerank: float | None
    betweenness: float | None
    core_number: int | None
    from_: str | None
    to: str | None
    basis: Basis
    level: str


@dataclass(frozen=True, slots=True)
class BuyerFigure:
    """How much a buyer depends on single suppliers, and how widely it is spread over services and places.

    What it shares with a supplier's figure means the same; `winner_concentration` is zIndex's z4 of its contracts.
    """

    buyer: str
    name: str
    total: float
    share: float
    contracts: int
    suppliers: int
    hhi_suppliers: float | None
    hhi_services: float | None
    hhi_places: float | None
    top_supplier: str | None
    top_supplier_share: float | None
    depends_on: int
    sole_supplied: int
    coverage: float | None
    share_before: float | None
    pagerank: float | None
    betweenness: float | None
    core_number: int | None
    from_: str | None
    to: str | None
    basis: Basis
    level: str
    winner_concentration: float | None


def party_figures(
    found: Selection, side: Side, before: Selection | None = None, *, structure: bool = False
) -> Columns[SupplierFigure] | Columns[BuyerFigure]:
    """Return the figures of all suppliers or buyers of a scope, the largest first, equal ones by IRI.

    Parameters
    ----------
    found
        The ties in the scope.
    side
        Whose figures.
    before
        The ties in the period before.
    structure
        Whether to work out their places in the network, which takes longer.

    Returns
    -------
    Columns
        A sequence of `SupplierFigure` or `BuyerFigure`, kept as columns: a record is made when it is asked for.
    """
    ties, parties, scope = found.ties, found.ties.parties, found.scope
    own, other = _sides(ties, side)
    size = len(parties.iris)
    total = summed(own, found.weight, size)
    pairs = by_pair(own, other, found.weight).positive()
    spreads = (pairs, over(ties.services, own, found.weight), over(ties.places, own, found.weight))
    top, top_share = _top(pairs, size)
    there = met(own)
    rounded = np.round(total, 6)
    order = there[np.lexsort((there, -rounded[there]))]
    shown = len(order)
    then = np.full(size, np.nan) if before is None else _share_before(before, side, size)
    columns: list[Column] = [
        Named(parties.iris, order),
        Named(parties.names, order),
        rounded[order],
        _shares(total)[order],
        _contracts(ties, own, size)[order],
        np.bincount(pairs.first, minlength=size)[order],
        *(square_sums(grouped, size)[order] for grouped in spreads),
        Named(parties.names, top[order]),
        top_share[order],
        _dependences(pairs, side, size)[order],
        _soles(ties, side, size)[order],
        Alike(found.coverage, shown),
        then[order],
        *(_structure(found, order) if structure else [Alike(None, shown)] * 3),
        Alike(None if scope.start is None else scope.start.isoformat(), shown),
        Alike(None if scope.end is None else scope.end.isoformat(), shown),
        Alike(scope.basis, shown),
        Alike(scope.level, shown),
    ]
    if side == "supplier":
        return Columns(SupplierFigure, _named(SupplierFigure, columns))
    columns.append(_winner_concentration(found, own, pairs, size)[order])
    return Columns(BuyerFigure, _named(BuyerFigure, columns))


def _named(record: type[SupplierFigure | BuyerFigure], columns: Sequence[Column]) -> dict[str, Column]:
    return dict(zip((field.name for field in fields(record)), columns, strict=True))


def _sides(ties: Ties, side: Side) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    return (ties.supplier, ties.buyer) if side == "supplier" else (ties.buyer, ties.supplier)


def _shares(total: Floats) -> Floats:
    positive = np.maximum(total, 0)
    whole = float(positive.sum())
    return positive / whole if whole else positive


def _contracts(ties: Ties, own: npt.NDArray[np.int32], size: int) -> npt.NDArray[np.int64]:
    contracts = ties.kind == _CONTRACT
    return np.bincount(distinct(joined(own[contracts], ties.edge[contracts])) >> 32, minlength=size)


def _top(pairs: Grouped, size: int) -> tuple[npt.NDArray[np.int64], Floats]:
    """Return the largest partner of each party, -1 where it has none, and the partner's share of it."""
    top, share = np.full(size, -1, dtype=np.int64), np.full(size, np.nan)
    if not len(pairs.first):
        return top, share
    starts = first_of_each(pairs.first)
    amounts = np.round(pairs.total, 9)
    largest = np.maximum.reduceat(amounts, starts)
    # Of equal ones the first; pairs come in the order of the partners.
    best = np.flatnonzero(amounts == np.repeat(largest, np.diff(starts, append=len(amounts))))
    best = best[first_of_each(pairs.first[best])]
    top[pairs.first[best]] = pairs.second[best]
    share[pairs.first[best]] = pairs.fractions(size)[best]
    return top, share


def _dependences(pairs: Grouped, side: Side, size: int) -> npt.NDArray[np.int64]:
    """Return how many buyers depend on each supplier, or on how many suppliers each buyer does."""
    buyer = pairs.second if side == "supplier" else pairs.first
    depends = pairs.total / summed(buyer, pairs.total, size)[buyer] >= DEPENDENT_SHARE - _SLACK
    return np.bincount(pairs.first[depends], minlength=size)


def _soles(ties: Ties, side: Side, size: int) -> npt.NDArray[np.int64]:
    """Return how many needs, pairs of buyer and service type, a supplier alone meets, or a buyer has met by one."""
    rows, many = ties.services.rows(), max(len(ties.things), 1)
    need = ties.buyer[rows].astype(np.int64) * many + ties.services.codes
    met_by = distinct(need * max(size, 1) + ties.supplier[rows])
    needs, suppliers = met_by // max(size, 1), met_by % max(size, 1)
    first = first_of_each(needs)
    alone = first[np.diff(first, append=len(needs)) == 1]
    return np.bincount((suppliers if side == "supplier" else needs // many)[alone], minlength=size)


def _share_before(before: Selection, side: Side, size: int) -> Floats:
    return _shares(summed(_sides(before.ties, side)[0], before.weight, size))


def _structure(found: Selection, order: npt.NDArray[np.int64]) -> list[Column]:
    from civicgraph.graph.measures import structure as of  # noqa: PLC0415 - scipy takes a while

    graph = of.graph_of(found.ties.buyer, found.ties.supplier, found.weight)
    at = np.searchsorted(graph.codes, order)
    rank, between = of.pagerank_of(graph), of.betweenness_of(graph, of.pivots_of(len(graph)))
    return [np.round(rank[at], 12), np.round(between[at], 12), of.core_numbers_of(graph)[at]]


def _winner_concentration(found: Selection, own: npt.NDArray[np.int32], pairs: Grouped, size: int) -> Floats:
    """Return z4 of each buyer; see `civicgraph.graph.measures.concentration.winner_concentration`."""
    contracts = by_pair(own, found.ties.edge, found.weight).positive()
    winners, deals = (
        np.bincount(grouped.first, weights=grouped.fractions(size) ** 2, minlength=size)
        for grouped in (pairs, contracts)
    )
    several = np.bincount(contracts.first, minlength=size) > 1
    spread = np.divide(1 - winners, 1 - deals, where=several, out=np.full(size, np.nan))
    rounded: Floats = np.round(np.clip(spread, 0, 1) ** 4, 12)
    return rounded
