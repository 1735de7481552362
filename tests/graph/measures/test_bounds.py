"""Bounds of HHI against every corner, against a fine grid, and against the truth that was hidden."""

from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from civicgraph.graph.measures.bounds import hhi_bounds, highest
from civicgraph.graph.measures.concentration import fractions_of, hhi

AMOUNTS = st.integers(0, 10**6)
PARTS = st.lists(st.tuples(AMOUNTS, AMOUNTS), min_size=1, max_size=6).filter(lambda parts: any(k for k, _ in parts))


def index(totals: list[float]) -> float:
    return hhi(fractions_of(np.array(totals, dtype=np.float64))) or 0.0


@pytest.mark.parametrize(
    ("known", "most", "expected"),
    [
        ([50, 30, 20], [0, 0, 0], (3800, 3800)),
        # The smaller may draw level: 60 and 60; or the larger grow to 80 of 120.
        ([60, 40], [20, 20], (5000, 5555.555556)),
        # The best m is 10 for all that can reach it.
        ([10, 0, 0], [0, 10, 10], (3333.333333, 10_000)),
        # Nothing is known at all: three alike, or one beside whom the others are nothing.
        ([0, 0, 0], [1, 1, 1], (3333.333333, 10_000)),
    ],
)
def test_bounds_worked_out_by_hand(known: list[float], most: list[float], expected: tuple[float, float]) -> None:
    assert hhi_bounds(known, most) == pytest.approx(expected)


def test_where_nobody_has_or_may_have_anything_there_are_no_bounds() -> None:
    assert hhi_bounds([], []) is None
    assert hhi_bounds([0, 0], [0, 0]) is None


@given(PARTS, st.data())
def test_bounds_hold_whatever_was_hidden(parts: list[tuple[int, int]], data: st.DataObject) -> None:
    bounds = hhi_bounds([known for known, _ in parts], [most for _, most in parts])
    assert bounds is not None
    truth = index([known + data.draw(st.floats(0, 1)) * most for known, most in parts])
    assert bounds[0] - 1e-5 <= truth <= bounds[1] + 1e-5


@given(PARTS)
def test_the_highest_is_that_of_the_highest_corner_and_nothing_on_a_grid_is_lower(parts: list[tuple[int, int]]) -> None:
    bounds = hhi_bounds([known for known, _ in parts], [most for _, most in parts])
    assert bounds is not None
    known, most = zip(*parts, strict=True)
    assert bounds[1] == pytest.approx(max(corners(known, most)))
    grids = [[known + most * step / 4 for step in range(5)] for known, most in parts[:4]]
    rest = [float(known) for known, _ in parts[4:]]
    assert all(index([*point, *rest]) >= bounds[0] - 1e-5 for point in product(*grids) if any(point) or any(rest))


def corners(known: Sequence[float], most: Sequence[float]) -> Iterator[float]:
    for corner in product(*({low, low + room} for low, room in zip(known, most, strict=True))):
        if any(corner):
            yield index(list(map(float, corner)))


SMALL = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=10)


@given(SMALL.filter(lambda parts: any(known for known, _ in parts) and any(most for _, most in parts)))
@settings(max_examples=40)
def test_the_highest_is_that_of_the_highest_corner_where_many_are_alike(parts: list[tuple[int, int]]) -> None:
    known, most = zip(*parts, strict=True)
    bounds = hhi_bounds(known, most)
    assert bounds is not None
    assert bounds[1] == pytest.approx(max(corners(known, most)), abs=1e-5)


@given(st.lists(st.integers(0, 40), min_size=2, max_size=11), st.integers(41, 90), st.integers(0, 200))
@settings(max_examples=40)
def test_the_highest_is_exact_where_to_find_it_is_to_find_a_subset_of_a_sum(
    least: list[int], gain: int, other: int
) -> None:
    # Each at its most adds the same to the squares for what it adds to the sum: 2 a + w = 2 x gain.
    known, most = [*least, other], [*(2 * (gain - low) for low in least), 0]
    bounds = hhi_bounds(known, most)
    assert bounds is not None
    assert bounds[1] == pytest.approx(max(corners(known, most)), abs=1e-5)


@pytest.mark.parametrize("many", [40, 3000, 70_000])
def test_of_many_parties_no_corner_passes_the_bound_and_it_is_near(many: int) -> None:
    chance = np.random.default_rng(many)
    known = chance.lognormal(0, 2, many) * (chance.random(many) < 0.7)
    most = chance.lognormal(0, 2, many) * (chance.random(many) < 0.5)
    bound, found = highest(known, most)
    # Of what may be taken in part nobody has so much of the whole.
    widest = np.sort(most)[::-1][12 if many == 40 else 4 if many == 3000 else 0]
    assert found <= bound <= found / (1 - (widest / known.sum()) ** 2) + 1e-12
    assert bound - found < 1e-4
    for _ in range(50):
        totals = known + most * (chance.random(many) < chance.random())
        assert index(totals.tolist()) <= 10_000 * bound + 1e-6
    # Nor does taking one party more or one less from the best of those in order of what they gain.
    order = np.argsort(-(2 * known + most))
    taken = np.zeros(many)
    for party in order[:3000]:
        taken[party] = most[party]
        assert index((known + taken).tolist()) <= 10_000 * bound + 1e-6


@given(
    SMALL.filter(lambda parts: any(known for known, _ in parts) and any(most for _, most in parts)), st.integers(1, 6)
)
@settings(max_examples=40)
def test_the_bound_holds_for_more_than_are_taken_in_every_combination(parts: list[tuple[int, int]], times: int) -> None:
    known, most = (np.array(list(column) * times, dtype=np.float64) for column in zip(*parts, strict=True))
    bound, found = highest(known, most)
    assert found <= bound + 1e-12
    chance = np.random.default_rng(times)
    for _ in range(30):
        totals = known + most * (chance.random(len(known)) < chance.random())
        assert index(totals.tolist()) <= 10_000 * bound + 1e-6


def test_hidden_money_worked_out_by_hand() -> None:
    # 90 and 10, and 100 that may be the first's, or spread so thinly that it adds to nobody: 8,200 of 200 squared.
    assert hhi_bounds([90, 10], [0, 0], 100) == pytest.approx((2050, 10_000 * (190**2 + 10**2) / 200**2))
    assert hhi_bounds([], [], 100) is None


def highest_with_hidden(known: Sequence[float], most: Sequence[float], hidden: float) -> float:
    """Return the highest HHI of every corner, and of everybody or somebody unknown as who has what is hidden."""
    found = 0.0
    for corner in product(*({low, low + room} for low, room in zip(known, most, strict=True))):
        totals = [*map(float, corner), 0.0]
        for at in range(len(totals)):
            found = max(found, index([one + hidden * (place == at) for place, one in enumerate(totals)]))
    return found


@given(SMALL.filter(lambda parts: any(known or most for known, most in parts)), st.integers(1, 60))
@settings(max_examples=40, deadline=None)
def test_the_highest_with_hidden_money_is_that_of_every_corner_and_receiver(
    parts: list[tuple[int, int]], hidden: int
) -> None:
    known, most = zip(*parts, strict=True)
    bounds = hhi_bounds(known, most, hidden)
    assert bounds is not None
    assert bounds[1] == pytest.approx(highest_with_hidden(known, most, hidden), abs=1e-5)


def test_where_too_many_may_be_the_largest_the_bound_still_holds() -> None:
    # Each is known to have less than the one before, and may have more.
    known, most = [float(20 - at) for at in range(20)], [3.0 * at for at in range(20)]
    bounds = hhi_bounds(known, most, 5)
    assert bounds is not None
    order = sorted(range(20), key=lambda at: -(2 * known[at] + most[at]))
    taken = list(known)
    for at in order:
        taken[at] += most[at]
        for receiver in range(20):
            assert index([one + 5 * (place == receiver) for place, one in enumerate(taken)]) <= bounds[1] + 1e-6


@given(PARTS, st.integers(1, 10**6), st.data())
def test_bounds_hold_whoever_has_what_is_hidden(parts: list[tuple[int, int]], hidden: int, data: st.DataObject) -> None:
    bounds = hhi_bounds([known for known, _ in parts], [0] * len(parts), hidden)
    assert bounds is not None
    weights = data.draw(st.lists(st.integers(0, 9), min_size=len(parts) + 3, max_size=len(parts) + 3).filter(any))
    given_out = [hidden * weight / sum(weights) for weight in weights]
    known = [*(known for known, _ in parts), 0, 0, 0]
    truth = index([one + more for one, more in zip(known, given_out, strict=True)])
    assert bounds[0] - 1e-5 <= truth <= bounds[1] + 1e-5
    assert bounds[0] <= index([float(one) for one in known]) + 1e-5
