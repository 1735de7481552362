"""Services and contracts of a service type or in a place, and the places of the map."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pyoxigraph import NamedNode

from civicgraph.api.own_queries import query, query_about, sql
from civicgraph.api.pages.values import Node, node_of, text_of
from civicgraph.graph.edges.account import pounds
from civicgraph.graph.edges.table import EdgeTable
from civicgraph.graph.engine.interface import Engine, Row


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
class Ceiling:
    """What a contract may cost and what was paid under it, in units of its currency and in pounds.

    `paid` counts in figures, `not_counted` does not, such as refunds; `vat` and `paid_vat` are `net`, `gross` or empty.
    """

    value: Decimal | None
    currency: str | None
    vat: str
    paid: Decimal
    payments: int
    not_counted: Decimal
    first: date
    last: date
    paid_vat: str

    @property
    def left(self) -> Decimal | None:
        """What is left to pay, in pounds; None where the ceiling is not in pounds."""
        return None if self.value is None or self.currency != "GBP" else self.value - self.paid


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
    """A place with its coordinates in degrees, how many bodies have it as their area, and what is bought for it.

    `pounds` count in figures; `hhi` is of its suppliers by these, 0 to 10,000.
    """

    place: Node
    latitude: float
    longitude: float
    bodies: int
    suppliers: int = 0
    pounds: float = 0.0
    hhi: float | None = None


def ties_about(engine: Engine, table: EdgeTable, about: str, *, size: int, skip: int = 0) -> list[TieLine]:
    """Return some of the services and contracts of a service type, or of those in a place, by the buyer's name.

    Parameters
    ----------
    engine, table
        The snapshot, and its edge table.
    about
        The service type or place; what lies under it has a page of its own.
    size, skip
        How many to return, after how many.
    """
    found = table.rows(sql("records_about"), {"about": about, "size": size, "skip": skip})
    if not found:
        return []
    said = {
        text_of(row, "thing"): row for row in engine.select(query_about("tie-lines", sorted({one[0] for one in found})))
    }
    return [
        TieLine(
            Node(text_of(said.get(record, {}), "label") or record, record),
            kind,
            Node(buyer_name, buyer),
            Node(supplier_name, supplier),
            text_of(said.get(record, {}), "start"),
            text_of(said.get(record, {}), "end"),
        )
        for record, kind, buyer, buyer_name, supplier, supplier_name in found
    ]


def ceiling_of(table: EdgeTable, contract: str) -> Ceiling | None:
    """Return what a contract may cost and what was paid under it; None where no payments are known to be under it."""
    found = table.rows(sql("ceiling_of"), {"contract": contract})
    if not found:
        return None
    value, currency, vat, paid, payments, others, first, last, paid_vat = found[0]
    known = None if value is None else pounds(value)
    return Ceiling(known, currency, vat, pounds(paid), payments, pounds(others), first, last, paid_vat)


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
