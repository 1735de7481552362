"""What a figure of a market, of a supplier or of a buyer says: its columns, and figures as flat rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any, Literal

from civicgraph.graph.edges.scope import Basis


@dataclass(frozen=True, slots=True)
class MarketFigure:
    """How concentrated a market is. HHI from 0 to 10,000, ratios, Gini, coverage from 0 to 1.

    `hhi_low` and `hhi_high` bound the index over all that missing weights and dates allow, each at most `cap`, and
    that redacted and blank rows allow, whose money may be anybody's (but on the basis of customers);
    `hhi_unresolved` is the index with names as sources write them, `hhi_if_refused` and `hhi_if_taken` that
    with every doubtful merge of names refused, or taken. `coverage` is the share of the rows in the scope that count,
    `coverage_money` that of the money; `weight_coverage` is the part with a usable weight of the records that would
    count with one; `classified` is the share of the rows that have a service type, whatever type is asked for, and
    `classified_money` that of the money; `notes` is what must be said beside the figure.
    `newcomers` and `leavers` are suppliers against the period of the same length
    before.
    """

    market: str
    service: str | None
    place: str | None
    from_: str | None
    to: str | None
    basis: Basis
    level: str
    hhi: float | None
    hhi_low: float | None
    hhi_high: float | None
    cr1: float | None
    cr4: float | None
    cr5: float | None
    effective_suppliers: float | None
    gini: float | None
    suppliers: int
    buyers: int
    contracts: int
    total: float
    coverage: float | None
    excluded: str
    weight_coverage: float | None
    records: int
    cap: float | None
    hhi_unresolved: float | None
    hhi_if_refused: float | None
    hhi_if_taken: float | None
    winner_concentration: float | None
    newcomers: int | None
    leavers: int | None
    core_share: float | None
    band_us_2023: str | None
    band_ec_2004: str | None
    currency: str | None
    coverage_money: float | None
    rows: int
    classified: float | None
    classified_money: float | None
    notes: str


@dataclass(frozen=True, slots=True)
class SupplierFigure:
    """How critical a supplier is, and how widely it is spread over buyers, services and places.

    `total` is its weighted degree, `share` its part of the scope, `coverage` the share of the scope's rows that count.
    `share_before` is its share in the period of the same length before. `degree`, `pagerank` and `core_number` are None
    in a large scope unless they were asked for, `betweenness` always unless it was. `notes` is what must be said beside
    the figure.
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
    notes: str


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
    notes: str


By = Literal["market", "supplier", "buyer"]
Figure = MarketFigure | SupplierFigure | BuyerFigure
Cell = str | int | float | None
"""What a column of a figure holds."""


def as_row(figure: Figure) -> dict[str, Cell]:
    """Return a figure as a flat row with the public column names."""
    return next(as_rows([figure]))


def as_rows(found: Sequence[Any]) -> Iterator[dict[str, Cell]]:
    """Yield figures of one kind, or what a failure or a merger does, as flat rows with the public column names."""
    names = [field.name for field in fields(found[0])] if found else []
    public = [name.rstrip("_") for name in names]
    return (dict(zip(public, values, strict=True)) for values in map(attrgetter(*names), found)) if names else iter(())


def columns(by: By) -> list[str]:
    """Return the public column names of a kind of figures, in order.

    >>> columns("supplier")[:4]
    ['supplier', 'name', 'total', 'share']
    """
    kinds: dict[By, type[Figure]] = {"market": MarketFigure, "supplier": SupplierFigure, "buyer": BuyerFigure}
    return [field.name.rstrip("_") for field in fields(kinds[by])]
