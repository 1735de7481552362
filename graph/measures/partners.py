"""What one party has with each other, on each basis: its part of theirs and theirs of its, and its part of markets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from civicgraph.graph.edges.scope import Basis, Scope
from civicgraph.graph.edges.table import EdgeTable
from civicgraph.graph.measures.party_figures import DEPENDENT, Side, query


@dataclass(frozen=True, slots=True)
class Partner:
    """What a party has with another, in pounds or records.

    `of_own` is the part of the party's whole that is with the other, `of_theirs` the part of the other's whole that is
    with the party, both 0 to 1. `records` counts services, contracts or payments that nothing guards, `starts` and
    `ends` are the first and the last day of them that is known.
    """

    iri: str
    name: str
    total: float
    of_own: float
    of_theirs: float
    records: int
    starts: date | None
    ends: date | None

    @property
    def depends(self) -> bool:
        """Whether the other depends on the party; see `civicgraph.graph.measures.party_figures.DEPENDENT_SHARE`."""
        return self.of_theirs >= DEPENDENT

    @property
    def is_depended_on(self) -> bool:
        """Whether the party depends on the other."""
        return self.of_own >= DEPENDENT


@dataclass(frozen=True, slots=True)
class MarketPart:
    """A supplier's share of a market, 0 to 1, and its rank among so many suppliers; `service` is None for all."""

    service: str | None
    label: str
    share: float
    rank: int
    suppliers: int


def partners(table: EdgeTable, party: str, side: Side, basis: Basis) -> Sequence[Partner]:
    """Return what a party as buyer or as supplier has with each other, the largest first, equal ones by IRI.

    Only what is above zero counts, as in every share.

    Parameters
    ----------
    table
        The edge table of a snapshot.
    party
        The IRI of the party.
    side
        As what it is looked at.
    basis
        What weighs; each buyer once is no such weight, so not `customers`.
    """
    found = table.in_scope(Scope(basis=basis), query("partners"), {"party": party, "side": side})
    return [Partner(*row) for row in found]


def market_parts(table: EdgeTable, supplier: str, basis: Basis) -> Sequence[MarketPart]:
    """Return a supplier's part of all, and of each service type that it supplies or that lies above those.

    Parameters are those of `partners`. The market as a whole comes first, then the largest shares.
    """
    found = table.in_scope(Scope(basis=basis), query("market_parts"), {"party": supplier})
    return [MarketPart(*row) for row in found]
