"""What-if: failures and mergers worked out by hand, and what always holds of a merger."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civicgraph.graph.edges.scope import Scope
from civicgraph.graph.edges.table import EdgeTable
from civicgraph.graph.identity.ownership import Holding
from civicgraph.graph.measures.failure import Knocked, fails, knocked_on
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
    found = fails(region(table_of), [Knocked("x", "itself")], DAY)
    first, last = found.hits
    assert (found.customers, found.services, found.stranded, found.contracts) == (2, 2, 1, 2)
    assert (found.left_gbp, found.left_out) == (365, 1)
    assert (first.tie, first.buyer, first.to, first.left) == ("one", "Ashby", "2020-12-30", 365)
    assert (first.others_of_buyer, first.others_in_region, first.others_anywhere, first.others) == (1, 1, 2, "Y")
    # Nobody else serves Bixby; Y is in its region.
    assert (last.tie, last.to, last.left) == ("no end", None, None)
    assert (last.others_of_buyer, last.others_in_region, last.others_anywhere, last.others) == (0, 1, 2, "Y")


def test_what_was_paid_counts_for_a_year_and_apart_from_contracts(table_of: TableOf) -> None:
    paid = {"kind": "spend", "currency": "GBP", "start": date(2019, 11, 1), "end": date(2019, 11, 30)}
    table = table_of([("ashby", "x", paid | {"value": Decimal(70)})])
    then = fails(table, [Knocked("x", "itself")], DAY)
    assert (then.customers, then.paid_gbp, then.left_gbp, then.last_held) == (1, 70, 0, None)
    later = fails(table, [Knocked("x", "itself")], date(2021, 1, 1))
    assert (later.customers, later.paid_gbp, later.last_held) == (0, 0, date(2019, 11, 30))


def test_nobody_is_hit_by_who_supplies_nothing(table_of: TableOf) -> None:
    found = fails(region(table_of), [Knocked("nobody", "itself")], DAY)
    assert (found.customers, found.left_gbp, found.hits) == (0, 0, ())


def test_what_it_owns_is_hit_with_it_and_no_more_than_that() -> None:
    held = [
        Holding("group", "x", controls=True),
        Holding("x", "daughter", controls=True, start=date(2019, 1, 1)),
        Holding("x", "sold", controls=True, end=date(2019, 1, 1)),
        Holding("daughter", "venture", controls=False),
        Holding("venture", "of the venture", controls=True),
        Holding("daughter", "x", controls=True),
    ]
    assert [(one.iri, one.through) for one in knocked_on("x", held, DAY)] == [
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
    assert (whole.share_a, whole.share_b, whole.hhi_before, whole.hhi_after) == (0.4, 0.3, 3400, 5800)
    assert (whole.delta, whole.suppliers_before, whole.suppliers_after) == (2400, 3, 2)
    assert (whole.us_2023_presumes_harm, whole.ec_2004_no_concern, whole.crosses) == (True, False, "")
    assert (in_it.service, in_it.hhi_before, in_it.hhi_after) == ("s#it", 5000, 10_000)


def test_who_is_not_there_changes_nothing(table_of: TableOf) -> None:
    table = table_of([("a", "x", {"services": ("s#it",)}), ("b", "y", {})])
    (whole,) = merge(table, Scope(), "x", "nobody")
    assert (whole.share_b, whole.delta, whole.us_2023_presumes_harm) == (0, 0, None)
    (empty,) = merge(table_of([]), Scope(), "x", "y")
    assert (empty.hhi_before, empty.delta, empty.crosses) == (None, None, "")


TIES = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("wxyz"), st.integers(1, 10**6)), min_size=1)


@given(ties=TIES, basis=st.sampled_from(["value", "contracts", "customers"]))
def test_a_merger_raises_hhi_by_twice_the_product_of_the_shares(table_of: TableOf, ties: Any, basis: Any) -> None:  # noqa: ANN401
    contracts = [(buyer, supplier, CONTRACT | {"value": Decimal(value)}) for buyer, supplier, value in ties]
    for market in merge(table_of(contracts), Scope(basis=basis), "w", "x"):
        assert market.delta == pytest.approx(20_000 * market.share_a * market.share_b, abs=1e-4)
        assert market.suppliers_before - market.suppliers_after == bool(market.share_a and market.share_b)
