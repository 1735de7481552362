"""Pages as tests read them."""

from fastapi.testclient import TestClient
from lxml import etree

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def main_of(client: TestClient, path: str, status: int = 200) -> etree._Element:
    """Return what stands in the middle of a page, as a browser gets it."""
    response = client.get(path, headers={"Accept": BROWSER})
    assert (response.status_code, response.headers["content-type"]) == (status, "text/html; charset=utf-8")
    (main,) = etree.HTML(response.text).xpath("//main")
    assert len(main.findall(".//h1")) == 1
    found: etree._Element = main
    return found
