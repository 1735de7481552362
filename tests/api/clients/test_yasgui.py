"""YASGUI: its editor as the page has it, in a browser and from another origin; and the requests of the older one."""

import json
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest
from playwright.sync_api import Page, Request, sync_playwright
from pyoxigraph import RdfFormat, parse

from tests.browser.conftest import FLAGS, PATIENCE, browser_program

BUILD: Final = Path(__file__).parents[3] / "node_modules/@zazuko/yasqe/build"
SELECT: Final = "application/sparql-results+json,*/*;q=0.9"
GRAPH: Final = "application/n-triples,*/*;q=0.9"
ASKED: Final = """async ([endpoint, query]) => {
    yasqe.setValue(query);
    try { return (await yasqe.query({ endpoint })).content; } catch (error) { return error.message; }
}"""
CONSTRUCT: Final = (
    "PREFIX cg: <https://w3id.org/civicgraph/ontology#> CONSTRUCT { ?s cg:provides ?o } { ?s cg:provides ?o }"
)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None: ...


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """Serve a folder with the editor's files from an origin of its own; give the folder and the address."""
    folder = tmp_path_factory.mktemp("elsewhere")
    for name in ("yasqe.min.js", "yasqe.min.css"):
        (folder / name).symlink_to(BUILD / name)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield folder, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def browser_page() -> Iterator[Page]:
    """Open a page of a browser that ends with these tests, and its event loop with it."""
    program, environment = browser_program()
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=program, args=FLAGS, env=environment, ignore_default_args=["--disable-dev-shm-usage"]
        )
        opened = running.new_page()
        opened.set_default_timeout(PATIENCE)
        yield opened
        running.close()


@pytest.fixture
def editor(browser_page: Page, elsewhere: tuple[Path, str], snippet: Callable[..., str]) -> tuple[Page, list[Request]]:
    """Open the page that docs/clients/yasgui.md shows; give it, and the list its requests to the server come in."""
    folder, origin = elsewhere
    text = snippet("yasgui.md", "html").replace("const yasqe", "globalThis.yasqe")
    (folder / "index.html").write_text(f"<!doctype html>\n<title>Elsewhere</title>\n{text}", encoding="utf-8")
    sent: list[Request] = []
    browser_page.on("request", lambda request: sent.append(request) if "/sparql" in request.url else None)
    browser_page.goto(f"{origin}/")
    return browser_page, sent


def test_query_of_the_page_is_sent_as_a_form_and_answered(editor: tuple[Page, list[Request]], address: str) -> None:
    page, sent = editor
    content = page.evaluate("async () => (await yasqe.query()).content")
    suppliers = {row["supplier"]["value"] for row in json.loads(content)["results"]["bindings"]}
    assert "https://w3id.org/civicgraph/id/organisation/east-kent-services" in suppliers
    (request,) = sent
    assert (request.method, request.url) == ("POST", f"{address}/sparql")
    headers = request.all_headers()
    assert headers["accept"] == SELECT
    assert headers["content-type"].startswith("application/x-www-form-urlencoded")
    assert headers["origin"] != address


def test_graph_is_given_as_triples(editor: tuple[Page, list[Request]], address: str) -> None:
    page, sent = editor
    content = page.evaluate(ASKED, [f"{address}/sparql", CONSTRUCT])
    assert {quad.predicate.value for quad in parse(content, RdfFormat.N_TRIPLES)} == {
        "https://w3id.org/civicgraph/ontology#provides"
    }
    assert sent[-1].all_headers()["accept"] == GRAPH


def test_what_is_wrong_reaches_the_page(
    editor: tuple[Page, list[Request]], address: str, hurried: str, endless: str
) -> None:
    page, _ = editor
    assert "this is not a SPARQL 1.1 query: it has 1 {" in page.evaluate(ASKED, [f"{address}/sparql", "SELECT ?s {"])
    assert "the query was stopped after 1 seconds" in page.evaluate(ASKED, [f"{hurried}/sparql", endless])


@pytest.mark.parametrize(
    ("method", "query", "accept", "content_type"),
    [
        ("POST", "SELECT * { ?s cg:provides ?o }", SELECT, "application/sparql-results+json"),
        ("GET", "SELECT * { ?s cg:provides ?o }", SELECT, "application/sparql-results+json"),
        ("POST", "ASK {}", SELECT, "application/sparql-results+json"),
        ("POST", "DESCRIBE ?s { ?s cg:provides ?o }", GRAPH, "application/n-triples"),
        ("GET", "CONSTRUCT WHERE { ?s cg:provides ?o }", GRAPH, "application/n-triples"),
    ],
)
def test_requests_as_the_older_editor_sends_them(
    address: str, method: str, query: str, accept: str, content_type: str
) -> None:
    headers = {"Accept": accept, "Origin": "https://yasgui.triply.cc"}
    fields: dict[str, Any] = {"query": query}
    with httpx2.Client(base_url=address, headers=headers, timeout=60) as client:
        response = client.post("/sparql", data=fields) if method == "POST" else client.get("/sparql", params=fields)
    assert (response.status_code, response.headers["content-type"]) == (200, content_type)
    assert response.headers["access-control-allow-origin"] == "*"
