"""Organisations found by what people call them."""

from collections.abc import Callable

import pytest

from civicgraph.graph.edges.finding import find_party, find_thing, names_of, of_like_name
from civicgraph.graph.edges.scope import ScopeError
from civicgraph.graph.edges.table import EdgeTable
from civicgraph.graph.engine.embedded import EmbeddedEngine
from civicgraph.graph.records.iris import BASE
from civicgraph.ontology.terms import SERVICES_NS
from tests.graph.in_memory import edges_of

ORG = f"{BASE}organisation/"
TRIG = """
GRAPH cg:established {
  organisation:ashby a cg:Council ; rdfs:label "Ashby Council" .
  organisation:alpha a cg:Company ; rdfs:label "ALPHA SYSTEMS LTD" ; skos:altLabel "Alpha Sys" ;
    cg:identifier "GB-COH-01234567" .
  organisation:alpha-two a cg:Company ; rdfs:label "Alpha Systems (Leeds) Limited" .
  organisation:twin a cg:Company ; rdfs:label "Twin Plc" .
  organisation:other-twin a cg:Company ; rdfs:label "TWIN P.L.C." .
  organisation:alpha-group a cg:Company ; rdfs:label "Alpha Systems" .
  contract:one a cg:Contract ; rdfs:label "one" ; cg:buyer organisation:ashby ; cg:supplier organisation:alpha .
  contract:two a cg:Contract ; rdfs:label "two" ; cg:buyer organisation:ashby ; cg:supplier organisation:alpha-two .
  contract:three a cg:Contract ; rdfs:label "three" ; cg:buyer organisation:ashby ; cg:supplier organisation:twin .
  contract:four a cg:Contract ; rdfs:label "four" ; cg:buyer organisation:ashby ; cg:supplier organisation:other-twin .
}
"""


@pytest.fixture(scope="module")
def table(engine_of: Callable[..., EmbeddedEngine]) -> EdgeTable:
    return edges_of(engine_of(TRIG))


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("alpha", "alpha"),
        (f"{ORG}alpha", "alpha"),
        ("  alpha systems   LTD ", "alpha"),
        ("Alpha Systems Limited", "alpha"),
        ("The Alpha Systems Ltd.", "alpha"),
        ("alpha sys", "alpha"),
        ("gb-coh-01234567", "alpha"),
        ("Alpha Systems", "alpha-group"),
        ("Ashby Council", "ashby"),
        ("Twin plc", "twin"),
    ],
)
def test_a_name_finds_who_is_called_so(table: EdgeTable, name: str, slug: str) -> None:
    assert find_party(table, name, "supplier") == f"{ORG}{slug}"


def test_a_normal_name_of_two_suppliers_is_asked_back(table: EdgeTable) -> None:
    with pytest.raises(ScopeError, match=rf"2 organisations go by 'Twin Public Limited Company'; .*{ORG}other-twin"):
        find_party(table, "Twin Public Limited Company", "supplier")


@pytest.mark.parametrize("name", ["Alfa Systems", "Alpha Systems Ltd of Leeds", "alpha system", "Alph"])
def test_nobody_is_called_so_and_the_nearest_are_offered(table: EdgeTable, name: str) -> None:
    with pytest.raises(ScopeError, match=r"no supplier is called .*the nearest: .*ALPHA SYSTEMS LTD"):
        find_party(table, name, "supplier")


def test_names_of_those_with_edges_and_without(table: EdgeTable) -> None:
    wanted = [f"{ORG}alpha", f"{ORG}alpha-group", f"{ORG}nobody"]
    assert names_of(table, wanted) == {
        f"{ORG}alpha": "ALPHA SYSTEMS LTD",
        f"{ORG}alpha-group": "Alpha Systems",
    }


def test_suppliers_of_like_name(table: EdgeTable) -> None:
    assert of_like_name(table, f"{ORG}alpha-group", "Alpha Systems Plc") == [
        "ALPHA SYSTEMS LTD",
        "Alpha Systems (Leeds) Limited",
    ]
    assert of_like_name(table, f"{ORG}twin", "Alph") == []


@pytest.mark.parametrize(
    ("name", "iri"),
    [
        ("payroll", SERVICES_NS + "payroll"),
        ("Human resources", SERVICES_NS + "hr"),
        ("HUMAN RESOURCES", SERVICES_NS + "hr"),
        ("it services", SERVICES_NS + "it-services"),
        (SERVICES_NS + "hr", SERVICES_NS + "hr"),
        ("kent", BASE + "place/kent"),
        ("West Country", BASE + "place/west-country"),
    ],
)
def test_a_scope_is_found_by_iri_slug_or_label(seeds_table: EdgeTable, name: str, iri: str) -> None:
    known = seeds_table.places if "/place/" in iri else seeds_table.services
    assert find_thing(known, name, "thing") == iri


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("payrol", "the nearest: Payroll"),
        ("Human resorces", "the nearest: Human resources"),
        ("Kentt", "Kent"),
        ("%%%%", "civicgraph query can list what there is"),
        ("", "civicgraph query can list what there is"),
    ],
)
def test_a_name_that_nothing_has_is_answered_with_the_nearest(seeds_table: EdgeTable, name: str, advice: str) -> None:
    known = seeds_table.places if advice == "Kent" else seeds_table.services
    with pytest.raises(ScopeError, match=advice) as refused:
        find_thing(known, name, "thing")
    assert repr(name) in str(refused.value)
