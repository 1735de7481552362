"""The OpenAPI description: what FastAPI sees of the routes, and what only this project knows of its answers."""

from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import yaml
from jinja2 import Template

from civicgraph.api.tables.catalog import PERIOD, TABLES, stored_queries
from civicgraph.api.tables.flat import CONTENT_TYPES

_PROBLEM: Final = {"$ref": "#/components/responses/problem"}


def gives(*media_types: str) -> dict[int | str, dict[str, Any]]:
    """Return the responses of a route whose answer has one of several media types and the data's version as ETag."""
    plain = [name.partition(";")[0] for name in media_types]
    content = {name: {"schema": {} if name.endswith("json") else {"type": "string"}} for name in plain}
    return {200: {"description": "The answer", "content": content}, 304: {"description": "The client has this version"}}


def described(found: dict[str, Any], queries: Path | None) -> dict[str, Any]:
    """Return a description by FastAPI with the doors, tables and stored queries that are no routes of their own.

    Parameters
    ----------
    found
        What FastAPI describes.
    queries
        A folder of the user's own stored queries.
    """
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
    return {**found, "components": doors["components"]}
