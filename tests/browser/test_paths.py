"""Three people, none of whom uses a mouse: a council's officer, an analyst, a journalist."""

import csv
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

ROOT = Path(__file__).parent.parent.parent
ARTICLES = ROOT.parent / "shared/seeds"

MOST_TABS = 250


def tab_to(page: Page, wanted: Locator) -> None:
    """Go on by Tab, as a person does, until what is wanted has the focus."""
    expect(wanted).to_be_visible()
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            return
    pytest.fail(f"Tab does not lead to {wanted}")


def enter(page: Page, wanted: Locator) -> None:
    tab_to(page, wanted)
    page.keyboard.press("Enter")


@pytest.mark.parametrize(
    ("typed", "council", "supplier", "sentence"),
    [
        ("ashby", "Ashby Council", "Alpha Limited", "Ashby Council pays £5m a year to Alpha Ltd"),
        pytest.param(
            *("canterbery", "Canterbury City Council", "East Kent Services", "Canterbury, Dover and Thanet"),
            marks=pytest.mark.skipif(not ARTICLES.is_dir(), reason="the seed articles are not beside the checkout"),
        ),
    ],
)
def test_officer_finds_whom_her_council_depends_on_and_who_says_so(
    page: Page, address: str, typed: str, council: str, supplier: str, sentence: str
) -> None:
    page.goto(address)
    page.keyboard.press("/")
    page.keyboard.type(typed)
    offered = page.get_by_role("option", name=council)
    expect(offered.first).to_be_visible()
    names = [option.text_content() or "" for option in page.get_by_role("option").all()]
    for _ in range(next(index for index, name in enumerate(names) if name.startswith(council)) + 1):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(council)
    buying = page.get_by_role("region", name="As a buyer")
    expect(buying.get_by_role("link", name=supplier).first).to_be_visible()
    expect(buying.get_by_role("heading", name="Who depends on whom").first).to_be_visible()
    # The sentence stands on this page, and behind the line in the network.
    enter(page, buying.locator("summary").first)
    expect(buying.locator("mark").filter(has_text=sentence).first).to_be_visible()
    page.keyboard.press("Home")
    page.evaluate("document.activeElement.blur()")
    enter(page, page.get_by_role("link", name="See its network"))
    expect(page.locator("#network[data-ready]")).to_be_visible()
    row = page.locator("#edges tbody tr").filter(has_text=supplier).filter(has_text="established").first
    enter(page, row.locator("td:nth-child(3) a"))
    expect(page.locator(".detail mark").filter(has_text=sentence).first).to_be_visible()


def test_analyst_sees_how_concentrated_a_market_is_and_what_was_left_out(page: Page, gcloud: str) -> None:
    page.goto(f"{gcloud}/")
    enter(page, page.get_by_role("link", name="Markets"))
    tab_to(page, page.locator("select[name=basis]"))
    page.keyboard.type("spend")
    page.keyboard.press("Tab")
    page.keyboard.type("applications")
    page.keyboard.press("Enter")
    market = page.get_by_role("region", name="Applications and software, by spend")
    expect(market).to_be_visible()
    index = float((page.locator(".figures .main strong").text_content() or "").replace(",", ""))
    assert 0 < index <= 10_000
    expect(market.locator("p").filter(has_text="Coverage")).to_contain_text("payments of £0")
    expect(page.locator("#lorenz svg")).to_be_visible()
    expect(page.locator("#shares svg")).to_be_visible()
    link = market.get_by_role("link", name="CSV").first
    tab_to(page, link)
    with page.expect_download() as downloading:
        # A browser shows a CSV of this origin; Alt-Enter, or "save link as", keeps it.
        link.evaluate("link => { link.download = 'market.csv'; link.click(); }")
    (whole, *_) = list(csv.DictReader(downloading.value.path().read_text(encoding="utf-8").splitlines()))
    assert (whole["basis"], round(float(whole["hhi"]))) == ("spend", index)
    assert "guarded as" in whole["excluded"]
    expect(page.locator("#history svg")).to_be_visible()


def test_analyst_asks_what_if_two_merge_and_what_if_one_fails(page: Page, gcloud: str) -> None:
    page.goto(f"{gcloud}/markets?basis=spend")
    league = page.locator("#supplier-table tbody tr td:first-child")
    first, second = league.nth(0).inner_text(), league.nth(1).inner_text()
    tab_to(page, page.locator("input[name=a]"))
    page.keyboard.type(first)
    page.keyboard.press("Tab")
    page.keyboard.type(second)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"What if {first} and {second} merged?")
    expect(page.locator("main")).to_contain_text("by spend")
    before, after, rise = (
        float((page.locator(f"main tbody tr:first-child td:nth-child({column})").inner_text()).replace(",", ""))
        for column in (4, 5, 6)
    )
    assert after > before
    assert rise == pytest.approx(after - before, abs=1)
    enter(page, page.get_by_role("heading", level=1).get_by_role("link").first)
    expect(page.get_by_role("heading", level=1)).to_have_text(first)
    expect(page.get_by_role("heading", name="Its part of each market")).to_be_visible()
    enter(page, page.get_by_role("link", name="What if it fails?"))
    expect(page.get_by_role("heading", level=1)).to_have_text(f"What if {first} fails?")
    expect(page.locator(".figures .main")).to_contain_text("Customers hit")


def test_journalist_reads_a_claims_evidence_and_its_contradiction(page: Page, address: str) -> None:
    page.goto(f"{address}/")
    enter(page, page.get_by_role("link", name="Contradictions"))
    dispute = page.locator(".dispute").first
    denied = dispute.locator("article").filter(has=page.locator(".mark.denied")).first
    enter(page, denied.locator("a.open"))
    expect(page.get_by_role("heading", name="The words it rests on")).to_be_visible()
    expect(page.get_by_role("heading", name="Contradicted by")).to_be_visible()
    expect(page.locator(".evidence").first).to_contain_text("characters")
    if ARTICLES.is_dir():
        expect(page.locator(".evidence mark").first).to_be_visible()
    enter(page, page.locator(".dispute a.open").first)
    expect(page.locator(".dispute")).to_be_visible()
