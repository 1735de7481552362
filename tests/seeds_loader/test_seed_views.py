"""What the seed facts let stand as established, as planned, as rumoured: held for every claim, by SPARQL."""

from collections.abc import Callable
from pathlib import Path

import pytest

from civicgraph.graph.engine.embedded import EmbeddedEngine
from civicgraph.seeds_loader.load import engine_in_memory

# Restated from the design, not read from the ontology's own table.
ACCEPTED = "?polarity = cg:affirmed && ?section IN (cg:headline, cg:body) && !?rejected"
VOUCHED = "?certainty IN (cg:asserted, cg:reported)"
ESTABLISHED = f"{ACCEPTED} && ?modality = cg:fact && {VOUCHED}"
PLANNED = f"{ACCEPTED} && ?modality = cg:plan && {VOUCHED}"
DOUBTFUL = "?modality = cg:rumour || (?modality IN (cg:fact, cg:plan) && ?certainty = cg:speculative)"
RUMOURED = f"{ACCEPTED} && ({DOUBTFUL})"
VIEWS = {"cg:established": ESTABLISHED, "cg:plans": PLANNED, "cg:rumours": RUMOURED}


def claim(condition: str, name: str = "") -> str:
    """Match the claims of ?s ?p ?o whose marks fulfil a condition; the name sets them off from other claims."""
    pattern = f"""
      GRAPH cg:claims {{
        ?claim a cg:Claim ; rdf:subject ?s ; rdf:predicate ?p ; rdf:object ?o ;
          cg:polarity ?polarity ; cg:certainty ?certainty ; cg:modality ?modality ; cg:section ?section .
        BIND (EXISTS {{ ?claim cg:rejected ?reason }} AS ?rejected)
      }}
      FILTER ({condition})"""
    for variable in ("claim", "polarity", "certainty", "modality", "section", "rejected", "reason"):
        pattern = pattern.replace(f"?{variable}", f"?{variable}{name}")
    return pattern


def count(engine: EmbeddedEngine, where: str) -> int:
    (row,) = engine.select(f"SELECT (COUNT(*) AS ?n) {{ {where} }}")
    assert row["n"] is not None
    return int(row["n"].value)


@pytest.mark.parametrize(("view", "condition"), VIEWS.items())
def test_view_holds_what_is_claimed_for_it(seeds: EmbeddedEngine, view: str, condition: str) -> None:
    assert count(seeds, claim(condition)) > 0
    assert count(seeds, f"{claim(condition)} FILTER NOT EXISTS {{ GRAPH {view} {{ ?s ?p ?o }} }}") == 0


@pytest.mark.parametrize(("view", "condition"), VIEWS.items())
def test_no_claim_stands_in_a_view_that_it_is_not_for(seeds: EmbeddedEngine, view: str, condition: str) -> None:
    kept_out = claim(f"!({condition})")
    also_claimed = f"GRAPH {view} {{ ?s ?p ?o }}"
    assert count(seeds, kept_out) > 50
    # Where the same triple stands there, it is because another claim, of that view, says the same.
    stray = f"{kept_out} {also_claimed} FILTER NOT EXISTS {{ {claim(condition, '2')} }}"
    assert [str(row["claim"]) for row in seeds.select(f"SELECT ?claim {{ {stray} }}")] == []


def test_default_graph_is_the_established_view(seeds: EmbeddedEngine) -> None:
    assert count(seeds, "?s ?p ?o") == count(seeds, "GRAPH cg:established { ?s ?p ?o }")
    planned = "GRAPH cg:plans { ?s ?p ?o } FILTER NOT EXISTS { GRAPH cg:established { ?s ?p ?o } }"
    assert count(seeds, planned) > 0
    assert count(seeds, f"{planned} ?s ?p ?o") == 0


@pytest.mark.parametrize("kind", ["Service", "Contract", "Event", "Programme", "Statistic"])
def test_nothing_is_established_without_a_fact_about_it(seeds: EmbeddedEngine, kind: str) -> None:
    unfounded = f"""
      GRAPH cg:established {{ ?s a cg:{kind} }}
      FILTER NOT EXISTS {{ {claim(ESTABLISHED)} }}"""
    assert [str(row["s"]) for row in seeds.select(f"SELECT DISTINCT ?s {{ {unfounded} }}")] == []


def test_fact_stands_however_often_it_is_doubted(claims_file: Callable[..., Path]) -> None:
    item = "to: organisation/beta, at"
    path = claims_file(
        f"  event/move:\n    - {{{item}: 56-84}}\n    - {{{item}: 56-83, modality: plan}}\n"
        f"    - {{{item}: 56-82, polarity: denied}}\n    - {{{item}: 56-81, section: sidebar}}\n"
        "    - {place: place/ashby, at: 1-5, modality: plan}\n"
        "    - {place: place/ashby, at: 1-4, section: caption}\n"
        "    - {place: place/ashby, at: 1-3, rejected: not said}\n"
    )
    engine = engine_in_memory([path])
    assert count(engine, claim(f"!({ESTABLISHED})") + "GRAPH cg:established { ?s ?p ?o }") == 3
    graphs = {
        (str(row["p"]).rpartition("#")[2], str(row["g"]).rpartition("#")[2])
        for row in engine.select("SELECT ?p ?g { GRAPH ?g { ?s ?p ?o } VALUES ?p { cg:to cg:place } }")
    }
    assert graphs == {("to>", "established>"), ("to>", "plans>"), ("place>", "plans>")}


def test_what_a_reader_of_the_articles_expects(seeds: EmbeddedEngine) -> None:
    birmingham = "?e a cg:Offshoring ; cg:agent <https://w3id.org/civicgraph/id/organisation/birmingham-city-council>"
    assert seeds.ask(f"ASK {{ GRAPH cg:plans {{ {birmingham} }} }}")
    assert not seeds.ask(f"ASK {{ {birmingham} }}")
    assert seeds.ask(
        "ASK { ?e a cg:Acquisition ; cg:acquirer/rdfs:label 'Serco' ; cg:amount ?m FILTER (?m = 385000000)}"
    )
    dover = "cg:customer/rdfs:label 'Dover District Council'"
    assert seeds.ask(f"ASK {{ ?s cg:provider/rdfs:label 'East Kent Services' ; {dover} }}")


def test_no_agent_is_established_whom_no_fact_and_no_document_names(seeds: EmbeddedEngine) -> None:
    accepted = "?claim cg:view cg:established ; rdf:subject|rdf:object ?agent"
    known = f"GRAPH cg:claims {{ {{ {accepted} }} UNION {{ ?document dct:publisher|dct:creator ?agent }} }}"
    unfounded = f"?agent a cg:Agent FILTER NOT EXISTS {{ {known} }}"
    assert [str(row["agent"]) for row in seeds.select(f"SELECT ?agent {{ {unfounded} }}")] == []
    for kept_out in ("Detroit", "Raytheon", "Shutterstock", "Edward Snowden"):
        assert not seeds.ask(f'ASK {{ ?agent a cg:Agent ; rdfs:label "{kept_out}" }}')
        assert seeds.ask(f'ASK {{ GRAPH cg:claims {{ ?agent a ?kind }} ?agent rdfs:label "{kept_out}" }}')


def test_what_the_established_view_names_by_its_own_terms_has_a_class_there(seeds: EmbeddedEngine) -> None:
    agents = "cg:provider cg:customer cg:buyer cg:supplier cg:acquirer cg:acquired cg:agent cg:member cg:memberOf"
    bare = f"VALUES ?p {{ {agents} }} ?s ?p ?o FILTER NOT EXISTS {{ ?o a cg:Agent }}"
    assert count(seeds, bare) == 0


def test_nobody_is_served_who_is_a_sector_at_large(seeds: EmbeddedEngine) -> None:
    served = {str(row["c"]) for row in seeds.select("SELECT ?c { ?c cg:servedBy ?p }")}
    assert len(served) == 15
    at_large = "?c cg:servedBy ?p { ?c a cg:Sector } UNION { ?p a cg:Sector }"
    assert count(seeds, f"{at_large} FILTER NOT EXISTS {{ ?c a cg:CustomerGroup }}") == 0


def test_every_council_has_its_own_area(seeds: EmbeddedEngine) -> None:
    areas = {
        str(row["council"]): str(row["area"])
        for row in seeds.select(
            "SELECT ?council ?area { ?c a cg:Council ; rdfs:label ?council ; cg:areaServed/rdfs:label ?area }"
        )
    }
    assert areas == {
        '"Birmingham City Council"': '"Birmingham"',
        '"Camden Council"': '"Camden"',
        '"Canterbury City Council"': '"Canterbury"',
        '"Dover District Council"': '"Dover"',
        '"Islington Council"': '"Islington"',
        '"Thanet District Council"': '"Thanet"',
    }
    assert count(seeds, "?c a cg:Council") == len(areas)


def test_nothing_is_current_that_no_text_says_is(seeds: EmbeddedEngine) -> None:
    assert count(seeds, "?a cg:subsidiaryOf|cg:currentlyContractsWith ?b") == 0
    partners = "?share a cg:Ownership ; cg:owned/rdfs:label 'Joint venture of Steria and the Cabinet Office'"
    assert count(seeds, partners) == 2
    assert count(seeds, f"{partners} ; cg:controls ?unsaid") == 0
