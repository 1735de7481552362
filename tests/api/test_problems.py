"""How errors of queries are told over HTTP."""

import json
from importlib import import_module

import pytest

from civicgraph.api.commands import exits
from civicgraph.api.own_queries import own_yaml
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


def _names_below(kind: type[BaseException]) -> set[str]:
    return {kind.__name__}.union(*(_names_below(one) for one in kind.__subclasses__()))


def test_every_error_that_has_words_is_one() -> None:
    for where in ("api.app", "api.commands.common", "graph.identity", "seeds_loader.faults"):
        import_module(f"civicgraph.{where}")
    words = own_yaml("problems.yaml")
    assert set(words["errors"]) <= _names_below(ValueError) | _names_below(RuntimeError)
    assert {*words["exits"]} - {"no folder", "no file"} <= _names_below(Exception)


@pytest.mark.parametrize(
    ("error", "what"),
    [
        (FileNotFoundError(2, "No such file", "x.csv"), "No such file: x.csv"),
        (NotADirectoryError("{x} is not a folder"), "{x} is not a folder"),
        (BrokenPipeError(32, "Broken pipe"), "[Errno 32] Broken pipe"),
        (LookupError("{y}"), "an error in civicgraph itself: LookupError: {y}"),
    ],
)
def test_each_error_ends_a_command_in_words(error: Exception, what: str) -> None:
    assert exits.told(error)[0] == what
