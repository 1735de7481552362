"""Pages for people: only the built scripts, no dead links, and headers that keep a browser from any other."""

import re
from collections import Counter
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest
from fastapi.testclient import TestClient
from lxml import etree
from pyoxigraph import RdfFormat, parse

from civicgraph.ontology.terms import CG

HTML = {"Accept": "text/html"}
FOLLOWED = {"a": "href", "link": "href", "form": "action", "img": "src", "script": "src"}


class Page(HTMLParser):
    """The links of a page, and what must not be in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.scripts: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        # A base may say in which window links open, as in an embedded view, and not where they lead.
        foreign = tag in ("iframe", "object", "embed", "style") or (tag == "base" and "href" in found)
        foreign = foreign or any(name == "style" or name.startswith("on") for name in found)
        if foreign or (tag == "script" and not (found.get("src") or "").startswith("/built/")):
            self.scripts.append(f"{tag} {attrs}")
        # An order, a facet or a page of a table is the same page again: there are more of these than can be followed.
        if "nofollow" not in (found.get("rel") or ""):
            self.links.append(found.get(FOLLOWED.get(tag, "")) or "")
        self.anchors.add(found.get("id") or "")


FOLLOWED_ALIKE = 8
"""Pages that are followed of those that differ in nothing but what they are asked about."""


def page(client: TestClient, path: str) -> Page:
    response = client.get(path, headers=HTML)
    assert response.status_code == 200, path
    return Page(response.text)


def internal(found: Page, path: str) -> set[str]:
    """Return the addresses on this server that a page links to; all others are on the web."""
    addresses = {urljoin(f"http://here{path}", link) for link in found.links if link}
    assert {urlsplit(address).scheme for address in addresses} <= {"http", "https"}
    return {address.removeprefix("http://here") for address in addresses if address.startswith("http://here/")}


def test_every_link_of_the_small_site_leads_somewhere(client: TestClient) -> None:
    waiting, seen, anchors, alike = {"/"}, set[str](), set[str](), Counter[str]()
    while waiting:
        path = min(waiting)
        waiting.remove(path)
        seen.add(path)
        # Claims, and figures of each service type, by far the most, are made as the first of them are.
        kind = "/id/claim/" if path.startswith("/id/claim/") else re.sub(r"=[^&]*", "", path)
        alike[kind] += 1
        if alike[kind] > FOLLOWED_ALIKE:
            continue
        response = client.get(path, headers=HTML)
        assert response.status_code == 200, path
        if response.headers["content-type"].startswith("text/html"):
            found = Page(response.text)
            assert found.scripts == [], path
            links = internal(found, path)
            anchors |= {link for link in links if "#" in link}
            waiting |= {link.partition("#")[0] for link in links} - seen
    assert len(seen) > 40
    assert {"/docs", "/ontology", "/sparql", "/openapi.json", "/style.css", "/id/organisation/alpha"} <= seen
    terms = {f"/ontology#{anchor}" for anchor in page(client, "/ontology").anchors}
    assert {anchor for anchor in anchors if anchor.startswith("/ontology#")} <= terms


def test_links_of_the_home_page_of_the_seeds(seeds: TestClient) -> None:
    links = internal(page(seeds, "/"), "/")
    things = sorted(link for link in links if link.startswith("/id/"))
    assert len(things) > 10
    for path in sorted(links):
        assert seeds.get(path, headers=HTML).status_code == 200, path


def test_home_page_says_what_is_loaded(seeds: TestClient) -> None:
    text = " ".join(etree.HTML(seeds.get("/").text).xpath("string(//main)").split())
    manifest = seeds.get("/health").json()
    assert f"Snapshot {manifest['version']}, {manifest['quads']:,} quads" in text
    for expected in ("The Register, 3 March 2014", "East Kent Services", "as of 31 March 2021"):
        assert expected in text


def test_docs_name_every_route(client: TestClient) -> None:
    shown = {heading.text for heading in etree.HTML(client.get("/docs").text).findall(".//h2/code")}
    assert shown == set(client.get("/openapi.json").json()["paths"])
    assert page(client, "/docs").scripts == []


def test_ontology_as_a_page_and_as_turtle(client: TestClient) -> None:
    found = page(client, "/ontology")
    assert {"Council", "provider", "service-payroll"} <= found.anchors
    turtle = client.get("/ontology", headers={"Accept": "text/turtle"})
    assert turtle.headers["content-type"] == "text/turtle; charset=utf-8"
    subjects = {str(quad.subject) for quad in parse(turtle.content, RdfFormat.TURTLE)}
    assert {f"<{CG.Council}>", f"<{CG.provider}>", "<https://w3id.org/civicgraph/services#payroll>"} <= subjects


def test_every_page_has_a_title_a_language_and_one_heading(client: TestClient) -> None:
    for path in (
        *("/", "/docs", "/ontology", "/sparql", "/search", "/search?q=alfa", "/search?q=zzzz", "/markets", "/network"),
        *("/map", "/doubtful", "/contradictions", "/data", "/service/payroll", "/id/organisation/alpha"),
        *("/network?node=organisation/alpha", "/ties?buyer=organisation/ashby-council&supplier=organisation/alpha"),
        *("/id/person/ann-poe", "/id/place/ashby", "/markets?basis=value", "/what-if"),
        *("/what-if?fails=alpha", "/what-if?a=alpha&b=ashby-council"),
    ):
        response = client.get(path, headers=HTML)
        assert response.status_code == 200, path
        tree = etree.HTML(response.text)
        assert (tree.get("lang"), len(tree.findall(".//h1")), len(tree.findall(".//main"))) == ("en-GB", 1, 1)
        assert tree.xpath("string(//title)").strip()
        anchors = [element.get("id") for element in tree.iter() if element.get("id")]
        assert len(set(anchors)) == len(anchors), path


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *(("GET", "/"), ("GET", "/style.css"), ("GET", "/id/organisation/alpha"), ("GET", "/openapi.json")),
        *(("GET", "/sparql?query=ASK{}"), ("GET", "/tables/dependencies.csv"), ("HEAD", "/exports/network.gexf")),
        *(("GET", "/nowhere"), ("GET", "/sparql?query=bad"), ("PUT", "/sparql"), ("DELETE", "/"), ("OPTIONS", "/")),
        *(("GET", "/id/organisation/%3Cscript%3E"), ("GET", "/concentration.json?by=x"), ("POST", "/sparql")),
    ],
)
def test_security_headers_are_on_every_response(client: TestClient, method: str, path: str) -> None:
    headers = client.request(method, path).headers
    policy = {part.split()[0]: part.split()[1:] for part in headers["content-security-policy"].split(";")}
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == ["'none'"]
    assert policy["style-src"] == policy["form-action"] == ["'self'"]
    assert policy["script-src"] == policy["connect-src"] == ["'self'"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/docs", "/ontology", "/style.css", "/health", "/openapi.json", "/tables", "/tables/dependencies.json"),
        *("/tables/dependencies.csv", "/concentration.csv?by=buyer", "/exports/network.gexf", "/id/organisation/alpha"),
        *("/exports/network/edges.csv", "/sparql?query=ASK%7B%7D"),
    ],
)
def test_head_is_answered_as_get_without_the_body(client: TestClient, path: str) -> None:
    # The first answer may be streamed, without a length; the next comes whole from the cache.
    client.get(path)
    got, head = client.get(path, headers=HTML | {"Accept": "*/*"}), client.head(path)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-type", "etag", "vary"):
        assert head.headers.get(name) == got.headers.get(name)
    # What is streamed has no length that is known beforehand; where both say one, it is the same.
    lengths = {each.headers["content-length"] for each in (got, head) if "content-length" in each.headers}
    assert len(lengths) <= 1


def test_head_of_what_is_not_there(client: TestClient) -> None:
    for path, status in (("/nowhere", 404), ("/id/organisation/nobody", 404), ("/sparql?query=", 400)):
        head = client.head(path)
        assert (head.status_code, head.content, head.headers["content-type"]) == (
            status,
            b"",
            "application/problem+json",
        )
