"""The scheme of service types is a sound SKOS scheme, and its CPV codes exist."""

import csv
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdflib import RDF, SKOS, Literal, URIRef
from rdflib.term import Node

from civicgraph.ontology.schemes import (
    cpv_matches,
    cpv_table,
    delivery_scheme,
    scheme_text,
    service_of_code,
    service_scheme,
    service_types,
)
from civicgraph.ontology.terms import CG, SERVICES_NS

CPV_NS = "http://data.europa.eu/cpv/cpv/"
CPV_FILE = Path(__file__).parents[3] / "shared" / "data" / "cpv" / "cpv_2008_en.csv"
ESD = "http://id.esd.org.uk/service/"
"""The Local Government Services List."""
SCHEME = URIRef("https://w3id.org/civicgraph/services")
MATCHES = (SKOS.exactMatch, SKOS.closeMatch, SKOS.narrowMatch, SKOS.broadMatch)
REQUIRED = {
    *("infrastructure", "applications", "workplace", "telephony", "network", "it-support", "crm"),
    *("disaster-recovery", "finance", "hr", "payroll", "procurement", "customer-service"),
    *("revenues-benefits", "bpo", "gis", "income-system", "finance-system", "hr-payroll-system", "edrms"),
    *("contact-centre-technology", "print", "telecare", "automation-ai"),
}
SYSTEMS = {
    *("revenues-benefits-system", "adult-care-system", "children-system", "education-system", "housing-system"),
    *("planning-system", "land-charges-system", "licensing-system", "electoral-system", "library-system"),
    *("waste-system", "highways-system", "parking-system", "registrars-system", "committee-system"),
    *("legal-case-system", "health-system"),
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


def test_systems_that_councils_buy_are_markets_of_their_own() -> None:
    graph, above = service_scheme(), URIRef(SERVICES_NS + "line-of-business")
    below = {str(node).removeprefix(SERVICES_NS) for node in graph.objects(above, SKOS.narrower)}
    assert below == SYSTEMS


def test_no_two_types_share_a_definition_or_say_only_what_another_says() -> None:
    graph = service_scheme()
    texts = {str(c).removeprefix(SERVICES_NS): str(graph.value(c, SKOS.definition)) for c in concepts()}
    first = Counter(text.partition(". ")[0].casefold() for text in texts.values())
    assert [text for text, count in first.items() if count > 1] == []
    # Each says what is in, and sets off what is not by naming where that belongs, or is a whole branch.
    vague = {slug for slug, text in texts.items() if ". " not in text}
    assert vague <= {"service-desk", "app-platform"} | {str(c) for c in graph.objects(SCHEME, SKOS.hasTopConcept)}


def test_what_says_how_is_no_service_type_but_a_delivery_model() -> None:
    models = {str(node) for node in delivery_scheme().objects(None, SKOS.notation)}
    assert {"saas", "paas", "iaas", "cloud", "outsourced", "shared"} <= models
    assert {"saas", "paas", "iaas", "cloud", "outsourced", "shared"} & service_types() == set()


def test_every_delivery_model_has_a_name_a_definition_and_its_scheme() -> None:
    graph = delivery_scheme()
    models = set(graph.subjects(RDF.type, URIRef(CG.DeliveryModel)))
    assert models
    for model in models:
        for predicate in (SKOS.prefLabel, SKOS.definition, SKOS.inScheme, SKOS.notation):
            assert len(list(graph.objects(model, predicate))) == 1, (model, predicate)
    lots = {str(lot) for predicate in MATCHES for lot in graph.objects(None, predicate)}
    assert lots <= {str(lot) for lot in graph.subjects(RDF.type, SKOS.Concept)}


def test_one_code_leads_to_one_type() -> None:
    graph = service_scheme()
    codes = Counter(o for p in MATCHES for o in graph.objects(None, p))
    assert [code for code, count in codes.items() if count > 1] == []


def test_a_system_is_only_related_to_the_service_that_it_is_made_for() -> None:
    graph = service_scheme()
    matched = [(s, p) for p in (*MATCHES, SKOS.relatedMatch) for s, o in graph.subject_objects(p) if ESD in str(o)]
    assert len(matched) > 40
    assert {s for s, _ in matched} <= set(concepts())
    for concept, predicate in matched:
        assert (predicate == SKOS.relatedMatch) == str(concept).endswith("-system"), concept
    numbers = [str(o).removeprefix(ESD) for p in (*MATCHES, SKOS.relatedMatch) for o in graph.objects(None, p)]
    assert all(number.isdigit() and int(number) < 2000 for number in numbers if "/" not in number)


def by_the_matches(code: str) -> str | None:
    """Return the type of a code as a reader of the scheme would find it: the nearest match at or above it."""
    graph = service_scheme()
    for length in range(8, 1, -1):
        whole = URIRef(CPV_NS + code[:length].ljust(8, "0"))
        for predicate in MATCHES:
            found = graph.value(None, predicate, whole)
            if found is not None and (predicate != SKOS.broadMatch or code[:length].ljust(8, "0") == code):
                return str(found).removeprefix(SERVICES_NS)
        if (SCHEME, URIRef(CG.outOfScheme), whole) in graph:
            return None
    return None


@given(begin=st.sampled_from(sorted(cpv_table())), rest=st.text("0123456789", max_size=6))
def test_the_scheme_and_the_classifier_agree_on_any_code(begin: str, rest: str) -> None:
    code = (begin + rest)[:8].ljust(8, "0")
    assert by_the_matches(code) == service_of_code(code)


@pytest.mark.skipif(not CPV_FILE.exists(), reason="the list of CPV codes is not at hand")
def test_the_scheme_and_the_classifier_agree_on_every_code() -> None:
    with CPV_FILE.open(encoding="utf-8", newline="") as file:
        codes = [row["code"].partition("-")[0] for row in csv.DictReader(file)]
    assert [code for code in codes if by_the_matches(code) != service_of_code(code)] == []


def test_every_type_of_the_table_is_in_the_scheme() -> None:
    rows = [match for match in cpv_table().values() if match is not None]
    assert {match.service for match in rows} - service_types() == set()
    assert {match.kind for match in rows} == {"exact", "close", "narrow", "broad"}
    assert len(list(cpv_matches())) == len(cpv_table())
    # What is more than its type counts alone, and only that.
    kinds = {(len(code) == 8, match.kind == "broad") for code, match in cpv_table().items() if match is not None}
    assert kinds == {(True, True), (False, False)}
    assert "skos" in scheme_text()


@pytest.mark.skipif(not CPV_FILE.exists(), reason="the list of CPV codes is not at hand")
def test_cpv_codes_exist() -> None:
    with CPV_FILE.open(encoding="utf-8", newline="") as file:
        known = {row["code"].partition("-")[0] for row in csv.DictReader(file)}
    graph = service_scheme()
    used = {str(o).removeprefix(CPV_NS) for p in MATCHES for o in graph.objects(None, p) if not str(o).startswith(ESD)}
    assert used
    assert used - known == set()
