"""What if a supplier fails: who is hit, by what, and who else provides it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final

import networkx as nx

from civicgraph.graph.edges.account import pounds
from civicgraph.graph.edges.finding import find_party, names_of, of_like_name
from civicgraph.graph.edges.scope import Scope
from civicgraph.graph.edges.table import EdgeTable, Scoped
from civicgraph.graph.identity.ownership import Holding
from civicgraph.graph.measures.party_figures import query

_YEAR: Final = timedelta(days=364)
_MONTH: Final = 31
"""Days for which a single payment goes on."""
_NAMED: Final = 5
"""Names of other providers that are listed; the number says how many there are."""


def failure_of(table: EdgeTable, supplier: str, day: date | None) -> dict[str, Any]:
    """Return what is hit if a supplier fails, by default on the last day on which anything is known of it.

    Returns
    -------
    dict
        What `fails` returns, with the supplier's `name`, who is `knocked`, and where nothing is hit the names of
        suppliers of any day that begin as its name does (`alike`): one of them may have been meant.

    Raises
    ------
    ScopeError
        No organisation is called so; the nearest names are in the message.
    """
    failed = find_party(table, supplier, "supplier")
    group = knocked_on(failed, table.holdings, table.as_of)
    on = day or last_known(table, [failed]) or last_known(table, group) or table.as_of
    knocked = knocked_on(failed, table.holdings, on)
    found, names = fails(table, knocked, on), names_of(table, knocked)
    name = names.get(failed, failed)
    named = [{"iri": iri, "name": names.get(iri, iri), "through": through} for iri, through in knocked.items()]
    alike = [] if found["hits"] else of_like_name(table, failed, name)
    return {"supplier": failed, "name": name, "day": on, "knocked": named, **found, "alike": alike}


def knocked_on(supplier: str, holdings: Iterable[Holding], day: date | None) -> dict[str, str]:
    """Return who is hit with a supplier: what it owns through any number of steps, and the joint ventures of these.

    Returns
    -------
    dict
        Why each is hit, by IRI: `itself`, `group` or `joint venture`.

    Examples
    --------
    >>> knocked_on("serco", [Holding("serco", "intelenet", True), Holding("intelenet", "venture", False)], None)
    {'serco': 'itself', 'intelenet': 'group', 'venture': 'joint venture'}
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
    return dict.fromkeys(group, "group") | {supplier: "itself"} | dict.fromkeys(ventures, "joint venture")


def fails(table: EdgeTable, knocked: Mapping[str, str], day: date | None) -> dict[str, Any]:
    """Return what is hit if a supplier fails on a day.

    Parameters
    ----------
    table
        The edge table of a snapshot.
    knocked
        Why each is hit, the supplier among them; see `knocked_on`.
    day
        Ties that had ended by then are not hit; what begins later is. Payments of the year before are hit while they
        recur: since the last no more days have passed than the longest pause between two of them in that year, and a
        month at least. None for all ties.

    Returns
    -------
    dict
        `stranded` counts the pairs of customer and service type that nobody else provides to that customer. `left_gbp`
        is what the suppliers' contracts add up to from the day on in every figure of concentration by `value`,
        `paid_gbp` what was paid in the year before by `spend`; either is None where no such amount is known, and
        `unknown` counts the ties of which none is. `left_out` counts guarded ties; `last_held` is the last day on which
        there was a tie, where all had ended before the day.

        `hits` has a row for each service type that a customer has by a tie, what ends first first and what has no end
        last. `left` is the part of the value after the day, by days, in even parts over its types; of payments, what
        was paid in the year before the day; None where the value is not known, or when it ends. The `others` provide
        the type still: to the same customer, to anybody in its region, anywhere; empty where the tie names no type. All
        `payments` to one supplier for one type are one tie; `tie` is the record of the last, and `to` the day of it.
    """
    guarded = "SELECT count(DISTINCT (entry, buyer, supplier)) FROM scoped WHERE guard IS NOT NULL"
    with _tied(table, day, suppliers=tuple(knocked)) as scoped:
        scoped.rows(query("hits"), {"day": day, "month": _MONTH})
        hits, left_out = list(scoped.records(query("hits_shown"))), int(scoped.rows(guarded)[0][0])
    _add_others(table, hits, knocked, day)
    counted = [(hit["kind"], hit.pop("counted")) for hit in hits]
    for hit in hits:
        hit["through"] = knocked[hit["supplier_iri"]]
    bought = {(hit["buyer_iri"], hit["service_iri"]): hit["others_of_buyer"] for hit in hits if hit["service_iri"]}
    return {
        "customers": len({hit["buyer_iri"] for hit in hits}),
        "services": len(bought),
        "stranded": sum(others == 0 for others in bought.values()),
        "contracts": len({hit["tie"] for hit in hits if hit["kind"] == "contract"}),
        "left_gbp": _sum(counted, "contract"),
        "paid_gbp": _sum(counted, "spend"),
        "left_out": left_out,
        "last_held": None if hits else _last_held(table, knocked),
        "hits": hits,
        "unknown": len({hit["tie"] for hit in hits if hit["kind"] != "service" and hit["left"] is None}),
    }


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


def _add_others(table: EdgeTable, rows: Sequence[dict[str, Any]], failed: Iterable[str], day: date | None) -> None:
    """Say of each row that names a service type who else provides it; see `others.sql`."""
    asked = [(at, row.pop("number"), row["buyer_iri"], row.pop("places")) for at, row in enumerate(rows)]
    asked = [hit for hit in asked if hit[1] is not None]
    if not asked:
        return
    columns = dict(zip(("numbers", "services", "buyers", "places"), map(list, zip(*asked, strict=True)), strict=True))
    named = "SELECT iri FROM thing WHERE list_contains($services, thing) ORDER BY thing"
    services = tuple(iri for (iri,) in table.rows(named, columns))
    with _tied(table, day, services=services) as scoped:
        for found in scoped.records(query("others"), {**columns, "failed": list(failed), "named": _NAMED}):
            rows[found.pop("number")].update(found)


def _sum(counted: Iterable[tuple[str, int | None]], kind: str) -> float | None:
    """Return what counts of a kind in pounds: what concentration by money adds up to over the same rows.

    None where there are such ties and no amount of them is known: unknown is not nothing.
    """
    ties = [amount for of_kind, amount in counted if of_kind == kind]
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
