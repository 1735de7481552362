"""From a supplier to a sentence, cited, shared, embedded; and a figure cited with its method: both by keyboard."""

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_paths import enter

SENTENCE = "Ashby Council pays £5m a year to Alpha Ltd"


@pytest.fixture
def elsewhere() -> Iterator[tuple[str, dict[str, str]]]:
    """Serve pages of somebody else by their paths; give the address, and where to put them."""
    pages: dict[str, str] = {}

    class Elsewhere(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = pages.get(self.path, "").encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", pages
        server.shutdown()


def to_the_claim(page: Page, address: str) -> str:
    """Go from a supplier to the claim that it serves a council; return the claim's heading."""
    page.goto(f"{address}/id/organisation/alpha")
    enter(page, page.get_by_role("link", name=re.compile("evidence for Ashby Council")).first)
    expect(page.locator("mark").filter(has_text=SENTENCE).first).to_be_visible()
    words = page.locator("article.tie").filter(has=page.locator("mark", has_text=SENTENCE)).first
    enter(page, words.locator("p.where a").nth(-2))
    expect(page.locator("h1")).not_to_contain_text("http")
    return page.locator("h1").inner_text()


def test_journalist_shares_and_embeds_the_sentence_behind_a_relation(
    page: Page, browser: Browser, address: str, elsewhere: tuple[str, dict[str, str]]
) -> None:
    heading = to_the_claim(page, address)
    expect(page.locator(".evidence mark").first).to_be_visible()
    enter(page, page.get_by_text("Cite, share or embed this page"))
    cite = page.locator("#cite")
    shared = cite.get_by_role("link", name="at an address of that version").get_attribute("href") or ""
    assert f"url = {{{shared}}}" in cite.inner_text()
    assert shared.startswith(f"{address}/at/")
    code = cite.get_by_role("region", name="Code to embed it").inner_text()

    # Whoever gets the link, without scripts, sees the same.
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    other = context.new_page()
    other.goto(shared)
    expect(other.locator("h1")).to_have_text(heading)
    expect(other.locator(".evidence mark").first).to_be_visible()
    context.close()

    there, pages = elsewhere
    pages["/story"] = f"<!doctype html><title>A story</title><h1>A story</h1>{code}"
    page.goto(f"{there}/story")
    framed = page.frame_locator("iframe")
    expect(framed.locator("h1")).to_have_text(heading)
    expect(framed.locator("mark").first).to_be_visible()
    with page.context.expect_page() as opening:
        framed.get_by_role("link", name="Open the page").click()
    expect(opening.value.locator("h1")).to_have_text(heading)


def test_only_what_is_made_for_it_can_be_framed(
    browser: Browser, address: str, elsewhere: tuple[str, dict[str, str]]
) -> None:
    there, pages = elsewhere
    pages["/story"] = f'<!doctype html><title>A story</title><iframe src="{address}/markets" title="x"></iframe>'
    page = browser.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{there}/story")
    page.wait_for_load_state("networkidle")
    assert any("frame-ancestors" in text for text in said), said
    page.close()


def test_network_and_market_are_embedded(page: Page, address: str, elsewhere: tuple[str, dict[str, str]]) -> None:
    there, pages = elsewhere
    for path, heading in (
        ("/embed/network?node=organisation/ashby-council", "Network of Ashby Council"),
        ("/embed/market?basis=services", "All services, by services"),
    ):
        pages["/story"] = f'<!doctype html><title>A story</title><iframe src="{address}{path}" title="x"></iframe>'
        page.goto(f"{there}/story")
        framed = page.frame_locator("iframe")
        expect(framed.locator("h1")).to_have_text(heading)
        expect(framed.locator("svg[role=img], img").first).to_be_visible()


def test_analyst_cites_a_figure_with_its_method(page: Page, address: str) -> None:
    page.goto(f"{address}/markets?basis=services")
    index = page.locator(".figures .main strong").inner_text()
    enter(page, page.get_by_text("How this was worked out"))
    worked = page.locator("details.worked")
    expect(worked).to_contain_text("the number of services")
    expect(worked).to_contain_text("Left out")
    page.goto(worked.get_by_role("link", name="this page of this version").get_attribute("href") or "")
    expect(page.locator(".figures .main strong")).to_have_text(index)
    enter(page, page.locator(".figures .main a.word"))
    expect(page.locator("h2#hhi")).to_be_in_viewport()
    expect(page.locator("section.measure").filter(has=page.locator("h2#hhi"))).to_contain_text("Merger Guidelines")


def test_a_mistake_is_mended_with_one_key(browser: Browser, address: str) -> None:
    page = browser.new_page()  # what is refused is noted in the console, as it should be
    page.goto(f"{address}/what-if?fails=alpha+limi")
    expect(page.locator("h1")).to_have_text("Nothing has that name")
    expect(page.locator("form.choose input[name=fails]")).to_have_value("alpha limi")
    enter(page, page.locator("main").get_by_role("link", name="Alpha Limited"))
    expect(page.locator("h1")).to_have_text("What if Alpha Limited fails?")
    page.close()
