"""The queries of `graph/` that are files: each is asked by some module."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
QUERIES = sorted([*(ROOT / "graph").rglob("*.sql"), *(ROOT / "graph").rglob("*.rq")])


_READ = re.compile(r"""\b(?:sql|query|query_text|rows|_ask)\((?:[\w.]+, )?["']([\w-]+)["']""")
_OPENED = re.compile(r"""joinpath\("([\w-]+)\.sql"\)""")
_EACH = re.compile(r"for name in \(([^)]*)\):\n.*(?:sql|_ask)\(name")


@pytest.fixture(scope="module")
def words() -> set[str]:
    """Return the names by which modules of the project read queries."""
    rooms = ("graph", "seeds_loader", "api")
    modules = [path.read_text(encoding="utf-8") for room in rooms for path in (ROOT / room).rglob("*.py")]
    one_by_one = {name for text in modules for name in (*_READ.findall(text), *_OPENED.findall(text))}
    return one_by_one | {
        name.strip('" ') for text in modules for names in _EACH.findall(text) for name in names.split(",")
    }


@pytest.mark.parametrize("query", QUERIES, ids=lambda path: path.name)
def test_every_query_is_asked_by_its_name(query: Path, words: set[str]) -> None:
    assert query.stem in words


def test_a_query_that_nothing_asks_would_be_found(words: set[str]) -> None:
    assert QUERIES
    assert "no-such-query" not in words
