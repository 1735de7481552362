"""OpenRefine's requests, and answers as the Reconciliation Service API 0.2 has them.

The checks are written after the JSON schemas and the text of the standard:
https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/
"""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from typing import Any, Final
from urllib.parse import quote

import httpx2
import pytest

ORGANISATION: Final = "https://w3id.org/civicgraph/ontology#Organisation"
EAST_KENT: Final = "https://w3id.org/civicgraph/id/organisation/east-kent-services"
SERVICE: Final = {
    "User-Agent": "OpenRefine/3.8.7 [TRUNK]",
    "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
}
PAGE: Final = {"Origin": "http://127.0.0.1:3333", "Accept": "application/json, text/javascript, */*; q=0.01"}
"""OpenRefine asks for rows from its server, and for the manifest from its page."""


@pytest.fixture(scope="module")
def http(address: str) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=address, timeout=60) as client:
        yield client


def reconciled(http: httpx2.Client, queries: dict[str, dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    response = http.post("/reconcile", data={"queries": json.dumps(queries)}, headers=SERVICE)
    assert (response.status_code, response.headers["content-type"]) == (200, "application/json")
    return checked(queries, response.json())


def checked(queries: dict[str, dict[str, Any]], batch: Any) -> dict[str, list[dict[str, Any]]]:  # noqa: ANN401
    assert set(batch) == set(queries)
    for key, answer in batch.items():
        assert set(answer) == {"result"}
        scores = []
        for candidate in answer["result"]:
            check_entity(candidate, optional={"description", "type", "match"}, needed=("score",))
            check_types(candidate["type"])
            assert isinstance(candidate["match"], bool)
            scores.append(candidate["score"])
        assert scores == sorted(scores, reverse=True)
        assert len(scores) <= queries[key].get("limit", 5)
        assert sum(candidate["match"] for candidate in answer["result"]) <= 1
    return {key: answer["result"] for key, answer in batch.items()}


def check_entity(found: dict[str, Any], optional: set[str], needed: tuple[str, ...] = ()) -> None:
    required = {"id", "name", *needed}
    assert required <= set(found) <= required | optional
    for name in ("id", "name", "description"):
        assert isinstance(found.get(name, ""), str)
    assert found["id"].startswith("https://w3id.org/civicgraph/")
    assert found["name"]


def check_types(types: list[dict[str, Any]]) -> None:
    assert isinstance(types, list)
    for one in types:
        assert set(one) == {"id", "name"}
        assert all(isinstance(value, str) and value for value in one.values())


@pytest.fixture(scope="module")
def manifest(http: httpx2.Client) -> dict[str, Any]:
    response = http.get("/reconcile", headers=PAGE)
    assert response.headers["access-control-allow-origin"] == "*"
    found: dict[str, Any] = response.json()
    return found


def test_manifest(manifest: dict[str, Any]) -> None:
    assert "0.2" in manifest["versions"]
    for name in ("name", "identifierSpace", "schemaSpace", "serviceVersion", "documentation", "logo"):
        assert isinstance(manifest[name], str)
    check_types(manifest["defaultTypes"])
    assert len({one["id"] for one in manifest["defaultTypes"]}) == len(manifest["defaultTypes"])
    assert "{{id}}" in manifest["view"]["url"]
    assert isinstance(manifest["batchSize"], int)


def test_what_the_manifest_leads_to_is_there(manifest: dict[str, Any], http: httpx2.Client) -> None:
    for name in ("documentation", "logo"):
        assert http.get(manifest[name]).status_code == 200
    seen = http.get(manifest["view"]["url"].replace("{{id}}", quote(EAST_KENT, safe="")), follow_redirects=True)
    assert seen.url.path == "/id/organisation/east-kent-services"
    assert seen.status_code == 200


def test_column_is_guessed_and_reconciled(http: httpx2.Client) -> None:
    names = ["east kent SERVICES", "EKS", "Canterbery City Council", "Nobody at All"]
    guessed = reconciled(http, {f"q{row}": {"query": name, "limit": 3} for row, name in enumerate(names)})
    assert guessed["q0"][0]["type"] == [{"id": ORGANISATION, "name": "organisation"}]
    query = {"type": ORGANISATION, "type_strict": "should", "limit": 10}
    first, alias, misspelt, unknown = reconciled(
        http, {f"q{row}": {"query": name, **query} for row, name in enumerate(names)}
    ).values()
    assert (first[0]["id"], first[0]["score"], first[0]["match"]) == (EAST_KENT, 100, True)
    assert (alias[0]["id"], alias[0]["match"], alias[0]["description"]) == (EAST_KENT, True, "also called EKS")
    assert (misspelt[0]["name"], misspelt[0]["match"]) == ("Canterbury City Council", False)
    assert not any(candidate["match"] for candidate in unknown)


def test_types_are_kept_apart(http: httpx2.Client) -> None:
    kinds = {"all": None, "place": "Place", "both": ["Place", ORGANISATION]}
    queries = {key: {"query": "Canterbury", **({} if kind is None else {"type": kind})} for key, kind in kinds.items()}
    found = {
        key: {candidate["type"][0]["name"] for candidate in result} for key, result in reconciled(http, queries).items()
    }
    assert found["place"] <= {"place"}
    assert "organisation" in found["all"] & found["both"]


def test_identifier_is_a_match(http: httpx2.Client) -> None:
    found = reconciled(http, {"q0": {"query": EAST_KENT}, "q1": {"query": EAST_KENT + "-not"}})
    assert [(one["id"], one["match"]) for one in found["q0"]] == [(EAST_KENT, True)]
    assert found["q1"] == []


def test_batch_by_get(http: httpx2.Client) -> None:
    queries = {"q0": {"query": "Capita", "limit": 1}}
    response = http.get("/reconcile", params={"queries": json.dumps(queries)}, headers=PAGE)
    assert checked(queries, response.json())["q0"][0]["name"] == "Capita"
    assert response.headers["access-control-allow-origin"] == "*"


def test_properties_alone_find_nothing(http: httpx2.Client) -> None:
    assert reconciled(http, {"q0": {"properties": [{"pid": "place", "v": "Kent"}]}}) == {"q0": []}


MANY: Final = json.dumps({str(number): {"query": "x"} for number in range(10_000)})


@pytest.mark.parametrize(
    ("form", "status", "detail"),
    [
        ({"queries": MANY}, 413, "a batch may have 50 queries, and this one has 10000"),
        ({"queries": "[" * 100_000}, 400, "queries is not JSON: depth limit exceeded"),
        ({"queries": "x" * 1_000_001}, 413, "a batch of queries may have 1000000 bytes"),
        ({"queries": "{'q0': 1}"}, 400, "queries is not JSON"),
        ({"queries": "[]"}, 400, "queries is an object such as"),
        ({"queries": '{"q0": 1}'}, 400, "the query 'q0' is not an object"),
        ({"queries": '{"q0": {}}'}, 400, "the query 'q0' has no text"),
        ({"queries": '{"q0": {"query": ""}}'}, 400, "the query 'q0' has no text"),
        ({"queries": '{"q0": {"query": "x", "limit": 0}}'}, 400, "not a whole number from 1 on"),
        ({"queries": '{"q0": {"query": "x", "limit": true}}'}, 400, "not a whole number from 1 on"),
        ({"queries": '{"q0": {"query": "x", "limit": 1e400}}'}, 400, "queries is not JSON"),
        ({"queries": '{"q0": {"query": "x", "type": "Dog"}}'}, 400, "there is no type 'Dog'; there are: https://"),
        ({"queries": '{"q0": {"query": "x", "type": {}}}'}, 400, "is one of, or a list of: https://"),
        ({"queries": ["{}", "{}"]}, 400, "given more than once"),
        ({"extend": "{}"}, 400, "give queries, a batch of queries in JSON, and nothing else; 'extend' was given"),
        ({}, 400, "nothing was given"),
    ],
)
def test_batch_at_fault(http: httpx2.Client, form: dict[str, Any], status: int, detail: str) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    response = http.post("/reconcile", data=form, headers=headers)
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")
    assert detail in response.json()["detail"]


def test_other_ways_to_ask_are_told_the_right_one(http: httpx2.Client) -> None:
    refused = http.post("/reconcile", json={"q0": {"query": "x"}})
    assert (refused.status_code, refused.headers["content-type"]) == (415, "application/problem+json")
    padded = http.get("/reconcile", params={"callback": "jQuery1"})
    assert "'callback' was given" in padded.json()["detail"]
    nowhere = http.get("/reconcile/view", params={"id": "https://example.org/"})
    assert (nowhere.status_code, nowhere.headers["content-type"]) == (404, "application/problem+json")


def test_batch_that_is_hard_to_answer(http: httpx2.Client) -> None:
    batch = {str(number): {"query": "a e i o s t k l " * 700, "limit": 10**9} for number in range(50)}
    answered = http.post("/reconcile", data={"queries": json.dumps(batch)})
    assert answered.status_code == 200
    assert {len(one["result"]) for one in answered.json().values()} <= set(range(51))


def test_command_of_the_page(snippet: Callable[..., str]) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed, and the page shows a command of it")
    answer = subprocess.run(["sh", "-c", snippet("openrefine.md", "sh")], check=True, capture_output=True, timeout=60)
    assert checked({"q0": {"limit": 3}}, json.loads(answer.stdout))["q0"][0]["id"] == EAST_KENT
