"""The ontology laid out for a page: sections of terms with what a reader wants to know of each."""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from civicgraph.ontology.read import PREFIXES, vocabulary
from civicgraph.ontology.schemes import delivery_scheme, service_scheme
from civicgraph.ontology.terms import CG, CG_NS, DELIVERY_NS, SERVICES_NS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rdflib import Graph
    from rdflib.term import Node

_OWL: Final = PREFIXES["owl"]
_RDFS: Final = PREFIXES["rdfs"]
_SKOS: Final = PREFIXES["skos"]
_SCHEMA: Final = "http://schema.org/"

_SECTIONS: Final = {
    "Classes": _OWL + "Class",
    "Links between things": _OWL + "ObjectProperty",
    "Numbers, dates and texts": _OWL + "DatatypeProperty",
    "How terms are described": _OWL + "AnnotationProperty",
    "Marks, views and graphs": _OWL + "NamedIndividual",
}
_ABOVE: Final = (_RDFS + "subClassOf", _RDFS + "subPropertyOf", _SKOS + "broader")
_MATCHES: Final = tuple(
    _SKOS + name for name in ("exactMatch", "closeMatch", "narrowMatch", "broadMatch", "relatedMatch")
)


@dataclass(frozen=True, slots=True, order=True)
class Link:
    """A term that another refers to: its name for people, and its IRI."""

    label: str
    iri: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One term. What does not apply to its kind is empty."""

    anchor: str
    iri: str
    name: str
    label: str
    definition: str
    derived: bool = False
    notes: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    kinds: tuple[Link, ...] = ()
    broader: tuple[Link, ...] = ()
    narrower: tuple[Link, ...] = ()
    domains: tuple[Link, ...] = ()
    ranges: tuple[Link, ...] = ()
    inverses: tuple[Link, ...] = ()
    alignments: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """Terms of one kind, in the order of their labels."""

    title: str
    entries: tuple[Entry, ...]


@cache
def vocabulary_sections() -> tuple[Section, ...]:
    """Return the ontology's terms and the service types, a section for each kind of term.

    >>> for section in vocabulary_sections():
    ...     print(f"{section.title}: {section.entries[0].label}, {section.entries[1].label}, ...")
    Classes: acquisition, agent, ...
    Links between things: acquired, acquirer, ...
    Numbers, dates and texts: aim, amount, ...
    How terms are described: derived, lower bound, ...
    Marks, views and graphs: affirmed, asserted, ...
    Service types: Accounts payable, Adoption management, ...
    Delivery models: Cloud, In house, ...
    """
    from rdflib import RDF, SKOS, URIRef  # noqa: PLC0415 - half a second that most commands need not spend

    graph, scheme = vocabulary(), service_scheme()
    sections = [
        Section(title, _entries(graph, filter(_is_ours, graph.subjects(RDF.type, URIRef(kind)))))
        for title, kind in _SECTIONS.items()
    ]
    models = delivery_scheme()
    delivery = (node for node in models.subjects(RDF.type, URIRef(CG.DeliveryModel)))
    return (
        *sections,
        Section("Service types", _entries(scheme, scheme.subjects(RDF.type, SKOS.Concept))),
        Section("Delivery models", _entries(models, delivery)),
    )


def _is_ours(node: "Node") -> bool:
    return str(node).startswith((CG_NS, SERVICES_NS, DELIVERY_NS))


def _entries(graph: "Graph", subjects: "Iterable[Node]") -> tuple[Entry, ...]:
    return tuple(sorted((_entry(graph, subject) for subject in subjects), key=lambda e: (e.label.casefold(), e.iri)))


def _entry(graph: "Graph", subject: "Node") -> Entry:
    from rdflib import URIRef  # noqa: PLC0415

    def nodes(*predicates: str) -> "list[Node]":
        return [node for predicate in predicates for node in graph.objects(subject, URIRef(predicate))]

    def texts(*predicates: str) -> tuple[str, ...]:
        return tuple(sorted(map(str, nodes(*predicates)), key=str.casefold))

    def links(*predicates: str, ours: bool | None = None) -> tuple[Link, ...]:
        return tuple(sorted({_link(graph, node) for node in nodes(*predicates) if ours in (None, _is_ours(node))}))

    iri, name = str(subject), _link(graph, subject)
    local = iri.removeprefix(CG_NS)
    is_type = iri.startswith((SERVICES_NS, DELIVERY_NS))
    prefix, kind = ("cgs", "service") if iri.startswith(SERVICES_NS) else ("cgd", "delivery")
    slug = iri.rpartition("#")[2]
    return Entry(
        anchor=f"{kind}-{slug}" if is_type else local,
        iri=iri,
        name=f"{prefix}:{slug}" if is_type else f"cg:{local}",
        label=name.label,
        definition=" ".join(texts(_SKOS + "definition")),
        derived=bool(nodes(CG.derived)),
        notes=texts(_SKOS + "scopeNote", _SKOS + "example"),
        aliases=texts(_SKOS + "altLabel"),
        kinds=() if is_type else links(PREFIXES["rdf"] + "type", ours=True),
        broader=links(*_ABOVE, ours=True),
        narrower=links(_SKOS + "narrower", ours=True) + _below(graph, subject),
        domains=links(_RDFS + "domain", _SCHEMA + "domainIncludes"),
        ranges=links(_RDFS + "range", _SCHEMA + "rangeIncludes"),
        inverses=links(_OWL + "inverseOf", ours=True),
        alignments=links(*_ABOVE, _RDFS + "seeAlso", *_MATCHES, ours=False),
    )


def _below(graph: "Graph", subject: "Node") -> tuple[Link, ...]:
    from rdflib import RDFS  # noqa: PLC0415

    found = [*graph.subjects(RDFS.subClassOf, subject), *graph.subjects(RDFS.subPropertyOf, subject)]
    return tuple(sorted({_link(graph, node) for node in found}))


def _link(graph: "Graph", node: "Node") -> Link:
    """Name a term by its label, or by its short form where it belongs to another vocabulary."""
    from rdflib import RDFS, SKOS  # noqa: PLC0415

    iri = str(node)
    label = graph.value(node, SKOS.prefLabel) or graph.value(node, RDFS.label)
    if label is not None and _is_ours(node):
        return Link(str(label), iri)
    return Link(node.n3(graph.namespace_manager).strip("<>"), iri)
