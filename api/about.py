"""Services and contracts of a service type or in a place, and the places of the map."""

from collections.abc import Mapping
from dataclasses import dataclass

from pyoxigraph import NamedNode

from civicgraph.api.own_queries import page_of, query
from civicgraph.api.values import Node, node_of, text_of
from civicgraph.graph.store.engine import Engine
from civicgraph.ontology.terms import CG, SERVICES_NS


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
    """A place with its coordinates in degrees, the bodies whose area it is, and their suppliers, counted."""

    place: Node
    latitude: float
    longitude: float
    bodies: int
    suppliers: int


def ties_about(engine: Engine, about: str, *, size: int, skip: int = 0) -> list[TieLine]:
    """Return some of the services and contracts of a service type, or of those in a place, by the buyer's name."""
    prop = CG.serviceType if about.startswith(SERVICES_NS) else CG.areaServed
    bind = {"about": NamedNode(about), "property": NamedNode(prop)}
    return [
        TieLine(
            node_of(row, "tie", "label"),
            "contract" if text_of(row, "contract") == "true" else "service",
            node_of(row, "buyer"),
            node_of(row, "supplier"),
            text_of(row, "start"),
            text_of(row, "end"),
        )
        for row in engine.select(page_of(query("ties-about"), size, skip), bind=bind)
    ]


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


def places_on_map(engine: Engine) -> list[PlaceOnMap]:
    """Return the places that have coordinates, by name."""
    found: dict[str, PlaceOnMap] = {}
    for row in engine.select(query("map")):
        place = PlaceOnMap(
            node_of(row, "place", "label"),
            float(text_of(row, "latitude")),
            float(text_of(row, "longitude")),
            int(text_of(row, "bodies")),
            int(text_of(row, "suppliers")),
        )
        found.setdefault(text_of(row, "place"), place)
    return list(found.values())
