"""The formulas of concentration against figures worked out by hand, other formulas, and what must always hold."""

import math
from collections.abc import Callable, Iterable
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from civicgraph.graph.measures.concentration import concentration_ratio, effective_number, gini, hhi, shares

PENNIES = st.integers(0, 10**13)
TOTALS = st.lists(PENNIES.map(lambda pennies: pennies / 100), max_size=40)
POSITIVE = st.lists(st.integers(1, 10**13).map(lambda pennies: pennies / 100), min_size=1, max_size=40)
SCALES = st.sampled_from([1e-6, 0.01, 3.0, 1e9])


def shares_of(totals: Iterable[float]) -> list[float]:
    return list(shares(dict(enumerate(totals))).values())


def index_of(totals: Iterable[float]) -> float:
    found = hhi(shares_of(totals))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("totals", "index", "effective"),
    [
        # 50, 30 and 20 percent: 2,500 + 900 + 400; 1 / 0.38.
        ([50, 30, 20], 3800, 2.631579),
        ([7], 10_000, 1),
        ([1, 1], 5000, 2),
        # Four equal ones: 4 x 25 squared.
        ([3, 3, 3, 3], 2500, 4),
        # The Department of Justice's own example: 900 + 900 + 400 + 400.
        ([30, 30, 20, 20], 2600, 3.846154),
        # Thirds: 3 x 33.3333... squared.
        ([1, 1, 1], 3333.333333, 3),
    ],
)
def test_hhi_and_effective_number_worked_out_by_hand(totals: list[float], index: float, effective: float) -> None:
    fractions = shares_of(totals)
    assert hhi(fractions) == index
    assert effective_number(fractions) == effective


@pytest.mark.parametrize(
    ("largest", "ratio"),
    # 40, 20, 15, 10, 10 and 5 percent, in no order.
    [(1, 0.4), (2, 0.6), (4, 0.85), (5, 0.95), (6, 1), (100, 1)],
)
def test_concentration_ratios_worked_out_by_hand(largest: int, ratio: float) -> None:
    assert concentration_ratio(shares_of([10, 5, 40, 10, 20, 15]), largest) == ratio


@pytest.mark.parametrize(
    ("totals", "coefficient"),
    [
        ([5], 0),
        ([1, 1, 1, 1], 0),
        # Who has all of it is one of n: (n - 1) / n.
        ([0, 0, 0, 8], 0.75),
        # Mean absolute difference over twice the mean: (2 x 2) / 4 = 1, by 2 x 2 = 4.
        ([1, 3], 0.25),
        # Differences 1, 2 and 1, each twice, over 9 pairs: 8/9, by twice the mean of 2: 2/9.
        ([1, 2, 3], 0.222222222222),
    ],
)
def test_gini_worked_out_by_hand(totals: list[float], coefficient: float) -> None:
    assert gini(totals) == coefficient


@pytest.mark.parametrize("totals", [[], [0], [0, 0, 0]])
def test_where_nobody_has_anything_there_is_no_figure(totals: list[float]) -> None:
    fractions = shares_of(totals)
    assert fractions == []
    assert hhi(fractions) is None
    assert effective_number(fractions) is None
    assert concentration_ratio(fractions, 4) is None
    assert gini(totals) is None


def test_what_is_not_positive_has_no_share() -> None:
    assert shares({"a": 3, "b": 0, "c": -4, "d": 1}) == {"a": 0.75, "d": 0.25}
    assert shares({"a": -1}) == {}
    # A refund is no holding, and a holding of nothing is one: 0, 1 and 3.
    assert gini([-9, 0, 1, 3]) == gini([0, 1, 3]) == 0.5


def test_many_equal_parties_are_counted_exactly() -> None:
    # The index of 30,000 is a third of one, and no rounding of it may cost a supplier.
    assert effective_number([1 / 30_000] * 30_000) == 30_000


@given(TOTALS)
def test_shares_are_fractions_of_one_in_the_ratio_of_the_totals(totals: list[float]) -> None:
    found = shares(dict(enumerate(totals)))
    assert set(found) == {number for number, total in enumerate(totals) if total > 0}
    whole = sum(map(Fraction, totals))
    for number, share in found.items():
        assert 0 < share <= 1
        assert share == pytest.approx(float(Fraction(totals[number]) / whole), rel=1e-12)
    if found:
        assert math.fsum(found.values()) == pytest.approx(1, abs=1e-12)


@given(POSITIVE)
def test_hhi_is_the_sum_of_squares_over_the_square_of_the_sum(totals: list[float]) -> None:
    exact = [Fraction(total) for total in totals]
    expected = 10_000 * sum(total * total for total in exact) / sum(exact) ** 2
    assert index_of(totals) == pytest.approx(float(expected), rel=1e-9, abs=1e-6)


@given(POSITIVE)
def test_hhi_lies_between_equality_and_monopoly(totals: list[float]) -> None:
    rounding = 1e-6
    assert 10_000 / len(totals) - rounding <= index_of(totals) <= 10_000 + rounding


@given(POSITIVE)
def test_hhi_follows_from_the_variance_of_the_shares(totals: list[float]) -> None:
    # Adelman: H = 1 / n + n x variance of the shares.
    values = np.array(totals) / np.sum(totals)
    expected = 10_000 * (1 / len(values) + len(values) * float(np.var(values)))
    assert index_of(totals) == pytest.approx(expected, rel=1e-6, abs=1e-5)


@given(POSITIVE)
def test_the_effective_number_is_the_inverse_and_at_most_the_number(totals: list[float]) -> None:
    found = effective_number(shares_of(totals))
    assert found is not None
    assert found == pytest.approx(10_000 / index_of(totals), rel=1e-6)
    assert 1 - 1e-6 <= found <= len(totals) + 1e-6


@given(POSITIVE.filter(lambda totals: len(totals) > 1), st.data())
def test_a_merger_never_lowers_a_concentration(totals: list[float], data: st.DataObject) -> None:
    one, other = data.draw(st.permutations(range(len(totals))))[:2]
    rest = [total for number, total in enumerate(totals) if number not in (one, other)]
    merged = [totals[one] + totals[other], *rest]
    before, after = shares_of(totals), shares_of(merged)
    # By how much is known: twice the product of the two shares.
    delta = 20_000 * before[one] * before[other]
    assert index_of(merged) - index_of(totals) == pytest.approx(delta, rel=1e-6, abs=2e-6)
    assert index_of(merged) >= index_of(totals) - 2e-6
    for largest in (1, 4, 5):
        ratios = concentration_ratio(before, largest), concentration_ratio(after, largest)
        assert ratios[0] is not None
        assert ratios[1] is not None
        assert ratios[1] >= ratios[0] - 1e-11


@given(POSITIVE, st.data())
def test_a_split_never_raises_a_concentration(totals: list[float], data: st.DataObject) -> None:
    chosen = data.draw(st.integers(0, len(totals) - 1))
    part = data.draw(st.floats(0.01, 0.99)) * totals[chosen]
    split = [*totals[:chosen], part, totals[chosen] - part, *totals[chosen + 1 :]]
    assert index_of(split) <= index_of(totals) + 2e-6


@given(POSITIVE)
def test_concentration_ratios_grow_with_the_number_that_is_taken_and_end_at_one(totals: list[float]) -> None:
    fractions = shares_of(totals)
    ratios = [concentration_ratio(fractions, largest) for largest in range(1, len(totals) + 1)]
    assert ratios == sorted(ratios, key=lambda ratio: ratio or 0)
    assert ratios[0] == pytest.approx(max(totals) / math.fsum(totals))
    assert ratios[-1] == 1
    cr1, cr4, cr5 = (concentration_ratio(fractions, largest) or 0 for largest in (1, 4, 5))
    assert cr1 <= cr4 <= cr5 <= 1


@given(TOTALS)
def test_gini_is_half_the_relative_mean_absolute_difference(totals: list[float]) -> None:
    values = np.array(totals)
    if not values.sum():
        assert gini(totals) is None
        return
    difference = float(np.abs(values[:, None] - values[None, :]).mean())
    assert gini(totals) == pytest.approx(difference / (2 * float(values.mean())), abs=1e-9)


@given(TOTALS.filter(any))
def test_gini_lies_between_equality_and_one_that_has_all(totals: list[float]) -> None:
    found = gini(totals)
    assert found is not None
    assert -1e-12 <= found <= (len(totals) - 1) / len(totals) + 1e-12


@given(POSITIVE.flatmap(lambda totals: st.tuples(st.just(totals), st.permutations(totals))), SCALES)
def test_no_measure_depends_on_order_or_on_the_unit(drawn: tuple[list[float], list[float]], scale: float) -> None:
    totals, shuffled = drawn
    scaled = [total * scale for total in shuffled]
    measures: list[Callable[[list[float]], float | None]] = [
        gini,
        lambda values: hhi(shares_of(values)),
        lambda values: effective_number(shares_of(values)),
        lambda values: concentration_ratio(shares_of(values), 4),
    ]
    for measure in measures:
        assert measure(scaled) == pytest.approx(measure(totals), rel=1e-9, abs=2e-6)
