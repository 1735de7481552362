"""check() gathers what shapes and integrity rules find, the gravest first, and samples what is too large."""

from itertools import pairwise

from pyoxigraph import Quad, RdfFormat, parse

from civicgraph.graph.engine.embedded import EmbeddedEngine
from civicgraph.graph.records.quads import ESTABLISHED, canonical_nquads
from civicgraph.graph.snapshot.check import Finding, check
from tests.graph.in_memory import build_in_memory

PREFIXES = """
    PREFIX : <https://w3id.org/civicgraph/id/>
    PREFIX cg: <https://w3id.org/civicgraph/ontology#>
    PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
    PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
"""
KENT = r':organisation\/kent a cg:Council ; rdfs:label "Kent" .'
SERCO = r':organisation\/serco a cg:Company ; rdfs:label "Serco" .'
BASE = "https://w3id.org/civicgraph/id/"


def engine(turtle: str) -> EmbeddedEngine:
    triples = parse(PREFIXES + turtle, RdfFormat.TURTLE)
    quads = (Quad(triple.subject, triple.predicate, triple.object, ESTABLISHED) for triple in triples)
    return EmbeddedEngine(build_in_memory(canonical_nquads(quads)), "test")


def contract(number: int, more: str = "") -> str:
    return rf"""
        :contract\/c{number:02} a cg:Contract ; rdfs:label "Contract {number}" ;
            cg:buyer :organisation\/kent ; cg:supplier :organisation\/serco {more} .
    """


def test_sound_data_gives_nothing() -> None:
    assert check(engine(KENT + SERCO + contract(1))) == []


def test_a_broken_shape_names_thing_property_and_value() -> None:
    found = check(engine(KENT + SERCO + contract(1, '; cg:awardedValue -2.5 ; cg:currency "GBP"')))
    assert found == [
        Finding(
            severity="Violation",
            focus=BASE + "contract/c01",
            label="Contract 1",
            message="The awarded value of a contract is a number, 0 or more: "
            "a refund or a correction is spend, not a contract.",
            path="https://w3id.org/civicgraph/ontology#awardedValue",
            value="-2.5",
        )
    ]


def test_a_broken_rule_names_thing_and_detail() -> None:
    found = check(engine(KENT + SERCO + r":organisation\/kent cg:servedBy :organisation\/serco ."))
    assert [(one.severity, one.label, one.value) for one in found] == [
        ("Violation", "Kent", BASE + "organisation/serco")
    ]
    assert found[0].message.startswith("A short cut between these two has no service")


def test_the_gravest_come_first_and_the_order_is_kept() -> None:
    turtle = KENT + SERCO + r':contract\/x a cg:Contract ; rdfs:label "X" .' + contract(1, "; cg:awardedValue -1.0")
    found = check(engine(turtle))
    assert [one.severity for one in found] == ["Violation", "Violation", "Warning", "Warning"]
    assert found == check(engine(turtle))
    for one, other in pairwise(found):
        assert (one.severity, one.message) <= (other.severity, other.message)


def test_a_large_snapshot_is_sampled_and_says_so() -> None:
    contracts = "".join(contract(number, "; cg:awardedValue -1.0") for number in range(10))
    found = check(engine(KENT + SERCO + contracts), whole=0, sample=3)
    values = [one.focus for one in found if one.path and one.path.endswith("awardedValue")]
    assert values == [f"{BASE}contract/c{number:02}" for number in range(3)]
    left_out = {one.focus: one.message for one in found if one.severity == "Info"}
    assert left_out["https://w3id.org/civicgraph/ontology#Contract"].endswith("left out 7.")
    assert {one.severity for one in found} == {"Violation", "Info"}


def test_integrity_rules_look_beyond_the_sample() -> None:
    contracts = "".join(contract(number, '; cg:role "buyer"') for number in range(10))
    found = check(engine(KENT + SERCO + contracts), whole=0, sample=3)
    assert len([one for one in found if one.severity == "Warning" and "another class" in one.message]) == 10
