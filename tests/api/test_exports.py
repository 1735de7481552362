"""/exports: every view in every form with the same filters, streamed, with a version, and as Gephi's stream."""

import csv
import io

import pytest
from fastapi.testclient import TestClient
from lxml import etree

from civicgraph.graph.exports.options import VIEWS

FORMS = (".gexf", ".graphml", "/nodes.csv", "/edges.csv")


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_has_every_form(client: TestClient, view: str) -> None:
    for form in FORMS:
        response = client.get(f"/exports/{view}{form}?shared=1" if view == "suppliers" else f"/exports/{view}{form}")
        assert response.status_code == 200, form
        version = client.get("/health").json()["version"]
        assert response.headers["etag"] == f'W/"{version}"'
        unchanged = client.get(f"/exports/{view}{form}", headers={"If-None-Match": response.headers["etag"]})
        assert (unchanged.status_code, unchanged.content) == (304, b"")


def count(client: TestClient, query: str) -> int:
    response = client.get(f"/exports/{query}")
    assert response.status_code == 200, response.text
    return len(list(etree.fromstring(response.content).iter("{*}edge")))


@pytest.mark.parametrize(
    ("query", "edges"),
    [
        ("network.gexf", 2),
        ("network.gexf?as_of=2014-06-01", 1),
        ("network.gexf?from=2016-04-01", 0),
        ("network.gexf?minimum=5000000", 1),
        ("network.gexf?minimum=5000000.01", 0),
        ("network.gexf?around=ashby-council&depth=2", 2),
        ("network.gexf?service=payroll", 2),
        ("network.graphml?level=group&basis=contracts", 1),
    ],
)
def test_filters(client: TestClient, query: str, edges: int) -> None:
    assert count(client, query) == edges


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("network.gexf?minimum=lots", "the minimum 'lots' is not a sum of money"),
        ("network.gexf?around=nobody", "nothing in this view is called 'nobody'"),
        ("network.gexf?depth=0", "depth is at least 1, not"),
        ("network.gexf?servise=x", "unknown parameter 'servise'"),
        ("network.gexf?operation=getGraph", "unknown parameter 'operation'"),
        ("network.gexf?from=2014-01-02&to=2014-01-01", "the period ends (2014-01-01) before it begins"),
        ("claims.gexf?minimum=5", "leave these filters out"),
    ],
)
def test_refusals_say_why(client: TestClient, query: str, detail: str) -> None:
    response = client.get(f"/exports/{query}")
    assert response.status_code in (400, 422)
    assert response.headers["content-type"] == "application/problem+json"
    assert detail in response.json()["detail"]


@pytest.mark.parametrize("form", FORMS)
def test_a_file_is_compressed_and_may_be_opened_from_other_sites(client: TestClient, form: str) -> None:
    asked = {"Accept-Encoding": "gzip", "Origin": "https://lite.gephi.org"}
    response = client.get(f"/exports/contracts{form}", headers=asked)
    assert response.headers["content-encoding"] == "gzip"
    assert response.headers["access-control-allow-origin"] == "*"
    plain = client.get(f"/exports/contracts{form}", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert response.content == plain.content


def test_results_of_queries_are_compressed(client: TestClient) -> None:
    for accept in ("application/sparql-results+json", "text/csv", "text/turtle"):
        query = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }" if accept == "text/turtle" else "SELECT * { ?s ?p ?o }"
        asked = {"Accept-Encoding": "gzip", "Accept": accept}
        response = client.get("/sparql", params={"query": query}, headers=asked)
        assert (response.status_code, response.headers.get("content-encoding")) == (200, "gzip"), accept


def test_the_forms_of_a_view_agree(client: TestClient) -> None:
    nodes = list(csv.DictReader(io.StringIO(client.get("/exports/contracts/nodes.csv").text, newline="")))
    tree = etree.fromstring(client.get("/exports/contracts.gexf").content)
    assert [node["Id"] for node in nodes] == [node.get("id") for node in tree.iter("{*}node")]
    assert {node["kind"] for node in nodes} >= {"buyer", "supplier", "contract", "service"}
