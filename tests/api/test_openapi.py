"""The HTTP interface describes itself: every route says what it does, and does what it says."""

import re
from typing import Any

import pytest
from fastapi.testclient import TestClient

from civicgraph.api.tables.flat import CONTENT_TYPES
from civicgraph.api.tables.table_routes import MOST_ROWS, PAGING, ROWS, SHAPES
from civicgraph.ontology.read import ONTOLOGY_VERSION

EXAMPLES = {
    "query": "platforms",
    "name": "dependencies",
    "form": "json",
    "kind": "organisation",
    "slug": "alpha",
    "others": "customers",
    "service_type": "payroll",
    "view": "network",
    "supplier": "alpha",
    "version": ONTOLOGY_VERSION,
    "rdf": "ttl",
}
"""A value for each parameter that stands in a path."""

NEEDED = {
    "/embed/network": {"node": "organisation/alpha"},
    "/sparql": {"query": "ASK {}"},
    "/network/neighbours.json": {"node": "organisation/alpha"},
    "/compare.{form}": {"a": "ashby-council"},
    "/what-if/merge": {"a": "alpha", "b": "ashby-council"},
    "/reconcile": {"queries": '{"q0": {"query": "alpha"}}'},
    "/reconcile/view": {"id": "https://w3id.org/civicgraph/id/organisation/alpha"},
    "/ties": {"buyer": "organisation/ashby-council", "supplier": "organisation/alpha"},
}
"""What some paths cannot answer without."""


@pytest.fixture(scope="session")
def described(client: TestClient) -> dict[str, Any]:
    document: dict[str, Any] = client.get("/openapi.json").json()
    return document


def operations(described: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    ]


def test_interface_says_what_it_is(described: dict[str, Any]) -> None:
    assert described["info"]["title"] == "civicgraph"
    assert described["info"]["summary"]
    assert re.fullmatch(r"\d+\.\d+\.\d+\S*", described["info"]["version"])


def test_every_parameter_says_what_it_is(described: dict[str, Any]) -> None:
    for path, method, operation in operations(described):
        for parameter in operation.get("parameters", ()):
            assert parameter.get("description"), (method, path, parameter["name"])


def test_every_route_has_a_summary_and_a_description(described: dict[str, Any]) -> None:
    found = operations(described)
    assert len(found) > 10
    for path, method, operation in found:
        assert operation["summary"], (method, path)
        assert operation["description"].strip().endswith("."), (method, path)
        assert operation["tags"], (method, path)
    ids = [operation["operationId"] for _, _, operation in found]
    assert len(set(ids)) == len(ids)


def test_every_route_answers(described: dict[str, Any], client: TestClient) -> None:
    query = {"query": "SELECT ?c { GRAPH cg:claims { ?c a cg:Claim } } LIMIT 1"}
    one = client.get("/sparql", params=query, headers={"Accept": "text/csv"}).text.split()[1]
    examples = {**EXAMPLES, "claim": one.rpartition("/")[2]}
    for path, method, _ in operations(described):
        if path in ("/update", "/graph-store") or method not in ("get", "post"):
            continue
        unknown = set(re.findall(r"\{(\w+)\}", path)) - set(examples)
        assert unknown == set(), f"{path} needs an example for {unknown}"
        needed = NEEDED.get(path, {})
        address = path.format(**examples)
        response = client.post(address, data=needed) if method == "post" else client.get(address, params=needed)
        assert response.status_code == 200, (method, path, response.text)


def test_tables_are_described_as_they_are(described: dict[str, Any]) -> None:
    given = {one["name"]: one["schema"] for one in described["paths"]["/tables/spend.{form}"]["get"]["parameters"]}
    assert given["form"]["enum"] == list(CONTENT_TYPES)
    assert (given["_size"]["default"], given["_size"]["anyOf"][0]["maximum"]) == (ROWS, MOST_ROWS)
    assert given["_shape"]["enum"] == list(SHAPES)
    assert set(PAGING) <= set(given)


def test_refusals_are_described_as_problems(described: dict[str, Any]) -> None:
    assert set(described["components"]["schemas"]["Problem"]["properties"]) == {"title", "status", "detail", "nearest"}
    for method, path, operation in operations(described):
        assert operation["responses"]["default"] == {"$ref": "#/components/responses/problem"}, (method, path)
        assert "422" not in operation["responses"]


@pytest.mark.parametrize("path", ["/nowhere", "/id", "/id/organisation", "/tables/", "/redoc", "/favicon.ico"])
def test_what_is_not_there_is_a_problem(client: TestClient, path: str) -> None:
    response = client.get(path, follow_redirects=False)
    if response.status_code in (301, 307, 308):  # a slash too many leads to where it is meant
        response = client.get(response.headers["location"])
        assert response.status_code == 200
    else:
        assert response.status_code == 404
        assert response.headers["content-type"] == "application/problem+json"


def test_error_of_the_program_itself_is_owned_and_not_explained(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise LookupError("a secret of the house")

    monkeypatch.setattr("civicgraph.api.pages.page_routes.thing_page", broken)
    quiet = TestClient(client.app, raise_server_exceptions=False)
    response = quiet.get("/id/organisation/alpha")
    assert (response.status_code, response.headers["content-type"]) == (500, "application/problem+json")
    assert response.json()["title"] == "An error in civicgraph itself"
    assert "secret" not in response.text
    assert response.headers["x-content-type-options"] == "nosniff"
