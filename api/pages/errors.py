"""Refusals as pages: whoever asks for a page gets one, with what was asked kept, and the nearest names as links."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from civicgraph.api.pages.rendering import render
from civicgraph.api.problems import PROBLEM_TYPE
from civicgraph.api.sparql.negotiation import negotiate
from civicgraph.api.sparql.requests import header
from civicgraph.api.tables.table_filters import options_of
from civicgraph.graph.edges.filters import FILTERS

_PAGE: Final = "text/html"
_REFUSED: Final = 400
_WIDEST: Final = 60

SparqlForm = Callable[[str | None, str], str]
"""Draws the page on which a person asks in SPARQL, from a query and what is wrong with it."""


class ErrorPages:
    """Stands before an application and turns its problems into pages for whoever would rather have those.

    Parameters
    ----------
    app
        What answers.
    form
        Draws the page of SPARQL.
    """

    def __init__(self, app: ASGIApp, form: SparqlForm) -> None:
        self._app = app
        self._form = form

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        accept = header(scope, b"accept")
        if negotiate(accept, {PROBLEM_TYPE: "", "application/json": "", _PAGE: _PAGE}) != _PAGE:
            await self._app(scope, receive, send)
            return
        start: Message = {}
        content = b""

        async def sent(message: Message) -> None:
            nonlocal start, content
            if message["type"] == "http.response.start" and _is_problem(message):
                start = message
            elif start:
                content += message.get("body", b"")
                if not message.get("more_body", False):
                    await self._send(scope, start, content, send)
            else:
                await send(message)

        await self._app(scope, receive, sent)

    async def _send(self, scope: Scope, start: Message, content: bytes, send: Send) -> None:
        page = self._page(scope["path"], scope["query_string"].decode("latin-1"), json.loads(content)).encode()
        kept = [one for one in start["headers"] if one[0].lower() not in (b"content-type", b"content-length")]
        headers = [
            *kept,
            (b"content-type", b"text/html; charset=utf-8"),
            (b"content-length", b"%d" % len(page)),
            (b"vary", b"Accept"),
        ]
        await send({**start, "headers": headers})
        await send({"type": "http.response.body", "body": page})

    def _page(self, path: str, query: str, problem: Mapping[str, Any]) -> str:
        given = parse_qsl(query, keep_blank_values=True, errors="replace")
        asked = dict(given).get("query")
        if path == "/sparql" and asked is not None:
            return self._form(asked, problem["detail"])
        path = f"/{path.lstrip('/')}"  # never the address of another server
        # The only values that a filter may have, where there are only some.
        fields = [(name, value, options_of(name) if name in FILTERS else ()) for name, value in given]
        return render("error.html", problem=problem, path=path, fields=fields, widest=_WIDEST)


def _is_problem(start: Message) -> bool:
    types = [value for name, value in start["headers"] if name.lower() == b"content-type"]
    return start["status"] >= _REFUSED and types == [PROBLEM_TYPE.encode()]
