"""Each derivation rule, run alone on a few triples, adds exactly what a person would."""

import pytest
from pyoxigraph import NamedNode, Quad, RdfFormat, Store, parse

from civicgraph.ontology.read import ONTOLOGY_FILES, ONTOLOGY_IRI, read_text, rules
from tests.ontology import rule_cases, rule_cases_of_periods

RULES = {rule.name: rule.sparql for rule in (*rules(), *rules("rules_of_records"))}
CASES = {**rule_cases.CASES, **rule_cases_of_periods.CASES}


def quads(trig: str) -> set[Quad]:
    # TriG lets the word GRAPH be left out before a graph's name.
    return set(parse(rule_cases.PREFIXES + trig, RdfFormat.TRIG))


def run(rule: str, before: set[Quad]) -> set[Quad]:
    store = Store()
    store.extend(before)
    ontology = NamedNode(ONTOLOGY_IRI)
    for name in ONTOLOGY_FILES:
        store.load(read_text(name), RdfFormat.TURTLE, to_graph=ontology)
    store.update(RULES[rule])
    once = set(store)
    store.update(RULES[rule])
    assert set(store) == once, "a rule that is run again adds nothing"
    return {quad for quad in once if quad.graph_name != ontology}


def test_every_rule_has_a_case() -> None:
    assert set(CASES) == set(RULES)


@pytest.mark.parametrize("rule", CASES)
def test_rule_adds_what_it_should(rule: str) -> None:
    before, added, removed = map(quads, CASES[rule])
    after = run(rule, before)
    assert after - before == added
    assert before - after == removed


@pytest.mark.parametrize("rule", CASES)
def test_rule_makes_nothing_of_nothing(rule: str) -> None:
    assert run(rule, set()) == set()


@pytest.mark.parametrize("rule", RULES)
def test_rule_says_what_it_does(rule: str) -> None:
    first = RULES[rule].splitlines()[0]
    assert first.startswith(("# In ", "# Into "))
    assert first.endswith(".")
