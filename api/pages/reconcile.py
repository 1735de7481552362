"""/reconcile: OpenRefine and its like ask which things are meant by the names in a table."""

import time
from typing import Annotated, Final

import orjson
from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from civicgraph.api.pages.reconciliation import candidates, manifest, read_batch, suggestions, types
from civicgraph.api.pages.rendering import address, render
from civicgraph.api.pages.things import thing_page
from civicgraph.api.problems import Problem
from civicgraph.api.server.common_headers import FRAMED
from civicgraph.api.serving import Serving, ServingDependency
from civicgraph.api.sparql import requests
from civicgraph.graph.records.iris import key_of
from civicgraph.ontology.terms import SERVICES_NS

_FAR: Final = 10_000

router = APIRouter(prefix="/reconcile", tags=["Reconciliation"])

Identifier = Annotated[str, Query(description="The IRI of a thing")]


@router.get("", responses={413: {"model": Problem}})
async def read_queries(
    request: Request,
    serving: ServingDependency,
    queries: Annotated[str | None, Query(description="A batch of queries in JSON")] = None,  # noqa: ARG001 - for OpenAPI
) -> Response:
    """Answer a batch of queries; without one, say what the service is, as the Reconciliation Service API 0.2 has it."""
    found = requests.fields(request.scope["query_string"])
    if not found:
        return _json(manifest(requests.address(request.scope, "")))
    return await _answer(serving, found)


@router.post(
    "",
    responses={413: {"model": Problem}, 415: {"model": Problem}},
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                requests.FORM: {
                    "schema": {
                        "type": "object",
                        "required": ["queries"],
                        "properties": {"queries": {"type": "string", "description": "A batch of queries in JSON"}},
                    }
                }
            },
        }
    },
)
async def send_queries(request: Request, serving: ServingDependency) -> Response:
    """Answer a batch of queries, which a form brings in its field `queries`."""
    kind = requests.content_type(request.scope)
    if kind != requests.FORM:
        raise HTTPException(415, f"POST queries as a form ({requests.FORM}), not as {kind or 'nothing'}")
    content = await requests.body(request.receive, requests.MAX_QUERY_BYTES, "a batch of queries")
    return await _answer(serving, requests.fields(content))


@router.get("/suggest/entity")
def suggest_entity(
    serving: ServingDependency,
    prefix: Annotated[str, Query(description="What was typed of a name, or an IRI")],
    cursor: Annotated[int, Query(ge=0, le=_FAR, description="How many to leave out")] = 0,
) -> Response:
    """Suggest things by what was typed of a name."""
    with serving.snapshot() as snapshot:
        return _json({"result": suggestions(snapshot.names, prefix, cursor)}, snapshot.version)


@router.get("/suggest/type")
def suggest_type(
    prefix: Annotated[str, Query(description="What was typed of a kind's name")] = "",
    cursor: Annotated[int, Query(ge=0, le=_FAR, description="How many to leave out")] = 0,
) -> Response:
    """Suggest kinds of things by what was typed of a name."""
    return _json({"result": types(prefix)[cursor:]})


@router.get(
    "/view",
    status_code=303,
    response_class=RedirectResponse,
    responses={404: {"model": Problem}},
)
def view(id: Identifier) -> Response:  # noqa: A002 - what the standard calls it
    """Lead to the page of a thing."""
    to = address(id) if key_of(id) or id.startswith(SERVICES_NS) else None
    if to is None:
        raise HTTPException(404, f"{id[:80]!r} is the IRI of no thing here")
    return RedirectResponse(to, 303)


@router.get("/preview", response_class=HTMLResponse, responses={404: {"model": Problem}})
def preview(serving: ServingDependency, id: Identifier) -> Response:  # noqa: A002
    """Show a thing in a few lines, for a frame in somebody else's page."""
    with serving.snapshot() as snapshot:
        hit = snapshot.names.of(id)
        page = None if hit is None else thing_page(snapshot.engine, serving.documents, id)
        if page is None:
            raise HTTPException(404, f"nothing has the IRI {id[:80]!r}")
        return HTMLResponse(render("preview.html", page=page), headers={"ETag": f'W/"{snapshot.version}"', **FRAMED})


async def _answer(serving: Serving, found: requests.Fields) -> Response:
    batch = requests.one(found, "queries", "batch of queries")
    if batch is None or len(found) > 1:
        given = ", ".join(repr(name[:80]) for name in list(found)[:5]) or "nothing"
        raise HTTPException(400, f"give queries, a batch of queries in JSON, and nothing else; {given} was given")
    wanted = read_batch(batch)

    def answer() -> Response:
        began, patience = time.monotonic(), serving.settings.timeout
        with serving.snapshot() as snapshot:
            results = {}
            for key, one in wanted.items():
                if time.monotonic() - began > patience:
                    raise HTTPException(503, f"the batch was stopped after {patience:g} seconds: send fewer queries")
                results[key] = {"result": candidates(snapshot.names, one)}
            return _json(results, snapshot.version)

    return await run_in_threadpool(answer)


def _json(value: object, snapshot_version: str | None = None) -> Response:
    headers = {} if snapshot_version is None else {"ETag": f'W/"{snapshot_version}"', "Cache-Control": "no-cache"}
    return Response(orjson.dumps(value), media_type="application/json", headers=headers)
