"""What if a supplier fails, or two merge, by their names: who is meant is found, days chosen."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from civicgraph.graph.edges.finding import find_party, names_of, of_like_name
from civicgraph.graph.edges.scope import Scope, ScopeError
from civicgraph.graph.edges.table import EdgeTable
from civicgraph.graph.engine.interface import Engine
from civicgraph.graph.measures.failure import Failure, fails, knocked_on, last_known
from civicgraph.graph.measures.merger import MergedMarket, acquisitions, merge


@dataclass(frozen=True, slots=True)
class Merger:
    """What a merger of two suppliers does, on which day, and what is to be said of that."""

    a: str
    a_name: str
    b: str
    b_name: str
    day: date | None
    notes: tuple[str, ...]
    markets: tuple[MergedMarket, ...]


@dataclass(frozen=True, slots=True)
class WhoIsHit:
    """What is hit if a supplier fails, and what organisations are called, by IRI.

    Where nothing is hit, `alike` names the suppliers of any day whose names begin as its name does: one of them may
    have been meant.
    """

    found: Failure
    name: str
    names: Mapping[str, str]
    alike: tuple[str, ...]


def failure_of(table: EdgeTable, supplier: str, day: date | None) -> WhoIsHit:
    """Return what is hit if a supplier fails, by default on the last day on which anything is known of it.

    Raises
    ------
    ScopeError
        No organisation is called so; the nearest names are in the message.
    """
    failed = find_party(table, supplier, "supplier")
    group = [one.iri for one in knocked_on(failed, table.holdings, table.as_of)]
    on = day or last_known(table, [failed]) or last_known(table, group) or table.as_of
    knocked = knocked_on(failed, table.holdings, on)
    found = fails(table, knocked, on)
    names = names_of(table, (one.iri for one in knocked))
    name = names.get(found.supplier, found.supplier)
    alike = () if found.hits else of_like_name(table, found.supplier, name)
    return WhoIsHit(found, name, names, tuple(alike))


def merger_of(engine: Engine, table: EdgeTable, scope: Scope, parties: tuple[str, str]) -> Merger:
    """Return what the merger of two suppliers does in a scope; on the eve of a known acquisition if it has no period.

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
    for past in acquisitions(engine, a, b):
        notes.append(f"replayed: {past.label}")
        if not scope.is_dated:
            scope = replace(scope, start=past.eve, end=past.eve)
    query = "SELECT iri FROM party WHERE iri IN ($a, $b) AND party IN (SELECT supplier FROM edge)"
    present = {iri for (iri,) in table.rows(query, {"a": a, "b": b})}
    absent = [names.get(iri, iri) for iri in (a, b) if iri not in present]
    notes += [f"{name} supplies nobody in what is loaded, so its share is 0 everywhere" for name in absent]
    markets = merge(table, scope, a, b)
    if len(markets) == 1 and not (markets[0].share_a and markets[0].share_b):
        notes.append("they meet in no market in this scope")
    return Merger(a, names.get(a, a), b, names.get(b, b), scope.end, tuple(notes), tuple(markets))
