"""Jobs that people come with, on made data: a council's IT suppliers, two councils, a dashboard's table, a network."""

import csv
import io
import xml.etree.ElementTree as ET
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from python_calamine import CalamineWorkbook

from tests.api.council import load_council
from tests.browser.conftest import served


@pytest.fixture(scope="module")
def council(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the made council; give the address."""
    with served(load_council(tmp_path_factory.mktemp("council")).path) as at:
        yield at


def downloaded(page: Page, name: str) -> bytes:
    """Return the file that a link of the page gives."""
    link = page.locator("main").get_by_role("link", name=name, exact=True).first
    with page.expect_download() as downloading:
        link.evaluate("link => { link.download = 'file'; link.click(); }")
    return downloading.value.path().read_bytes()


def test_officer_takes_the_it_suppliers_of_her_council_with_their_ends_to_a_workbook(page: Page, council: str) -> None:
    # 1. The council is among the largest bodies of the first page.
    page.goto(council)
    expect(page.locator("main")).to_contain_text("7 payments of £5,451.50")
    page.get_by_role("link", name="Testford Council").click()
    # 2. IT stands first: what each does, from where, until when.
    lines = page.locator(".listing tbody tr")
    expect(lines).to_have_count(2)
    expect(lines.nth(0)).to_contain_text("Alpha Systems Ltd")
    for words in ("Payroll", "31 March 2021", "Hilltop", "£4,001"):
        expect(lines.nth(0)).to_contain_text(words)
    expect(lines.nth(1)).to_contain_text("ended")
    # 3. All else is one click away; then what ends first stands first.
    page.get_by_role("link", name="All", exact=True).click()
    expect(lines).to_have_count(4)
    page.get_by_role("link", name="Until", exact=False).first.click()
    expect(lines.nth(0)).to_contain_text("Beta Works Ltd")
    page.locator(".listing summary .where", has_text="2 names").click()
    expect(page.locator(".listing details li").first).to_be_visible()
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(downloaded(page, "XLSX"))).get_sheet_by_index(0).to_python()
    names = [row[0] for row in sheet]
    assert names == [
        "supplier",
        "Beta Works Ltd",
        "Alpha Systems Ltd",
        "Gamma North Ltd",
        "Gamma South Ltd",
        "Delta Roads Ltd",
    ]
    assert str(sheet[2][sheet[0].index("until")]) == "2021-03-31"


def test_analyst_puts_two_councils_side_by_side(page: Page, council: str) -> None:
    page.goto(f"{council}/compare")
    page.locator("main").get_by_label("Body", exact=True).fill("testford council")
    page.get_by_label("Other body").fill("riverton council")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Testford Council beside Riverton Council")
    expect(page.get_by_role("row", name="Paid £4,551.50 £900")).to_be_visible()
    expect(page.get_by_role("row", name="Gamma North Ltd")).to_contain_text("£599.75")
    rows = list(csv.DictReader(io.StringIO(downloaded(page, "CSV").decode())))
    assert sum(float(row["paid_a"] or 0) for row in rows) == pytest.approx(4551.50)


def test_dashboard_gets_a_table_of_two_buyers(page: Page, council: str) -> None:
    page.goto(f"{council}/tables")
    page.get_by_role("link", name="payments", exact=True).click()
    facets = page.locator(".facets")
    expect(facets.get_by_role("link", name="Testford Council")).to_be_visible()
    facets.get_by_role("link", name="Riverton Council").click()
    page.locator("input[name=buyer]").nth(1).fill("testford council")
    page.locator("input[name=supplier]").fill("gamma north ltd")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("main")).to_contain_text("2 rows; counted adds up to £1,200.25")
    page.get_by_role("link", name="counted").first.click()
    expect(page.locator(".listing tbody tr").first).to_contain_text("Riverton Council")
    rows = list(csv.DictReader(io.StringIO(downloaded(page, "CSV").decode())))
    assert [(row["buyer"], row["counted"]) for row in rows] == [
        ("Riverton Council", "900.0"),
        ("Testford Council", "300.25"),
    ]


def test_network_of_one_service_is_shared_by_its_address_and_opens_with_labels(page: Page, council: str) -> None:
    page.goto(f"{council}/network?node=organisation/testford-council")
    expect(page.locator("#network[data-ready]")).to_be_visible()
    page.locator("select[name=service]").select_option(label="Payroll")
    expect(page.locator(".status")).to_have_text("2 nodes, 1 line")
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.locator("#network[data-ready]")).to_be_visible()
    expect(other.locator(".status")).to_have_text("2 nodes, 1 line")
    with other.expect_download() as downloading:
        other.get_by_role("button", name="GEXF").click()
    nodes = ET.fromstring(downloading.value.path().read_text()).iter()  # noqa: S314 - our own file
    assert {node.get("label") for node in nodes if node.tag.endswith("}node")} == {
        "Testford Council",
        "Alpha Systems Ltd",
    }


def test_more_neighbours_than_are_drawn_stand_in_one_node(page: Page, council: str) -> None:
    page.goto(f"{council}/network?node=organisation/testford-council&limit=2")
    expect(page.locator("#network[data-ready]")).to_be_visible()
    expect(page.locator(".status")).to_have_text("4 nodes, 3 lines")
    page.get_by_role("button", name="Show 3 more").click()
    expect(page.locator("#edges tbody tr")).to_have_count(6)
    assert "limit=5" in page.url


def test_council_and_tables_are_used_without_scripts(browser: Browser, council: str) -> None:
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(f"{council}/id/organisation/testford-council?for=all")
    page.get_by_label("Year").select_option("2018-19")
    page.get_by_role("button", name="Show").first.click()
    expect(page.locator(".listing tbody tr").first).to_contain_text("Delta Roads Ltd")
    page.goto(f"{council}/tables/payments")
    page.get_by_label("Search within").fill("highways")
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".listing tbody tr")).to_have_count(1)
    context.close()


def test_print_has_charts_and_no_forms(page: Page, council: str) -> None:
    page.goto(f"{council}/markets?basis=spend")
    expect(page.locator("#shares svg")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.locator("#shares svg")).to_be_visible()
    expect(page.locator("#history svg, #history figcaption").first).to_be_visible()
    expect(page.locator("main form").first).to_be_hidden()
