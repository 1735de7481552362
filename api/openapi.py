"""The OpenAPI description: what FastAPI sees of the routes, and what only this project knows of its answers."""

from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import yaml
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from civicgraph.api.dependencies import serving_of
from civicgraph.api.described import data_paths
from civicgraph.api.problems import Problem

_EVERYWHERE: Final = ("429", "503")
"""Whoever asks too often is refused, and so is everybody where there is no data or no place."""
_OF_SERVERS: Final = ("502", "504")
"""A server that keeps the data may fail, or take too long."""
_PROBLEM: Final = {"$ref": "#/components/responses/problem"}


def describe(app: FastAPI, queries: Path | None, over_server: Iterable[BaseRoute] = ()) -> None:
    """Let an application describe its doors, tables and stored queries beside its routes.

    Parameters
    ----------
    app
        The application.
    queries
        A folder of the user's own stored queries.
    over_server
        The routes, where the data is on a server: it may be at fault where this one is not.
    """

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            found = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
            asking = {route.path_format for route in over_server if isinstance(route, APIRoute) and _reads_data(route)}
            if asking:
                asking |= {"/sparql", *data_paths(queries)}
            found["paths"] |= data_paths(queries) | _doors()["paths"]
            for path, methods in found["paths"].items():
                for operation in methods.values():
                    _refuse(operation, _OF_SERVERS if path in asking else ())
            schemas = {
                name: one for name, one in found["components"]["schemas"].items() if "ValidationError" not in name
            }
            found["components"] = _doors()["components"] | {
                "schemas": schemas | {"Problem": Problem.model_json_schema()},
            }
            app.openapi_schema = found
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign] # as FastAPI's own documentation says to


def _reads_data(route: APIRoute) -> bool:
    return any(one.call is serving_of for one in route.dependant.dependencies)


def _refuse(operation: dict[str, Any], more: Sequence[str]) -> None:
    """Say how an operation refuses: as a problem, and with 400 where FastAPI by itself would say 422."""
    responses = operation["responses"]
    parameters = operation.get("parameters", ())
    responses.pop("422", None)
    refusals = {*_EVERYWHERE, *more, *(status for status in responses if status >= "400")}
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
