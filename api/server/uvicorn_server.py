"""The HTTP server: uvicorn, which asks the result cache before it makes a task of a request."""

import gc
import socket
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Final, cast

import orjson
import uvicorn
from starlette.types import ASGIApp, Message, Scope
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from civicgraph.api.server.cache import CACHED_PATHS, CachedResponse
from civicgraph.api.server.headers import with_common_headers

GRACE: Final = 5
"""Seconds in which answers that have begun may end when the server is told to."""

_LONGEST_ADDRESS: Final = 65_535
_TOO_LONG: Final = (
    414,
    "The address is too long",
    f"an address may have {_LONGEST_ADDRESS} characters: send a long query in the body of a POST",
)
_UNREADABLE: Final = (400, "The request cannot be read", "it is not HTTP/1.1: see RFC 9112")
_FOR_THE_APPLICATION: Final = frozenset((b"content-length", b"expect", b"forwarded", b"transfer-encoding", b"upgrade"))
"""Headers of requests that the cache is not asked for here, but in the application's own way."""

_CACHED: Final = tuple(path.encode() for path in CACHED_PATHS)

Cached = Callable[[Scope], CachedResponse | None]


class _Sender:
    """Sends a response that is there as a whole in one piece: to wake a client twice takes long.

    Parameters
    ----------
    cycle
        The request, as uvicorn keeps it.
    """

    def __init__(self, cycle: RequestResponseCycle) -> None:
        self._cycle = cycle
        self._send: Callable[[Any], Awaitable[None]] = cycle.send
        self._start: Message | None = None

    async def send(self, message: Message) -> None:
        """Send a part of the response; the head of one that says its length goes out with the body."""
        if message["type"] == "http.response.start":
            self._start = None
            if any(name == b"content-length" for name, _ in message["headers"]):
                self._start = message
            else:
                await self._send(message)
            return
        start, self._start = self._start, None
        if start is not None:
            content = self._whole(start, message)
            if content is not None:
                self._finish(content)
                return
            await self._send(start)
        await self._send(message)

    def _whole(self, start: Message, message: Message) -> bytes | None:
        """Return a response from its status line on, None where uvicorn has to look after it."""
        cycle, body, headers = self._cycle, message.get("body", b""), start["headers"]
        if message.get("more_body", False) or not cycle.keep_alive or cycle.flow.write_paused:
            return None
        if (b"content-length", b"%d" % len(body)) not in headers or cycle.scope["method"] == "HEAD":
            return None
        lines = _lines([*cycle.default_headers, *headers])
        # A line end inside a header would begin another.
        is_safe = lines.count(b"\n") == len(cycle.default_headers) + len(headers)
        return STATUS_LINE[start["status"]] + lines + b"\r\n" + body if is_safe else None

    def _finish(self, content: bytes) -> None:
        cycle = self._cycle
        if not cycle.disconnected:
            cycle.transport.write(content)
        cycle.response_started = cycle.response_complete = True
        cycle.message_event.set()
        cycle.on_response()


class _Protocol(HttpToolsProtocol):
    """One connection.

    Parameters
    ----------
    cached
        Returns the response to a GET if it is in the cache.
    """

    def __init__(self, cached: Cached, *args: Any, **options: Any) -> None:  # noqa: ANN401 - uvicorn's own
        super().__init__(*args, **options)
        self._cached = cached
        self._is_answered = False

    def on_headers_complete(self) -> None:
        """Answer from the cache, or let the application answer."""
        request = self._simple_request()
        found = None if request is None else self._cached(request)
        if found is None:
            super().on_headers_complete()
            self.cycle.send = _Sender(self.cycle).send  # type: ignore[method-assign,assignment] # uvicorn makes it
            return
        self._is_answered = True
        self.transport.write(STATUS_LINE[200] + _lines(self.server_state.default_headers) + found.content)

    def on_message_complete(self) -> None:
        """Take note that a request is whole."""
        if self._is_answered:
            self._is_answered = False
            self.on_response_complete()
        else:
            super().on_message_complete()

    def _simple_request(self) -> Scope | None:
        """Return what is asked, where that is a GET of the simplest kind for what may be in the cache."""
        path, _, query = self.url.partition(b"?")
        if self.parser.get_method() != b"GET" or not path.startswith(_CACHED) or not path.isascii() or b"%" in path:
            return None
        cycle: RequestResponseCycle | None = self.cycle
        if (cycle is not None and not cycle.response_complete) or self.flow.write_paused or b"#" in query:
            return None
        if self.parser.get_http_version() != "1.1" or not self.parser.should_keep_alive():
            return None
        if any(name in _FOR_THE_APPLICATION or name.startswith(b"x-forwarded-") for name, _ in self.headers):
            return None
        return {**self.scope, "method": "GET", "path": path.decode("ascii"), "query_string": query}

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - as uvicorn calls it
        """Refuse what the parser does not take, as everything is refused; uvicorn's own answer is plain text."""
        # Its parser counts in 16 bits where what part of an address begins.
        is_too_long = len(getattr(self, "url", b"")) > _LONGEST_ADDRESS
        status, title, detail = _TOO_LONG if is_too_long else _UNREADABLE
        body = orjson.dumps({"title": title, "status": status, "detail": detail})
        given = [(b"content-type", b"application/problem+json"), (b"content-length", b"%d" % len(body))]
        headers = [
            *self.server_state.default_headers,
            *with_common_headers(given, from_page=True),
            (b"connection", b"close"),
        ]
        self.transport.write(STATUS_LINE[status] + _lines(headers) + b"\r\n" + body)
        self.transport.close()


def _lines(headers: Sequence[tuple[bytes, bytes]]) -> bytes:
    return b"".join([b"%b: %b\r\n" % header for header in headers])


def answer_requests(app: ASGIApp, cached: Cached, listener: socket.socket) -> None:
    """Answer what comes to a socket until this process is told to end.

    Parameters
    ----------
    app
        What answers.
    cached
        Returns the response to a GET if it is in the cache.
    listener
        A socket that listens.
    """
    config = uvicorn.Config(
        app,
        http=cast("type[HttpToolsProtocol]", partial(_Protocol, cached)),
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE,
    )
    # What is there now stays: the collector need not look at it again and again.
    gc.collect()
    gc.freeze()
    uvicorn.Server(config).run(sockets=[listener])
