"""The ontology laid out for a page: sections of terms with what a reader wants to know of each."""

from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import yaml

from civicgraph.ontology.read import PREFIXES, read_text, vocabulary
from civicgraph.ontology.schemes import delivery_scheme, service_scheme
from civicgraph.ontology.terms import CG, CG_NS, DELIVERY_NS, SERVICES_NS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rdflib import Graph, URIRef
    from rdflib.term import Node

_PREFIXES: Final = {**PREFIXES, "schema": "http://schema.org/"}


class Link(NamedTuple):
    """A term that another refers to: its name for people, and its IRI."""

    label: str
    iri: str


@cache
def vocabulary_sections() -> "Mapping[str, Sequence[Mapping[str, Any]]]":
    """Return the ontology's terms and the service types by kind of term, in the order of their labels.

    Each has `anchor`, `iri`, `name`, `label` and `definition`, whether it is `derived`, and the texts and links that
    `page.yaml` says. What does not apply to its kind is empty.

    >>> for title, entries in vocabulary_sections().items():
    ...     print(f"{title}: {entries[0]['label']}, {entries[1]['label']}, ...")
    Classes: acquisition, agent, ...
    Links between things: acquired, acquirer, ...
    Numbers, dates and texts: aim, amount, ...
    How terms are described: derived, lower bound, ...
    Marks, views and graphs: affirmed, asserted, ...
    Service types: Accounts payable, Adoption management, ...
    Delivery models: Cloud, In house, ...
    """
    from rdflib import RDF, SKOS, URIRef  # noqa: PLC0415 - half a second that most commands need not spend

    graph, models = vocabulary(), delivery_scheme()
    subjects: dict[str, tuple[Graph, Iterable[Node]]] = {
        title: (graph, filter(_is_ours, graph.subjects(RDF.type, _term(kind))))
        for title, kind in _layout()["sections"].items()
    }
    subjects["Service types"] = service_scheme(), service_scheme().subjects(RDF.type, SKOS.Concept)
    subjects["Delivery models"] = models, models.subjects(RDF.type, URIRef(CG.DeliveryModel))
    return {
        title: sorted((_entry(of, one) for one in found), key=lambda entry: (entry["label"].casefold(), entry["iri"]))
        for title, (of, found) in subjects.items()
    }


@cache
def _layout() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load(read_text("page.yaml"))
    return found


def _term(name: str) -> "URIRef":
    from rdflib import URIRef  # noqa: PLC0415

    prefix, _, local = name.partition(":")
    return URIRef(_PREFIXES[prefix] + local)


def _is_ours(node: "Node") -> bool:
    return str(node).startswith((CG_NS, SERVICES_NS, DELIVERY_NS))


def _entry(graph: "Graph", subject: "Node") -> dict[str, Any]:
    from rdflib import RDF, RDFS, SKOS, URIRef  # noqa: PLC0415

    def nodes(names: "Iterable[str]") -> "list[Node]":
        return [node for name in names for node in graph.objects(subject, _term(name))]

    def texts(*names: str) -> tuple[str, ...]:
        return tuple(sorted(map(str, nodes(names)), key=str.casefold))

    def links(found: "Iterable[Node]", *, ours: bool | None = True) -> tuple[Link, ...]:
        return tuple(sorted({_link(graph, node) for node in found if ours in (None, _is_ours(node))}))

    below = [*graph.subjects(RDFS.subClassOf, subject), *graph.subjects(RDFS.subPropertyOf, subject)]
    shown: dict[str, Any] = {column: texts(*names) for column, names in _layout()["texts"].items()}
    for part, ours in (("links", True), ("others", False), ("all", None)):
        shown |= {column: links(nodes(names), ours=ours) for column, names in _layout()[part].items()}
    iri, name = str(subject), _link(graph, subject)
    local = iri.removeprefix(CG_NS)
    is_type = iri.startswith((SERVICES_NS, DELIVERY_NS))
    prefix, kind = ("cgs", "service") if iri.startswith(SERVICES_NS) else ("cgd", "delivery")
    slug = iri.rpartition("#")[2]
    return {
        "anchor": f"{kind}-{slug}" if is_type else local,
        "iri": iri,
        "name": f"{prefix}:{slug}" if is_type else f"cg:{local}",
        "label": name.label,
        "definition": " ".join(texts("skos:definition")),
        "derived": graph.value(subject, URIRef(CG.derived)) is not None,
        "kinds": () if is_type else links(graph.objects(subject, RDF.type)),
        "narrower": links(graph.objects(subject, SKOS.narrower)) + links(below, ours=None),
        **shown,
    }


def _link(graph: "Graph", node: "Node") -> Link:
    """Name a term by its label, or by its short form where it belongs to another vocabulary."""
    from rdflib import RDFS, SKOS  # noqa: PLC0415

    iri = str(node)
    label = graph.value(node, SKOS.prefLabel) or graph.value(node, RDFS.label)
    if label is not None and _is_ours(node):
        return Link(str(label), iri)
    return Link(node.n3(graph.namespace_manager).strip("<>"), iri)
