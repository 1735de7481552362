"""What OWL RL infers from the ontology, its aligned vocabularies and data: no contradiction, and nothing unintended."""

import owlrl  # type: ignore[import-untyped] # it has no types of its own, and nobody else has written any
import pytest
from pyoxigraph import NamedNode, Store
from rdflib import OWL, RDF, RDFS, Graph, Literal, Namespace, URIRef

from civicgraph.graph.engine.embedded import EmbeddedEngine
from civicgraph.ontology.read import vocabulary
from civicgraph.ontology.terms import CG
from tests.competency.test_competency import records_store

PROV = Namespace("http://www.w3.org/ns/prov#")
ORG = Namespace("http://www.w3.org/ns/org#")
VIEWS = (CG.established, CG.plans, CG.rumours)
CLAIMS_OF = (CG.claims, CG.records)

# What the vocabularies themselves say of the terms that are used: PROV-O, ORG, SKOS, FOAF and GeoSPARQL.
OF_OTHERS = """
    @prefix foaf: <http://xmlns.com/foaf/0.1/> .
    @prefix geo: <http://www.opengis.net/ont/geosparql#> .
    @prefix org: <http://www.w3.org/ns/org#> .
    @prefix owl: <http://www.w3.org/2002/07/owl#> .
    @prefix prov: <http://www.w3.org/ns/prov#> .
    @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
    @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
    prov:Activity owl:disjointWith prov:Entity .
    prov:wasAssociatedWith rdfs:domain prov:Activity ; rdfs:range prov:Agent .
    prov:wasDerivedFrom rdfs:domain prov:Entity ; rdfs:range prov:Entity .
    prov:wasGeneratedBy rdfs:domain prov:Entity ; rdfs:range prov:Activity .
    prov:wasAttributedTo rdfs:domain prov:Entity ; rdfs:range prov:Agent .
    org:Organization rdfs:subClassOf foaf:Agent ; owl:disjointWith foaf:Person .
    foaf:Person rdfs:subClassOf foaf:Agent .
    foaf:Agent owl:disjointWith foaf:Document .
    org:memberOf rdfs:domain foaf:Agent ; rdfs:range org:Organization .
    org:subOrganizationOf rdfs:domain org:Organization ; rdfs:range org:Organization .
    org:member rdfs:domain org:Membership ; rdfs:range foaf:Agent .
    org:organization rdfs:domain org:Membership ; rdfs:range org:Organization .
    org:originalOrganization rdfs:domain org:ChangeEvent ; rdfs:range org:Organization .
    org:resultingOrganization rdfs:domain org:ChangeEvent ; rdfs:range org:Organization .
    org:Membership owl:disjointWith org:Organization .
    org:ChangeEvent rdfs:subClassOf prov:Activity .
    org:OrganizationalCollaboration rdfs:subClassOf org:Organization .
    skos:Concept owl:disjointWith skos:ConceptScheme .
    geo:sfWithin rdfs:domain geo:SpatialObject ; rdfs:range geo:SpatialObject .
    geo:Feature rdfs:subClassOf geo:SpatialObject .
"""

FEW = """
    @prefix : <https://example.org/> .
    @prefix cg: <https://w3id.org/civicgraph/ontology#> .
    :programme a cg:Programme ; cg:agent :kent . :kent a cg:Council .
    :move a cg:Offshoring ; cg:from :detroit . :detroit a cg:Place .
"""


@pytest.fixture(scope="module", params=["seeds", "records"])
def closed(request: pytest.FixtureRequest, seeds: EmbeddedEngine) -> tuple[Graph, Graph, list[str]]:
    return closure(data_of(seeds.store if request.param == "seeds" else records_store()))


def data_of(store: Store) -> Graph:
    """Return the triples of all views, and the things that claims and records are."""
    graph = Graph()
    for view in (*VIEWS, *CLAIMS_OF):
        for quad in store.quads_for_pattern(None, None, None, NamedNode(view)):
            if isinstance(quad.object, NamedNode) and isinstance(quad.subject, NamedNode):
                graph.add(tuple(URIRef(term.value) for term in quad.triple))  # type: ignore[arg-type] # three
    return graph


def closure(data: Graph) -> tuple[Graph, Graph, list[str]]:
    graph = Graph() + data
    for triple in vocabulary():
        if not isinstance(triple[2], Literal):
            graph.add(triple)
    graph.parse(data=OF_OTHERS, format="turtle")
    rules = owlrl.OWLRL_Semantics(graph, axioms=False, daxioms=False, rdfs=False)
    rules.closure()
    assert (URIRef(CG.Council), RDFS.subClassOf, URIRef(CG.Agent)) in graph, "the rules did not run"
    return data, graph, [*rules.error_messages, *map(str, graph.subjects(RDF.type, OWL.Nothing))]


def unintended(data: Graph, graph: Graph) -> set[tuple[str, str]]:
    """Return each thing with a class that follows neither from a class that it is said to be nor from its being one.

    Domains and ranges of PROV and ORG may say no more than what the class of the thing is below.
    """
    above = {cls: {*graph.transitive_objects(cls, RDFS.subClassOf)} for cls in set(graph.objects(None, RDF.type))}
    found = set()
    for thing in set(data.subjects()):
        stated = set(data.objects(thing, RDF.type))
        if not stated:
            continue
        meant = set().union(*(above.get(cls, {cls}) for cls in stated)) | {OWL.Thing, RDFS.Resource, PROV.Entity}
        found |= {(str(thing), str(cls)) for cls in set(graph.objects(thing, RDF.type)) - meant}
    return found


def test_the_closure_over_all_views_has_no_contradiction(closed: tuple[Graph, Graph, list[str]]) -> None:
    assert closed[2] == []


def test_the_closure_makes_nothing_what_it_is_not_said_to_be(closed: tuple[Graph, Graph, list[str]]) -> None:
    assert unintended(closed[0], closed[1]) == set()


@pytest.mark.parametrize(
    ("subject", "predicate", "value"),
    [
        # What once was so: each is a contradiction or makes something of a thing that it is not.
        (CG.agent, RDFS.subPropertyOf, PROV.wasAssociatedWith),
        (CG.Event, RDFS.subClassOf, PROV.Entity),
        (CG.from_, RDFS.range, URIRef(CG.Agent)),
    ],
)
def test_a_wrong_alignment_would_be_found(subject: str, predicate: URIRef, value: URIRef) -> None:
    data = Graph().parse(data=FEW, format="turtle")
    data.add((URIRef(subject), predicate, value))
    stated, graph, errors = closure(data)
    assert errors or unintended(stated, graph)


def test_no_event_but_a_change_of_organisation_is_one(closed: tuple[Graph, Graph, list[str]]) -> None:
    changes = set(closed[1].subjects(RDF.type, ORG.ChangeEvent))
    kinds = {kind for event in changes for kind in closed[0].objects(event, RDF.type)}
    named = {str(kind).rpartition("#")[2] for kind in kinds}
    assert named <= {"Event", "Acquisition", "Formation", "Merger", "Reorganisation", "Review", "Consolidation"}
