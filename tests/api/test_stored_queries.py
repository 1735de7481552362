"""Stored queries against known answers on the seeds, and parameters that name nothing."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from pyoxigraph import RdfFormat, Store

from civicgraph.api.tables.catalog import stored_queries
from civicgraph.graph.engine.embedded import EmbeddedEngine
from tests.graph.conftest import make_quads

CG = "https://w3id.org/civicgraph/ontology#"
BASE = "https://w3id.org/civicgraph/id/"


def answer(client: TestClient, name: str, **params: str | list[str]) -> list[dict[str, Any]]:
    response = client.get(f"/queries/{name}.json", params=params)
    assert response.status_code == 200, response.text
    found: list[dict[str, Any]] = response.json()
    return found


def test_each_opinion_is_one_row(seeds: TestClient) -> None:
    claims = [row for row in seeds.get("/tables/claims.json?_size=max").json() if row["modality"] == "opinion"]
    found = answer(seeds, "opinions")
    assert len(found) == len(claims) > 50
    assert {row["polarity"] for row in found} == {f"{CG}{row['polarity']}" for row in claims}


def test_an_opinion_that_nobody_is_named_for_is_nobodys() -> None:
    said = "rdf:subject organisation:a ; rdf:predicate cg:reason ; cg:polarity cg:affirmed ; cg:modality cg:opinion"
    quads = make_quads(f"""
        cg:claims {{ claim:1 {said} ; rdf:object "slow" ; cg:saidBy person:b . claim:2 {said} ; rdf:object "dear" }}
        cg:established {{ organisation:a rdfs:label "A" . person:b rdfs:label "B" . person:c rdfs:label "C" }}
    """)
    store = Store()
    store.bulk_load(quads, RdfFormat.N_QUADS)
    found = EmbeddedEngine(store, "by hand").select(stored_queries()["opinions"].text)
    told = [tuple(term and term.value for term in (row["who"], row["thing"], row["value"])) for row in found]
    assert told == [(None, "A", "dear"), ("B", "A", "slow")]


def test_evidence_says_what_is_denied(seeds: TestClient) -> None:
    found = answer(seeds, "evidence-of", thing="event/ministry-of-justice-in-fighting")
    told = {(row["start"], row["modality"].removeprefix(CG), row["polarity"].removeprefix(CG)) for row in found}
    assert (2367, "fact", "denied") in told
    assert (343, "rumour", "affirmed") in told


@pytest.mark.parametrize("name", ["East Kent Services", "east kent services", "organisation/east-kent-services"])
def test_a_thing_can_be_named(seeds: TestClient, name: str) -> None:
    found = answer(seeds, "customers-of", supplier=name)
    assert {row["customer"] for row in found} >= {"Canterbury City Council", "Dover District Council"}
    assert {row["supplier"] for row in found} == {f"{BASE}organisation/east-kent-services"}


@pytest.mark.parametrize(
    ("query", "role", "party", "other", "contracts"),
    [
        ("suppliers-of", "council", "Testshire County Council", "supplier", ["Alpha Ltd", "Alpha Ltd", "Beta Ltd"]),
        ("customers-of", "supplier", "Alpha Ltd", "customer", ["Testshire County Council"] * 2),
    ],
)
def test_a_payment_is_not_called_a_contract(
    tables: TestClient, query: str, role: str, party: str, other: str, contracts: list[str]
) -> None:
    found = answer(tables, query, **{role: party})
    assert {row["what"] for row in found} == {"contract"}
    assert [row[other] for row in found][: len(contracts)] == contracts


def test_a_parameter_given_twice_means_either(seeds: TestClient) -> None:
    one, other = (answer(seeds, "customers-of", supplier=name) for name in ("Capita", "East Kent Services"))
    both = answer(seeds, "customers-of", supplier=["Capita", "East Kent Services", "Capita"])
    assert both == [*one, *other]
    assert one
    assert other


@pytest.mark.parametrize(
    ("query", "role", "party", "fault"),
    [
        ("customers-of", "supplier", "Thanet District Council", "supplies nobody in what is loaded; suppliers-of"),
        ("suppliers-of", "council", "organisation/east-kent-services", "buys from nobody in what is loaded"),
    ],
)
def test_a_party_in_another_role_is_told(seeds: TestClient, query: str, role: str, party: str, fault: str) -> None:
    refused = seeds.get(f"/queries/{query}.json", params={role: party})
    assert refused.status_code == 400
    assert fault in refused.json()["detail"]


@pytest.mark.parametrize(
    ("value", "near"),
    [
        ("Capitta", "Capita (organisation/capita)"),
        ("organisation/capitta", "Capita (organisation/capita)"),
        ("xyzzy", "the search finds things by their names"),
        ("urn:nothing", "the search finds things by their names"),
    ],
)
def test_a_parameter_that_names_nothing_is_refused_with_the_nearest(seeds: TestClient, value: str, near: str) -> None:
    refused = seeds.get("/queries/customers-of.json", params={"supplier": value})
    assert refused.status_code == 400
    assert "nothing is known of supplier" in refused.json()["detail"]
    assert near in refused.json()["detail"]
