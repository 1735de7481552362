"""SPARQL 1.1 Protocol at /sparql: GET, and both forms of POST; without a query, what the service is."""

from collections.abc import Callable
from importlib.resources import files
from typing import Final, Literal

from jinja2 import Template
from pyoxigraph import QueryResultsFormat, QuerySolutions, RdfFormat, parse, parse_query_results
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send

from civicgraph.api.server.rate_limit import client_of
from civicgraph.api.serving import Serving, Snapshot
from civicgraph.api.sparql import requests
from civicgraph.api.sparql.formats import RDF, formats, headers_of, rdf_response, varies
from civicgraph.api.sparql.negotiation import negotiate
from civicgraph.api.sparql.streaming import Endpoint, cancel_on_disconnect, send_answer
from civicgraph.graph.engine.interface import Query
from civicgraph.graph.records.iris import BASE
from civicgraph.ontology.terms import CG, CG_NS

_QUERY: Final = "application/sparql-query"


class QueryEndpoint(Endpoint):
    """Answers /sparql.

    Parameters
    ----------
    serving
        What is served.
    form
        Draws the page on which a person asks.
    """

    def __init__(self, serving: Serving, form: Callable[[], str]) -> None:
        super().__init__(serving)
        self._form = form

    async def respond(self, scope: Scope, receive: Receive, send: Send) -> Response | None:
        """Answer a query, or describe the service."""
        query = await _query(scope, receive)
        if query is None:
            return await self._describe(scope)
        async with cancel_on_disconnect(receive), self.serving.held() as snapshot:
            version = None if varies(query.sparql) else snapshot.version
            answer = await snapshot.pool.answer(query, client_of(scope))
            await send_answer(send, answer, headers_of(version, answer.format))
        return None

    async def _describe(self, scope: Scope) -> Response:
        accept = requests.header(scope, b"accept")
        # A browser accepts text/html and anything else with less zeal; whoever accepts anything gets RDF.
        offered: dict[str, RdfFormat | Literal["html"]] = {**RDF, "text/html": "html"}
        chosen = negotiate(accept, offered)
        if chosen == "html":
            return HTMLResponse(self._form(), headers={"Vary": "Accept"})
        if chosen is None:
            raise HTTPException(406, f"the service is described as {', '.join([*RDF, 'text/html'])}")
        async with self.serving.held() as snapshot:
            server, can_be_changed = requests.address(scope, ""), self.serving.can_be_changed
            return await _describe(snapshot, server, chosen, can_be_changed=can_be_changed)


async def _query(scope: Scope, receive: Receive) -> Query | None:
    method = scope["method"]
    found = requests.fields(scope["query_string"])
    if method == "GET":
        sparql = requests.one(found, "query", "query")
        if sparql is None:
            if scope["query_string"]:
                raise HTTPException(400, "no query: give one as ?query=, as a form field, or as the body")
            return None
    elif method == "POST":
        sparql, found = await requests.posted(scope, receive, "query", _QUERY, requests.MAX_QUERY_BYTES)
    else:
        raise HTTPException(405, "Method Not Allowed", {"Allow": "GET, HEAD, POST, OPTIONS"})
    return Query(
        sparql.removeprefix("\ufeff"),  # what Notepad writes before a text
        formats(requests.header(scope, b"accept")),
        _graphs(found, "default-graph-uri"),
        _graphs(found, "named-graph-uri"),
        base=requests.address(scope, "/sparql"),
    )


def _graphs(found: requests.Fields, name: str) -> tuple[str, ...] | None:
    # A form sends a field that is left empty too.
    return tuple(filter(None, found.get(name, ()))) or None


async def _describe(snapshot: Snapshot, server: str, form: RdfFormat, *, can_be_changed: bool) -> Response:
    """Return the description of a service: SPARQL 1.1 Service Description and VoID."""
    answer = await snapshot.pool.answer(Query("SELECT ?g { GRAPH ?g {} }"))
    found = parse_query_results(await answer.whole(), QueryResultsFormat.JSON)
    graphs = sorted(row["g"].value for row in found) if isinstance(found, QuerySolutions) else []
    text = Template(files("civicgraph.api.sparql").joinpath("description.ttl").read_text(encoding="utf-8")).render(
        server=server,
        can_be_changed=can_be_changed,
        base=BASE,
        vocabulary=CG_NS,
        quads=snapshot.manifest.quads,
        default=CG.established if CG.established in graphs else f"{server}/sparql#default-graph",
        graphs=graphs,
    )
    triples = {quad.triple for quad in parse(text, RdfFormat.TURTLE)}
    return rdf_response(triples, form, snapshot.version)
