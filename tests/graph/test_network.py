"""The projection to networkx: ties with their period, money, names, and who says so."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pyoxigraph import NamedNode

from civicgraph.graph.edges.network import Network, build_network
from civicgraph.graph.engine.embedded import EmbeddedEngine
from civicgraph.graph.records.iris import BASE
from civicgraph.ontology.terms import CG, SERVICES_NS

EngineOf = Callable[..., EmbeddedEngine]
KENT = BASE + "organisation/east-kent-services"
BIRMINGHAM = BASE + "organisation/birmingham-city-council"
CAPITA = BASE + "organisation/capita"


def objects(engine: EmbeddedEngine, predicate: str, graph: str) -> set[tuple[str, str]]:
    """Look triples up one by one, past every query and rule of the projection."""
    quads = engine.store.quads_for_pattern(None, NamedNode(predicate), None, NamedNode(graph))
    return {(str(quad.subject)[1:-1], str(quad.object)[1:-1]) for quad in quads}


def only_edge(network: Network) -> dict[str, Any]:
    ((_, _, data),) = network.edges(data=True)
    return dict(data)


def test_the_seeds_ties_are_the_pairs_of_roles(seeds: EmbeddedEngine, seeds_network: Network) -> None:
    expected = {
        (buyer, supplier, edge)
        for buys, sells in ((CG.customer, CG.provider), (CG.buyer, CG.supplier))
        for edge, buyer in objects(seeds, buys, CG.established)
        for other, supplier in objects(seeds, sells, CG.established)
        if edge == other
    }
    assert set(seeds_network.edges(keys=True)) == expected
    assert len(expected) == 20


def test_east_kent_serves_three_councils_by_three_services_that_do_not_cross(seeds_network: Network) -> None:
    ties = {(buyer, key): data for buyer, _, key, data in seeds_network.in_edges(KENT, keys=True, data=True)}
    assert set(ties) == {
        (f"{BASE}organisation/{council}", f"{BASE}service/east-kent-services-it-{town}")
        for council, town in (
            ("canterbury-city-council", "canterbury"),
            ("dover-district-council", "dover"),
            ("thanet-district-council", "thanet"),
        )
    }
    for (_, key), data in ties.items():
        assert data["services"] == (SERVICES_NS + "it-services", SERVICES_NS + "workplace")
        assert data["places"] == (f"{BASE}place/{key.rpartition('-')[2]}",)
        assert data["split"] == 1


def test_the_period_of_birmingham_s_contract_is_as_wide_as_its_text_allows(seeds_network: Network) -> None:
    # "About 2006": 2005-01-01 at the earliest. Terminated in 2019, with a part kept to the end in March 2021.
    contract = seeds_network.edges[BIRMINGHAM, CAPITA, BASE + "contract/birmingham-city-council-capita"]
    assert (contract["start"], contract["end"]) == (date(2005, 1, 1), date(2021, 3, 31))
    assert (contract["kind"], contract["value"], contract["services"]) == ("contract", None, ())
    taken, kept = (
        seeds_network.edges[BIRMINGHAM, CAPITA, f"{BASE}service/capita-birmingham-{part}"]
        for part in ("taken-in-house", "kept-to-expiry")
    )
    assert (taken["start"], taken["end"]) == (date(2005, 1, 1), date(2019, 12, 31))
    assert (kept["start"], kept["end"]) == (date(2005, 1, 1), date(2021, 3, 31))
    assert taken["contract"] == kept["contract"] == BASE + "contract/birmingham-city-council-capita"


def test_every_tie_of_the_seeds_rests_on_claims_about_it(seeds: EmbeddedEngine, seeds_network: Network) -> None:
    subjects = objects(seeds, "http://www.w3.org/1999/02/22-rdf-syntax-ns#subject", CG.claims)
    documents = {name for name, _ in objects(seeds, CG.sha256, CG.claims)}
    for _, _, key, data in seeds_network.edges(keys=True, data=True):
        # One claim for either party, and the document of each.
        assert len(data["evidence"]) >= 2
        assert all((claim, key) in subjects for claim in data["evidence"])
        assert data["documents"]
        assert set(data["documents"]) <= documents
        assert data["certainty"] in {"asserted", "reported"}


def test_sectors_are_flagged_as_collectives_and_nobody_else(seeds_network: Network) -> None:
    flagged = {iri for iri, data in seeds_network.nodes(data=True) if data["is_collective"]}
    assert flagged == {iri for iri in seeds_network if iri.startswith(BASE + "sector/")}
    assert BASE + "sector/uk-local-authorities" in flagged


def test_everybody_has_a_name_and_the_narrowest_class(seeds_network: Network) -> None:
    nodes = {iri.removeprefix(BASE + "organisation/"): data for iri, data in seeds_network.nodes(data=True)}
    assert (nodes["capita"]["label"], nodes["capita"]["cls"]) == ("Capita", "Company")
    found = {name: nodes[name]["cls"] for name in ("dover-district-council", "cabinet-office", "environment-agency")}
    assert found == {
        "dover-district-council": "Council",
        "cabinet-office": "Department",
        "environment-agency": "PublicBody",
    }
    assert (nodes["southwest-one"]["cls"], nodes["east-kent-services"]["cls"]) == (
        "JointVenture",
        "SharedServiceCentre",
    )


def test_the_graph_knows_its_day_its_version_and_what_lies_under_what(
    seeds: EmbeddedEngine, seeds_network: Network
) -> None:
    assert seeds_network.graph["as_of"] == date(2021, 3, 31)
    assert seeds_network.graph["version"] == seeds.version
    assert SERVICES_NS + "back-office" in seeds_network.graph["broader"][SERVICES_NS + "payroll"]
    labels = seeds_network.graph["labels"]
    assert (labels[BASE + "place/kent"], labels[SERVICES_NS + "hr"]) == ("Kent", "Human resources")
    assert CAPITA not in labels


def test_rumours_and_plans_are_other_networks(seeds: EmbeddedEngine, seeds_network: Network) -> None:
    rumours = build_network(seeds, (CG.rumours,))
    ((buyer, supplier, key),) = rumours.edges(keys=True)
    assert (buyer, supplier) == (BASE + "organisation/ministry-of-justice", BASE + "organisation/steria")
    assert only_edge(rumours)["certainty"] == "reported"
    assert rumours.nodes[supplier]["label"] == "Steria"
    assert not seeds_network.has_edge(buyer, supplier)
    assert build_network(seeds, (CG.plans,)).number_of_edges() == 0
    together = build_network(seeds, (CG.established, CG.rumours))
    assert set(together.edges(keys=True)) == {*seeds_network.edges(keys=True), (buyer, supplier, key)}
    assert together.graph["labels"] == seeds_network.graph["labels"]


PARTIES = """
    organisation:dover a cg:Council ; rdfs:label "Dover" .  organisation:thanet a cg:Council ; rdfs:label "Thanet" .
    organisation:acme a cg:Company ; rdfs:label "Acme" .    organisation:bolt a cg:Company ; rdfs:label "Bolt" ."""


def established(trig: str) -> str:
    return f"GRAPH cg:established {{ {PARTIES} {trig} }}"


def test_a_contract_of_several_parties_is_split_evenly(engine_of: EngineOf) -> None:
    network = build_network(
        engine_of(
            established("""
                contract:c a cg:Contract ; rdfs:label "The deal" ; cg:awardedValue 1234567890.12 ; cg:currency "GBP" ;
                  cg:buyer organisation:dover, organisation:thanet ; cg:supplier organisation:acme, organisation:bolt .
            """)
        )
    )
    # 2 buyers and 2 suppliers make 4 pairs.
    assert network.number_of_edges() == 4
    for _, _, key, data in network.edges(keys=True, data=True):
        assert key == BASE + "contract/c"
        assert (data["split"], data["label"]) == (0.25, "The deal")
        assert (data["value"], data["currency"]) == (Decimal("1234567890.12"), "GBP")


@pytest.mark.parametrize(
    ("stated", "start", "end"),
    [
        ('cg:start "2012-01-05"^^xsd:date', "2012-01-05", None),
        ('cg:end "2012-01-05"^^xsd:date', None, "2012-01-05"),
        # Text of an inexact date has its bounds beside it; the period is the longest that they allow.
        (
            """cg:start "2012~" ; cg:startEarliest "2011-01-01"^^xsd:date ; cg:startLatest "2013-12-31"^^xsd:date ;
               cg:end "2019-06" ; cg:endEarliest "2019-06-01"^^xsd:date ; cg:endLatest "2019-06-30"^^xsd:date""",
            "2011-01-01",
            "2019-06-30",
        ),
        ('cg:terminated "2015-02-01"^^xsd:date', None, "2015-02-01"),
        # Two that disagree both stay, and the wider period holds both.
        ('cg:start "2012-01-05"^^xsd:date, "2010-03-01"^^xsd:date', "2010-03-01", None),
        ('cg:end "2012-01-05"^^xsd:date, "2010-03-01"^^xsd:date', None, "2012-01-05"),
        ('cg:start "about 2012"', None, None),
    ],
)
def test_the_period_of_a_tie(engine_of: EngineOf, stated: str, start: str | None, end: str | None) -> None:
    service = f"service:s a cg:Service ; cg:customer organisation:dover ; cg:provider organisation:acme ; {stated} ."
    data = only_edge(build_network(engine_of(established(service))))
    expected = [None if day is None else date.fromisoformat(day) for day in (start, end)]
    assert [data["start"], data["end"]] == expected


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        ("12", "12"),
        ("0.50", "0.5"),
        ("1.5e3", "1500"),
        ("-3", "-3"),
        ('"a lot"', None),
        ('"INF"^^xsd:double', None),
        ('"NaN"^^xsd:double', None),
    ],
)
def test_a_value_is_a_number_or_not_known(engine_of: EngineOf, literal: str, value: str | None) -> None:
    contract = f"""contract:c a cg:Contract ; cg:buyer organisation:dover ; cg:supplier organisation:acme ;
                     cg:awardedValue {literal} ."""
    data = only_edge(build_network(engine_of(established(contract))))
    assert data["value"] == (None if value is None else Decimal(value))


def test_money_paid_in_a_period_is_a_tie_of_its_own_kind(engine_of: EngineOf) -> None:
    spend = """spend:s a cg:Spend ; cg:buyer organisation:dover ; cg:supplier organisation:acme ; cg:amount 12.50 ;
                 cg:currency "GBP" ; cg:start "2019-05-01"^^xsd:date ; cg:end "2019-05-31"^^xsd:date ."""
    data = only_edge(build_network(engine_of(established(spend))))
    assert (data["kind"], data["value"], data["currency"]) == ("spend", Decimal("12.5"), "GBP")
    assert (data["start"], data["end"], data["guard"]) == (date(2019, 5, 1), date(2019, 5, 31), None)


def test_what_is_guarded_keeps_its_reason(engine_of: EngineOf) -> None:
    contract = """contract:c a cg:Contract ; cg:buyer organisation:dover ; cg:supplier organisation:acme ;
                    cg:guard "total" ."""
    assert only_edge(build_network(engine_of(established(contract))))["guard"] == "total"


def test_what_is_loaded_as_a_record_is_asserted_and_rests_on_no_claim(engine_of: EngineOf) -> None:
    service = "service:s a cg:Service ; cg:customer organisation:dover ; cg:provider organisation:acme ."
    data = only_edge(build_network(engine_of(established(service))))
    assert (data["certainty"], data["evidence"], data["documents"]) == ("asserted", (), ())
    # Nobody named the service: its IRI stands for it.
    assert data["label"] == BASE + "service/s"


@pytest.mark.parametrize(
    ("stated", "places"),
    [
        ("cg:deliveredFrom place:kent", ["kent"]),
        ("cg:deliveredFrom place:kent ; cg:areaServed place:dover", ["dover"]),
        ("cg:areaServed place:kent, place:dover", ["dover", "kent"]),
        ("", []),
    ],
)
def test_a_tie_is_where_it_serves_else_where_it_is_delivered_from(
    engine_of: EngineOf, stated: str, places: list[str]
) -> None:
    service = f"service:s a cg:Service ; cg:customer organisation:dover ; cg:provider organisation:acme ; {stated} ."
    data = only_edge(build_network(engine_of(established(service))))
    assert data["places"] == tuple(f"{BASE}place/{place}" for place in places)


def test_a_party_that_nobody_named_keeps_its_iri(engine_of: EngineOf) -> None:
    service = "service:s a cg:Service ; cg:customer <http://example.org/x> ; cg:provider organisation:acme ."
    network = build_network(engine_of(established(service)))
    unnamed = network.nodes["http://example.org/x"]
    assert (unnamed["label"], unnamed["cls"], unnamed["is_collective"]) == ("http://example.org/x", "Agent", False)


def claimed(modality: str, *certainties: str) -> str:
    """State by two claims that Acme serves Dover."""
    roles = (("customer", "organisation:dover"), ("provider", "organisation:acme"))
    claims = " ".join(
        f"""claim:{modality}-{role} a cg:Claim ; rdf:subject service:s ; rdf:predicate cg:{role} ; rdf:object {party} ;
            cg:polarity cg:affirmed ; cg:certainty cg:{certainty} ; cg:modality cg:{modality} ; cg:section cg:body ;
            prov:wasDerivedFrom evidence:{modality} . evidence:{modality} oa:hasSource document:{modality} ."""
        for (role, party), certainty in zip(roles, certainties, strict=True)
    )
    return f"PREFIX evidence: <http://e/> GRAPH cg:claims {{ service:s a cg:Service . {claims} }}"


def test_a_planned_service_is_a_tie_of_the_plans_only(engine_of: EngineOf) -> None:
    engine = engine_of(established(""), claimed("plan", "asserted", "reported"))
    assert build_network(engine).number_of_edges() == 0
    data = only_edge(build_network(engine, (CG.plans,)))
    # The tie is as certain as the least certain of its claims.
    assert data["certainty"] == "reported"
    assert data["evidence"] == (BASE + "claim/plan-customer", BASE + "claim/plan-provider")
    assert data["documents"] == (BASE + "document/plan",)


def test_a_tie_rests_on_the_claims_of_the_views_that_are_asked(engine_of: EngineOf) -> None:
    # Planned by one document's word, and later a fact of another's.
    engine = engine_of(
        established(""), claimed("plan", "asserted", "reported"), claimed("fact", "asserted", "asserted")
    )
    fact = only_edge(build_network(engine))
    assert (fact["certainty"], fact["documents"]) == ("asserted", (BASE + "document/fact",))
    plan = only_edge(build_network(engine, (CG.plans,)))
    assert (plan["certainty"], plan["documents"]) == ("reported", (BASE + "document/plan",))
    either = only_edge(build_network(engine, (CG.established, CG.plans)))
    assert (either["certainty"], len(either["evidence"]), len(either["documents"])) == ("reported", 4, 2)


def test_nothing_loaded_is_an_empty_network(engine_of: EngineOf) -> None:
    network = build_network(engine_of())
    assert network.number_of_nodes() == 0
    assert network.graph["as_of"] is None
    assert SERVICES_NS + "payroll" in network.graph["labels"]
