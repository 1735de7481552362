"""The terms that Python names are those of the Turtle."""

from rdflib import OWL, RDF

from civicgraph.ontology.read import vocabulary
from civicgraph.ontology.terms import CG, CG_NS

KINDS = (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty, OWL.NamedIndividual)


def in_python() -> dict[str, str]:
    return {name: value for name, value in vars(CG).items() if not name.startswith("__")}


def in_turtle() -> set[str]:
    graph = vocabulary()
    return {str(s) for kind in KINDS for s in graph.subjects(RDF.type, kind) if str(s).startswith(CG_NS)}


def test_what_python_names_is_in_the_turtle() -> None:
    assert set(in_python().values()) - in_turtle() == set()


def test_a_term_has_the_name_of_its_iri() -> None:
    # `from` is a word of Python's own.
    assert {name: value for name, value in in_python().items() if value != CG_NS + name} == {"from_": CG_NS + "from"}


def test_nothing_is_said_of_a_term_that_is_not_declared() -> None:
    graph = vocabulary()
    used = {str(node) for triple in graph for node in triple if str(node).startswith(CG_NS)} - {CG_NS}
    assert used - in_turtle() == set()
