"""Services and contracts of a service type or in a place, and the places of the map."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pyoxigraph import NamedNode

from civicgraph.api.own_queries import query, query_about
from civicgraph.api.pages.values import Node, node_of, text_of
from civicgraph.graph.edges.ties.arrays import KINDS, Ties
from civicgraph.graph.engine.interface import Engine, Row
from civicgraph.ontology.terms import SERVICES_NS


@dataclass(frozen=True, slots=True)
class TieLine:
    """A service or contract as one line: of whom, by whom, when."""

    tie: Node
    kind: str
    buyer: Node
    supplier: Node
    start: str
    end: str


@dataclass(frozen=True, slots=True)
class ServiceType:
    """A service type: its names, its definition and its neighbours in the scheme, by relation."""

    iri: str
    label: str
    definition: str
    aliases: tuple[str, ...]
    neighbours: Mapping[str, tuple[Node, ...]]


@dataclass(frozen=True, slots=True)
class PlaceOnMap:
    """A place with its coordinates in degrees, how many bodies have it as their area, and how many suppliers it has."""

    place: Node
    latitude: float
    longitude: float
    bodies: int
    suppliers: int = 0


def ties_about(engine: Engine, ties: Ties, about: str, *, size: int, skip: int = 0) -> list[TieLine]:
    """Return some of the services and contracts of a service type, or of those in a place, by the buyer's name.

    Parameters
    ----------
    engine, ties
        The snapshot, and its ties.
    about
        The service type or place; what lies under it has a page of its own.
    size, skip
        How many to return, after how many.
    """
    if about not in ties.things:
        return []
    here = np.zeros(len(ties.things), dtype=np.bool_)
    here[ties.things.index(about)] = True
    ragged = ties.services if about.startswith(SERVICES_NS) else ties.places
    chosen = (ragged.among(here) > 0) & (ties.kind != KINDS.index("spend")) & (ties.supplier >= 0) & ~ties.planned
    rows = np.flatnonzero(chosen)
    names = ties.parties.names
    order = _by_name(names, ties.buyer[rows]), _by_name(names, ties.supplier[rows])
    rows = rows[np.lexsort((ties.edge[rows], order[1], order[0]))][skip : skip + size]
    if not len(rows):
        return []
    iris = sorted({ties.edges[edge] for edge in ties.edge[rows].tolist()})
    said = {text_of(row, "thing"): row for row in engine.select(query_about("tie-lines", iris))}
    return [_tie_line(ties, row, said) for row in rows.tolist()]


def _by_name(names: Sequence[str], codes: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
    """Return the place of each party among all of them by name."""
    there, inverse = np.unique(codes, return_inverse=True)
    texts = [names[code] for code in there.tolist()]
    rank = np.empty(len(texts), dtype=np.int64)
    rank[sorted(range(len(texts)), key=texts.__getitem__)] = np.arange(len(texts))
    found: npt.NDArray[np.int64] = rank[inverse]
    return found


def _tie_line(ties: Ties, row: int, said: Mapping[str, Row]) -> TieLine:
    parties, iri = ties.parties, ties.edges[int(ties.edge[row])]
    buyer, supplier = int(ties.buyer[row]), int(ties.supplier[row])
    facts = said.get(iri, {})
    return TieLine(
        Node(text_of(facts, "label") or iri, iri),
        KINDS[ties.kind[row]],
        Node(parties.names[buyer], parties.iris[buyer]),
        Node(parties.names[supplier], parties.iris[supplier]),
        text_of(facts, "start"),
        text_of(facts, "end"),
    )


def type_of_service(engine: Engine, iri: str) -> ServiceType | None:
    """Return what a service type is, or None where there is none of that IRI."""
    found: dict[str, list[Node]] = {}
    for row in engine.select(query("service-type"), bind={"type": NamedNode(iri)}):
        found.setdefault(text_of(row, "relation"), []).append(
            Node(text_of(row, "label"), text_of(row, "other") or None)
        )
    if "label" not in found:
        return None
    return ServiceType(
        iri=iri,
        label=found["label"][0].text,
        definition=" ".join(node.text for node in found.get("definition", ())),
        aliases=tuple(node.text for node in found.get("alias", ())),
        neighbours={name: tuple(nodes) for name, nodes in found.items() if name[0].isupper()},
    )


def places_on_map(rows: Iterable[Row]) -> list[PlaceOnMap]:
    """Return the places that have coordinates, as the query `map` finds them, by name."""
    found: dict[str, PlaceOnMap] = {}
    for row in rows:
        place = PlaceOnMap(
            node_of(row, "place", "label"),
            float(text_of(row, "latitude")),
            float(text_of(row, "longitude")),
            int(text_of(row, "bodies")),
        )
        found.setdefault(text_of(row, "place"), place)
    return list(found.values())
