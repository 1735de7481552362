"""The OpenAPI description: what FastAPI sees of the routes, and what only this project knows of its answers."""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import yaml
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from civicgraph.api.described import data_paths
from civicgraph.api.problems import Problem

_EVERYWHERE: Final = ("429", "503")
"""Whoever asks too often is refused, and so is everybody where there is no data or no place."""
_PROBLEM: Final = {"$ref": "#/components/responses/problem"}


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
            found["paths"] |= data_paths(queries) | _doors()["paths"]
            for operation in _operations(found["paths"]):
                _refuse(operation)
            schemas = {
                name: one for name, one in found["components"]["schemas"].items() if "ValidationError" not in name
            }
            found["components"] = _doors()["components"] | {
                "schemas": schemas | {"Problem": Problem.model_json_schema()},
            }
            app.openapi_schema = found
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign] # as FastAPI's own documentation says to


def _operations(paths: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for methods in paths.values():
        yield from methods.values()


def _refuse(operation: dict[str, Any]) -> None:
    """Say how an operation refuses: as a problem, and with 400 where FastAPI by itself would say 422."""
    responses = operation["responses"]
    parameters = operation.get("parameters", ())
    responses.pop("422", None)
    refusals = {*_EVERYWHERE, *(status for status in responses if status >= "400")}
    if parameters or "requestBody" in operation:
        refusals.add("400")
    if any(parameter["in"] == "path" for parameter in parameters):
        refusals.add("404")
    operation["responses"] = dict(sorted((responses | dict.fromkeys(refusals, _PROBLEM)).items()))


@cache
def _doors() -> dict[str, Any]:
    text = files("civicgraph.api").joinpath("doors.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded
