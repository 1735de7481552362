"""The scheme of service types is a sound SKOS scheme, and its CPV codes exist."""

import csv
from collections import Counter
from pathlib import Path

import pytest
from rdflib import RDF, SKOS, Literal, URIRef
from rdflib.term import Node

from civicgraph.ontology.read import service_scheme, service_types
from civicgraph.ontology.terms import CG, SERVICES_NS

CPV_NS = "http://data.europa.eu/cpv/cpv/"
CPV_FILE = Path(__file__).parents[3] / "shared" / "data" / "cpv" / "cpv_2008_en.csv"
SCHEME = URIRef("https://w3id.org/civicgraph/services")
MATCHES = (SKOS.exactMatch, SKOS.closeMatch, SKOS.narrowMatch, SKOS.broadMatch)
REQUIRED = {
    *("infrastructure", "applications", "workplace", "telephony", "network", "it-support", "crm"),
    *("disaster-recovery", "finance", "hr", "payroll", "procurement", "customer-service"),
    *("revenues-benefits", "bpo"),
}


def concepts() -> list[Node]:
    return sorted(service_scheme().subjects(RDF.type, SKOS.Concept), key=str)


def ancestors(concept: Node) -> set[Node]:
    above = service_scheme().transitive_objects(concept, SKOS.broader)
    return {node for node in above if node is not None} - {concept}


def test_the_types_that_the_domain_needs_are_there() -> None:
    assert REQUIRED - service_types() == set()


@pytest.mark.parametrize("predicate", [SKOS.prefLabel, SKOS.definition])
def test_every_type_has_one_english_name_and_one_definition(predicate: URIRef) -> None:
    for concept in concepts():
        texts = list(service_scheme().objects(concept, predicate))
        assert [text.language for text in texts if isinstance(text, Literal)] == ["en"], concept


def test_every_type_is_a_concept_of_the_scheme_and_knows_its_slug() -> None:
    graph = service_scheme()
    for concept in concepts():
        assert (concept, RDF.type, URIRef(CG.ServiceType)) in graph
        assert (concept, SKOS.inScheme, SCHEME) in graph
        assert graph.value(concept, SKOS.notation) == Literal(str(concept).removeprefix(SERVICES_NS))


def test_no_name_means_two_types() -> None:
    graph = service_scheme()
    names = Counter(str(name).casefold() for p in (SKOS.prefLabel, SKOS.altLabel) for name in graph.objects(None, p))
    assert [name for name, count in names.items() if count > 1] == []


def test_narrower_is_the_inverse_of_broader() -> None:
    graph = service_scheme()
    assert set(graph.subject_objects(SKOS.narrower)) == {(b, n) for n, b in graph.subject_objects(SKOS.broader)}
    assert set(graph.subject_objects(SKOS.related)) == {(b, a) for a, b in graph.subject_objects(SKOS.related)}


def test_every_type_hangs_below_a_top_and_never_below_itself() -> None:
    graph = service_scheme()
    tops = set(graph.objects(SCHEME, SKOS.hasTopConcept))
    assert tops == set(graph.subjects(SKOS.topConceptOf, SCHEME))
    for concept in concepts():
        above = set(graph.objects(concept, SKOS.broader))
        assert (concept in tops) == (not above), concept
        assert concept not in set().union(above, *map(ancestors, above)), concept
        assert tops & (ancestors(concept) | {concept}), concept


def test_what_is_related_is_not_above_or_below() -> None:
    pairs = service_scheme().subject_objects(SKOS.related)
    assert [(one, other) for one, other in pairs if other in ancestors(one)] == []


def test_one_code_leads_to_one_type() -> None:
    graph = service_scheme()
    codes = Counter(o for p in MATCHES if p != SKOS.broadMatch for o in graph.objects(None, p))
    assert [code for code, count in codes.items() if count > 1] == []


@pytest.mark.skipif(not CPV_FILE.exists(), reason="the list of CPV codes is not at hand")
def test_cpv_codes_exist() -> None:
    with CPV_FILE.open(encoding="utf-8", newline="") as file:
        known = {row["code"].partition("-")[0] for row in csv.DictReader(file)}
    graph = service_scheme()
    used = {str(o).removeprefix(CPV_NS) for p in MATCHES for o in graph.objects(None, p)}
    assert used
    assert used - known == set()
