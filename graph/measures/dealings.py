"""What one party has with each other: sums on each basis, its part of theirs and theirs of its, its part of markets."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from civicgraph.graph.edges.scope import Basis, Scope
from civicgraph.graph.edges.selection import select
from civicgraph.graph.edges.ties.arrays import KINDS, Floats, Ties
from civicgraph.graph.edges.ties.codes import met
from civicgraph.graph.measures.dependence import DEPENDENT_SHARE, Side
from civicgraph.graph.measures.sums import Grouped, by_pair, summed

_SLACK: Final = 1e-12
"""A half that was added up from parts is still a half."""


@dataclass(frozen=True, slots=True)
class Partner:
    """What a party has with another, in pounds or ties.

    `of_own` is the part of the party's whole that is with the other, `of_theirs` the part of the other's whole that is
    with the party, both 0 to 1.
    """

    iri: str
    name: str
    total: float
    of_own: float
    of_theirs: float

    @property
    def depends(self) -> bool:
        """Whether the other depends on the party; see `civicgraph.graph.measures.dependence.DEPENDENT_SHARE`."""
        return self.of_theirs >= DEPENDENT_SHARE - _SLACK

    @property
    def is_depended_on(self) -> bool:
        """Whether the party depends on the other."""
        return self.of_own >= DEPENDENT_SHARE - _SLACK


@dataclass(frozen=True, slots=True)
class MarketPart:
    """A supplier's share of a market, 0 to 1, and its rank among so many suppliers; `service` is None for all."""

    basis: Basis
    service: str | None
    label: str
    share: float
    rank: int
    suppliers: int


@dataclass(frozen=True, slots=True, eq=False)
class _Whole:
    """All ties of a basis that count: sums by buyer and supplier, and the whole of each of either."""

    pairs: Grouped
    of_buyer: Floats
    of_supplier: Floats


class Dealings:
    """The sums of a snapshot's ties by pair and by market, each made when it is first asked for.

    Parameters
    ----------
    ties
        Between legal entities, whose parties stand in the order of their IRIs.
    """

    def __init__(self, ties: Ties) -> None:
        self.ties = ties
        self._wholes: dict[Basis, _Whole] = {}
        self._markets: dict[tuple[Basis, str | None], tuple[npt.NDArray[np.int64], Floats]] = {}

    def number(self, iri: str) -> int | None:
        """Return the number of a party, or None for one that buys from nobody and supplies nobody."""
        iris = self.ties.parties.iris
        at = bisect_left(iris, iri)
        return at if at < len(iris) and iris[at] == iri else None

    def rows(self, party: int, side: Side, kind: str | None = None) -> npt.NDArray[np.int64]:
        """Return the rows of a party's established ties as buyer or as supplier."""
        ties = self.ties
        chosen = (ties.buyer if side == "buyer" else ties.supplier) == party
        chosen &= ~ties.planned
        if kind is not None:
            chosen &= ties.kind == KINDS.index(kind)
        return np.flatnonzero(chosen)

    def rows_between(self, buyer: str, supplier: str) -> npt.NDArray[np.int64]:
        """Return the rows of what is established between two parties by their IRIs, what is guarded too."""
        first, second = self.number(buyer), self.number(supplier)
        if first is None or second is None:
            return np.zeros(0, dtype=np.int64)
        ties = self.ties
        return np.flatnonzero((ties.buyer == first) & (ties.supplier == second) & ~ties.planned)

    def partners(self, party: int, side: Side, basis: Basis) -> Sequence[Partner]:
        """Return what a party as buyer or as supplier has with each other, the largest first, equal ones by IRI.

        Only what is above zero counts, as in every share.
        """
        whole = self._whole(basis)
        pairs = whole.pairs
        own, other = (pairs.first, pairs.second) if side == "buyer" else (pairs.second, pairs.first)
        of_own, of_theirs = whole.of_buyer, whole.of_supplier
        if side == "supplier":
            of_own, of_theirs = of_theirs, of_own
        at = np.flatnonzero(own == party)
        at = at[np.lexsort((other[at], -np.round(pairs.total[at], 9)))]
        parties = self.ties.parties
        return [
            Partner(parties.iris[code], parties.names[code], total, total / float(of_own[party]), total / theirs)
            for code, total, theirs in zip(
                other[at].tolist(), pairs.total[at].tolist(), of_theirs[other[at]].tolist(), strict=True
            )
        ]

    def parts(self, party: int, basis: Basis) -> Sequence[MarketPart]:
        """Return a supplier's part of all, and of each service type that it supplies or that lies above those."""
        rows = self.rows(party, "supplier")
        ties = self.ties
        direct = {ties.things[code] for code in met(ties.services.take(rows).codes).tolist()}
        services = direct.union(*(ties.broader.get(service, ()) for service in direct))
        found = [part for one in (None, *sorted(services)) if (part := self._part(party, basis, one)) is not None]
        return sorted(found, key=lambda part: (part.service is not None, -part.share, part.label))

    def _part(self, party: int, basis: Basis, service: str | None) -> MarketPart | None:
        suppliers, totals = self._market(basis, service)
        at = int(np.searchsorted(suppliers, party))
        if at == len(suppliers) or suppliers[at] != party:
            return None
        share = float(totals[at] / totals.sum())
        rank = 1 + int(np.count_nonzero(totals > totals[at] * (1 + _SLACK)))
        label = "All services" if service is None else self.ties.label(service)
        return MarketPart(basis, service, label, share, rank, len(suppliers))

    def _market(self, basis: Basis, service: str | None) -> tuple[npt.NDArray[np.int64], Floats]:
        known = self._markets.get((basis, service))
        if known is None:
            ties = self.ties
            if service is not None:
                ties = ties.take(np.flatnonzero(ties.services.among(ties.under(service)) > 0))
            found = select(ties, Scope(service=service, basis=basis))
            totals = summed(found.ties.supplier, found.weight, 0)
            suppliers = np.flatnonzero(totals > 0)
            known = self._markets[basis, service] = suppliers, totals[suppliers]
        return known

    def _whole(self, basis: Basis) -> _Whole:
        known = self._wholes.get(basis)
        if known is None:
            found = select(self.ties, Scope(basis=basis))
            pairs = by_pair(found.ties.buyer, found.ties.supplier, found.weight).positive()
            size = len(self.ties.parties.iris)
            known = self._wholes[basis] = _Whole(
                pairs, summed(pairs.first, pairs.total, size), summed(pairs.second, pairs.total, size)
            )
        return known
