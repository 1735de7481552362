"""What a store states, read by SPARQL as rows: the one way from quads to the edge table, whichever engine answers."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final

from civicgraph.graph.engine.interface import Engine, query_text, rows, text
from civicgraph.ontology.read import PREFIXES
from civicgraph.ontology.terms import CG, CG_NS

_TYPE: Final = PREFIXES["rdf"] + "type"
_PLAIN: Final = {_TYPE: "type", PREFIXES["rdfs"] + "label": "label"}
_CONCEPTS: Final = frozenset({CG.ServiceType, CG.Place})
_NAMED: Final = _CONCEPTS | {CG.Agent}
_ROLES: Final = {CG.Supplier, CG.Buyer}
"""Classes that say what somebody does and not what they are."""
_AT_ONCE: Final = 500
"""How many records are named in one query."""

Cells = tuple[str | None, ...]


def facts(engine: Engine, records: Sequence[str] | None = None) -> Iterator[Cells]:
    """Yield the services, contracts and sums of money of a store, as facts: record, planned, property, value.

    What is established comes first; then what that and the plans say together, where there are plans.

    Parameters
    ----------
    engine
        The store.
    records
        The IRIs of those that are wanted; None for all.
    """
    yield from _facts(engine, records, "false", (CG.established,))
    if any(engine.select("SELECT ?record { GRAPH cg:plans { ?record ?role ?party } } LIMIT 1")):
        yield from _facts(engine, records, "true", (CG.established, CG.plans))


def evidence(engine: Engine, records: Sequence[str] | None = None) -> Iterator[Cells]:
    """Yield the accepted claims behind the parties of each: record, claim, certainty, document. Parameters as above."""
    for sparql in _wanted("edge-evidence", records):
        for row in engine.select(sparql):
            if text(row, "view") in (CG.established, CG.plans):
                certainty = text(row, "certainty").removeprefix(CG_NS)
                yield text(row, "record"), text(row, "claim"), certainty, text(row, "document")


def _facts(engine: Engine, records: Sequence[str] | None, planned: str, views: tuple[str, ...]) -> Iterator[Cells]:
    for sparql in _wanted("edge-facts", records):
        for row in engine.select(sparql, views):
            name, value = text(row, "property"), text(row, "value")
            if name == _TYPE:
                value = value.removeprefix(CG_NS)
            yield text(row, "record"), planned, _PLAIN.get(name) or name.removeprefix(CG_NS), value


def _wanted(name: str, records: Sequence[str] | None) -> Iterator[str]:
    """Yield a query of all records, or one for each few of those that are wanted."""
    sparql = query_text(name)
    if records is None:
        yield sparql
        return
    for at in range(0, len(records), _AT_ONCE):
        yield _with_values(sparql, "record", records[at : at + _AT_ONCE])


def surroundings_of(engine: Engine) -> Mapping[str, Iterable[Cells]]:
    """Return what a store says of what edges name, as rows of the staging tables of these names."""
    named, concepts = names_in(engine)
    parties = {thing for thing, *_ in named}
    held = ("owner", "owned", "controls", "share", "since", "until")
    areas = [(text(row, "party"), text(row, "place")) for row in rows(engine, "areas")]
    return {
        "named": named,
        "concept": concepts,
        "area": [pair for pair in areas if pair[0] in parties],
        "region": sorted(regions(engine).items()),
        "broad": [(text(row, "narrow"), text(row, "broad")) for row in rows(engine, "broader")],
        "wide": [(text(row, "place"),) for row in rows(engine, "countries")],
        "held": [
            tuple(None if (term := row.get(name)) is None else term.value for name in held)
            for row in rows(engine, "ownerships")
        ],
        "called": [(text(row, "thing"), text(row, "name")) for row in rows(engine, "organisation-names")],
    }


def names_in(
    engine: Engine, things: Iterable[str] | None = None
) -> tuple[list[tuple[str, str, str, str, str]], list[tuple[str, str, str]]]:
    """Return who may be in an edge, and service types and places.

    Parameters
    ----------
    engine
        The store.
    things
        The IRIs of those that are wanted; None for all.

    Returns
    -------
    tuple
        The IRI, name and narrowest class of each party, whether it is a collective, and a public body that sells in no
        market; the IRI and name of each service type and place and whether it is a place.
    """
    named, concepts = [], []
    above = superclasses(engine)
    classes = sorted({*_NAMED, *(cls for cls, broader in above.items() if broader & _NAMED)} - _ROLES)
    query = _with_values(query_text("names"), "class", classes)
    if things is not None:
        query = _with_values(query, "thing", things)
    names: dict[str, tuple[str, set[str]]] = {}
    for row in engine.select(query):
        _, own = names.setdefault(text(row, "thing"), (text(row, "label"), set()))
        own.add(text(row, "class"))
    for thing, (label, own) in sorted(names.items()):
        if own & _CONCEPTS:
            concepts.append((thing, label, str(CG.Place in own).lower()))
        else:
            named.append(party_cells(thing, label, own, above))
    return named, concepts


def party_cells(
    iri: str, label: str, classes: Collection[str], above: Mapping[str, set[str]]
) -> tuple[str, str, str, str, str]:
    """Return the row of somebody who may be in an edge; see `names_in`. `above` is that of `superclasses`."""
    own = set(classes)
    broader = set().union(*(above[cls] for cls in own if cls in above))
    cls = min(own - broader, default=CG.Agent).removeprefix(CG_NS)
    collective, public = (str(one in own | broader).lower() for one in (CG.Sector, CG.PublicBody))
    return iri, label, cls, collective, "false" if CG.TradingBody in own else public


def regions(engine: Engine) -> dict[str, str]:
    """Return the name of the region of each organisation whose area is known, else that of the country, by IRI."""
    found: dict[str, str] = {}
    for row in rows(engine, "regions"):
        # Rows come with the countries first, so that a region takes their place.
        if text(row, "level") == "region" or text(row, "organisation") not in found:
            found[text(row, "organisation")] = text(row, "region")
    return found


def superclasses(engine: Engine) -> dict[str, set[str]]:
    """Return the classes above each class of the ontology, by IRI."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows(engine, "superclasses"):
        found[text(row, "class")].add(text(row, "broader"))
    return found


def _with_values(query: str, name: str, iris: Iterable[str]) -> str:
    return query.replace("WHERE {", f"WHERE {{ VALUES ?{name} {{ {' '.join(f'<{iri}>' for iri in iris)} }}", 1)
