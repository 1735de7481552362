"""Each integrity rule finds the fault that it is for, and nothing in sound data."""

import pytest
from pyoxigraph import NamedNode, RdfFormat, Store

from civicgraph.graph.engine.embedded import EmbeddedEngine
from civicgraph.graph.snapshot.check import Finding
from civicgraph.ontology.read import ONTOLOGY_IRI, integrity_rules, read_text

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

# Each with what is at fault, and something like it that is not.
CASES: dict[str, tuple[str, set[str]]] = {
    "11-claim-missing-from-view": (
        """cg:claims {
            :lost cg:view cg:plans ; rdf:subject :s ; rdf:predicate cg:provider ; rdf:object :serco .
            :shown cg:view cg:plans ; rdf:subject :s ; rdf:predicate cg:customer ; rdf:object :kent .
        }
        cg:established { :s cg:provider :serco } cg:plans { :s cg:customer :kent }""",
        {"lost"},
    ),
    "12-view-without-claim": (
        """cg:claims {
            :told a cg:Service . :stray a cg:Service . :area a cg:Service .
            :a cg:view cg:established ; rdf:subject :told ; rdf:predicate cg:provider ; rdf:object :serco .
            :b cg:view cg:plans ; rdf:subject :stray ; rdf:predicate cg:provider ; rdf:object :serco .
            :c cg:view cg:established ; rdf:subject :area ; rdf:predicate cg:customer ; rdf:object :kent .
        }
        cg:established {
            :told cg:provider :serco ; cg:startEarliest "2019-01-01"^^xsd:date .
            :stray cg:provider :serco .
            :serco cg:provides :told .
            :kent cg:areaServed :kent-county .
            :area cg:customer :kent ; cg:areaServed :kent-county .
            :record cg:buyer :kent ; cg:supplier :serco .
        }
        cg:plans { :planned cg:buyer :kent }""",
        {"stray", "planned"},
    ),
    "13-claim-in-wrong-view": (
        """cg:claims {
            :fine cg:view cg:established ; cg:polarity cg:affirmed ; cg:modality cg:fact ; cg:section cg:body .
            :denied cg:view cg:established ; cg:polarity cg:denied .
            :opinion cg:view cg:rumours ; cg:modality cg:opinion .
            :sidebar cg:view cg:established ; cg:section cg:sidebar .
            :caption cg:view cg:established ; cg:section cg:caption .
            :rejected cg:view cg:plans ; cg:rejected "a slip" .
            :unseen cg:polarity cg:denied .
        }""",
        {"denied", "opinion", "sidebar", "caption", "rejected"},
    ),
    "14-short-cut-without-ground": (
        """cg:established {
            :s cg:provider :serco ; cg:customer :kent . :serco cg:provides :s . :kent cg:servedBy :serco .
            :c a cg:Contract ; cg:buyer :dover ; cg:supplier :capita .
            :dover cg:contractsWith :capita ; cg:servedBy :capita ; cg:currentlyContractsWith :capita .
            :kent cg:contractsWith :serco .
            :capita cg:provides :s . :leeds cg:servedBy :capita . :york cg:currentlyContractsWith :capita .
        }
        cg:plans { :bath cg:servedBy :serco } cg:rumours { :t cg:provider :serco ; cg:customer :bath }""",
        {"kent", "capita", "leeds", "york", "bath"},
    ),
    "15-party-without-ground": (
        """cg:established {
            :serco a cg:Supplier . :kent a cg:Buyer . :s cg:provider :serco ; cg:customer :kent .
            :nobody a cg:Supplier . :nemo a cg:Buyer . :t cg:provider :nemo ; cg:customer :nobody .
        }""",
        {"nobody", "nemo"},
    ),
    "16-plan-and-fact": (
        """cg:claims {
            :a cg:view cg:plans ; rdf:subject :s ; rdf:predicate cg:provider ; rdf:object :serco .
            :b cg:view cg:plans ; rdf:subject :t ; rdf:predicate cg:provider ; rdf:object :serco .
        }
        cg:plans { :s cg:provider :serco . :t cg:provider :serco }
        cg:established { :s cg:provider :serco . :t cg:provider :capita }""",
        {"s"},
    ),
    "21-thing-without-name": (
        """cg:claims { :a rdf:subject :nameless ; cg:saidBy :speaker . :b rdf:subject :s }
        cg:established { :s cg:provider :value ; rdfs:label "IT" . :named rdfs:label "Kent" . :s cg:customer :named }
        cg:plans { :s cg:platform :planned }""",
        {"nameless", "speaker", "value", "planned"},
    ),
    "22-link-to-no-claim": (
        """cg:claims {
            :a a cg:Claim ; cg:contradicts :b . :b a cg:Claim ; cg:derivedFrom :gone .
            :c cg:contradicts :gone .
        }""",
        {"b", "c"},
    ),
    "23-claim-about-itself": (
        """cg:claims {
            :self a cg:Claim ; cg:contradicts :self . :fine a cg:Claim ; cg:contradicts :self .
            :one a cg:Claim ; cg:derivedFrom :two . :two a cg:Claim ; cg:derivedFrom :one, :fine .
        }""",
        {"self", "one", "two"},
    ),
    "24-claim-of-derived": (
        """cg:claims {
            :a rdf:predicate cg:servedBy . :b rdf:predicate rdf:type ; rdf:object cg:Supplier .
            :c rdf:predicate cg:provider . :d rdf:predicate rdf:type ; rdf:object cg:Council .
            :e rdf:predicate cg:dateEarliest .
        }""",
        {"a", "b", "e"},
    ),
    "25-passage-past-end": (
        """cg:claims {
            :doc cg:characters 100 .
            :past prov:wasDerivedFrom :e1 . :e1 oa:hasSource :doc ; oa:hasSelector :s1 . :s1 oa:end 101 .
            :last prov:wasDerivedFrom :e2 . :e2 oa:hasSource :doc ; oa:hasSelector :s2 . :s2 oa:end 100 .
        }""",
        {"past"},
    ),
    "31-dates-out-of-order": (
        """cg:established {
            :wrong cg:start "2020-01-01"^^xsd:date ; cg:end "2019-01-01"^^xsd:date .
            :cut cg:start "2020-01-01"^^xsd:date ; cg:terminated "2019"^^edtf:EDTF ;
                cg:terminatedLatest "2019-12-31"^^xsd:date .
            :day cg:start "2020-01-01"^^xsd:date ; cg:end "2020-01-01"^^xsd:date .
            :about cg:start "2019~"^^edtf:EDTF ; cg:startEarliest "2018-01-01"^^xsd:date ;
                cg:end "2018-06-01"^^xsd:date .
            :guarded cg:start "2020-01-01"^^xsd:date ; cg:end "2019-01-01"^^xsd:date ; cg:guard "absurd-date" .
        }
        cg:plans { :other cg:start "2020-01-01"^^xsd:date } cg:rumours { :other cg:end "2019-01-01"^^xsd:date }""",
        {"wrong", "cut"},
    ),
    "32-bounds-out-of-order": (
        """cg:plans {
            :wrong cg:dateEarliest "2020-01-02"^^xsd:date ; cg:dateLatest "2020-01-01"^^xsd:date .
            :two cg:dateEarliest "2010-01-01"^^xsd:date, "2011-01-01"^^xsd:date ;
                cg:dateLatest "2010-12-31"^^xsd:date, "2011-12-31"^^xsd:date .
        }""",
        {"wrong"},
    ),
    "41-service-of-several": (
        """cg:established {
            :shared a cg:Service ; cg:provider :serco ; cg:customer :kent, :dover .
            :fine a cg:Service ; cg:provider :serco ; cg:customer :kent .
            :contract a cg:Contract ; cg:buyer :kent, :dover .
        }
        cg:plans { :fine a cg:Service ; cg:customer :dover . :pair a cg:Service ; cg:provider :serco, :capita }""",
        {"shared", "pair"},
    ),
    "42-part-of-itself": (
        """cg:established {
            :kent cg:within :england . :england cg:within :uk . :uk cg:within :england .
            :a cg:partOf :b . :b cg:partOf :c .
        }
        cg:plans { :p cg:partOf :p }""",
        {"england", "uk", "p"},
    ),
    "43-owned-in-a-circle": (
        """cg:established {
            :a cg:subsidiaryOf :b . :b cg:subsidiaryOf :c . :c cg:subsidiaryOf :a . :d cg:subsidiaryOf :a .
        }""",
        {"a", "b", "c"},
    ),
    "44-more-than-the-whole": (
        """cg:established {
            cg:established cg:asOf "2015-06-30"^^xsd:date .
            :o1 a cg:Ownership ; cg:owned :too-much ; cg:share 0.6 . :o2 a cg:Ownership ; cg:owned :too-much ;
                cg:share 0.5 .
            :o3 a cg:Ownership ; cg:owned :thirds ; cg:share 0.334 . :o4 a cg:Ownership ; cg:owned :thirds ;
                cg:share 0.667 .
            :o5 a cg:Ownership ; cg:owned :sold ; cg:share 1 ; cg:end "2015-06-29"^^xsd:date .
            :o6 a cg:Ownership ; cg:owned :sold ; cg:share 1.0 ; cg:start "2015-06-29"^^xsd:date .
        }""",
        {"too-much"},
    ),
    "45-owners-at-odds": (
        """cg:established {
            :o1 a cg:Ownership ; cg:owned :odd ; cg:owner :a ; cg:controls true ; cg:start "2011-06-04"^^xsd:date .
            :o2 a cg:Ownership ; cg:owned :odd ; cg:owner :b ; cg:controls true ; cg:start "2011-06-04"^^xsd:date .
            :o3 a cg:Ownership ; cg:owned :sold ; cg:owner :a ; cg:controls true ; cg:start "2011-06-04"^^xsd:date .
            :o4 a cg:Ownership ; cg:owned :sold ; cg:owner :b ; cg:controls true ; cg:start "2012-06-04"^^xsd:date .
            :o5 a cg:Ownership ; cg:owned :told-twice ; cg:owner :a ; cg:controls true .
            :o6 a cg:Ownership ; cg:owned :told-twice ; cg:owner :a ; cg:controls true .
            :o7 a cg:Ownership ; cg:owned :joint ; cg:owner :a ; cg:controls false .
            :o8 a cg:Ownership ; cg:owned :joint ; cg:owner :b ; cg:controls false .
        }""",
        {"odd"},
    ),
    "51-property-of-another-class": (
        """cg:established {
            :kent a cg:Council, cg:PublicBody, cg:Organisation, cg:Agent ; cg:provider :serco ; cg:basedIn :maidstone .
            cg:established cg:asOf "2020-01-01"^^xsd:date .
        }
        cg:claims { :e a cg:Event } cg:plans { :e cg:agent :kent }""",
        {"kent"},
    ),
    "52-value-of-another-class": (
        """cg:established {
            :maidstone a cg:Place . :kent a cg:Council, cg:Organisation, cg:Agent ; cg:basedIn :maidstone .
            :s cg:customer :kent . :t cg:customer :maidstone . :u cg:partOf :maidstone .
        }""",
        {"t", "u"},
    ),
    "53-value-of-another-kind": (
        """cg:established {
            :text cg:awardedValue "12" . :double cg:value 1e3 . :gyear cg:start "2019"^^xsd:gYear .
            :whole cg:awardedValue 12 . :sum cg:awardedValue 12.5 . :about cg:start "2019"^^edtf:EDTF .
            :day cg:start "2019-01-01"^^xsd:date . :word cg:role "minister" . :tagged cg:role "minister"@en .
        }""",
        {"text", "double", "gyear", "tagged"},
    ),
}


def engine(trig: str) -> EmbeddedEngine:
    store = Store()
    store.load(PREFIXES + trig, RdfFormat.TRIG)
    for name in ("civicgraph.ttl", "views.ttl"):
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
