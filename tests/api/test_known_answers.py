"""Every stored query, and every query in the docs, against answers that were worked out by hand."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode

from civicgraph.api.tables.catalog import stored_queries
from civicgraph.graph.engine.embedded import EmbeddedEngine
from civicgraph.graph.records.iris import BASE
from tests.api.known_answers import DOCUMENTED, STORED, TRIG, Rows
from tests.graph.conftest import make_quads
from tests.graph.in_memory import build_in_memory

DOCS = sorted([Path(__file__).parents[2] / "README.md", *(Path(__file__).parents[2] / "docs").glob("*.md")])


@pytest.fixture(scope="module")
def engine() -> EmbeddedEngine:
    return EmbeddedEngine(build_in_memory(make_quads(TRIG)), "by hand")


def rows(engine: EmbeddedEngine, sparql: str, bind: Mapping[str, NamedNode] | None = None) -> Rows:
    def shown(term: object) -> str | None:
        if isinstance(term, NamedNode):
            return re.split(r"[/#]", term.value)[-1]
        return term.value if isinstance(term, Literal) else None

    return [tuple(shown(term) for term in row.values()) for row in engine.select(sparql, bind=dict(bind or {}))]


def documented() -> dict[str, str]:
    found = {}
    for page in DOCS:
        for block in re.findall(r"```sparql\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
            selected = re.search(r"SELECT\s+(.*?)\s*WHERE", block, re.DOTALL)
            found[" ".join(selected[1].split()) if selected else block] = block
    return found


def test_every_query_has_its_known_answer() -> None:
    assert set(STORED) == set(stored_queries())
    assert set(DOCUMENTED) == set(documented())


@pytest.mark.parametrize("name", sorted(STORED))
def test_stored_query_gives_its_known_answer(engine: EmbeddedEngine, name: str) -> None:
    params, expected = STORED[name]
    bound = {key: NamedNode(value if "://" in value else BASE + value) for key, value in params.items()}
    assert rows(engine, stored_queries()[name].text, bound) == expected


@pytest.mark.parametrize("selected", sorted(DOCUMENTED))
def test_query_in_the_docs_gives_its_known_answer(engine: EmbeddedEngine, selected: str) -> None:
    assert rows(engine, documented()[selected]) == DOCUMENTED[selected]
