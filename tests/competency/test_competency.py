"""What people ask of the seed facts, each question with the answer that the articles give, worked out by hand.

A question is a SPARQL file; its answer is the CSV file of the same name: one column for each projected variable,
or the single column `answer` with `true` or `false`. Rows stand in the order that the query asks for.
"""

import csv
from pathlib import Path

import pytest
from pyoxigraph import Store

from civicgraph.graph.engine.embedded import EmbeddedEngine
from civicgraph.seeds_loader import load

HERE = Path(__file__).parent
QUESTIONS = sorted(HERE.glob("*.rq"))
ASKED = {"answer"}

question = pytest.mark.parametrize("path", QUESTIONS, ids=lambda path: path.stem)


@pytest.fixture(scope="session")
def seeds() -> EmbeddedEngine:
    """Hold the seed facts that come with the package, and nothing else."""
    return load.engine_in_memory([Path(load.__file__).parent / "facts"])


@question
def test_answer_is_the_one_worked_out_by_hand(path: Path, seeds: EmbeddedEngine) -> None:
    with path.with_suffix(".csv").open(encoding="utf-8", newline="") as file:
        header, *expected = list(csv.reader(file))
    assert answer(path.read_text(encoding="utf-8"), header, seeds) == expected


def answer(sparql: str, header: list[str], engine: EmbeddedEngine) -> list[list[str]]:
    if set(header) == ASKED:
        return [["true" if engine.ask(sparql) else "false"]]
    rows = []
    for row in engine.select(sparql):
        assert list(row) == header
        rows.append(["" if term is None else term.value for term in row.values()])
    return rows


@question
def test_question_is_told_in_plain_words_and_stands_alone(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    first, *_ = text.splitlines()
    assert first.startswith("# question: ")
    assert first.endswith("?")
    # Without an engine that knows the project's prefixes: an undeclared one is a syntax error.
    Store().query(text)
    assert "ORDER BY" in text or "ASK {" in text


def test_every_answer_has_its_question() -> None:
    assert len(QUESTIONS) >= 28
    assert {path.stem for path in HERE.glob("*.csv")} == {path.stem for path in QUESTIONS}
