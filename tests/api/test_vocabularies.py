"""The ontology, its schemes and shapes answer at their IRIs in every form of RDF; the data set says what it is."""

import pytest
from fastapi.testclient import TestClient
from pyoxigraph import RdfFormat, parse
from rdflib import Graph, URIRef

from civicgraph.ontology.read import ONTOLOGY_IRI, ONTOLOGY_VERSION, vocabulary
from civicgraph.ontology.terms import CG, DELIVERY_NS, SERVICES_NS

FORMS = {
    "text/turtle": ("ttl", RdfFormat.TURTLE),
    "application/ld+json": ("jsonld", RdfFormat.JSON_LD),
    "application/rdf+xml": ("rdf", RdfFormat.RDF_XML),
    "application/n-triples": ("nt", RdfFormat.N_TRIPLES),
}
HOLDS = {
    "/ontology": CG.Council,
    f"/ontology/{ONTOLOGY_VERSION}": CG.UK11,
    "/services": SERVICES_NS + "revenues-benefits-system",
    "/delivery": DELIVERY_NS + "saas",
    "/shapes": "https://w3id.org/civicgraph/shapes#Record",
}


@pytest.mark.parametrize("media_type", FORMS)
@pytest.mark.parametrize("address", HOLDS)
def test_each_answers_in_each_form(client: TestClient, address: str, media_type: str) -> None:
    response = client.get(address, headers={"Accept": media_type})
    assert response.status_code == 200
    assert response.headers["content-type"].partition(";")[0] == media_type
    assert "Accept" in response.headers["vary"].split(", ")
    found = {str(quad.subject) for quad in parse(response.content, FORMS[media_type][1])}
    assert f"<{HOLDS[address]}>" in found
    if address.count("/") == 1:
        same = client.get(f"{address}.{FORMS[media_type][0]}")
        assert (same.content, same.status_code) == (response.content, 200)


@pytest.mark.parametrize("address", ["/ontology", "/services", "/delivery"])
def test_a_browser_gets_a_page(client: TestClient, address: str) -> None:
    response = client.get(address, headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert response.headers["content-type"].startswith("text/html")
    assert "Revenues and benefits system" in response.text


def test_what_is_not_given_is_refused_with_what_is(client: TestClient) -> None:
    response = client.get("/services", headers={"Accept": "image/png"})
    assert response.status_code == 406
    assert "text/turtle" in response.json()["detail"]
    assert client.get("/ontology/9.9.9").status_code == 404


def test_the_version_is_that_of_the_turtle_and_its_changes_are_told(client: TestClient) -> None:
    versions = set(vocabulary().objects(URIRef(ONTOLOGY_IRI), URIRef("http://www.w3.org/2002/07/owl#versionIRI")))
    assert versions == {URIRef(f"{ONTOLOGY_IRI}/{ONTOLOGY_VERSION}")}
    assert f"## {ONTOLOGY_VERSION} (" in client.get("/ontology/changes").text


def test_a_source_has_the_licence_that_it_states(seeds: TestClient) -> None:
    response = seeds.get("/.well-known/void", headers={"Accept": "text/turtle"})
    graph = Graph().parse(data=response.content, format="turtle")
    licences = set(graph.objects(None, URIRef("http://purl.org/dc/terms/license")))
    assert licences == {URIRef("https://opensource.org/license/mit")}
    assert "Not stated" not in response.text


def test_the_data_set_says_what_it_is_and_what_it_is_made_of(client: TestClient) -> None:
    response = client.get("/.well-known/void", headers={"Accept": "text/turtle"})
    graph = Graph().parse(data=response.content, format="turtle")
    dcat, dct = "http://www.w3.org/ns/dcat#", "http://purl.org/dc/terms/"
    dataset = next(graph.subjects(URIRef("http://rdfs.org/ns/void#sparqlEndpoint")))
    sources = list(graph.objects(dataset, URIRef(dct + "source")))
    assert sources
    for source in sources:
        assert (source, None, URIRef(dcat + "Dataset")) in graph
        assert graph.value(source, URIRef(dct + "title")) is not None
        # Each has a licence, or says that none is stated.
        stated = {graph.value(source, URIRef(dct + name)) for name in ("license", "rights")} - {None}
        assert {str(one) for one in stated} == {"Not stated in the file: ask its publisher."}
        checksum = graph.value(source, URIRef("http://spdx.org/rdf/terms#checksum"))
        assert len(str(graph.value(checksum, URIRef("http://spdx.org/rdf/terms#checksumValue")))) == 64
