"""The lowest and the highest HHI that missing weights allow."""

from collections.abc import Sequence
from itertools import product
from typing import Final

import numpy as np
import numpy.typing as npt

from civicgraph.graph.ties.arrays import Floats

_FEW: Final = 12
"""Parties with something missing for whom every case is looked at."""


def hhi_bounds(known: Sequence[float] | Floats, most: Sequence[float] | Floats) -> tuple[float, float] | None:
    """Return the lowest and the highest HHI of totals of which only parts are known.

    Parameters
    ----------
    known
        What each party is known to have, not negative.
    most
        The most that it may have beyond that, not negative; 0 where nothing is missing.

    Returns
    -------
    tuple or None
        Both from 0 to 10,000. The lowest is exact. The highest is exact where something is missing of no more than
        12 parties; for more it is never below the highest possible, and above it by no more than the part of one
        party. None where nobody has or may have anything.

    Notes
    -----
    With totals t between a = known and b = known + most, the index is Q over S squared, Q the sum of their squares
    and S their sum. It is quasiconvex, so the lowest lies where every t is m = Q / S, as far as its bounds let it: m
    solves the sum of t (t - m) = 0, which falls as m rises. The highest lies in a corner, where every t is at one of
    its bounds. Over the chords of the squares the best corner is found by taking parties in falling order of a + b.

    Examples
    --------
    >>> hhi_bounds([50, 50], [0, 0])
    (5000.0, 5000.0)
    >>> hhi_bounds([60, 40], [0, 20])
    (5000.0, 5200.0)
    >>> hhi_bounds([0, 0], [1, 1])
    (5000.0, 10000.0)
    """
    low = np.asarray(known, dtype=np.float64)
    room = np.asarray(most, dtype=np.float64)
    there = (low > 0) | (room > 0)
    low, room = low[there], room[there]
    if not len(low):
        return None
    scale = (low + room).max()
    low, room = low / scale, room / scale
    if not (low > 0).any():
        # All may be as small as they like: equal, or next to nothing beside one.
        return round(10_000 / len(low), 6), 10_000.0
    open_ = np.flatnonzero(room > 0)
    if not len(open_):
        index = round(10_000 * _index(low), 6)
        return index, index
    lowest = _lowest(low, low + room)
    highest = _every_corner(low, room, open_) if len(open_) <= _FEW else _over_chords(low, room, open_)
    return round(10_000 * lowest, 6), round(10_000 * min(max(highest, lowest), 1.0), 6)


def _lowest(low: Floats, high: Floats) -> float:
    below, above = 0.0, float(high.max())
    for _ in range(60):
        middle = (below + above) / 2
        totals = np.clip(middle, low, high)
        if float((totals * (totals - middle)).sum()) > 0:
            below = middle
        else:
            above = middle
    return _index(np.clip(above, low, high))


def _index(totals: Floats) -> float:
    shares = totals / totals.sum()
    return float(np.square(shares).sum())


def _every_corner(low: Floats, room: Floats, open_: npt.NDArray[np.int64]) -> float:
    corners = np.array(list(product((0.0, 1.0), repeat=len(open_))))
    parts = corners * room[open_]
    totals = low.sum() + parts.sum(axis=1)
    squares = float((low * low).sum()) + (parts * (parts + 2 * low[open_])).sum(axis=1)
    return float((squares / totals**2).max())


def _over_chords(low: Floats, room: Floats, open_: npt.NDArray[np.int64]) -> float:
    slopes = 2 * low[open_] + room[open_]
    order = np.argsort(-slopes, kind="stable")
    widths, slopes = room[open_][order], slopes[order]
    total = low.sum() + np.concatenate([[0.0], np.cumsum(widths)])
    squares = float((low * low).sum()) + np.concatenate([[0.0], np.cumsum(widths * slopes)])
    highest = float((squares / total**2).max())
    # Within a stretch of one slope the chord may pass its ends: at the total where the derivative is 0.
    starts, ends, base = total[:-1], total[1:], squares[:-1]
    best = 2 * (starts - base / slopes)
    inside = (best > starts) & (best < ends)
    if inside.any():
        passed = (base + slopes * (best - starts))[inside] / best[inside] ** 2
        highest = max(highest, float(passed.max()))
    return highest
