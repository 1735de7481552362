"""What an answer is, for the OpenAPI description: its media types, and the columns of tables and stored queries."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from civicgraph.api.queries.stored import stored_queries
from civicgraph.api.tables.catalog import PERIOD, TABLES, Table
from civicgraph.api.tables.flat import CONTENT_TYPES
from civicgraph.api.tables.headers import Column, ColumnType, StoredQuery
from civicgraph.api.tables.routes import MOST_ROWS, ROWS, SHAPES

_TYPES: Final[Mapping[ColumnType, dict[str, str]]] = {
    "text": {"type": "string"},
    "iri": {"type": "string", "format": "iri"},
    "number": {"type": "number"},
    "integer": {"type": "integer"},
    "date": {"type": "string", "format": "date"},
}
_FORM: Final = {
    "name": "form",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "enum": list(CONTENT_TYPES)},
    "description": "An array of objects, a CSV file, an object a line, or a workbook",
}
_UNCHANGED: Final = {"description": "The client has this version"}
_PAGING: Final = (
    {
        "name": "_size",
        "in": "query",
        "schema": {
            "anyOf": [{"type": "integer", "minimum": 1, "maximum": MOST_ROWS}, {"const": "max"}],
            "default": ROWS,
        },
        "description": "Rows on a page",
    },
    {"name": "_next", "in": "query", "schema": {"type": "string"}, "description": "Where the page before ended"},
    {
        "name": "_shape",
        "in": "query",
        "schema": {"type": "string", "enum": list(SHAPES), "default": SHAPES[0]},
        "description": "For .json: an array of objects, or an object with the rows, `next` and `next_url`",
    },
    {
        "name": "_sort",
        "in": "query",
        "schema": {"type": "string"},
        "description": "The column that sorts; `-` before it puts the largest first",
    },
    {"name": "_search", "in": "query", "schema": {"type": "string"}, "description": "Words that rows have"},
)


def gives(*media_types: str) -> dict[int | str, dict[str, Any]]:
    """Return the responses of a route whose answer has one of several media types and the data's version as ETag."""
    plain = [name.partition(";")[0] for name in media_types]
    content = {name: {"schema": {} if name.endswith("json") else {"type": "string"}} for name in plain}
    return {200: {"description": "The answer", "content": content}, 304: _UNCHANGED}


def data_paths(queries: Path | None) -> dict[str, Any]:
    """Return the paths of the tables and of the stored queries, each with its own parameters and columns.

    Parameters
    ----------
    queries
        A folder of the user's own stored queries.
    """
    tables = {f"/tables/{name}.{{form}}": {"get": _table(name, table)} for name, table in TABLES.items()}
    asked = {f"/queries/{name}.{{form}}": {"get": _query(one)} for name, one in stored_queries(queries).items()}
    return tables | asked


def _table(name: str, table: Table) -> dict[str, Any]:
    row = _row(table.columns)
    by_day = {day: {"type": "string", "format": "date"} for day in PERIOD}
    filters = [
        {
            "name": one,
            "in": "query",
            "schema": by_day.get(one, {"type": "array", "items": {"type": "string"}}),
            "description": "Rows that may have held then"
            if one in by_day
            else f"Rows of this {one}, by name, slug or IRI; several mean either",
        }
        for one in table.parameters
    ]
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
    described = _flat({"anyOf": [{"type": "array", "items": row}, shaped]})
    described[200]["headers"]["Link"] = {"schema": {"type": "string"}, "description": "The next page, as rel=next"}
    return {
        "tags": ["Tables"],
        "summary": table.description.partition(":")[0].partition(".")[0],
        "description": _sentence(table.description),
        "operationId": f"table_{name.replace('-', '_')}",
        "parameters": [_FORM, *_PAGING, *filters],
        "responses": _named(described),
    }


def _query(query: StoredQuery) -> dict[str, Any]:
    title, _, rest = query.description.partition(":")
    parameters = [
        {
            "name": name,
            "in": "query",
            "schema": _TYPES[one.type] | ({} if one.default is None else {"default": one.default}),
            "description": one.description,
        }
        for name, one in query.params.items()
    ]
    rows = {"type": "array", "items": _row(query.columns) if query.columns else {"type": "object"}}
    return {
        "tags": ["Stored queries"],
        "summary": title.partition(".")[0],
        "description": _sentence(rest.strip() or title),
        "operationId": f"stored_{query.name.replace('-', '_')}",
        "parameters": [_FORM, *parameters],
        "responses": _named(_flat(rows)),
    }


def _flat(rows: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    found = gives(*CONTENT_TYPES.values())
    found[200]["content"]["application/json"]["schema"] = rows
    found[200]["headers"] = {"ETag": {"schema": {"type": "string"}, "description": "The version of the data"}}
    return found


def _named(responses: Mapping[int | str, dict[str, Any]]) -> dict[str, Any]:
    return {str(status): response for status, response in responses.items()}


def _row(columns: Mapping[str, Column]) -> dict[str, Any]:
    properties = {
        name: _TYPES[column.type] | {"type": [_TYPES[column.type]["type"], "null"], "description": column.description}
        for name, column in columns.items()
    }
    return {"type": "object", "properties": properties, "required": list(columns), "additionalProperties": False}


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."
