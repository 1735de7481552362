"""SPARQL 1.1 Protocol at /sparql: GET, and both forms of POST; without a query, what the service is.

This is the hot path, and plain ASGI: what a framework does for each request would take longer than most queries.
"""

from collections.abc import Callable
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send

from civicgraph.api.problems import problem_of
from civicgraph.api.server.rate_limit import client_of
from civicgraph.api.serving import Serving
from civicgraph.api.sparql import requests
from civicgraph.api.sparql.description import RDF_TYPES, describe
from civicgraph.api.sparql.formats import answer_headers, caching_headers, formats, is_known, varies
from civicgraph.api.sparql.negotiation import negotiate
from civicgraph.api.sparql.streaming import CancelOnDisconnect, ClientDisconnectedError, send_answer
from civicgraph.graph.engine.errors import PoolBusyError
from civicgraph.graph.engine.interface import Query

_HTML: Final = "html"
_QUERY: Final = "application/sparql-query"


class QueryEndpoint:
    """Answers /sparql.

    Parameters
    ----------
    serving
        What is served.
    form
        Draws the page on which a person asks.
    """

    def __init__(self, serving: Serving, form: Callable[[], str]) -> None:
        self._serving = serving
        self._form = form

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        try:
            query = await _query(scope, receive)
            if query is None:
                await (await self._describe(scope))(scope, receive, send)
                return
            async with CancelOnDisconnect(receive):
                await self._answer(query, scope, send)
        except ClientDisconnectedError:
            return
        except Exception as error:
            response = problem_of(error)
            if response is None:
                raise
            if isinstance(error, PoolBusyError):
                self._serving.metrics.busy()
            await response(scope, receive, send)

    async def _answer(self, query: Query, scope: Scope, send: Send) -> None:
        async with self._serving.held() as snapshot:
            version = None if varies(query.sparql) else snapshot.version
            if version is not None and is_known(scope, version):
                await send({"type": "http.response.start", "status": 304, "headers": caching_headers(version)})
                await send({"type": "http.response.body", "body": b""})
                return
            answer = await snapshot.pool.answer(query, client_of(scope))
            await send_answer(send, answer, answer_headers(answer.format, version))

    async def _describe(self, scope: Scope) -> Response:
        accept = requests.header(scope, b"accept")
        # A browser accepts text/html and anything else with less zeal; whoever accepts anything gets RDF.
        chosen = negotiate(accept, {**RDF_TYPES, "text/html": _HTML})
        if chosen == _HTML:
            return HTMLResponse(self._form(), headers={"Vary": "Accept"})
        if chosen is None:
            raise HTTPException(406, f"the service is described as {', '.join([*RDF_TYPES, 'text/html'])}")
        async with self._serving.held() as snapshot:
            return await describe(snapshot, requests.address(scope, ""), chosen, self._serving.can_be_changed)


async def _query(scope: Scope, receive: Receive) -> Query | None:
    method = scope["method"]
    found = requests.fields(scope["query_string"])
    if method == "GET":
        sparql = requests.one(found, "query", "query")
        if sparql is None:
            if scope["query_string"]:
                raise HTTPException(400, "no query: give one as ?query=, as a form field, or as the body")
            return None
    elif method == "POST":
        sparql, found = await requests.posted(scope, receive, "query", _QUERY, requests.MAX_QUERY_BYTES)
    else:
        raise HTTPException(405, "Method Not Allowed", {"Allow": "GET, HEAD, POST, OPTIONS"})
    return Query(
        sparql.removeprefix("\ufeff"),  # what Notepad writes before a text
        formats(requests.header(scope, b"accept")),
        _graphs(found, "default-graph-uri"),
        _graphs(found, "named-graph-uri"),
        base=requests.address(scope, "/sparql"),
    )


def _graphs(found: requests.Fields, name: str) -> tuple[str, ...] | None:
    # A form sends a field that is left empty too.
    return tuple(filter(None, found.get(name, ()))) or None
