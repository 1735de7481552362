"""Stored queries at /queries: files that are endpoints and tables."""

import asyncio

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

from civicgraph.api.queries.binding import bindings, joined, rows_of
from civicgraph.api.server.rate_limit import client_of
from civicgraph.api.serving import ServingDependency
from civicgraph.api.tables.catalog import stored_queries
from civicgraph.api.tables.flat import form_of, table_response
from civicgraph.graph.engine.interface import Query

router = APIRouter(prefix="/queries", tags=["Stored queries"])


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


@router.get("/{query}.{form}", include_in_schema=False)
async def ask_query(request: Request, serving: ServingDependency, query: str, form: str) -> Response:
    """Return the answer of a stored query as JSON (an array of objects), CSV, JSON lines, or a workbook.

    Its parameters are those that /queries lists; one that is given twice means either.
    """
    known = stored_queries(serving.settings.queries)
    if query not in known:
        raise HTTPException(404, f"there is no query {query[:80]!r}; there are: {', '.join(known)}")
    wanted_form = form_of(form, "a query")
    stored = known[query]
    given = {name: request.query_params.getlist(name) for name in request.query_params}
    async with serving.held() as snapshot:
        wanted = await asyncio.to_thread(bindings, stored, given, snapshot.engine, lambda: snapshot.names)
        answers = []
        for bind in wanted:
            answer = await snapshot.pool.answer(Query(stored.text, bind=bind), client_of(request.scope))
            answers.append(rows_of(await answer.whole()))
        rows = joined(rows for _, rows in answers)
        return table_response(snapshot.version, answers[0][0], rows, wanted_form)
