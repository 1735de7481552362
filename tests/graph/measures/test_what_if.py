"""What-if: failures and mergers worked out by hand, and what always holds of a merger."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civicgraph.graph.edges.scope import Scope
from civicgraph.graph.edges.table import EdgeTable
from civicgraph.graph.identity.ownership import Holding
from civicgraph.graph.measures.failure import fails, failure_of, knocked_on, supplies_anybody
from civicgraph.graph.measures.merger import merge

TableOf = Callable[..., EdgeTable]

DAY = date(2020, 1, 1)
CONTRACT = {"kind": "contract", "currency": "GBP", "services": ("s#it",)}


def region(table_of: TableOf) -> EdgeTable:
    """Ashby and Bixby lie in the north, Corby in the south, all in one country; x is in all three."""
    ends = {"start": date(2019, 1, 1), "end": date(2020, 12, 30)}  # 730 days, of which 365 are left
    return table_of(
        [
            ("ashby", "x", CONTRACT | ends | {"value": Decimal(730), "places": ("p#ashby",), "key": "one"}),
            ("bixby", "x", CONTRACT | {"places": ("p#bixby",), "key": "no end"}),
            ("corby", "x", CONTRACT | {"end": date(2019, 12, 31), "places": ("p#corby",), "key": "over"}),
            ("ashby", "y", CONTRACT | {"places": ("p#ashby",)}),
            ("corby", "z", CONTRACT | {"places": ("p#corby",)}),
            ("corby", "past", CONTRACT | {"end": date(2019, 1, 1), "places": ("p#corby",)}),
            ("bixby", "x", CONTRACT | {"guard": "framework-ceiling", "key": "guarded"}),
        ],
        broader={
            "p#ashby": frozenset({"p#north", "p#country"}),
            "p#bixby": frozenset({"p#north", "p#country"}),
            "p#corby": frozenset({"p#south", "p#country"}),
        },
        wide=[("p#country",)],
    )


def test_a_failure_worked_out_by_hand(table_of: TableOf) -> None:
    found = fails(region(table_of), {"x": "itself"}, DAY)
    first, last = found["hits"]
    assert (found["customers"], found["services"], found["stranded"], found["contracts"]) == (2, 2, 1, 2)
    assert (found["left_gbp"], found["left_out"]) == (365, 1)
    assert (first["tie"], first["buyer"], first["to"], first["left"]) == ("one", "Ashby", "2020-12-30", 365)
    assert (first["others_of_buyer"], first["others_in_region"], first["others_anywhere"], first["others"]) == (
        1,
        1,
        2,
        "Y",
    )
    # Nobody else serves Bixby; Y is in its region.
    assert (last["tie"], last["to"], last["left"]) == ("no end", None, None)
    assert (last["others_of_buyer"], last["others_in_region"], last["others_anywhere"], last["others"]) == (
        0,
        1,
        2,
        "Y",
    )


PAID = {"kind": "spend", "currency": "GBP", "value": Decimal(10)}


def paid(*days: date, **more: Any) -> list[tuple[str, str, dict[str, Any]]]:  # noqa: ANN401 - what is said of an edge
    return [("ashby", "x", PAID | {"start": day, "end": day, "key": str(day), **more}) for day in days]


def test_payments_are_one_tie_that_goes_on_while_they_recur(table_of: TableOf) -> None:
    quarterly = paid(date(2019, 2, 1), date(2019, 5, 3), date(2019, 8, 1), date(2019, 10, 31))
    once = [("bixby", "x", PAID | {"start": date(2019, 12, 1), "end": date(2019, 12, 1), "services": ("s#it",)})]
    table = table_of([*quarterly, *once])
    found = fails(table, {"x": "itself"}, DAY)
    # The longest pause of the quarterly ones is 91 days, and 62 have passed; of the single one 31 days have, a month.
    assert [(hit["buyer"], hit["payments"], hit["left"], hit["from"], hit["to"]) for hit in found["hits"]] == [
        ("Ashby", 4, 40, "2019-02-01", "2019-10-31"),
        ("Bixby", 1, 10, "2019-12-01", "2019-12-01"),
    ]
    assert (found["customers"], found["paid_gbp"], found["left_gbp"], found["last_held"]) == (2, 50, 0, None)
    assert found["hits"][0]["tie"] == "2019-10-31"
    later = fails(table, {"x": "itself"}, date(2020, 1, 31))
    assert [hit["buyer"] for hit in later["hits"]] == []
    assert (later["paid_gbp"], later["last_held"]) == (0, date(2019, 12, 1))


def test_a_service_and_the_contract_for_it_are_one_line(table_of: TableOf) -> None:
    it, hr = {"services": ("s#it",)}, {"services": ("s#hr",)}
    table = table_of([("ashby", "x", CONTRACT), ("ashby", "x", it | {"key": "it"}), ("ashby", "x", hr | {"key": "hr"})])
    found = fails(table, {"x": "itself"}, DAY)
    assert [(hit["service_iri"], hit["kind"]) for hit in found["hits"]] == [("s#hr", "service"), ("s#it", "contract")]
    assert (found["customers"], found["services"], found["contracts"]) == (1, 2, 1)


@pytest.mark.parametrize(("passed", "hit"), [(30, True), (31, True), (32, False)])
def test_a_single_payment_goes_on_for_a_month(table_of: TableOf, passed: int, hit: bool) -> None:
    table = table_of(paid(DAY - timedelta(days=passed)))
    assert bool(fails(table, {"x": "itself"}, DAY)["hits"]) is hit


def test_the_day_is_the_last_on_which_anything_is_known_of_the_supplier(table_of: TableOf) -> None:
    other = ("corby", "z", PAID | {"start": date(2024, 1, 1), "end": date(2024, 1, 1)})
    table = table_of([*paid(date(2014, 3, 1), date(2014, 3, 31)), other], as_of=date(2024, 1, 1))
    found = failure_of(table, "x", None)
    assert (found["day"], found["customers"], found["paid_gbp"]) == (date(2014, 3, 31), 1, 20)
    runs_on = table_of([("ashby", "x", CONTRACT | {"end": date(2030, 1, 1)}), other], as_of=date(2024, 1, 1))
    assert failure_of(runs_on, "x", None)["day"] == date(2024, 1, 1)


def test_what_is_not_known_is_not_nothing(table_of: TableOf) -> None:
    table = table_of([("ashby", "x", CONTRACT | {"end": date(2020, 12, 31)})])
    found = fails(table, {"x": "itself"}, DAY)
    assert (found["contracts"], found["left_gbp"], found["unknown"], found["hits"][0]["left"]) == (1, None, 1, None)
    worth = ("bixby", "x", CONTRACT | {"start": DAY, "end": date(2020, 12, 31), "value": Decimal(5), "key": "worth"})
    both = fails(table_of([("ashby", "x", CONTRACT | {"end": date(2020, 12, 31)}), worth]), {"x": "itself"}, DAY)
    assert (both["contracts"], both["left_gbp"], both["unknown"]) == (2, 5, 1)


def test_who_is_only_passed_money_on_supplies_nobody(table_of: TableOf) -> None:
    table = table_of([("ashby", "bixby", PAID | {"guard": "public-transfer"}), ("ashby", "x", PAID)])
    assert not supplies_anybody(table, "bixby")
    assert supplies_anybody(table, "x")


def test_nobody_is_hit_by_who_supplies_nothing(table_of: TableOf) -> None:
    found = fails(region(table_of), {"nobody": "itself"}, DAY)
    assert (found["customers"], found["left_gbp"], found["hits"]) == (0, 0, [])


def test_what_it_owns_is_hit_with_it_and_no_more_than_that() -> None:
    held = [
        Holding("group", "x", controls=True),
        Holding("x", "daughter", controls=True, start=date(2019, 1, 1)),
        Holding("x", "sold", controls=True, end=date(2019, 1, 1)),
        Holding("daughter", "venture", controls=False),
        Holding("venture", "of the venture", controls=True),
        Holding("daughter", "x", controls=True),
    ]
    assert list(knocked_on("x", held, DAY).items()) == [
        ("x", "itself"),
        ("daughter", "group"),
        ("venture", "joint venture"),
    ]


def test_a_merger_worked_out_by_hand(table_of: TableOf) -> None:
    # 40, 30 and 30 percent: 1,600 + 900 + 900; together 70: 4,900 + 900. They meet in IT alone, half and half.
    service: dict[str, Any] = {"kind": "contract", "currency": "GBP", "value": Decimal(10)}
    it, hr = service | {"services": ("s#it",)}, service | {"services": ("s#hr",)}
    table = table_of([("a", "x", it | {"value": Decimal(30)}), ("b", "y", it | {"value": Decimal(30)}),
                          ("b", "x", hr), ("c", "z", hr | {"value": Decimal(30)})])  # fmt: skip
    whole, in_it = merge(table, Scope(basis="value"), "x", "y")
    assert (whole["share_a"], whole["share_b"], whole["hhi_before"], whole["hhi_after"]) == (0.4, 0.3, 3400, 5800)
    assert (whole["delta"], whole["suppliers_before"], whole["suppliers_after"]) == (2400, 3, 2)
    assert (whole["us_2023_presumes_harm"], whole["ec_2004_no_concern"], whole["crosses"]) == (True, False, "")
    assert (in_it["service"], in_it["hhi_before"], in_it["hhi_after"]) == ("s#it", 5000, 10_000)


def test_who_is_not_there_changes_nothing(table_of: TableOf) -> None:
    table = table_of([("a", "x", {"services": ("s#it",)}), ("b", "y", {})])
    (whole,) = merge(table, Scope(), "x", "nobody")
    assert (whole["share_b"], whole["delta"], whole["us_2023_presumes_harm"]) == (0, 0, None)
    (empty,) = merge(table_of([]), Scope(), "x", "y")
    assert (empty["hhi_before"], empty["delta"], empty["crosses"]) == (None, None, "")


TIES = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("wxyz"), st.integers(1, 10**6)), min_size=1)


@given(ties=TIES, basis=st.sampled_from(["value", "contracts", "customers"]))
def test_a_merger_raises_hhi_by_twice_the_product_of_the_shares(table_of: TableOf, ties: Any, basis: Any) -> None:  # noqa: ANN401
    contracts = [(buyer, supplier, CONTRACT | {"value": Decimal(value)}) for buyer, supplier, value in ties]
    for market in merge(table_of(contracts), Scope(basis=basis), "w", "x"):
        assert market["delta"] == pytest.approx(20_000 * market["share_a"] * market["share_b"], abs=1e-4)
        assert market["suppliers_before"] - market["suppliers_after"] == bool(market["share_a"] and market["share_b"])
