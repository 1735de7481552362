"""pandas: every block of the page runs, and columns come with their types."""

from collections.abc import Callable
from typing import Any

import httpx2
import pandas as pd
import pytest

Snippet = Callable[..., str]


@pytest.fixture
def names(snippet: Snippet) -> dict[str, Any]:
    """Run the blocks of the page, one after another; give what they name."""
    found: dict[str, Any] = {}
    run(snippet("pandas.md", "python"), found)
    return found


def run(code: str, names: dict[str, Any]) -> None:
    exec(code, names)  # noqa: S102 - the project's own page


def test_blocks_of_the_page(names: dict[str, Any], page: Callable[[str, str], list[str]]) -> None:
    for block in page("pandas.md", "python")[1:]:
        run(block, names)
    server = names["server"]
    assert len(names["contracts"]) == len(httpx2.get(f"{server}/tables/contracts.json?_size=max").json())
    assert set(names["ties"]["supplier"]) == {"East Kent Services"}
    assert list(names["claims"].columns) == list(httpx2.get(f"{server}/tables/claims.json?_size=1").json()[0])
    assert len(names["pairs"]) > 10
    assert list(names["pairs"].columns) == ["buyer", "supplier"]


def test_types(address: str) -> None:
    wanted = {"number": pd.api.types.is_numeric_dtype, "integer": pd.api.types.is_numeric_dtype}
    checked = 0
    for table in httpx2.get(f"{address}/tables").json():
        dates = [column for column, kind in table["types"].items() if kind == "date"]
        frame = pd.read_csv(f"{address}/tables/{table['name']}.csv?_size=max", parse_dates=dates)
        assert list(frame.columns) == list(table["columns"])
        for column, kind in table["types"].items():
            if frame[column].notna().any():
                known = wanted.get(kind, pd.api.types.is_datetime64_any_dtype if kind == "date" else None)
                assert known is None or known(frame[column]), (table["name"], column)
                checked += known is not None
    assert checked >= 8


def test_pages_laid_end_to_end(names: dict[str, Any], page: Callable[[str, str], list[str]], address: str) -> None:
    (block,) = [one for one in page("pandas.md", "python") if "def pages" in one]
    run(block.partition("\n\n")[0], names)
    found = pd.concat(names["pages"](f"{address}/tables/claims.json?_shape=objects&_size=150"), ignore_index=True)
    whole = pd.read_json(f"{address}/tables/claims.json?_size=max")
    assert len(found) == len(whole) > 500
    assert list(found["iri"]) == list(whole["iri"])
