"""Small parts with rules of their own: which format a client prefers, flat tables as text."""

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civicgraph.api.sparql.requests import negotiate
from civicgraph.api.tables.flat import Cell, TableRow, table_text

OFFERED = {"text/html": "html", "text/turtle": "turtle", "application/ld+json": "jsonld"}


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ("", "html"),
        ("*/*", "html"),
        ("text/turtle", "turtle"),
        ("text/turtle;q=0.1, application/ld+json;q=0.2", "jsonld"),
        ("text/turtle, text/html", "html"),
        ("text/*, application/ld+json;q=0.9", "html"),
        ("text/*;q=0.3, text/turtle", "turtle"),
        ("*/*;q=0.1, text/html;q=0", "turtle"),
        ("*/*, text/html;q=0.5", "turtle"),
        ("application/*", "jsonld"),
        ("TEXT/TURTLE;Q=1", "turtle"),
        (" text/turtle ; q = 0.5 ,, ", "turtle"),
        ("text/turtle;charset=utf-8", "turtle"),
        ("text/html;q=high, text/turtle;q=0.1", "turtle"),
        ("text/html;q=5, text/turtle", "html"),
        ("text/html;q=-1, text/turtle", "turtle"),
        ("text/html;q=nan", None),
        ("image/png", None),
        ("*/*;q=0", None),
        ("text", None),
    ],
)
def test_format_that_a_client_prefers(accept: str, chosen: str | None) -> None:
    assert negotiate(accept, OFFERED) == chosen


@given(st.text(st.sampled_from("text/html*;q=0.1, +json"), max_size=60) | st.text())
def test_no_header_is_too_odd(accept: str) -> None:
    assert negotiate(accept, OFFERED) in (*OFFERED.values(), None)


CELLS: st.SearchStrategy[Cell] = st.one_of(
    st.none(),
    st.integers(-(10**15), 10**15),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=["Cs"])),
)
ROWS: st.SearchStrategy[list[TableRow]] = st.lists(st.fixed_dictionaries({"a": CELLS, "b": CELLS}), max_size=5)


@given(ROWS)
def test_rows_come_back_from_json(rows: list[TableRow]) -> None:
    assert json.loads(table_text(["a", "b"], rows, "json")) == rows
    assert [json.loads(line) for line in table_text(["a", "b"], rows, "ndjson").split("\n")[:-1]] == rows


@given(ROWS)
def test_rows_come_back_from_csv_without_their_formulas(rows: list[TableRow]) -> None:
    text = table_text(["b", "a"], rows, "csv")
    header, *found = list(csv.reader(io.StringIO(text, newline="")))
    assert header == ["b", "a"]
    for row, cells in zip(rows, found, strict=True):
        for name, cell in zip(header, cells, strict=True):
            value = row[name]
            expected = "" if value is None else str(value)
            is_formula = isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r"))
            assert cell == (f"'{expected}" if is_formula else expected)


def test_negative_numbers_stay_numbers() -> None:
    assert table_text(["a"], [{"a": -1.5}, {"a": "-1.5"}], "csv") == "a\r\n-1.5\r\n'-1.5\r\n"
