"""Queries in processes that can be killed: right answers, and an end to whatever takes too long or too much."""

import asyncio
import io
import os
import signal
import socket
from collections.abc import Awaitable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeVar

import pytest
from pyoxigraph import QueryBoolean, QueryResultsFormat, QueryTriples, RdfFormat, Store

from civicgraph.graph.engine.connection import Answer
from civicgraph.graph.engine.errors import (
    EngineFailedError,
    PoolBusyError,
    QueryError,
    QueryMemoryError,
    QueryTimeoutError,
    ResultLimitError,
    WorkerEndedError,
)
from civicgraph.graph.engine.interface import Query, ResultFormat, ResultKind
from civicgraph.graph.engine.pool import PoolLimits, WorkerPool
from civicgraph.graph.engine.processes import ForkServer
from civicgraph.graph.engine.worker import WorkerLimits

T = TypeVar("T")

FORMATS: Final[dict[ResultKind, ResultFormat]] = {"solutions": "json", "boolean": "json", "graph": "ntriples"}
TRUE: Final = b'{"head":{},"boolean":true}'
# 3,000 to the fourth power solutions: nobody waits for them.
SLOW: Final = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
ENDLESS: Final = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
PATIENT: Final = PoolLimits(timeout=60, workers=1)


class RunningPool:
    """A pool and the event loop it is asked from, in its own thread: tests of a browser leave one running in this."""

    def __init__(
        self, server: ForkServer, folder: Path, limits: PoolLimits = PATIENT, *, in_memory: bool = False
    ) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = ThreadPoolExecutor(1)
        held = server.open(str(folder), in_memory=in_memory)
        self.pool = WorkerPool(held, limits)

    def run(self, wanted: Awaitable[T]) -> T:
        async def waiting() -> T:
            return await wanted

        return self._thread.submit(self._loop.run_until_complete, waiting()).result()

    def answer(self, sparql: str, formats: dict[ResultKind, ResultFormat] | None = None) -> Answer:
        return self.run(self.pool.answer(Query(sparql, formats or FORMATS)))

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
def server() -> Iterator[ForkServer]:
    """Open the process that all workers come from."""
    made = ForkServer(WorkerLimits(1024**3, rows=10**9, bytes=10**12))
    yield made
    made.close()


@pytest.fixture(params=["disk", "memory"])
def pool(server: ForkServer, folder: Path, request: pytest.FixtureRequest) -> Iterator[RunningPool]:
    """Open one worker with enough time; a test that wants to see the end of it gives it less."""
    made = RunningPool(server, folder, in_memory=request.param == "memory")
    yield made
    made.close()


@pytest.fixture(scope="module")
def patient(server: ForkServer, folder: Path) -> Iterator[RunningPool]:
    """Open one worker for all the queries that leave it as it was."""
    made = RunningPool(server, folder)
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
    folder: Path, patient: RunningPool, name: ResultFormat, form: QueryResultsFormat
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
def test_graphs_come_in_every_format(folder: Path, patient: RunningPool, name: ResultFormat, form: RdfFormat) -> None:
    graph = "CONSTRUCT WHERE { <http://e/7> ?p ?o }"
    answer = patient.answer(graph, {**FORMATS, "graph": name})
    assert answer.format == name
    assert b"".join(patient.rest(answer)) == direct(folder, graph, form)


def test_a_boolean_comes_in_the_format_of_booleans(patient: RunningPool) -> None:
    answer = patient.answer("ASK { ?s ?p ?o }", {"solutions": "csv", "boolean": "xml", "graph": "turtle"})
    assert answer.format == "xml"
    assert b"<boolean>true</boolean>" in b"".join(patient.rest(answer))
    assert isinstance(Store().query("ASK {}"), QueryBoolean)
    assert patient.ask() == TRUE


@pytest.mark.parametrize(
    "sparql", ["nonsense", "INSERT DATA { <http://e/a> <http://e/b> 1 }", "ASK { FILTER (<http://e/f>(1)) }"]
)
def test_a_refused_query_leaves_its_worker_as_it_was(patient: RunningPool, sparql: str) -> None:
    patient.ask()
    before = patient.pids()
    with pytest.raises(QueryError):
        patient.answer(sparql)
    with pytest.raises(QueryError, match="csv cannot hold triples"):
        patient.answer("CONSTRUCT WHERE { ?s ?p ?o }", {**FORMATS, "graph": "csv"})
    assert patient.ask() == TRUE
    assert patient.pids() == before


def test_nobody_is_called_from_a_query(patient: RunningPool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(QueryError, match="SERVICE is not answered here"):
            patient.answer(f"ASK {{ SERVICE <http://127.0.0.1:{port}/> {{ ?s ?p ?o }} }}")
        assert patient.ask() == TRUE
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_the_dataset_of_a_question(patient: RunningPool) -> None:
    question = Query("ASK { ?s ?p ?o }", FORMATS, default_graphs=("http://e/no-such-graph",))
    assert b"false" in (patient.run(patient.pool.answer(question)).body or b"")
    with pytest.raises(QueryError, match="name that is not an IRI"):
        patient.run(patient.pool.answer(replace(question, default_graphs=("no iri",))))


@pytest.mark.parametrize("sparql", [SLOW, ENDLESS + " ORDER BY ?i ?c"], ids=["aggregate", "sort"])
def test_a_query_that_is_too_slow_is_stopped_and_the_next_is_answered(pool: RunningPool, sparql: str) -> None:
    pool.ask()
    (slow,) = pool.pids()
    pool.give(0.5)
    with pytest.raises((QueryTimeoutError, QueryMemoryError)):
        pool.ask(sparql)
    pool.settle()
    assert not is_there(slow)
    pool.give(60)
    assert pool.ask() == TRUE


def test_a_query_whose_results_have_no_end_is_stopped_while_they_are_read(pool: RunningPool) -> None:
    answer = pool.answer(ENDLESS)
    pool.give(2)  # not before: on a busy machine its first part may take longer

    async def read() -> None:
        assert answer.chunks is not None
        async for _ in answer.chunks:
            pass

    with pytest.raises(QueryTimeoutError, match=r"the query was stopped after 2 seconds"):
        pool.run(read())
    pool.give(60)
    assert pool.ask() == TRUE


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


def test_an_answer_that_is_abandoned_frees_its_worker(pool: RunningPool) -> None:
    answer = pool.answer(ENDLESS)
    (busy,) = pool.pids()
    assert answer.chunks is not None
    pool.run(answer.chunks.aclose())
    pool.settle()
    # The worker was in the middle of its results, and no reader of the next query may get the rest of them.
    assert not is_there(busy)
    assert pool.ask() == TRUE


def test_a_query_waits_for_a_free_worker_and_is_told_if_none_comes(pool: RunningPool) -> None:
    answer = pool.answer(ENDLESS)
    pool.give(0.05)
    with pytest.raises(PoolBusyError, match=r"all workers were busy for 0.1 seconds"):
        pool.answer("ASK {}")
    assert answer.chunks is not None
    pool.run(answer.chunks.aclose())


def test_no_client_has_all_workers_and_the_next_is_of_whom_has_fewest(server: ForkServer, folder: Path) -> None:
    pool = RunningPool(server, folder, PoolLimits(600, 4))

    async def share() -> None:
        async def ask(client: str, sparql: str = ENDLESS) -> Answer:
            return await pool.pool.answer(Query(sparql), client)

        async def leave(answer: Answer) -> None:
            assert answer.chunks is not None
            await answer.chunks.aclose()

        running = [await ask("greedy"), await ask("greedy")]
        # Two of four workers are not for the one that has two already.
        more = [asyncio.ensure_future(ask("greedy")) for _ in range(3)]
        assert (await ask("modest", "ASK {}")).body == TRUE
        running += [await ask("modest"), await ask("modest")]
        waiting = asyncio.ensure_future(ask("third"))
        await asyncio.sleep(0)
        assert [one.client for one in pool.pool._waiting] == ["greedy"] * 3 + ["third"]
        await leave(running[0])
        # The queries of the greedy one came first, and it has another running.
        running.append(await waiting)
        assert not any(one.done() for one in more)
        for answer in running[1:]:
            await leave(answer)
        for one in more:
            await leave(await one)

    pool.run(share())
    pool.close()


def test_a_client_has_no_more_than_its_share_of_the_queue(server: ForkServer, folder: Path) -> None:
    pool = RunningPool(server, folder, PoolLimits(600, 2))

    async def flood() -> None:
        asked = [asyncio.ensure_future(pool.pool.answer(Query(ENDLESS), "greedy")) for _ in range(20)]
        done, _ = await asyncio.wait(asked, return_when=asyncio.FIRST_EXCEPTION)
        refused = [one.exception() for one in done if one.exception() is not None]
        assert len(refused) == 3
        assert all(isinstance(error, PoolBusyError) for error in refused)
        assert (await pool.pool.answer(Query("ASK {}"), "modest")).body == TRUE
        for one in asked:
            one.cancel()
        await asyncio.gather(*asked, return_exceptions=True)

    pool.run(flood())
    pool.close()


def test_a_pool_can_move_to_another_store_process(server: ForkServer, folder: Path) -> None:
    pool = RunningPool(server, folder)
    before = pool.ask("SELECT * { ?s ?p ?o } ORDER BY ?s ?o LIMIT 9")
    old = pool.pids()
    parent = server.open(str(folder), in_memory=True)

    async def move() -> None:
        pool.pool.move_to(parent)

    pool.run(move())
    pool.settle()
    assert pool.ask("SELECT * { ?s ?p ?o } ORDER BY ?s ?o LIMIT 9") == before
    assert not pool.pids() & old
    pool.close()


@pytest.mark.parametrize("form", ["json", "xml", "csv", "tsv"])
def test_answers_that_are_too_long_say_so(folder: Path, form: ResultFormat) -> None:
    short = ForkServer(WorkerLimits(1024**3, rows=1000, bytes=10**9))
    pool = RunningPool(short, folder)
    formats: dict[ResultKind, ResultFormat] = {**FORMATS, "solutions": form}
    whole = pool.rest(pool.answer("SELECT * { ?s ?p ?o } LIMIT 990", formats))
    assert whole
    with pytest.raises(ResultLimitError, match=r"cut off after 1,000 rows"):
        pool.rest(pool.answer("SELECT * { ?s ?p ?o }", formats))
    pool.close()
    short.close()


def test_no_process_is_left_after_closing(server: ForkServer, folder: Path) -> None:
    pool = RunningPool(server, folder, PoolLimits(60, 3))
    pool.answer(ENDLESS)
    pool.ask()
    made = pool.pids()
    assert len(made) == 2
    pool.close()
    while any(map(is_there, made)):  # their parent ends them as soon as it sees that nobody asks it any more
        pass
