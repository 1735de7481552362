"""An organisation's page: its group as at a day, its part of markets, who depends on whom; and the evidence."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from lxml import etree

from civicgraph.api.app import create_app
from civicgraph.api.settings import Settings
from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.seeds_loader.load_records import load_spend
from civicgraph.seeds_loader.load_registers import load_ownership

HTML = {"Accept": "text/html"}


def page(client: TestClient, path: str) -> "etree._Element":
    response = client.get(path, headers=HTML)
    assert response.status_code == 200, path
    return etree.HTML(response.text)


def words(tree: "etree._Element", path: str) -> str:
    return " ".join("".join("".join(found.itertext()) for found in tree.xpath(path)).split())


def rows(tree: "etree._Element", heading: str) -> list[list[str]]:
    """Return the cells of the table below a heading."""
    cells = [row.findall("td") for row in tree.xpath(f"//h3[@id='{heading}']/following-sibling::table[1]/tbody/tr")]
    return [[" ".join("".join(cell.itertext()).split()) for cell in row] for row in cells]


def listed(tree: "etree._Element") -> list[list[str]]:
    """Return the cells of the table of suppliers or customers."""
    return [
        [" ".join("".join(cell.itertext()).split()) for cell in row.findall("td")]
        for row in tree.xpath("//table[@class='listing']/tbody/tr")
    ]


def test_group_is_shown_as_at_a_day(seeds: TestClient) -> None:
    address = "/id/organisation/intelenet-global-services"
    group = "//section[@aria-labelledby='group']"
    now = page(seeds, address)
    assert "On 31 March 2021 it belongs to the group of Serco." in words(now, group)
    assert "In the group is" not in words(now, group)
    ((owner, holds, since, _, on_that_day, rests),) = rows(now, "group-owners")
    assert (owner, holds, since) == ("Serco", "all, or more than half", "some time from 25 May 2011 to 2 June 2011")
    assert on_that_day == "holds"
    assert "claims" in rests
    assert now.xpath("//h3[@id='group-owners']/following-sibling::table[1]//a[starts-with(@href, '/id/claim/')]")
    before = page(seeds, f"{address}?on=2010-12-31")
    assert "On 31 December 2010 it is in no group." in words(before, group)
    assert rows(before, "group-owners")[0][4] == "does not hold, or not for certain"


def test_joint_venture_is_in_the_group_of_none_and_the_page_says_why(seeds: TestClient) -> None:
    found = page(seeds, "/id/organisation/joint-venture-of-steria-and-the-cabinet-office")
    assert "in the group of none: no one of its owners is said to decide alone" in words(
        found, "//section[@id or @aria-labelledby]"
    )
    assert [row[0] for row in rows(found, "group-owners")] == ["Cabinet Office", "Steria"]
    steria = page(seeds, "/id/organisation/steria")
    assert [row[0] for row in rows(steria, "group-owned")] == ["Joint venture of Steria and the Cabinet Office"]


def test_organisation_without_owners_has_no_group(client: TestClient) -> None:
    assert page(client, "/id/organisation/alpha").xpath("//*[@id='group']") == []


@pytest.mark.parametrize("day", ["2010-13-01", "yesterday"])
def test_what_is_no_day_is_refused(seeds: TestClient, day: str) -> None:
    answer = seeds.get(f"/id/organisation/serco?on={day}", headers={"Accept": "*/*"})
    assert (answer.status_code, answer.json()["detail"]) == (400, f"on is a day such as 2019-04-01, not '{day}'")


def test_suppliers_part_of_each_market_is_that_of_the_market(seeds: TestClient) -> None:
    found = page(seeds, "/id/organisation/east-kent-services")
    part = next(row for row in rows(found, "supplier-markets") if row[0] == "All services" and row[1] == "services")
    figures = seeds.get("/concentration.json?by=supplier&basis=services").json()
    place, figure = next((at, one) for at, one in enumerate(figures, 1) if one["name"] == "East Kent Services")
    assert part[2].replace("\xa0", " ").removesuffix(" %") in (
        f"{100 * figure['share']:.0f}",
        f"{100 * figure['share']:.1f}",
    )
    assert part[4] == f"{place} of {len(figures)}"
    links = found.xpath("//h3[@id='supplier-markets']/following-sibling::table[1]//a/@href")
    for link in links:
        assert seeds.get(link, headers=HTML).status_code == 200, link


def test_who_depends_on_whom_is_said_both_ways_and_leads_to_the_evidence(client: TestClient) -> None:
    buyer = page(client, "/id/organisation/ashby-council")
    said = words(buyer, "//section[@aria-labelledby='as-buyer']")
    assert "Of the one contract loaded, half or more of its money goes to Alpha Limited." in said
    ((supplier, service, awarded, *_),) = listed(buyer)
    # The service goes on; the contract has ended, by the day of the article.
    assert (supplier, service, awarded) == ("Alpha Limited", "Payroll", "£5,000,000")
    alpha = page(client, "/id/organisation/alpha")
    said = words(alpha, "//section[@aria-labelledby='as-supplier']")
    assert "1 customer depends on it for half or more of what is loaded of theirs: Ashby Council" in said
    (link,) = alpha.xpath("//table[@class='listing']//td[last()]/a/@href")
    assert "Ashby Council pays £5m a year to Alpha Ltd" in words(page(client, link), "//mark")


def test_who_depends_on_a_supplier_is_counted_where_enough_is_loaded(tmp_path: Path) -> None:
    # Much pays Steady ten times and Other twice within ten weeks; Little pays Steady, and Lone, once each.
    days = [date(2019, 1, 7) + timedelta(weeks=week) for week in range(10)]
    lines = [f"Much Council,Steady Ltd,100.00,{day}" for day in days]
    lines += [f"Much Council,Other Ltd,50.00,{day}" for day in days[::9]]
    lines += [f"Little Council,{name} Ltd,900.00,2019-01-07" for name in ("Steady", "Lone")]
    file = tmp_path / "payments.csv"
    file.write_text("\n".join(["Buyer,Supplier Name,Net Amount,Payment Date", *lines]) + "\n")
    load_spend(DataFolder(tmp_path / "data"), [file])
    with TestClient(create_app(Settings(tmp_path / "data", workers=1))) as client:
        found = page(client, "/markets?basis=spend&service=")
        table = found.xpath("//*[@id='supplier-table']/tbody/tr")
        assert {row.findtext(".//bdi"): row.xpath("string(td[6])") for row in table} == {
            "Steady Ltd": "1",
            "Lone Ltd": "–",
            "Other Ltd": "0",
        }


def test_markets_can_be_seen_by_group(data: Path, tmp_path: Path) -> None:
    owners = tmp_path / "owners.csv"
    owners.write_text("owner,owned,share,from,source\nDelta,Alpha Limited,80%,2010-01-01,a filing\n")
    load_ownership(DataFolder(data), [owners])
    with TestClient(create_app(Settings(data, workers=1))) as client:
        found = page(client, "/markets?basis=value&level=group")
        assert "groups as one" in words(found, "//h2[@id='whole']")
        links = found.xpath("//section[@aria-labelledby='whole']//a[starts-with(@href, '/concentration')]/@href")
        assert links
        assert all("level=group" in link for link in links)
        assert words(found, "//*[@id='supplier-table']//td[1]") == "Delta"
        alone = page(client, "/markets?basis=value")
        assert words(alone, "//*[@id='supplier-table']//td[1]") == "Alpha Limited"
        ((owner, holds, *_, rests),) = rows(page(client, "/id/organisation/alpha"), "group-owners")
        assert (owner, holds) == ("Delta", "80 %")
        assert "a filing · " in rests
        assert "owners.csv:2" in rests
