"""The ontology laid out for a page: sections of terms with what a reader wants to know of each."""

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Final

from civicgraph.ontology.read import PREFIXES, service_scheme, vocabulary
from civicgraph.ontology.terms import CG, CG_NS, SERVICES_NS

if TYPE_CHECKING:
    from rdflib import Graph, URIRef
    from rdflib.term import Node

_OWL: Final = PREFIXES["owl"]
_RDF: Final = PREFIXES["rdf"]
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
_MATCHES: Final = tuple(_SKOS + name for name in ("exactMatch", "closeMatch", "narrowMatch", "broadMatch"))


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
    entries: tuple[Entry, ...] = field(repr=False)


@cache
def vocabulary_sections() -> tuple[Section, ...]:
    """Return the ontology's terms and the service types, a section for each kind of term.

    >>> for section in vocabulary_sections():
    ...     print(section.title, [entry.label for entry in section.entries][:2])
    Classes ['Acquisition', 'Agent']
    """
    from rdflib import RDF, SKOS, URIRef  # noqa: PLC0415 - half a second that most commands need not spend

    graph, scheme = vocabulary(), service_scheme()
    sections = [
        Section(title, _entries(graph, [s for s in graph.subjects(RDF.type, URIRef(kind)) if s.startswith(CG_NS)]))
        for title, kind in _SECTIONS.items()
    ]
    types = _entries(scheme, list(scheme.subjects(RDF.type, SKOS.Concept)))
    return (*sections, Section("Service types", types))
