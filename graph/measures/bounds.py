"""The lowest and the highest HHI that missing weights, and money whose receiver is hidden, allow."""

from collections.abc import Sequence

import numpy as np

from civicgraph.graph.measures.concentration import Floats
from civicgraph.graph.measures.highest import highest


def hhi_bounds(
    known: Sequence[float] | Floats, most: Sequence[float] | Floats, hidden: float = 0.0
) -> tuple[float, float] | None:
    """Return the lowest and the highest HHI of totals of which only parts are known.

    Parameters
    ----------
    known
        What each party is known to have, not negative.
    most
        The most that it may have beyond that, not negative; 0 where nothing is missing.
    hidden
        What somebody has, not negative, and nobody knows who: redacted payments, and rows that name no supplier.

    Returns
    -------
    tuple or None
        Both from 0 to 10,000. The lowest is exact. The highest is never below the highest possible, and is exact but
        for numbers made to be hard; how near it is, and why, is said in `civicgraph.graph.measures.highest`. None where
        nobody has or may have anything.

    Notes
    -----
    With totals t between a = known and b = known + most, the index is Q over S squared, Q the sum of their squares
    and S their sum. It is quasiconvex, so the lowest lies where every t is m = Q / S, as far as its bounds let it: m
    solves the sum of t (t - m) = 0, which falls as m rises. The highest lies in a corner, where every t is at one of
    its bounds.

    What is hidden may be one party's, or as many parties' as one likes. Spread thinly it adds to S and nothing to Q: m
    then solves the sum of t (t - m) = m hidden. Q is highest where it is all that of the largest: of who is known to
    have most, or may have.

    Examples
    --------
    >>> hhi_bounds([50, 50], [0, 0])
    (5000.0, 5000.0)
    >>> hhi_bounds([60, 40], [0, 20])
    (5000.0, 5200.0)
    >>> hhi_bounds([0, 0], [1, 1])
    (5000.0, 10000.0)
    >>> hhi_bounds([50, 50], [0, 0], 100)
    (1250.0, 6250.0)
    """
    low = np.asarray(known, dtype=np.float64)
    room = np.asarray(most, dtype=np.float64)
    there = (low > 0) | (room > 0)
    low, room = low[there], room[there]
    if not len(low):
        return None
    scale = (low + room).max()
    low, room, apart = low / scale, room / scale, hidden / scale
    if apart > 0:
        return _with_hidden(low, room, apart)
    if not (low > 0).any():
        # All may be as small as they like: equal, or next to nothing beside one.
        return round(10_000 / len(low), 6), 10_000.0
    if not (room > 0).any():
        index = round(10_000 * _index(low), 6)
        return index, index
    lowest = _lowest(low, low + room)
    bound, _ = highest(low, room)
    return round(10_000 * lowest, 6), round(10_000 * min(max(bound, lowest), 1.0), 6)


def _with_hidden(low: Floats, room: Floats, hidden: float) -> tuple[float, float]:
    lowest, bound = _lowest(low, low + room, hidden), 0.0
    for largest in {int(np.argmax(low)), int(np.argmax(low + room))}:
        known = low.copy()
        known[largest] += hidden
        bound = max(bound, highest(known, room)[0] if (room > 0).any() else _index(known))
    return round(10_000 * lowest, 6), round(10_000 * min(max(bound, lowest), 1.0), 6)


def _lowest(low: Floats, high: Floats, hidden: float = 0.0) -> float:
    below, above = 0.0, float(high.max())
    for _ in range(60):
        middle = (below + above) / 2
        totals = np.clip(middle, low, high)
        if float((totals * (totals - middle)).sum()) > middle * hidden:
            below = middle
        else:
            above = middle
    return _index(np.clip(above, low, high), hidden)


def _index(totals: Floats, hidden: float = 0.0) -> float:
    shares = totals / (totals.sum() + hidden)
    return float(np.square(shares).sum())
