"""What tables and pages add up to: the figures of the same filters, to the penny."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from civicgraph.graph.edges.scope import Basis, Scope
from civicgraph.graph.records.iris import BASE
from civicgraph.graph.snapshot.snapshot import DataFolder


def rows(client: TestClient, table: str, **filters: str | list[str]) -> list[dict[str, Any]]:
    response = client.get(f"/tables/{table}.json", params={"_size": "max", **filters})
    assert response.status_code == 200, response.text
    found: list[dict[str, Any]] = response.json()
    return found


def total(found: list[dict[str, Any]], column: str = "counted") -> Decimal:
    return sum((Decimal(str(row[column])) for row in found if row[column] is not None), Decimal(0))


def figure(records: DataFolder, scope: Scope) -> Decimal:
    with records.edges() as edges, edges.scoped(scope) as scoped:
        return scoped.account.counted.money


def test_contracts_add_up_by_part_and_not_by_value(tables: TestClient) -> None:
    found = rows(tables, "contracts")
    assert total(found) == Decimal(150_100)
    assert total(found, "part") == Decimal(400_150_100)
    assert {row["left_out"] for row in found if row["guard"]} == {"guarded as framework-ceiling"}
    third = [row for row in found if row["contract"] == "IT support"]
    # A penny that cannot be split goes to the last.
    assert sorted(row["part"] for row in third) == [33.33, 33.33, 33.34]
    assert {row["value"] for row in third} == {100.0}
    (unknown,) = (row for row in found if row["contract"] == "roads" and row["supplier"] == "Gamma Ltd")
    assert (unknown["part"], unknown["counted"], unknown["left_out"]) == (None, None, "no value known")


def test_spend_is_a_row_a_month_and_payments_a_row_each(tables: TestClient) -> None:
    alpha = {row["guard"]: row for row in rows(tables, "spend") if row["supplier"] == "Alpha Ltd"}
    paid, refunded = alpha[None], alpha["refund"]
    assert (paid["amount"], paid["count"], paid["from"], paid["to"]) == (1500.2, 2, "2020-01-01", "2020-01-31")
    assert (paid["counted"], paid["left_out"]) == (1500.2, None)
    assert (refunded["amount"], refunded["counted"]) == (-400.05, None)
    payments = rows(tables, "payments")
    assert len(payments) == 5
    refund = next(row for row in payments if row["amount"] == -400.05)
    assert (refund["day"], refund["payee"], refund["department"], refund["category"]) == (
        *("2020-01-20", "Alpha Ltd", "Finance", "Payroll"),
    )
    assert refund["sum"] == refunded["iri"]
    assert refund["file_row"] == 2
    camden = next(row for row in payments if row["payee"] == "London Borough of Camden")
    assert (camden["counted"], camden["guard"]) == (None, "public-transfer")
    assert total(payments) == total(rows(tables, "spend")) == Decimal("1533.53")


def test_refunds_and_guarded_rows_can_be_told_from_what_counts(tables: TestClient) -> None:
    by_kind = {kind: total(rows(tables, "dependencies", kind=kind)) for kind in ("contract", "spend")}
    assert by_kind == {"contract": Decimal(150_100), "spend": Decimal("1533.53")}
    guarded = [row for row in rows(tables, "dependencies") if row["guard"]]
    assert {(row["counted"], row["left_out"]) for row in guarded} == {
        *((None, f"guarded as {guard}") for guard in ("framework-ceiling", "public-transfer", "refund")),
    }


DAYS = st.one_of(st.none(), st.dates(date(2019, 6, 1), date(2021, 3, 31)))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
@given(
    st.sampled_from(["value", "spend"]),
    st.tuples(DAYS, DAYS),
    st.sets(st.sampled_from(["alpha", "beta", "gamma"])),
    st.integers(1, 5),
)
def test_tables_add_up_to_the_figures_of_the_same_filters(
    records: DataFolder,
    tables: TestClient,
    basis: Basis,
    period: tuple[date | None, date | None],
    suppliers: set[str],
    size: int,
) -> None:
    start, end = sorted(period) if None not in period else period  # type: ignore[type-var] # both are days
    known = {row["supplier"]: row["supplier_iri"] for row in rows(tables, "dependencies")}
    chosen = [name for name in known if name and name.split()[0].lower() in suppliers]
    kind, table = {"value": ("contract", "contracts"), "spend": ("spend", "spend")}[basis]
    if basis == "spend":
        chosen = [name for name in chosen if name != "Gamma Ltd"]  # whom nobody paid
    filters: dict[str, str | list[str]] = {"supplier": [name.upper() for name in chosen]}
    filters |= {name: day.isoformat() for name, day in (("from", start), ("to", end)) if day}
    expected = figure(
        records, Scope(basis=basis, start=start, end=end, suppliers=tuple(known[name] for name in chosen))
    )
    assert total(rows(tables, table, **filters)) == expected
    assert total(rows(tables, "dependencies", kind=kind, **filters)) == expected
    if basis == "spend":
        assert total(rows(tables, "payments", **filters)) == expected
    whole = rows(tables, table, **filters)
    address, found = f"/tables/{table}.json?_size={size}", []
    while address:
        page = tables.get(address, params=None if "_next" in address else filters)
        found += page.json()
        address = page.links["next"]["url"] if "next" in page.links else ""
    assert found == whole


def test_a_filter_given_twice_means_either_and_names_match_in_any_case(tables: TestClient) -> None:
    alpha = rows(tables, "contracts", supplier="alpha ltd")
    beta = rows(tables, "contracts", supplier="BETA LTD")
    both = rows(tables, "contracts", supplier=["Alpha Ltd", "Beta Ltd"])
    assert {row["iri"] for row in both} == {row["iri"] for row in (*alpha, *beta)}
    assert len(both) == len(alpha) + len(beta)
    assert {row["supplier"] for row in rows(tables, "suppliers", supplier=["alpha ltd", "Gamma Ltd"])} == {
        *("Alpha Ltd", "Gamma Ltd"),
    }


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("from=2020-02-01&to=2020-01-01", "the period ends (2020-01-01) before it begins (2020-02-01)"),
        ("as_of=2020-02-01&to=2020-01-01", "a day (as-of) and a period (from, to) were both given"),
        ("from=2020-02-01&from=2020-01-01", "from was given twice"),
        ("_size=1&_size=2", "_size was given twice"),
        ("_next=7", "the data has changed since that page was given"),
        ("_next=soon", "_next is what a page gave"),
        ("supplier=Alfa Ltd", "no supplier is called 'Alfa Ltd'; the nearest: Alpha Ltd"),
        (
            "supplier=Testshire County Council",
            "no row has supplier='Testshire County Council'; there are, among others: ",
        ),
        ("kind=loan", "known are: "),
        ("supplier=Alpha Ltd&supplier=Alfa Ltd", "no supplier is called 'Alfa Ltd'"),
    ],
)
def test_what_filters_refuse(tables: TestClient, query: str, detail: str) -> None:
    refused = tables.get(f"/tables/contracts.json?{query}")
    assert refused.status_code == 400
    assert detail in refused.json()["detail"]


def test_services_narrower_and_places_within_are_meant_too(seeds: TestClient) -> None:
    found = rows(seeds, "dependencies", service="IT services")
    assert {"IT services"} < {row["service"] for row in found}
    assert rows(seeds, "dependencies", service="it-services") == found


def test_sums_by_party(tables: TestClient, records: DataFolder) -> None:
    alpha = rows(tables, "suppliers", supplier="Alpha Ltd")[0]
    known = rows(tables, "contracts", supplier="Alpha Ltd")[0]["supplier_iri"]
    assert alpha["iri"] == known
    assert known.startswith(BASE)
    assert Decimal(str(alpha["awarded"])) == figure(records, Scope(basis="value", suppliers=(known,)))
    assert (
        Decimal(str(alpha["received"]))
        == figure(records, Scope(basis="spend", suppliers=(known,)))
        == Decimal("1500.2")
    )
    (buyer,) = rows(tables, "buyers", buyer="testshire county council")
    assert (buyer["suppliers"], buyer["contracted"], buyer["paid"]) == (15, 150100.0, 1533.53)


def test_network_and_pages_add_up_to_the_figures(tables: TestClient, records: DataFolder) -> None:
    (buyer,) = {row["buyer_iri"] for row in rows(tables, "contracts")}
    key = buyer.removeprefix(BASE)
    found = tables.get("/network/neighbours.json", params={"node": key}).json()
    names = {vertex["key"]: vertex["label"] for vertex in found["vertices"]}
    assert {"Alpha Ltd", "Beta Ltd", "Gamma Ltd"} <= set(names.values())
    basis_of: dict[str, Basis] = {"contract": "value", "spend": "spend"}
    for edge in found["edges"]:
        scope = Scope(basis=basis_of[edge["kind"]], buyers=(buyer,), suppliers=(BASE + edge["supplier"],))
        assert Decimal(str(edge["value"])) == figure(records, scope), names[edge["supplier"]]
    around = tables.get("/network/neighbours.json", params={"node": found["edges"][0]["supplier"]}).json()
    assert {edge["value"] for edge in around["edges"]} <= {edge["value"] for edge in found["edges"]}
    page = tables.get(f"/id/{key}", headers={"Accept": "text/html"}).text
    for total_of in ("£100,033", "£50,033", "£1,500.20", "£33.33"):
        assert total_of in page, total_of
    assert "1 ceiling of a framework (£400,000,000" in page
