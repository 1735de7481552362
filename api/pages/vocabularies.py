"""The ontology, its schemes and shapes at their IRIs in every form of RDF, and what the data set is (VoID and DCAT)."""

from collections import defaultdict
from collections.abc import Mapping
from functools import cache, partial
from typing import Annotated, Final, Literal, get_args

from fastapi import APIRouter, HTTPException, Path, Request
from fastapi.responses import HTMLResponse, PlainTextResponse
from pyoxigraph import NamedNode, RdfFormat, Triple, parse
from starlette.responses import Response

from civicgraph.api.openapi import gives
from civicgraph.api.own_queries import query
from civicgraph.api.pages.rendering import environment, render
from civicgraph.api.pages.values import text_of
from civicgraph.api.pages.views import sparql_form
from civicgraph.api.serving import ServingDependency, SnapshotDependency
from civicgraph.api.sparql.formats import RDF, rdf_response, written
from civicgraph.api.sparql.requests import address, negotiated
from civicgraph.graph.records.iris import BASE
from civicgraph.ontology.page import vocabulary_sections
from civicgraph.ontology.read import ONTOLOGY_FILES, ONTOLOGY_VERSION, SHAPES_FILES, read_text
from civicgraph.ontology.schemes import scheme_text, scheme_texts
from civicgraph.ontology.terms import CG, CG_NS

router = APIRouter(tags=["Vocabularies"])

RdfForm = Literal["ttl", "jsonld", "rdf", "nt"]
"""What an address may end in, for whoever cannot send a header."""
_FORMS: Final[Mapping[RdfForm, RdfFormat]] = dict(zip(get_args(RdfForm), RDF.values(), strict=True))
_Name = Literal["ontology", "services", "delivery", "shapes"]
_VOCABULARIES: Final[Mapping[_Name, str]] = {
    "ontology": "the ontology",
    "services": "the scheme of service types, with its matches",
    "delivery": "the scheme of delivery models, with the lots of G-Cloud",
    "shapes": "the SHACL shapes",
}
_ANSWERS: Final = gives(*RDF)
_WITH_PAGE: Final = gives("text/html", *RDF)


@router.get("/ontology/changes", response_class=PlainTextResponse, responses=gives("text/markdown"))
def changes() -> Response:
    """Return what changed in the ontology from version to version."""
    return Response(read_text("CHANGELOG.md"), media_type="text/markdown; charset=utf-8")


@router.get("/ontology/{version}", response_class=Response, responses=_WITH_PAGE)
def version_of_ontology(request: Request, version: Annotated[str, Path(max_length=20)]) -> Response:
    """Return one version of the ontology: a server has the one that it was built with."""
    if version != ONTOLOGY_VERSION:
        raise HTTPException(404, f"this server has version {ONTOLOGY_VERSION}; /ontology/changes lists all")
    return _as_asked(request, "ontology")


def _answers(name: _Name, says: str) -> None:
    """Let a vocabulary answer at its IRI, as the Accept header asks, and at addresses that end in a form."""

    def as_asked(request: Request) -> Response:
        return _as_asked(request, name)

    def as_file(rdf: RdfForm) -> Response:
        return rdf_response(_content(name, _FORMS[rdf]), _FORMS[rdf])

    also = "" if name == "shapes" else "; as a page too, which the ontology and its schemes share"
    add = partial(router.add_api_route, response_class=Response)
    answers = _ANSWERS if name == "shapes" else _WITH_PAGE
    add(f"/{name}", as_asked, name=name, description=f"Return {says}{also}.", responses=answers)
    told = f"Return {says} in the form that the address ends in."
    add(f"/{name}.{{rdf}}", as_file, name=f"{name}_file", description=told, responses=_ANSWERS)


for _name, _says in _VOCABULARIES.items():
    _answers(_name, _says)


@router.get("/.well-known/void", response_class=Response, responses=_ANSWERS)
def void(request: Request, snapshot: SnapshotDependency) -> Response:
    """Return what the data set is, and each source with its publisher and licence where known, as VoID and DCAT."""
    chosen = negotiated(request.headers.get("accept", ""), RDF)
    sources: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for row in snapshot.engine.select(query("sources")):
        sources[str(row["source"])].append((str(row["property"]), str(row["value"]), str(row["name"] or "")))
    loaded = {str(NamedNode(f"{BASE}source/{one.id}")): one.latest for one in snapshot.manifest.sources}
    found = _triples(
        "void.ttl",
        server=NamedNode(str(request.base_url)),
        base=BASE,
        manifest=snapshot.manifest,
        sources={iri: sources[iri] for iri in sorted({*sources, *loaded})},
        latest={iri: day for iri, day in loaded.items() if day is not None},
        licensed=lambda stated: any(name.endswith(("/license>", "/rights>")) for name, *_ in stated),
    )
    return rdf_response(found, chosen, snapshot.version)


@router.get("/sparql", include_in_schema=False)
def service(request: Request, serving: ServingDependency, snapshot: SnapshotDependency) -> Response:
    """Return what the SPARQL service is, as RDF; a browser gets a form to ask it."""
    # A browser accepts text/html and anything else with less zeal; whoever accepts anything gets RDF.
    offered: dict[str, RdfFormat | Literal["html"]] = {**RDF, "text/html": "html"}
    chosen = negotiated(request.headers.get("accept", ""), offered)
    if chosen == "html":
        return HTMLResponse(sparql_form(serving.settings.queries, None, ""), headers={"Vary": "Accept"})
    graphs = sorted(text_of(row, "g") for row in snapshot.engine.select("SELECT ?g { GRAPH ?g {} }"))
    server = address(request.scope, "")
    found = _triples(
        "service.ttl",
        server=server,
        can_be_changed=serving.can_be_changed,
        base=BASE,
        vocabulary=CG_NS,
        quads=snapshot.manifest.quads,
        default=CG.established if CG.established in graphs else f"{server}/sparql#default-graph",
        graphs=graphs,
    )
    return rdf_response(found, chosen, snapshot.version)


def _triples(template: str, **values: object) -> set[Triple]:
    text = environment().get_template(template).render(values)
    return {quad.triple for quad in parse(text, RdfFormat.TURTLE)}


def _as_asked(request: Request, name: _Name) -> Response:
    page: dict[str, RdfFormat | Literal["html"]] = {} if name == "shapes" else {"text/html": "html"}
    chosen = negotiated(request.headers.get("accept", ""), {**page, **RDF})
    if chosen != "html":
        return rdf_response(_content(name, chosen), chosen)
    return HTMLResponse(render("ontology.html", sections=vocabulary_sections()), headers={"Vary": "Accept"})


@cache
def _content(name: _Name, form: RdfFormat) -> bytes:
    texts: dict[_Name, str] = {
        "ontology": "\n".join([*map(read_text, ONTOLOGY_FILES), *scheme_texts()]),
        "services": scheme_text(),
        "delivery": read_text("delivery.ttl"),
        "shapes": "\n".join(map(read_text, SHAPES_FILES)),
    }
    if form == RdfFormat.TURTLE:
        return texts[name].encode()
    return written({quad.triple for quad in parse(texts[name], RdfFormat.TURTLE)}, form)
