"""What endpoints of the SPARQL standards share: how they answer and refuse, and what becomes of who goes away."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from civicgraph.api.problems import problem_of
from civicgraph.api.serving import Serving
from civicgraph.api.sparql.formats import Headers
from civicgraph.graph.engine.errors import PoolBusyError, QueryError, StoppedError
from civicgraph.graph.engine.pool import Answer

_PATIENCE: Final = 0.2
"""Seconds after which it is worth looking whether the client still waits; most answers are there before."""


class ClientDisconnectedError(Exception):
    """The client went away before its answer was there."""


class Endpoint(ABC):
    """Answers requests of a protocol, in plain ASGI: what a framework does for each takes longer than most queries.

    Parameters
    ----------
    serving
        What is served.
    """

    def __init__(self, serving: Serving) -> None:
        self.serving = serving

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        try:
            response = await self.respond(scope, receive, send)
        except ClientDisconnectedError:
            return
        except Exception as error:
            response = problem_of(error)
            if response is None:
                raise
            if isinstance(error, PoolBusyError):
                self.serving.metrics.busy.inc()
        if response is not None:
            await response(scope, receive, send)

    @abstractmethod
    async def respond(self, scope: Scope, receive: Receive, send: Send) -> Response | None:
        """Return the response to a request, None where it has been sent."""


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
