"""How critical a supplier is, and how dependent a buyer: figures of all parties of a scope at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from civicgraph.graph.measures.dependence import DEPENDENT_SHARE, Side
from civicgraph.graph.measures.sums import (
    Grouped,
    by_pair,
    distinct,
    first_of_each,
    joined,
    met,
    over,
    square_sums,
    summed,
)
from civicgraph.graph.scope import Basis
from civicgraph.graph.selection import Selection
from civicgraph.graph.ties.arrays import KINDS, Floats, Ties

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
) -> Iterator[SupplierFigure | BuyerFigure]:
    """Yield the figure of each supplier or buyer of a scope, the largest first, equal ones by IRI.

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
    """
    ties, parties, scope = found.ties, found.ties.parties, found.scope
    own, other = _sides(ties, side)
    size = len(parties.iris)
    total = summed(own, found.weight, size)
    pairs = by_pair(own, other, found.weight).positive()
    spreads = (pairs, over(ties.services, own, found.weight), over(ties.places, own, found.weight))
    top, top_share = _top(pairs, size)
    iris, names = list(parties.iris), list(parties.names)
    columns: list[Sequence[Any]] = [
        iris,
        names,
        np.round(total, 6).tolist(),
        _shares(total).tolist(),
        _contracts(ties, own, size).tolist(),
        np.bincount(pairs.first, minlength=size).tolist(),
        *(_optional(square_sums(grouped, size)) for grouped in spreads),
        [None if best < 0 else names[best] for best in top.tolist()],
        _optional(top_share),
        _dependences(pairs, side, size).tolist(),
        _soles(ties, side, size).tolist(),
        [found.coverage] * size,
        [None] * size if before is None else _share_before(before, side, size).tolist(),
        *(_structure(found, size) if structure else [[None] * size] * 3),
        [None if scope.start is None else scope.start.isoformat()] * size,
        [None if scope.end is None else scope.end.isoformat()] * size,
        [scope.basis] * size,
        [scope.level] * size,
    ]
    if side == "buyer":
        columns.append(_winner_concentration(found, own, pairs, size))
    there = met(own)
    ordered = there[np.lexsort((there, -np.round(total[there], 6)))].tolist()
    made: type[SupplierFigure | BuyerFigure] = SupplierFigure if side == "supplier" else BuyerFigure
    yield from map(made, *(map(column.__getitem__, ordered) for column in columns))


def _sides(ties: Ties, side: Side) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    return (ties.supplier, ties.buyer) if side == "supplier" else (ties.buyer, ties.supplier)


def _shares(total: Floats) -> Floats:
    positive = np.maximum(total, 0)
    whole = float(positive.sum())
    return positive / whole if whole else positive


def _optional(column: Floats) -> list[float | None]:
    found = column.astype(object)
    found[np.isnan(column)] = None
    return list(found)


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


def _structure(found: Selection, size: int) -> list[list[float | None]]:
    from civicgraph.graph.measures import structure as of  # noqa: PLC0415 - scipy takes a while

    graph = of.graph_of(found.ties.buyer, found.ties.supplier, found.weight)
    measured = (of.pagerank_of(graph), of.betweenness_of(graph, of.pivots_of(len(graph))), of.core_numbers_of(graph))
    columns: list[list[float | None]] = [[None] * size for _ in measured]
    for column, values in zip(columns, measured, strict=True):
        for code, value in zip(graph.codes.tolist(), values.tolist(), strict=True):
            column[code] = round(value, 12)
    return columns


def _winner_concentration(
    found: Selection, own: npt.NDArray[np.int32], pairs: Grouped, size: int
) -> list[float | None]:
    """Return z4 of each buyer; see `civicgraph.graph.measures.concentration.winner_concentration`."""
    contracts = by_pair(own, found.ties.edge, found.weight).positive()
    winners, deals = (
        np.bincount(grouped.first, weights=grouped.fractions(size) ** 2, minlength=size)
        for grouped in (pairs, contracts)
    )
    several = np.bincount(contracts.first, minlength=size) > 1
    spread = np.divide(1 - winners, 1 - deals, where=several, out=np.full(size, np.nan))
    return _optional(np.round(np.clip(spread, 0, 1) ** 4, 12))
