"""/id: what is known of a thing, as a page and as RDF; what is planned or rumoured is never told as a fact."""

import shutil
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from fastapi.testclient import TestClient
from lxml import etree
from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from civicgraph.api.app import create_app
from civicgraph.api.settings import Settings
from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.ontology.terms import CG

BASE = "https://w3id.org/civicgraph/id/"
SUBJECT = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#subject")


def section(page: str, view: str) -> str:
    """Return the words of a page's part about one view."""
    found = etree.HTML(page).find(f".//section[@class='view {view}']")
    return "" if found is None else " ".join(" ".join(found.itertext()).split())


def triples(content: bytes, syntax: RdfFormat) -> set[Triple]:
    return {quad.triple for quad in parse(content, syntax)}


def claim_path(client: TestClient, subject: str, predicate: str) -> str:
    query = f"SELECT ?c {{ GRAPH cg:claims {{ ?c rdf:subject <{BASE}{subject}> ; rdf:predicate cg:{predicate} }} }}"
    (row,) = client.get("/sparql", params={"query": query}).json()["results"]["bindings"]
    return "/id/" + str(row["c"]["value"]).removeprefix(BASE)


def test_page_of_an_organisation(client: TestClient) -> None:
    response = client.get("/id/organisation/alpha")
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    tree = etree.HTML(response.text)
    assert tree.findtext(".//h1/bdi") == "Alpha Limited"
    assert "Alpha Ltd" in tree.xpath("string(//*[@class='lead'])")
    established = section(response.text, "established")
    assert "provides Payroll of Ashby Council by Alpha" in established
    assert section(response.text, "plans") == section(response.text, "rumours") == ""


def test_plans_and_rumours_are_shown_apart(client: TestClient) -> None:
    page = client.get("/id/organisation/ashby-council").text
    established, plans, rumours = (section(page, view) for view in ("established", "plans", "rumours"))
    assert plans.startswith("Planned: not established")
    assert rumours.startswith("Rumoured: not established")
    for name, shown_in in (("Alpha", established), ("Beta", plans), ("Gamma", rumours)):
        assert [name in each for each in (established, plans, rumours)] == [
            each is shown_in for each in (established, plans, rumours)
        ]


@pytest.mark.parametrize(
    "accept",
    [
        *("text/turtle", "application/ld+json", "application/rdf+xml", "application/n-triples"),
        "text/turtle;q=0.9, text/html;q=0.1",
    ],
)
def test_thing_as_rdf(client: TestClient, accept: str) -> None:
    response = client.get("/id/organisation/alpha", headers={"Accept": accept})
    syntax = RdfFormat.from_media_type(accept.partition(";")[0])
    assert syntax is not None
    assert response.headers["content-type"] == f"{syntax.media_type}; charset=utf-8"
    assert "Accept" in response.headers["vary"]
    found = triples(response.content, syntax)
    alpha = NamedNode(f"{BASE}organisation/alpha")
    provided = Triple(alpha, NamedNode(CG.provides), NamedNode(f"{BASE}service/ashby-payroll"))
    assert provided in found
    assert not [triple for triple in found if "_:" in str(triple)]


def test_rdf_is_the_same_each_time(client: TestClient) -> None:
    one, two = (client.get("/id/organisation/alpha", headers={"Accept": "text/turtle"}).content for _ in range(2))
    assert one == two


@pytest.mark.parametrize("accept", ["text/turtle", "application/ld+json"])
def test_rdf_of_a_thing_holds_no_bare_planned_or_rumoured_triple(
    client: TestClient, small_data: Path, accept: str
) -> None:
    with DataFolder(small_data).open() as snapshot:
        store = snapshot.engine.store
        established = {quad.triple for quad in store.quads_for_pattern(None, None, None, NamedNode(CG.established))}
        doubtful = {
            quad.triple
            for view in (CG.plans, CG.rumours)
            for quad in store.quads_for_pattern(None, None, None, NamedNode(view))
        } - established
    things = {triple.subject for triple in doubtful} | {triple.object for triple in doubtful}
    keys = sorted(str(thing)[1:-1].removeprefix(BASE) for thing in things if str(thing).startswith(f"<{BASE}"))
    assert len(keys) > 5
    for key in keys:
        response = client.get(f"/id/{key}", headers={"Accept": accept})
        assert response.status_code == 200
        found = triples(response.content, RdfFormat.TURTLE if accept == "text/turtle" else RdfFormat.JSON_LD)
        assert found & doubtful == set(), key
    # Nothing is hidden either: the plan is there as the claim that it is.
    content = client.get("/id/event/ashby-turns-to-beta", headers={"Accept": "text/turtle"}).content
    planned = NamedNode(f"{BASE}event/ashby-turns-to-beta")
    found = triples(content, RdfFormat.TURTLE)
    assert len([triple for triple in found if (triple.predicate, triple.object) == (SUBJECT, planned)]) == 3


def test_claim_shows_the_words_it_rests_on(client: TestClient) -> None:
    path = claim_path(client, "service/ashby-payroll", "provider")
    tree = etree.HTML(client.get(path).text)
    assert tree.xpath("string(//blockquote/mark)") == "Ashby Council pays £5m a year to Alpha Ltd"
    assert tree.xpath("string(//blockquote)").startswith("…Ashby Council pays £5m a year to Alpha Ltd for payroll. ")
    found = triples(client.get(path, headers={"Accept": "text/turtle"}).content, RdfFormat.TURTLE)
    claim = NamedNode(BASE + path.removeprefix("/id/"))
    assert Triple(claim, SUBJECT, NamedNode(f"{BASE}service/ashby-payroll")) in found
    for part in ("evidence", "selector"):
        assert client.get(f"{path}/{part}").status_code == 200
        assert any(triple.subject == NamedNode(f"{claim.value}/{part}") for triple in found)


def test_claims_stand_on_the_pages_of_what_they_are_about(client: TestClient) -> None:
    tree = etree.HTML(client.get("/id/organisation/beta").text)
    claims = [" ".join(" ".join(item.itertext()).split()) for item in tree.findall(".//ol[@class='claims']/li")]
    assert len(claims) == 2
    assert all("plan" in claim and "among the plans" in claim for claim in claims)
    assert all("It plans to turn to Beta Ltd" in claim for claim in claims)
    said = client.get("/id/person/ann-poe").text
    assert said.count("said by") == 3


def test_claim_says_where_the_words_are_when_the_document_is_not_at_hand(data: Path) -> None:
    (data / "documents.json").unlink()
    with TestClient(create_app(Settings(data, workers=1))) as client:
        tree = etree.HTML(client.get(claim_path(client, "service/ashby-payroll", "provider")).text)
        assert tree.find(".//blockquote") is None
        where = " ".join(tree.xpath("//section[@class='evidence']//p[@class='where']//text()"))
        assert "The document is not at hand. The words stand at characters 0 to 42" in where
        assert "civicgraph documents DIR" in where


def test_words_are_shown_once_the_article_is_at_hand_and_no_longer_when_it_changes(
    run: Callable[..., CompletedProcess[str]], data: Path, files: Path, tmp_path: Path
) -> None:
    (data / "documents.json").unlink()
    (tmp_path / "articles").mkdir()
    article = shutil.copy(files / "article.txt", tmp_path / "articles")
    with TestClient(create_app(Settings(data, workers=1))) as client:
        path = claim_path(client, "service/ashby-payroll", "provider")
        assert "<mark>" not in client.get(path).text
        run("documents", tmp_path / "articles", "--data", data)
        assert "<mark>Ashby Council pays" in client.get(path).text
        Path(article).write_text("something else")
        assert "<mark>" not in client.get(path).text


def test_correction_is_shown_with_the_words_it_is_about(client: TestClient) -> None:
    query = "SELECT ?c { GRAPH cg:claims { ?c a cg:Correction } }"
    (row,) = client.get("/sparql", params={"query": query}).json()["results"]["bindings"]
    page = client.get("/id/" + row["c"]["value"].removeprefix(BASE)).text
    assert "It has been Alpha plc since 2015." in page
    assert "<mark>Alpha Ltd</mark>" in page


@pytest.mark.parametrize(
    "path",
    [
        *("organisation/nobody", "nothing/alpha", "organisation/Alpha", "organisation/..", "organisation/%2e%2e"),
        *("organisation/%3Cscript%3Ealert(1)%3C/script%3E", "organisation/a%20b", "organisation/a%00b"),
        *("organisation/%ff%fe", "organisation/%7B%7B7*7%7D%7D", "organisation/a%22b", "organisation/a%5Cb"),
        *("organisation/a%2Fb%2Fc", "organisation/" + "a" * 10_000, "organisation/%F0%9F%98%80", "organisation/%25"),
        *("organisation/a%23b", "organisation/a%3Fb", "..%2f..%2fetc%2fpasswd", "organisation/%ED%A0%80"),
    ],
)
@pytest.mark.parametrize("accept", ["text/html", "text/turtle"])
def test_unknown_and_impossible_things(client: TestClient, path: str, accept: str) -> None:
    response = client.get(f"/id/{path}", headers={"Accept": accept})
    assert response.status_code == 404
    as_page = accept == "text/html"
    assert response.headers["content-type"] == ("text/html; charset=utf-8" if as_page else "application/problem+json")
    assert len(response.content) < (6000 if as_page else 1000)


def test_formats_that_are_not_on_offer(client: TestClient) -> None:
    response = client.get("/id/organisation/alpha", headers={"Accept": "image/png"})
    assert response.status_code == 406
    assert response.json()["detail"] == (
        "things are given as text/html, text/turtle, application/ld+json, application/rdf+xml, application/n-triples"
    )
