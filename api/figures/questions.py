"""The questions of what-if, for the command line and HTTP: names are found, days chosen, replies made flat."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date

from civicgraph.api.tables.flat import Cell
from civicgraph.graph.edges.called import find_party, names_of, of_like_name
from civicgraph.graph.edges.scope import Scope, ScopeError
from civicgraph.graph.edges.surroundings import rows, text
from civicgraph.graph.edges.ties.arrays import Ties
from civicgraph.graph.engine.interface import Engine
from civicgraph.graph.identity.ownership import holdings
from civicgraph.graph.measures.failure import Failure, fails, knocked_on
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


def failure_of(engine: Engine, ties: Ties, supplier: str, day: date | None) -> WhoIsHit:
    """Return what is hit if a supplier fails, by default on the as-of date.

    Raises
    ------
    ScopeError
        No organisation is called so; the nearest names are in the message.
    """
    on = day or ties.as_of
    knocked = knocked_on(find_party(engine, ties, supplier, "supplier"), holdings(engine), on)
    countries = frozenset(text(row, "place") for row in rows(engine, "countries"))
    found = fails(ties, knocked, on, countries)
    names = names_of(engine, ties, (one.iri for one in knocked))
    name = names.get(found.supplier, found.supplier)
    alike = () if found.hits else of_like_name(ties, found.supplier, name)
    return WhoIsHit(found, name, names, tuple(alike))


def failure_rows(found: Failure) -> list[dict[str, Cell]]:
    """Return what is hit as flat rows."""
    return [_flat(asdict(hit)) for hit in found.hits]


def merger_of(engine: Engine, ties: Ties, scope: Scope, parties: tuple[str, str], day: date | None) -> Merger:
    """Return what the merger of two suppliers does, on a day, on the eve of an acquisition that is known, or over all.

    Raises
    ------
    ScopeError
        No organisation is called so, or both names are of one.
    """
    a, b = (find_party(engine, ties, name, "supplier") for name in parties)
    names = names_of(engine, ties, (a, b))
    notes = []
    if a == b:
        msg = f"{parties[0]!r} and {parties[1]!r} are both names of {names.get(a, a)}, which cannot merge with itself"
        raise ScopeError(msg)
    on = day
    for past in acquisitions(engine, a, b):
        notes.append(f"replayed: {past.label}")
        on = on or past.eve
    suppliers = set(ties.supplier.tolist())
    codes = {iri: code for code, iri in enumerate(ties.parties.iris)}
    absent = [names.get(iri, iri) for iri in dict.fromkeys((a, b)) if codes.get(iri, -2) not in suppliers]
    notes += [f"{name} supplies nobody in what is loaded, so its share is 0 everywhere" for name in absent]
    markets = merge(ties, replace(scope, start=on, end=on), a, b)
    if len(markets) == 1 and not (markets[0].share_a and markets[0].share_b):
        notes.append("they meet in no market in this scope")
    return Merger(a, names.get(a, a), b, names.get(b, b), on, tuple(notes), tuple(markets))


def merger_rows(found: Merger) -> list[dict[str, Cell]]:
    """Return the markets of a merger as flat rows."""
    return [_flat(asdict(market)) for market in found.markets]


def _flat(cells: dict[str, object]) -> dict[str, Cell]:
    return dict(_flattened(cells))


def _flattened(cells: dict[str, object]) -> Iterator[tuple[str, Cell]]:
    for name, cell in cells.items():
        known = cell if cell is None or isinstance(cell, str | int | float) else str(cell)
        yield name.rstrip("_"), known
