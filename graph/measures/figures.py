"""Concentration figures as flat rows: of markets, of suppliers, of buyers, each with what it rests on."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Literal

from civicgraph.graph.measures.concentration import (
    concentration_ratio,
    effective_number,
    gini,
    hhi,
    shares,
)
from civicgraph.graph.measures.dependence import (
    Side,
    dependences,
    partner_totals,
    sole_supplies,
    spread,
    totals,
)
from civicgraph.graph.network import Network
from civicgraph.graph.scope import Basis, Market, Scope, market

By = Literal["market", "supplier", "buyer"]
Cell = str | int | float | None


@dataclass(frozen=True, slots=True)
class MarketFigure:
    """How concentrated a market is. HHI from 0 to 10,000, ratios, Gini and coverage from 0 to 1.

    `hhi_low` and `hhi_high` bound the index where weights are missing; they are empty where something was left
    out for want of a weight, because no bound has been worked out then.
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


@dataclass(frozen=True, slots=True)
class SupplierFigure:
    """How critical a supplier is, and how widely it is spread over buyers, services and places."""

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


@dataclass(frozen=True, slots=True)
class BuyerFigure:
    """How much a buyer depends on single suppliers, and how widely it is spread over services and places."""

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


Figure = MarketFigure | SupplierFigure | BuyerFigure


def figures(network: Network, scope: Scope, by: By) -> list[Figure]:
    """Return the figures of a scope, in the order in which they are to be shown.

    Parameters
    ----------
    network
        As `civicgraph.graph.network.build_network` returns it.
    scope
        The market, or what the suppliers' or buyers' figures are to rest on.
    by
        `market` gives the scope as a whole and, under it, each service type that it has ties of.
    """
    if by == "market":
        return list(market_figures(network, scope))
    return list(_party_figures(market(network, scope), by))


def market_figures(network: Network, scope: Scope) -> Iterator[MarketFigure]:
    """Yield the figure of a scope, then of each narrower service type in it, the most concentrated first."""
    whole = market(network, scope)
    yield _market_figure(whole)
    broader: Mapping[str, frozenset[str]] = network.graph["broader"]
    stated = {service for _, _, data in whole.network.edges(data=True) for service in data["services"]}
    present = stated | {broad for service in stated for broad in broader.get(service, ())}
    narrower = {
        service
        for service in present
        if scope.service is None or (service != scope.service and scope.service in broader.get(service, ()))
    }
    found = [_market_figure(market(network, replace(scope, service=service))) for service in narrower]
    yield from sorted(found, key=lambda figure: (-(figure.hhi or 0), -figure.suppliers, figure.market))


def as_row(figure: Figure) -> dict[str, Cell]:
    """Return a figure as a flat row with the public column names."""
    return {field.name.rstrip("_"): getattr(figure, field.name) for field in fields(figure)}


def columns(by: By) -> list[str]:
    """Return the public column names of a kind of figures, in order.

    >>> columns("supplier")[:4]
    ['supplier', 'name', 'total', 'share']
    """
    kinds: dict[By, type[Figure]] = {"market": MarketFigure, "supplier": SupplierFigure, "buyer": BuyerFigure}
    return [field.name.rstrip("_") for field in fields(kinds[by])]


def _market_figure(found: Market) -> MarketFigure:
    scope, network = found.scope, found.network
    by_supplier = totals(network, "supplier")
    fractions = shares(by_supplier)
    index = hhi(fractions.values())
    complete = found.coverage == 1
    return MarketFigure(
        market=_market_name(network, scope),
        service=scope.service,
        place=scope.place,
        from_=None if scope.start is None else scope.start.isoformat(),
        to=None if scope.end is None else scope.end.isoformat(),
        basis=scope.basis,
        level="entity",
        hhi=index,
        hhi_low=index if complete else None,
        hhi_high=index if complete else None,
        cr1=concentration_ratio(fractions.values(), 1),
        cr4=concentration_ratio(fractions.values(), 4),
        cr5=concentration_ratio(fractions.values(), 5),
        effective_suppliers=effective_number(fractions.values()),
        gini=gini(by_supplier.values()),
        suppliers=len(by_supplier),
        buyers=len(totals(network, "buyer")),
        contracts=_contracts(network.edges(keys=True, data="kind")),
        total=round(sum(by_supplier.values(), 0.0), 6),
        coverage=found.coverage,
        excluded="; ".join(f"{reason}: {count}" for reason, count in found.excluded.items()),
    )


def _market_name(network: Network, scope: Scope) -> str:
    labels: Mapping[str, str] = network.graph["labels"]
    service = "All services" if scope.service is None else labels.get(scope.service, scope.service)
    return service if scope.place is None else f"{service} in {labels.get(scope.place, scope.place)}"


def _party_figures(found: Market, side: Side) -> Iterator[SupplierFigure | BuyerFigure]:
    network = found.network
    by_party = totals(network, side)
    fractions = shares(by_party)
    place = 1 if side == "supplier" else 0
    dependent = Counter(pair[place] for pair in dependences(network))
    soles = Counter(supplier if side == "supplier" else need[0] for need, supplier in sole_supplies(network).items())
    for party, total in by_party.items():
        partners = shares(partner_totals(network, party, side))
        top = next(iter(partners), None)
        edges = network.in_edges if side == "supplier" else network.out_edges
        common = (
            *(party, network.nodes[party]["label"], round(total, 6), fractions.get(party, 0.0)),
            _contracts(edges(party, keys=True, data="kind")),
            len(partners),
            hhi(partners.values()),
            hhi(shares(spread(network, party, side, "services")).values()),
            hhi(shares(spread(network, party, side, "places")).values()),
            None if top is None else network.nodes[top]["label"],
            None if top is None else partners[top],
        )
        if side == "supplier":
            yield SupplierFigure(*common, dependent[party], soles[party], found.coverage)
        else:
            yield BuyerFigure(*common, dependent[party], soles[party], found.coverage)


def _contracts(edges: Iterable[tuple[str, str, str, str]]) -> int:
    return len({key for _, _, key, kind in edges if kind == "contract"})
