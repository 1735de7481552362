"""The doors that are plain ASGI, as the OpenAPI description shows them."""

from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi


def describe_doors(app: FastAPI) -> None:
    """Let an application describe its doors beside its routes."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            found = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
            found["paths"] |= _doors()["paths"]
            components = found.setdefault("components", {})
            components["securitySchemes"] = _doors()["components"]["securitySchemes"]
            app.openapi_schema = found
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign] # as FastAPI's own documentation says to


@cache
def _doors() -> dict[str, Any]:
    text = files("civicgraph.api").joinpath("doors.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded
