"""A page can be cited as it is in one version, previewed by its description, and shown in a page of another."""

import pytest
from fastapi.testclient import TestClient
from lxml import etree

from civicgraph.api.server.common_headers import FRAMED
from tests.api.read_pages import main_of

HTML = {"Accept": "text/html"}
CLAIM = "//article//a[@class='open']/@href"


@pytest.fixture(scope="module")
def claim(seeds: TestClient) -> str:
    return str(etree.HTML(seeds.get("/contradictions", headers=HTML).text).xpath(CLAIM)[0])


def test_the_address_of_a_version_gives_the_same_page(seeds: TestClient, claim: str) -> None:
    now = seeds.get(claim, headers=HTML)
    (cite,) = etree.HTML(now.text).xpath("//details[@id='cite']")
    address = cite.xpath(".//a/@href")[0]
    version = seeds.get("/health").json()["version"]
    assert address == f"http://testserver/at/{version}{claim}"
    assert seeds.get(address, headers=HTML).text == now.text
    assert seeds.get(address, headers=HTML, follow_redirects=False).headers["location"] == claim
    assert f"url = {{{address}}}" in "".join(cite.itertext())


def test_a_version_that_is_gone_says_so_and_leads_to_what_there_is(seeds: TestClient) -> None:
    gone = seeds.get("/at/0123456789abcdef/markets?basis=services")
    assert gone.json()["nearest"] == [{"name": "The same page as it is now", "address": "/markets?basis=services"}]
    main = main_of(seeds, "/at/0123456789abcdef/markets?basis=services", 410)
    assert main.findtext("h1") == "That version is not kept any more"
    assert main.xpath("ul/li/a/@href") == ["/markets?basis=services"]


def test_no_link_leads_to_another_server(seeds: TestClient) -> None:
    near = seeds.get("/at/0123456789abcdef//evil.example/x").json()["nearest"]
    assert [one["address"] for one in near] == ["/evil.example/x"]
    form = main_of(seeds, "/at/0123456789abcdef//evil.example/x?q=1", 410).findall("form")[0]
    assert str(form.get("action")).startswith("/at/0123456789abcdef/")
    version = seeds.get("/health").json()["version"]
    assert seeds.get(f"/at/{version}" * 400).status_code == 410


@pytest.mark.parametrize("path", ["/at/", "/at/x", "/at/%00/", "/at//x"])
def test_an_address_of_no_version_is_refused(seeds: TestClient, path: str) -> None:
    assert seeds.get(path, headers=HTML).status_code == 410


def test_a_page_describes_itself_for_previews(seeds: TestClient) -> None:
    metas = etree.HTML(seeds.get("/id/organisation/capita", headers=HTML).text).xpath("//head/meta")
    said = {one.get("property") or one.get("name"): one.get("content") for one in metas}
    assert said["og:title"] == "Capita · civicgraph"
    assert said["og:url"] == "http://testserver/id/organisation/capita"
    assert said["description"].startswith("Capita: company.")


@pytest.mark.parametrize("path", ["/markets", "/markets?basis=services", "/id/organisation/capita"])
def test_a_preview_has_the_picture_of_its_figures(seeds: TestClient, path: str) -> None:
    tree = etree.HTML(seeds.get(path, headers=HTML).text)
    (picture,) = tree.xpath("//meta[@property='og:image']/@content")
    assert seeds.get(picture.removeprefix("http://testserver")).headers["content-type"] == "image/png"
    assert etree.HTML(seeds.get("/data", headers=HTML).text).xpath("//meta[@property='og:image']") == []


@pytest.mark.parametrize("path", ["/embed/market?basis=services", "/embed/network?node=organisation/capita", "claim"])
def test_what_is_embedded_may_be_framed_and_leads_to_its_page(seeds: TestClient, claim: str, path: str) -> None:
    response = seeds.get(claim.replace("/id/", "/embed/") if path == "claim" else path, headers=HTML)
    assert response.status_code == 200
    assert response.headers["content-security-policy"] == FRAMED["Content-Security-Policy"]
    tree = etree.HTML(response.text)
    assert tree.findall(".//script") == []
    (page,) = set(tree.xpath("//h1/a/@href | //a[text()='Open the page']/@href"))
    own = seeds.get(page, headers=HTML)
    assert own.status_code == 200
    assert "frame-ancestors 'none'" in own.headers["content-security-policy"]
    for picture in tree.xpath("//img/@src"):
        assert seeds.get(picture).headers["content-type"] == "image/svg+xml"


@pytest.mark.parametrize("path", ["/embed/claim/nothing", "/embed/network?node=organisation/nobody"])
def test_what_is_not_there_cannot_be_embedded(seeds: TestClient, path: str) -> None:
    assert seeds.get(path).status_code == 404
