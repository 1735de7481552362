"""The HTTP application: its routes, and what every response carries."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI
from fastapi.middleware.gzip import GZipMiddleware
from starlette.middleware.cors import CORSMiddleware

from civicgraph.api import assets, exports, figures, pages, problems, search, sparql, tables, views, what_if
from civicgraph.api.dependencies import ServingDependency
from civicgraph.api.middleware import HeadAsGet, SecureHeaders
from civicgraph.api.serving import Serving
from civicgraph.api.settings import Settings


def create_app(settings: Settings) -> FastAPI:
    """Return the application that serves the newest snapshot of a data folder.

    Parameters
    ----------
    settings
        Where the data is and what a query may take.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.serving = Serving(settings)
        try:
            yield
        finally:
            app.state.serving.close()

    app = FastAPI(
        title="civicgraph",
        summary="Who runs the public sector's IT in the United Kingdom",
        version=version("civicgraph"),
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    problems.install(app)
    app.add_middleware(GZipMiddleware, minimum_size=1024)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=["*"],
        allow_methods=["GET", "HEAD", "POST"],
        allow_headers=["*"],
        expose_headers=["ETag", "Link"],
    )
    app.add_middleware(HeadAsGet)
    app.add_middleware(SecureHeaders)
    for part in (pages, views, search, assets, sparql, tables, figures, what_if, exports):
        app.include_router(part.router)
    app.add_api_route("/health", health, tags=["Operations"])
    return app


def health(serving: ServingDependency) -> dict[str, str | int]:
    """Say that the server is ready, and which snapshot it serves."""
    with serving.snapshot() as snapshot:
        return {
            "status": "ready",
            "version": snapshot.version,
            "sources": len(snapshot.manifest.sources),
            "quads": snapshot.manifest.quads,
        }
