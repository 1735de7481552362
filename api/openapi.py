"""The OpenAPI description: what FastAPI sees of the routes, and what only this project knows of its answers."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from civicgraph.api.own_queries import own_yaml
from civicgraph.api.problems import Problem
from civicgraph.api.tables.catalog import PERIOD, TABLES, Column, StoredQuery, Table, stored_queries
from civicgraph.api.tables.flat import CONTENT_TYPES

_DOORS: Final = "doors.yaml"
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
            found["paths"] |= {f"/tables/{name}.{{form}}": {"get": _table(table)} for name, table in TABLES.items()}
            for name, query in stored_queries(queries).items():
                found["paths"][f"/queries/{name}.{{form}}"] = {"get": _query(query)}
            found["paths"] |= own_yaml(_DOORS)["paths"]
            for operation in (one for methods in found["paths"].values() for one in methods.values()):
                operation["responses"] = {**operation["responses"], "default": _PROBLEM}
                operation["responses"].pop("422", None)  # a parameter at fault is a problem as all else is
                for one in operation.get("parameters", ()):
                    one.setdefault("description", own_yaml(_DOORS)["parameters"].get(one["name"]))
            schemas = {
                name: one for name, one in found["components"]["schemas"].items() if "ValidationError" not in name
            }
            found["components"] = own_yaml(_DOORS)["components"] | {
                "schemas": schemas | {"Problem": Problem.model_json_schema()},
            }
            app.openapi_schema = found
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign] # as FastAPI's own documentation says to


def _table(table: Table) -> dict[str, Any]:
    row = _row(table.columns)
    filters = []
    for one in table.parameters:
        schema: dict[str, Any] = {"type": "array", "items": {"type": "string"}}
        told = f"Rows of this {one}, by name, slug or IRI; several mean either"
        if one in PERIOD:
            schema, told = own_yaml(_DOORS)["tables"]["types"]["date"], "Rows that may have held then"
        filters.append({"name": one, "in": "query", "schema": schema, "description": told})
    shaped = {
        "type": "object",
        "required": ["columns", "rows", "next", "next_url"],
        "properties": {
            "columns": {"type": "array", "items": {"type": "string"}},
            "rows": {"type": "array", "items": {"anyOf": [row, {"type": "array"}]}},
            "next": {"type": ["string", "null"]},
            "next_url": {"type": ["string", "null"]},
        },
    }
    rows = {"anyOf": [{"type": "array", "items": row}, shaped]}
    described = _flat(f"table_{table.name}", table.description, [*own_yaml(_DOORS)["tables"]["paging"], *filters], rows)
    described["responses"]["200"]["headers"] |= own_yaml(_DOORS)["tables"]["link"]
    title = table.description.partition(":")[0].partition(".")[0]
    return {"tags": ["Tables"], "summary": title, **described}


def _query(query: StoredQuery) -> dict[str, Any]:
    title, _, rest = query.description.partition(":")
    parameters = [
        {
            "name": name,
            "in": "query",
            "schema": own_yaml(_DOORS)["tables"]["types"][one.type]
            | ({} if one.default is None else {"default": one.default}),
            "description": one.description,
        }
        for name, one in query.params.items()
    ]
    rows = {"type": "array", "items": _row(query.columns) if query.columns else {"type": "object"}}
    described = _flat(f"stored_{query.name}", rest.strip() or title, parameters, rows)
    return {"tags": ["Stored queries"], "summary": title.partition(".")[0], **described}


def _flat(name: str, text: str, parameters: list[dict[str, Any]], rows: dict[str, Any]) -> dict[str, Any]:
    """Return what is said of an address that gives rows in every form."""
    responses = {str(status): response for status, response in gives(*CONTENT_TYPES.values()).items()}
    responses["200"]["content"]["application/json"]["schema"] = rows
    responses["200"]["headers"] = dict(own_yaml(_DOORS)["tables"]["headers"])
    return {
        "description": text if text.endswith(".") else f"{text}.",
        "operationId": name.replace("-", "_"),
        "parameters": [own_yaml(_DOORS)["tables"]["form"], *parameters],
        "responses": responses,
    }


def _row(columns: Mapping[str, Column]) -> dict[str, Any]:
    types = own_yaml(_DOORS)["tables"]["types"]
    properties = {
        name: types[column.type] | {"type": [types[column.type]["type"], "null"], "description": column.description}
        for name, column in columns.items()
    }
    return {"type": "object", "properties": properties, "required": list(columns), "additionalProperties": False}
