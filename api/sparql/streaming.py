"""How an answer is sent as it comes, and what happens to its query when its reader goes away."""

import asyncio
from collections.abc import Sequence
from types import TracebackType
from typing import Final

from starlette.types import Receive, Send

from civicgraph.graph.engine.connection import Answer
from civicgraph.graph.engine.errors import QueryError, StoppedError

_PATIENCE: Final = 0.2
"""Seconds after which it is worth looking whether the client still waits; most answers are there before."""

Headers = Sequence[tuple[bytes, bytes]]


class ClientDisconnectedError(Exception):
    """The client went away before its answer was there."""


class CancelOnDisconnect:
    """Cancels what is inside when the client goes away, and raises ClientDisconnectedError in its place.

    Parameters
    ----------
    receive
        Tells of the client.
    """

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._gone = False
        self._watching: asyncio.Task[None] | None = None

    async def __aenter__(self) -> None:
        """Begin to look for the client, in a moment."""
        self._inside = asyncio.current_task()
        self._later = asyncio.get_running_loop().call_later(_PATIENCE, self._begin)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Look no longer."""
        self._later.cancel()
        if self._watching is not None:
            self._watching.cancel()
        if self._gone and isinstance(error, asyncio.CancelledError):
            if self._inside is not None:
                self._inside.uncancel()
            raise ClientDisconnectedError from None

    def _begin(self) -> None:
        self._watching = asyncio.get_running_loop().create_task(self._watch())

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._gone = True
        if self._inside is not None:
            self._inside.cancel()


async def send_whole(send: Send, status: int, headers: Headers, body: bytes) -> None:
    """Send a response that is there as a whole."""
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body})


async def send_answer(send: Send, answer: Answer, headers: Headers) -> None:
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
        await send({"type": "http.response.body", "body": f"\n{error}\n".encode(), "more_body": True})
        return
    finally:
        await answer.chunks.aclose()
    await send({"type": "http.response.body", "body": b"", "more_body": False})
