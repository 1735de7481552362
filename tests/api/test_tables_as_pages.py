"""/tables and each table as pages for a browser: facets, sums, filters, an order, and the same as files."""

import csv
import io
from datetime import date
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient
from lxml import etree
from python_calamine import CalamineWorkbook

HTML = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}
PAYMENTS = "/tables/payments"


def page(client: TestClient, path: str) -> "etree._Element":
    response = client.get(path, headers=HTML)
    assert response.status_code == 200, path
    assert response.headers["content-type"].startswith("text/html")
    return etree.HTML(response.text)


def words(tree: "etree._Element", path: str) -> str:
    return " ".join("".join("".join(found.itertext()) for found in tree.xpath(path)).split())


def column(tree: "etree._Element", heading: str) -> list[str]:
    """Return the cells of a column of the table on a page, from top to bottom."""
    heads = [words(head, ".").rstrip(" ↑↓") for head in tree.xpath("//table[@class='listing']/thead//th")]
    at = heads.index(heading) + 1
    return [words(cell, ".") for cell in tree.xpath(f"//table[@class='listing']/tbody/tr/td[{at}]")]


def file_of(client: TestClient, tree: "etree._Element", form: str) -> bytes:
    """Return the file that a page offers of what it shows."""
    (link,) = (to for to in tree.xpath("//main//a/@href") if urlsplit(to).path.endswith(f".{form}"))
    response = client.get(link)
    assert response.status_code == 200
    return response.content


def test_tables_are_a_page_to_a_browser_and_json_to_others(tables: TestClient) -> None:
    found = page(tables, "/tables")
    names = [table["name"] for table in tables.get("/tables").json()]
    assert [words(head, ".") for head in found.xpath("//tbody/tr/th")] == names
    assert tables.get(PAYMENTS).json() == tables.get(f"{PAYMENTS}.json").json()
    for name in names:
        assert words(page(tables, f"/tables/{name}"), "//h1") == name


def test_sum_and_order_are_those_of_the_file(tables: TestClient) -> None:
    found = page(tables, f"{PAYMENTS}?_sort=-amount")
    assert column(found, "amount") == ["5,000.00", "1,000.10", "500.10", "33.33", "-400.05"]
    rows = list(csv.DictReader(io.StringIO(file_of(tables, found, "csv").decode())))
    assert [Decimal(row["amount"]) for row in rows] == sorted((Decimal(row["amount"]) for row in rows), reverse=True)
    counted = sum(Decimal(row["counted"]) for row in rows if row["counted"])
    # Without the transfer to Camden and the refund.
    assert counted == Decimal("1533.53")
    assert "counted adds up to £1,533.53" in words(found, "//main")
    assert words(found, "//tfoot").startswith("all 5")


def test_heading_turns_the_order_round(tables: TestClient) -> None:
    by_money = page(tables, f"{PAYMENTS}?_sort=-amount")
    (link,) = by_money.xpath("//th[@aria-sort='descending']/a/@href")
    assert column(page(tables, link), "amount")[0] == "-400.05"


def test_facets_count_rows_and_filter_by_a_click(tables: TestClient) -> None:
    found = page(tables, PAYMENTS)
    facet = "//div[@class='facets']//li[a='Alpha Ltd']"
    assert words(found, facet) == "Alpha Ltd 3"
    (link,) = found.xpath(f"{facet}/a/@href")
    alpha = page(tables, link)
    assert column(alpha, "supplier") == ["Alpha Ltd"] * 3
    (away,) = alpha.xpath("//a[@class='mark']/@href")
    assert len(column(page(tables, away), "supplier")) == 5


def test_filter_given_twice_means_either_and_the_form_keeps_both(tables: TestClient) -> None:
    found = page(tables, f"{PAYMENTS}?supplier=alpha+ltd&supplier=BETA+LTD")
    assert sorted(set(column(found, "supplier"))) == ["Alpha Ltd", "Beta Ltd"]
    assert found.xpath("//input[@name='supplier']/@value") == ["alpha ltd", "BETA LTD", ""]
    assert len(file_of(tables, found, "ndjson").splitlines()) == 4


def test_search_looks_through_all_texts(tables: TestClient) -> None:
    found = page(tables, f"{PAYMENTS}?_search=repairs+beta")
    assert column(found, "category") == ["Repairs"]
    nothing = page(tables, f"{PAYMENTS}?_search=zzz")
    assert "0 rows" in words(nothing, "//main")


def test_part_of_a_name_offers_what_it_may_mean(tables: TestClient) -> None:
    refused = tables.get(f"{PAYMENTS}.json?supplier=alph")
    assert refused.status_code == 400
    assert "Alpha Ltd" in refused.json()["detail"]
    assert len(tables.get(f"{PAYMENTS}.json?buyer=TESTSHIRE+county+council").json()) == 5


def test_workbook_has_the_same_cells_with_days_and_numbers(tables: TestClient) -> None:
    for name in ("payments", "contracts", "organisations"):
        rows = tables.get(f"/tables/{name}.json").json()
        answer = tables.get(f"/tables/{name}.xlsx")
        assert answer.content == tables.get(f"/tables/{name}.xlsx").content
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
        assert sheet[0] == list(rows[0])
        for line, row in zip(sheet[1:], rows, strict=True):
            for cell, value in zip(line, row.values(), strict=True):
                expected = "" if value is None else value
                assert (cell.isoformat() if isinstance(cell, date) else cell) == expected


@pytest.mark.parametrize("query", ["_sort=nothing", "_sort=--amount", "colour=red", "kind=spend"])
def test_what_a_table_does_not_have_is_refused(tables: TestClient, query: str) -> None:
    for path in (PAYMENTS, f"{PAYMENTS}.json"):
        assert tables.get(f"{path}?{query}", headers=HTML).status_code == 400


def test_sorted_pages_follow_one_another(tables: TestClient) -> None:
    address = f"{PAYMENTS}.json?_sort=-amount&_size=2"
    amounts = []
    while address:
        answer = tables.get(address)
        amounts += [row["amount"] for row in answer.json()]
        address = answer.links.get("next", {}).get("url", "")
        assert not address or parse_qs(urlsplit(address).query)["_sort"] == ["-amount"]
    assert amounts == sorted(amounts, reverse=True)
    assert len(amounts) == 5


def test_names_that_look_like_markup_stay_text(client: TestClient) -> None:
    found = page(client, f"{PAYMENTS}?_search=%22%3E%3Cscript%3E")
    assert found.xpath("//main//script") == []
    assert found.xpath("//input[@name='_search']/@value") == ['"><script>']
