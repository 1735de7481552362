"""Organisations found by what people call them."""

from collections.abc import Callable

import pytest

from civicgraph.graph.edges.called import find_party, names_of, of_like_name
from civicgraph.graph.edges.scope import ScopeError
from civicgraph.graph.edges.ties.arrays import Ties
from civicgraph.graph.edges.ties.from_store import ties_from_store
from civicgraph.graph.engine.embedded import EmbeddedEngine
from civicgraph.graph.records.iris import BASE

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
def engine(engine_of: Callable[..., EmbeddedEngine]) -> EmbeddedEngine:
    return engine_of(TRIG)


@pytest.fixture(scope="module")
def ties(engine: EmbeddedEngine) -> Ties:
    return ties_from_store(engine)


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
def test_a_name_finds_who_is_called_so(engine: EmbeddedEngine, ties: Ties, name: str, slug: str) -> None:
    assert find_party(engine, ties, name, "supplier") == f"{ORG}{slug}"


def test_a_normal_name_of_two_suppliers_is_asked_back(engine: EmbeddedEngine, ties: Ties) -> None:
    with pytest.raises(ScopeError, match=rf"2 organisations go by 'Twin Public Limited Company'; .*{ORG}other-twin"):
        find_party(engine, ties, "Twin Public Limited Company", "supplier")


@pytest.mark.parametrize("name", ["Alfa Systems", "Alpha Systems Ltd of Leeds", "alpha system", "Alph"])
def test_nobody_is_called_so_and_the_nearest_are_offered(engine: EmbeddedEngine, ties: Ties, name: str) -> None:
    with pytest.raises(ScopeError, match=r"no supplier is called .*the nearest: .*ALPHA SYSTEMS LTD"):
        find_party(engine, ties, name, "supplier")


def test_names_of_those_with_ties_and_without(engine: EmbeddedEngine, ties: Ties) -> None:
    wanted = [f"{ORG}alpha", f"{ORG}alpha-group", f"{ORG}nobody"]
    assert names_of(engine, ties, wanted) == {
        f"{ORG}alpha": "ALPHA SYSTEMS LTD",
        f"{ORG}alpha-group": "Alpha Systems",
    }


def test_suppliers_of_like_name(ties: Ties) -> None:
    assert of_like_name(ties, f"{ORG}alpha-group", "Alpha Systems Plc") == [
        "ALPHA SYSTEMS LTD",
        "Alpha Systems (Leeds) Limited",
    ]
    assert of_like_name(ties, f"{ORG}twin", "Alph") == []
