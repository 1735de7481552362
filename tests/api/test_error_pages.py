"""Whoever asks for a page and is refused gets a page: what was asked is kept, and the nearest names are links."""

import pytest
from fastapi.testclient import TestClient

from tests.api.read_pages import main_of


@pytest.mark.parametrize(
    ("path", "status", "name", "address"),
    [
        (
            "/markets?basis=services&service=payrol&from=",
            400,
            "Payroll",
            "/markets?basis=services&service=Payroll&from=",
        ),
        ("/what-if?fails=capitta", 400, "Capita", "/what-if?fails=Capita"),
        ("/what-if/fails/capitta", 400, "Capita", "/what-if/fails/Capita"),
        ("/tables/services.csv?customer=birmingham", 400, "Birmingham City Council", None),
        ("/queries/customers-of.csv?supplier=capitta", 400, "Capita", "/queries/customers-of.csv?supplier=Capita"),
        ("/id/organisation/birmingham-counci", 404, "Birmingham City Council", None),
        ("/network?node=organisation/capitta", 404, "Capita", "/id/organisation/capita"),
        ("/service/payrol", 404, "Payroll", "/service/payroll"),
    ],
)
def test_the_nearest_names_are_links_that_answer(
    seeds: TestClient, path: str, status: int, name: str, address: str | None
) -> None:
    main = main_of(seeds, path, status)
    assert main.findtext("h1") == "Nothing has that name"
    links = {str(link.xpath("string()")): str(link.get("href")) for link in main.findall("ul/li/a")}
    assert name in links
    assert address in (None, links[name])
    assert seeds.get(links[name]).status_code == 200


def test_the_form_is_kept_with_what_stood_in_it(seeds: TestClient) -> None:
    form = main_of(seeds, "/markets?basis=services&service=payrol&from=2019-04-01", 400).findall("form")[0]
    assert form.get("action") == "/markets"
    assert {field.get("name"): field.get("value") for field in form.findall(".//input")} == {
        "service": "payrol",
        "from": "2019-04-01",
    }
    assert form.xpath("string(.//select[@name='basis']/option[@selected])") == "services"


@pytest.mark.parametrize(
    ("path", "status", "title", "says"),
    [
        ("/nowhere", 404, "There is nothing at this address", "No page or file is called /nowhere"),
        ("/markets?from=2020-01-01&to=2019-01-01", 400, "A filter cannot be used", "before it begins"),
        ("/markets?basis=money", 400, "A parameter is missing or wrong", "Basis is one of 'value', 'spend'"),
        ("/search?limit=0", 400, "A parameter is missing or wrong", "Limit is at least 1, not '0'"),
        ("/ties?buyer=organisation/capita", 400, "A parameter is missing or wrong", "Supplier is missing"),
        ("/what-if?a=capita&b=capita", 400, "A filter cannot be used", "cannot merge with itself"),
        ("/tables/nothing.csv", 404, "There is nothing at this address", "There is no table 'nothing'"),
    ],
)
def test_titles_fit_what_is_wrong(seeds: TestClient, path: str, status: int, title: str, says: str) -> None:
    main = main_of(seeds, path, status)
    assert main.findtext("h1") == title
    assert says in main.xpath("string(p)")


@pytest.mark.parametrize("path", ["/concentration.json?from={}", "/what-if/fails/capita?as_of={}", "/markets?to={}"])
@pytest.mark.parametrize("day", ["2025", "86400", "2025-02-30", "20250101", "2025-W01-1", "tomorrow"])
def test_days_are_read_in_one_way(seeds: TestClient, path: str, day: str) -> None:
    problem = seeds.get(path.format(day))
    assert problem.status_code == 400
    assert f"is a day such as 2019-04-01, not '{day}'" in problem.json()["detail"]


def test_a_query_that_fails_is_kept_in_the_editor(seeds: TestClient) -> None:
    main = main_of(seeds, "/sparql?query=SELECT%20%3Fkept%20%7B", 400)
    assert main.findtext(".//textarea") == "SELECT ?kept {"
    assert "No answer" in main.xpath("string(p[@id='query-status'])")


@pytest.mark.parametrize(
    "path",
    [
        "/concentration.json?basis=value&basis=spend",
        "/what-if/fails/capita?as_of=2019-01-01&as_of=2020-01-01",
        "/markets?service=payroll&service=it-services",
        "/what-if?fails=capita&fails=steria",
    ],
)
def test_what_means_one_is_refused_twice(seeds: TestClient, path: str) -> None:
    problem = seeds.get(path)
    assert problem.status_code == 400
    assert "was given twice; give one of them" in problem.json()["detail"]


def test_a_misspelt_filter_of_a_page_does_not_go_unnoticed(seeds: TestClient) -> None:
    refused = seeds.get("/markets?until=2019-01-01")
    assert refused.status_code == 400
    assert "unknown parameter 'until'; known are: basis, service, place, from, to, level" in refused.json()["detail"]
    assert seeds.get("/markets?basis=services&utm_source=a&fbclid=b").status_code == 200


@pytest.mark.parametrize(
    ("path", "title", "field"),
    [
        ("/what-if/fails/capita?as_of=2019-01-01", "What if Capita fails?", "fails"),
        ("/what-if/merge?a=capita&b=East%20Kent%20Services&basis=services", "What if Capita and East Kent", "b"),
    ],
)
def test_what_if_is_a_page_to_a_browser_at_the_address_of_its_data(
    seeds: TestClient, path: str, title: str, field: str
) -> None:
    main = main_of(seeds, path, 200)
    assert main.xpath("string(h1)").startswith(title)
    assert main.xpath(f"string(.//input[@name='{field}']/@value)").casefold() in ("capita", "east kent services")
    assert seeds.get(path, headers={"Accept": "*/*"}).headers["content-type"] == "application/json"
