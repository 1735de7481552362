"""The HTTP application: its routes, and what stands between them and the server."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any

from fastapi import FastAPI
from starlette.responses import PlainTextResponse
from starlette.responses import Response as HttpResponse
from starlette.types import Receive, Scope, Send

from civicgraph.api.figures import exports
from civicgraph.api.figures import figure_routes as figures
from civicgraph.api.openapi import described
from civicgraph.api.pages import (
    assets,
    citing,
    compare,
    reconciliation,
    rendering,
    search,
    table_pages,
    views,
    vocabularies,
    what_if,
)
from civicgraph.api.pages import page_routes as pages
from civicgraph.api.pages.citing import REQUEST
from civicgraph.api.pages.errors import error_page
from civicgraph.api.problems import HANDLERS, problem_of
from civicgraph.api.queries import query_routes as queries
from civicgraph.api.server.metrics import CONTENT_TYPE, Metrics
from civicgraph.api.server.middleware import Middleware
from civicgraph.api.server.rate_limit import RateLimit
from civicgraph.api.serving import Serving, ServingDependency, SnapshotDependency
from civicgraph.api.settings import Settings
from civicgraph.api.sparql.streaming import ClientDisconnectedError, answer_query
from civicgraph.api.sparql.update_endpoints import UpdateEndpoints
from civicgraph.api.tables import table_routes as tables
from civicgraph.graph.engine.errors import PoolBusyError


class Application(FastAPI):
    """The application behind its middleware; what speaks a SPARQL protocol need not pass the framework."""

    settings: Settings
    outer: Middleware
    updates: UpdateEndpoints

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or take part in the server's life."""
        if scope["type"] == "http":
            await self.outer(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)

    def openapi(self) -> dict[str, Any]:
        """Return the OpenAPI description, made when it is first asked for."""
        if self.openapi_schema is None:
            self.openapi_schema = described(super().openapi(), self.settings.queries)
        return self.openapi_schema

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request that the middleware has let pass."""
        REQUEST.set((scope, self.state.serving.open_version))
        first = scope["path"].split("/")[1:2]
        scope = {**scope, "error_page": partial(error_page, self.settings.queries)}
        if scope["path"] in ("/sparql", "/sparql/") and (scope["query_string"] or scope["method"] != "GET"):
            await self._respond(partial(answer_query, self.state.serving), scope, receive, send)
        elif scope["path"] in ("/update", "/update/") or first == ["graph-store"]:
            await self._respond(self.updates.respond, scope, receive, send)
        else:
            await super().__call__(scope, receive, send)

    async def _respond(
        self, endpoint: Callable[..., Awaitable[HttpResponse | None]], scope: Scope, receive: Receive, send: Send
    ) -> None:
        try:
            response = await endpoint(scope, receive, send)
        except ClientDisconnectedError:
            return
        except Exception as error:
            response = problem_of(error)
            if response is None:
                raise
            if isinstance(error, PoolBusyError):
                self.state.serving.metrics.busy.inc()
        if response is not None:
            await response(scope, receive, send)


def create_app(settings: Settings) -> Application:
    """Return the application that serves the newest snapshot of a data folder, or a store in memory.

    Parameters
    ----------
    settings
        Where the data is and what a query may take.
    """
    metrics = Metrics()
    log: IO[bytes] | None = sys.stderr.buffer if settings.access_log == "-" else None
    if log is None and settings.access_log is not None:
        log = Path(settings.access_log).open("ab")  # noqa: SIM115 - closed with the server

    @asynccontextmanager
    async def lifespan(app: Application) -> AsyncIterator[None]:
        serving = app.state.serving = Serving(settings, metrics)
        app.outer = Middleware(app.answer, serving.current_version, metrics, RateLimit(settings.rate), log)
        app.updates = UpdateEndpoints(serving)
        # Whoever comes first need not wait for what can be done before.
        opening = asyncio.gather(asyncio.to_thread(serving.prepare), asyncio.to_thread(rendering.prepare))
        try:
            yield
        finally:
            await opening
            await asyncio.to_thread(app.updates.close)
            await serving.close()
            if log is not None and log is not sys.stderr.buffer:
                log.close()

    app = Application(
        title="civicgraph",
        summary="Who runs the public sector's IT in the United Kingdom",
        version=version("civicgraph"),
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        exception_handlers=HANDLERS,
    )
    app.settings = settings
    for_people = (pages, vocabularies, views, compare, search, reconciliation, assets, citing)
    for part in (*for_people, tables, table_pages, queries, figures, what_if, exports):
        app.include_router(part.router)
    app.add_api_route("/health", health, tags=["Operations"])
    app.add_api_route("/metrics", measured, tags=["Operations"], response_class=PlainTextResponse, response_model=None)
    return app


def health(snapshot: SnapshotDependency) -> dict[str, str | int | bool]:
    """Say that the server is alive and ready, and which snapshot it serves."""
    return {
        "status": "ready",
        "live": True,
        "ready": True,
        "version": snapshot.version,
        "sources": len(snapshot.manifest.sources),
        "quads": snapshot.manifest.quads,
    }


def measured(serving: ServingDependency, snapshot: SnapshotDependency) -> HttpResponse:
    """Return what operators watch, for Prometheus."""
    text = serving.metrics.text(snapshot.version, snapshot.manifest.quads)
    return HttpResponse(text, media_type=CONTENT_TYPE)
