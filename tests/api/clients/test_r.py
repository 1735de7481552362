"""R: the requests that its functions were seen to send, and the page's snippets where R is installed.

What they send was read from R 4.2.2 with libcurl 7.88.1, httr2 0.2.2, jsonlite 1.8.4 and SPARQL 1.16.
"""

import csv
import io
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest
from lxml import etree

if sys.version_info >= (3, 14):
    from compression.zstd import decompress
else:
    from zstandard import ZstdDecompressor

    def decompress(content: bytes) -> bytes:
        return ZstdDecompressor().decompressobj().decompress(content)


READ_CSV: Final = {"User-Agent": "libcurl/7.88.1", "Accept": "*/*"}
FROM_JSON: Final = {"User-Agent": "libcurl/7.88.1", "Accept": "application/json, text/*, */*"}
HTTR2: Final = {
    "User-Agent": "httr2/0.2.2 r-curl/5.0.0 libcurl/7.88.1",
    "Accept-Encoding": "deflate, gzip, br, zstd",
    "Accept": "text/csv",
}
SPARQL: Final = {"Accept": "application/sparql-results+xml"}
QUERY: Final = "SELECT ?council ?supplier { ?b cg:servedBy ?p ; rdfs:label ?council . ?p rdfs:label ?supplier }"


@pytest.fixture(scope="module")
def http(address: str) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=address, timeout=60) as client:
        for name in list(client.headers):
            del client.headers[name]  # only what R sends
        yield client


def unpacked(response: httpx2.Response) -> str:
    """Return the text of an answer to httr2; the client of this test does not know zstd."""
    if response.headers.get("content-encoding") == "zstd":
        return decompress(response.content).decode()
    return response.text


def records(text: str) -> list[list[str]]:
    """Return rows of CSV as strictly read as R reads them: all of one length, none without its end."""
    assert text.endswith("\n")
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert len({len(row) for row in rows}) == 1
    return rows


def test_read_csv(http: httpx2.Client) -> None:
    response = http.get("/tables/dependencies.csv", params={"_size": "max"}, headers=READ_CSV)
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert "content-encoding" not in response.headers  # it asks for none, and would not undo one
    assert not response.content.startswith(b"\xef\xbb\xbf")  # which would become a part of the first column's name
    head, *rows = records(response.text)
    assert rows
    # It turns names into names of variables, and these need no turning.
    assert all(name.isidentifier() for name in head)
    expected = http.get("/tables/dependencies.json", params={"_size": "max"}, headers=FROM_JSON).json()
    assert rows == [["" if value is None else str(value) for value in row.values()] for row in expected]


def test_read_csv_of_a_query(http: httpx2.Client) -> None:
    response = http.get("/sparql", params={"query": QUERY}, headers=READ_CSV)
    assert response.headers["content-type"] == "application/sparql-results+json"  # as the page warns
    stored = http.get("/queries/platforms.csv", headers=READ_CSV)
    assert records(stored.text)


def test_from_json(http: httpx2.Client) -> None:
    response = http.get("/tables/suppliers.json", headers=FROM_JSON)
    assert response.headers["content-type"] == "application/json"
    rows: list[dict[str, Any]] = response.json()
    # It makes a data frame of records that have the same names in the same order, and a list of any others.
    assert {tuple(row) for row in rows} == {("supplier", "customers", "iri", "awarded", "received")}


def test_httr2_asks_and_follows_links(http: httpx2.Client) -> None:
    asked = http.post("/sparql", data={"query": QUERY}, headers=HTTR2)
    assert asked.headers["content-type"] == "text/csv; charset=utf-8"
    assert ["Canterbury City Council", "East Kent Services"] in records(unpacked(asked))
    rows: list[list[str]] = []
    url: str | None = "/tables/claims.csv?_size=250"
    while url is not None:
        page = http.get(url, headers=HTTR2)
        rows += records(unpacked(page))[1:]
        url = page.links.get("next", {}).get("url")
    whole = http.get("/tables/claims.csv?_size=max", headers=HTTR2)
    assert whole.headers["content-encoding"] in HTTR2["Accept-Encoding"]
    assert rows == records(unpacked(whole))[1:]
    assert len(rows) > 250


def test_httr2_finds_out_what_is_wrong(http: httpx2.Client) -> None:
    refused = http.post("/sparql", data={"query": "SELECT {"}, headers={**HTTR2, "Accept": "*/*"})
    assert refused.status_code == 400
    assert json.loads(unpacked(refused))["detail"].startswith("this is not a SPARQL 1.1 query")


def test_package_sparql(http: httpx2.Client) -> None:
    response = http.get("/sparql", params={"query": QUERY}, headers=SPARQL)
    assert response.headers["content-type"] == "application/sparql-results+xml"
    space = {"s": "http://www.w3.org/2005/sparql-results#"}
    tree = etree.fromstring(response.content)
    assert tree.xpath("//s:head/s:variable/@name", namespaces=space) == ["council", "supplier"]
    assert "East Kent Services" in tree.xpath(
        "//s:result/s:binding[@name='supplier']/s:literal/text()", namespaces=space
    )


@pytest.mark.parametrize(("number", "needs"), [(1, "utils"), (2, "httr2")])
def test_snippets_of_the_page(
    snippet: Callable[..., str], http: httpx2.Client, tmp_path: Path, number: int, needs: str
) -> None:
    if shutil.which("Rscript") is None:
        pytest.skip("R is not installed: its requests are sent all the same, in the tests above")
    if subprocess.run(["Rscript", "-e", f"library({needs})"], capture_output=True, check=False).returncode:
        pytest.skip(f"R has no package {needs} here: its requests are sent all the same, in the tests above")
    script = tmp_path / "snippet.R"
    script.write_text(snippet("r.md", "r", number), encoding="utf-8")
    lines = subprocess.run(["Rscript", script], capture_output=True, check=True, text=True).stdout.splitlines()
    if number == 1:
        table = http.get("/tables/suppliers.json", headers=FROM_JSON).json()
        busiest = sorted(table, key=lambda row: (-row["customers"], row["supplier"]))
        assert lines == [f"{row['supplier']} {row['customers']}" for row in busiest[:3]]
    else:
        count = len(http.get("/tables/claims.json?_size=max", headers=FROM_JSON).json())
        assert lines[0] == f"{count} claims"
        assert "Canterbury City Council,East Kent Services" in lines
