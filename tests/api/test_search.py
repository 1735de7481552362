"""Finding by name: any order, any spelling, aliases and identifiers; and the network around what was found."""

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from civicgraph.api.name_search import Names
from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.ontology.terms import CG

JSON = {"Accept": "application/json"}


def found(client: TestClient, text: str) -> list[str]:
    hits: list[dict[str, Any]] = client.get("/search", params={"q": text}, headers=JSON).json()
    return [str(hit["label"]) for hit in hits]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Canterbury City Council", "Canterbury City Council"),
        ("canterbury", "Canterbury City Council"),
        ("Canterbery", "Canterbury City Council"),
        ("council canterb", "Canterbury City Council"),
        ("EAST KENT SERVCES", "East Kent Services"),
        ("captia", "Capita"),
        ("payrol", "Payroll"),
        ("birmingham city", "Birmingham City Council"),
    ],
)
def test_name_is_found_however_it_is_spelt(seeds: TestClient, text: str, first: str) -> None:
    assert found(seeds, text)[0] == first


def test_alias_leads_to_its_thing_and_is_named(client: TestClient) -> None:
    (hit, *_) = client.get("/search", params={"q": "Alpha Ltd"}, headers=JSON).json()
    assert (hit["label"], hit["name"], hit["address"]) == ("Alpha Limited", "Alpha Ltd", "/id/organisation/alpha")
    page = client.get("/search", params={"q": "Alpha Ltd"}, headers={"Accept": "text/html"}).text
    assert "also called <bdi>Alpha Ltd</bdi>" in page


@pytest.mark.parametrize("text", ["", " ", "qqqqqqqq", "<>&\"'", "\u202e", "🦆", "a" * 10_000])
def test_what_is_not_there_is_not_found(seeds: TestClient, text: str) -> None:
    assert found(seeds, text) == []
    assert seeds.get("/search", params={"q": text}, headers={"Accept": "text/html"}).status_code == 200


@pytest.fixture(scope="module")
def names(seeds_data: Path) -> Names:
    with DataFolder(seeds_data).open() as snapshot:
        return Names(snapshot.engine)


@given(text=st.text(max_size=60), limit=st.integers(1, 30))
def test_hits_are_few_ordered_and_each_thing_once(names: Names, text: str, limit: int) -> None:
    hits = names.find(text, limit)
    assert len(hits) <= limit
    assert len({hit.iri for hit in hits}) == len(hits)
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)


def test_neighbours_of_a_council_in_every_view(client: TestClient) -> None:
    around = client.get("/network/neighbours.json", params={"node": "organisation/ashby-council"}).json()
    assert around["centre"] == {"key": "organisation/ashby-council", "label": "Ashby Council", "kind": "Council"}
    edges = {(edge["supplier"], edge["kind"], edge["view"]): edge for edge in around["edges"]}
    assert set(edges) == {
        ("organisation/alpha", "service", "established"),
        ("organisation/alpha", "contract", "established"),
        ("organisation/beta", "service", "plans"),
        ("organisation/gamma", "service", "rumours"),
    }
    contract = edges["organisation/alpha", "contract", "established"]
    assert (contract["ties"], contract["value"], contract["certainty"]) == (1, 5_000_000, "asserted")
    assert around["total"] == 3


def test_neighbours_are_the_largest_where_fewer_are_asked_for(client: TestClient) -> None:
    around = client.get("/network/neighbours.json", params={"node": "organisation/ashby-council", "limit": 1}).json()
    assert [vertex["key"] for vertex in around["vertices"]] == ["organisation/alpha"]
    assert around["total"] == 3


def test_planned_tie_is_shown_as_planned(client: TestClient) -> None:
    address = "/ties?buyer=organisation/ashby-council&supplier=organisation/beta"
    page = client.get(address, headers={"Accept": "text/html"}).text
    assert 'class="view plans"' in page
    assert 'class="view established"' not in page
    assert "It plans to turn to Beta Ltd" in page


@pytest.mark.parametrize(
    ("path", "status"),
    [
        *(("/network?node=organisation/nobody", 404), ("/network?node=../../etc", 400), ("/service/none", 404)),
        *(
            ("/ties?buyer=organisation/alpha&supplier=organisation/nobody", 404),
            ("/ties?buyer=organisation/alpha", 400),
        ),
        *(("/network/neighbours.json?node=organisation/alpha&limit=0", 400), ("/built/none.js", 404)),
        *(("/markets?from=tomorrow", 400), ("/markets?service=none-such", 400), ("/built/manifest.json", 404)),
        *(("/markets?from=2014-02-01&to=2014-01-01", 400), ("/search?limit=1000", 400), ("/doubtful?view=facts", 400)),
        *(("/service/a%20b", 404), ("/doubtful?skip=-1", 400), ("/built/..%2fbase.html", 404)),
    ],
)
def test_what_cannot_be_shown_says_so(client: TestClient, path: str, status: int) -> None:
    response = client.get(path, headers={"Accept": "text/html"})
    assert (response.status_code, response.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert CG.Council not in response.text
    refused = client.get(path, headers={"Accept": "application/json"})
    assert (refused.status_code, refused.headers["content-type"]) == (status, "application/problem+json")


def test_results_have_their_kind_and_pounds_and_can_be_kept_to_one_kind(tables: TestClient) -> None:
    hits = tables.get("/search", params={"q": "alpha"}, headers=JSON).json()
    (alpha,) = [hit for hit in hits if hit["label"] == "Alpha Ltd"]
    received = tables.get("/tables/suppliers.json", params={"supplier": "Alpha Ltd"}).json()[0]["received"]
    assert (alpha["received"], alpha["customers"], alpha["paid"]) == (received, 1, None)
    assert alpha["kind"] == "supplier"
    page = tables.get("/search", params={"q": "alpha"}, headers={"Accept": "text/html"}).text
    assert f"received £{received:,.2f} from 1 customer<" in page
    assert tables.get("/search", params={"q": "alpha", "kind": "place"}, headers=JSON).json() == []


def test_kinds_are_the_narrowest(seeds: TestClient) -> None:
    kinds = {hit["label"]: hit["kind"] for hit in seeds.get("/search", params={"q": "birmingham"}, headers=JSON).json()}
    assert kinds["Birmingham City Council"] == "council"
    alone = seeds.get("/search", params={"q": "birmingham", "kind": "place"}, headers=JSON).json()
    assert [hit["label"] for hit in alone] == ["Birmingham"]
