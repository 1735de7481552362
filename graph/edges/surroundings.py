"""What a store says of the parties, places and service types that ties name."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from importlib.resources import files
from typing import Final, NamedTuple

from pyoxigraph import NamedNode

from civicgraph.graph.engine.interface import Engine, Row
from civicgraph.ontology.terms import CG, CG_NS

_SKOS_CONCEPT_CLASSES: Final = frozenset({CG.ServiceType, CG.Place})


_MANY: Final = 500
"""Things whose names are asked for one by one."""


class Named(NamedTuple):
    """What a party is called, the local name of its narrowest class, and whether it is a collective."""

    label: str
    cls: str = "Agent"
    is_collective: bool = False


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What ties need to know of the things that they name.

    `areas` are the places of a buyer, for its ties that state none; `labels` those of places and service types;
    `broader` what each of these lies under. `refused` and `taken` lead from an organisation as a record names it to
    the one that it would be if doubtful merges were refused, or taken; who is not in them stands for itself.
    """

    named: Mapping[str, Named] = field(default_factory=dict)
    areas: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    broader: Mapping[str, frozenset[str]] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    taken: Mapping[str, str] = field(default_factory=dict)
    as_of: date | None = None
    version: str = ""


def surroundings(engine: Engine) -> Surroundings:
    """Return what a store says of parties, places and service types; of doubtful merges no store says anything."""
    names, above = _names(rows(engine, "names")), _superclasses(engine)
    named = {thing: _named(label, classes, above) for thing, (label, classes) in names.items()}
    areas: dict[str, list[str]] = defaultdict(list)
    # Services have areas too. It takes the engine seconds to tell a party by its classes, or to put names in order.
    for party, place in sorted((text(row, "party"), text(row, "place")) for row in rows(engine, "areas")):
        if party in named:
            areas[party].append(place)
    return Surroundings(
        named=named,
        areas={party: tuple(places) for party, places in areas.items()},
        labels={iri: label for iri, (label, classes) in names.items() if classes & _SKOS_CONCEPT_CLASSES},
        broader=_broader(engine),
        as_of=next((date.fromisoformat(text(row, "asOf")) for row in rows(engine, "as-of")), None),
        version=engine.version,
    )


def named_in(engine: Engine, wanted: Iterable[str]) -> dict[str, Named]:
    """Return what a store calls some things, by IRI; without those that it does not name."""
    asked = sorted(set(wanted))
    if not asked:
        return {}
    above = _superclasses(engine)
    # One by one they are looked up in no time; of very many, all names are read sooner.
    if len(asked) > _MANY:
        names = _names(rows(engine, "names"))
    else:
        sparql = query_text("names")
        names = _names(row for iri in asked for row in engine.select(sparql, bind={"thing": NamedNode(iri)}))
    return {iri: _named(*names[iri], above) for iri in asked if iri in names}


def rows(engine: Engine, name: str, *views: str) -> Iterator[Row]:
    """Return what one of the queries of this package answers, over the established view unless others are named."""
    return engine.select(query_text(name), views or None)


def query_text(name: str) -> str:
    """Return one of the queries of this package by the name of its file."""
    return files("civicgraph.graph").joinpath(f"queries/{name}.rq").read_text(encoding="utf-8")


def text(row: Row, name: str) -> str:
    """Return a value of a solution as text.

    Raises
    ------
    ValueError
        The query left it unbound.
    """
    found = row[name]
    if found is None:
        msg = f"the query left ?{name} unbound"
        raise ValueError(msg)
    return found.value


def _names(found: Iterable[Row]) -> dict[str, tuple[str, set[str]]]:
    names: dict[str, tuple[str, set[str]]] = {}
    for row in found:
        _, classes = names.setdefault(text(row, "thing"), (text(row, "label"), set()))
        classes.add(text(row, "class"))
    return dict(sorted(names.items()))


def _named(label: str, classes: set[str], above: Mapping[str, set[str]]) -> Named:
    broader = set().union(*(above[cls] for cls in classes if cls in above))
    narrowest = min(classes - broader, default=CG.Agent)
    return Named(label, narrowest.removeprefix(CG_NS), CG.Sector in classes | broader)


def _superclasses(engine: Engine) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows(engine, "superclasses"):
        found[text(row, "class")].add(text(row, "broader"))
    return found


def _broader(engine: Engine) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows(engine, "broader"):
        found[text(row, "narrow")].add(text(row, "broad"))
    return {narrow: frozenset(broad) for narrow, broad in found.items()}
