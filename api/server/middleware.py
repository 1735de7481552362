"""What every request passes before anything answers it: the rate limit, the result cache, counts and the log.

It is plain ASGI, because an answer from the cache must cost no more than sending it.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import IO, Final

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette_compress import CompressMiddleware, add_compress_type

from civicgraph.api.problems import Refusal, unforeseen
from civicgraph.api.server.cache import CACHED_PATHS, LARGEST, ResultCache, key_of
from civicgraph.api.server.common_headers import with_common_headers
from civicgraph.api.server.metrics import Metrics
from civicgraph.api.server.rate_limit import RateLimit, client_of

_PREFLIGHT: Final = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS"),
    (b"access-control-allow-headers", b"Accept, Authorization, Content-Type, If-None-Match"),
    (b"access-control-max-age", b"86400"),
    (b"content-length", b"0"),
)
_MIN_COMPRESSED: Final = 1024
_LOGGED: Final = 2000
"""Characters of an address that are noted."""
_CUT: Final = "the query was stopped, or what keeps the data failed, before the first part was sent: ask again"

# What is compressed goes by a list of types, and it does not know these.
for _media_type in (
    *("text/csv", "text/tab-separated-values", "text/turtle", "application/n-triples", "application/n-quads"),
    *("application/trig", "application/sparql-results+json", "application/sparql-results+xml"),
    *("application/x-ndjson", "application/problem+json", "application/gexf+xml", "application/graphml+xml"),
):
    add_compress_type(_media_type)


class Middleware:
    """Stands between the server and the application.

    Parameters
    ----------
    app
        What answers.
    version
        Returns the version of the data that a request would be answered from now, None where that takes time to say.
    metrics
        Counts requests.
    rate
        How many requests a client may make.
    log
        Where each request is noted as a line of JSON, if anywhere.
    """

    def __init__(
        self,
        app: ASGIApp,
        version: Callable[[], str | None],
        metrics: Metrics,
        rate: RateLimit,
        log: IO[bytes] | None,
    ) -> None:
        self._app = app
        self._version = version
        self._metrics = metrics
        self._rate = rate
        self._log = log
        self._cache = ResultCache()
        self._compressed = CompressMiddleware(app, minimum_size=_MIN_COMPRESSED)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        began, status, size = time.perf_counter(), 0, 0
        from_page = any(name == b"origin" for name, _ in scope["headers"])

        async def sent(message: Message) -> None:
            """Send a part with what every response carries, and take note of its status and the bytes of its body."""
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = with_common_headers(message.get("headers", ()), from_page=from_page)
                message = {**message, "headers": headers}
            elif scope["method"] == "HEAD":
                message = {**message, "body": b""}
            else:
                size += len(message.get("body", b""))
            await send(message)

        try:
            await self._answer(scope, receive, sent)
            if not status:
                # It was cut off while all of it was still with the compressor: nothing says yet that it went well.
                await Refusal(503, "The answer was cut off", _CUT)(scope, receive, sent)
        except Exception:
            if not status:
                await unforeseen()(scope, receive, sent)
            raise  # for the server's log
        finally:
            self._metrics.answered(status or 500)
            if self._log is not None:
                line = {
                    "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
                    "client": scope["client"][0] if scope.get("client") else None,
                    "method": scope["method"],
                    "path": scope["path"][:_LOGGED],
                    "query": scope["query_string"][:_LOGGED].decode("latin-1"),
                    "status": status or 500,
                    "bytes": size,
                    "seconds": round(time.perf_counter() - began, 6),
                }
                self._log.write(orjson.dumps(line) + b"\n")
                self._log.flush()

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        method = scope["method"]
        wait = self._rate.take(client_of(scope))
        if wait > 0:
            self._metrics.limited.inc()
            detail = f"a client may make {self._rate.rate:g} requests a second: wait, and come again"
            refused = Refusal(429, "There were too many requests", detail, {"Retry-After": str(int(wait) + 1)})
            await refused(scope, receive, send)
        elif method == "OPTIONS":
            await send({"type": "http.response.start", "status": 204, "headers": _PREFLIGHT})
            await send({"type": "http.response.body", "body": b""})
        elif method in ("GET", "HEAD"):
            await self._get({**scope, "method": "GET"} if method == "HEAD" else scope, receive, send)
        else:
            await self._pass_on(scope, receive, send)

    async def _get(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Say that the client has the answer, or answer from the cache if possible, and keep the answer there."""
        version = self._version() if scope["path"].startswith(CACHED_PATHS) else None
        if version is None:
            await self._pass_on(scope, receive, send)
            return
        tag = b'W/"%s"' % version.encode()
        if any(name == b"if-none-match" and tag in value for name, value in scope["headers"]):
            headers = [(b"etag", tag), (b"cache-control", b"no-cache"), (b"vary", b"Accept")]
            await send({"type": "http.response.start", "status": 304, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
            return
        key = key_of(scope)
        found = self._cache.get(version, key)
        (self._metrics.misses if found is None else self._metrics.hits).inc()
        if found is not None:
            await send({"type": "http.response.start", "status": 200, "headers": found[0]})
            await send({"type": "http.response.body", "body": found[1]})
            return
        sent: list[Message] = []
        size = 0

        async def noted(message: Message) -> None:
            nonlocal size
            await send(message)
            size += len(message.get("body", b""))
            if size <= LARGEST:
                sent.append(message)

        await self._pass_on(scope, receive, noted)
        self._cache.put(version, key, sent)
        self._metrics.cache_bytes.set(self._cache.size)

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_compressed = any(name == b"accept-encoding" for name, _ in scope["headers"])
        await (self._compressed if is_compressed else self._app)(scope, receive, send)
