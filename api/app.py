"""The HTTP application: its routes, its doors, and what every response carries."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI
from starlette.responses import Response
from starlette.types import ASGIApp

from civicgraph.api import (
    assets,
    exports,
    figures,
    openapi,
    pages,
    problems,
    search,
    stored_queries,
    tables,
    views,
    what_if,
)
from civicgraph.api.access_log import AccessLog
from civicgraph.api.dependencies import ServingDependency
from civicgraph.api.door import Door
from civicgraph.api.metrics import CONTENT_TYPE, Metrics
from civicgraph.api.rates import RateLimit
from civicgraph.api.serving import Serving
from civicgraph.api.settings import Settings
from civicgraph.api.sparql import SparqlDoor
from civicgraph.api.writing import WritingDoor


def create_app(settings: Settings) -> FastAPI:
    """Return the application that serves the newest snapshot of a data folder, or a store in memory.

    Parameters
    ----------
    settings
        Where the data is and what a query may take.
    """
    doors: dict[str, ASGIApp] = {}
    metrics = Metrics()
    log = None if settings.access_log is None else AccessLog(settings.access_log)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        serving = app.state.serving = Serving(settings, metrics)
        serving.run_in(asyncio.get_running_loop())
        writing = WritingDoor(serving)
        doors.update(sparql=SparqlDoor(serving), writing=writing)
        try:
            yield
        finally:
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

    app = FastAPI(
        title="civicgraph",
        summary="Who runs the public sector's IT in the United Kingdom",
        version=version("civicgraph"),
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    problems.install(app)
    # What is added last is outermost.
    app.add_middleware(Door, serving=lambda: app.state.serving, doors=door_of, rate=RateLimit(settings.rate), log=log)
    for part in (pages, views, search, assets, tables, stored_queries, figures, what_if, exports):
        app.include_router(part.router)
    app.add_api_route("/health", health, tags=["Operations"], responses={503: {"model": problems.Problem}})
    app.add_api_route("/metrics", measured, tags=["Operations"], response_class=Response)
    openapi.describe_doors(app)
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
    metrics = serving.metrics
    with serving.snapshot() as snapshot:
        metrics.running.set(snapshot.pool.running)
        metrics.queued.set(snapshot.pool.queued)
        metrics.snapshot.clear()
        metrics.snapshot.labels(snapshot.version).set(snapshot.manifest.quads)
    return Response(metrics.text(), media_type=CONTENT_TYPE)
