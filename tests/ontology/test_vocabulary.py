"""The Turtle is a sound OWL 2 DL ontology that explains itself."""

from collections import Counter

import pyhornedowl
import pytest
from pyhornedowl.profile import check_profile
from rdflib import OWL, RDF, RDFS, SKOS, XSD, BNode, Graph, Literal, Namespace, URIRef

from civicgraph.ontology.read import ONTOLOGY_FILES, read_text, vocabulary
from civicgraph.ontology.terms import CG, CG_NS

SCHEMA = Namespace("http://schema.org/")
SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
PROV = Namespace("http://www.w3.org/ns/prov#")
PROPERTIES = (OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty)
KINDS = (OWL.Class, RDFS.Datatype, *PROPERTIES)
# https://www.w3.org/TR/owl2-syntax/#Datatype_Maps, as far as it is used.
OWL_DATATYPES = {XSD.string, XSD.decimal, XSD.integer, XSD.boolean, RDF.langString}


def ours(kind: URIRef) -> set[URIRef]:
    return {s for s in vocabulary().subjects(RDF.type, kind) if isinstance(s, URIRef) and s.startswith(CG_NS)}


def terms() -> list[URIRef]:
    return sorted(set().union(*map(ours, (*KINDS, OWL.NamedIndividual))))


@pytest.mark.parametrize("predicate", [RDFS.label, SKOS.definition])
def test_every_term_has_one_english_label_and_one_definition(predicate: URIRef) -> None:
    graph = vocabulary()
    found = {term: list(graph.objects(term, predicate)) for term in terms()}
    wrong = {
        term: texts
        for term, texts in found.items()
        if len(texts) != 1 or not isinstance(texts[0], Literal) or texts[0].language != "en" or not texts[0].strip()
    }
    assert wrong == {}


@pytest.mark.parametrize("kinds", [[OWL.Class, RDFS.Datatype], PROPERTIES, [OWL.NamedIndividual]])
def test_labels_tell_terms_of_one_kind_apart(kinds: list[URIRef]) -> None:
    labels = Counter(str(vocabulary().value(term, RDFS.label)) for kind in kinds for term in ours(kind))
    assert [label for label, count in labels.items() if count > 1] == []


def test_every_property_says_what_it_is_for() -> None:
    graph = vocabulary()
    classes = set(graph.subjects(RDF.type, OWL.Class))
    datatypes = OWL_DATATYPES | {XSD.date, XSD.duration} | set(graph.subjects(RDF.type, RDFS.Datatype))
    wrong = []
    for kind, values in ((OWL.ObjectProperty, classes), (OWL.DatatypeProperty, datatypes)):
        for term in ours(kind):
            domains = [*graph.objects(term, RDFS.domain), *graph.objects(term, SCHEMA.domainIncludes)]
            ranges = [*graph.objects(term, RDFS.range), *graph.objects(term, SCHEMA.rangeIncludes)]
            if not domains or not ranges or set(domains) - classes or set(ranges) - values:
                wrong.append(term)
    assert wrong == []


def test_a_property_has_one_domain_or_several_that_it_includes_not_both() -> None:
    # Several rdfs:domain would mean all of them at once.
    graph = vocabulary()
    for term in set().union(*map(ours, PROPERTIES)):
        for strict, loose in ((RDFS.domain, SCHEMA.domainIncludes), (RDFS.range, SCHEMA.rangeIncludes)):
            count = len(list(graph.objects(term, strict)))
            assert count <= 1, term
            assert not count or graph.value(term, loose) is None, term


def test_everything_used_is_declared_once_and_as_one_kind() -> None:
    graph = vocabulary()
    declared = Counter(s for kind in KINDS for s in graph.subjects(RDF.type, kind))
    assert [s for s, count in declared.items() if count > 1] == []
    built_in = {
        RDF.type,
        *map(URIRef, (RDFS.label, RDFS.subClassOf, RDFS.subPropertyOf, RDFS.domain, RDFS.range, RDFS.seeAlso)),
    }
    predicates = {p for p in graph.predicates() if not str(p).startswith(str(OWL))}
    assert predicates - built_in - set(declared) == set()
    classes = {o for p in (RDFS.subClassOf, RDFS.domain) for o in graph.objects(None, p)}
    types = {o for o in graph.objects(None, RDF.type) if not str(o).startswith((str(OWL), str(RDFS)))}
    assert (classes | types) - set(graph.subjects(RDF.type, OWL.Class)) == set()


def test_literals_are_of_owl_datatypes() -> None:
    literals = (o for o in vocabulary().objects() if isinstance(o, Literal))
    assert {o.datatype for o in literals if o.datatype is not None} - OWL_DATATYPES == set()


@pytest.mark.parametrize("name", [*ONTOLOGY_FILES, "services.ttl"])
def test_no_blank_nodes(name: str) -> None:
    graph = Graph().parse(data=read_text(name), format="turtle")
    assert [triple for triple in graph if any(isinstance(node, BNode) for node in triple)] == []


@pytest.mark.parametrize("profile", ["DL", "RL"])
def test_an_independent_checker_finds_the_profile_kept(profile: str) -> None:
    report = check_profile(parsed(), profile)  # type: ignore[arg-type] # its stubs ask for a literal
    assert [vars(violation) for violation in report.violations] == []
    assert report.conformant


def test_an_independent_parser_reads_every_declaration() -> None:
    graph, ontology = vocabulary(), parsed()
    counts = {
        OWL.Class: ontology.get_classes(),
        OWL.ObjectProperty: ontology.get_object_properties(),
        OWL.DatatypeProperty: ontology.get_data_properties(),
        OWL.AnnotationProperty: ontology.get_annotation_properties(),
        OWL.NamedIndividual: ontology.get_named_individuals(),
        RDFS.Datatype: ontology.get_datatypes(),
    }
    assert {kind: {str(iri) for iri in found} for kind, found in counts.items()} == {
        kind: {str(s) for s in graph.subjects(RDF.type, kind)} for kind in counts
    }


def test_an_independent_parser_leaves_no_triple_over() -> None:
    # Each triple is one axiom, but for the ontology's own type and version, which make one together.
    assert len(parsed().get_components()) == len(vocabulary()) - 1


@pytest.mark.parametrize("graph", [CG.established, CG.plans, CG.rumours, CG.claims, CG.records, CG.figures])
def test_named_graphs_are_declared(graph: str) -> None:
    assert (URIRef(graph), RDF.type, SD.NamedGraph) in vocabulary()


def test_no_other_graph_is_declared() -> None:
    assert len(list(vocabulary().subjects(RDF.type, SD.NamedGraph))) == 6


def parsed() -> pyhornedowl.PyIndexedOntology:
    return pyhornedowl.open_ontology_from_string(vocabulary().serialize(format="xml"), "rdf")
