"""Figures as flat rows: their columns, the seeds' figures worked out by hand, and what must hold between them."""

import math
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from civicgraph.graph.edges.scope import Basis, Scope
from civicgraph.graph.edges.table import EdgeTable
from civicgraph.graph.measures.figure_columns import By, columns
from civicgraph.graph.records.iris import BASE
from civicgraph.ontology.terms import SERVICES_NS
from tests.figures import figures

TableOf = Callable[..., EdgeTable]
Rows = list[dict[str, Any]]

MARKET = (
    "market service place from to basis level hhi hhi_low hhi_high cr1 cr4 cr5 effective_suppliers gini suppliers "
    "buyers contracts total coverage excluded weight_coverage records cap hhi_unresolved hhi_if_refused hhi_if_taken "
    "winner_concentration newcomers leavers core_share band_us_2023 band_ec_2004 currency coverage_money rows"
    " classified classified_money notes"
)
SUPPLIER = (
    "supplier name total share contracts buyers hhi_buyers hhi_services hhi_places top_buyer top_buyer_share "
    "dependent_buyers sole_supplier_of coverage share_before pagerank betweenness core_number from to basis level "
    "coverage_money degree notes"
)
BUYER = (
    "buyer name total share contracts suppliers hhi_suppliers hhi_services hhi_places top_supplier "
    "top_supplier_share depends_on sole_supplied coverage share_before pagerank betweenness core_number from to basis "
    "level winner_concentration coverage_money degree notes"
)
EVERY: tuple[By, ...] = ("market", "supplier", "buyer")


def rows(table: EdgeTable, by: By, **scope: Any) -> Rows:  # noqa: ANN401 - a scope has fields of several types
    return figures(table, Scope(**scope), by)


@pytest.mark.parametrize(("by", "names"), [("market", MARKET), ("supplier", SUPPLIER), ("buyer", BUYER)])
def test_columns_are_those_that_other_programs_rely_on(seeds_table: EdgeTable, by: By, names: str) -> None:
    assert columns(by) == names.split()
    assert all(list(row) == names.split() for row in rows(seeds_table, by))


def test_the_whole_market_of_the_seeds_by_customers(seeds_table: EdgeTable) -> None:
    # 19 ties; 5 are of collectives. The other 14 make 12 pairs, because Birmingham and Capita have 3 of them:
    # East Kent and the Steria joint venture have 3 customers each, the DWP's centre 2, and 4 suppliers have 1.
    (figure, *_) = rows(seeds_table, "market")
    assert figure == {
        "market": "All services",
        "service": None,
        "place": None,
        "from": None,
        "to": None,
        "basis": "customers",
        "level": "entity",
        # 10,000 x (9 + 9 + 4 + 4 x 1) / 144
        "hhi": 1805.555556,
        # No weight is missing where each customer counts one; what 6 collectives stand for is another question.
        "hhi_low": 1805.555556,
        "hhi_high": 1805.555556,
        "cr1": 0.25,
        "cr4": 0.75,
        "cr5": pytest.approx(10 / 12),
        "effective_suppliers": 5.538462,
        # (-6 - 4 - 2 + 0 + 2 x 2 + 4 x 3 + 6 x 3) / (7 x 12)
        "gini": pytest.approx(22 / 84),
        "suppliers": 7,
        "buyers": 12,
        "contracts": 1,
        "total": 12,
        "coverage": 14 / 20,
        "excluded": "collective, no single body: 6",
        "weight_coverage": 1,
        "records": 20,
        "cap": None,
        "hhi_unresolved": 1805.555556,
        "hhi_if_refused": 1805.555556,
        "hhi_if_taken": 1805.555556,
        # 12 squared less 26, over 12 squared less 11 + 3 / 9, to the fourth power.
        "winner_concentration": pytest.approx((118 / (144 - 11 - 1 / 3)) ** 4),
        "newcomers": None,
        "leavers": None,
        "core_share": None,
        "band_us_2023": "highly concentrated",
        "band_ec_2004": "1,000 to 2,000",
        "currency": None,
        "coverage_money": None,
        "rows": 20,
        # Two of the 14 are of no stated type.
        "classified": pytest.approx(12 / 14),
        "classified_money": None,
        "notes": "",
    }


def test_markets_by_service_of_the_seeds(seeds_table: EdgeTable) -> None:
    # IT: East Kent 3, Capita 1: 10,000 x (9 + 1) / 16; 5 of 9 ties are of collectives.
    # Back office, with finance, HR and procurement under it: 3, 2, 1, 1, 1: 10,000 x 16 / 64; 3 of 11 left out.
    found = [(row["market"], row["hhi"], row["suppliers"], row["coverage"]) for row in rows(seeds_table, "market")]
    assert found[1:] == [
        ("Desktop and workspace", 10_000, 1, 1),
        ("Finance", 10_000, 1, 1),
        ("Human resources", 10_000, 1, 1),
        ("Procurement", 10_000, 1, 1),
        ("IT services", 6250, 2, 4 / 9),
        ("Back-office services", 2500, 5, 8 / 11),
    ]


def test_a_narrower_scope_shows_itself_and_what_lies_under_it(seeds_table: EdgeTable) -> None:
    found = rows(seeds_table, "market", services=(SERVICES_NS + "back-office",))
    assert [row["market"] for row in found] == ["Back-office services", "Finance", "Human resources", "Procurement"]


def test_a_place_of_the_seeds(seeds_table: EdgeTable) -> None:
    (figure, *_) = rows(seeds_table, "market", places=(BASE + "place/kent",))
    assert (figure["market"], figure["place"]) == ("All services in Kent", BASE + "place/kent")
    assert (figure["hhi"], figure["suppliers"], figure["buyers"], figure["coverage"]) == (10_000, 1, 3, 1)
    # Nothing was left out, so the index has no room.
    assert figure["hhi_low"] == figure["hhi_high"] == 10_000


def test_a_period_of_the_seeds(seeds_table: EdgeTable) -> None:
    # Of 20 ties, the part that was taken in-house had ended; 6 are collective; of the rest the contract with Capita,
    # the part kept under it and the three services of the joint venture have a date, and no end that is past. The 8
    # others may have run or not.
    (figure, *_) = rows(seeds_table, "market", start=date(2020, 1, 1), end=date(2020, 12, 31))
    assert (figure["from"], figure["to"]) == ("2020-01-01", "2020-12-31")
    assert figure["excluded"] == "collective, no single body: 6; no date known: 8"
    assert (figure["suppliers"], figure["buyers"], figure["total"]) == (2, 4, 4)
    assert figure["coverage"] == 5 / 19


def test_the_seeds_contracts(seeds_table: EdgeTable) -> None:
    # One contract, of which no value is known.
    (by_number,) = rows(seeds_table, "market", basis="contracts")
    assert (by_number["hhi"], by_number["contracts"], by_number["coverage"]) == (10_000, 1, 1)
    (by_value,) = rows(seeds_table, "market", basis="value")
    assert (by_value["hhi"], by_value["gini"], by_value["cr1"]) == (None, None, None)
    assert (by_value["suppliers"], by_value["total"], by_value["coverage"]) == (0, 0, 0)
    assert by_value["excluded"] == "no value known: 1"


def test_a_supplier_of_the_seeds(seeds_table: EdgeTable) -> None:
    figure = next(row for row in rows(seeds_table, "supplier") if row["name"] == "East Kent Services")
    assert figure == {
        "supplier": BASE + "organisation/east-kent-services",
        "name": "East Kent Services",
        "total": 3,
        "share": 0.25,
        "contracts": 0,
        "buyers": 3,
        # Thirds over the buyers; each tie half IT and half desktops; each for its own district.
        "hhi_buyers": 3333.333333,
        "hhi_services": 5000,
        "hhi_places": 3333.333333,
        # The three are equal, and Canterbury is the first by name.
        "top_buyer": "Canterbury City Council",
        "top_buyer_share": pytest.approx(1 / 3),
        "dependent_buyers": 3,
        # 3 councils by 2 services.
        "sole_supplier_of": 6,
        "coverage": 14 / 20,
        **dict.fromkeys(("share_before", "betweenness", "from", "to", "coverage_money")),
        # What falls to everybody, and 0.85 of what each of its three buyers has, who buy from nobody else.
        "pagerank": pytest.approx((1 + 3 * 0.85) * min(row["pagerank"] for row in rows(seeds_table, "buyer"))),
        "core_number": 1,
        "degree": 3,
        "basis": "customers",
        "level": "entity",
        "notes": "",
    }


def test_a_buyer_of_the_seeds(seeds_table: EdgeTable) -> None:
    figure = next(row for row in rows(seeds_table, "buyer") if row["name"] == "Birmingham City Council")
    assert figure == {
        "buyer": BASE + "organisation/birmingham-city-council",
        "name": "Birmingham City Council",
        "total": 1,
        "share": pytest.approx(1 / 12),
        "contracts": 1,
        "suppliers": 1,
        "hhi_suppliers": 10_000,
        "hhi_services": 10_000,
        # What Capita does is for the council's own area.
        "hhi_places": 10_000,
        "top_supplier": "Capita",
        "top_supplier_share": 1,
        "depends_on": 1,
        "sole_supplied": 1,
        "coverage": 14 / 20,
        **dict.fromkeys(("share_before", "betweenness", "from", "to", "coverage_money")),
        # Who sells nothing has what falls to everybody.
        "pagerank": min(row["pagerank"] for row in rows(seeds_table, "buyer")),
        "core_number": 1,
        "degree": 1,
        "basis": "customers",
        "level": "entity",
        # One supplier has all of it.
        "winner_concentration": 0,
        "notes": "",
    }


def test_suppliers_and_buyers_come_the_largest_first_then_by_name(seeds_table: EdgeTable) -> None:
    suppliers, buyers = rows(seeds_table, "supplier"), rows(seeds_table, "buyer")
    assert suppliers == sorted(suppliers, key=lambda row: (-row["total"], row["supplier"]))
    assert buyers == sorted(buyers, key=lambda row: (-row["total"], row["buyer"]))


def test_money_is_shared_among_suppliers_and_its_gaps_are_told(table_of: TableOf) -> None:
    contract = {"kind": "contract", "currency": "GBP"}
    table = table_of(
        [
            ("a", "x", contract | {"value": Decimal("1234567890.12"), "split": 0.5, "key": "shared"}),
            ("b", "x", contract | {"value": Decimal("1234567890.12"), "split": 0.5, "key": "shared"}),
            ("b", "y", contract | {"value": Decimal("1234567890.12"), "key": "own"}),
            ("b", "y", contract | {"key": "of no known value"}),
        ]
    )
    (figure,) = rows(table, "market", basis="value")
    assert (figure["hhi"], figure["cap"]) == (5000, 1234567890.12)
    # What y has besides lies between nothing and as much as it is known to have: 1 and 2 of 3.
    assert (figure["hhi_low"], figure["hhi_high"]) == (5000, 5555.555556)
    assert (figure["total"], figure["contracts"], figure["coverage"]) == (2469135780.24, 2, 2 / 3)
    assert figure["excluded"] == "no value known: 1"
    x, y = rows(table, "supplier", basis="value")
    # The shared contract is one, though two buyers stand behind it.
    assert (x["name"], x["total"], x["contracts"], x["buyers"]) == ("X", 1234567890.12, 1, 2)
    assert (y["top_buyer"], y["dependent_buyers"]) == ("B", 1)


@pytest.mark.parametrize(
    ("basis", "whole", "it"), [("value", 10 / 30, 10 / 20), ("customers", 4 / 6, 4 / 5)], ids=["value", "customers"]
)
def test_the_share_of_the_core_is_that_of_each_market(table_of: TableOf, basis: Basis, whole: float, it: float) -> None:
    # The core are a, b, x and y, who have two partners each; c and d have one. For c alone there is HR, all core.
    pairs = [("ax", 1, "it"), ("ay", 2, "it"), ("bx", 3, "it"), ("by", 4, "it"), ("dx", 10, "it"), ("cy", 10, "hr")]
    table = table_of(
        [
            (*pair, {"kind": "contract", "value": Decimal(value), "currency": "GBP", "services": (f"s#{service}",)})
            for pair, value, service in pairs
        ]
    )
    found = {row["service"]: row["core_share"] for row in figures(table, Scope(basis=basis), "market", structure=True)}
    assert found == {None: pytest.approx(whole), "s#it": pytest.approx(it), "s#hr": 1}
    assert {row["core_share"] for row in rows(table, "market", basis=basis)} == {None}


def test_a_service_type_that_has_no_name_is_shown_by_its_iri(table_of: TableOf) -> None:
    table = table_of([("a", "x", {"services": ("http://example.org/unknown",)})])
    assert [row["market"] for row in rows(table, "market")] == ["All services", "http://example.org/unknown"]


@pytest.mark.parametrize("by", EVERY)
def test_an_empty_network_has_no_concentration(table_of: TableOf, by: By) -> None:
    found = rows(table_of([]), by)
    if by != "market":
        assert found == []
        return
    (figure,) = found
    assert (figure["hhi"], figure["suppliers"], figure["total"], figure["coverage"]) == (None, 0, 0, None)
    # A number of pounds is written as one, even where there is none.
    assert isinstance(figure["total"], float)


@pytest.mark.parametrize("by", EVERY)
@pytest.mark.parametrize("value", [None, Decimal(0)])
@pytest.mark.parametrize("structure", [False, True])
def test_where_all_weights_are_missing_or_zero_there_is_no_figure_and_no_fault(
    table_of: TableOf, by: By, value: Decimal | None, structure: bool
) -> None:
    tie = {"kind": "contract", "value": value, "currency": "GBP", "services": ("s#it",), "places": ("p/kent",)}
    table = table_of([("a", "x", tie), ("a", "y", tie), ("b", "y", tie)])
    found = figures(table, Scope(basis="value"), by, structure=structure)
    # Who is known to have been paid nothing is somebody; a market of which nothing is known has bounds.
    assert len(found) == (2 if by == "market" or value is not None else 0)
    for row in found:
        assert row["total"] == 0
        assert all(cell is None or not isinstance(cell, float) or math.isfinite(cell) for cell in row.values())
        assert row["share" if by != "market" else "hhi"] in (0, None)
    if by == "market" and value is None:
        # Whatever they weigh, it is nothing beside one, or the same for all three.
        assert [(row["hhi_low"], row["hhi_high"]) for row in found] == [(5000, 10_000)] * 2


TIES = st.lists(
    st.tuples(
        st.sampled_from("abc"),
        st.sampled_from("wxyz"),
        st.fixed_dictionaries(
            {
                "kind": st.sampled_from(["service", "contract"]),
                "services": st.lists(st.sampled_from(["s#it", "s#hr"]), unique=True).map(tuple),
                "value": st.none() | st.integers(1, 10**11).map(lambda pennies: Decimal(pennies) / 100),
                "currency": st.sampled_from(["GBP", "EUR", None]),
            }
        ),
    ),
    max_size=10,
)


@settings(max_examples=30)
@given(ties=TIES, basis=st.sampled_from(["value", "contracts", "customers", "services"]))
def test_the_figures_of_market_suppliers_and_buyers_agree(table_of: TableOf, ties: Any, basis: Basis) -> None:  # noqa: ANN401
    table, scope = table_of(ties), Scope(basis=basis)
    market, *_ = figures(table, scope, "market")
    sellers, buyers = figures(table, scope, "supplier"), figures(table, scope, "buyer")
    assert (market["suppliers"], market["buyers"]) == (len(sellers), len(buyers))
    dependent = sole = depends = supplied = 0
    shares, total = [0.0], [0.0]
    for seller in sellers:
        shares.append(seller["share"])
        total.append(seller["total"])
        dependent, sole = dependent + seller["dependent_buyers"], sole + seller["sole_supplier_of"]
        assert seller["coverage"] == market["coverage"]
        assert (seller["hhi_buyers"] or 0) >= 10_000 / seller["buyers"] - 1e-6
        assert (seller["top_buyer_share"] or 0) >= 1 / seller["buyers"] - 1e-12
    for buyer in buyers:
        depends, supplied = depends + buyer["depends_on"], supplied + buyer["sole_supplied"]
    assert (dependent, sole) == (depends, supplied)
    assert market["total"] == pytest.approx(sum(total))
    assert market["cr1"] == (None if not sellers else pytest.approx(max(shares)))
    assert market["hhi"] == (None if not sellers else pytest.approx(10_000 * sum(s * s for s in shares), abs=1e-5))
    assert sum(shares) == pytest.approx(1 if sellers else 0)
