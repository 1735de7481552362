"""Names and addresses that try to be something else are shown as what they are: text."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from subprocess import CompletedProcess
from urllib.parse import unquote

import pytest
from fastapi.testclient import TestClient
from lxml import etree

from civicgraph.api.app import create_app
from civicgraph.api.settings import Settings
from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.seeds_loader.load import load_claims, load_rdf

BASE = "https://w3id.org/civicgraph/id/"
KNOWN_TAGS = {
    *(
        "a",
        "abbr",
        "base",
        "bdi",
        "blockquote",
        "body",
        "button",
        "caption",
        "cite",
        "pre",
        "code",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "em",
    ),
    *("figcaption", "figure", "footer", "form", "h1", "h2", "h3", "head", "header", "html", "input", "label", "li"),
    *("link", "main", "mark", "meta", "nav", "ol", "option", "p", "section", "select", "small", "span", "strong"),
    *("summary", "table", "tbody", "td", "textarea", "th", "thead", "time", "title", "tr", "ul"),
    *("article", "aside", "br", "fieldset", "datalist", "legend", "noscript", "output", "path", "rect", "svg"),
}
KNOWN_ATTRIBUTES = {
    *(
        "action",
        "aria-current",
        "aria-describedby",
        "aria-label",
        "aria-labelledby",
        "charset",
        "class",
        "colspan",
        "content",
        "open",
    ),
    *("datetime", "dir", "for", "href", "id", "lang", "method", "name", "placeholder", "rel", "rows", "scope", "title"),
    *(
        "spellcheck",
        "type",
        "value",
        "property",
        "role",
        "tabindex",
        "autocomplete",
        "maxlength",
        "start",
        "data-label",
    ),
    *("viewbox", "preserveaspectratio", "aria-hidden", "focusable", "width", "height", "target"),
}
PATHS = [
    *("/", "/id/organisation/script", "/id/organisation/formula", "/id/organisation/backwards", "/id/service/one"),
    *("/id/service/two", "/id/service/three", "/id/source/hostile", "/id/organisation/evil", "/id/organisation/long"),
    "/id/document/0000000000000000",
]


class Elements(HTMLParser):
    """The tags, attributes and addresses of a page, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.addresses: set[str] = set()
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if (
            tag == "script"
            and dict(attrs).keys() == {"type", "src"}
            and (dict(attrs)["src"] or "").startswith("/built/")
        ):
            return  # ours, by an address that no data can have written
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.addresses |= {value or "" for name, value in attrs if name in ("href", "src", "action")}

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def hostile_data(files: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("hostile") / "data"
    load_claims(DataFolder(data), [files / "hostile.yaml"])
    load_rdf(DataFolder(data), [files / "addresses.ttl"])
    return data


@pytest.fixture(scope="module")
def hostile(hostile_data: Path) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(hostile_data, workers=1))) as running:
        yield running


@pytest.mark.parametrize("path", PATHS)
def test_pages_hold_no_markup_but_their_own(hostile: TestClient, path: str) -> None:
    response = hostile.get(path, headers={"Accept": "text/html"})
    assert response.status_code == 200
    found = Elements(response.text)
    assert found.tags <= KNOWN_TAGS
    assert found.attributes <= KNOWN_ATTRIBUTES
    assert all(address.startswith(("/", "#", "https://", "http://")) for address in found.addresses)


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("organisation/script", "<script>alert(1)</script>"),
        ("organisation/formula", '=HYPERLINK("http://example.org","open")'),
        ("organisation/backwards", "\u202eevil \u2066name"),
        ("service/one", "<img src=x onerror=alert(1)>"),
        ("service/two", "</title><svg onload=alert(1)>"),
        ("organisation/evil", 'Evil & Sons "Ltd"'),
        ("document/0000000000000000", "<script>alert('document')</script>"),
    ],
)
def test_names_are_shown_as_they_are(hostile: TestClient, path: str, label: str) -> None:
    tree = etree.HTML(hostile.get(f"/id/{path}", headers={"Accept": "text/html"}).text)
    # In an element of its own, so that text which runs backwards turns nothing else around.
    assert tree.findtext(".//h1/bdi") == label
    assert tree.findtext(".//title") == f"{label} · civicgraph"


def test_templates_in_names_are_not_run(hostile: TestClient) -> None:
    assert "{{ 7 * 7 }} {% include x %}" in Elements(hostile.get("/id/organisation/long").text).text


def test_addresses_that_run_something_are_no_links(hostile: TestClient) -> None:
    found = Elements(hostile.get("/id/organisation/evil").text)
    assert not [address for address in found.addresses if "alert" in address]
    assert "https://example.org/?a=1&b=%22onclick%22" in found.addresses


def test_odd_names_of_things_lead_to_them(hostile: TestClient) -> None:
    found = Elements(hostile.get("/id/organisation/evil").text)
    odd = sorted(address for address in found.addresses if address.startswith("/id/organisation/"))
    assert [unquote(address) for address in odd] == ["/id/organisation/größe", "/id/organisation/odd?name='x'#part"]
    labels = [etree.HTML(hostile.get(address).text).findtext(".//h1/bdi") for address in odd]
    assert labels == ["Größe", "Odd"]


def test_formulas_are_defused_in_every_csv(hostile: TestClient) -> None:
    for path in ("/tables/dependencies.csv", "/concentration.csv?by=supplier", "/concentration.csv?by=buyer"):
        rows = list(csv.reader(io.StringIO(hostile.get(path).text, newline="")))
        cells = [cell for row in rows for cell in row]
        assert '\'=HYPERLINK("http://example.org","open")' in cells
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    names = {row["buyer"] for row in hostile.get("/tables/dependencies.json").json()}
    assert names == {'=HYPERLINK("http://example.org","open")'}


def test_command_line_prints_names_as_they_are(run: Callable[..., CompletedProcess[str]], hostile_data: Path) -> None:
    shown = run("concentration", "--by", "supplier", "--format", "csv", "--data", hostile_data)
    assert "'------------------------" in shown.stdout
    table = run("query", "SELECT ?l { ?s cg:provides ?o . ?s rdfs:label ?l }", "--data", hostile_data).stdout
    assert "<script>alert(1)</script>" in table
    assert "[red]markup[/red]" in " ".join(table.split())
    listed = json.loads(run("sources", "--json", "--data", hostile_data).stdout)
    assert listed[1]["label"] == "Claims of <script>alert('document')</script>"


def test_exports_of_hostile_names_can_be_read(hostile: TestClient) -> None:
    tree = etree.fromstring(hostile.get("/exports/network.gexf").content)
    assert "<script>alert(1)</script>" in {node.get("label") for node in tree.iter("{*}node")}
    etree.fromstring(hostile.get("/exports/network.graphml").content)


def test_what_a_request_says_is_not_echoed_as_markup(hostile: TestClient) -> None:
    for path in ("/id/organisation/%3Cscript%3E", "/tables/%3Cscript%3E.json", "/sparql?query=%3Cscript%3E"):
        response = hostile.get(path, headers={"Accept": "text/html"})
        assert response.status_code >= 400
        assert response.headers["content-type"] == "text/html; charset=utf-8"
        assert "<script>" not in response.text
        assert response.headers["x-content-type-options"] == "nosniff"
