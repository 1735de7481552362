"""The outermost door: what every request passes before anything answers it.

Limits, the result cache, counts and the log stand here, in plain ASGI, because an answer from the cache must cost no
more than sending it.
"""

import time
from collections.abc import Callable
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette_compress import CompressMiddleware, add_compress_type

from civicgraph.api.problems import problem, unforeseen
from civicgraph.api.server.access_log import AccessLog
from civicgraph.api.server.cache import CACHED_PATHS, Key, ResultCache
from civicgraph.api.server.quick import begun_of
from civicgraph.api.server.rates import RateLimit
from civicgraph.api.server.ready import ReadyResponses
from civicgraph.api.server.response import Response
from civicgraph.api.serving import Serving

_PREFLIGHT: Final = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS"),
    (b"access-control-allow-headers", b"Accept, Authorization, Content-Type, If-None-Match"),
    (b"access-control-max-age", b"86400"),
    (b"content-length", b"0"),
)
_MIN_COMPRESSED: Final = 1024
_CUT: Final = "the query was stopped, or what keeps the data failed, before the first part was sent: ask again"
_DEAR: Final = 0.01
"""Seconds that an answer takes to be kept at once; a cheaper one is kept when it is asked for again."""

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
    serving
        Says which version is served, made when the application starts.
    doors
        Returns what answers a path.
    rate
        How many requests a client may make.
    log
        Where each request is noted, if anywhere.
    """

    def __init__(
        self,
        serving: Callable[[], Serving],
        doors: Callable[[str], ASGIApp],
        rate: RateLimit,
        log: AccessLog | None,
    ) -> None:
        self._serving = serving
        self._doors = doors
        self._rate = rate
        self._log = log
        self.cache = ResultCache()
        self._ready = ReadyResponses()
        self._compressed = CompressMiddleware(self._handed_on, minimum_size=_MIN_COMPRESSED)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        began = time.perf_counter()
        response = Response(scope, send)
        try:
            await self._answer(scope, receive, response)
            if not response.status:
                # It was cut off while all of it was still with the compressor: nothing says yet that it went well.
                await problem(503, "The answer was cut off", _CUT)(scope, receive, response.send)
        except Exception:
            if not response.status:
                await unforeseen()(scope, receive, response.send)
            raise  # for the server's log
        finally:
            self._serving().metrics.answered(response.status or 500)
            if self._log is not None:
                self._log.note(scope, response.status, response.size, time.perf_counter() - began)

    def at_hand(self, request: bytes, client: str) -> bytes | None:
        """Return the response to a request that is, byte for byte, one answered before; all that follows the date."""
        if request not in self._ready:
            return None
        serving = self._serving()
        found = self._ready.get(serving.current_version(), request)
        if found is None or self._rate.take(client) > 0:
            return None
        serving.metrics.cache(hit=True)
        serving.metrics.answered(200)
        if self._log is not None:
            self._log.note({**found.scope, "client": (client,)}, 200, len(found.content), 0.0)
        return found.content

    async def _answer(self, scope: Scope, receive: Receive, response: Response) -> None:
        method = scope["method"]
        client = scope["client"][0] if scope.get("client") else ""
        wait = 0.0 if begun_of(scope) is not None else self._rate.take(client)
        if wait > 0:
            self._serving().metrics.limited()
            detail = f"a client may make {self._rate.rate:g} requests a second: wait, and come again"
            refused = problem(429, "There were too many requests", detail, {"Retry-After": str(int(wait) + 1)})
            await refused(scope, receive, response.send)
        elif method == "OPTIONS":
            await response.send({"type": "http.response.start", "status": 204, "headers": _PREFLIGHT})
            await response.send({"type": "http.response.body", "body": b""})
        elif method == "HEAD":
            scope = {**scope, "method": "GET"}
            if scope["path"].startswith(CACHED_PATHS):
                await self._cached(scope, receive, _without_body(response.send))
            else:
                await self._whole(scope, receive, _without_body(response.send))
        elif method == "GET" and scope["path"].startswith(CACHED_PATHS):
            version = await self._cached(scope, receive, response.send)
            if version is not None and response.repeated is not None:
                self._ready.put(version, response.repeated[0], response.repeated[1], scope)
        else:
            await self._whole(scope, receive, response.send)

    async def _cached(self, scope: Scope, receive: Receive, send: Send) -> str | None:
        """Answer from the cache if possible, and return the version if it was."""
        serving = self._serving()
        version = serving.current_version()
        key = Key.of(scope)
        found = self.cache.get(version, key)
        serving.metrics.cache(hit=found is not None)
        if found is not None:
            await send(found[0])
            await send(found[1])
            return version
        if version is None or key.has_condition:
            await self._whole(scope, receive, send)
            return None
        taken: list[Message] = []
        began = time.perf_counter()
        await self._whole(scope, receive, self.cache.taking(send, taken))
        if time.perf_counter() - began > _DEAR or self.cache.was_asked(version, key):
            self.cache.put(version, key, taken)
            serving.metrics.cached(self.cache.size)
        return None

    async def _whole(self, scope: Scope, receive: Receive, send: Send) -> None:
        if any(name == b"accept-encoding" for name, _ in scope["headers"]):
            await self._compressed(scope, receive, send)
        else:
            await self._handed_on(scope, receive, send)

    async def _handed_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._doors(scope["path"])(scope, receive, send)


def _without_body(send: Send) -> Send:
    async def without_body(message: Message) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    return without_body
