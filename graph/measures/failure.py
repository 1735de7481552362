"""What if a supplier fails: who is hit, by what, and who else provides it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from heapq import nsmallest
from itertools import repeat
from typing import Any, Final

import networkx as nx

from civicgraph.graph.edges.account import pounds
from civicgraph.graph.edges.scope import Scope
from civicgraph.graph.edges.table import EdgeTable, Scoped
from civicgraph.graph.identity.ownership import Holding
from civicgraph.graph.measures.party_figures import query

_YEAR: Final = timedelta(days=364)
_MONTH: Final = 31
"""Days for which a single payment goes on."""
_OTHERS: Final = ("others_of_buyer", "others_in_region", "others_anywhere")
_OWN: Final = {"from": "from_"}
_BESIDE: Final = ("number", "places", "counted")
"""Columns of `hits_shown.sql` that are not those of a hit."""
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

    `left` is the part of the value after the day, by days, in even parts over its types; of payments, what was paid in
    the year before the day; None where the value is not known, or when it ends. The `others` provide the type still: to
    the same customer, to anybody in its region, anywhere; empty where the tie names no type. All `payments` to one
    supplier for one type are one tie; `tie` is the record of the last, and `to` the day of it.
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
    payments: int | None


@dataclass(frozen=True, slots=True)
class Failure:
    """Everything that is hit if a supplier fails on a day, what ends first first and what has no end last.

    `stranded` counts the pairs of customer and service type that nobody else provides to that customer. `left_gbp` is
    what the suppliers' contracts add up to from the day on in every figure of concentration by `value`, `paid_gbp` what
    was paid in the year before by `spend`; either is None where no such amount is known, and `unknown` counts the ties
    of which none is. `left_out` counts guarded ties. `last_held` is the last day on which there was a tie, where all
    had ended before the day.
    """

    supplier: str
    day: date | None
    knocked: tuple[Knocked, ...]
    customers: int
    services: int
    stranded: int
    contracts: int
    left_gbp: float | None
    paid_gbp: float | None
    left_out: int
    last_held: date | None
    hits: tuple[Hit, ...]
    unknown: int


def knocked_on(supplier: str, holdings: Iterable[Holding], day: date | None) -> tuple[Knocked, ...]:
    """Return who is hit with a supplier: what it owns through any number of steps, and the joint ventures of these.

    Examples
    --------
    >>> held = [Holding("serco", "intelenet", True), Holding("intelenet", "venture", False)]
    >>> [(one.iri, one.through) for one in knocked_on("serco", held, None)]
    [('serco', 'itself'), ('intelenet', 'group'), ('venture', 'joint venture')]
    """
    controlled: nx.DiGraph[str] = nx.DiGraph()
    joint: nx.DiGraph[str] = nx.DiGraph()
    controlled.add_node(supplier)
    for one in holdings:
        if day is None or one.at(day):
            (controlled if one.controls else joint).add_edge(one.owner, one.owned)
    group = list(nx.bfs_tree(controlled, supplier, sort_neighbors=sorted))
    # A joint venture has partners to carry on: what it owns is not hit with one of them.
    ventures = sorted({one for _, one in joint.out_edges(group)}.difference(group))
    through = ["itself", *("group" for _ in group[1:]), *("joint venture" for _ in ventures)]
    return tuple(map(Knocked, (*group, *ventures), through))


def fails(table: EdgeTable, knocked: Sequence[Knocked], day: date | None) -> Failure:
    """Return what is hit if a supplier fails on a day.

    Parameters
    ----------
    table
        The edge table of a snapshot.
    knocked
        The supplier, and who is hit with it; see `knocked_on`.
    day
        Ties that had ended by then are not hit; what begins later is. Payments of the year before are hit while they
        recur: since the last no more days have passed than the longest pause between two of them in that year, and a
        month at least. None for all ties.
    """
    through = {one.iri: one.through for one in knocked}
    rows, left_out = _hit(table, tuple(through), day)
    others = _Others(table, {row["number"] for row in rows if row["number"] is not None}, tuple(through), day)
    hits = [_as_hit(row, through, others) for row in rows]
    bought = {(hit.buyer_iri, hit.service_iri): hit.others_of_buyer for hit in hits if hit.service_iri}
    return Failure(
        supplier=knocked[0].iri,
        day=day,
        knocked=tuple(knocked),
        customers=len({hit.buyer_iri for hit in hits}),
        services=len(bought),
        stranded=sum(others == 0 for others in bought.values()),
        contracts=len({hit.tie for hit in hits if hit.kind == "contract"}),
        left_gbp=_sum(rows, "contract"),
        paid_gbp=_sum(rows, "spend"),
        left_out=left_out,
        last_held=None if hits else _last_held(table, through),
        hits=tuple(hits),
        unknown=len({hit.tie for hit in hits if hit.kind != "service" and hit.left is None}),
    )


def last_known(table: EdgeTable, suppliers: Iterable[str]) -> date | None:
    """Return the last day on which anything is known of suppliers: of their payments, contracts and services.

    A contract that ends after the as-of date is known on that date. None where nothing that counts has a day.
    """
    last = _last_held(table, suppliers)
    return last if last is None or table.as_of is None else min(last, table.as_of)


@contextmanager
def _tied(table: EdgeTable, day: date | None, **wanted: Any) -> Iterator[Scoped]:  # noqa: ANN401 - fields of a scope
    """Select what has not ended on a day, and the payments of the year up to it."""
    year = Scope(start=None if day is None else day - _YEAR, end=day)
    with table.scoped(Scope(start=day, **wanted), replace(year, **wanted)) as scoped:
        yield scoped


def _hit(table: EdgeTable, suppliers: tuple[str, ...], day: date | None) -> tuple[list[dict[str, Any]], int]:
    """Return the rows that are hit, and how many are guarded."""
    guarded = "SELECT count(DISTINCT (entry, buyer, supplier)) FROM scoped WHERE guard IS NOT NULL"
    with _tied(table, day, suppliers=suppliers) as scoped:
        scoped.rows(query("hits"), {"day": day, "month": _MONTH})
        return list(scoped.records(query("hits_shown"))), int(scoped.rows(guarded)[0][0])


class _Others:
    """Who else provides service types, to whom, and in which regions: too wide a place is not a region."""

    def __init__(self, table: EdgeTable, services: set[int], failed: Sequence[str], day: date | None) -> None:
        wide = {one for (one,) in table.rows("SELECT thing FROM thing WHERE wide")}
        above: dict[int | None, set[int]] = defaultdict(set)
        for thing, broader in table.rows("SELECT thing, broader FROM under"):
            above[thing].add(broader)
        self.regions = {place: frozenset(around - wide) for place, around in above.items()}
        # By type and customer, by type and region, and by type alone.
        self._known: dict[tuple[int, str | int | None], set[str]] = defaultdict(set)
        self.names: dict[str, str] = {}
        if not services:
            return
        iris: Mapping[int, str] = dict(table.rows("SELECT thing, iri FROM thing"))
        with _tied(table, day, services=tuple(iris[service] for service in sorted(services))) as scoped:
            found = scoped.rows(query("providers"), {"failed": list(failed)})
        for buyer, supplier, name, service, place in found:
            self.names[supplier] = name
            for broader in above[service] & services:
                for where in (buyer, None, *self.regions.get(place, ())):
                    self._known[broader, where].add(supplier)

    def of(self, service: int, buyer: str, regions: Iterable[int]) -> tuple[set[str], set[str], set[str]]:
        """Return who provides a type, or one under it, to a customer, to anybody in some regions, and to anybody."""
        near = set().union(*(self._known.get((service, region), ()) for region in regions))
        return self._known.get((service, buyer), set()), near, self._known.get((service, None), set())


def _as_hit(row: dict[str, Any], through: Mapping[str, str], others: _Others) -> Hit:
    found: tuple[set[str], ...] = ()
    if row["number"] is not None:
        regions = {region for place in row["places"] for region in others.regions.get(place, ())}
        found = others.of(row["number"], row["buyer_iri"], regions)
    named = nsmallest(_NAMED, next((some for some in found if some), set()))
    cells = {_OWN.get(name, name): cell for name, cell in row.items() if name not in _BESIDE}
    cells |= zip(_OTHERS, map(len, found) if found else repeat(None), strict=False)
    names = "; ".join(others.names[one] for one in named)
    return Hit(**cells, through=through[row["supplier_iri"]], others=names)


def _sum(rows: Iterable[Mapping[str, Any]], kind: str) -> float | None:
    """Return what counts of a kind in pounds: what concentration by money adds up to over the same rows.

    None where there are such ties and no amount of them is known: unknown is not nothing.
    """
    ties = [row["counted"] for row in rows if row["kind"] == kind]
    known = [amount for amount in ties if amount is not None]
    return float(pounds(sum(known))) if known or not ties else None


def supplies_anybody(table: EdgeTable, iri: str) -> bool:
    """Tell whether an organisation supplies anybody, on any day, by what counts: a transfer is not a supply."""
    asked = (
        "SELECT count(*) FROM edge JOIN party ON party = supplier WHERE guard IS NULL AND NOT planned AND iri = $iri"
    )
    return bool(table.rows(asked, {"iri": iri})[0][0])


def _last_held(table: EdgeTable, suppliers: Iterable[str]) -> date | None:
    asked = (
        "SELECT max(coalesce(last, first)) FROM edge JOIN party ON party = supplier "
        "WHERE guard IS NULL AND NOT planned AND list_contains($iris, iri)"
    )
    found: date | None = table.rows(asked, {"iris": list(suppliers)})[0][0]
    return found
