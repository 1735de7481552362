"""How concentrated a market is: its figure, and those of the service types under it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from civicgraph.graph.edges.scope import MONEY, Basis, Scope
from civicgraph.graph.edges.selection import Selection, in_scope, select
from civicgraph.graph.edges.ties.arrays import KINDS, Ties
from civicgraph.graph.edges.ties.codes import but, distinct, joined, met
from civicgraph.graph.measures.bands import ec_band, us_band
from civicgraph.graph.measures.bounds import hhi_bounds
from civicgraph.graph.measures.concentration import (
    concentration_ratio,
    effective_number,
    fractions_of,
    gini,
    hhi,
    winner_concentration,
)
from civicgraph.graph.measures.sums import known_and_missing, totals, totals_as

_CONTRACT = KINDS.index("contract")


@dataclass(frozen=True, slots=True)
class MarketFigure:
    """How concentrated a market is. HHI from 0 to 10,000, ratios, Gini, coverage from 0 to 1.

    `hhi_low` and `hhi_high` bound the index over all that missing weights and dates allow, each at most `cap`;
    `hhi_unresolved` is the index with suppliers as the records name them, `hhi_if_refused` and `hhi_if_taken` that
    with every doubtful merge of names refused, or taken. `weight_coverage` is the part with a usable weight of the
    ties that would count with one. `newcomers` and `leavers` are suppliers against the period of the same length
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


def market_figures(ties: Ties, whole: Selection, *, structure: bool = False) -> Iterator[MarketFigure]:
    """Yield the figure of a scope, then of each narrower service type in it, the most concentrated first.

    Parameters
    ----------
    ties
        As a snapshot keeps them.
    whole
        Those in the scope.
    structure
        Whether to work out the share of the core, which takes longer.
    """
    scope = whole.scope
    yield market_figure(whole, select_before(ties, scope), structure=structure)
    found = []
    for service, rows in _by_service(ties, scope):
        part = ties.take(rows)
        narrower = select(part, replace(scope, service=service))
        # One that has ties of which none counts is told, with the reasons.
        if narrower.records:
            found.append(market_figure(narrower, select_before(part, narrower.scope), structure=structure))
    yield from sorted(found, key=lambda figure: (-(figure.hhi or 0), -figure.suppliers, figure.market))


def select_before(ties: Ties, scope: Scope) -> Selection | None:
    """Return the ties in the scope of the period before; None where there is none."""
    before = scope_before(scope)
    return None if before is None else select(ties, before)


def market_figure(found: Selection, then: Selection | None = None, *, structure: bool = False) -> MarketFigure:
    """Return the figure of one market.

    Parameters
    ----------
    found
        The ties in its scope.
    then
        Those in the scope of the period before.
    structure
        Whether to work out the share of the core.
    """
    scope, within = found.scope, found.ties
    by_supplier = totals(within.supplier, found.weight)
    fractions = fractions_of(by_supplier)
    bounds = hhi_bounds(*known_and_missing(found))
    index = hhi(fractions)
    refused, taken, unresolved = _otherwise(found, index)
    new, gone = _turnover(found, then)
    contracts = within.edge[within.kind == _CONTRACT]
    return MarketFigure(
        market=market_name(within, scope),
        service=scope.service,
        place=scope.place,
        from_=None if scope.start is None else scope.start.isoformat(),
        to=None if scope.end is None else scope.end.isoformat(),
        basis=scope.basis,
        level=scope.level,
        hhi=index,
        hhi_low=None if bounds is None else bounds[0],
        hhi_high=None if bounds is None else bounds[1],
        cr1=concentration_ratio(fractions, 1),
        cr4=concentration_ratio(fractions, 4),
        cr5=concentration_ratio(fractions, 5),
        effective_suppliers=effective_number(fractions),
        gini=gini(by_supplier),
        suppliers=len(by_supplier),
        buyers=len(met(within.buyer)),
        contracts=len(met(contracts)),
        total=round(float(by_supplier.sum()), 6),
        coverage=found.coverage,
        excluded="; ".join(f"{reason}: {count}" for reason, count in found.excluded.items()),
        weight_coverage=found.weight_coverage,
        records=found.records,
        cap=found.cap,
        hhi_unresolved=unresolved,
        hhi_if_refused=refused,
        hhi_if_taken=taken,
        winner_concentration=winner_concentration(by_supplier, totals(within.edge, found.weight)),
        newcomers=new,
        leavers=gone,
        core_share=_core_share(found) if structure else None,
        band_us_2023=us_band(index),
        band_ec_2004=ec_band(index),
        currency=scope.currency if scope.basis in MONEY else None,
    )


def market_name(ties: Ties, scope: Scope) -> str:
    """Return what a market is called: its service types, and where."""
    service = "All services" if scope.service is None else ties.label(scope.service)
    return service if scope.place is None else f"{service} in {ties.label(scope.place)}"


def scope_before(scope: Scope) -> Scope | None:
    """Return the scope of the period of the same length that ends the day before: months for whole months, else days.

    None where the scope names no period with both ends.

    >>> found = scope_before(Scope(start=date(2019, 4, 1), end=date(2020, 3, 31)))
    >>> found.start.isoformat(), found.end.isoformat()
    ('2018-04-01', '2019-03-31')
    >>> scope_before(Scope(start=date(2019, 1, 10), end=date(2019, 1, 12))).start.isoformat()
    '2019-01-07'
    """
    start, end = scope.start, scope.end
    if start is None or end is None:
        return None
    days = (end - start).days + 1
    # Of the first years of the calendar there is no before.
    if start.toordinal() <= days or start.year * 12 <= days:
        return None
    last = start - timedelta(days=1)
    if start.day == 1 and (end == date.max or (end + timedelta(days=1)).day == 1):
        months = (end.year - start.year) * 12 + end.month - start.month + 1
        year, month = divmod(start.year * 12 + start.month - 1 - months, 12)
        if year < 1:
            return None
        return replace(scope, start=date(year, month + 1, 1), end=last)
    return replace(scope, start=start - timedelta(days=days), end=last)


def _otherwise(found: Selection, resolved: float | None) -> tuple[float | None, float | None, float | None]:
    """Return the index if doubtful merges were refused, if they were taken, and with parties as records name them."""
    if found.scope.level == "group":
        return None, None, None
    ties, parties = found.ties, found.ties.parties

    known = [(ties.buyer, ties.supplier, resolved)]

    def index(buyer: npt.NDArray[np.int32], supplier: npt.NDArray[np.int32]) -> float | None:
        for same_buyer, same_supplier, value in known:
            # Mostly nobody in a market is in doubt.
            if np.array_equal(supplier, same_supplier) and np.array_equal(buyer, same_buyer):
                return value
        value = hhi(fractions_of(totals_as(found, buyer, supplier)))
        known.append((buyer, supplier, value))
        return value

    buyer, supplier = ties.stated_buyer, ties.stated_supplier
    unresolved = index(buyer, supplier)
    refused, taken = (index(codes[buyer], codes[supplier]) for codes in (parties.if_refused, parties.if_taken))
    return refused, taken, unresolved


def _turnover(found: Selection, before: Selection | None) -> tuple[int | None, int | None]:
    """Return how many suppliers were not there in the period before, and how many of those then are not there now."""
    if before is None:
        return None, None
    then, now = met(before.ties.supplier), met(found.ties.supplier)
    return len(but(now, then)), len(but(then, now))


def _core_share(found: Selection) -> float | None:
    from civicgraph.graph.measures.structure import core_share_of, graph_of  # noqa: PLC0415 - scipy takes a while

    return core_share_of(graph_of(found.ties.buyer, found.ties.supplier, found.weight))


def _by_service(ties: Ties, scope: Scope) -> Iterator[tuple[str, npt.NDArray[np.int64]]]:
    """Yield each service type under a scope's that ties have, or that lies above those, with their rows.

    They are the rows of the period and of the one before.
    """
    before = scope_before(scope)
    rows = in_scope(ties, scope if before is None else replace(scope, start=before.start))
    services = ties.services.take(rows)
    present = met(services.codes).tolist()
    above = {code: {ties.things[code], *ties.broader.get(ties.things[code], ())} for code in present}
    wanted = sorted({service for found in above.values() for service in found} - {scope.service or ""})
    if scope.service is not None:
        wanted = [service for service in wanted if scope.service in ties.broader.get(service, ())]
    numbers = {service: number for number, service in enumerate(wanted)}
    offsets = np.zeros(len(ties.things) + 1, dtype=np.int64)
    codes: list[int] = []
    for code in range(len(ties.things)):
        codes += [numbers[service] for service in sorted(above.get(code, ())) if service in numbers]
        offsets[code + 1] = len(codes)
    lengths = np.diff(offsets)[services.codes]
    at = np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    higher = np.array(codes, dtype=np.int64)[np.repeat(offsets[:-1][services.codes], lengths) + at]
    pairs = distinct(joined(higher, np.repeat(services.rows(), lengths)))
    bounds = np.searchsorted(pairs >> 32, np.arange(len(wanted) + 1))
    for number, service in enumerate(wanted):
        yield service, rows[pairs[bounds[number] : bounds[number + 1]] & 0xFFFFFFFF]
