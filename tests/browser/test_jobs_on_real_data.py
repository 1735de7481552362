"""The same jobs on real data where it is at hand: a month of what two councils paid, and the articles of the seeds."""

import csv
import io
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

import pytest
from playwright.sync_api import Page, expect
from python_calamine import CalamineWorkbook

from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.seeds_loader.load_records import load_spend
from tests.browser.conftest import ARTICLES, SHARED, served
from tests.browser.test_jobs import downloaded

MONTH: Final = [SHARED / f"data/council_spend/{council}__2019-12.csv" for council in ("leeds", "calderdale")]
PAID: Final = {"Leeds": Decimal("80656215.06"), "Calderdale": Decimal("9739277.33")}
"""What of each file counts: all rows but those that are guarded, and one of £1,345 to what turns out a public body."""

pytestmark = pytest.mark.skipif(
    not all(path.exists() for path in MONTH), reason="the payments of Leeds and Calderdale are not beside the checkout"
)


@pytest.fixture(scope="module")
def councils(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the month; give the address."""
    folder = tmp_path_factory.mktemp("councils") / "data"
    load_spend(DataFolder(folder), MONTH)
    with served(folder) as at:
        yield at


def pounds(text: str) -> Decimal:
    return Decimal(text.replace("£", "").replace(",", ""))


def test_officer_takes_the_it_suppliers_of_leeds_to_a_workbook(page: Page, councils: str) -> None:
    page.goto(councils)
    page.get_by_role("link", name="Leeds", exact=True).first.click()
    # IT stands first; what is not known to be IT is one click away, and is most of it.
    expect(page.locator(".views strong")).to_have_text("IT and back office")
    lines = page.locator(".listing tbody tr")
    expect(lines.first).to_be_visible()
    assert all(lines.nth(at).locator("td").nth(1).inner_text() != "–" for at in range(lines.count()))
    page.locator(".listing thead").get_by_role("link", name="Paid", exact=True).click()
    expect(page.locator(".listing [aria-sort=descending]")).to_contain_text("Paid")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(downloaded(page, "XLSX"))).get_sheet_by_index(0).to_python()
    head, *cells = rows
    paid = [float(str(row[head.index("paid")] or 0)) for row in cells]
    assert paid == sorted(paid, reverse=True)
    assert all(row[head.index("services")] for row in cells)
    total = pounds(page.locator(".listing tfoot td.number strong").first.inner_text())
    assert abs(Decimal(str(round(sum(paid), 2))) - total) < 1
    page.get_by_role("link", name="All", exact=True).click()
    expect(page.locator(".listing tfoot")).to_contain_text(f"£{PAID['Leeds']:,.0f}")


def test_analyst_puts_leeds_beside_calderdale_and_cites_it_with_its_method(page: Page, councils: str) -> None:
    page.goto(f"{councils}/compare")
    page.locator("main").get_by_label("Body", exact=True).fill("leeds")
    page.get_by_label("Other body").fill("calderdale")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Leeds beside Calderdale")
    paid = f"Paid £{PAID['Leeds']:,.0f} £{PAID['Calderdale']:,.0f}"
    expect(page.get_by_role("row", name=paid)).to_be_visible()
    page.get_by_text("Cite, share or embed this page").click()
    cited = page.locator("#cite").get_by_role("link", name="at an address of that version").get_attribute("href") or ""
    page.get_by_role("link", name="HHI by what was paid").click()
    expect(page.locator("#hhi-spread")).to_be_in_viewport()
    page.goto(cited)
    expect(page.get_by_role("heading", level=1)).to_have_text("Leeds beside Calderdale")


@pytest.mark.skipif(not ARTICLES.is_dir(), reason="the seed articles are not beside the checkout")
def test_journalist_goes_from_a_supplier_to_its_sentence_and_shares_it(page: Page, address: str) -> None:
    page.goto(f"{address}/id/organisation/east-kent-services")
    page.get_by_role("link", name="evidence for Canterbury City Council").first.click()
    expect(page.locator("mark").first).to_be_visible()
    page.locator("article.tie p.where:has(+ blockquote) a").first.click()
    sentence = page.get_by_role("heading", level=1).inner_text()
    assert "http" not in sentence
    page.get_by_text("Cite, share or embed this page").click()
    shared = page.locator("#cite").get_by_role("link", name="at an address of that version").get_attribute("href") or ""
    page.get_by_role("link", name="See it as it is embedded").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(sentence)
    expect(page.locator("mark")).to_be_visible()
    page.goto(shared)
    expect(page.get_by_role("heading", level=1)).to_have_text(sentence)


def test_dashboard_gets_the_payments_of_both_councils(page: Page, councils: str) -> None:
    page.goto(f"{councils}/tables/payments")
    page.locator(".facets").get_by_role("link", name="Calderdale", exact=True).click()
    page.locator("input[name=buyer]").nth(1).fill("LEEDS")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("main")).to_contain_text(f"counted adds up to £{sum(PAID.values()):,.0f}")
    rows = list(csv.DictReader(io.StringIO(downloaded(page, "CSV").decode())))
    assert {row["buyer"] for row in rows} <= set(PAID)


def test_network_of_one_service_opens_with_labels(page: Page, councils: str) -> None:
    page.goto(f"{councils}/network?node=organisation/leeds&limit=400")
    expect(page.locator("#network[data-ready]")).to_be_visible()
    page.locator("select[name=service]").select_option(label="Software licences")
    expect(page.locator(".status")).not_to_contain_text("401 nodes")
    with page.expect_download() as downloading:
        page.get_by_role("button", name="GEXF").click()
    nodes = [node for node in ET.fromstring(downloading.value.path().read_text()).iter() if node.tag.endswith("}node")]  # noqa: S314 - our own file
    assert len(nodes) > 1
    assert all(node.get("label") for node in nodes)
