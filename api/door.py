"""The outermost door: what every request passes before anything answers it, and what every response carries.

Limits, the result cache, counts and the log stand here, in plain ASGI, because an answer from the cache must cost no
more than sending it.
"""

import time
from collections.abc import Callable
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette_compress import CompressMiddleware, add_compress_type

from civicgraph.api.access_log import AccessLog
from civicgraph.api.cache import CACHED_PATHS, Key, ResultCache
from civicgraph.api.problems import problem
from civicgraph.api.rates import RateLimit
from civicgraph.api.security import SECURITY_HEADERS
from civicgraph.api.serving import Serving

_SECURITY: Final = [(name.lower().encode(), value.encode()) for name, value in SECURITY_HEADERS.items()]
_EXPOSED: Final = b"ETag, Link, Location, Retry-After"
_ANY_ORIGIN: Final = ((b"access-control-allow-origin", b"*"), (b"access-control-expose-headers", _EXPOSED))
_PREFLIGHT: Final = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS"),
    (b"access-control-allow-headers", b"Accept, Authorization, Content-Type, If-None-Match"),
    (b"access-control-max-age", b"86400"),
    (b"content-length", b"0"),
)
_MIN_COMPRESSED: Final = 1024
# What is compressed goes by a list of types, and it does not know these.
for _media_type in (
    *("text/csv", "text/tab-separated-values", "text/turtle", "application/n-triples", "application/n-quads"),
    *("application/trig", "application/sparql-results+json", "application/sparql-results+xml"),
    *("application/x-ndjson", "application/problem+json", "application/gexf+xml", "application/graphml+xml"),
):
    add_compress_type(_media_type)


class Door:
    """Hands each request to what answers its path.

    Parameters
    ----------
    app
        Answers all paths but those that have doors of their own.
    serving
        Says which version is served, made when the application starts.
    doors
        What answers `/sparql`, `/update` and `/graph-store`.
    rate
        How many requests a client may make.
    log
        Where each request is noted, if anywhere.
    """

    def __init__(
        self,
        app: ASGIApp,
        serving: Callable[[], Serving],
        doors: Callable[[str], ASGIApp | None],
        rate: RateLimit,
        log: AccessLog | None,
    ) -> None:
        self._app = app
        self._serving = serving
        self._doors = doors
        self._rate = rate
        self._log = log
        self._cache = ResultCache()
        self._plain = self._with_headers
        self._compressed = CompressMiddleware(self._with_headers, minimum_size=_MIN_COMPRESSED)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        metrics = self._serving().metrics
        status, size = 500, 0

        async def counted(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
            else:
                size += len(message.get("body", b""))
            await send(message)

        try:
            await self._answer(scope, receive, counted)
        finally:
            metrics.answered(status)
            if self._log is not None:
                self._log.note(scope, status, size, time.perf_counter() - began)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        method = scope["method"]
        client = scope["client"][0] if scope.get("client") else ""
        wait = self._rate.take(client)
        if wait > 0:
            self._serving().metrics.limited()
            detail = f"a client may make {self._rate.rate:g} requests a second: wait, and come again"
            refused = problem(429, "There were too many requests", detail, {"Retry-After": str(int(wait) + 1)})
            await self._with_headers(scope, receive, send, refused)
            return
        if method == "OPTIONS":
            await send({"type": "http.response.start", "status": 204, "headers": [*_PREFLIGHT, *_SECURITY]})
            await send({"type": "http.response.body", "body": b""})
            return
        if method == "HEAD":
            scope = {**scope, "method": "GET"}
            send = _without_body(send)
        if scope["method"] == "GET" and scope["path"].startswith(CACHED_PATHS):
            await self._cached(scope, receive, send)
        else:
            await self._whole(scope, receive, send)

    async def _cached(self, scope: Scope, receive: Receive, send: Send) -> None:
        serving = self._serving()
        version = serving.current_version()
        key = Key.of(scope)
        found = self._cache.get(version, key)
        serving.metrics.cache(hit=found is not None)
        if found is not None:
            await send(found[0])
            await send(found[1])
            return
        if version is None or key.has_condition:
            await self._whole(scope, receive, send)
            return
        taken: list[Message] = []
        await self._whole(scope, receive, self._cache.taking(send, taken))
        self._cache.put(version, key, taken)
        serving.metrics.cache_bytes.set(self._cache.size)

    async def _whole(self, scope: Scope, receive: Receive, send: Send) -> None:
        if any(name == b"accept-encoding" for name, _ in scope["headers"]):
            await self._compressed(scope, receive, send)
        else:
            await self._plain(scope, receive, send)

    async def _with_headers(self, scope: Scope, receive: Receive, send: Send, app: ASGIApp | None = None) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                names = {name.lower() for name, _ in headers}
                headers += [header for header in _SECURITY if header[0] not in names]
                if any(name == b"origin" for name, _ in scope["headers"]):
                    headers += _ANY_ORIGIN
                message = {**message, "headers": headers}
            await send(message)

        answering = app or self._doors(scope["path"]) or self._app
        await answering(scope, receive, with_headers)


def _without_body(send: Send) -> Send:
    async def without_body(message: Message) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    return without_body
