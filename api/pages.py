"""Pages for people: server-rendered, without scripts."""

from datetime import date
from functools import cache
from importlib.resources import files
from typing import Final
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from pyoxigraph import NamedNode, RdfFormat
from starlette.responses import Response

from civicgraph.api.dependencies import ServingDependency
from civicgraph.api.negotiation import negotiate
from civicgraph.api.own_queries import query
from civicgraph.api.problems import Problem
from civicgraph.api.tables import TABLES
from civicgraph.api.things import thing_page, thing_rdf
from civicgraph.graph.iris import BASE, KINDS, key_of
from civicgraph.graph.measures.figures import figures, market_figures
from civicgraph.graph.scope import Scope
from civicgraph.ontology.page import vocabulary_sections
from civicgraph.ontology.read import ONTOLOGY_IRI, PREFIXES, read_text
from civicgraph.ontology.terms import CG_NS, SERVICES_NS

router = APIRouter(tags=["Pages"], responses={404: {"model": Problem}, 406: {"model": Problem}})

_FIGURES_AT_ONCE: Final = 100_000
"""Up to so many quads the first page works out the suppliers' figures; it is there at once at any size."""

_RDF: Final = {"text/turtle": RdfFormat.TURTLE, "application/ld+json": RdfFormat.JSON_LD}


@router.get("/", response_class=HTMLResponse)
def home(serving: ServingDependency) -> HTMLResponse:
    """Say what is loaded and where everything is."""
    with serving.snapshot() as snapshot:
        day = next(snapshot.engine.select(query("as-of")), None)
        small = snapshot.manifest.quads <= _FIGURES_AT_ONCE
        page = render(
            "home.html",
            manifest=snapshot.manifest,
            as_of=None if day is None else date.fromisoformat(str(getattr(day["asOf"], "value", ""))),
            counts=list(snapshot.engine.select(query("counts"))),
            organisations=list(snapshot.engine.select(query("organisations"))),
            suppliers=figures(snapshot.network, Scope(), "supplier") if small else None,
            market=next(market_figures(snapshot.network, Scope())) if small else None,
            tables=TABLES,
        )
    return HTMLResponse(page)


@router.get("/id/{kind}/{slug}")
@router.get("/id/{kind}/{slug}/{part}", include_in_schema=False)
def thing(request: Request, serving: ServingDependency, kind: str, slug: str, part: str | None = None) -> Response:
    """Return what is known of a thing as HTML, Turtle or JSON-LD, as the Accept header asks."""
    iri = BASE + "/".join(filter(None, (kind, slug, part)))
    syntax = negotiate(request.headers.get("accept", ""), {"text/html": None, **_RDF} | {"text/html": "html"})
    if syntax is None:
        raise HTTPException(406, f"things are given as text/html, {' and '.join(_RDF)}")
    missing = HTTPException(404, f"nothing is known of {kind[:80]}/{slug[:80]}; kinds are {', '.join(KINDS)}")
    try:
        NamedNode(iri)
    except ValueError as error:  # nothing can have that name
        raise missing from error
    with serving.snapshot() as snapshot:
        headers = {"ETag": f'W/"{snapshot.version}"', "Vary": "Accept"}
        if syntax == "html":
            page = thing_page(snapshot.engine, serving.documents, iri)
            if page is None:
                raise missing
            return HTMLResponse(render("thing.html", page=page), headers=headers)
        chosen = RdfFormat.TURTLE if syntax == RdfFormat.TURTLE else RdfFormat.JSON_LD
        content = thing_rdf(snapshot.engine, iri, chosen)
    if content is None:
        raise missing
    return Response(content, media_type=f"{chosen.media_type}; charset=utf-8", headers=headers)


@router.get("/ontology")
def ontology(request: Request) -> Response:
    """Return the ontology as HTML or Turtle, as the Accept header asks."""
    accept = request.headers.get("accept", "")
    if negotiate(accept, {"text/html": "html", "text/turtle": "turtle"}) == "turtle":
        return Response(ontology_turtle(), media_type="text/turtle; charset=utf-8", headers={"Vary": "Accept"})
    return HTMLResponse(render("ontology.html", sections=vocabulary_sections()), headers={"Vary": "Accept"})


@router.get("/docs", response_class=HTMLResponse, include_in_schema=False)
def docs(request: Request) -> HTMLResponse:
    """Describe every route, from the OpenAPI description."""
    return HTMLResponse(render("docs.html", api=request.app.openapi()))


@router.get("/style.css", include_in_schema=False)
def style() -> Response:
    """Return the style sheet of all pages."""
    css = files("civicgraph.api").joinpath("page/style.css").read_text(encoding="utf-8")
    return Response(css, media_type="text/css; charset=utf-8", headers={"Cache-Control": "max-age=3600"})


def ontology_turtle() -> str:
    """Return the ontology, its service scheme and its view table as one Turtle text."""
    return "\n".join(read_text(name) for name in ("civicgraph.ttl", "services.ttl", "views.ttl"))


def render(template: str, **values: object) -> str:
    """Return a page made from a template of the `page` folder."""
    return _environment().get_template(template).render(**values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("civicgraph.api", "page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["address"] = address
    environment.globals["prefixes"] = PREFIXES
    return environment


def address(iri: str | None) -> str | None:
    """Return where this server answers for an IRI; the IRI itself if it is on the web; None if it leads nowhere.

    >>> address("https://w3id.org/civicgraph/id/place/kent"), address("javascript:alert(1)")
    ('/id/place/kent', None)
    """
    if iri is None:
        return None
    key = key_of(iri)
    if key is not None:
        return f"/id/{quote(key)}"
    if iri.startswith(CG_NS):
        return f"/ontology#{iri.removeprefix(CG_NS)}"
    if iri.startswith(SERVICES_NS):
        return f"/ontology#service-{iri.removeprefix(SERVICES_NS)}"
    if iri == ONTOLOGY_IRI:
        return "/ontology"
    return iri if iri.startswith(("https://", "http://")) else None
