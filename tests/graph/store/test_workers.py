"""Queries in processes that can be killed: right answers, and an end to whatever takes too long or too much."""

import asyncio
import contextlib
import io
import os
import signal
import socket
from collections.abc import Awaitable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import quote_plus

import pytest
from pyoxigraph import QueryBoolean, QueryResultsFormat, QueryTriples, RdfFormat, Store

from civicgraph.graph.engine.answering import AnswerLimits
from civicgraph.graph.engine.asking import (
    Answer,
    PoolBusyError,
    QueryCrashError,
    QueryTimeoutError,
    Question,
    ResultLimitError,
)
from civicgraph.graph.engine.frames import LOOK_UP, frame, look_up_bytes, question_bytes
from civicgraph.graph.engine.holder import WorkerLimits
from civicgraph.graph.engine.interface import QueryError, ResultFormat, ResultKind
from civicgraph.graph.engine.lane import Outcome
from civicgraph.graph.engine.nursery import Nursery
from civicgraph.graph.engine.running import Run
from civicgraph.graph.engine.workers import PoolLimits, WorkerPool

T = TypeVar("T")

FORMATS: Final[dict[ResultKind, ResultFormat]] = {"solutions": "json", "boolean": "json", "graph": "ntriples"}
TRUE: Final = b'{"head":{},"boolean":true}'
# 3,000 to the fourth power solutions: nobody waits for them.
SLOW: Final = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
ENDLESS: Final = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
PATIENT: Final = PoolLimits(timeout=60, workers=1)


class Asked:
    """A pool and the event loop it is asked from, in its own thread: tests of a browser leave one running in this."""

    def __init__(
        self, nursery: Nursery, folder: Path, limits: PoolLimits = PATIENT, *, in_memory: bool = False
    ) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = ThreadPoolExecutor(1)
        held = nursery.hold_in_memory(str(folder))[0] if in_memory else nursery.hold_folder(str(folder))
        self.pool = WorkerPool(held, limits)

    def run(self, wanted: Awaitable[T]) -> T:
        async def waiting() -> T:
            return await wanted

        return self._thread.submit(self._loop.run_until_complete, waiting()).result()

    def answer(self, sparql: str, formats: dict[ResultKind, ResultFormat] | None = None) -> Answer:
        return self.run(self.pool.answer(Question(sparql, formats or FORMATS)))

    def rest(self, answer: Answer) -> list[bytes]:
        if answer.body is not None or answer.chunks is None:
            return [answer.body or b""]
        chunks = answer.chunks

        async def read() -> list[bytes]:
            return [chunk async for chunk in chunks]

        return self.run(read())

    def ask(self, sparql: str = "ASK {}") -> bytes:
        return b"".join(self.rest(self.answer(sparql)))

    def pids(self) -> set[int]:
        return {channel.pid for channel in (*self.pool._free, *self.pool._busy)}

    def give(self, timeout: float) -> None:
        self.pool.limits = replace(self.pool.limits, timeout=timeout)

    def settle(self) -> None:
        """Wait until what was to be ended has ended."""
        while self.pool._tasks:
            self.run(asyncio.sleep(0.01))

    def close(self) -> None:
        self.run(self.pool.close())
        self._thread.shutdown()
        self._loop.close()


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    """Hold the process that all workers come from."""
    made = Nursery(WorkerLimits(1024**3, AnswerLimits(rows=10**9, bytes=10**12)))
    yield made
    made.close()


@pytest.fixture(params=["disk", "memory"])
def pool(nursery: Nursery, folder: Path, request: pytest.FixtureRequest) -> Iterator[Asked]:
    """Hold one worker with enough time; a test that wants to see the end of it gives it less."""
    made = Asked(nursery, folder, in_memory=request.param == "memory")
    yield made
    made.close()


@pytest.fixture(scope="module")
def patient(nursery: Nursery, folder: Path) -> Iterator[Asked]:
    """Hold one worker for all the queries that leave it as it was."""
    made = Asked(nursery, folder)
    yield made
    made.close()


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
    folder: Path, patient: Asked, name: ResultFormat, form: QueryResultsFormat
) -> None:
    # More than one chunk of them.
    rows = "SELECT ?s ?o ?none { ?s ?p ?o } ORDER BY ?o"
    answer = patient.answer(rows, {**FORMATS, "solutions": name})
    chunks = patient.rest(answer)
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
def test_graphs_come_in_every_format(folder: Path, patient: Asked, name: ResultFormat, form: RdfFormat) -> None:
    graph = "CONSTRUCT WHERE { <http://e/7> ?p ?o }"
    answer = patient.answer(graph, {**FORMATS, "graph": name})
    assert answer.format == name
    assert b"".join(patient.rest(answer)) == direct(folder, graph, form)


def test_a_boolean_comes_in_the_format_of_booleans(patient: Asked) -> None:
    answer = patient.answer("ASK { ?s ?p ?o }", {"solutions": "csv", "boolean": "xml", "graph": "turtle"})
    assert answer.format == "xml"
    assert b"<boolean>true</boolean>" in b"".join(patient.rest(answer))
    assert isinstance(Store().query("ASK {}"), QueryBoolean)
    assert patient.ask() == TRUE


@pytest.mark.parametrize(
    "sparql", ["nonsense", "INSERT DATA { <http://e/a> <http://e/b> 1 }", "ASK { FILTER (<http://e/f>(1)) }"]
)
def test_a_refused_query_leaves_its_worker_as_it_was(patient: Asked, sparql: str) -> None:
    patient.ask()
    before = patient.pids()
    with pytest.raises(QueryError):
        patient.answer(sparql)
    with pytest.raises(QueryError, match="csv cannot hold triples"):
        patient.answer("CONSTRUCT WHERE { ?s ?p ?o }", {**FORMATS, "graph": "csv"})
    assert patient.ask() == TRUE
    assert patient.pids() == before


def test_nobody_is_called_from_a_query(patient: Asked) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(QueryError, match="SERVICE is not answered here"):
            patient.answer(f"ASK {{ SERVICE <http://127.0.0.1:{port}/> {{ ?s ?p ?o }} }}")
        assert patient.ask() == TRUE
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_the_dataset_of_a_question(patient: Asked) -> None:
    question = Question("ASK { ?s ?p ?o }", FORMATS, default_graphs=("http://e/no-such-graph",))
    assert b"false" in (patient.run(patient.pool.answer(question)).body or b"")
    with pytest.raises(QueryError, match="no IRI for its name"):
        patient.run(patient.pool.answer(replace(question, default_graphs=("no iri",))))


@pytest.mark.parametrize("sparql", [SLOW, ENDLESS + " ORDER BY ?i ?c"], ids=["aggregate", "sort"])
def test_a_query_that_is_too_slow_is_stopped_and_the_next_is_answered(pool: Asked, sparql: str) -> None:
    pool.ask()
    (slow,) = pool.pids()
    pool.give(0.5)
    with pytest.raises((QueryTimeoutError, QueryCrashError)):
        pool.ask(sparql)
    pool.settle()
    assert not is_there(slow)
    pool.give(60)
    assert pool.ask() == TRUE


def test_a_query_whose_results_have_no_end_is_stopped_while_they_are_read(pool: Asked) -> None:
    pool.give(2)
    answer = pool.answer(ENDLESS)
    with pytest.raises(QueryTimeoutError, match=r"the query was stopped after 2 seconds"):
        pool.rest(answer)
    pool.give(60)
    assert pool.ask() == TRUE


def test_a_query_that_takes_all_memory_ends_its_worker_and_the_next_is_answered(pool: Asked) -> None:
    # Nine million texts of 10,000 letters in one: it would be 90 GB.
    hog = f'SELECT (STRLEN(GROUP_CONCAT(?x)) AS ?n) {{ BIND ("{"x" * 10_000}" AS ?x) {{ ?a ?b ?c }} {{ ?d ?e ?f }} }}'
    pool.give(4)
    with pytest.raises((QueryCrashError, QueryTimeoutError)):
        pool.ask(hog)
    pool.give(60)
    assert pool.ask() == TRUE


def test_a_query_that_is_nested_too_deep_ends_its_worker_and_the_next_is_answered(pool: Asked) -> None:
    with pytest.raises(QueryCrashError, match="more memory than it may"):
        pool.ask(f"ASK {{ FILTER ({'(' * 100_000}1{')' * 100_000}) }}")
    assert pool.ask() == TRUE


def test_a_worker_that_was_ended_from_outside_is_replaced(pool: Asked) -> None:
    assert pool.ask() == TRUE
    (pid,) = pool.pids()
    os.kill(pid, signal.SIGKILL)
    with contextlib.suppress(QueryCrashError):  # its end may be seen only when it is asked
        pool.ask()
    assert pool.ask() == TRUE
    assert pid not in pool.pids()


def test_ctrl_c_is_not_for_the_workers(pool: Asked) -> None:
    assert pool.ask() == TRUE
    (pid,) = pool.pids()
    os.kill(pid, signal.SIGINT)
    assert pool.ask() == TRUE
    assert pool.pids() == {pid}


def test_an_answer_that_is_abandoned_frees_its_worker(pool: Asked) -> None:
    answer = pool.answer(ENDLESS)
    (busy,) = pool.pids()
    assert answer.chunks is not None
    pool.run(answer.chunks.aclose())
    pool.settle()
    # The worker was in the middle of its results, and no reader of the next query may get the rest of them.
    assert not is_there(busy)
    assert pool.ask() == TRUE


def test_a_query_waits_for_a_free_worker_and_is_told_if_none_comes(pool: Asked) -> None:
    answer = pool.answer(ENDLESS)
    pool.give(0.05)
    with pytest.raises(PoolBusyError, match=r"all workers were busy for 0.1 seconds"):
        pool.answer("ASK {}")
    assert answer.chunks is not None
    pool.run(answer.chunks.aclose())


def test_as_many_queries_run_at_once_as_there_are_workers(nursery: Nursery, folder: Path) -> None:
    pool = Asked(nursery, folder, PoolLimits(60, 2))
    answer = pool.answer(ENDLESS)
    assert pool.ask() == TRUE
    assert pool.ask() == TRUE
    assert (pool.pool.running, len(pool.pids())) == (1, 2)
    assert answer.chunks is not None
    pool.run(answer.chunks.aclose())
    pool.close()


def test_a_pool_can_move_to_another_holder(nursery: Nursery, folder: Path) -> None:
    pool = Asked(nursery, folder)
    before = pool.ask("SELECT * { ?s ?p ?o } ORDER BY ?s ?o LIMIT 9")
    old = pool.pids()
    holder, _ = nursery.hold_in_memory(str(folder))

    async def move() -> None:
        pool.pool.move_to(holder)

    pool.run(move())
    pool.settle()
    assert pool.ask("SELECT * { ?s ?p ?o } ORDER BY ?s ?o LIMIT 9") == before
    assert not pool.pids() & old
    pool.close()


@pytest.mark.parametrize("form", ["json", "xml", "csv", "tsv"])
def test_answers_that_are_too_long_say_so(folder: Path, form: ResultFormat) -> None:
    short = Nursery(WorkerLimits(1024**3, AnswerLimits(rows=1000, bytes=10**9)))
    pool = Asked(short, folder)
    formats: dict[ResultKind, ResultFormat] = {**FORMATS, "solutions": form}
    whole = pool.rest(pool.answer("SELECT * { ?s ?p ?o } LIMIT 990", formats))
    assert whole
    with pytest.raises(ResultLimitError, match=r"cut off after 1,000 rows"):
        pool.rest(pool.answer("SELECT * { ?s ?p ?o }", formats))
    pool.close()
    short.close()


def test_no_process_is_left_after_closing(nursery: Nursery, folder: Path) -> None:
    pool = Asked(nursery, folder, PoolLimits(60, 3))
    pool.answer(ENDLESS)
    pool.ask()
    made = pool.pids()
    assert len(made) == 2
    pool.close()
    while any(map(is_there, made)):  # the holder ends them as soon as it sees that nobody asks it any more
        pass


def told(pool: Asked, *queries: str) -> list[Outcome]:
    """Send look-ups to a worker one after the other, and return what came of each."""
    like = question_bytes(Question("", FORMATS))

    async def ask() -> list[Outcome]:
        loop = asyncio.get_running_loop()
        waiting: list[asyncio.Future[Outcome]] = [loop.create_future() for _ in queries]
        for sparql, future in zip(queries, waiting, strict=True):
            content = frame(LOOK_UP, look_up_bytes(like, quote_plus(sparql).encode()))
            assert pool.pool.look_up(content, future.set_result) is not None
        return list(await asyncio.gather(*waiting))

    return pool.run(ask())


def test_look_ups_share_a_worker(pool: Asked) -> None:
    assert pool.pool._lane is not None
    pool.pool._lane.moment = 60  # however slow the machine is
    pool.ask()
    before = pool.pids()
    labels = "SELECT ?o { <http://e/7> ?p ?o } ORDER BY ?o"
    first, broken, last = told(pool, "ASK {}", "ASK {", labels)
    assert isinstance(first, Answer)
    assert first.body == TRUE
    assert isinstance(broken, QueryError)
    assert isinstance(last, Answer)
    assert last.body == b"".join(pool.rest(pool.answer(labels)))
    assert (pool.pids(), pool.pool.running) == (before, 0)


def test_a_look_up_that_takes_long_has_the_worker_to_itself(pool: Asked) -> None:
    pool.ask()
    (slow,) = pool.pids()
    first, *others = told(pool, SLOW, "ASK {}", "ASK {}")
    assert isinstance(first, Run)
    # They did nothing wrong, and can be asked elsewhere.
    assert others == [None, None]
    pool.give(0.2)
    with pytest.raises(QueryTimeoutError, match="the query was stopped"):
        pool.run(first.first())
    pool.settle()
    assert not is_there(slow)
    pool.give(60)
    assert pool.ask() == TRUE


def test_a_long_answer_of_a_look_up_comes_in_parts(folder: Path, patient: Asked) -> None:
    rows = "SELECT ?s ?o { ?s ?p ?o } ORDER BY ?o"
    patient.ask()
    (outcome,) = told(patient, rows)
    assert isinstance(outcome, Run | Answer)
    answer = outcome if isinstance(outcome, Answer) else patient.run(outcome.first())
    assert b"".join(patient.rest(answer)) == direct(folder, rows, QueryResultsFormat.JSON)


def test_who_leaves_is_told_nothing_and_holds_up_nobody(pool: Asked) -> None:
    pool.ask()
    (slow,) = pool.pids()
    like = question_bytes(Question("", FORMATS))

    async def ask() -> Outcome:
        behind: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        content = [frame(LOOK_UP, look_up_bytes(like, quote_plus(sparql).encode())) for sparql in (SLOW, "ASK {}")]
        left = pool.pool.look_up(content[0], lambda _: pytest.fail("it was told all the same"))
        assert left is not None
        assert pool.pool.look_up(content[1], behind.set_result) is not None
        left.leave()
        return await behind

    assert pool.run(ask()) is None
    pool.settle()
    assert not is_there(slow)
    assert pool.ask() == TRUE


def test_a_look_up_that_ends_its_worker_is_told_so_and_those_behind_it_are_not(pool: Asked) -> None:
    pool.ask()
    deep = f"ASK {{ FILTER ({'(' * 100_000}1{')' * 100_000}) }}"
    ended, *others = told(pool, deep, "ASK {}", "ASK {}")
    if isinstance(ended, Run):  # it took more than a moment to end
        with pytest.raises(QueryCrashError, match="more memory than it may"):
            pool.run(ended.first())
    else:
        assert isinstance(ended, QueryCrashError)
    assert others == [None, None]
    assert pool.ask() == TRUE
