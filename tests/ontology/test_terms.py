"""The terms that Python names are those of the Turtle."""

import re
from pathlib import Path

import pytest
from rdflib import OWL, RDF

import civicgraph.ontology.read
from civicgraph.ontology.read import vocabulary
from civicgraph.ontology.terms import CG, CG_NS, declared

KINDS = (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty, OWL.NamedIndividual)
ROOMS = [
    Path(civicgraph.ontology.read.__file__).parents[1] / room for room in ("ontology", "graph", "seeds_loader", "api")
]


def in_turtle() -> set[str]:
    graph = vocabulary()
    return {str(s) for kind in KINDS for s in graph.subjects(RDF.type, kind) if str(s).startswith(CG_NS)}


def test_the_terms_are_those_of_the_turtle() -> None:
    assert {CG_NS + name for name in declared()} == in_turtle()


def test_what_python_names_is_in_the_turtle() -> None:
    named = {
        name
        for room in ROOMS
        for file in room.rglob("*.py")
        for name in re.findall(r"\bCG\.(\w+)", file.read_text(encoding="utf-8"))
    }
    assert len(named) > 50
    assert {name.removesuffix("_") for name in named} - declared() == set()


def test_a_term_is_its_iri_and_a_misspelt_one_an_error() -> None:
    assert (CG.Contract, CG.from_) == (CG_NS + "Contract", CG_NS + "from")
    with pytest.raises(AttributeError, match="no term cg:contracct"):
        _ = CG.contracct


def test_nothing_is_said_of_a_term_that_is_not_declared() -> None:
    graph = vocabulary()
    used = {str(node) for triple in graph for node in triple if str(node).startswith(CG_NS)} - {CG_NS}
    assert used - in_turtle() == set()
