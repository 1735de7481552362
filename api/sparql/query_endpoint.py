"""SPARQL 1.1 Protocol at /sparql: GET, and both forms of POST."""

from typing import Final

from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from civicgraph.api.server.rate_limit import client_of
from civicgraph.api.sparql import requests
from civicgraph.api.sparql.formats import formats, headers_of, varies
from civicgraph.api.sparql.streaming import Endpoint, cancel_on_disconnect, send_answer
from civicgraph.graph.engine.interface import Query

_QUERY: Final = "application/sparql-query"


class QueryEndpoint(Endpoint):
    """Answers /sparql."""

    async def respond(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a query."""
        query = await _query(scope, receive)
        async with cancel_on_disconnect(receive), self.serving.held() as snapshot:
            version = None if varies(query.sparql) else snapshot.version
            answer = await snapshot.pool.answer(query, client_of(scope))
            await send_answer(send, answer, headers_of(version, answer.format))


async def _query(scope: Scope, receive: Receive) -> Query:
    method = scope["method"]
    found = requests.fields(scope["query_string"])
    if method == "GET":
        given = requests.one(found, "query", "query")
        if given is None:
            raise HTTPException(400, "no query: give one as ?query=, as a form field, or as the body")
        sparql = given
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
