"""How critical a supplier is, and how dependent a buyer: figures of all parties of a scope at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Literal

from civicgraph.graph.edges.account import SCALE
from civicgraph.graph.edges.build import sql
from civicgraph.graph.edges.scope import Basis, Scope
from civicgraph.graph.edges.table import EdgeTable, Scoped
from civicgraph.graph.measures.periods import scope_before

Side = Literal["supplier", "buyer"]
query = partial(sql, folder="measures")
"""Returns one of the queries of this package by the name of its file."""

DEPENDENT_SHARE: Final = 0.5
"""A buyer depends on a supplier that has at least this share of the buyer's total."""
_PARTNERS: Final = 5
"""Where a row of `parties.sql` has the number of partners."""
AT_ONCE: Final = 5_000
"""Buyers with suppliers whose places in the network are worked out unasked: that takes about a second."""
DEPENDENT: Final = DEPENDENT_SHARE - 1e-12
"""The same for shares that were added up from parts: half of them is still a half."""


@dataclass(frozen=True, slots=True)
class SupplierFigure:
    """How critical a supplier is, and how widely it is spread over buyers, services and places.

    `total` is its weighted degree, `share` its part of the scope, `coverage` the share of the scope's rows that count.
    `share_before` is its share in the period of the same length before. `degree`, `pagerank` and `core_number` are None
    in a large scope unless they were asked for, `betweenness` always unless it was.
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
    coverage_money: float | None
    degree: int | None


@dataclass(frozen=True, slots=True)
class BuyerFigure:
    """How much a buyer depends on single suppliers, and how widely it is spread over services and places.

    What it shares with a supplier's figure means the same; `winner_concentration` is zIndex's z4 of its contracts, see
    `civicgraph.graph.measures.concentration.winner_concentration`.
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
    coverage_money: float | None
    degree: int | None


def party_figures(
    table: EdgeTable, found: Scoped, side: Side, *, structure: bool = False
) -> Sequence[SupplierFigure] | Sequence[BuyerFigure]:
    """Return the figures of all suppliers or buyers of a scope, the largest first, equal ones by IRI.

    Parameters
    ----------
    table
        The edge table, for the period before.
    found
        The rows of the scope.
    side
        Whose figures.
    structure
        Whether to work out their places in the network, betweenness included, however long it takes.
    """
    scope = found.scope
    rows = _totals(found, side)
    before = _shares_before(table, scope, side)
    pairs = sum(row[_PARTNERS] for row in rows)
    places = _places(found, betweenness=structure) if structure or pairs <= AT_ONCE else {}
    coverage, coverage_money = found.account.coverage, found.account.coverage_money
    start, end = (None if day is None else day.isoformat() for day in (scope.start, scope.end))
    figures: list[Any] = []
    made: Any = SupplierFigure if side == "supplier" else BuyerFigure
    for row in rows:
        *cells, winners = row
        iri = cells[0]
        degree, rank, between, core = places.get(iri, (None, None, None, None))
        common = (coverage, None if before is None else before.get(iri, 0.0), rank, between, core)
        asked = (start, end, scope.basis, scope.level)
        own = () if side == "supplier" else (winners,)
        figures.append(made(*cells, *common, *asked, *own, coverage_money, degree))
    return figures


def unit_of(scope: Scope) -> int:
    """Return by what weights of a scope are divided: money is kept in parts of its unit."""
    return SCALE if scope.is_money else 1


def _totals(found: Scoped, side: Side) -> list[tuple[Any, ...]]:
    asked = {
        "of_suppliers": side == "supplier",
        "customers": found.scope.basis == "customers",
        "unit": unit_of(found.scope),
        "dependent": DEPENDENT,
    }
    return found.rows(query("parties"), asked)


def _shares_before(table: EdgeTable, scope: Scope, side: Side) -> Mapping[str, float] | None:
    """Return each party's share in the period before, None where there is no such period; 0 for who was not there."""
    before = scope_before(scope)
    if before is None:
        return None
    with table.scoped(before) as then:
        return {row[0]: row[3] for row in _totals(then, side)}


def _places(found: Scoped, *, betweenness: bool) -> Mapping[str, tuple[int, float, float | None, int]]:
    from civicgraph.graph.measures.structure import places_of  # noqa: PLC0415 - networkx takes a while to import

    pairs = found.rows(
        "SELECT any_value(b.iri), any_value(s.iri), sum(weight) FROM scoped "
        "JOIN party b ON b.party = buyer JOIN party s ON s.party = supplier "
        "WHERE left_out IS NULL GROUP BY buyer, supplier HAVING sum(weight) > 0 ORDER BY buyer, supplier"
    )
    return places_of(pairs, betweenness=betweenness)
