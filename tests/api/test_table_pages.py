"""Pages, filters and shapes of tables, and stored queries with their parameters."""

import csv
import io

import pytest
from fastapi.testclient import TestClient

from civicgraph.api.app import create_app
from civicgraph.api.settings import Settings
from civicgraph.api.tables.catalog import TABLES, HeaderError, StoredQuery, stored_queries

NAMES = {
    *("organisations", "suppliers", "buyers", "contracts", "services", "places", "events", "claims", "dependencies"),
    *("spend", "payments", "sources"),
}


def test_all_the_tables_that_others_rely_on() -> None:
    assert set(TABLES) >= NAMES


@pytest.mark.parametrize("name", sorted(NAMES))
def test_pages_laid_end_to_end_are_the_table(seeds: TestClient, name: str) -> None:
    whole = seeds.get(f"/tables/{name}.json?_size=max").json()
    size = max(1, len(whole) // 3)
    found, address = [], f"/tables/{name}.json?_size={size}"
    while address:
        page = seeds.get(address)
        assert len(page.json()) <= size
        found += page.json()
        assert (page.links.get("next") is None) == (len(found) >= len(whole))
        address = page.links["next"]["url"] if "next" in page.links else ""
    assert found == whole


def test_shapes(seeds: TestClient) -> None:
    rows = seeds.get("/tables/services.json?_size=2").json()
    objects = seeds.get("/tables/services.json?_size=2&_shape=objects").json()
    arrays = seeds.get("/tables/services.json?_size=2&_shape=arrays").json()
    assert objects["rows"] == rows
    assert arrays["rows"] == [list(row.values()) for row in rows]
    assert arrays["columns"] == list(rows[0])
    assert objects["next"] == arrays["next"]
    following = seeds.get(objects["next_url"]).json()["rows"]
    assert len(following) == 2
    assert following != rows


@pytest.mark.parametrize("name", ["East Kent Services", "east-kent-services", "organisation/east-kent-services"])
def test_filters_take_names_and_slugs(seeds: TestClient, name: str) -> None:
    rows = seeds.get("/tables/services.json", params={"supplier": name}).json()
    assert rows
    assert {row["provider"] for row in rows} == {"East Kent Services"}
    both = seeds.get("/tables/services.json", params={"supplier": name, "council": "Canterbury City Council"}).json()
    assert 0 < len(both) < len(rows)
    as_csv = seeds.get("/tables/services.csv", params={"supplier": name}).text
    assert len(list(csv.reader(io.StringIO(as_csv, newline="")))) == len(rows) + 1


def test_periods_leave_out_what_cannot_have_held(client: TestClient) -> None:
    whole = client.get("/tables/dependencies.json").json()
    ended = [row for row in whole if row["to"] is not None]
    assert ended
    late = client.get("/tables/dependencies.json?as_of=2099-01-01").json()
    # What has no date may have held, and counts in no figure of a period.
    assert late == [row | {"left_out": "no date known"} for row in whole if row["to"] is None]


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("supplyer=x", "known are: _size, _next, _shape, _sort, _search, council"),
        ("supplier=Eastkent Services", "East Kent Services"),
        ("_size=0", "_size is a number from 1 to 100000, or max"),
        ("_size=many", "_size is"),
        ("_shape=round", "_shape is array"),
        ("from=yesterday", "from is a day such as 2019-04-01"),
        ("certainty=sure", "there are, among others"),
    ],
)
def test_parameters_and_values_that_there_are_not(seeds: TestClient, query: str, detail: str) -> None:
    refused = seeds.get(f"/tables/dependencies.json?{query}")
    assert (refused.status_code, refused.headers["content-type"]) == (400, "application/problem+json")
    assert detail in refused.json()["detail"]


def test_client_that_has_the_version_is_told_so(seeds: TestClient) -> None:
    etag = seeds.get("/tables/services.json").headers["etag"]
    again = seeds.get("/tables/services.json", headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    head = seeds.head("/tables/services.json")
    assert head.headers["content-length"] == seeds.get("/tables/services.json").headers["content-length"]
    packed = seeds.get("/tables/services.json", headers={"Accept-Encoding": "br"})
    assert packed.headers["content-encoding"] == "br"


def test_every_stored_query_is_answered(seeds: TestClient) -> None:
    listed = seeds.get("/queries").json()
    assert len(listed) >= 15
    answered = 0
    for query in listed:
        rows = seeds.get(f"/queries/{query['name']}.json").json()
        as_csv = seeds.get(f"/queries/{query['name']}.csv").text
        assert len(list(csv.reader(io.StringIO(as_csv, newline="")))) == len(rows) + 1
        assert len(seeds.get(f"/queries/{query['name']}.ndjson").text.splitlines()) == len(rows)
        answered += bool(rows)
    assert answered >= 13


def test_parameters_are_terms_and_never_text_of_the_query(seeds: TestClient) -> None:
    wanted = {"supplier": "organisation/east-kent-services"}
    assert seeds.get("/queries/customers-of.json", params=wanted).json()
    for hostile in ("x> } DELETE { ?s ?p ?o", "} UNION { ?s ?p ?o }", "http://e/a b", "urn:x>"):
        refused = seeds.get("/queries/customers-of.json", params={"supplier": hostile})
        assert refused.status_code in (200, 400)
        assert refused.status_code == 400 or refused.json() == []
    unknown = seeds.get("/queries/customers-of.json?buyer=x")
    assert (unknown.status_code, "known are: supplier" in unknown.json()["detail"]) == (400, True)
    assert "there are: " in seeds.get("/queries/nothing.json").json()["detail"]
    assert seeds.get("/queries/customers-of.xml").status_code == 404


def test_queries_of_a_users_own(seeds_data: object, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("queries")
    (folder / "near.rq").write_text(
        "# Near: numbers near one.\n# @param n integer 3 The number\n"
        "SELECT ?n ?m WHERE { VALUES ?m { 2 3 4 } FILTER (?m >= ?n) }\n"
    )
    settings = Settings(seeds_data, queries=folder)  # type: ignore[arg-type] # a fixture that is a path
    with TestClient(create_app(settings)) as client:
        assert client.get("/queries/near.json").json() == [{"n": 3, "m": 3}, {"n": 3, "m": 4}]
        assert client.get("/queries/near.json?n=4").json() == [{"n": 4, "m": 4}]
        assert "n is not a number" in client.get("/queries/near.json?n=four").json()["detail"]
    (folder / "bad.rq").write_text("# Bad: one.\n# @param n colour red A colour\nSELECT ?n {}\n")
    stored_queries.cache_clear()
    with pytest.raises(HeaderError, match=r"bad\.rq:2: colour is none of"):
        stored_queries(folder)
    with pytest.raises(HeaderError, match="says in a comment"):
        StoredQuery.read("silent", "SELECT * {}")
