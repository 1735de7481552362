"""Pages for people: server-rendered, without scripts."""

from typing import Annotated, Final

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse
from pyoxigraph import RdfFormat
from starlette.background import BackgroundTask
from starlette.responses import Response

from civicgraph.api.dependencies import ServingDependency
from civicgraph.api.described import gives
from civicgraph.api.pages.about import ties_about
from civicgraph.api.pages.claims import claim_lines
from civicgraph.api.pages.groups import group_of
from civicgraph.api.pages.markets import day_of
from civicgraph.api.pages.organisations import SIZE, roles_of
from civicgraph.api.pages.rendering import render
from civicgraph.api.pages.search import unknown
from civicgraph.api.pages.things import CLAIMS, thing_page, thing_rdf
from civicgraph.api.pages.values import Node, is_iri, node_of, text_of
from civicgraph.api.problems import Problem
from civicgraph.api.serving import Serving
from civicgraph.api.sparql.negotiation import negotiate
from civicgraph.api.tables.catalog import TABLES
from civicgraph.graph.records.iris import BASE

router = APIRouter(tags=["Pages"])

_EXAMPLES: Final = 4
"""How many buyers and suppliers the first page names to begin with."""

_OWN_PAGES: Final = {"place": "place.html", "claim": "claim.html"}
"""The templates of kinds of things that are not shown as all others."""

_RDF: Final = {"text/turtle": RdfFormat.TURTLE, "application/ld+json": RdfFormat.JSON_LD}


@router.get("/", response_class=HTMLResponse)
def home(serving: ServingDependency) -> HTMLResponse:
    """Say what is loaded and where everything is."""
    with serving.snapshot() as snapshot:
        day = next(iter(snapshot.told("as-of")), None)
        examples: dict[str, list[Node]] = {"buyers": [], "suppliers": []}
        for row in snapshot.told("examples"):
            examples[text_of(row, "role")].append(node_of(row, "thing", "label"))
        page = render(
            "home.html",
            manifest=snapshot.manifest,
            as_of="" if day is None else text_of(day, "asOf"),
            counts=snapshot.told("counts"),
            examples={role: things[:_EXAMPLES] for role, things in examples.items()},
            tables=TABLES,
        )
    # Whoever begins here searches next: what makes that quick is made meanwhile.
    return HTMLResponse(page, background=BackgroundTask(_make_ready, serving))


def _make_ready(serving: Serving) -> None:
    with serving.snapshot() as snapshot:
        snapshot.names.find("")


@router.get(
    "/id/{kind}/{slug}", response_class=Response, responses={**gives("text/html", *_RDF), 406: {"model": Problem}}
)
@router.get("/id/{kind}/{slug}/{part}", include_in_schema=False)
def thing(
    request: Request,
    serving: ServingDependency,
    kind: str,
    slug: str,
    part: str | None = None,
    skip: Annotated[int, Query(ge=0, le=10_000_000, description="How many lines are on the pages before")] = 0,
    on: Annotated[str, Query(max_length=10, description="The day on which an organisation's group is shown")] = "",
) -> Response:
    """Return what is known of a thing as HTML, Turtle or JSON-LD, as the Accept header asks."""
    iri = BASE + "/".join(filter(None, (kind, slug, part)))
    syntax = negotiate(request.headers.get("accept", ""), {"text/html": None, **_RDF} | {"text/html": "html"})
    if syntax is None:
        raise HTTPException(406, f"things are given as text/html, {' and '.join(_RDF)}")
    with serving.snapshot() as snapshot:
        headers = {"ETag": f'W/"{snapshot.version}"', "Vary": "Accept"}
        if syntax == "html":
            page = thing_page(snapshot.engine, serving.documents, iri, skip) if is_iri(iri) else None
            if page is None:
                raise unknown(snapshot, f"{kind}/{slug}")
            values: dict[str, object] = {"page": page, "skip": skip, "size": SIZE, "claims_size": CLAIMS}
            edges = snapshot.edges
            is_party = kind == "organisation" or iri in edges.parties
            if is_party:
                values["roles"] = roles_of(snapshot.engine, serving.documents, edges, iri, skip)
                day = day_of(on) or edges.as_of
                values["group"] = None if day is None else group_of(snapshot.engine, serving.documents, edges, iri, day)
            if kind == "place":
                values["lines"] = ties_about(snapshot.engine, edges, iri, size=SIZE + 1, skip=skip)
            if kind == "claim":
                values["claim"] = next(iter(claim_lines(snapshot.engine, serving.documents, [iri])), None)
            template = "organisation.html" if is_party else _OWN_PAGES.get(kind, "thing.html")
            return HTMLResponse(render(template, **values), headers=headers)
        chosen = RdfFormat.TURTLE if syntax == RdfFormat.TURTLE else RdfFormat.JSON_LD
        content = thing_rdf(snapshot.engine, iri, chosen) if is_iri(iri) else None
        if content is None:
            raise unknown(snapshot, f"{kind}/{slug}")
    return Response(content, media_type=f"{chosen.media_type}; charset=utf-8", headers=headers)


@router.get("/docs", response_class=HTMLResponse, include_in_schema=False)
def docs(request: Request) -> HTMLResponse:
    """Describe every route, from the OpenAPI description."""
    return HTMLResponse(render("docs.html", api=request.app.openapi()))
