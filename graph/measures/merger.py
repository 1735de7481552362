"""What if two suppliers merge: the HHI of each market they meet in, before and after, and the bands it crosses."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np

from civicgraph.graph.edges.account import Account
from civicgraph.graph.edges.finding import find_party, names_of
from civicgraph.graph.edges.scope import Scope, ScopeError
from civicgraph.graph.edges.table import WHOLE, EdgeTable
from civicgraph.graph.engine.interface import Engine, rows, text
from civicgraph.graph.measures.bands import EC_2004, US_2023, band, ec_has_no_concern, us_presumes_harm
from civicgraph.graph.measures.concentration import fractions_of, hhi
from civicgraph.graph.measures.market_figures import NOTHING, Held, make_markets, market_name, totals_of


def merger_of(engine: Engine, table: EdgeTable, scope: Scope, parties: tuple[str, str]) -> dict[str, Any]:
    """Return what the merger of two suppliers does in a scope; on the eve of a known acquisition if it has no period.

    Returns
    -------
    dict
        Both by IRI and by name (`a`, `a_name`, `b`, `b_name`), on which `day`, `notes` of what is to be said of that,
        and the `markets` of `merge`.

    Raises
    ------
    ScopeError
        No organisation is called so, or both names are of one.
    """
    a, b = (find_party(table, name, "supplier") for name in parties)
    names = names_of(table, (a, b))
    notes = []
    if a == b:
        msg = f"{parties[0]!r} and {parties[1]!r} are both names of {names.get(a, a)}, which cannot merge with itself"
        raise ScopeError(msg)
    for row in rows(engine, "acquisitions"):
        if {text(row, "acquirer"), text(row, "acquired")} == {a, b}:
            notes.append(f"replayed: {text(row, 'label')}")
            if (since := row["since"]) is not None and not scope.is_dated:
                # The last day on which it cannot have happened yet.
                eve = date.fromisoformat(since.value) - timedelta(days=1)
                scope = replace(scope, start=eve, end=eve)
    query = "SELECT iri FROM party WHERE iri IN ($a, $b) AND party IN (SELECT supplier FROM edge)"
    present = {iri for (iri,) in table.rows(query, {"a": a, "b": b})}
    absent = [names.get(iri, iri) for iri in (a, b) if iri not in present]
    notes += [f"{name} supplies nobody in what is loaded, so its share is 0 everywhere" for name in absent]
    markets = merge(table, scope, a, b)
    if len(markets) == 1 and not (markets[0]["share_a"] and markets[0]["share_b"]):
        notes.append("they meet in no market in this scope")
    named = {"a": a, "a_name": names.get(a, a), "b": b, "b_name": names.get(b, b)}
    return {**named, "day": scope.end, "notes": notes, "markets": markets}


def merge(table: EdgeTable, scope: Scope, a: str, b: str) -> list[dict[str, Any]]:
    """Return what the merger of two suppliers does to a market as a whole and to each service type they meet in.

    The merged supplier has what both had: on the basis `customers` a customer of both stays two ties.

    Parameters
    ----------
    table
        The edge table of a snapshot.
    scope
        Where to look.
    a, b
        IRIs of the suppliers.

    Returns
    -------
    list of dict
        The whole scope first, whether they meet in it or not, then service types by falling rise. HHI is from 0 to
        10,000, shares are from 0 to 1; `delta` is twice the product of the shares in percent, `us_2023_presumes_harm`
        and `ec_2004_no_concern` are what the two authorities' guidelines make of the rise, `crosses` names the bands
        that it changes.
    """
    with table.scoped(scope) as found:
        make_markets(found, narrower=True)
        names = {WHOLE: (found.title, ", ".join(scope.services) or None)}
        for number, iri, name in found.rows(
            "SELECT DISTINCT thing.thing, iri, name FROM thing JOIN market ON market = thing.thing"
        ):
            names[number] = market_name(table, scope, name), iri
        numbers: dict[str, int] = dict(
            found.rows("SELECT iri, party FROM party WHERE iri IN ($a, $b)", {"a": a, "b": b})
        )
        totals, accounts = totals_of(found), found.accounts("marketed")
    ours = numbers.get(a, -1), numbers.get(b, -1)
    markets = {
        number: _merged(scope, names[number], totals.get(number, NOTHING), ours, accounts.get(number))
        for number in {WHOLE, *totals}
    }
    whole = markets.pop(WHOLE)
    met = [one for one in markets.values() if one["share_a"] and one["share_b"]]
    return [whole, *sorted(met, key=lambda one: (-(one["delta"] or 0), one["market"]))]


def _merged(
    scope: Scope, name: tuple[str, str | None], held: Held, ours: tuple[int, int], account: Account | None
) -> dict[str, Any]:
    suppliers, totals = held
    of_a, of_b = (float(totals[suppliers == number].sum()) for number in ours)
    before = fractions_of(totals)
    after = fractions_of(np.append(totals[~np.isin(suppliers, ours)], of_a + of_b))
    was, will = hhi(before), hhi(after)
    whole = float(totals[totals > 0].sum()) or 1.0
    share_a, share_b = max(of_a, 0.0) / whole, max(of_b, 0.0) / whole
    delta = None if was is None or will is None else round(will - was, 6)
    bands = [(band(source, was), band(source, will)) for source in (US_2023, EC_2004)]
    names = ("U.S. 2023", "EC 2004")
    crossed = [f"{name}: {old} to {new}" for name, (old, new) in zip(names, bands, strict=True) if old != new]
    met = share_a > 0 and share_b > 0
    return {
        "market": name[0],
        "service": name[1],
        "place": ", ".join(scope.places) or None,
        "basis": scope.basis,
        "share_a": share_a,
        "share_b": share_b,
        "share_after": share_a + share_b,
        "hhi_before": was,
        "hhi_after": will,
        "delta": delta,
        "suppliers_before": len(before),
        "suppliers_after": len(after),
        "band_us_2023_before": bands[0][0],
        "band_us_2023_after": bands[0][1],
        "band_ec_2004_before": bands[1][0],
        "band_ec_2004_after": bands[1][1],
        "crosses": "; ".join(crossed),
        "us_2023_presumes_harm": us_presumes_harm(will or 0, delta or 0, share_a + share_b) if met else None,
        "ec_2004_no_concern": ec_has_no_concern(will or 0, delta or 0) if met else None,
        "coverage": None if account is None else account.coverage,
    }
