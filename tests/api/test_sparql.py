"""/sparql: the SPARQL 1.1 protocol over GET and both forms of POST, in the format that the client asks for."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from lxml import etree
from pyoxigraph import RdfFormat, parse

from civicgraph.api.app import create_app
from civicgraph.api.settings import Settings
from civicgraph.api.sparql.requests import MAX_QUERY_BYTES

SELECT = "SELECT ?council ?supplier { ?c cg:servedBy ?s . ?c rdfs:label ?council . ?s rdfs:label ?supplier }"
ASK = "ASK { ?s cg:provides ?o }"
CONSTRUCT = "CONSTRUCT { ?c cg:servedBy ?s } { ?c cg:servedBy ?s }"
PROTOCOL = "application/sparql-query"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.fixture(scope="module")
def hurried(small_data: Path) -> Iterator[TestClient]:
    """Ask a server with one worker that gives a query one second."""
    with TestClient(create_app(Settings(small_data, timeout=1, workers=1))) as running:
        yield running


def ask(client: TestClient, query: str, accept: str = "*/*") -> Any:  # noqa: ANN401 - a response of httpx2
    return client.get("/sparql", params={"query": query}, headers={"Accept": accept})


def refused(response: Any, status: int) -> str:  # noqa: ANN401
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert set(body) == {"title", "status", "detail"}
    assert (response.status_code, body["status"]) == (status, status)
    return str(body["detail"])


def test_three_ways_to_ask(client: TestClient) -> None:
    by_get = ask(client, SELECT)
    by_form = client.post("/sparql", data={"query": SELECT})
    by_body = client.post("/sparql", content=SELECT, headers={"Content-Type": f"{PROTOCOL}; charset=UTF-8"})
    assert by_get.json() == by_form.json() == by_body.json()
    (row,) = by_get.json()["results"]["bindings"]
    assert row["council"] == {"type": "literal", "value": "Ashby Council"}
    assert by_get.headers["content-type"] == "application/sparql-results+json"
    assert by_get.headers["etag"] == f'W/"{client.get("/health").json()["version"]}"'
    assert "Accept" in by_get.headers["vary"]


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("*/*", "application/sparql-results+json"),
        ("", "application/sparql-results+json"),
        ("application/json", "application/sparql-results+json"),
        ("application/sparql-results+xml", "application/sparql-results+xml"),
        ("text/csv", "text/csv; charset=utf-8"),
        ("text/tab-separated-values", "text/tab-separated-values; charset=utf-8"),
        ("text/csv;q=0.2, application/sparql-results+xml;q=0.8", "application/sparql-results+xml"),
        ("text/csv;q=0.8, application/sparql-results+xml;q=0.2", "text/csv; charset=utf-8"),
        ("text/*;q=0.5, application/sparql-results+json;q=0", "text/csv; charset=utf-8"),
        ("TEXT/CSV", "text/csv; charset=utf-8"),
        (BROWSER, "application/sparql-results+xml"),
    ],
)
def test_solutions_in_the_format_that_is_asked_for(client: TestClient, accept: str, content_type: str) -> None:
    response = ask(client, SELECT, accept)
    assert (response.status_code, response.headers["content-type"]) == (200, content_type)
    assert "Ashby Council" in response.text


@pytest.mark.parametrize(
    ("accept", "content_type", "syntax"),
    [
        ("*/*", "text/turtle; charset=utf-8", RdfFormat.TURTLE),
        ("application/n-triples", "application/n-triples", RdfFormat.N_TRIPLES),
        ("application/ld+json", "application/ld+json", RdfFormat.JSON_LD),
        ("application/rdf+xml", "application/rdf+xml", RdfFormat.RDF_XML),
        ("text/turtle;q=0.5, application/rdf+xml", "application/rdf+xml", RdfFormat.RDF_XML),
    ],
)
def test_graphs_in_the_format_that_is_asked_for(
    client: TestClient, accept: str, content_type: str, syntax: RdfFormat
) -> None:
    response = ask(client, CONSTRUCT, accept)
    assert (response.status_code, response.headers["content-type"]) == (200, content_type)
    (quad,) = parse(response.content, syntax)
    assert str(quad.predicate) == "<https://w3id.org/civicgraph/ontology#servedBy>"


def test_answers_of_yes_or_no(client: TestClient) -> None:
    assert ask(client, ASK).json() == {"head": {}, "boolean": True}
    tree = etree.fromstring(ask(client, ASK, "application/sparql-results+xml").content)
    assert tree.findtext("{*}boolean") == "true"


def test_csv_gives_the_values_as_they_are(client: TestClient) -> None:
    rows = list(csv.reader(io.StringIO(ask(client, SELECT, "text/csv").text)))
    assert rows == [["council", "supplier"], ["Ashby Council", "Alpha Limited"]]


@pytest.mark.parametrize("accept", ["image/png", "*/*;q=0"])
def test_formats_that_are_not_on_offer(client: TestClient, accept: str) -> None:
    assert "application/sparql-results+json" in refused(ask(client, SELECT, accept), 406)


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("", "this is not a SPARQL 1.1 query"),
        ("SELEKT * {}", "this is not a SPARQL 1.1 query: line 1: a query begins with SELECT"),
        ("SELECT * { ?s ?p }", "this is not a SPARQL 1.1 query"),
        ("SELECT * { ?s unknown:p ?o }", "this is not a SPARQL 1.1 query"),
        ("INSERT DATA { <a:a> <a:b> <a:c> }", "this is not a SPARQL 1.1 query"),
        ("LOAD <http://127.0.0.1:9/>", "this is not a SPARQL 1.1 query"),
        ("SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", "no query may reach the network"),
        ("SELECT * { SERVICE SILENT <http://127.0.0.1:9/> { ?s ?p ?o } }", "no query may reach the network"),
        ("SELECT * { S\\u0045RVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", ""),
    ],
)
def test_queries_that_cannot_be_answered(client: TestClient, query: str, detail: str) -> None:
    assert detail in refused(ask(client, query), 400)
    assert ask(client, ASK).status_code == 200


def test_a_query_may_be_nested_deeply_and_is_refused_before_the_engine_would_crash(client: TestClient) -> None:
    # "from" has its words looked at, which must not be done by recursion.
    answer = ask(client, "SELECT * { BIND (1 AS ?from) " + "{" * 150 + "}" * 150 + "}")
    assert (answer.status_code, len(answer.json()["results"]["bindings"])) == (200, 1)
    refused = ask(client, "SELECT * { BIND (1 AS ?from) " + "{" * 5000 + "}" * 5000 + "}")
    assert (refused.status_code, refused.json()["title"]) == (400, "The query cannot be answered")
    assert "nested too deep" in refused.json()["detail"]


def test_dataset_in_the_query(client: TestClient) -> None:
    planned = "SELECT ?o FROM cg:plans { ?s cg:provider ?o }"
    values = [row["o"]["value"] for row in ask(client, planned).json()["results"]["bindings"]]
    assert values == ["https://w3id.org/civicgraph/id/organisation/beta"]
    assert ask(client, "SELECT * FROM <file:///etc/hostname> { ?s ?p ?o }").json()["results"]["bindings"] == []


def test_requests_at_fault(client: TestClient) -> None:
    body = {"Content-Type": PROTOCOL}
    assert "no query: give one as ?query=" in refused(client.get("/sparql?q=ASK{}"), 400)
    assert "no query" in refused(client.post("/sparql", data={"q": ASK}), 400)
    assert "more than once" in refused(client.get("/sparql?query=ASK{}&query=ASK{}"), 400)
    assert "not an IRI" in refused(client.get("/sparql?query=ASK{}&default-graph-uri=nothing"), 400)
    assert "not UTF-8" in refused(client.post("/sparql", content=b"ASK {} # \xe9", headers=body), 400)
    assert "not as text/plain" in refused(
        client.post("/sparql", content=ASK, headers={"Content-Type": "text/plain"}), 415
    )
    assert "not as nothing" in refused(client.post("/sparql", content=ASK), 415)
    longest = ASK + "#" * (MAX_QUERY_BYTES - len(ASK))
    assert client.post("/sparql", content=longest, headers=body).status_code == 200
    assert "a query may have 1000000 bytes" in refused(client.post("/sparql", content=longest + "#", headers=body), 413)
    assert refused(client.put("/sparql", content=ASK), 405) == "Method Not Allowed"


def test_form_for_people(client: TestClient) -> None:
    page = client.get("/sparql", headers={"Accept": BROWSER})
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    form = etree.HTML(page.text).find(".//main//form")
    assert form is not None
    assert (form.get("action"), form.get("method")) == ("/sparql", "get")
    example = form.findtext(".//textarea")
    assert example is not None
    assert "Alpha Limited" in ask(client, example).text


@pytest.mark.parametrize(
    "query",
    [
        "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }",
        "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l } ORDER BY ?c ?f",
        "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l FILTER (STRLEN(STR(?a)) + STRLEN(STR(?l)) < 0) }",
        "ASK { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l FILTER (STRLEN(STR(?a)) + STRLEN(STR(?l)) < 0) }",
    ],
)
def test_query_that_takes_too_long_is_stopped_and_the_next_one_works(hurried: TestClient, query: str) -> None:
    assert refused(ask(hurried, query), 503).startswith("the query was stopped after 1 seconds; ask for less")
    assert ask(hurried, ASK).json()["boolean"] is True


def test_a_byte_order_mark_is_skipped_and_an_empty_graph_is_not_one(client: TestClient) -> None:
    asked = "\ufeffASK { ?s ?p ?o }"
    for answer in (
        client.get("/sparql", params={"query": asked, "default-graph-uri": "", "named-graph-uri": ""}),
        client.post("/sparql", content=asked.encode(), headers={"Content-Type": "application/sparql-query"}),
    ):
        assert answer.json()["boolean"] is True
