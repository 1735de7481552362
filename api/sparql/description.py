"""What the service and its data are, for programs: SPARQL 1.1 Service Description and VoID."""

from collections.abc import Iterator, Mapping
from typing import Final

from pyoxigraph import (
    Literal,
    NamedNode,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    Triple,
    parse_query_results,
    serialize,
)
from starlette.responses import Response

from civicgraph.api.serving import Snapshot
from civicgraph.graph.engine.interface import GRAPH_SYNTAXES, Query
from civicgraph.graph.exports.quads import turtle
from civicgraph.graph.records.iris import BASE
from civicgraph.ontology.terms import CG, CG_NS

RDF_TYPES: Final[Mapping[str, str]] = {
    "text/turtle": "turtle",
    "application/n-triples": "ntriples",
    "application/rdf+xml": "rdfxml",
    "application/ld+json": "jsonld",
}
_RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_SD: Final = "http://www.w3.org/ns/sparql-service-description#"
_VOID: Final = "http://rdfs.org/ns/void#"
_DCT: Final = "http://purl.org/dc/terms/"
_RDFS_SEE_ALSO: Final = "http://www.w3.org/2000/01/rdf-schema#seeAlso"
_FOAF: Final = "http://xmlns.com/foaf/0.1/"
_FORMATS: Final = "http://www.w3.org/ns/formats/"
_XSD: Final = "http://www.w3.org/2001/XMLSchema#"

_INPUT: Final = ("Turtle", "N-Triples", "N-Quads", "TriG", "RDF_XML", "JSON-LD")
_OUTPUT: Final = (
    *("SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV"),
    *_INPUT,
)


async def describe(snapshot: Snapshot, server: str, syntax: str, can_be_changed: bool) -> Response:
    """Return the description of a service.

    Parameters
    ----------
    snapshot
        What is served.
    server
        The address of the server, without a slash at its end.
    syntax
        One of the values of `RDF_TYPES`.
    can_be_changed
        Whether updates are answered.
    """
    graphs = await _graphs(snapshot)
    triples = set(_triples(snapshot, server, graphs, can_be_changed=can_be_changed))
    chosen = GRAPH_SYNTAXES[syntax]
    content = turtle(triples) if chosen == RdfFormat.TURTLE else serialize(sorted(triples, key=str), format=chosen)
    media_type = "text/turtle; charset=utf-8" if chosen == RdfFormat.TURTLE else chosen.media_type
    return Response(content, media_type=media_type, headers={"Vary": "Accept", "ETag": f'W/"{snapshot.version}"'})


async def _graphs(snapshot: Snapshot) -> list[str]:
    answer = await snapshot.pool.answer(Query("SELECT ?g { GRAPH ?g {} }"))
    found = parse_query_results(await answer.whole(), QueryResultsFormat.JSON)
    return sorted(row["g"].value for row in found) if isinstance(found, QuerySolutions) else []


def _triples(snapshot: Snapshot, server: str, graphs: list[str], *, can_be_changed: bool) -> Iterator[Triple]:
    endpoint = f"{server}/sparql"
    service, dataset = f"{endpoint}#service", f"{endpoint}#dataset"
    default = f"{endpoint}#default-graph"
    quads = Literal(str(snapshot.manifest.quads), datatype=NamedNode(_XSD + "integer"))

    def say(subject: str, predicate: str, value: str | Literal) -> Triple:
        return Triple(
            NamedNode(subject), NamedNode(predicate), value if isinstance(value, Literal) else NamedNode(value)
        )

    yield say(service, _RDF + "type", _SD + "Service")
    yield say(service, _SD + "endpoint", endpoint)
    yield say(service, _SD + "supportedLanguage", _SD + "SPARQL11Query")
    for name in _OUTPUT:
        yield say(service, _SD + "resultFormat", _FORMATS + name)
    if can_be_changed:
        yield say(service, _SD + "supportedLanguage", _SD + "SPARQL11Update")
        for name in _INPUT:
            yield say(service, _SD + "inputFormat", _FORMATS + name)
    yield say(service, _SD + "defaultDataset", dataset)
    yield say(dataset, _RDF + "type", _SD + "Dataset")
    yield say(dataset, _RDF + "type", _VOID + "Dataset")
    yield say(dataset, _DCT + "title", Literal("civicgraph: who runs the public sector's IT in the United Kingdom"))
    # Each source has its own licence, which the description of the data set gives.
    yield say(dataset, _RDFS_SEE_ALSO, f"{server}/.well-known/void")
    yield say(dataset, _FOAF + "homepage", f"{server}/")
    yield say(dataset, _VOID + "sparqlEndpoint", endpoint)
    yield say(dataset, _VOID + "uriSpace", Literal(BASE))
    yield say(dataset, _VOID + "vocabulary", CG_NS)
    yield say(dataset, _VOID + "triples", quads)
    yield say(dataset, _SD + "defaultGraph", CG.established if CG.established in graphs else default)
    yield say(CG.established if CG.established in graphs else default, _RDF + "type", _SD + "Graph")
    for iri in graphs:
        named = f"{endpoint}#graph-{graphs.index(iri) + 1}"
        yield say(dataset, _SD + "namedGraph", named)
        yield say(named, _RDF + "type", _SD + "NamedGraph")
        yield say(named, _SD + "name", iri)
