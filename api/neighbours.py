"""The network around one organisation: its neighbours and what ties it to each, added up, in every view."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Final

from pyoxigraph import NamedNode

from civicgraph.api.own_queries import query, query_about
from civicgraph.api.ties import ROLES, SIDES, Kind, Side
from civicgraph.api.values import text_of
from civicgraph.graph.iris import key_of
from civicgraph.graph.store.engine import Engine, Term
from civicgraph.ontology.read import superclasses
from civicgraph.ontology.terms import CG, CG_NS

VIEWS: Final[Mapping[str, str]] = {"established": CG.established, "plans": CG.plans, "rumours": CG.rumours}
"""The views that ties are drawn from, by what they are called."""

_CERTAINTIES: Final = ("asserted", "reported", "speculative")


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

    def as_json(self) -> dict[str, object]:
        """Return it as the page's script reads it."""
        return asdict(self)


def neighbourhood(engine: Engine, iri: str, limit: int) -> Neighbourhood | None:
    """Return a party's neighbours, the `limit` largest by value and number of ties; None for what is no party.

    Parameters
    ----------
    engine
        The snapshot.
    iri
        The organisation or sector.
    limit
        How many neighbours to return at most.
    """
    found = list(_edges(engine, iri))
    weight: dict[str, tuple[float, int]] = defaultdict(lambda: (0.0, 0))
    for other, edge in found:
        value, ties = weight[other]
        weight[other] = value + edge.value, ties + edge.ties
    largest = sorted(weight, key=lambda other: (-weight[other][0], -weight[other][1], other))[:limit]
    kept = set(largest)
    edges = tuple(edge for other, edge in found if other in kept)
    vertices = _vertices(engine, [iri, *largest])
    if iri not in vertices:
        return None
    marks = {mark for edge in edges for mark in (*edge.services, *edge.places)}
    names = {iri: vertex.label for iri, vertex in _vertices(engine, marks).items()}
    return Neighbourhood(
        centre=vertices[iri],
        vertices=tuple(vertices[other] for other in largest if other in vertices),
        edges=tuple(edge for edge in edges if edge.buyer != edge.supplier),
        names=dict(sorted(names.items())),
        total=len(weight),
    )


def _edges(engine: Engine, iri: str) -> Iterable[tuple[str, Edge]]:
    for side in SIDES:
        for view, graph in VIEWS.items():
            for kind in ROLES:
                yield from _ties(engine, iri, side, kind, (view, graph))
        yield from _money(engine, iri, side)


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
                certainty=max(certainties, key=_CERTAINTIES.index, default="asserted"),
            ),
        )


def _money(engine: Engine, iri: str, side: Side) -> Iterable[tuple[str, Edge]]:
    mine, theirs = (CG.buyer, CG.supplier) if side == "buyer" else (CG.supplier, CG.buyer)
    bind = {"party": NamedNode(iri), "mine": NamedNode(mine), "theirs": NamedNode(theirs)}
    for row in engine.select(query("money"), bind=bind):
        if row["guard"] is None:
            other = text_of(row, "other")
            yield (
                other,
                Edge(
                    *_parties(iri, other, side),
                    kind="spend",
                    view="established",
                    ties=int(text_of(row, "periods")),
                    value=float(text_of(row, "total") or 0),
                    start=text_of(row, "first"),
                    end=text_of(row, "last"),
                    services=(),
                    places=(),
                    certainty="asserted",
                ),
            )


def _parties(iri: str, other: str, side: Side) -> tuple[str, str]:
    mine, theirs = key_of(iri) or iri, key_of(other) or other
    return (mine, theirs) if side == "buyer" else (theirs, mine)


def _vertices(engine: Engine, things: Iterable[str]) -> dict[str, Vertex]:
    wanted = sorted(set(things))
    labels: dict[str, str] = {}
    classes: dict[str, set[str]] = defaultdict(set)
    for row in engine.select(query_about("things", wanted)) if wanted else ():
        labels[text_of(row, "thing")] = text_of(row, "label")
        classes[text_of(row, "thing")].add(text_of(row, "class"))
    found = {}
    for iri, label in labels.items():
        above = {broader for cls in classes[iri] for broader in superclasses().get(cls, ())}
        # An agent is a buyer or a supplier by what it does, which the drawing shows by its edges.
        kinds = classes[iri] - above - {CG.Buyer, CG.Supplier} or classes[iri]
        found[iri] = Vertex(key_of(iri) or iri, label, min(kinds).removeprefix(CG_NS))
    return found
