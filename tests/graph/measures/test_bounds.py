"""Bounds of HHI against every corner, against a fine grid, and against the truth that was hidden."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from civicgraph.graph.measures.bounds import _over_chords, hhi_bounds
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
    corners = product(*({known, known + most} for known, most in parts))
    assert bounds[1] == pytest.approx(max(index(list(map(float, corner))) for corner in corners if any(corner)))
    grids = [[known + most * step / 4 for step in range(5)] for known, most in parts[:4]]
    rest = [float(known) for known, _ in parts[4:]]
    assert all(index([*point, *rest]) >= bounds[0] - 1e-5 for point in product(*grids) if any(point) or any(rest))


@given(PARTS.filter(lambda parts: any(most for _, most in parts)))
def test_over_chords_nothing_is_lost(parts: list[tuple[int, int]]) -> None:
    known, most = (np.array(column, dtype=np.float64) for column in zip(*parts, strict=True))
    bounds = hhi_bounds(known, most)
    assert bounds is not None
    assert 10_000 * _over_chords(known, most, np.flatnonzero(most > 0)) >= bounds[1] - 1e-5
