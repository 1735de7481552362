"""No query goes on for a server that is gone."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from tests.graph.engine.running_pool import children

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="what a stranger's process does is read from /proc")

SERVER: Final = """
import asyncio, sys
from civicgraph.graph.engine.interface import Query
from civicgraph.graph.engine.pool import PoolLimits, WorkerPool
from civicgraph.graph.engine.processes import StoreProcess
from civicgraph.graph.engine.store_process import WorkerLimits

async def ask():
    held = StoreProcess(sys.argv[1], WorkerLimits(1 << 30, 10**6, 10**9))
    pool = WorkerPool(held, PoolLimits(timeout=600, workers=1))
    await pool.answer(Query("ASK {}"))
    print(held._process.pid, flush=True)
    await pool.answer(Query(sys.argv[2]))

asyncio.run(ask())
"""
# 3,000 to the fourth power solutions to count: the worker reads from no pipe meanwhile, and writes to none.
SLOW: Final = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
TICKS: Final = 60
"""More processor time than a worker's start takes, in hundredths of a second."""


def test_a_query_ends_with_the_server_that_was_killed(folder: Path) -> None:
    command = [sys.executable, "-c", SERVER, str(folder), SLOW]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        (pid,) = children(int(server.stdout.readline()))
        try:
            await_that(lambda: processor_time(pid) > TICKS)
        finally:
            server.kill()
    try:
        await_that(lambda: not is_running(pid))
    finally:
        if is_running(pid):
            os.kill(pid, signal.SIGKILL)


def await_that(condition: Callable[[], bool]) -> None:
    """Return once a condition holds; the limit is for the day when it never will."""
    for _ in range(6000):
        if condition():
            return
        time.sleep(0.01)
    pytest.fail("this never happened")


def fields(pid: int) -> list[str]:
    """Return what stands behind a process's name in its status: its state first."""
    return Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()


def processor_time(pid: int) -> int:
    return int(fields(pid)[11])


def is_running(pid: int) -> bool:
    try:
        return fields(pid)[0] not in {"Z", "X"}
    except (FileNotFoundError, ProcessLookupError):
        return False
