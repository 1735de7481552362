"""/tables, /concentration and /exports: flat answers that keep their shape, at addresses that end as files do."""

import csv
import io
import json

import networkx as nx
import pytest
from fastapi.testclient import TestClient
from lxml import etree

BASE = "https://w3id.org/civicgraph/id/"
DEPENDENCIES = [
    *("buyer", "supplier", "service", "place", "from", "to", "value", "currency", "certainty", "evidence"),
    *("kind", "tie", "buyer_iri", "supplier_iri", "service_iri", "place_iri"),
    *("guard", "left_out", "counted"),
]
COLUMNS = {
    "market": "market,service,place,from,to,basis,level,hhi,hhi_low,hhi_high,cr1,cr4,cr5,effective_suppliers,gini,"
    "suppliers,buyers,contracts,total,coverage,excluded,weight_coverage,records,cap,hhi_unresolved,hhi_if_refused,hhi_if_taken,"
    "winner_concentration,newcomers,leavers,core_share,band_us_2023,band_ec_2004,currency,coverage_money,rows,"
    "classified,classified_money,notes",
    "supplier": "supplier,name,total,share,contracts,buyers,hhi_buyers,hhi_services,hhi_places,top_buyer,"
    "top_buyer_share,dependent_buyers,sole_supplier_of,coverage,"
    "share_before,pagerank,betweenness,core_number,from,to,basis,level,coverage_money,degree,notes",
    "buyer": "buyer,name,total,share,contracts,suppliers,hhi_suppliers,hhi_services,hhi_places,top_supplier,"
    "top_supplier_share,depends_on,sole_supplied,coverage,"
    "share_before,pagerank,betweenness,core_number,from,to,basis,level,winner_concentration,coverage_money,degree,notes",
}
EXPORTS = {
    "/exports/network.gexf": "application/gexf+xml",
    "/exports/network.graphml": "application/graphml+xml",
    "/exports/network/nodes.csv": "text/csv; charset=utf-8",
    "/exports/network/edges.csv": "text/csv; charset=utf-8",
}


def refused(client: TestClient, path: str, status: int) -> str:
    response = client.get(path)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    return str(response.json()["detail"])


def test_list_of_tables_describes_every_column(client: TestClient) -> None:
    tables = {table["name"]: table for table in client.get("/tables").json()}
    assert list(tables["dependencies"]["columns"]) == DEPENDENCIES
    for table in tables.values():
        assert table["description"].endswith(".")
        assert all(meaning for meaning in table["columns"].values())


def test_every_table_is_the_same_in_every_format(seeds: TestClient) -> None:
    for table in seeds.get("/tables").json():
        path = f"/tables/{table['name']}"
        as_json = seeds.get(f"{path}.json")
        rows = as_json.json()
        assert as_json.headers["content-type"] == "application/json"
        assert [list(row) for row in rows] == [list(table["columns"])] * len(rows)
        as_lines = seeds.get(f"{path}.ndjson")
        assert as_lines.headers["content-type"] == "application/x-ndjson"
        assert [json.loads(line) for line in as_lines.text.splitlines()] == rows
        as_csv = seeds.get(f"{path}.csv")
        assert as_csv.headers["content-type"] == "text/csv; charset=utf-8"
        header, *cells = list(csv.reader(io.StringIO(as_csv.text, newline="")))
        assert header == list(table["columns"])
        assert len(cells) == len(rows)
        assert rows or table["name"] in ("payments", "spend", "ceilings")  # of which articles say nothing


def test_dependencies_by_hand(client: TestClient) -> None:
    contract, service = client.get("/tables/dependencies.json").json()
    both = {
        "buyer": "Ashby Council",
        "supplier": "Alpha Limited",
        "service": "Payroll",
        "certainty": "asserted",
        "buyer_iri": f"{BASE}organisation/ashby-council",
        "supplier_iri": f"{BASE}organisation/alpha",
        "service_iri": "https://w3id.org/civicgraph/services#payroll",
    }
    for row in (contract, service):
        assert {name: row[name] for name in both} == both
        claims = row["evidence"].split(" ")
        # A tie rests on the claims that name its two parties.
        assert len(claims) == 2
        assert all(claim.startswith(f"{BASE}claim/") for claim in claims)
    assert (contract["kind"], contract["tie"]) == ("contract", f"{BASE}contract/ashby-payroll")
    assert (contract["from"], contract["to"]) == ("2013-04-01", "2016-03-31")
    assert (contract["value"], contract["currency"], contract["place"]) == (5000000.0, "GBP", None)
    assert (service["kind"], service["place"], service["place_iri"]) == ("service", "Ashby", f"{BASE}place/ashby")
    assert (service["from"], service["to"], service["value"], service["currency"]) == (None, None, None, None)


def test_value_of_a_tie_is_split_over_its_rows(seeds: TestClient) -> None:
    rows = seeds.get("/tables/dependencies.json").json()
    assert {row["certainty"] for row in rows} <= {"asserted", "reported", "speculative"}
    assert [row for row in rows if row["value"] is not None and row["value"] < 0] == []
    assert rows == sorted(rows, key=lambda row: row["tie"])


@pytest.mark.parametrize("path", ["/tables/dependencies.json", "/tables/dependencies.csv", "/concentration.json"])
def test_known_version_is_not_sent_again(client: TestClient, path: str) -> None:
    first = client.get(path)
    etag = first.headers["etag"]
    assert etag == f'W/"{client.get("/health").json()["version"]}"'
    for known in (etag, f'"other", {etag}'):
        again = client.get(path, headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    assert client.get(path, headers={"If-None-Match": 'W/"other"'}).content == first.content


def test_tables_that_there_are_not(client: TestClient) -> None:
    assert refused(client, "/tables/nothing.json", 404).startswith("there is no table 'nothing'; there are: ")
    assert refused(client, "/tables/dependencies.xml", 404) == (
        "a table ends in .json, .csv, .ndjson or .xlsx, not in .xml"
    )
    assert "there is no table" in refused(client, "/tables/nothing", 404)
    assert "unknown parameter 'byer'" in refused(client, "/tables/dependencies.json?byer=x", 400)


@pytest.mark.parametrize("by", ["market", "supplier", "buyer"])
def test_figures_have_the_columns_that_the_command_line_prints(seeds: TestClient, by: str) -> None:
    rows = seeds.get("/concentration.json", params={"by": by}).json()
    as_csv = seeds.get("/concentration.csv", params={"by": by}).text
    header, *cells = list(csv.reader(io.StringIO(as_csv, newline="")))
    assert ",".join(header) == COLUMNS[by]
    assert [list(row) for row in rows] == [header] * len(rows)
    assert len(rows) == len(cells) > 5


def test_market_of_one_service_and_period(client: TestClient) -> None:
    params = {"by": "market", "basis": "contracts", "service": "payroll", "from": "2014-01-01", "to": "2014-12-31"}
    (row,) = client.get("/concentration.json", params=params).json()
    assert (row["market"], row["basis"], row["from"], row["to"]) == ("Payroll", "contracts", "2014-01-01", "2014-12-31")
    assert (row["hhi"], row["cr1"], row["suppliers"], row["buyers"], row["total"]) == (10000.0, 1.0, 1, 1, 1.0)


@pytest.mark.parametrize(
    ("form", "kind", "begins"), [("svg", "image/svg+xml", b"<?xml"), ("png", "image/png", b"\x89PNG")]
)
@pytest.mark.parametrize("query", ["", "by=supplier", "every=year&from=2010-01-01&to=2016-12-31"])
def test_figures_are_drawn_at_an_address_that_ends_as_the_picture_does(
    client: TestClient, form: str, kind: str, begins: bytes, query: str
) -> None:
    response = client.get(f"/concentration.{form}?{query}")
    assert (response.status_code, response.headers["content-type"]) == (200, kind)
    assert response.content.startswith(begins)
    assert client.get(f"/concentration.{form}?{query}").content == response.content
    again = client.get(f"/concentration.{form}?{query}", headers={"If-None-Match": response.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_what_cannot_be_drawn_is_refused(client: TestClient) -> None:
    assert "nothing to draw" in refused(client, "/concentration.svg?basis=spend", 400)
    assert "only figures by market are drawn" in refused(client, "/concentration.png?by=buyer&every=year", 400)


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("by=nobody", "by is one of 'market', 'supplier' or 'buyer', not 'nobody'"),
        ("basis=guess", "basis is one of 'value', 'spend'"),
        ("service=payrol", "no service type is called 'payrol'; the nearest: Payroll"),
        ("place=", "no place is called ''"),
        ("from=someday", "from is a day such as 2019-04-01, not 'someday'"),
        ("as_of=2014-01-02&to=2014-01-03", "a day (as-of) and a period (from, to) were both given"),
        ("from=2014-01-02&to=2014-01-01", "the period ends (2014-01-01) before it begins (2014-01-02)"),
        (
            "servise=payroll",
            "unknown parameter 'servise'; known are: by, every, cap, structure, service, place",
        ),
    ],
)
def test_markets_that_there_are_not(client: TestClient, query: str, detail: str) -> None:
    assert detail in refused(client, f"/concentration.json?{query}", 400)


@pytest.mark.parametrize(("path", "content_type"), EXPORTS.items())
def test_exports_come_with_type_and_version(client: TestClient, path: str, content_type: str) -> None:
    response = client.get(path)
    assert (response.status_code, response.headers["content-type"]) == (200, content_type)
    assert response.headers["etag"] == f'W/"{client.get("/health").json()["version"]}"'
    assert "Alpha Limited" in response.text or "organisation/alpha" in response.text
    assert "Beta" not in response.text
    assert client.get(path).content == response.content
    assert "unknown parameter 'view'" in refused(client, f"{path}?view=x", 400)


def test_exported_networks_open(seeds: TestClient) -> None:
    gexf = etree.fromstring(seeds.get("/exports/network.gexf").content)
    graphml = nx.parse_graphml(seeds.get("/exports/network.graphml").text)
    nodes = list(csv.DictReader(io.StringIO(seeds.get("/exports/network/nodes.csv").text, newline="")))
    edges = list(csv.DictReader(io.StringIO(seeds.get("/exports/network/edges.csv").text, newline="")))
    names = {node["Id"] for node in nodes}
    assert {node.get("id") for node in gexf.iter("{*}node")} == set(graphml.nodes) == names
    assert len(names) == len(nodes) > 10
    assert {edge["Source"] for edge in edges} | {edge["Target"] for edge in edges} == names
    assert len(list(gexf.iter("{*}edge"))) == len(edges)


def test_exports_may_be_opened_from_other_sites(client: TestClient) -> None:
    response = client.get("/exports/network.gexf", headers={"Origin": "https://lite.gephi.org"})
    assert response.headers["access-control-allow-origin"] == "*"
    asked = {"Origin": "https://lite.gephi.org", "Access-Control-Request-Method": "GET"}
    assert client.options("/exports/network.gexf", headers=asked).status_code == 204


def test_large_answers_are_compressed(seeds: TestClient) -> None:
    plain = seeds.get("/tables/dependencies.json", headers={"Accept-Encoding": "identity"})
    packed = seeds.get("/tables/dependencies.json", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.json() == plain.json()
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"]) / 2


def test_what_if_over_http_says_what_the_command_line_says(seeds: TestClient) -> None:
    hit = seeds.get("/what-if/fails/capita", params={"as_of": "2020-01-01"}).json()
    assert (hit["name"], hit["customers"], hit["day"]) == ("Capita", 1, "2020-01-01")
    assert {row["buyer"] for row in hit["hits"]} == {"Birmingham City Council"}
    merged = seeds.get("/what-if/merge", params={"a": "capita", "b": "East Kent Services"}).json()
    assert [(market["market"], market["delta"]) for market in merged["markets"][1:]] == [("IT services", 3750)]
    assert "the nearest: Capita" in refused(seeds, "/what-if/fails/capitta", 400)
    assert "unknown parameter 'on'" in refused(seeds, "/what-if/fails/capita?on=2020-01-01", 400)


def test_a_figure_is_asked_again_without_being_worked_out_again(seeds: TestClient) -> None:
    address = "/concentration.json?by=supplier&as_of=2019-01-01&level=group&structure=true"
    first = seeds.get(address)
    assert first.status_code == 200
    assert seeds.get(address).content == first.content
    assert all(row["from"] == row["to"] == "2019-01-01" and row["level"] == "group" for row in first.json())
