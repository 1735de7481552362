"""Refusals as RFC 9457 problems: what is wrong, and what to do."""

from collections.abc import Callable
from typing import Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from civicgraph.api.middleware import SECURITY_HEADERS
from civicgraph.graph.scope import ScopeError
from civicgraph.graph.store.engine import QueryError
from civicgraph.graph.store.snapshot import DataFolderError
from civicgraph.graph.store.workers import PoolBusyError, QueryCrashError, QueryTimeoutError
from civicgraph.graph.ties.files import TiesFileError

PROBLEM_TYPE: Final = "application/problem+json"


class Problem(BaseModel):
    """A refusal, in the form of RFC 9457."""

    title: str
    status: int
    detail: str


_STATUS: Final[dict[type[Exception], tuple[int, str]]] = {
    QueryError: (400, "The query cannot be answered"),
    ScopeError: (400, "There is no such market"),
    QueryTimeoutError: (503, "The query took too long"),
    QueryCrashError: (503, "The query took too much memory"),
    PoolBusyError: (503, "The server is busy"),
    DataFolderError: (503, "There is no data"),
    TiesFileError: (503, "There is no data"),
}


def problem(status: int, title: str, detail: str) -> JSONResponse:
    """Return a response that refuses a request."""
    body = Problem(title=title, status=status, detail=detail)
    return JSONResponse(body.model_dump(), status_code=status, media_type=PROBLEM_TYPE)


def install(app: FastAPI) -> None:
    """Let an application answer every refusal with a problem."""

    def handler(status: int, title: str) -> Callable[[Request, Exception], JSONResponse]:
        return lambda _, error: problem(status, title, str(error))

    for kind, (status, title) in _STATUS.items():
        app.add_exception_handler(kind, handler(status, title))
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _unforeseen)


def _http(_: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    response = problem(error.status_code, "The request cannot be answered", str(error.detail))
    response.headers.update(error.headers or {})
    return response


def _unforeseen(_: Request, __: Exception) -> JSONResponse:
    # The server's log has the error; what it says is nobody else's business. No middleware sees this response.
    response = problem(500, "An error in civicgraph itself", "the server's log says more")
    response.headers.update(SECURITY_HEADERS)
    return response


def _invalid(_: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise error
    faults = "; ".join(f"{fault['loc'][-1]}: {fault['msg']}" for fault in error.errors())
    return problem(400, "A parameter is missing or wrong", faults)
