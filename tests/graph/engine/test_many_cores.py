"""Workers on a machine with many cores, where the engine has many threads and the C library a lot of room for each."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the limits of other systems count other things")

SERVER: Final = """
import asyncio, resource, sys
from civicgraph.graph.engine.interface import Query
from civicgraph.graph.engine.pool import PoolLimits, WorkerPool
from civicgraph.graph.engine.processes import StoreProcess
from civicgraph.graph.engine.store_process import WorkerLimits

# The stack of each thread is as large as 32 ordinary ones.
resource.setrlimit(resource.RLIMIT_STACK, (256 << 20, resource.getrlimit(resource.RLIMIT_STACK)[1]))

async def ask():
    held = StoreProcess(sys.argv[1], WorkerLimits(64 << 20, 10**6, 10**9))
    pool = WorkerPool(held, PoolLimits(timeout=600, workers=1))
    answer = await pool.answer(Query("SELECT ?o { ?s ?p ?o } ORDER BY DESC(?o) LIMIT 1"))
    print(answer.body.decode())
    await pool.close()

asyncio.run(ask())
"""


def test_threads_and_what_is_reserved_for_them_are_not_taken_for_a_querys_memory(folder: Path) -> None:
    # As many arenas as on 128 cores.
    environment = {**os.environ, "MALLOC_ARENA_MAX": "1024"}
    command = [sys.executable, "-c", SERVER, str(folder)]
    done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "é 999" in done.stdout
