"""How errors of queries are told over HTTP."""

import json

import pytest

from civicgraph.api.problems import problem_of
from civicgraph.graph.engine.errors import (
    EngineFailedError,
    PoolBusyError,
    QueryError,
    QueryMemoryError,
    QueryTimeoutError,
    RemoteError,
    WorkerEndedError,
)


@pytest.mark.parametrize(
    ("error", "status", "title", "comes_again"),
    [
        (QueryError("x"), 400, "The query cannot be answered", False),
        (QueryTimeoutError("x"), 503, "The query took too long", False),
        (QueryMemoryError("x"), 503, "The query took too much memory", False),
        (EngineFailedError("x"), 500, "The engine failed", False),
        (WorkerEndedError("x"), 503, "The query was interrupted", True),
        (PoolBusyError("x"), 503, "The server is busy", True),
        (RemoteError("x", "y"), 502, "The server that keeps the data cannot be asked", False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_each_error_has_its_status(error: Exception, status: int, title: str, comes_again: bool) -> None:
    response = problem_of(error)
    assert response is not None
    said = json.loads(bytes(response.body))
    assert (response.status_code, said["status"], said["title"], said["detail"]) == (status, status, title, str(error))
    assert ("retry-after" in response.headers) == comes_again
