"""What if two suppliers merge: the HHI of each market they meet in, before and after, and the bands it crosses."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from civicgraph.graph.edges.scope import Basis, Scope
from civicgraph.graph.edges.selection import Selection, select
from civicgraph.graph.edges.surroundings import rows
from civicgraph.graph.edges.ties.arrays import Ties
from civicgraph.graph.engine.interface import Engine
from civicgraph.graph.measures.bands import ec_band, ec_has_no_concern, us_band, us_presumes_harm
from civicgraph.graph.measures.concentration import fractions_of, hhi
from civicgraph.graph.measures.market_figures import market_name
from civicgraph.graph.measures.sums import summed


@dataclass(frozen=True, slots=True)
class MergedMarket:
    """One market before and after a merger. HHI from 0 to 10,000, shares from 0 to 1.

    `delta` is twice the product of the shares in percent. `us_2023_presumes_harm` and `ec_2004_no_concern` are what the
    two authorities' guidelines make of the rise; `crosses` names the bands that it changes.
    """

    market: str
    service: str | None
    place: str | None
    basis: Basis
    share_a: float
    share_b: float
    share_after: float
    hhi_before: float | None
    hhi_after: float | None
    delta: float | None
    suppliers_before: int
    suppliers_after: int
    band_us_2023_before: str | None
    band_us_2023_after: str | None
    band_ec_2004_before: str | None
    band_ec_2004_after: str | None
    crosses: str
    us_2023_presumes_harm: bool | None
    ec_2004_no_concern: bool | None
    coverage: float | None


@dataclass(frozen=True, slots=True)
class Acquisition:
    """What a source says of one organisation buying another: the event and the earliest and latest day it can mean."""

    event: str
    label: str
    earliest: date | None
    latest: date | None

    @property
    def eve(self) -> date | None:
        """The last day on which it cannot have happened yet."""
        return None if self.earliest is None else self.earliest - timedelta(days=1)


def merge(ties: Ties, scope: Scope, a: str, b: str) -> Sequence[MergedMarket]:
    """Return what the merger of two suppliers does to a market as a whole and to each service type they meet in.

    The merged supplier has what both had: on the basis `customers` a customer of both stays two ties.

    Parameters
    ----------
    ties
        As a snapshot keeps them.
    scope
        Where to look.
    a, b
        IRIs of the suppliers.

    Returns
    -------
    sequence of MergedMarket
        The whole scope first, whether they meet in it or not, then service types by falling rise.
    """
    codes = [code for code, iri in enumerate(ties.parties.iris) if iri in (a, b)]
    ends = tuple(next((code for code in codes if ties.parties.iris[code] == iri), None) for iri in (a, b))
    whole = _merged(select(ties, scope), *ends)
    found = [_merged(part, *ends) for part in _where_both(ties, scope, codes)] if len(codes) > 1 else []
    met = [one for one in found if one.share_a and one.share_b]
    return [whole, *sorted(met, key=lambda one: (-(one.delta or 0), one.market))]


def acquisitions(engine: Engine, a: str, b: str) -> list[Acquisition]:
    """Return the acquisitions of one of two organisations by the other that are established."""
    found = []
    for row in rows(engine, "acquisitions"):
        values = {name: None if term is None else term.value for name, term in row.items()}
        if {values["acquirer"], values["acquired"]} == {a, b}:
            days = (values["earliest"] or values["date"], values["latest"] or values["date"])
            earliest, latest = (None if day is None else date.fromisoformat(day) for day in days)
            found.append(Acquisition(values["event"] or "", values["label"] or "", earliest, latest))
    return found


def _where_both(ties: Ties, scope: Scope, codes: Sequence[int]) -> Iterator[Selection]:
    """Yield the scope narrowed to each service type that both suppliers have ties of, or of types under it."""
    having = []
    for code in codes:
        rows_of = np.flatnonzero(ties.supplier == code)
        stated = {ties.things[one] for one in np.unique(ties.services.take(rows_of).codes)}
        having.append(stated | {broad for one in stated for broad in ties.broader.get(one, ())})
    for service in sorted(set.intersection(*having) - {scope.service or ""}):
        if scope.service is None or scope.service in ties.broader.get(service, ()):
            yield select(ties, replace(scope, service=service))


def _merged(found: Selection, a: int | None, b: int | None) -> MergedMarket:
    supplier = found.ties.supplier
    size = len(found.ties.parties.iris)
    before = summed(supplier, found.weight, size)
    after = before.copy()
    if a is not None and b is not None:
        after[a], after[b] = before[a] + before[b], 0
    whole = float(np.maximum(before, 0).sum())
    share_a, share_b = (max(float(before[one]), 0) / whole if one is not None and whole else 0.0 for one in (a, b))
    was, will = hhi(fractions_of(before)), hhi(fractions_of(after))
    delta = None if was is None or will is None else round(will - was, 6)
    bands = [(us_band(was), us_band(will)), (ec_band(was), ec_band(will))]
    names = ("U.S. 2023", "EC 2004")
    crossed = [f"{name}: {old} to {new}" for name, (old, new) in zip(names, bands, strict=True) if old != new]
    met = share_a > 0 and share_b > 0
    return MergedMarket(
        market=market_name(found.ties, found.scope),
        service=found.scope.service,
        place=found.scope.place,
        basis=found.scope.basis,
        share_a=share_a,
        share_b=share_b,
        share_after=share_a + share_b,
        hhi_before=was,
        hhi_after=will,
        delta=delta,
        suppliers_before=int((before > 0).sum()),
        suppliers_after=int((after > 0).sum()),
        band_us_2023_before=bands[0][0],
        band_us_2023_after=bands[0][1],
        band_ec_2004_before=bands[1][0],
        band_ec_2004_after=bands[1][1],
        crosses="; ".join(crossed),
        us_2023_presumes_harm=us_presumes_harm(will or 0, delta or 0, share_a + share_b) if met else None,
        ec_2004_no_concern=ec_has_no_concern(will or 0, delta or 0) if met else None,
        coverage=found.coverage,
    )
