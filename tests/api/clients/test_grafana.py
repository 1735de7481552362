"""Grafana: what the Infinity data source asks for, and the frames that the Node Graph panel draws."""

import csv
import io
import re
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest

PAGE: Final = (Path(__file__).parents[3] / "docs/clients/grafana.md").read_text(encoding="utf-8")
HEADERS: Final = {
    "User-Agent": "Grafana/12.0.0",
    "Accept": "application/json;q=0.9,text/plain",
    "Accept-Encoding": "gzip",
}
"""What the backend of the data source sends for JSON."""


def asked(url: str, selector: str = "", **params: str) -> list[dict[str, Any]]:
    """Return the rows that a query of the data source selects."""
    answer = httpx2.get(url, params=params, headers=HEADERS, timeout=60)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    rows: list[dict[str, Any]] = answer.json()[selector] if selector else answer.json()
    return rows


def test_a_table_needs_no_selector(address: str) -> None:
    assert "http://127.0.0.1:8000/tables/dependencies.json" in PAGE
    rows = asked(f"{address}/tables/dependencies.json", supplier="East Kent Services", _size="max")
    assert {row["supplier"] for row in rows} == {"East Kent Services"}
    (described,) = [one for one in httpx2.get(f"{address}/tables").json() if one["name"] == "dependencies"]
    assert list(rows[0]) == list(described["columns"])
    kinds: dict[str, Any] = {"number": (int, float), "integer": int, "text": str, "iri": str, "date": str}
    for row in rows:
        for column, value in row.items():
            assert value is None or isinstance(value, kinds[described["types"][column]]), column
            if described["types"][column] == "date" and value is not None:
                assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", value)


def test_pages_follow_the_cursor(address: str) -> None:
    whole = asked(f"{address}/tables/claims.json", _size="max")
    found, params = [], {"_shape": "objects", "_size": "250"}
    while True:
        page = httpx2.get(f"{address}/tables/claims.json", params=params, headers=HEADERS).json()
        found += page["rows"]
        if page["next"] is None:
            break
        params["_next"] = page["next"]
    assert found == whole
    assert len(whole) > 500


def test_figures_over_time_have_a_column_of_days(address: str) -> None:
    rows = asked(f"{address}/concentration.json", by="market", every="year")
    assert rows
    assert all(re.fullmatch(r"\d{4}-01-01", row["from"]) for row in rows)


@pytest.mark.parametrize("view", ["network", "contracts", "suppliers", "claims"])
def test_columns_of_the_node_graph_panel(address: str, view: str) -> None:
    frames = []
    for name in ("nodes", "edges"):
        assert f"http://127.0.0.1:8000/exports/network/{name}.csv" in PAGE
        text = httpx2.get(f"{address}/exports/{view}/{name}.csv", headers=HEADERS, timeout=60).text
        (line,) = [line for line in PAGE.splitlines() if f"/{name}.csv" in line]
        titles = dict(re.findall(r"`(\w+)` as `(\w+)`", line))
        rows = list(csv.DictReader(io.StringIO(text)))
        frames.append([{title: row[selector] for selector, title in titles.items()} for row in rows])
    nodes, edges = frames
    ids = [node["id"] for node in nodes]
    assert bool(nodes) == (view != "suppliers")  # no two of the seeds' suppliers share two buyers
    assert len(set(ids)) == len(ids)
    assert len({edge["id"] for edge in edges}) == len(edges)
    assert {end for edge in edges for end in (edge["source"], edge["target"])} <= set(ids)
    assert all(node["title"] and float(node["mainstat"] or 0) >= 0 and int(node["secondarystat"]) for node in nodes)
    assert all(float(edge["mainstat"]) > 0 for edge in edges)


def test_a_misspelt_filter_is_no_empty_panel(address: str) -> None:
    refused = httpx2.get(f"{address}/tables/dependencies.json", params={"supplyer": "x"}, headers=HEADERS)
    assert (refused.status_code, "supplier" in refused.json()["detail"]) == (400, True)
