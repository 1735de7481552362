"""How an answer is sent as it comes, and what happens to its query when its reader goes away."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Final

from starlette.types import Receive, Send

from civicgraph.graph.store.asking import Answer, StoppedError
from civicgraph.graph.store.engine import QueryError

_PATIENCE: Final = 0.2
"""Seconds after which it is worth looking whether the client still waits; most answers are there before."""

Headers = Sequence[tuple[bytes, bytes]]


class ClientGoneError(Exception):
    """The client went away before its answer was there."""


@asynccontextmanager
async def while_client_waits(receive: Receive) -> AsyncIterator[None]:
    """Cancel what is inside when the client goes away.

    Raises
    ------
    ClientGoneError
        It went away.
    """
    loop, inside = asyncio.get_running_loop(), asyncio.current_task()
    watching: asyncio.Task[None] | None = None
    gone = False

    async def watch() -> None:
        nonlocal gone
        while (await receive())["type"] != "http.disconnect":
            pass
        gone = True
        if inside is not None:
            inside.cancel()

    def start() -> None:
        nonlocal watching
        watching = loop.create_task(watch())

    later = loop.call_later(_PATIENCE, start)
    try:
        yield
    except asyncio.CancelledError:
        if not gone:
            raise
        if inside is not None:
            inside.uncancel()
        raise ClientGoneError from None
    finally:
        later.cancel()
        if watching is not None:
            watching.cancel()


async def send_whole(send: Send, status: int, headers: Headers, body: bytes) -> None:
    """Send a response that is there as a whole."""
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body})


async def send_answer(
    send: Send, answer: Answer, headers: Headers, note: Callable[[str], None] = lambda _: None
) -> None:
    """Send an answer as it comes.

    One that is stopped says so in its last line and is then cut off, without the end that HTTP gives to what is whole:
    no client can take it for the whole answer.
    """
    if answer.body is not None or answer.chunks is None:
        await send_whole(send, 200, headers, answer.body or b"")
        return
    try:
        await send({"type": "http.response.start", "status": 200, "headers": list(headers)})
        async for chunk in answer.chunks:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
    except (StoppedError, QueryError) as error:
        note(str(error))
        await send({"type": "http.response.body", "body": f"\n{error}\n".encode(), "more_body": True})
        return
    finally:
        await answer.chunks.aclose()
    await send({"type": "http.response.body", "body": b"", "more_body": False})
