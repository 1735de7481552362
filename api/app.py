"""The HTTP application: its routes, its doors, and what every response carries."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version

from fastapi import FastAPI
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from civicgraph.api import openapi, problems
from civicgraph.api.dependencies import ServingDependency
from civicgraph.api.figures import exports, what_if
from civicgraph.api.figures import routes as figures
from civicgraph.api.pages import assets, reconcile, search, views, vocabularies
from civicgraph.api.pages import routes as pages
from civicgraph.api.server.access_log import AccessLog
from civicgraph.api.server.counts import Counts
from civicgraph.api.server.door import Door
from civicgraph.api.server.metrics import CONTENT_TYPE, Metrics
from civicgraph.api.server.quick import Begun, Peer
from civicgraph.api.server.rates import RateLimit
from civicgraph.api.serving import Serving
from civicgraph.api.settings import Settings
from civicgraph.api.sparql.look_ups import LookUps
from civicgraph.api.sparql.protocol import SparqlDoor
from civicgraph.api.sparql.writing import WritingDoor
from civicgraph.api.tables import routes as tables
from civicgraph.api.tables import stored_queries


@dataclass(frozen=True, slots=True)
class Shared:
    """What one of several processes shares with the others: where they count, and their holders of snapshots."""

    counts: Counts
    holders: socket.socket


class Application(FastAPI):
    """The application behind its door; what the door answers need not pass the framework."""

    door: Door
    look_ups: LookUps | None = None

    def look_up(self, request: bytes, client: str, peer: Peer) -> Begun | None:
        """Begin to answer a request, or return None where it is none that can be answered so."""
        return None if self.look_ups is None else self.look_ups.begin(request, client, peer)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or take part in the server's life."""
        if scope["type"] == "http":
            await self.door(scope, receive, send)
        else:
            await self.framework(scope, receive, send)

    async def framework(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer what has passed the door."""
        await super().__call__(scope, receive, send)


def create_app(settings: Settings, shared: Shared | None = None) -> Application:
    """Return the application that serves the newest snapshot of a data folder, or a store in memory.

    Parameters
    ----------
    settings
        Where the data is and what a query may take.
    shared
        What this process shares with others, if it is one of several.
    """
    doors: dict[str, ASGIApp] = {}
    metrics = Metrics(None if shared is None else shared.counts)
    rate = RateLimit(settings.rate, metrics.counts)
    log = None if settings.access_log is None else AccessLog(settings.access_log)

    @asynccontextmanager
    async def lifespan(app: Application) -> AsyncIterator[None]:
        serving = app.state.serving = Serving(settings, metrics, None if shared is None else shared.holders)
        serving.run_in(asyncio.get_running_loop())
        writing = WritingDoor(serving)
        app.look_ups = LookUps(serving, app.door.cache, rate, log)
        doors.update(sparql=SparqlDoor(serving), writing=writing)
        # Whoever comes first need not wait for what can be done before.
        opening = asyncio.create_task(asyncio.to_thread(serving.prepare))
        try:
            yield
        finally:
            await opening
            await asyncio.to_thread(writing.close)
            await serving.close()
            if log is not None:
                log.close()

    def door_of(path: str) -> ASGIApp | None:
        if path in ("/sparql", "/sparql/"):
            return doors["sparql"]
        if path in ("/update", "/update/") or path == "/graph-store" or path.startswith("/graph-store/"):
            return doors["writing"]
        return None

    app = Application(
        title="civicgraph",
        summary="Who runs the public sector's IT in the United Kingdom",
        version=version("civicgraph"),
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    problems.install(app)
    app.door = Door(lambda: app.state.serving, lambda path: door_of(path) or app.framework, rate, log)
    parts = (pages, vocabularies, views, search, reconcile, assets, tables, stored_queries, figures, what_if, exports)
    for part in parts:
        app.include_router(part.router)
    app.add_api_route("/health", health, tags=["Operations"])
    app.add_api_route("/metrics", measured, tags=["Operations"], response_class=PlainTextResponse, response_model=None)
    routes = [*app.routes, *(route for part in parts for route in part.router.routes)]
    openapi.describe(app, settings.queries, () if settings.store is None else routes)
    return app


def health(serving: ServingDependency) -> dict[str, str | int | bool]:
    """Say that the server is alive and ready, and which snapshot it serves."""
    with serving.snapshot() as snapshot:
        return {
            "status": "ready",
            "live": True,
            "ready": True,
            "version": snapshot.version,
            "sources": len(snapshot.manifest.sources),
            "quads": snapshot.manifest.quads,
        }


def measured(serving: ServingDependency) -> Response:
    """Return what operators watch, for Prometheus."""
    with serving.snapshot() as snapshot:
        text = serving.metrics.text(snapshot.version, snapshot.manifest.quads)
    return Response(text, media_type=CONTENT_TYPE)
