"""What if a supplier fails: who is hit, by what, and who else provides it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from heapq import nsmallest
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
    others = _Others(table, {row["service"] for row in rows if row["service"] is not None}, tuple(through), day)
    hits = sorted((_as_hit(table, row, through, others) for row in rows), key=_order)
    return Failure(
        supplier=knocked[0].iri,
        day=day,
        knocked=tuple(knocked),
        customers=len({hit.buyer_iri for hit in hits}),
        services=len({(hit.buyer_iri, hit.service_iri) for hit in hits if hit.service_iri}),
        stranded=len({(h.buyer_iri, h.service_iri) for h in hits if h.service_iri and h.others_of_buyer == 0}),
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


def _scopes(day: date | None, **wanted: Any) -> Iterator[tuple[bool, Scope]]:  # noqa: ANN401 - fields of a scope
    """Yield the scope of what has not ended on a day, then that of the payments of the year up to it."""
    yield False, Scope(start=day, **wanted)
    yield True, Scope(start=None if day is None else day - _YEAR, end=day, **wanted)


def _hit(table: EdgeTable, suppliers: tuple[str, ...], day: date | None) -> tuple[list[dict[str, Any]], int]:
    """Return the rows that are hit, and how many are guarded."""
    found: list[dict[str, Any]] = []
    guarded = 0
    for payments, scope in _scopes(day, suppliers=suppliers):
        with table.scoped(scope) as scoped:
            if payments:
                found += scoped.records(query("payments_hit"), {"day": day, "month": _MONTH})
            else:
                found += scoped.records(query("hits"), {"day": day})
            guarded += _guarded(scoped, payments=payments)
    # A service is the same supply as the contract or the payments for it, said once more.
    bought = {_pair(row) for row in found if row["kind"] != "service"}
    return [row for row in found if row["kind"] != "service" or _pair(row) not in bought], guarded


def _pair(row: Mapping[str, Any]) -> tuple[str, str, int | None]:
    return row["buyer"], row["supplier"], row["service"]


def _guarded(scoped: Scoped, *, payments: bool) -> int:
    asked = """SELECT count(DISTINCT (entry, buyer, supplier)) FROM scoped
        WHERE guard IS NOT NULL AND (kind = 'spend') = $payments"""
    return int(scoped.rows(asked, {"payments": payments})[0][0])


class _Others:
    """Who else provides service types, to whom, and in which regions: too wide a place is no region."""

    def __init__(self, table: EdgeTable, services: set[int], failed: Sequence[str], day: date | None) -> None:
        wide = {one for (one,) in table.rows("SELECT thing FROM thing WHERE wide")}
        above: dict[int | None, set[int]] = defaultdict(set)
        for thing, broader in table.rows("SELECT thing, broader FROM under"):
            above[thing].add(broader)
        self.iris: Mapping[int, str] = dict(table.rows("SELECT thing, iri FROM thing"))
        self.regions = {place: frozenset(around - wide) for place, around in above.items()}
        # By type and customer, by type and region, and by type alone.
        self._known: dict[tuple[int, str | int | None], set[str]] = defaultdict(set)
        wanted = tuple(self.iris[service] for service in sorted(services))
        for payments, scope in _scopes(day, services=wanted) if wanted else ():
            with table.scoped(scope) as scoped:
                for buyer, supplier, service, place in scoped.rows(
                    query("providers"), {"payments": payments, "failed": list(failed)}
                ):
                    for broader in above[service] & services:
                        for where in (buyer, None, *self.regions.get(place, ())):
                            self._known[broader, where].add(supplier)

    def of(self, service: int, buyer: str, regions: Iterable[int]) -> tuple[set[str], set[str], set[str]]:
        """Return who provides a type, or one under it, to a customer, to anybody in some regions, and to anybody."""
        near = set().union(*(self._known.get((service, region), ()) for region in regions))
        return self._known.get((service, buyer), set()), near, self._known.get((service, None), set())


def _as_hit(table: EdgeTable, row: Mapping[str, Any], through: Mapping[str, str], others: _Others) -> Hit:
    service, first, last = row["service"], row["first"], row["last"]
    found: tuple[set[str], ...] | None = None
    if service is not None:
        regions = {region for place in row["places"] for region in others.regions.get(place, ())}
        found = others.of(service, row["buyer"], regions)
    named = nsmallest(_NAMED, next((some for some in found or () if some), set()))
    counts = (None, None, None) if found is None else tuple(map(len, found))
    known = row["is_known"] and row["amount_e4"] is not None
    iri = None if service is None else others.iris[service]
    return Hit(
        supplier=table.parties[row["supplier"]].name,
        supplier_iri=row["supplier"],
        through=through[row["supplier"]],
        buyer=table.parties[row["buyer"]].name,
        buyer_iri=row["buyer"],
        service=None if iri is None else table.label(iri),
        service_iri=iri,
        kind=row["kind"],
        tie=row["record"],
        from_=None if first is None else first.isoformat(),
        to=None if last is None else last.isoformat(),
        left=float(pounds(row["amount_e4"])) if known else None,
        currency=row["currency"],
        others_of_buyer=counts[0],
        others_in_region=counts[1],
        others_anywhere=counts[2],
        others="; ".join(table.parties[one].name for one in named),
        payments=row["payments"],
    )


def _sum(rows: Iterable[Mapping[str, Any]], kind: str) -> float | None:
    """Return what counts of a kind in pounds: what concentration by money adds up to over the same rows.

    None where there are such ties and no amount of them is known: unknown is not nothing.
    """
    ties = [row for row in rows if row["kind"] == kind]
    known = [
        pounds(row["amount_e4"])
        for row in ties
        if row["counts"] and row["currency"] == "GBP" and row["amount_e4"] is not None
    ]
    return float(sum(known, Decimal(0))) if known or not ties else None


def supplies_anybody(table: EdgeTable, iri: str) -> bool:
    """Tell whether an organisation supplies anybody, on any day, by what counts: a transfer is no supply."""
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


def _order(hit: Hit) -> tuple[bool, str, str, str, str]:
    return hit.to is None, hit.to or "", hit.buyer, hit.service or "", hit.tie
