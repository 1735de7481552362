"""Power BI and Excel: the requests that the Power Query of the page makes, and files that it reads without a choice."""

import csv
import io
import re
from collections.abc import Callable
from typing import Final

import httpx2

HEADERS: Final = {"User-Agent": "Microsoft.Data.Mashup", "Accept-Encoding": "gzip, deflate"}
"""Power Query names no media type."""

Snippet = Callable[..., str]


def web_contents(code: str) -> tuple[str, dict[str, str]]:
    """Return the address that a query asks, and the parameters that are written out in it."""
    base = re.search(r'Web\.Contents\("([^"]+)", \[', code)
    path = re.search(r'RelativePath = "([^"]+)"', code)
    query = re.search(r"Query = \[([^\]]+)\]", code)
    assert base
    assert path
    assert query
    assert base[1].count("/") == 2  # nothing but the server: a refresh in the cloud asks for that
    return f"{base[1]}/{path[1]}", dict(re.findall(r'(\w+) = "([^"]*)"', query[1]))


def test_a_whole_table(snippet: Snippet) -> None:
    url, params = web_contents(snippet("power-bi.md", "powerquery"))
    refused = httpx2.get(url, params=params, headers=HEADERS)
    assert (refused.status_code, refused.headers["content-type"]) == (400, "application/problem+json")
    known = httpx2.get(url.replace(".csv", ".json"), headers=HEADERS).json()
    answer = httpx2.get(url, params={**params, "buyer": known[0]["buyer"]}, headers=HEADERS)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    header, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8"), newline=""))
    assert {len(row) for row in rows} == {len(header)}
    typed = re.findall(r'\{"(\w+)", type (\w+)\}', snippet("power-bi.md", "powerquery"))
    assert typed
    of = {"number": r"(-?\d+(\.\d+)?)?", "date": r"(\d{4}-\d{2}-\d{2})?"}
    for column, kind in typed:
        assert all(re.fullmatch(of[kind], row[header.index(column)]) for row in rows)
    assert answer.text.count("\r\n") == answer.text.count("\n") == len(rows) + 1


def test_pages_of_a_large_one(address: str, snippet: Snippet) -> None:
    code = snippet("power-bi.md", "powerquery", 2)
    url, params = web_contents(code)
    assert "_next = after" in code
    assert params == {"_shape": "objects", "_size": "50000"}
    url, params["_size"] = url.replace("contracts", "claims"), "200"
    rows: list[object] = []
    page = httpx2.get(url, params=params, headers=HEADERS).json()
    while page["next"] is not None:
        rows += page["rows"]
        page = httpx2.get(url, params={**params, "_next": page["next"]}, headers=HEADERS).json()
    rows += page["rows"]
    assert rows == httpx2.get(f"{address}/tables/claims.json?_size=max", headers=HEADERS).json()


def test_an_unchanged_table_is_not_sent_again(address: str) -> None:
    url = f"{address}/tables/dependencies.csv"
    first = httpx2.get(url, headers=HEADERS)
    assert first.headers["content-encoding"] == "gzip"
    again = httpx2.get(url, headers={**HEADERS, "If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
