"""A store on disk for what runs in processes of its own, and pools of workers over it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, Store

from civicgraph.graph.engine.store_process import WorkerLimits
from tests.graph.engine.running_pool import RunningPool


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Hold a store on disk of which the established view has 3,000 triples."""
    path = tmp_path_factory.mktemp("workers") / "store"
    store = Store(str(path))
    view = "<https://w3id.org/civicgraph/ontology#established>"
    lines = "".join(f'<http://e/{n}> <http://e/p> "é {n}" {view} .\n' for n in range(3000))
    store.bulk_load(lines, RdfFormat.N_QUADS)
    store.flush()
    return path


@pytest.fixture(scope="module")
def limits() -> WorkerLimits:
    """Give what workers may take: enough."""
    return WorkerLimits(1024**3, rows=10**9, bytes=10**12)


@pytest.fixture(params=["disk", "memory"])
def pool(limits: WorkerLimits, folder: Path, request: pytest.FixtureRequest) -> Iterator[RunningPool]:
    """Open one worker with enough time; a test that wants to see the end of it gives it less."""
    made = RunningPool(limits, folder, in_memory=request.param == "memory")
    yield made
    made.close()


@pytest.fixture(scope="module")
def patient(limits: WorkerLimits, folder: Path) -> Iterator[RunningPool]:
    """Open one worker for all the queries that leave it as it was."""
    made = RunningPool(limits, folder)
    yield made
    made.close()
