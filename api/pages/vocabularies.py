"""The ontology, its schemes and shapes at their IRIs in every form of RDF, and what the data set is (VoID and DCAT)."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Annotated, Final, Literal, TypeVar

from fastapi import APIRouter, HTTPException, Path, Request
from fastapi.responses import HTMLResponse, PlainTextResponse
from pyoxigraph import RdfFormat, Triple, parse, serialize
from starlette.responses import Response

from civicgraph.api.openapi import gives
from civicgraph.api.pages.catalogue import catalogue
from civicgraph.api.pages.rendering import render
from civicgraph.api.problems import Problem
from civicgraph.api.serving import ServingDependency
from civicgraph.api.sparql.negotiation import negotiate
from civicgraph.graph.exports.quads import turtle
from civicgraph.ontology.page import vocabulary_sections
from civicgraph.ontology.read import ONTOLOGY_FILES, ONTOLOGY_VERSION, SHAPES_FILES, read_text
from civicgraph.ontology.schemes import scheme_text, scheme_texts

router = APIRouter(tags=["Vocabularies"])

_F = TypeVar("_F")

RdfForm = Literal["ttl", "jsonld", "rdf", "nt"]
"""What an address may end in, for whoever cannot send a header."""
_FORMATS: Final[dict[RdfForm, RdfFormat]] = {
    "ttl": RdfFormat.TURTLE,
    "jsonld": RdfFormat.JSON_LD,
    "rdf": RdfFormat.RDF_XML,
    "nt": RdfFormat.N_TRIPLES,
}
_TYPES: Final[dict[str, RdfForm]] = {
    "text/turtle": "ttl",
    "application/ld+json": "jsonld",
    "application/rdf+xml": "rdf",
    "application/n-triples": "nt",
}
_Name = Literal["ontology", "services", "delivery", "shapes"]
_ANSWERS: Final = {**gives(*_TYPES), 406: {"model": Problem}}
_WITH_PAGE: Final = {**gives("text/html", *_TYPES), 406: {"model": Problem}}


@router.get("/ontology", response_class=Response, responses=_WITH_PAGE)
def ontology(request: Request) -> Response:
    """Return the ontology as a page or as RDF, as the Accept header asks."""
    return _page_or_rdf(request, "ontology")


@router.get("/ontology/changes", response_class=PlainTextResponse, responses=gives("text/markdown"))
def changes() -> Response:
    """Return what changed in the ontology from version to version."""
    return Response(read_text("CHANGELOG.md"), media_type="text/markdown; charset=utf-8")


@router.get("/ontology/{version}", response_class=Response, responses={**_WITH_PAGE, 404: {"model": Problem}})
def version_of_ontology(request: Request, version: Annotated[str, Path(max_length=20)]) -> Response:
    """Return one version of the ontology: a server has the one that it was built with."""
    if version != ONTOLOGY_VERSION:
        raise HTTPException(404, f"this server has version {ONTOLOGY_VERSION}; /ontology/changes lists all")
    return ontology(request)


@router.get("/services", response_class=Response, responses=_WITH_PAGE)
def services(request: Request) -> Response:
    """Return the scheme of service types, with its matches; as a page, it stands on that of the ontology."""
    return _page_or_rdf(request, "services")


@router.get("/delivery", response_class=Response, responses=_WITH_PAGE)
def delivery(request: Request) -> Response:
    """Return the scheme of delivery models, with the lots of G-Cloud; as a page, it stands on that of the ontology."""
    return _page_or_rdf(request, "delivery")


@router.get("/shapes", response_class=Response, responses=_ANSWERS)
def shapes(request: Request) -> Response:
    """Return the SHACL shapes."""
    return _rdf("shapes", _chosen(request, _TYPES))


@router.get("/ontology.{rdf}", response_class=Response, responses=_ANSWERS)
def ontology_file(rdf: RdfForm) -> Response:
    """Return the ontology in the form that the address ends in."""
    return _rdf("ontology", rdf)


@router.get("/services.{rdf}", response_class=Response, responses=_ANSWERS)
def services_file(rdf: RdfForm) -> Response:
    """Return the scheme of service types in the form that the address ends in."""
    return _rdf("services", rdf)


@router.get("/delivery.{rdf}", response_class=Response, responses=_ANSWERS)
def delivery_file(rdf: RdfForm) -> Response:
    """Return the scheme of delivery models in the form that the address ends in."""
    return _rdf("delivery", rdf)


@router.get("/shapes.{rdf}", response_class=Response, responses=_ANSWERS)
def shapes_file(rdf: RdfForm) -> Response:
    """Return the SHACL shapes in the form that the address ends in."""
    return _rdf("shapes", rdf)


@router.get("/.well-known/void", response_class=Response, responses=_ANSWERS)
def void(request: Request, serving: ServingDependency) -> Response:
    """Return what the data set is, and each source with its publisher and licence where known, as VoID and DCAT."""
    chosen = _chosen(request, _TYPES)
    with serving.snapshot() as snapshot:
        triples = set(catalogue(snapshot, str(request.base_url).rstrip("/")))
        headers = {"ETag": f'W/"{snapshot.version}"', "Vary": "Accept"}
    return Response(_written(triples, chosen), media_type=_media_type(chosen), headers=headers)


def ontology_turtle() -> str:
    """Return the ontology, its table of views and its schemes as one Turtle text."""
    return "\n".join([*map(read_text, ONTOLOGY_FILES), *scheme_texts()])


def _page_or_rdf(request: Request, name: _Name) -> Response:
    offered: dict[str, RdfForm | Literal["html"]] = {"text/html": "html", **_TYPES}
    chosen = _chosen(request, offered)
    if chosen != "html":
        return _rdf(name, chosen)
    return HTMLResponse(render("ontology.html", sections=vocabulary_sections()), headers={"Vary": "Accept"})


def _chosen(request: Request, offered: Mapping[str, _F]) -> _F:
    chosen = negotiate(request.headers.get("accept", ""), offered)
    if chosen is None:
        raise HTTPException(406, f"this is given as {', '.join(offered)}")
    return chosen


@cache
def _content(name: _Name, form: RdfForm) -> bytes:
    texts: dict[_Name, str] = {
        "ontology": ontology_turtle(),
        "services": scheme_text(),
        "delivery": read_text("delivery.ttl"),
        "shapes": "\n".join(map(read_text, SHAPES_FILES)),
    }
    if form == "ttl":
        return texts[name].encode()
    return _written({quad.triple for quad in parse(texts[name], RdfFormat.TURTLE)}, form)


def _written(triples: Iterable[Triple], form: RdfForm) -> bytes:
    if form == "ttl":
        return turtle(triples)
    return serialize(sorted(triples, key=str), format=_FORMATS[form]) or b""


def _rdf(name: _Name, form: RdfForm) -> Response:
    return Response(_content(name, form), media_type=_media_type(form), headers={"Vary": "Accept"})


def _media_type(form: RdfForm) -> str:
    media_type = _FORMATS[form].media_type
    return f"{media_type}; charset=utf-8" if form == "ttl" else media_type
