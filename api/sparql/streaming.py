"""SPARQL 1.1 Protocol at /sparql, by GET and both forms of POST, and how all SPARQL endpoints send their answers.

It is plain ASGI: what a framework does for each request takes longer than most queries.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from civicgraph.api.server.rate_limit import client_of
from civicgraph.api.serving import Serving
from civicgraph.api.sparql import requests
from civicgraph.api.sparql.formats import Headers, formats, headers_of, varies
from civicgraph.graph.engine.errors import QueryError, StoppedError
from civicgraph.graph.engine.interface import Query
from civicgraph.graph.engine.pool import Answer

_PATIENCE: Final = 0.2
"""Seconds after which it is worth looking whether the client still waits; most answers are there before."""


class ClientDisconnectedError(Exception):
    """The client went away before its answer was there."""


async def answer_query(serving: Serving, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a query."""
    if scope["method"] not in ("GET", "POST"):
        raise HTTPException(405, "Method Not Allowed", {"Allow": "GET, HEAD, POST, OPTIONS"})
    sparql, found = await requests.sparql_of(scope, receive, "query", requests.MAX_QUERY_BYTES)
    # A form sends a field that is left empty too.
    default, named = (tuple(filter(None, found.get(f"{kind}-graph-uri", ()))) or None for kind in ("default", "named"))
    query = Query(
        sparql.removeprefix("\ufeff"),  # what Notepad writes before a text
        formats(requests.header(scope, b"accept")),
        default,
        named,
        base=requests.address(scope, "/sparql"),
    )
    async with cancel_on_disconnect(receive), serving.held() as snapshot:
        version = None if varies(query.sparql) else snapshot.version
        answer = await snapshot.pool.answer(query, client_of(scope))
        await send_answer(send, answer, headers_of(version, answer.format))


@asynccontextmanager
async def cancel_on_disconnect(receive: Receive) -> AsyncIterator[None]:
    """Cancel what is inside when the client goes away, and raise ClientDisconnectedError in its place."""
    inside = asyncio.current_task()
    is_gone = False

    async def watch() -> None:
        nonlocal is_gone
        await asyncio.sleep(_PATIENCE)
        while (await receive())["type"] != "http.disconnect":
            pass
        is_gone = True
        if inside is not None:
            inside.cancel()

    watching = asyncio.get_running_loop().create_task(watch())
    try:
        yield
    except asyncio.CancelledError:
        if inside is None or not is_gone:
            raise
        inside.uncancel()
        raise ClientDisconnectedError from None
    finally:
        watching.cancel()


async def send_answer(send: Send, answer: Answer, headers: Headers) -> None:
    """Send an answer as it comes.

    One that is stopped says so in its last line and is then cut off, without the end that HTTP gives to what is whole:
    no client can take it for the whole answer.
    """
    if answer.rest is None:
        length = (b"content-length", b"%d" % len(answer.body))
        await send({"type": "http.response.start", "status": 200, "headers": [*headers, length]})
        await send({"type": "http.response.body", "body": answer.body})
        return
    try:
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        async for chunk in answer.chunks():
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
    except (StoppedError, QueryError) as error:
        await send({"type": "http.response.body", "body": f"\n{error}\n".encode(), "more_body": True})
        return
    finally:
        await answer.aclose()
    await send({"type": "http.response.body", "body": b"", "more_body": False})
