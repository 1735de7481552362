"""What people ask of the seed facts and of records, each question with the answer, worked out by hand.

A question is a SPARQL file; its answer is the CSV file of the same name: one column for each projected variable,
or the single column `answer` with `true` or `false`. Rows stand in the order that the query asks for.
"""

import csv
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, Store, parse, serialize

from civicgraph.graph.engine.embedded import EmbeddedEngine
from civicgraph.graph.snapshot.check import check
from civicgraph.seeds_loader import load
from tests.graph.in_memory import build_in_memory

HERE = Path(__file__).parent
QUESTIONS = sorted(HERE.glob("*.rq"))
OF_RECORDS = sorted((HERE / "records").glob("*.rq"))
ASKED = {"answer"}

question = pytest.mark.parametrize("path", QUESTIONS, ids=lambda path: path.stem)
of_records = pytest.mark.parametrize("path", OF_RECORDS, ids=lambda path: path.stem)
either = pytest.mark.parametrize("path", [*QUESTIONS, *OF_RECORDS], ids=lambda path: path.stem)


@pytest.fixture(scope="session")
def seeds() -> EmbeddedEngine:
    """Hold the seed facts that come with the package, and nothing else."""
    return load.engine_in_memory([Path(load.__file__).parent / "facts"])


@pytest.fixture(scope="session")
def records() -> EmbeddedEngine:
    """Hold a few contracts and what became of them, and nothing else."""
    return EmbeddedEngine(records_store(), "records")


def records_store() -> Store:
    path = HERE / "records" / "records.trig"
    quads = serialize(parse(path.read_bytes(), RdfFormat.TRIG), format=RdfFormat.N_QUADS)
    assert quads is not None
    return build_in_memory(quads)


@question
def test_answer_is_the_one_worked_out_by_hand(path: Path, seeds: EmbeddedEngine) -> None:
    check_answer(path, seeds)


@of_records
def test_answer_on_records_is_the_one_worked_out_by_hand(path: Path, records: EmbeddedEngine) -> None:
    check_answer(path, records)


def test_the_records_are_sound(records: EmbeddedEngine) -> None:
    found = check(records)
    assert [one for one in found if one.severity == "Violation"] == []
    # Two sources disagree on the value and the end of one contract, which is what they are there for.
    assert {(one.focus.rpartition("/")[2], one.message.partition(" on ")[0]) for one in found} == {
        ("c8", "The sources disagree")
    }


def check_answer(path: Path, engine: EmbeddedEngine) -> None:
    with path.with_suffix(".csv").open(encoding="utf-8", newline="") as file:
        header, *expected = list(csv.reader(file))
    assert answer(path.read_text(encoding="utf-8"), header, engine) == expected


def answer(sparql: str, header: list[str], engine: EmbeddedEngine) -> list[list[str]]:
    if set(header) == ASKED:
        return [["true" if engine.ask(sparql) else "false"]]
    rows = []
    for row in engine.select(sparql):
        assert list(row) == header
        rows.append(["" if term is None else term.value for term in row.values()])
    return rows


@either
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
    assert len(OF_RECORDS) >= 15
    for folder, questions in ((HERE, QUESTIONS), (HERE / "records", OF_RECORDS)):
        assert {path.stem for path in folder.glob("*.csv")} == {path.stem for path in questions}
