"""Queries in processes that can be killed: right answers, and an end to whatever takes too long or too much."""

import gc
import io
import multiprocessing
import os
import signal
import socket
import threading
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from pyoxigraph import QueryBoolean, QueryResultsFormat, QueryTriples, RdfFormat, Store

from civicgraph.graph.store.engine import QueryError, ResultFormat, ResultKind
from civicgraph.graph.store.workers import (
    PoolBusyError,
    QueryCrashError,
    QueryTimeoutError,
    WorkerPool,
)

FORMATS: Final[dict[ResultKind, ResultFormat]] = {"solutions": "json", "boolean": "json", "graph": "ntriples"}
TRUE: Final = b'{"head":{},"boolean":true}'
# 3,000 to the fourth power solutions: nobody waits for them.
SLOW: Final = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
ENDLESS: Final = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"


@pytest.fixture
def others() -> set[int]:
    """List the workers that other tests share."""
    return workers()


@pytest.fixture
def pool(folder: Path, others: set[int]) -> Iterator[WorkerPool]:
    """Hold one worker with enough time; a test that wants to see the end of it gives it less."""
    assert others == workers()
    made = WorkerPool(folder, timeout=60, size=1)
    yield made
    made.close()


@pytest.fixture(scope="module")
def patient(folder: Path) -> Iterator[WorkerPool]:
    """Hold one worker for all the queries that leave it as it was."""
    made = WorkerPool(folder, timeout=60, size=1)
    yield made
    made.close()


def ask(pool: WorkerPool, sparql: str = "ASK {}") -> bytes:
    return b"".join(pool.answer(sparql, FORMATS).chunks)


def workers() -> set[int]:
    return {child.pid for child in multiprocessing.active_children() if child.pid is not None}


def is_there(pid: int) -> bool:
    """Say whether a process runs, or is dead and nobody took note of it."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def direct(folder: Path, sparql: str, form: QueryResultsFormat | RdfFormat) -> bytes:
    """Ask the store in this process, past workers and engine."""
    store = Store.read_only(str(folder))
    results = store.query(sparql, use_default_graph_as_union=True)
    out = io.BytesIO()
    if isinstance(form, RdfFormat):
        assert isinstance(results, QueryTriples)
        results.serialize(out, form)
    else:
        assert not isinstance(results, QueryTriples)
        results.serialize(out, form)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("json", QueryResultsFormat.JSON),
        ("xml", QueryResultsFormat.XML),
        ("csv", QueryResultsFormat.CSV),
        ("tsv", QueryResultsFormat.TSV),
    ],
)
def test_solutions_come_in_every_format(
    folder: Path, patient: WorkerPool, name: ResultFormat, form: QueryResultsFormat
) -> None:
    # More than one chunk of them.
    rows = "SELECT ?s ?o ?none { ?s ?p ?o } ORDER BY ?o"
    answer = patient.answer(rows, {**FORMATS, "solutions": name})
    chunks = list(answer.chunks)
    assert answer.format == name
    assert len(chunks) > 1
    assert b"".join(chunks) == direct(folder, rows, form)


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("turtle", RdfFormat.TURTLE),
        ("ntriples", RdfFormat.N_TRIPLES),
        ("rdfxml", RdfFormat.RDF_XML),
        ("jsonld", RdfFormat.JSON_LD),
    ],
)
def test_graphs_come_in_every_format(folder: Path, patient: WorkerPool, name: ResultFormat, form: RdfFormat) -> None:
    graph = "CONSTRUCT WHERE { <http://e/7> ?p ?o }"
    answer = patient.answer(graph, {**FORMATS, "graph": name})
    assert answer.format == name
    assert b"".join(answer.chunks) == direct(folder, graph, form)


def test_a_boolean_comes_in_the_format_of_booleans(patient: WorkerPool) -> None:
    answer = patient.answer("ASK { ?s ?p ?o }", {"solutions": "csv", "boolean": "xml", "graph": "turtle"})
    assert answer.format == "xml"
    assert b"<boolean>true</boolean>" in b"".join(answer.chunks)
    assert isinstance(Store().query("ASK {}"), QueryBoolean)
    assert ask(patient) == TRUE


@pytest.mark.parametrize(
    "sparql", ["nonsense", "INSERT DATA { <http://e/a> <http://e/b> 1 }", "ASK { FILTER (<http://e/f>(1)) }"]
)
def test_a_refused_query_leaves_its_worker_as_it_was(patient: WorkerPool, sparql: str) -> None:
    ask(patient)
    before = workers()
    with pytest.raises(QueryError):
        patient.answer(sparql, FORMATS)
    with pytest.raises(QueryError, match="csv cannot hold triples"):
        patient.answer("CONSTRUCT WHERE { ?s ?p ?o }", {**FORMATS, "graph": "csv"})
    assert ask(patient) == TRUE
    assert workers() == before


def test_nobody_is_called_from_a_query(patient: WorkerPool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(QueryError, match="SERVICE is not answered here"):
            patient.answer(f"ASK {{ SERVICE <http://127.0.0.1:{port}/> {{ ?s ?p ?o }} }}", FORMATS)
        assert ask(patient) == TRUE
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()


@pytest.mark.parametrize("sparql", [SLOW, ENDLESS + " ORDER BY ?i ?c"], ids=["aggregate", "sort"])
def test_a_query_that_is_too_slow_is_stopped_and_the_next_is_answered(
    pool: WorkerPool, others: set[int], sparql: str
) -> None:
    (slow,) = workers() - others
    pool.timeout = 0.5
    with pytest.raises(QueryTimeoutError, match=r"the query was stopped after 0.5 seconds"):
        ask(pool, sparql)
    assert not is_there(slow)
    pool.timeout = 60
    assert ask(pool) == TRUE


def test_a_query_whose_results_have_no_end_is_stopped_while_they_are_read(pool: WorkerPool) -> None:
    pool.timeout = 2
    answer = pool.answer(ENDLESS, FORMATS)
    assert next(answer.chunks).startswith(b'{"head"')
    with pytest.raises(QueryTimeoutError):
        deque(answer.chunks, maxlen=0)
    pool.timeout = 60
    assert ask(pool) == TRUE


def test_a_query_that_takes_all_memory_ends_its_worker_and_the_next_is_answered(pool: WorkerPool) -> None:
    # Nine million texts of 10,000 letters in one: it would be 90 GB.
    hog = f'SELECT (STRLEN(GROUP_CONCAT(?x)) AS ?n) {{ BIND ("{"x" * 10_000}" AS ?x) {{ ?a ?b ?c }} {{ ?d ?e ?f }} }}'
    pool.timeout = 4
    with pytest.raises((QueryCrashError, QueryTimeoutError)):
        ask(pool, hog)
    pool.timeout = 60
    assert ask(pool) == TRUE


def test_a_query_that_is_nested_too_deep_ends_its_worker_and_the_next_is_answered(pool: WorkerPool) -> None:
    with pytest.raises(QueryCrashError, match="more memory than it may"):
        ask(pool, f"ASK {{ FILTER ({'(' * 100_000}1{')' * 100_000}) }}")
    assert ask(pool) == TRUE


def test_a_worker_that_was_ended_from_outside_is_replaced(pool: WorkerPool, others: set[int]) -> None:
    assert ask(pool) == TRUE
    (pid,) = workers() - others
    os.kill(pid, signal.SIGKILL)
    while pid in workers():  # which takes note of its end
        time.sleep(0.01)
    with pytest.raises(QueryCrashError):
        ask(pool)
    assert ask(pool) == TRUE


def test_ctrl_c_is_not_for_the_workers(pool: WorkerPool, others: set[int]) -> None:
    assert ask(pool) == TRUE
    (pid,) = workers() - others
    os.kill(pid, signal.SIGINT)
    assert ask(pool) == TRUE
    assert workers() - others == {pid}


@pytest.mark.parametrize("way", ["close", "forget"])
def test_an_answer_that_is_abandoned_frees_its_worker(pool: WorkerPool, others: set[int], way: str) -> None:
    answer = pool.answer(ENDLESS, FORMATS)
    next(answer.chunks)
    (busy,) = workers() - others
    if way == "close":
        answer.chunks.close()  # type: ignore[attr-defined] # it is a generator
    del answer
    gc.collect()
    # The worker was in the middle of its results, and no reader of the next query may get the rest of them.
    assert not is_there(busy)
    assert ask(pool) == TRUE


def test_a_query_waits_for_a_free_worker_and_is_told_if_none_comes(pool: WorkerPool) -> None:
    answer = pool.answer(ENDLESS, FORMATS)
    pool.timeout = 0.05
    with pytest.raises(PoolBusyError, match=r"all workers were busy for 0.05 seconds"):
        pool.answer("ASK {}", FORMATS)
    del answer


def test_a_worker_s_start_is_not_the_time_of_its_query(pool: WorkerPool, others: set[int]) -> None:
    (pid,) = workers() - others
    os.kill(pid, signal.SIGSTOP)
    pool.timeout = 1
    threading.Timer(1.3, os.kill, (pid, signal.SIGCONT)).start()
    assert ask(pool) == TRUE


def test_as_many_queries_run_at_once_as_there_are_workers(folder: Path) -> None:
    pool = WorkerPool(folder, timeout=60, size=2)
    answer = pool.answer(ENDLESS, FORMATS)
    assert ask(pool) == TRUE
    assert ask(pool) == TRUE
    assert next(answer.chunks).startswith(b'{"head"')
    del answer
    pool.close()


def test_no_process_is_left_after_closing(folder: Path, others: set[int]) -> None:
    pool = WorkerPool(folder, timeout=60, size=3)
    answer = pool.answer("SELECT * { ?s ?p ?o }", FORMATS)
    made = workers() - others
    assert len(made) == 3
    pool.close()
    # The one that still answers ends with its query.
    (busy,) = filter(is_there, made)
    assert b"".join(answer.chunks).endswith(b"}]}}")
    assert not is_there(busy)
    assert workers() == others
