"""Who a council has what from, until when, for how much; and two councils or two years side by side."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from lxml import etree
from python_calamine import CalamineWorkbook

from civicgraph.api.app import create_app
from civicgraph.api.settings import Settings
from civicgraph.seeds_loader.load_records import load_spend
from tests.api.council import load_council

HTML = {"Accept": "text/html"}
TESTFORD = "/id/organisation/testford-council"
ALPHA, BETA, DELTA = "Alpha Systems Ltd", "Beta Works Ltd", "Delta Roads Ltd"
GAMMA = "Gamma Group plc and its group"


@pytest.fixture(scope="module")
def council(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Ask the application over the made council."""
    data = load_council(tmp_path_factory.mktemp("council"))
    with TestClient(create_app(Settings(data.path, workers=1))) as running:
        yield running


def page(client: TestClient, path: str) -> "etree._Element":
    response = client.get(path, headers=HTML)
    assert response.status_code == 200, response.text
    return etree.HTML(response.text)


def words(tree: "etree._Element", path: str = ".") -> str:
    return " ".join("".join("".join(found.itertext()) for found in tree.xpath(path)).split())


def lines(tree: "etree._Element") -> list[dict[str, str]]:
    """Return the lines of the table on a page, by its headings."""
    table = tree.xpath("//table[@class='listing']")[0]
    heads = [words(head).rstrip(" ↑↓") for head in table.xpath("thead//th")]
    return [dict(zip(heads, map(words, row.xpath("td")), strict=True)) for row in table.xpath("tbody/tr")]


def as_file(client: TestClient, tree: "etree._Element", form: str) -> list[dict[str, str]]:
    """Return the lines of the file that a page offers of what it shows."""
    link = next(to for to in tree.xpath("//main//a/@href") if f".{form}" in to)
    content = client.get(link).content
    if form == "csv":
        return list(csv.DictReader(io.StringIO(content.decode())))
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    return [dict(zip(map(str, sheet[0]), map(str, row), strict=True)) for row in sheet[1:]]


def test_it_comes_first_and_all_else_is_one_click_away(council: TestClient) -> None:
    found = page(council, TESTFORD)
    alpha, beta = lines(found)
    assert (alpha["Supplier"], alpha["What for"], alpha["Run from"]) == (ALPHA, "Payroll", "Hilltop")
    assert (alpha["Since"], alpha["Until"], alpha["Ends next"]) == ("1 April 2018", "31 March 2021", "31 March 2021")
    # Three payments in two months; their rows do not say what for.
    assert (alpha["Paid for anything"], alpha["Departments"], alpha["Months paid in"]) == (
        "£4,001",
        "Finance, Resources",
        "2",
    )
    assert (beta["Supplier"], beta["What for"], beta["Until"]) == (f"{BETA} ended", "Service desk", "31 March 2015")
    assert f"What ends next: {ALPHA} 31 March 2021." in words(found, "//section[@aria-labelledby='as-buyer']/p")
    (link,) = found.xpath("//ul[@class='views']//a[text()='All']/@href")
    assert [line["Supplier"].removesuffix(" ended") for line in lines(page(council, link))][-2:] == [DELTA, BETA]


def test_group_is_one_line_that_opens_and_its_sums_are_those_of_its_names(council: TestClient) -> None:
    found = page(council, f"{TESTFORD}?for=all")
    line = next(line for line in lines(found) if line["Supplier"].startswith(GAMMA))
    assert line["Paid"] == "£500.50"
    members = [words(one) for one in found.xpath("//table[@class='listing']//details/ul/li")]
    assert members == ["Gamma North Ltd paid £300.25", "Gamma South Ltd paid £200.25"]
    assert words(found, "//tfoot").startswith("all 4")
    rows = as_file(council, found, "csv")
    assert {row["supplier"] for row in rows if row["group"]} == {"Gamma North Ltd", "Gamma South Ltd"}
    assert sum(float(row["paid"] or 0) for row in rows) == pytest.approx(4551.50)
    assert "£4,551.50" in words(found, "//tfoot")


@pytest.mark.parametrize(
    ("query", "paid"),
    [
        ("year=2019", {ALPHA: "£4,001", GAMMA: "£500.50"}),
        ("year=2018", {DELTA: "£50"}),
        # From April: December 2018 and all before April 2019.
        ("year=2018-19", {DELTA: "£50"}),
        ("q=HOUSING", {GAMMA: "£500.50"}),
        ("q=hilltop+alpha", {ALPHA: "£4,001"}),
        ("service=payroll", {}),
    ],
)
def test_year_and_search_choose_lines(council: TestClient, query: str, paid: dict[str, str]) -> None:
    found = page(council, f"{TESTFORD}?for=all&{query}")
    shown = {line["Supplier"].partition(" 2 names")[0]: line.get("Paid", "–") for line in lines(found)}
    assert {name: amount for name, amount in shown.items() if amount != "–"} == paid


def test_order_is_that_of_the_heading_in_page_and_files(council: TestClient) -> None:
    found = page(council, f"{TESTFORD}?for=all&sort=until")
    assert [line["Until"] for line in lines(found)] == ["31 March 2015", "31 March 2021", "–", "–"]
    for form in ("csv", "xlsx"):
        rows = as_file(council, found, form)
        assert [row["supplier"] for row in rows][:2] == [BETA, ALPHA]
        assert rows[1]["until"] == "2021-03-31"
    (turned,) = found.xpath("//th[@aria-sort='ascending']/a/@href")
    assert lines(page(council, turned))[0]["Until"] == "31 March 2021"


def test_supplier_has_its_customers_the_same_way(council: TestClient) -> None:
    found = page(council, "/id/organisation/gamma-north-ltd")
    assert [(line["Customer"], line["Paid"]) for line in lines(found)] == [
        ("Riverton Council", "£900"),
        ("Testford Council", "£300.25"),
    ]
    assert [row["customer"] for row in as_file(council, found, "csv")] == ["Riverton Council", "Testford Council"]


def test_too_little_says_nothing_of_dependence(council: TestClient) -> None:
    said = words(page(council, TESTFORD), "//section[@aria-labelledby='as-buyer']")
    assert "That is too little to say who depends on whom: the six payments loaded, within 366 days." in said
    assert "half or more of its money" not in said
    assert f"Of the two services loaded, half or more of what it has comes from {ALPHA}, {BETA}." in said


def test_two_bodies_stand_side_by_side(council: TestClient) -> None:
    found = page(council, "/compare?a=testford+council&b=Riverton+Council")
    figures = {
        words(row.find("th")): [words(cell) for cell in row.findall("td")] for row in found.xpath("//tr[th][td]")
    }
    assert figures["Paid"] == ["£4,551.50", "£900"]
    assert figures["Suppliers"] == ["5", "1"]
    # Of what Testford paid: 4001, 300.25, 200.25 and 50.
    shares = [100 * one / 4551.50 for one in (4001, 300.25, 200.25, 50)]
    assert figures["HHI by what was paid"] == [f"{sum(share**2 for share in shares):,.0f}", "10,000"]
    gamma = next(line for line in lines(found) if line["Supplier"] == "Gamma North Ltd")
    assert (gamma["Paid: Testford Council"], gamma["Paid: Riverton Council"]) == ("£300.25", "£900")
    assert gamma["Difference"] == "£599.75"
    # Who is alone of its group leads to its own page.
    (own,) = page(council, "/id/organisation/riverton-council").xpath("//table[@class='listing']//td[1]/a/@href")
    assert own == "/id/organisation/gamma-north-ltd"
    row = next(row for row in as_file(council, found, "csv") if row["supplier"] == "Gamma North Ltd")
    assert (row["paid_a"], row["paid_b"], row["difference"]) == ("300.25", "900.0", "599.75")


def test_two_years_stand_side_by_side(council: TestClient) -> None:
    found = page(council, "/compare?a=organisation/testford-council&year=2018&other_year=2019")
    assert words(found, "//h1") == "Testford Council, 2018 beside Testford Council, 2019"
    paid = {line["Supplier"]: line["Difference"] for line in lines(found)}
    assert (paid[ALPHA], paid[DELTA]) == ("£4,001", "−£50")
    assert "side by side" in words(page(council, "/compare"), "//h1")


def test_market_without_a_choice_is_of_it_by_what_is_known_and_too_small_to_be_called_concentrated(
    council: TestClient,
) -> None:
    found = page(council, "/markets")
    # Payments have no service type here, so services alone say what is IT: a service desk, of one supplier.
    assert words(found, "//h2[@id='whole']") == "IT services, by customers"
    whole = words(found, "//section[@aria-labelledby='whole']")
    assert "Too few to call it concentrated or not: 1 supplier and 1 buyer are loaded." in whole
    assert "highly concentrated" not in words(found, "//main")
    by_money = page(council, "/markets?basis=spend")
    assert words(by_money, "//h2[@id='whole']") == "All services, by spend"


@pytest.mark.parametrize(
    "path",
    [
        f"{TESTFORD}?year=19",
        f"{TESTFORD}?year=2019-25",
        f"{TESTFORD}?sort=colour",
        f"{TESTFORD}?service=moon+landings",
        f"{TESTFORD}?for=fun",
        "/compare?a=nobody+at+all",
        "/compare.csv",
    ],
)
def test_what_there_is_not_is_refused(council: TestClient, path: str) -> None:
    assert council.get(path, headers=HTML).status_code == 400
    assert council.get("/id/organisation/nobody/suppliers.csv").status_code == 404
    assert council.get(f"{TESTFORD}/customers.csv").status_code == 404
    assert council.get(f"{TESTFORD}/suppliers.pdf").status_code == 404


def test_search_puts_a_whole_name_first_and_then_those_with_most_money(council: TestClient) -> None:
    def found(text: str) -> list[str]:
        hits = council.get("/search", params={"q": text}, headers={"Accept": "application/json"}).json()
        return [hit["label"] for hit in hits]

    assert found("gamma north ltd")[0] == "Gamma North Ltd"
    # £4,001, £1,200.25, £200.25, £50 and nothing.
    assert found("ltd") == [ALPHA, "Gamma North Ltd", "Gamma South Ltd", DELTA, BETA]


def test_what_is_paid_and_what_is_awarded_are_never_added_up(tables: TestClient) -> None:
    whole = {
        basis: tables.get(f"/concentration.json?basis={basis}&by=buyer").json()[0]["total"]
        for basis in ("spend", "value")
    }
    said = words(page(tables, "/"), "//ol[@class='largest'][1]")
    assert all(f"£{total:,.2f}".removesuffix(".00") in said for total in whole.values()), said


def test_who_buys_and_supplies_has_both_tables_in_one_order(tmp_path: Path) -> None:
    folder = load_council(tmp_path)
    (tmp_path / "more.csv").write_text(
        "Buyer,Supplier Name,Net Amount,Payment Date\nAlpha Systems Ltd,Delta Roads Ltd,5,2019-01-01\n"
    )
    load_spend(folder, [tmp_path / "more.csv"])
    with TestClient(create_app(Settings(folder.path, workers=1))) as running:
        found = page(running, "/id/organisation/alpha-systems-ltd?sort=-supplier&for=all")
        assert [words(one) for one in found.xpath("//h2[starts-with(@id, 'as-')]")] == [
            "As a buyer: its suppliers",
            "As a supplier: its customers",
        ]
        assert len(found.xpath("//th[@aria-sort='descending']")) == 1


def test_money_between_two_is_told_month_by_month(council: TestClient) -> None:
    found = page(council, "/ties?buyer=organisation/testford-council&supplier=organisation/alpha-systems-ltd")
    rows = [
        [words(cell) for cell in row.findall("td")]
        for row in found.xpath("//section[@aria-labelledby='money']//tbody/tr")
    ]
    assert [(month, amount, number, of) for month, amount, number, of, _ in rows] == [
        ("October 2019", "£2,000", "1", "payments"),
        ("September 2019", "£2,001", "2", "payments"),
    ]
    around = council.get("/network/neighbours.json?node=organisation/testford-council").json()
    ties = {edge["supplier"]: edge["ties"] for edge in around["edges"] if edge["kind"] == "spend"}
    assert ties["organisation/alpha-systems-ltd"] == 2
