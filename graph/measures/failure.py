"""What if a supplier fails: who is hit, by what, and who else provides it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt

from civicgraph.graph.edges.ties.arrays import KINDS, NO_DAY, NOBODY, Bools, Ties
from civicgraph.graph.edges.ties.codes import distinct, joined
from civicgraph.graph.identity.ownership import Holding

Numbers = npt.NDArray[np.int64]

_SPEND: Final = KINDS.index("spend")
_YEAR: Final = 365
_NAMED: Final = 5
"""Names of other providers that are listed; the number says how many there are."""


@dataclass(frozen=True, slots=True)
class Knocked:
    """An organisation that is hit with the one that fails, and why: `itself`, `group` or `joint venture`."""

    iri: str
    through: str


@dataclass(frozen=True, slots=True)
class Hit:
    """One service type that one customer has by one tie from a supplier that is hit.

    `left` is the part of the value after the day, by days where both ends are known, in even parts over its types; of
    spend, what was paid in the year before the day. The `others` provide the type still: to the same customer, to
    anybody in its region, anywhere; empty where the tie names no type.
    """

    supplier: str
    supplier_iri: str
    through: str
    buyer: str
    buyer_iri: str
    service: str | None
    service_iri: str | None
    kind: str
    tie: str
    from_: str | None
    to: str | None
    left: float | None
    currency: str | None
    others_of_buyer: int | None
    others_in_region: int | None
    others_anywhere: int | None
    others: str


@dataclass(frozen=True, slots=True)
class Failure:
    """Everything that is hit if a supplier fails on a day, what ends first first and what has no end last.

    `stranded` counts the pairs of customer and service type that nobody else provides to that customer, `left_gbp` adds
    up what is left of the contracts in pounds and `paid_gbp` what was paid in the year before; `left_out` counts
    guarded ties. `last_held` is the last day on which there was a tie, where all had ended before the day.
    """

    supplier: str
    day: date | None
    knocked: tuple[Knocked, ...]
    customers: int
    services: int
    stranded: int
    contracts: int
    left_gbp: float
    paid_gbp: float
    left_out: int
    last_held: date | None
    hits: tuple[Hit, ...]


def knocked_on(supplier: str, holdings: Iterable[Holding], day: date | None) -> tuple[Knocked, ...]:
    """Return who is hit with a supplier: what it owns through any number of steps, and its joint ventures.

    Examples
    --------
    >>> held = [Holding("serco", "intelenet", True), Holding("intelenet", "venture", False)]
    >>> [(one.iri, one.through) for one in knocked_on("serco", held, None)]
    [('serco', 'itself'), ('intelenet', 'group'), ('venture', 'joint venture')]
    """
    owned: dict[str, list[Holding]] = defaultdict(list)
    for one in holdings:
        if day is None or one.at(day):
            owned[one.owner].append(one)
    found = {supplier: "itself"}
    waiting = [supplier]
    while waiting:
        for one in sorted(owned[waiting.pop(0)], key=lambda holding: (not holding.controls, holding.owned)):
            if one.owned not in found:
                found[one.owned] = "group" if one.controls else "joint venture"
                # A joint venture has partners to carry on: what it owns is not hit with one of them.
                waiting += [one.owned] if one.controls else []
    return tuple(Knocked(iri, through) for iri, through in found.items())


def fails(ties: Ties, knocked: Sequence[Knocked], day: date | None, countries: frozenset[str] = frozenset()) -> Failure:
    """Return what is hit if a supplier fails on a day.

    Parameters
    ----------
    ties
        As a snapshot keeps them.
    knocked
        The supplier, and who is hit with it; see `knocked_on`.
    day
        Ties that had ended by then are not hit; what begins later is. Spend counts for a year. None for all ties.
    countries
        IRIs of places that are too wide for a region.
    """
    iris = list(ties.parties.iris)
    codes = {iri: code for code, iri in enumerate(iris)}
    through = {codes[one.iri]: one.through for one in knocked if one.iri in codes}
    holds = _running(ties, day)
    theirs = np.isin(ties.supplier, list(through)) & holds
    rows = np.flatnonzero(theirs & (ties.guard < 0))
    others = _Others(ties, np.flatnonzero(holds & (ties.guard < 0) & ~theirs), countries)
    hits = sorted((hit for row in rows.tolist() for hit in _hits(ties, row, through, others, day)), key=_order)
    edges = ties.edge[rows][ties.kind[rows] == KINDS.index("contract")]
    ended = ties.end[np.isin(ties.supplier, list(through)) & (ties.guard < 0) & ~ties.planned]
    last = int(ended.max(initial=NO_DAY)) if not hits else NO_DAY
    return Failure(
        supplier=knocked[0].iri,
        day=day,
        knocked=tuple(knocked),
        customers=len({hit.buyer_iri for hit in hits}),
        services=len({(hit.buyer_iri, hit.service_iri) for hit in hits if hit.service_iri}),
        stranded=len({(h.buyer_iri, h.service_iri) for h in hits if h.service_iri and h.others_of_buyer == 0}),
        contracts=len(np.unique(edges)),
        left_gbp=_pounds(hits, "contract"),
        paid_gbp=_pounds(hits, "spend"),
        left_out=int((theirs & (ties.guard >= 0)).sum()),
        last_held=None if last == NO_DAY else date.fromordinal(last),
        hits=tuple(hits),
    )


class _Others:
    """Who else provides a service type: everybody who is not hit, by the rows of their ties."""

    def __init__(self, ties: Ties, rows: Numbers, countries: frozenset[str]) -> None:
        rows = rows[~ties.parties.collective[ties.supplier[rows]] & (ties.supplier[rows] != NOBODY)]
        self._ties = ties
        self._supplier, self._buyer = ties.supplier[rows], ties.buyer[rows]
        self._services, self._places = ties.services.take(rows), ties.places.take(rows)
        self._regions = [_region(ties, place, countries) for place in ties.things]
        self._by_type: dict[int, tuple[Numbers, Numbers, Numbers]] = {}
        self._in_region: dict[frozenset[str], Bools] = {}
        self._near: dict[tuple[int, frozenset[str]], Numbers] = {}

    def of(self, code: int, buyer: int, places: Iterable[int]) -> tuple[Numbers, Numbers, Numbers]:
        """Return who provides a type, or one under it, to a buyer, in the regions of places, and anywhere."""
        if code not in self._by_type:
            rows = np.flatnonzero(self._services.among(self._ties.under(self._ties.things[code])))
            pairs = distinct(joined(self._buyer[rows], self._supplier[rows]))
            self._by_type[code] = rows, pairs, distinct(self._supplier[rows])
        rows, pairs, anywhere = self._by_type[code]
        first, last = np.searchsorted(pairs, (buyer << 32, (buyer + 1) << 32))
        regions = frozenset().union(*(self._regions[place] for place in places))
        near = self._near.get((code, regions))
        if near is None:
            near = self._near[code, regions] = distinct(self._supplier[rows[self._are_in(regions)[rows]]])
        return pairs[first:last] & 0xFFFFFFFF, near, anywhere

    def _are_in(self, regions: frozenset[str]) -> Bools:
        """Return which rows have a place in some regions."""
        found = self._in_region.get(regions)
        if found is None:
            within = (not regions.isdisjoint(own) for own in self._regions)
            wanted = np.fromiter(within, dtype=np.bool_, count=len(self._regions))
            found = self._in_region[regions] = self._places.among(wanted) > 0
        return found


def _region(ties: Ties, place: str, countries: frozenset[str]) -> frozenset[str]:
    return frozenset({place, *ties.broader.get(place, ())}) - countries


def _running(ties: Ties, day: date | None) -> Bools:
    """Return which ties had not ended by a day, planned ones left out; spend counts for a year. None for all ties."""
    if day is None:
        return ~ties.planned
    at = day.toordinal()
    spend = ties.kind == _SPEND
    found: Bools = ~ties.planned & np.where(
        spend,
        (ties.end > at - _YEAR) & (ties.start <= at),
        (ties.end == NO_DAY) | (ties.end >= at),
    )
    return found


def _hits(ties: Ties, row: int, through: Mapping[int, str], others: _Others, day: date | None) -> Iterable[Hit]:
    parties, supplier, buyer = ties.parties, int(ties.supplier[row]), int(ties.buyer[row])
    start, end, value = int(ties.start[row]), int(ties.end[row]), float(ties.value[row])
    currency = int(ties.currency[row])
    types = ties.services.codes[ties.services.offsets[row] : ties.services.offsets[row + 1]].tolist()
    places = ties.places.codes[ties.places.offsets[row] : ties.places.offsets[row + 1]].tolist()
    part = float(ties.split[row]) / max(len(types), 1)
    if day is not None and start != NO_DAY and end >= start and int(ties.kind[row]) != _SPEND:
        part *= min(max(end - max(start, day.toordinal()) + 1, 0) / (end - start + 1), 1)
    for code in types or [None]:
        found = None if code is None else others.of(code, buyer, places)
        named: list[int] = [] if found is None else next((some.tolist() for some in found if len(some)), [])
        yield Hit(
            supplier=parties.names[supplier],
            supplier_iri=parties.iris[supplier],
            through=through[supplier],
            buyer=parties.names[buyer],
            buyer_iri=parties.iris[buyer],
            service=None if code is None else ties.label(ties.things[code]),
            service_iri=None if code is None else ties.things[code],
            kind=KINDS[int(ties.kind[row])],
            tie=ties.edges[int(ties.edge[row])],
            from_=None if start == NO_DAY else date.fromordinal(start).isoformat(),
            to=None if end == NO_DAY else date.fromordinal(end).isoformat(),
            left=None if value != value else round(value * part, 2),  # noqa: PLR0124 - not a number
            currency=None if currency < 0 else ties.currencies[currency],
            others_of_buyer=None if found is None else len(found[0]),
            others_in_region=None if found is None else len(found[1]),
            others_anywhere=None if found is None else len(found[2]),
            others="; ".join(parties.names[one] for one in named[:_NAMED]),
        )


def _pounds(hits: Iterable[Hit], kind: str) -> float:
    parts = (hit.left for hit in hits if hit.left is not None and hit.currency == "GBP" and hit.kind == kind)
    return round(sum(parts), 2)


def _order(hit: Hit) -> tuple[bool, str, str, str, str]:
    return hit.to is None, hit.to or "", hit.buyer, hit.service or "", hit.tie
