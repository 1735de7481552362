"""The lowest and the highest HHI that missing weights, and money whose receiver is hidden, allow."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from civicgraph.graph.measures.concentration import Floats

_EACH: Final = 12
"""How many parties are looked at in every combination at most."""
_WORK: Final = 1 << 16
"""How many combinations, times the other parties, at most."""
_TRIED: Final = 16
"""How many parties are tried as those who have all that is hidden."""


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
        Both from 0 to 10,000. The lowest is exact. The highest is never below the highest possible, is exact where no
        more than a dozen parties have something missing, and else a little high; how near it is, and why, is said of
        `highest`. None where nobody has or may have anything.

    Notes
    -----
    With totals t between a = known and b = known + most, the index is Q over S squared, Q the sum of their squares
    and S their sum. It is quasiconvex, so the lowest lies where every t is m = Q / S, as far as its bounds let it: m
    solves the sum of t (t - m) = 0, which falls as m rises. The highest lies in a corner, where every t is at one of
    its bounds.

    What is hidden, h, may be one party's, or as many parties' as one likes. Spread thinly it adds to S and nothing to
    Q: m then solves the sum of t (t - m) = m h. Q is highest where one has all of it, since Q is convex in how it is
    given out, and that is the largest, of the total M: then H = (Q + 2 h M + h ** 2) / (S + h) ** 2. Who can be the
    largest in a highest corner? Let j be it, and k another with a_k >= a_j and b_k >= b_j. If a_k > t_j, j is not the
    largest. Else a_k <= t_j <= b_j <= b_k and a_j <= a_k <= t_k <= t_j <= b_j, so that the two can exchange their
    totals, which changes neither Q nor S nor M: k will do in place of j. So it is enough to try those of whom no other
    both is known to have as much and may have as much. Where there are more than `_TRIED` of them, M is taken for the
    largest b, which no M passes: the bound holds and may be a little high.

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

    The second may have 30, and 10 more than that; neither who is known to have most nor who may have most does as well.

    >>> hhi_bounds([9.01, 9, 0], [0, 21, 31], 10)[1] == round(10_000 * (40**2 + 9.01**2) / 49.01**2, 6)
    True
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
    high = low + room
    lowest, bound = _lowest(low, high, hidden), 0.0
    # From who is known to have most on: each may have more than all before.
    order = np.lexsort((-high, -low))
    before = np.concatenate([[-1.0], np.maximum.accumulate(high[order])[:-1]])
    tried = order[high[order] > before]
    if len(tried) > _TRIED:
        bound, _ = highest(low, room, added=(hidden, 2 * hidden * float(high.max()) + hidden**2))
    else:
        for largest in tried:
            known = low.copy()
            known[largest] += hidden
            bound = max(bound, highest(known, room)[0])
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


def highest(known: Floats, most: Floats, *, added: tuple[float, float] = (0.0, 0.0)) -> tuple[float, float]:
    """Return a bound that no HHI of totals can pass, and the highest that was found; mostly they are the same.

    Parameters
    ----------
    known
        What each party is known to have; the sum is above zero.
    most
        What it may have beyond that.
    added
        What there is besides: so much of the sum, and of the sum of the squares.

    Returns
    -------
    tuple
        The bound and the value found, which some totals have, both on the scale from 0 to 1.

    Notes
    -----
    With totals t the index is H = Q / S ** 2, Q the sum of their squares and S their sum. Let all but one stand:
    as a function of this one H has a derivative of the sign of t (S - t) - (Q - t ** 2), which rises with t. So H falls
    and then rises, and is highest at one of the two ends. Taking one party after the other, some corner has the highest
    H: each party at its least a, or at its most a + w.

    Which corner is another matter. A party at its most adds w to S and w (2 a + w) to Q. Where 2 a + w is the same for
    all, H depends on the sum of the w taken alone, and to find the best one is to find a subset of numbers with a given
    sum. So no way is known that is exact for any numbers and does not take exponential time for some.

    But a bound is near. If parts of a party could be taken, each part of w at the same gain 2 a + w, the best Q for a
    given S would take parties in falling order of 2 a + w, and Q(S) would be concave and made of straight pieces. The
    derivative of Q(S) / S ** 2 has the sign of S Q'(S) - 2 Q(S), which falls as S rises, so that it has one peak. At a
    corner that peak is exact. Else one party is taken in part there, and S Q' = 2 Q. With d more it is whole, at a
    corner where H is (Q + d Q') / (S + d) ** 2: below the peak by a fraction of (d / (S + d)) ** 2 of it, which is at
    most (w / (S + d)) ** 2. So the parties with the widest w are taken in every combination, and the bound is the
    highest of those of all others beside each combination: only what is narrow is ever taken in part.

    Examples
    --------
    >>> highest(np.array([0.6, 0.4]), np.array([0.0, 0.2]))[0] == (0.6**2 + 0.4**2)
    True
    """
    total, squares = float(known.sum()) + added[0], float(np.square(known).sum()) + added[1]
    open_ = np.flatnonzero(most > 0)
    open_ = open_[np.argsort(-most[open_], kind="stable")]
    each = min(len(open_), _EACH)
    while each and (len(open_) - each + 1) << each > _WORK:
        each -= 1
    width, slope = most[open_], 2 * known[open_] + most[open_]
    taken = (np.arange(1 << each)[:, None] >> np.arange(each) & 1).astype(np.float64)
    rest = each + np.argsort(-slope[each:], kind="stable")
    # A row for each combination, a column for each number of the others that are whole.
    totals = total + (taken @ width[:each])[:, None] + np.concatenate([[0.0], np.cumsum(width[rest])])
    sums = (
        squares + (taken @ (width * slope)[:each])[:, None] + np.concatenate([[0.0], np.cumsum((width * slope)[rest])])
    )
    best = float((sums / np.square(totals)).max())
    before, after, base = totals[:, :-1], totals[:, 1:], sums[:, :-1]
    # Within a piece the peak is where S Q' = 2 Q.
    peaks = 2 * (before - base / slope[rest])
    inside = (peaks > before) & (peaks < after)
    found = (base + slope[rest] * (peaks - before))[inside] / np.square(peaks[inside])
    return max(best, float(found.max(initial=0.0))), best
