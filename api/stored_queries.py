"""Stored queries at /queries: files that are endpoints, tables and commands."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final
from urllib.parse import urlsplit

from fastapi import APIRouter, HTTPException, Request
from pyoxigraph import Literal, NamedNode, QueryResultsFormat, QuerySolutions, parse_query_results
from starlette.responses import Response

from civicgraph.api.dependencies import ServingDependency
from civicgraph.api.flat import Cell, TableFormat, TableRow, table_response
from civicgraph.api.headers import Column, StoredQuery, stored_queries
from civicgraph.api.problems import Problem
from civicgraph.api.sparql import hold
from civicgraph.graph.iris import BASE
from civicgraph.graph.store.asking import Question
from civicgraph.graph.store.engine import Term
from civicgraph.ontology.read import PREFIXES

router = APIRouter(prefix="/queries", tags=["Stored queries"])

FORMS: Final[Mapping[str, TableFormat]] = {"json": "json", "csv": "csv", "ndjson": "ndjson"}
_REFUSALS: Final[dict[int | str, dict[str, object]]] = {code: {"model": Problem} for code in (400, 404, 429, 503)}
_XSD: Final = PREFIXES["xsd"]
_NUMBERS: Final = {_XSD + name for name in ("integer", "decimal", "double", "float")}


@router.get("")
def list_queries(serving: ServingDependency) -> list[dict[str, object]]:
    """List the stored queries with their parameters."""
    return [
        {
            "name": name,
            "description": query.description,
            "parameters": {
                param: {"type": one.type, "default": one.default, "description": one.description}
                for param, one in query.params.items()
            },
        }
        for name, query in stored_queries(serving.settings.queries).items()
    ]


@router.get("/{query}.{form}", responses=_REFUSALS)
async def ask_query(request: Request, serving: ServingDependency, query: str, form: str) -> Response:
    """Return the answer of a stored query as JSON (an array of objects), CSV, or JSON lines.

    Its parameters are those that /queries lists.
    """
    known = stored_queries(serving.settings.queries)
    if query not in known:
        raise HTTPException(404, f"there is no query {query[:80]!r}; there are: {', '.join(known)}")
    if form not in FORMS:
        raise HTTPException(404, f"a query ends in .json, .csv or .ndjson, not in .{form[:80]}")
    stored = known[query]
    given = {param: request.query_params.getlist(param) for param in request.query_params}
    unknown = [param for param in given if param not in stored.params]
    if unknown:
        named = ", ".join(stored.params) or "none"
        raise HTTPException(400, f"unknown parameter {unknown[0][:80]!r}; known are: {named}")
    try:
        bind = bound(stored, {param: values[-1] for param, values in given.items()})
    except ValueError as error:
        raise HTTPException(400, str(error)) from error
    snapshot = await hold(serving)
    try:
        answer = await snapshot.pool.answer(Question(stored.sparql, bind=bind))
        content = answer.body if answer.chunks is None else b"".join([chunk async for chunk in answer.chunks])
        columns, rows = rows_of(content or b"")
        return table_response(request, snapshot.version, columns, rows, FORMS[form])
    finally:
        serving.release(snapshot)


def bound(query: StoredQuery, given: Mapping[str, str]) -> dict[str, Term]:
    """Return the parameters of a query as terms: as given, else by default; what has neither is left open.

    Raises
    ------
    ValueError
        A value is not of its type.
    """
    texts = {name: given.get(name, column.default) for name, column in query.params.items()}
    return {name: _term(name, query.params[name], text) for name, text in texts.items() if text}


def rows_of(content: bytes) -> tuple[Sequence[str], Iterator[TableRow]]:
    """Return the columns and rows of results in JSON, numbers as numbers."""
    results = parse_query_results(content, QueryResultsFormat.JSON)
    if not isinstance(results, QuerySolutions):
        msg = "a stored query is a SELECT"
        raise HTTPException(400, msg)
    names = [variable.value for variable in results.variables]
    return names, iter([{name: cell(row[name]) for name in names} for row in results])


def cell(term: object) -> Cell:
    """Return a term as a cell: a number as a number, what is unbound as None."""
    if isinstance(term, Literal) and term.datatype.value in _NUMBERS:
        whole = term.datatype.value == _XSD + "integer"
        try:
            number = int(term.value) if whole else float(term.value)
        except ValueError:
            return term.value
        return number if number - number == 0 else term.value  # JSON has no infinity
    return None if term is None else str(getattr(term, "value", term))


def _term(name: str, column: Column, text: str) -> Term:
    try:
        if column.type == "iri":
            return NamedNode(_iri(text))
        if column.type in ("number", "integer"):
            kind = "integer" if column.type == "integer" else "decimal"
            float(text)
            return Literal(text, datatype=NamedNode(_XSD + kind))
        if column.type == "date":
            return Literal(date.fromisoformat(text).isoformat(), datatype=NamedNode(_XSD + "date"))
    except ValueError as error:
        msg = f"{name} is no {column.type}: {text[:80]!r}; {column.description}"
        raise ValueError(msg) from error
    return Literal(text)


def _iri(text: str) -> str:
    prefix, colon, local = text.partition(":")
    if colon and prefix in PREFIXES and not local.startswith("//"):
        return PREFIXES[prefix] + local
    return text if urlsplit(text).scheme else BASE + text
