"""Each integrity rule finds the fault that it is for, and nothing in sound data."""

import pytest
from pyoxigraph import NamedNode, RdfFormat, Store

from civicgraph.graph.engine.embedded import EmbeddedEngine
from civicgraph.graph.snapshot.check import Finding
from civicgraph.ontology.read import ONTOLOGY_FILES, ONTOLOGY_IRI, integrity_rules, read_text
from tests.ontology import integrity_cases, integrity_cases_of_values

CASES = {**integrity_cases.CASES, **integrity_cases_of_values.CASES}
RULES = {rule.name: rule for rule in integrity_rules()}
PREFIXES = """
    PREFIX : <https://example.org/>
    PREFIX cg: <https://w3id.org/civicgraph/ontology#>
    PREFIX edtf: <http://id.loc.gov/datatypes/edtf/>
    PREFIX oa: <http://www.w3.org/ns/oa#>
    PREFIX prov: <http://www.w3.org/ns/prov#>
    PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
    PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
    PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
"""


def engine(trig: str) -> EmbeddedEngine:
    store = Store()
    store.load(PREFIXES + trig, RdfFormat.TRIG)
    for name in ONTOLOGY_FILES:
        store.load(read_text(name), RdfFormat.TURTLE, to_graph=NamedNode(ONTOLOGY_IRI))
    return EmbeddedEngine(store, "test")


def test_every_rule_has_a_case() -> None:
    assert set(CASES) == set(RULES)


@pytest.mark.parametrize("name", CASES)
def test_rule_finds_its_fault(name: str) -> None:
    trig, at_fault = CASES[name]
    rows = engine(trig).select(RULES[name].sparql)
    assert {row["focus"].value for row in rows if row["focus"]} == {f"https://example.org/{one}" for one in at_fault}


@pytest.mark.parametrize("name", RULES)
def test_rule_finds_nothing_in_the_seeds(name: str, seeds: EmbeddedEngine) -> None:
    if RULES[name].severity == "Violation":
        assert list(seeds.select(RULES[name].sparql)) == []


@pytest.mark.parametrize("name", RULES)
def test_messages_are_for_people(name: str) -> None:
    message = RULES[name].message
    assert message.endswith(".")
    assert len(message) > 30
    assert not any(word in message for word in ("RDF", "IRI", "literal", "triple", "node", "cg:"))


def test_the_seeds_give_a_person_little_to_look_at(seed_findings: list[Finding]) -> None:
    assert len([finding for finding in seed_findings if finding.severity == "Warning"]) < 20
