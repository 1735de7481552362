"""A pool of workers and the event loop that it is asked from, for tests."""

import asyncio
import os
import subprocess
from collections.abc import Awaitable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeVar

from civicgraph.graph.engine.interface import Query, ResultFormat, ResultKind
from civicgraph.graph.engine.pool import Answer, PoolLimits, WorkerPool
from civicgraph.graph.engine.processes import StoreProcess
from civicgraph.graph.engine.store_process import WorkerLimits

T = TypeVar("T")

FORMATS: Final[dict[ResultKind, ResultFormat]] = {"solutions": "json", "boolean": "json", "graph": "ntriples"}
TRUE: Final = b'{"head":{},"boolean":true}'
# 3,000 to the fourth power solutions: nobody waits for them.
SLOW: Final = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
ENDLESS: Final = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
PATIENT: Final = PoolLimits(timeout=600, workers=1)
"""The limit is for the day when an answer never comes: on a busy machine a query of some megabytes takes minutes."""


class RunningPool:
    """A pool and the event loop it is asked from, in its own thread: tests of a browser leave one running in this."""

    def __init__(
        self, takes: WorkerLimits, folder: Path, limits: PoolLimits = PATIENT, *, in_memory: bool = False
    ) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = ThreadPoolExecutor(1)
        self.pool = WorkerPool(StoreProcess(str(folder), takes, in_memory=in_memory), limits)

    def run(self, wanted: Awaitable[T]) -> T:
        async def waiting() -> T:
            return await wanted

        return self._thread.submit(self._loop.run_until_complete, waiting()).result()

    def answer(self, sparql: str, formats: dict[ResultKind, ResultFormat] | None = None) -> Answer:
        return self.run(self.pool.answer(Query(sparql, formats or FORMATS)))

    def rest(self, answer: Answer) -> list[bytes]:
        async def read() -> list[bytes]:
            return [chunk async for chunk in answer.chunks()]

        return self.run(read())

    def ask(self, sparql: str = "ASK {}") -> bytes:
        return b"".join(self.rest(self.answer(sparql)))

    def pids(self) -> set[int]:
        """Return the workers, as the system knows them."""
        return {pid for parent in self.pool._parents for pid in children(parent._process.pid)}

    def give(self, timeout: float) -> None:
        self.pool.limits = replace(self.pool.limits, timeout=timeout)

    def settle(self) -> None:
        """Wait until what was to be ended has ended."""
        while len(self.pids()) > len(self.pool._free) + len(self.pool._busy):
            self.run(asyncio.sleep(0.01))

    def close(self) -> None:
        self.run(self.pool.close())
        self._thread.shutdown()
        self._loop.close()


def is_there(pid: int) -> bool:
    """Say whether a process runs, or is dead and nobody took note of it."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def children(pid: int) -> set[int]:
    """Return the processes that one has started and that it has not taken note of the end of."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], check=True, capture_output=True, text=True).stdout
    return {int(child) for child, parent in map(str.split, listed.splitlines()) if int(parent) == pid}
