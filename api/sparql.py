"""SPARQL 1.1 queries over HTTP at /sparql: GET, and both forms of POST."""

from collections.abc import Generator, Iterator, Mapping
from contextlib import ExitStack
from typing import Annotated, Final
from urllib.parse import parse_qs

from anyio import CancelScope
from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse, StreamingResponse
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from civicgraph.api.dependencies import ServingDependency
from civicgraph.api.negotiation import negotiate
from civicgraph.api.problems import Problem
from civicgraph.api.rendering import render
from civicgraph.graph.store.engine import ResultFormat, ResultKind
from civicgraph.ontology.read import PREFIXES

router = APIRouter(tags=["SPARQL"])

MAX_QUERY_BYTES: Final = 1_000_000

_SOLUTIONS: Final[Mapping[str, ResultFormat]] = {
    "application/sparql-results+json": "json",
    "application/json": "json",
    "application/sparql-results+xml": "xml",
    "text/csv": "csv",
    "text/tab-separated-values": "tsv",
    "application/xml": "xml",
}
_GRAPHS: Final[Mapping[str, ResultFormat]] = {
    "text/turtle": "turtle",
    "application/n-triples": "ntriples",
    "application/rdf+xml": "rdfxml",
    "application/ld+json": "jsonld",
    "application/xml": "rdfxml",
    "application/json": "jsonld",
}
_CONTENT_TYPES: Final[Mapping[ResultFormat, str]] = {
    "json": "application/sparql-results+json",
    "xml": "application/sparql-results+xml",
    "csv": "text/csv; charset=utf-8",
    "tsv": "text/tab-separated-values; charset=utf-8",
    "turtle": "text/turtle; charset=utf-8",
    "ntriples": "application/n-triples",
    "rdfxml": "application/rdf+xml",
    "jsonld": "application/ld+json",
}
_DATASET_PARAMETERS: Final = ("default-graph-uri", "named-graph-uri")
_REFUSALS: Final[dict[int | str, dict[str, object]]] = {code: {"model": Problem} for code in (400, 406, 413, 415, 503)}


async def _query_of(request: Request) -> str | None:
    """Return the query of a request, or None where there is none."""
    fields = {name: request.query_params.getlist(name) for name in request.query_params}
    if request.method == "POST":
        body = await _body(request)
        content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if content_type == "application/sparql-query":
            fields["query"] = [*fields.get("query", []), body]
        elif content_type == "application/x-www-form-urlencoded":
            fields = parse_qs(body, keep_blank_values=True)
        else:
            detail = f"POST a query as application/sparql-query or as a form, not as {content_type or 'nothing'}"
            raise HTTPException(415, detail)
    if any(name in fields for name in _DATASET_PARAMETERS):
        raise HTTPException(400, f"{' and '.join(_DATASET_PARAMETERS)} are not answered yet; use FROM in the query")
    queries = fields.get("query", [])
    if len(queries) > 1:
        raise HTTPException(400, "one query at a time: the parameter 'query' was given more than once")
    return queries[0] if queries else None


async def _body(request: Request) -> str:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_QUERY_BYTES:
            raise HTTPException(413, f"a query may have {MAX_QUERY_BYTES} bytes")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise HTTPException(400, "the query is not UTF-8") from error


@router.get("/sparql", responses=_REFUSALS)
@router.post("/sparql", responses=_REFUSALS)
async def sparql(
    request: Request, serving: ServingDependency, query: Annotated[str | None, Depends(_query_of)]
) -> Response:
    """Answer a SPARQL query; the default graph is what is established. Without a query, a form to write one."""
    accept = request.headers.get("accept", "")
    if query is None:
        if "text/html" in accept:
            return HTMLResponse(render("sparql.html", prefixes=PREFIXES))
        raise HTTPException(400, "no query: give one as ?query=, as a form field, or as the body")
    formats = _formats(accept)

    def start() -> Response:
        with ExitStack() as held:
            snapshot = held.enter_context(serving.snapshot())
            answer = snapshot.pool.answer(query, formats)
            # Nothing is sent before there are results: a query that is stopped until then is refused in due form.
            first = next(answer.chunks, b"")
            kept = held.pop_all()
        headers = {"ETag": f'W/"{snapshot.version}"', "Vary": "Accept"}
        content_type = _CONTENT_TYPES[answer.format]
        return _Streamed(_held(first, answer.chunks, kept), content_type, headers)

    return await run_in_threadpool(start)


def _formats(accept: str) -> dict[ResultKind, ResultFormat]:
    # A browser accepts text/html and anything else with less zeal; it gets what it can show.
    solutions = negotiate(accept, _SOLUTIONS)
    graph = negotiate(accept, _GRAPHS)
    if solutions is None and graph is None:
        raise HTTPException(406, f"results are given as {', '.join([*_SOLUTIONS, *_GRAPHS])}")
    boolean: ResultFormat = "xml" if solutions == "xml" else "json"
    return {"solutions": solutions or "json", "boolean": boolean, "graph": graph or "turtle"}


class _Streamed(StreamingResponse):
    """Streams chunks and ends what gives them however the response ends: a reader who goes away stops the query."""

    def __init__(self, chunks: Generator[bytes, None, None], media_type: str, headers: Mapping[str, str]) -> None:
        super().__init__(chunks, media_type=media_type, headers=headers)
        self._chunks = chunks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            with CancelScope(shield=True):
                await run_in_threadpool(self._chunks.close)


def _held(first: bytes, rest: Iterator[bytes], kept: ExitStack) -> Generator[bytes, None, None]:
    with kept:
        yield first
        yield from rest
