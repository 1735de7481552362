"""What a data set is and what it is made of, as VoID and DCAT."""

from collections.abc import Iterator
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from civicgraph.api.serving import Snapshot
from civicgraph.graph.engine.interface import Term
from civicgraph.graph.records.iris import BASE
from civicgraph.ontology.read import ONTOLOGY_IRI, PREFIXES
from civicgraph.ontology.terms import CG, CG_NS, DELIVERY_NS, SERVICES_NS

_RDF: Final = PREFIXES["rdf"]
_DCT: Final = PREFIXES["dct"]
_DCAT: Final = "http://www.w3.org/ns/dcat#"
_VOID: Final = "http://rdfs.org/ns/void#"
_FOAF: Final = "http://xmlns.com/foaf/0.1/"
_SPDX: Final = "http://spdx.org/rdf/terms#"
_XSD: Final = PREFIXES["xsd"]
_PROJECT: Final = "https://w3id.org/civicgraph"
_OF_SOURCES: Final = f"""SELECT ?source ?property ?value ?name WHERE {{
  ?source a cg:Source ; ?property ?value .
  FILTER (?property IN (
    rdfs:label, cg:sha256, dct:license, dct:rights, dct:publisher, dct:issued, dct:source))
  OPTIONAL {{ ?value <{_FOAF}name> ?name }}
}} ORDER BY ?source ?property ?value"""
_SAME: Final = {_DCT + name for name in ("license", "rights", "publisher", "issued", "source")}


def catalogue(snapshot: Snapshot, server: str) -> Iterator[Triple]:
    """Yield the description of what a server holds: the data set, how it is got, and each source that it is made of.

    Parameters
    ----------
    snapshot
        What is served. What is stated there of a `cg:Source` (licence, publisher, date, address) is given as it stands.
    server
        The address of the server, without a slash at its end.
    """
    dataset = f"{server}/.well-known/void#dataset"
    yield from _dataset(dataset, snapshot, server)
    yield from _distributions(dataset, server)
    licensed: set[str] = set()
    for row in snapshot.engine.select(_OF_SOURCES):
        source, term, value = row["source"], row["property"], row["value"]
        if source is None or term is None or value is None:
            continue
        yield from _of_source(dataset, source.value, term.value, value)
        if (name := row.get("name")) is not None:
            yield _say(value.value, _RDF + "type", _FOAF + "Agent")
            yield _say(value.value, _FOAF + "name", name)
        if term.value in (_DCT + "license", _DCT + "rights"):
            licensed.add(source.value)
    for loaded in snapshot.manifest.sources:
        node = f"{BASE}source/{loaded.id}"
        if loaded.latest is not None:
            day = Literal(loaded.latest, datatype=NamedNode(_XSD + "date"))
            yield _say(node, _DCT + "temporal", f"{node}/period")
            yield _say(f"{node}/period", _DCAT + "endDate", day)
        if node not in licensed:
            yield _say(node, _DCT + "rights", Literal("Not stated in the file: ask its publisher.", language="en"))


def _dataset(dataset: str, snapshot: Snapshot, server: str) -> Iterator[Triple]:
    for cls in (_VOID + "Dataset", _DCAT + "Dataset"):
        yield _say(dataset, _RDF + "type", cls)
    yield _say(dataset, _DCT + "title", Literal("civicgraph: who runs the public sector's IT in the United Kingdom"))
    yield _say(dataset, _DCT + "identifier", Literal(snapshot.version))
    yield _say(dataset, _DCT + "conformsTo", ONTOLOGY_IRI)
    yield _say(dataset, _DCT + "creator", _PROJECT)
    yield _say(dataset, _FOAF + "homepage", f"{server}/")
    yield _say(dataset, _VOID + "sparqlEndpoint", f"{server}/sparql")
    yield _say(dataset, _VOID + "uriSpace", Literal(BASE))
    yield _say(dataset, _VOID + "exampleResource", CG.established)
    yield _say(dataset, _VOID + "triples", Literal(str(snapshot.manifest.quads), datatype=NamedNode(_XSD + "integer")))
    for vocabulary in (CG_NS, SERVICES_NS, DELIVERY_NS):
        yield _say(dataset, _VOID + "vocabulary", vocabulary)


def _distributions(dataset: str, server: str) -> Iterator[Triple]:
    service = f"{server}/sparql#service"
    yield _say(service, _RDF + "type", _DCAT + "DataService")
    yield _say(service, _DCAT + "endpointURL", f"{server}/sparql")
    yield _say(service, _DCAT + "servesDataset", dataset)
    tables = f"{server}/tables#distribution"
    yield _say(dataset, _DCAT + "distribution", tables)
    yield _say(tables, _RDF + "type", _DCAT + "Distribution")
    yield _say(tables, _DCAT + "accessURL", f"{server}/tables")


def _of_source(dataset: str, source: str, term: str, value: Term) -> Iterator[Triple]:
    if term == PREFIXES["rdfs"] + "label":
        yield _say(dataset, _DCT + "source", source)
        yield _say(source, _RDF + "type", _DCAT + "Dataset")
        yield _say(source, _DCT + "title", value)
    elif term == CG.sha256:
        yield _say(source, _SPDX + "checksum", f"{source}/checksum")
        yield _say(f"{source}/checksum", _SPDX + "algorithm", _SPDX + "checksumAlgorithm_sha256")
        yield _say(f"{source}/checksum", _SPDX + "checksumValue", value)
    elif term in _SAME:
        yield _say(source, term, value)


def _say(subject: str, predicate: str, value: str | Term) -> Triple:
    return Triple(NamedNode(subject), NamedNode(predicate), NamedNode(value) if isinstance(value, str) else value)
