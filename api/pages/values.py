"""Values of query results as a page shows them."""

from dataclasses import dataclass
from decimal import Decimal

from pyoxigraph import Literal, NamedNode

from civicgraph.graph.engine.interface import Row
from civicgraph.ontology.read import PREFIXES, properties
from civicgraph.ontology.terms import CG_NS


@dataclass(frozen=True, slots=True)
class Node:
    """A value on a page: its text, and its IRI where it is a thing."""

    text: str
    iri: str | None = None


def text_of(row: Row, name: str) -> str:
    """Return a variable's value as text; empty where it is unbound or not selected."""
    term = row.get(name)
    return "" if term is None else term.value


def node_of(row: Row, name: str, label: str | None = None) -> Node:
    """Return a variable's value with its label, which stands in `label`, or else in the variable's name with Label."""
    term, named = row.get(name), row.get(f"{name}Label" if label is None else label)
    if isinstance(term, NamedNode):
        return Node(named.value if named is not None else local_name(term.value), term.value)
    return Node("" if term is None else readable(term))


def readable(literal: Literal) -> str:
    """Return a literal as it is read, decimals with their thousands set off."""
    if literal.datatype.value == PREFIXES["xsd"] + "decimal":
        return f"{Decimal(literal.value):,}"
    return literal.value


def is_iri(text: str) -> bool:
    """Return whether a text can be the IRI of anything.

    >>> is_iri("https://example.org/a"), is_iri("https://example.org/<a>")
    (True, False)
    """
    try:
        NamedNode(text)
    except ValueError:
        return False
    return True


def local_name(iri: str) -> str:
    """Return the last part of an IRI.

    >>> local_name("https://w3id.org/civicgraph/ontology#Council")
    'Council'
    """
    return iri.rpartition("#")[2].rpartition("/")[2]


def property_label(iri: str) -> str:
    """Return what a page calls a property.

    >>> property_label("https://w3id.org/civicgraph/ontology#servedBy")
    'served by'
    """
    if iri == PREFIXES["rdf"] + "type":
        return "is a"
    term = properties().get(iri.removeprefix(CG_NS))
    return local_name(iri) if term is None else term.label
