"""Refusals as RFC 9457 problems: what is wrong, and what to do."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.routing import Match

from civicgraph.graph.edges.scope import ScopeError
from civicgraph.graph.edges.table import EdgeTableError
from civicgraph.graph.engine.errors import (
    EngineFailedError,
    PoolBusyError,
    QueryError,
    QueryMemoryError,
    QueryTimeoutError,
    RemoteBusyError,
    RemoteError,
    RemoteTimeoutError,
    ResultLimitError,
    WorkerEndedError,
)
from civicgraph.graph.engine.fork_server import ForkError
from civicgraph.graph.snapshot.locks import BusyError
from civicgraph.graph.snapshot.snapshot import DataFolderError

PROBLEM_TYPE: Final = "application/problem+json"
RETRY_AFTER: Final = "5"
"""Seconds after which a client may come again where the server is busy."""


class Problem(BaseModel):
    """A refusal, in the form of RFC 9457."""

    title: str
    status: int
    detail: str


_STATUS: Final[dict[type[Exception], tuple[int, str]]] = {
    QueryError: (400, "The query cannot be answered"),
    ScopeError: (400, "There is no such market"),
    QueryTimeoutError: (503, "The query took too long"),
    QueryMemoryError: (503, "The query took too much memory"),
    EngineFailedError: (500, "The engine failed"),
    WorkerEndedError: (503, "The query was interrupted"),
    ResultLimitError: (503, "The answer is too long"),
    PoolBusyError: (503, "The server is busy"),
    ForkError: (503, "The server cannot start a process"),
    BusyError: (503, "The server is busy"),
    DataFolderError: (503, "There is no data"),
    EdgeTableError: (503, "There is no data"),
    RemoteTimeoutError: (504, "The server that keeps the data took too long"),
    RemoteBusyError: (503, "The server that keeps the data is busy"),
    RemoteError: (502, "The server that keeps the data cannot be asked"),
}
_COME_AGAIN: Final = (PoolBusyError, BusyError, RemoteBusyError, WorkerEndedError)


def problem(status: int, title: str, detail: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Return a response that refuses a request."""
    body = Problem(title=title, status=status, detail=detail)
    return JSONResponse(body.model_dump(), status_code=status, media_type=PROBLEM_TYPE, headers=dict(headers or {}))


def problem_of(error: Exception) -> JSONResponse | None:
    """Return the refusal that an error of a known kind stands for, or None."""
    if isinstance(error, HTTPException):
        return problem(error.status_code, "The request cannot be answered", str(error.detail), error.headers)
    for kind, (status, title) in _STATUS.items():
        if isinstance(error, kind):
            headers = {"Retry-After": RETRY_AFTER} if isinstance(error, _COME_AGAIN) else {}
            return problem(status, title, str(error), headers)
    return None


def install(app: FastAPI) -> None:
    """Let an application answer every refusal with a problem."""
    for kind in (*_STATUS, HTTPException):
        app.add_exception_handler(kind, _known)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, lambda _, __: unforeseen())


def _known(request: Request, error: Exception) -> JSONResponse:
    if isinstance(error, HTTPException) and error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        error.headers = {"Allow": _allowed(request)}
    response = problem_of(error)
    if response is None:
        raise error
    return response


def _allowed(request: Request) -> str:
    """Return the methods of every route that has the request's path; the framework tells those of the first alone."""
    routes = request.app.router.routes
    scopes = {method: {**request.scope, "method": method} for method in ("GET", "POST", "PUT", "DELETE", "PATCH")}
    methods = [name for name, scope in scopes.items() if any(one.matches(scope)[0] == Match.FULL for one in routes)]
    return ", ".join([*methods, *(["HEAD"] if "GET" in methods else []), "OPTIONS"])


def unforeseen() -> JSONResponse:
    """Return what is said of an error that nobody foresaw; what it was is the business of the server's log alone."""
    return problem(500, "An error in civicgraph itself", "the server's log says more")


def _invalid(_: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise error
    faults = "; ".join(f"{fault['loc'][-1]}: {fault['msg']}" for fault in error.errors())
    return problem(400, "A parameter is missing or wrong", faults)
