"""What a market may be beside its parts.

Let two parts share out the weight of a market: what each tie weighs in the whole is the sum of what it weighs in both.
Then each supplier's total is the sum of its totals, and with p and q = 1 - p the parts' fractions of the whole, its
share is p x + q y of its shares x and y in the parts. From that follows, and is tested here:

- a supplier's share lies between its shares in the parts;
- HHI and concentration ratios are convex functions of shares (a sum of squares; the greatest of the sums of k of them),
  so that of the whole is at most p times that of the one and q times that of the other, and so at most the higher of
  the two; Gini as well, counted over the suppliers of both;
- (p x + q y) ** 2 is at least (p x) ** 2 + (q y) ** 2, so HHI is at least p ** 2 times the one and q ** 2 times the
  other, and exactly that where no supplier is in both; the least that this can be, for HHIs H and K and any p, is
  1 / (1 / H + 1 / K), so the effective number of suppliers is at most the sum of the parts', and at least the smaller;
- coverage is a fraction of counts, and lies between those of the parts where no record is in both.

The lower end does not hold for HHI: two monopolies make a market of two. And where what is in both counts once, as
customers do, and contracts that run in two periods, nothing of this holds.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from civicgraph.graph.edges.scope import Basis, Scope
from civicgraph.graph.edges.table import EdgeTable
from civicgraph.graph.measures.figure_columns import Figure
from tests.figures import figures

TableOf = Callable[..., EdgeTable]
BROADER = {"s#it": frozenset({"s#all"}), "s#hr": frozenset({"s#all"})}
KINDS: dict[Basis, str] = {"value": "contract", "contracts": "contract", "services": "service"}
DAYS = st.none() | st.dates(date(2019, 1, 1), date(2020, 12, 31))


def tie(kind: str, *, several: bool) -> st.SearchStrategy[tuple[str, str, dict[str, Any]]]:
    types = st.lists(st.sampled_from(["s#it", "s#hr"]), unique=True, min_size=1, max_size=2 if several else 1)
    return st.tuples(
        st.sampled_from("abc"),
        st.sampled_from("uvwxyz"),
        st.fixed_dictionaries(
            {
                "kind": st.just(kind),
                "services": types.map(tuple),
                "value": st.none() | st.integers(1, 10**9).map(Decimal),
                "currency": st.just("GBP"),
                "start": DAYS,
                "end": DAYS,
            }
        ),
    )


def market(table: EdgeTable, scope: Scope) -> Figure:
    return figures(table, scope, "market")[0]


def shares(table: EdgeTable, scope: Scope) -> dict[str, float]:
    return {one["supplier"]: one["share"] for one in figures(table, scope, "supplier")}


def check(table: EdgeTable, whole_scope: Scope, *parts: Scope) -> None:
    """Check all that must hold between a market and two parts that share out its weight."""
    whole, (one, other) = market(table, whole_scope), (market(table, part) for part in parts)
    assert whole["total"] == pytest.approx(one["total"] + other["total"], abs=1e-5)
    if not one["total"] or not other["total"]:
        return
    p, q = one["total"] / whole["total"], other["total"] / whole["total"]
    # Totals are told to a millionth, which is much of a pound that is spread over two years.
    slack = 1e-9 + 2e-6 / whole["total"]
    held, (x, y) = shares(table, whole_scope), (shares(table, part) for part in parts)
    assert set(held) == set(x) | set(y)
    for supplier, share in held.items():
        mine = x.get(supplier, 0.0), y.get(supplier, 0.0)
        assert share == pytest.approx(p * mine[0] + q * mine[1], abs=slack)
        assert min(mine) - 1e-9 <= share <= max(mine) + 1e-9
    for name in ("hhi", "cr1", "cr4", "cr5"):
        mean = p * one[name] + q * other[name]
        assert whole[name] <= mean + 1e-5 + 20_000 * slack
        assert mean <= max(one[name], other[name]) + 1e-5 + 20_000 * slack
    apart = p * p * (one["hhi"] or 0) + q * q * (other["hhi"] or 0)
    assert (whole["hhi"] or 0) >= apart - 1e-5 - 40_000 * slack
    if not set(x) & set(y):
        assert whole["hhi"] == pytest.approx(apart, abs=1e-5 + 40_000 * slack)
    numbers = one["effective_suppliers"] or 0, other["effective_suppliers"] or 0
    assert min(numbers) - 1e-5 <= (whole["effective_suppliers"] or 0) <= sum(numbers) + 1e-5
    # Who is in the other part only has nothing in this one.
    ginis = [1 - part["suppliers"] / whole["suppliers"] * (1 - (part["gini"] or 0)) for part in (one, other)]
    assert (whole["gini"] or 0) <= p * ginis[0] + q * ginis[1] + 2 * slack
    if one["records"] + other["records"] == whole["records"]:
        covered = one["coverage"] or 0, other["coverage"] or 0
        assert min(covered) - 1e-9 <= (whole["coverage"] or 0) <= max(covered) + 1e-9


@given(data=st.data(), basis=st.sampled_from(sorted(KINDS)), several=st.booleans())
@settings(max_examples=30)
def test_two_service_types_share_out_the_market_of_both(
    table_of: TableOf, data: st.DataObject, basis: Basis, several: bool
) -> None:
    ties = data.draw(st.lists(tie(KINDS[basis], several=several), max_size=12))
    table = table_of(ties, broader=BROADER)
    check(table, *(Scope(services=(f"s#{name}",), basis=basis) for name in ("all", "it", "hr")))


@given(ties=st.lists(tie("contract", several=False), max_size=12), at=st.dates(date(2019, 1, 2), date(2020, 12, 31)))
@example(
    ties=[
        ("a", supplier, {"kind": "contract", "services": ("s#it",), "value": Decimal(1), "currency": "GBP"} | days)
        for supplier, days in (
            ("u", {"start": date(2019, 1, 2), "end": date(2020, 12, 31)}),
            ("v", {"start": date(2019, 1, 1), "end": date(2020, 12, 31)}),
        )
    ],
    at=date(2019, 1, 2),
)
@settings(max_examples=30)
def test_money_of_two_periods_one_after_the_other_is_that_of_both(table_of: TableOf, ties: Any, at: date) -> None:  # noqa: ANN401
    first, last, eve = date(2019, 1, 1), date(2020, 12, 31), date.fromordinal(at.toordinal() - 1)
    spans = ((first, last), (first, eve), (at, last))
    check(table_of(ties), *(Scope(start=start, end=end, basis="value") for start, end in spans))


def test_two_monopolies_make_a_market_of_two(table_of: TableOf) -> None:
    table = table_of(
        [("a", "x", {"services": ("s#it",)}), ("a", "y", {"services": ("s#hr",)})],
        broader=BROADER,
    )
    found = [market(table, Scope(services=(f"s#{name}",), basis="services"))["hhi"] for name in ("it", "hr", "all")]
    assert found == [10_000, 10_000, 5000]


def test_by_customers_the_whole_may_be_more_concentrated_than_either_part(table_of: TableOf) -> None:
    # In each part both suppliers have two customers. X has others in the other part, and Y the same ones: 4 and 2 of 6.
    pairs = [("a", "x", "it"), ("b", "x", "it"), ("c", "x", "hr"), ("d", "x", "hr")]
    pairs += [(buyer, "y", name) for buyer in "ab" for name in ("it", "hr")]
    table = table_of(
        [(buyer, supplier, {"services": (f"s#{name}",)}) for buyer, supplier, name in pairs], broader=BROADER
    )
    found = [market(table, Scope(services=(f"s#{name}",)))["hhi"] for name in ("it", "hr", "all")]
    assert found == [5000, 5000, pytest.approx(10_000 * 20 / 36)]
