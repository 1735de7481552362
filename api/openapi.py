"""The OpenAPI description: what FastAPI sees of the routes, and what only this project knows of its answers."""

from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import yaml
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from jinja2 import Template

from civicgraph.api.tables.catalog import PERIOD, TABLES, stored_queries
from civicgraph.api.tables.flat import CONTENT_TYPES

_PROBLEM: Final = {"$ref": "#/components/responses/problem"}


def gives(*media_types: str) -> dict[int | str, dict[str, Any]]:
    """Return the responses of a route whose answer has one of several media types and the data's version as ETag."""
    plain = [name.partition(";")[0] for name in media_types]
    content = {name: {"schema": {} if name.endswith("json") else {"type": "string"}} for name in plain}
    return {200: {"description": "The answer", "content": content}, 304: {"description": "The client has this version"}}


def describe(app: FastAPI, queries: Path | None) -> None:
    """Let an application describe its doors, tables and stored queries beside its routes.

    Parameters
    ----------
    app
        The application.
    queries
        A folder of the user's own stored queries.
    """

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            found = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
            text = files("civicgraph.api").joinpath("doors.yaml").read_text(encoding="utf-8")
            known = {"tables": TABLES, "queries": stored_queries(queries), "forms": CONTENT_TYPES, "period": PERIOD}
            doors = yaml.safe_load(Template(text, trim_blocks=True, lstrip_blocks=True).render(known))
            found["paths"] |= doors["paths"]
            found["paths"]["/reconcile"]["post"] |= doors["reconcile"]
            for operation in (one for methods in found["paths"].values() for one in methods.values()):
                operation["responses"] = {**operation["responses"], "default": _PROBLEM}
                operation["responses"].pop("422", None)  # a parameter at fault is a problem as all else is
                for one in operation.get("parameters", ()):
                    one.setdefault("description", doors["parameters"].get(one["name"]))
            found["components"] = doors["components"]
            app.openapi_schema = found
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign] # as FastAPI's own documentation says to
