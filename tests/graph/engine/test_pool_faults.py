"""An end to what takes too long or too much, and what is told of it: time, memory, crashes, panics, signals."""

import os
import signal
from pathlib import Path
from typing import Final

import pytest

from civicgraph.graph.engine.errors import (
    EngineFailedError,
    QueryError,
    QueryMemoryError,
    QueryTimeoutError,
    WorkerEndedError,
)
from civicgraph.graph.engine.pool import Answer, PoolLimits
from civicgraph.graph.engine.store_process import WorkerLimits
from civicgraph.graph.engine.updates import Revision, Update
from tests.graph.engine.running_pool import ENDLESS, SLOW, TRUE, RunningPool, is_there


@pytest.mark.parametrize("sparql", [SLOW, ENDLESS + " ORDER BY ?i ?c"], ids=["aggregate", "sort"])
def test_a_query_that_is_too_slow_is_stopped_and_the_next_is_answered(pool: RunningPool, sparql: str) -> None:
    pool.ask()
    (slow,) = pool.pids()
    pool.give(0.5)
    with pytest.raises((QueryTimeoutError, QueryMemoryError)):
        pool.ask(sparql)
    pool.settle()
    assert not is_there(slow)
    pool.give(600)
    assert pool.ask() == TRUE


def started(pool: RunningPool) -> tuple[RunningPool, Answer] | None:
    """Ask for what has no end; return None where the time was up before it began."""
    try:
        return pool, pool.answer(ENDLESS)
    except QueryTimeoutError:
        pool.close()
        return None


def test_a_query_whose_results_have_no_end_is_stopped_while_they_are_read(limits: WorkerLimits, folder: Path) -> None:
    seconds = 2
    while (begun := started(RunningPool(limits, folder, PoolLimits(seconds, 1)))) is None:
        seconds *= 2  # on a busy machine its first part may take longer than that
    pool, answer = begun
    with pytest.raises(QueryTimeoutError, match=rf"the query was stopped after {seconds} seconds"):
        pool.rest(answer)
    pool.give(600)
    assert pool.ask() == TRUE
    pool.close()


def test_a_query_that_takes_all_memory_says_so_and_the_next_is_answered(pool: RunningPool) -> None:
    # Nine million texts of 10,000 letters in one: it would be 90 GB.
    hog = f'SELECT (STRLEN(GROUP_CONCAT(?x)) AS ?n) {{ BIND ("{"x" * 10_000}" AS ?x) {{ ?a ?b ?c }} {{ ?d ?e ?f }} }}'
    with pytest.raises(QueryMemoryError, match="took more memory than it may; ask for less"):
        pool.ask(hog)
    assert pool.ask() == TRUE


@pytest.mark.parametrize(
    ("before", "after"), [("(", ")"), ("!", ""), ("! ", ""), ("STR(", ")")], ids=["brackets", "not", "nots", "calls"]
)
def test_a_query_that_is_nested_too_deep_is_refused_and_costs_no_worker(
    pool: RunningPool, before: str, after: str
) -> None:
    pool.ask()
    pids = pool.pids()
    with pytest.raises(QueryError, match="nested too deep"):
        pool.ask(f"ASK {{ FILTER ({before * 100_000}1{after * 100_000}) }}")
    assert pool.ask(f"ASK {{ FILTER ({before * 150}1{after * 150} = {before * 150}1{after * 150}) }}")
    assert pool.pids() == pids


def test_brackets_in_strings_and_comments_are_not_nested(patient: RunningPool) -> None:
    assert patient.ask(f"ASK {{ FILTER (STRLEN('{'(' * 1000}') = 1000) }} # {'{' * 1000}") == TRUE


def test_a_segmentation_fault_of_the_engine_is_told_as_one(pool: RunningPool) -> None:
    # It has no brackets, and the engine reads it by recursion all the same.
    with pytest.raises(EngineFailedError, match=r"the engine crashed over this query \(SIGSEGV, Segmentation fault\)"):
        pool.ask(f"ASK {{ FILTER (true{'||true' * 2_000_000}) }}")
    assert pool.ask() == TRUE


def test_an_update_that_ends_by_itself_says_why(pool: RunningPool, folder: Path, tmp_path: Path) -> None:
    deep = f"INSERT {{ <http://e/a> <http://e/b> 1 }} WHERE {{ FILTER (true{'||true' * 400_000}) }}"
    with pytest.raises(EngineFailedError, match=r"the engine crashed over this query \(SIGSEGV, Segmentation fault\)"):
        pool.run(pool.pool.revise(Revision(str(folder), str(tmp_path / "copy"), Update(deep))))


def test_an_update_that_takes_too_long_or_too_much_is_stopped(pool: RunningPool, folder: Path, tmp_path: Path) -> None:
    def make(value: str, where: str, name: str) -> None:
        selected = f"SELECT ({value} AS ?n) {{ {where} }}"
        update = f"INSERT {{ <http://e/a> <http://e/b> ?n }} WHERE {{ GRAPH ?g {{ {selected} }} }}"
        pool.run(pool.pool.revise(Revision(str(folder), str(tmp_path / name), Update(update))))

    with pytest.raises(QueryMemoryError, match="took more memory than it may"):
        make("GROUP_CONCAT(?x)", f'BIND ("{"x" * 10_000}" AS ?x) {{ ?a ?b ?c }} {{ ?d ?e ?f }}', "much")
    pool.give(0.5)
    with pytest.raises(QueryTimeoutError, match="stopped after"):
        make("COUNT(*)", "?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l", "long")


# Numbers among texts that look like numbers, half of each.
MIXED: Final = """SELECT ?v {
    ?s <http://e/p> ?o . BIND (SUBSTR(REPLACE(MD5(STR(?s)), "[a-f]", ""), 1, 6) AS ?text)
    BIND (IF(MD5(?text) < "8", <http://www.w3.org/2001/XMLSchema#integer>(?text), ?text) AS ?v)
} ORDER BY ?v LIMIT 3"""


def test_a_panic_of_the_engine_is_told_with_its_reason_and_what_to_do(pool: RunningPool) -> None:
    with pytest.raises(EngineFailedError, match=r"panicked.*total order\); .*ORDER BY STR\(\?o\)"):
        pool.ask(MIXED)
    assert b"bindings" in pool.ask(MIXED.replace("ORDER BY ?v", "ORDER BY STR(?v)"))


def test_a_worker_that_was_ended_from_outside_says_so_and_is_replaced(pool: RunningPool) -> None:
    answer = pool.answer(ENDLESS)
    (pid,) = pool.pids()
    os.kill(pid, signal.SIGTERM)
    with pytest.raises(WorkerEndedError, match=r"ended from outside \(SIGTERM\).*ask again"):
        pool.rest(answer)
    assert pool.ask() == TRUE
    assert pid not in pool.pids()


def test_ctrl_c_is_not_for_the_workers(pool: RunningPool) -> None:
    assert pool.ask() == TRUE
    (pid,) = pool.pids()
    os.kill(pid, signal.SIGINT)
    assert pool.ask() == TRUE
    assert pool.pids() == {pid}
