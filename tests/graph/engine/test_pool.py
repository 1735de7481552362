"""Who has a worker: shares of clients, the queue, and what becomes of workers when a pool moves or closes."""

import asyncio
from pathlib import Path

from civicgraph.graph.engine.errors import PoolBusyError, QueryTimeoutError
from civicgraph.graph.engine.interface import Query
from civicgraph.graph.engine.pool import Answer, PoolLimits
from civicgraph.graph.engine.processes import StoreProcess
from civicgraph.graph.engine.store_process import WorkerLimits
from tests.graph.engine.running_pool import ENDLESS, SLOW, TRUE, RunningPool, is_there


def test_an_answer_that_is_abandoned_frees_its_worker(pool: RunningPool) -> None:
    answer = pool.answer(ENDLESS)
    (busy,) = pool.pids()
    pool.run(answer.aclose())
    pool.settle()
    # The worker was in the middle of its results, and no reader of the next query may get the rest of them.
    assert not is_there(busy)
    assert pool.ask() == TRUE


def test_a_query_waits_for_a_free_worker_and_is_told_if_none_comes(limits: WorkerLimits, folder: Path) -> None:
    pool = RunningPool(limits, folder, PoolLimits(0.5, 1))

    async def ask() -> list[type[BaseException]]:
        asked = [pool.pool.answer(Query(SLOW)) for _ in range(5)]
        ended = await asyncio.gather(*asked, return_exceptions=True)
        assert any("all workers were busy for 1 seconds" in str(one) for one in ended)
        return [type(one) for one in ended if isinstance(one, BaseException)]

    # Each has its half second, so that a second is not enough for all to begin.
    ends = pool.run(ask())
    assert (len(ends), set(ends)) == (5, {QueryTimeoutError, PoolBusyError})
    pool.close()


def test_no_client_has_all_workers_and_the_next_is_of_whom_has_fewest(limits: WorkerLimits, folder: Path) -> None:
    pool = RunningPool(limits, folder, PoolLimits(600, 4))

    async def share() -> None:
        async def ask(client: str, sparql: str = ENDLESS) -> Answer:
            return await pool.pool.answer(Query(sparql), client)

        running = [await ask("greedy"), await ask("greedy")]
        # Two of four workers are not for the one that has two already.
        more = [asyncio.ensure_future(ask("greedy")) for _ in range(3)]
        assert (await ask("modest", "ASK {}")).body == TRUE
        running += [await ask("modest"), await ask("modest")]
        waiting = asyncio.ensure_future(ask("third"))
        await asyncio.sleep(0)
        assert pool.pool.waiting == ["greedy"] * 3 + ["third"]
        await running[0].aclose()
        # The queries of the greedy one came first, and it has another running.
        running.append(await waiting)
        assert not any(one.done() for one in more)
        for answer in running[1:]:
            await answer.aclose()
        for one in more:
            await (await one).aclose()

    pool.run(share())
    pool.close()


def test_a_client_has_no_more_than_its_share_of_the_queue(limits: WorkerLimits, folder: Path) -> None:
    pool = RunningPool(limits, folder, PoolLimits(600, 2))

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


def test_a_pool_can_move_to_another_store_process(limits: WorkerLimits, folder: Path) -> None:
    pool = RunningPool(limits, folder)
    before = pool.ask("SELECT * { ?s ?p ?o } ORDER BY ?s ?o LIMIT 9")
    old = pool.pids()
    parent = StoreProcess(str(folder), limits, in_memory=True)

    async def move() -> None:
        pool.pool.move_to(parent)

    pool.run(move())
    pool.settle()
    assert pool.ask("SELECT * { ?s ?p ?o } ORDER BY ?s ?o LIMIT 9") == before
    assert not pool.pids() & old
    pool.close()


def test_no_process_is_left_after_closing(limits: WorkerLimits, folder: Path) -> None:
    pool = RunningPool(limits, folder, PoolLimits(600, 3))
    answers = [pool.answer(ENDLESS) for _ in range(2)]
    made = pool.pids()
    assert len(made) == len(answers)
    pool.close()
    while any(map(is_there, made)):  # their parent ends them as soon as it sees that nobody asks it any more
        pass
