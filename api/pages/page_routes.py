"""Pages for people: server-rendered, without scripts."""

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import HTMLResponse
from pyoxigraph import NamedNode, RdfFormat, Triple
from starlette.responses import Response

from civicgraph.api.openapi import gives
from civicgraph.api.own_queries import query
from civicgraph.api.pages.claims import claim_lines
from civicgraph.api.pages.dealings import DealingsChoice, chosen, file_of, years_of
from civicgraph.api.pages.listing import Address, flat
from civicgraph.api.pages.organisations import SIZE, group_of, roles_of
from civicgraph.api.pages.rendering import render
from civicgraph.api.pages.search import unknown
from civicgraph.api.pages.things import CLAIMS, thing_page
from civicgraph.api.pages.ties import Side, ceiling_of, ties_about
from civicgraph.api.pages.values import is_iri
from civicgraph.api.parameters import optional_day
from civicgraph.api.serving import SnapshotDependency
from civicgraph.api.sparql.formats import RDF, rdf_response
from civicgraph.api.sparql.requests import negotiated
from civicgraph.api.tables.flat import CONTENT_TYPES, form_of, table_response
from civicgraph.graph.measures.failure import supplies_anybody
from civicgraph.graph.records.iris import BASE

router = APIRouter(tags=["Pages"])

_OFFERED: Final[Mapping[str, RdfFormat | Literal["html"]]] = {"text/html": "html", **RDF}
_OWN_PAGES: Final = {"place": "place.html", "claim": "claim.html"}
"""The templates of kinds of things that are not shown as all others."""


@router.get("/id/{kind}/{slug}/{others}.{form}", response_class=Response, responses=gives(*CONTENT_TYPES.values()))
def dealings(
    snapshot: SnapshotDependency,
    kind: str,
    slug: str,
    others: Literal["suppliers", "customers"],
    form: str,
    choice: Annotated[DealingsChoice, Depends()],
) -> Response:
    """Return an organisation's suppliers or customers as its page shows them, all pages of them, as a file."""
    wanted = form_of(form, "a list of suppliers or customers")
    side: Side = "buyer" if others == "suppliers" else "supplier"
    party = f"{BASE}{kind}/{slug}"
    if party not in snapshot.edges.parties:
        raise unknown(snapshot, f"{kind}/{slug}")
    with chosen(snapshot, (party, side), choice) as (found, order, told):
        if not told["counts"]["all"][0] and not years_of(snapshot.edges, party, side):
            raise HTTPException(404, f"nothing established gives {kind[:80]}/{slug[:80]} {others}")
        columns, rows = file_of(found, side, order)
        return table_response(snapshot.version, columns, flat(rows), wanted)


@router.get("/id/{kind}/{slug}", response_class=Response, responses=gives(*_OFFERED))
@router.get("/id/{kind}/{slug}/{part}", include_in_schema=False)
def thing(
    request: Request,
    snapshot: SnapshotDependency,
    kind: str,
    slug: str,
    wanted: Annotated[DealingsChoice, Depends()],
    skip: Annotated[int, Query(ge=0, le=10_000_000, description="How many lines are on the pages before")] = 0,
) -> Response:
    """Return what is known of a thing as HTML or as RDF in one of its forms, as the Accept header asks."""
    iri = BASE + "/".join(filter(None, (kind, slug, request.path_params.get("part"))))
    syntax = negotiated(request.headers.get("accept", ""), _OFFERED, "things are")
    headers = {"ETag": f'W/"{snapshot.version}"', "Vary": "Accept"}
    if syntax == "html":
        page = thing_page(snapshot, iri, skip) if is_iri(iri) else None
        if page is None:
            raise unknown(snapshot, f"{kind}/{slug}")
        values: dict[str, object] = {"page": page, "skip": skip, "size": SIZE, "claims_size": CLAIMS}
        edges = snapshot.edges
        is_party = kind == "organisation" or iri in edges.parties
        if is_party:
            values["roles"] = roles_of(snapshot, iri, wanted, Address.of(request), skip)
            values["supplies"] = supplies_anybody(edges, iri)
            day = optional_day("on", wanted.on) or edges.as_of
            values["group"] = None if day is None else group_of(snapshot, iri, day)
        if kind == "contract":
            values["ceiling"] = ceiling_of(edges, iri)
        if kind == "place":
            values["lines"] = ties_about(snapshot.engine, edges, iri, size=SIZE + 1, skip=skip)
        if kind == "claim":
            values["claim"] = next(iter(claim_lines(snapshot.engine, snapshot.documents, [iri])), None)
        template = "organisation.html" if is_party else _OWN_PAGES.get(kind, "thing.html")
        return HTMLResponse(render(template, **values), headers=headers)
    # What is established of it, and the claims about it.
    rows = snapshot.engine.select(query("thing-rdf"), bind={"thing": NamedNode(iri)}) if is_iri(iri) else ()
    triples = {Triple(row["s"], row["p"], row["o"]) for row in rows}
    if not triples:
        raise unknown(snapshot, f"{kind}/{slug}")
    response = rdf_response(triples, syntax, snapshot.version)
    response.headers["Content-Type"] = f"{syntax.media_type}; charset=utf-8"
    return response


@router.get("/docs", response_class=HTMLResponse, include_in_schema=False)
def docs(request: Request) -> HTMLResponse:
    """Describe every route, from the OpenAPI description."""
    return HTMLResponse(render("docs.html", api=request.app.openapi()))
