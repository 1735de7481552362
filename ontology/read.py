"""Read the ontology's own files: vocabulary, service scheme, view table, shapes and rules."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final, Literal

from civicgraph.ontology.terms import CG, CG_NS, DELIVERY_NS, SERVICES_NS

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from rdflib import Graph

ONTOLOGY_IRI: Final = "https://w3id.org/civicgraph/ontology"
"""The ontology's IRI, and the name of the graph that holds the ontology in every snapshot."""

ONTOLOGY_VERSION: Final = "0.2.0"
"""The ontology's version; a test holds it equal to the Turtle."""
ONTOLOGY_FILES: Final = ("civicgraph.ttl", "procurement.ttl", "views.ttl")
"""The files that together are the ontology: its two parts and the table of views."""

SHAPES_FILES: Final = ("shapes.ttl", "shapes-procurement.ttl")
"""The files that together are the SHACL shapes."""

PREFIXES: Final = {
    "cg": CG_NS,
    "cgs": SERVICES_NS,
    "cgd": DELIVERY_NS,
    "dct": "http://purl.org/dc/terms/",
    "edtf": "http://id.loc.gov/datatypes/edtf/",
    "oa": "http://www.w3.org/ns/oa#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
"""The prefixes that every query, page and Turtle export of the project uses."""

_HERE: Final = files("civicgraph.ontology")
_RANGE_INCLUDES: Final = "http://schema.org/rangeIncludes"


@dataclass(frozen=True, slots=True)
class Rule:
    """One derivation rule: a SPARQL update with the name of its file."""

    name: str
    sparql: str


@dataclass(frozen=True, slots=True)
class IntegrityRule:
    """A SPARQL SELECT that finds what must not be: ?focus, and where it helps ?detail."""

    name: str
    message: str
    severity: Literal["Violation", "Warning"]
    sparql: str


@dataclass(frozen=True, slots=True)
class Term:
    """What a loader needs to know of a property to read its values."""

    iri: str
    label: str
    range: str | None
    is_link: bool
    is_derived: bool
    lower_bound: str | None
    upper_bound: str | None

    @property
    def is_date(self) -> bool:
        """Whether the values are dates: a day, or EDTF text with derived bounds."""
        return self.lower_bound is not None


def read_text(name: str) -> str:
    """Return one of the ontology's files as text.

    Parameters
    ----------
    name
        The file's name below the package, such as ``civicgraph.ttl`` or ``rules/31-as-of.ru``.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    """
    return _HERE.joinpath(name).read_text(encoding="utf-8")


def rules(folder: Literal["rules", "rules_of_records"] = "rules") -> tuple[Rule, ...]:
    """Return the derivation rules, or those that are applied once all records are loaded, in their order.

    >>> rules()[0].name, rules("rules_of_records")[0].name
    ('01-one-label', '61-one-value')
    """
    return tuple(Rule(name, sparql) for name, sparql in _texts(folder, ".ru"))


def integrity_rules() -> tuple[IntegrityRule, ...]:
    """Return the queries that a sound snapshot answers with nothing, in the order of their files.

    Each begins with the line ``# message:`` and may go on with ``# severity: Warning``.

    Raises
    ------
    ValueError
        A file does not begin with its message.

    Examples
    --------
    >>> integrity_rules()[0].name
    '11-claim-missing-from-view'
    """
    found = []
    for name, sparql in _texts("integrity", ".rq"):
        header = dict(line[2:].split(": ", 1) for line in sparql.splitlines() if line.startswith("# ") and ": " in line)
        if "message" not in header:
            msg = f"integrity/{name}.rq has no line '# message: ...'"
            raise ValueError(msg)
        severity: Literal["Violation", "Warning"] = "Warning" if header.get("severity") == "Warning" else "Violation"
        found.append(IntegrityRule(name, header["message"], severity, sparql))
    return tuple(found)


def _texts(folder: str, ending: str) -> list[tuple[str, str]]:
    found: list[Traversable] = sorted(_HERE.joinpath(folder).iterdir(), key=lambda file: file.name)
    return [
        (file.name.removesuffix(ending), file.read_text(encoding="utf-8"))
        for file in found
        if file.name.endswith(ending)
    ]


@cache
def vocabulary() -> "Graph":
    """Return the ontology (classes, properties, individuals) as an rdflib graph. Not to be changed."""
    return graph_of(*map(read_text, ONTOLOGY_FILES[:2]))


@cache
def shapes() -> "Graph":
    """Return the SHACL shapes as an rdflib graph. Not to be changed."""
    return graph_of(*map(read_text, SHAPES_FILES))


def graph_of(*texts: str) -> "Graph":
    """Return an rdflib graph of some Turtle."""
    from rdflib import Graph  # noqa: PLC0415 - half a second that most commands need not spend

    graph = Graph(bind_namespaces="none")
    for text in texts:
        graph.parse(data=text, format="turtle")
    return graph


@cache
def properties() -> dict[str, Term]:
    """Return the ontology's object and datatype properties by local name.

    >>> properties()["provider"].is_link, properties()["start"].is_date
    (True, True)
    """
    from rdflib import OWL, RDF, RDFS, URIRef  # noqa: PLC0415

    graph = vocabulary()

    def value(subject: URIRef, predicate: URIRef) -> str | None:
        found = graph.value(subject, predicate)
        return None if found is None else str(found)

    def only(subject: URIRef, predicate: URIRef) -> str | None:
        found = [str(each) for each in graph.objects(subject, predicate)]
        return found[0] if len(found) == 1 else None

    terms = {}
    for kind in (OWL.ObjectProperty, OWL.DatatypeProperty):
        for subject in graph.subjects(RDF.type, kind):
            if isinstance(subject, URIRef) and subject.startswith(CG_NS):
                terms[subject.removeprefix(CG_NS)] = Term(
                    iri=str(subject),
                    label=value(subject, RDFS.label) or str(subject),
                    range=value(subject, RDFS.range) or only(subject, URIRef(_RANGE_INCLUDES)),
                    is_link=kind == OWL.ObjectProperty,
                    is_derived=value(subject, URIRef(CG.derived)) == "true",
                    lower_bound=value(subject, URIRef(CG.lowerBound)),
                    upper_bound=value(subject, URIRef(CG.upperBound)),
                )
    return terms


@cache
def classes() -> frozenset[str]:
    """Return the local names of the ontology's classes.

    >>> "Council" in classes()
    True
    """
    from rdflib import OWL, RDF  # noqa: PLC0415

    return frozenset(
        str(subject).removeprefix(CG_NS)
        for subject in vocabulary().subjects(RDF.type, OWL.Class)
        if str(subject).startswith(CG_NS)
    )


@cache
def class_labels() -> dict[str, str]:
    """Return the label of each class of the ontology by its IRI.

    >>> class_labels()[CG.SharedServiceCentre]
    'shared service centre'
    """
    from rdflib import RDFS, URIRef  # noqa: PLC0415

    return {CG_NS + name: str(vocabulary().value(URIRef(CG_NS + name), RDFS.label)) for name in sorted(classes())}


@cache
def superclasses() -> dict[str, frozenset[str]]:
    """Return the classes above each class of the ontology, through any number of steps, by IRI.

    >>> sorted(local.rpartition("#")[2] for local in superclasses()[CG.Council])
    ['Agent', 'Organisation', 'PublicBody']
    """
    from rdflib import RDFS, URIRef  # noqa: PLC0415

    graph = vocabulary()
    found = {}
    for name in classes():
        above = graph.transitive_objects(URIRef(CG_NS + name), RDFS.subClassOf)
        found[CG_NS + name] = frozenset(str(cls) for cls in above if str(cls).startswith(CG_NS)) - {CG_NS + name}
    return found
