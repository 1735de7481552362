"""SPARQLWrapper, by all its methods and formats, and the exceptions that refusals become."""

import csv
import io
import json
from collections.abc import Callable
from typing import Any
from urllib.error import HTTPError

import pytest
from pyoxigraph import RdfFormat, parse
from SPARQLWrapper import CSV, GET, JSON, JSONLD, N3, POST, POSTDIRECTLY, TSV, TURTLE, URLENCODED, XML, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import QueryBadFormed

SELECT = """
SELECT DISTINCT ?supplier { ?s cg:provides ?x ; a cg:SharedServiceCentre ; rdfs:label ?supplier }
ORDER BY ?supplier LIMIT 2
"""
FOUND = ["Department for Work and Pensions shared service centre", "East Kent Services"]
CONSTRUCT = "CONSTRUCT { ?s a cg:SharedServiceCentre } { ?s a cg:SharedServiceCentre ; cg:provides ?x }"


@pytest.fixture
def endpoint(address: str) -> SPARQLWrapper:
    return SPARQLWrapper(f"{address}/sparql")


def converted(endpoint: SPARQLWrapper, query: str, form: str) -> Any:  # noqa: ANN401 - its type is the format's
    endpoint.setReturnFormat(form)
    endpoint.setQuery(query)
    return endpoint.queryAndConvert()


def test_snippet_of_the_page(snippet: Callable[..., str], capsys: pytest.CaptureFixture[str]) -> None:
    exec(snippet("sparqlwrapper.md", "python"), {})  # noqa: S102 - the project's own page
    lines = capsys.readouterr().out.splitlines()
    assert "Canterbury City Council | East Kent Services" in lines
    assert lines == sorted(lines)


@pytest.mark.parametrize(("method", "request_method"), [(GET, URLENCODED), (POST, URLENCODED), (POST, POSTDIRECTLY)])
def test_methods_give_the_same_rows(endpoint: SPARQLWrapper, method: str, request_method: str) -> None:
    endpoint.setMethod(method)
    endpoint.setRequestMethod(request_method)
    rows = converted(endpoint, SELECT, JSON)["results"]["bindings"]
    assert [row["supplier"]["value"] for row in rows] == FOUND
    texts = converted(endpoint, SELECT, XML).getElementsByTagName("literal")
    assert [text.firstChild.data for text in texts] == FOUND
    assert list(csv.reader(io.StringIO(converted(endpoint, SELECT, CSV).decode()))) == [
        ["supplier"],
        *([name] for name in FOUND),
    ]
    assert converted(endpoint, SELECT, TSV).decode().splitlines() == ["?supplier", *(f'"{name}"' for name in FOUND)]


def test_yes_or_no(endpoint: SPARQLWrapper) -> None:
    assert converted(endpoint, "ASK { ?s cg:servedBy ?o }", JSON)["boolean"] is True
    (answer,) = converted(endpoint, "ASK { ?s cg:servedBy cg:nobody }", XML).getElementsByTagName("boolean")
    assert answer.firstChild.data == "false"
    endpoint.setReturnFormat(CSV)
    endpoint.setQuery("ASK { ?s cg:servedBy ?o }")
    assert json.load(endpoint.query().response)["boolean"] is True


@pytest.mark.parametrize(("form", "syntax"), [(TURTLE, RdfFormat.TURTLE), (N3, RdfFormat.TURTLE)])
def test_graphs(endpoint: SPARQLWrapper, form: str, syntax: RdfFormat) -> None:
    names = {quad.subject.value.rpartition("/")[2] for quad in parse(converted(endpoint, CONSTRUCT, form), syntax)}
    assert "east-kent-services" in names


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
@pytest.mark.parametrize("form", [XML, JSONLD])
def test_graphs_that_it_parses_itself(endpoint: SPARQLWrapper, form: str) -> None:
    names = {str(subject).rpartition("/")[2] for subject in converted(endpoint, CONSTRUCT, form).subjects()}
    assert "east-kent-services" in names


def test_default_graph(address: str) -> None:
    planned = SPARQLWrapper(f"{address}/sparql", defaultGraph="https://w3id.org/civicgraph/ontology#plans")
    established = SPARQLWrapper(f"{address}/sparql")
    query = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    counts = [
        int(converted(one, query, JSON)["results"]["bindings"][0]["n"]["value"]) for one in (planned, established)
    ]
    assert 0 < counts[0] < counts[1]


def test_query_that_cannot_be_parsed(endpoint: SPARQLWrapper) -> None:
    with pytest.raises(QueryBadFormed, match=r"this is not a SPARQL 1\.1 query: line 1:"):
        converted(endpoint, "SELECT ?s { ?s cg:provides }", JSON)


def test_query_that_takes_too_long(hurried: str, endless: str) -> None:
    endpoint = SPARQLWrapper(f"{hurried}/sparql")
    with pytest.raises(HTTPError) as stopped:
        converted(endpoint, endless, JSON)
    with stopped.value as error:
        assert (error.code, error.headers["Content-Type"]) == (503, "application/problem+json")
        assert json.load(error)["detail"] == (
            "the query was stopped after 1 seconds; ask for less, or start the server with a longer --timeout"
        )
    assert converted(endpoint, "ASK {}", JSON)["boolean"] is True
