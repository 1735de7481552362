"""The network around one organisation: its neighbours and what ties it to each, added up, in every view."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
from pyoxigraph import NamedNode

from civicgraph.api.own_queries import query, query_about
from civicgraph.api.pages.ties import ROLES, SIDES, Kind, Side, labels_of
from civicgraph.api.pages.values import text_of
from civicgraph.graph.edges.ties.arrays import CERTAINTIES, KINDS, NO_DAY, NOBODY, Ragged, Ties
from civicgraph.graph.edges.ties.codes import distinct, first_of_each, joined
from civicgraph.graph.engine.interface import Engine, Term
from civicgraph.graph.measures.dealings import Dealings
from civicgraph.graph.records.iris import key_of
from civicgraph.ontology.read import superclasses
from civicgraph.ontology.terms import CG, CG_NS

DOUBTFUL: Final[Mapping[str, str]] = {"plans": CG.plans, "rumours": CG.rumours}
"""The views beside the established one that ties are drawn from, by what they are called."""

_LATE: Final = date.max.toordinal()


@dataclass(frozen=True, slots=True)
class Vertex:
    """An organisation or sector of the network, by its key, with the local name of its narrowest class."""

    key: str
    label: str
    kind: str


@dataclass(frozen=True, slots=True)
class Edge:
    """What ties a buyer to a supplier in one view: all services, all contracts, or all money, added up.

    `value` is in pounds, 0 where none is known; `start` and `end` are ISO dates, empty where nothing is said.
    """

    buyer: str
    supplier: str
    kind: str
    view: str
    ties: int
    value: float
    start: str
    end: str
    services: tuple[str, ...]
    places: tuple[str, ...]
    certainty: str


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """The largest neighbours of a party; `total` counts them all. `names` are of service types and places by key."""

    centre: Vertex
    vertices: tuple[Vertex, ...]
    edges: tuple[Edge, ...]
    names: Mapping[str, str]
    total: int


def neighbourhood(engine: Engine, dealings: Dealings, iri: str, limit: int) -> Neighbourhood | None:
    """Return a party's neighbours, the `limit` largest by value and number of ties; None for what is no party.

    Parameters
    ----------
    engine
        The snapshot.
    dealings
        The sums of its ties.
    iri
        The organisation or sector.
    limit
        How many neighbours to return at most.
    """
    found = [*_established(dealings, iri), *_others(engine, iri)]
    weight: dict[str, tuple[float, int]] = defaultdict(lambda: (0.0, 0))
    for other, edge in found:
        value, ties = weight[other]
        weight[other] = value + edge.value, ties + edge.ties
    largest = sorted(weight, key=lambda other: (-weight[other][0], -weight[other][1], other))[:limit]
    rank = {other: place for place, other in enumerate(largest)}
    edges = tuple(
        edge for _, edge in sorted((pair for pair in found if pair[0] in rank), key=lambda pair: rank[pair[0]])
    )
    vertices = _vertices(engine, dealings, [iri, *largest])
    if iri not in vertices:
        return None
    labels = dealings.ties.labels
    marks = {mark for edge in edges for mark in (*edge.services, *edge.places)}
    names = {mark: labels[mark] for mark in marks if mark in labels}
    if unnamed := marks - names.keys():
        names |= labels_of(engine, unnamed)
    return Neighbourhood(
        centre=vertices[iri],
        vertices=tuple(vertices[other] for other in largest if other in vertices),
        edges=tuple(edge for edge in edges if edge.buyer != edge.supplier),
        names=dict(sorted(names.items())),
        total=len(weight),
    )


def _established(dealings: Dealings, iri: str) -> Iterator[tuple[str, Edge]]:
    party = dealings.number(iri)
    if party is None:
        return
    for side in SIDES:
        for kind in KINDS:
            rows = dealings.rows(party, side, kind)
            ties = dealings.ties.take(rows)
            other = ties.supplier if side == "buyer" else ties.buyer
            # What is guarded is a tie, but no money that was paid.
            kept = other != NOBODY if kind != "spend" else (other != NOBODY) & (ties.guard < 0)
            if kept.any():
                yield from _added(ties.take(np.flatnonzero(kept)), iri, side, kind)


def _added(ties: Ties, iri: str, side: Side, kind: str) -> Iterator[tuple[str, Edge]]:
    """Yield the ties of one party by its partner, added up."""
    other = ties.supplier if side == "buyer" else ties.buyer
    order = np.argsort(other, kind="stable")
    ties, other = ties.take(order), other[order]
    at = first_of_each(other)
    pounds = ties.currencies.index("GBP") if "GBP" in ties.currencies else -2
    counts = (ties.currency == pounds) & (ties.guard < 0) & ~np.isnan(ties.value)
    value = np.add.reduceat(np.where(counts, ties.value * ties.split, 0.0), at).round(2).tolist()
    first = np.minimum.reduceat(np.where(ties.start == NO_DAY, _LATE, ties.start), at).tolist()
    last = np.maximum.reduceat(ties.end, at).tolist()
    certainty = np.maximum.reduceat(ties.certainty, at).tolist()
    number = np.diff(at, append=len(other)).tolist()
    group = np.repeat(np.arange(len(at)), number)
    services, places = _marks(ties.services, group, ties), _marks(ties.places, group, ties)
    for place, code in enumerate(other[at].tolist()):
        partner = ties.parties.iris[code]
        yield (
            partner,
            Edge(
                *_parties(iri, partner, side),
                kind=kind,
                view="established",
                ties=number[place],
                value=value[place],
                start="" if first[place] == _LATE else date.fromordinal(first[place]).isoformat(),
                end="" if last[place] == NO_DAY else date.fromordinal(last[place]).isoformat(),
                services=services.get(place, ()),
                places=places.get(place, ()),
                certainty=CERTAINTIES[certainty[place]],
            ),
        )


def _marks(ragged: Ragged, group: npt.NDArray[np.int64], ties: Ties) -> dict[int, tuple[str, ...]]:
    found: dict[int, list[str]] = defaultdict(list)
    pairs = distinct(joined(group[ragged.rows()], ragged.codes))
    for pair in pairs.tolist():
        found[pair >> 32].append(ties.things[pair & 0xFFFFFFFF])
    return {place: tuple(sorted(things)) for place, things in found.items()}


def _others(engine: Engine, iri: str) -> Iterator[tuple[str, Edge]]:
    """Yield the ties in the views that no figure rests on."""
    for side in SIDES:
        for view, graph in DOUBTFUL.items():
            for kind in ROLES:
                yield from _ties(engine, iri, side, kind, (view, graph))


def _ties(engine: Engine, iri: str, side: Side, kind: Kind, view: tuple[str, str]) -> Iterable[tuple[str, Edge]]:
    cls, buyer, supplier = ROLES[kind]
    mine, theirs = (buyer, supplier) if side == "buyer" else (supplier, buyer)
    bind: dict[str, Term] = {
        "party": NamedNode(iri),
        "mine": NamedNode(mine),
        "theirs": NamedNode(theirs),
        "class": NamedNode(cls),
    }
    rows = list(engine.select(query("edges-of"), [view[1]], bind=bind))
    if not rows:
        return
    marks: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row in engine.select(query("edge-marks"), [view[1]], bind={**bind, "view": NamedNode(view[1])}):
        for name in ("type", "place", "certainty"):
            if row[name] is not None:
                marks[text_of(row, "other")][name].add(text_of(row, name))
    for row in rows:
        other = text_of(row, "other")
        certainties = {iri.removeprefix(CG_NS) for iri in marks[other]["certainty"]}
        yield (
            other,
            Edge(
                *_parties(iri, other, side),
                kind=kind,
                view=view[0],
                ties=int(text_of(row, "ties")),
                value=float(text_of(row, "value") or 0),
                start=text_of(row, "first"),
                end=text_of(row, "last"),
                services=tuple(sorted(marks[other]["type"])),
                places=tuple(sorted(marks[other]["place"])),
                certainty=max(certainties, key=CERTAINTIES.index, default="asserted"),
            ),
        )


def _parties(iri: str, other: str, side: Side) -> tuple[str, str]:
    mine, theirs = key_of(iri) or iri, key_of(other) or other
    return (mine, theirs) if side == "buyer" else (theirs, mine)


def _vertices(engine: Engine, dealings: Dealings, things: Iterable[str]) -> dict[str, Vertex]:
    parties = dealings.ties.parties
    found, untied = {}, []
    for iri in dict.fromkeys(things):
        number = dealings.number(iri)
        if number is None:
            untied.append(iri)
        else:
            kind = parties.class_names[parties.classes[number]]
            found[iri] = Vertex(key_of(iri) or iri, parties.names[number], kind)
    return found | (_untied(engine, sorted(untied)) if untied else {})


def _untied(engine: Engine, wanted: Sequence[str]) -> dict[str, Vertex]:
    """Return parties that nothing established ties to another."""
    labels: dict[str, str] = {}
    classes: dict[str, set[str]] = defaultdict(set)
    for row in engine.select(query_about("things", wanted)):
        labels[text_of(row, "thing")] = text_of(row, "label")
        classes[text_of(row, "thing")].add(text_of(row, "class"))
    found = {}
    for iri, label in labels.items():
        above = {broader for cls in classes[iri] for broader in superclasses().get(cls, ())}
        # An agent is a buyer or a supplier by what it does, which the drawing shows by its edges.
        kinds = classes[iri] - above - {CG.Buyer, CG.Supplier} or classes[iri]
        found[iri] = Vertex(key_of(iri) or iri, label, min(kinds).removeprefix(CG_NS))
    return found
