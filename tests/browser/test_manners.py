"""Every kind of page: no violation that axe knows, at any width and in either light; nothing moves; data stays data."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import watched

ROOT = Path(__file__).parent.parent.parent
AXE = ROOT / "node_modules/axe-core/axe.min.js"
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

KINDS = {
    "home": "/",
    "search": "/search?q=council",
    "nothing found": "/search?q=zzzzzz",
    "buyer": "/id/organisation/ashby-council",
    "supplier": "/id/organisation/capita",
    "hostile": "/id/organisation/formula",
    "endless": "/id/organisation/endless",
    "event": "/id/event/ashby-turns-to-beta",
    "place": "/id/place/hilltop",
    "source": "/id/source/small",
    "service type": "/service/payroll",
    "ties": "/ties?buyer=organisation/ashby-council&supplier=organisation/alpha",
    "network": "/network?node=organisation/birmingham-city-council",
    "no network": "/network",
    "market": "/markets",
    "no market": "/markets?basis=value&service=payroll",
    "in a group": "/id/organisation/intelenet-global-services",
    "markets by group": "/markets?level=group",
    "failure": "/what-if?fails=east-kent-services",
    "merger": "/what-if?a=capita&b=east-kent-services",
    "what if": "/what-if",
    "map": "/map",
    "tables": "/tables",
    "table": "/tables/dependencies?_sort=-counted",
    "two bodies": "/compare?a=organisation/ashby-council&b=organisation/birmingham-city-council",
    "doubtful": "/doubtful",
    "contradictions": "/contradictions",
    "data": "/data",
    "query": "/sparql",
    "ontology": "/ontology",
    "docs": "/docs",
    "method": "/method",
    "embedded market": "/embed/market?basis=services",
    "embedded network": "/embed/network?node=organisation/ashby-council",
}
REFUSED = {
    "nothing": "/nowhere",
    "misspelt": "/markets?basis=services&service=payrol",
    "bad query": "/sparql?query=SELEC",
}
"""What a browser notes in its console as refused."""


def violations(page: Page) -> list[str]:
    """Return what axe finds wrong with a page."""
    found: dict[str, Any] = page.evaluate(
        "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})", STANDARDS
    )
    return [
        f"{violation['id']}: {node['html'][:160]} ({node['failureSummary'][:200]})"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_no_page_has_a_violation(browser: Browser, address: str, width: int, scheme: str) -> None:
    context = browser.new_context(
        locale="en-GB", viewport={"width": width, "height": 800}, color_scheme="dark" if scheme == "dark" else "light"
    )
    page = context.new_page()
    faults = watched(page)
    # Axe is put in by the browser's own door, which the pages' policy does not shut.
    page.add_init_script(path=AXE)
    found: dict[str, list[str]] = {}
    for kind, path in {**KINDS, **REFUSED}.items():
        page.goto(address + path)
        for details in page.locator("details.cite, details.worked").all():
            details.evaluate("element => { element.open = true; }")
        if path.startswith("/network?node="):
            expect(page.locator("#network[data-ready]")).to_be_visible()
        found[kind] = violations(page)
        too_wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert too_wide <= 0, f"{kind} is {too_wide} pixels too wide at {width}"
    context.close()
    assert {kind: each for kind, each in found.items() if each} == {}
    assert [fault for fault in faults if "Failed to load resource" not in fault] == []
    assert len(faults) == len(REFUSED)


def test_nothing_moves_while_a_page_loads(page: Page, address: str) -> None:
    page.add_init_script(
        "window.moved = 0; new PerformanceObserver(list => { for (const entry of list.getEntries()) "
        "if (!entry.hadRecentInput) window.moved += entry.value; }).observe({type: 'layout-shift', buffered: true});"
    )
    for path, drawn in (("/markets", "#lorenz svg"), ("/network?node=organisation/capita", "#network[data-ready]")):
        page.goto(address + path)
        expect(page.locator(drawn)).to_be_visible()
        assert page.evaluate("window.moved") < 0.1, path


def test_pages_say_all_without_scripts(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(f"{address}/search?q=ashby")
    page.get_by_role("link", name="Ashby Council").first.click()
    page.get_by_role("link", name="See its network").click()
    expect(page.locator("#network")).to_be_hidden()
    page.locator("#edges").get_by_role("link", name="1 service").first.click()
    expect(page.locator("mark").first).to_have_text("Ashby Council pays £5m a year to Alpha Ltd")
    context.close()


def test_first_view_is_small(page: Page, address: str) -> None:
    sizes: list[int] = []
    page.on("requestfinished", lambda request: sizes.append(request.sizes()["responseBodySize"]))
    page.goto(f"{address}/", wait_until="networkidle")
    assert len(sizes) >= 3
    assert sum(sizes) < 500_000


def test_names_that_try_to_be_something_else_are_shown_inert(page: Page, address: str) -> None:
    page.goto(f"{address}/network?node=organisation/formula")
    expect(page.locator("#network[data-ready]")).to_be_visible()
    expect(page.locator("#edges")).to_contain_text("<script>alert(1)</script>")
    page.locator("#edges").get_by_role("link", name="1 service").first.click()
    expect(page.locator(".detail h2").first).to_be_visible()
    assert page.locator(".detail script, .detail img, .detail iframe, #edges script").count() == 0
    page.locator("#q").fill("script alert")
    expect(page.get_by_role("option").first).to_contain_text("<script>alert(1)</script>")
    for path in (
        "/id/organisation/evil",
        "/id/organisation/endless",
        "/search?q=endless",
        "/id/organisation/backwards",
    ):
        page.goto(address + path)
        assert page.locator("a[href^='javascript:' i], [onclick], main script").count() == 0


def test_shared_query_is_asked_and_shown(page: Page, address: str) -> None:
    page.goto(f"{address}/sparql")
    page.get_by_text("Which suppliers serve most customers?").click()
    page.get_by_role("button", name="Ask this").click()
    expect(page.locator("#query-status")).to_contain_text("rows")
    expect(page.locator("#outcome svg")).to_be_visible()
    shared = page.url
    assert "#query=SELECT" in shared
    other = page.context.new_page()
    other.goto(shared)
    expect(other.locator("#outcome table")).to_contain_text("East Kent Services")
    with other.expect_download() as downloading:
        other.get_by_role("button", name="Download CSV").click()
    assert downloading.value.path().read_text(encoding="utf-8").startswith("supplier,customers")


def test_stored_query_is_filled_in_and_asked(page: Page, address: str) -> None:
    page.goto(f"{address}/sparql")
    page.locator("summary").filter(has_text="Suppliers of a body").click()
    form = page.locator("details[open] form[data-stored]")
    form.get_by_role("textbox").fill("organisation/ashby-council")
    form.get_by_role("button", name="Ask this").click()
    expect(page.locator("#query-status")).to_contain_text("2 rows")
    expect(page.locator("#outcome table")).to_contain_text("Alpha Limited")
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.locator("#query-status")).to_contain_text("2 rows")
    # What stands in a field is a value and never a part of the query.
    form.get_by_role("textbox").fill("organisation/x> } . ?s ?p ?o {<http://x")
    form.get_by_role("button", name="Ask this").click()
    expect(page.locator("#query-status")).to_contain_text("0 rows")


def test_map_shows_places_and_the_regions_they_lie_in(page: Page, address: str) -> None:
    page.goto(f"{address}/map")
    expect(page.locator("#map svg a")).to_have_count(3)
    page.locator("#map-form [name=layer]").select_option("regions")
    expect(page.locator("#map svg text").filter(has_text="Uplands")).to_be_visible()
    row = page.locator("#regions tbody tr")
    expect(row).to_contain_text("Uplands")
    row.get_by_role("link", name="Uplands", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Uplands")


def test_grown_network_is_laid_out_beside_the_page(page: Page, address: str) -> None:
    page.goto(f"{address}/network?node=organisation/ashby-council")
    expect(page.locator("#network[data-ready]")).to_be_visible()
    with page.expect_worker():
        page.get_by_role("button", name="Grow the network from Alpha Limited").first.click()
    expect(page.locator("#network[data-laying-out]")).to_have_count(0)
    expect(page.locator("#network .status")).to_contain_text("nodes")


def test_network_grows_filters_and_is_taken_away(page: Page, address: str) -> None:
    page.goto(f"{address}/network?node=organisation/ashby-council")
    expect(page.locator("#network[data-ready]")).to_be_visible()
    status = page.locator("#network .status")
    expect(status).to_contain_text("4 nodes")
    page.get_by_label("rumoured", exact=True).uncheck()
    expect(status).to_contain_text("3 nodes")
    page.get_by_label("planned", exact=True).uncheck()
    expect(status).to_contain_text("2 nodes")
    page.get_by_label("rumoured", exact=True).check()
    page.get_by_role("button", name="Grow the network from Alpha Limited").first.click()
    expect(page.locator(".detail h2")).to_have_text("Alpha Limited")
    expect(page.get_by_role("button", name="Grow the network from Alpha Limited")).to_have_count(0)
    for name, begins in (("SVG", "<svg"), ("GEXF", "<?xml"), ("CSV", "buyer,supplier"), ("PNG", "\x89PNG")):
        with page.expect_download() as downloading:
            page.get_by_role("button", name=name, exact=True).click()
        content = downloading.value.path().read_bytes()
        assert content.decode("latin-1").startswith(begins), name
    assert json.dumps(page.get_by_role("link", name="Gephi Lite").get_attribute("href")).count("network.gexf") == 1
