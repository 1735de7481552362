"""What one party has with each other, on each basis: its part of theirs and theirs of its, and its part of markets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from civicgraph.graph.edges.account import UNSURE, Account
from civicgraph.graph.edges.scope import MONEY, Basis, Scope
from civicgraph.graph.edges.table import EdgeTable
from civicgraph.graph.measures.party_figures import DEPENDENT, Side, query

LEAST_COVERAGE: Final = 0.5
"""The share of rows, and of money, that must be known before it is said who depends on whom."""

HIDDEN: Final = (
    *("guarded as redacted", "guarded as blank", "no supplier named"),
    *UNSURE,
)
"""Reasons why a row is left out that hide who has what; others, such as a ceiling, are not part of it."""

_NUMBERS: Final = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


@dataclass(frozen=True, slots=True)
class Partner:
    """What a party has with another, in pounds or records.

    `of_own` is the part of the party's whole that is with the other, `of_theirs` the part of the other's whole that is
    with the party, both 0 to 1; `their_coverage` is the share of the other's rows that is known,
    or of the money where that is less. `records` counts services, contracts or payments that nothing guards, `starts`
    and `ends` are the first and the last day of them that is known.
    """

    iri: str
    name: str
    total: float
    of_own: float
    of_theirs: float
    records: int
    starts: date | None
    ends: date | None
    their_coverage: float

    @property
    def depends(self) -> bool:
        """Whether the other depends on the party; see `civicgraph.graph.measures.party_figures.DEPENDENT_SHARE`."""
        return self.of_theirs >= DEPENDENT

    @property
    def is_depended_on(self) -> bool:
        """Whether the party depends on the other."""
        return self.of_own >= DEPENDENT


@dataclass(frozen=True, slots=True)
class Ground:
    """What a sentence about dependence rests on: `loaded` names it, `coverage` is the part that is known, 0 to 1.

    `coverage` is that of the rows, or of the money where that is less. Below `LEAST_COVERAGE` it is not said who
    depends on whom: what is hidden may say otherwise.
    """

    loaded: str
    coverage: float

    @property
    def is_enough(self) -> bool:
        """Whether enough of it counts for a sentence."""
        return self.coverage >= LEAST_COVERAGE


def ground_of(account: Account, basis: Basis) -> Ground:
    """Return what sentences about dependence on a basis rest on.

    >>> from decimal import Decimal
    >>> from civicgraph.graph.edges.account import Left
    >>> ground_of(Account(Left(2, 2, Decimal(9)), {"no supplier named": Left(1, 1, Decimal(1))}), "value")
    Ground(loaded='the two contracts loaded', coverage=0.6666666666666666)
    """
    what = {"services": "service", "spend": "payment"}.get(basis, "contract")
    number = account.counted.rows if basis == "spend" else account.counted.records
    many = _NUMBERS[number] if number < len(_NUMBERS) else f"{number:,}"
    hidden = {reason: left for reason, left in account.left_out.items() if reason in HIDDEN}
    rest = Account(account.counted, hidden, account.is_of_money)
    shares = rest.coverage, rest.coverage_money if basis in MONEY else None
    coverage = min((share for share in shares if share is not None), default=0.0)
    return Ground(f"the {many} {what}{'' if number == 1 else 's'} loaded", coverage)


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
    found = table.in_scope(Scope(basis=basis), query("partners"), {"party": party, "side": side, "hidden": HIDDEN})
    return [Partner(*row) for row in found]


def market_parts(table: EdgeTable, supplier: str, basis: Basis) -> Sequence[MarketPart]:
    """Return a supplier's part of all, and of each service type that it supplies or that lies above those.

    Parameters are those of `partners`. The market as a whole comes first, then the largest shares.
    """
    found = table.in_scope(Scope(basis=basis), query("market_parts"), {"party": supplier})
    return [MarketPart(*row) for row in found]
