"""Refusals as RFC 9457 problems: what is wrong, and what to do."""

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qsl, quote, unquote, urlencode

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.datastructures import URL
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from civicgraph.api.own_queries import own_yaml
from civicgraph.graph.edges.scope import ScopeError
from civicgraph.graph.records.iris import BASE

PROBLEM_TYPE: Final = "application/problem+json"
RETRY_AFTER: Final = "5"
"""Seconds after which a client may come again where the server is busy."""


Near = Mapping[str, str]
"""What may have been meant: its `name`, and the `address` that asks for it."""


class Refusal(JSONResponse):
    """A problem, as JSON or as the page that `error_page` of the request's scope makes of it."""

    media_type = PROBLEM_TYPE

    def __init__(
        self,
        status: int,
        title: str,
        detail: str,
        headers: Mapping[str, str] | None = None,
        nearest: Sequence[Near] = (),
    ) -> None:
        self.said = {"title": title, "status": status, "detail": detail, **({"nearest": nearest} if nearest else {})}
        super().__init__(self.said, status, headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        page = scope["error_page"](scope, self.said) if "error_page" in scope else None
        if page is None:
            await super().__call__(scope, receive, send)
        else:
            kept = {name: value for name, value in self.headers.items() if not name.startswith("content-")}
            await HTMLResponse(page, self.status_code, {**kept, "Vary": "Accept"})(scope, receive, send)


class UnknownError(HTTPException):
    """Nothing is known of what an address names; `nearest` are the things of like name, by their addresses."""

    def __init__(self, detail: str, nearest: Iterable[Near] = ()) -> None:
        super().__init__(404, detail)
        self.nearest = list(nearest)


_UNKNOWN_NAME: Final = "Nothing has that name"


def problem_of(error: Exception, url: URL | None = None) -> Refusal | None:
    """Return the refusal that an error of a known kind stands for, or None.

    Parameters
    ----------
    error
        The error.
    url
        The address that was asked for: where a name in it is not known, those that ask for the nearest are given.
    """
    if isinstance(error, HTTPException):
        is_thing = isinstance(error, UnknownError)
        titles = own_yaml("problems.yaml")["titles"]
        title = _UNKNOWN_NAME if is_thing else titles.get(error.status_code, titles[400])
        near = error.nearest if isinstance(error, UnknownError) else []
        return Refusal(error.status_code, title, str(error.detail), error.headers, near)
    if isinstance(error, ScopeError) and error.asked:
        near = [
            {"name": name, "address": _instead(url, error.asked, name)} for name in error.nearest if url is not None
        ]
        return Refusal(400, _UNKNOWN_NAME, str(error), nearest=near)
    known = own_yaml("problems.yaml")["errors"]
    found = next((known[kind.__name__] for kind in type(error).__mro__ if kind.__name__ in known), None)
    if found is None:
        return None
    again = {"Retry-After": RETRY_AFTER} if found.get("again") else {}
    return Refusal(found["status"], found["title"], str(error), again)


def _instead(url: URL, asked: str, name: str) -> str:
    """Return an address with another name where one was asked for, in its query or its path."""
    spelt = (asked, asked.removeprefix(BASE))
    pairs = parse_qsl(url.query, keep_blank_values=True)
    changed = [(key, name if value in spelt else value) for key, value in pairs]
    path = url.path
    if changed == pairs:
        path = "/".join(quote(name, safe="") if unquote(part) in spelt else part for part in path.split("/"))
    return f"{path}?{urlencode(changed)}" if changed else path


def _known(request: Request, error: Exception) -> JSONResponse:
    if isinstance(error, HTTPException) and error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        error.headers = {"Allow": _allowed(request)}
    if isinstance(error, HTTPException) and error.detail == HTTPStatus.NOT_FOUND.phrase:
        error.detail = f"no page or file is called {request.url.path[:80]}; the first page, /, leads to all"
    response = problem_of(error, request.url)
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
    return Refusal(500, "An error in civicgraph itself", "the server's log says more")


def _invalid(error: Any) -> JSONResponse:  # noqa: ANN401 - a RequestValidationError
    faults = []
    for fault in error.errors():
        name, told = fault["loc"][-1], own_yaml("problems.yaml")["faults"].get(fault["type"])
        values = {"name": name, "given": repr(fault["input"])[:80], **fault.get("ctx", {})}
        faults.append(f"{name}: {fault['msg']}" if told is None else told.format(**values))
    return Refusal(400, "A parameter is missing or wrong", "; ".join(faults))


HANDLERS: Final[dict[int | type[Exception], Any]] = {
    **dict.fromkeys((ValueError, RuntimeError, HTTPException), _known),
    RequestValidationError: lambda _, error: _invalid(error),
    Exception: lambda _, __: unforeseen(),
}
"""What lets an application answer every refusal with a problem."""
