"""The highest HHI that totals between bounds can have: which of them to take at their most."""

import heapq
from dataclasses import dataclass
from itertools import count
from typing import Final

import numpy as np
import numpy.typing as npt

from civicgraph.graph.measures.concentration import Floats

_SHOWN: Final = 5e-11
"""Half of the last digit that an index is rounded to, on the scale from 0 to 1."""
_STEPS: Final = 2_000
"""How many times the question is split at most."""
_WORK: Final = 1 << 21
"""How many parties are looked at in all of these."""

Ints = npt.NDArray[np.int64]


def highest(known: Floats, most: Floats, *, steps: int = _STEPS) -> tuple[float, float]:
    """Return a bound that no HHI of totals can pass, and the highest that was found; mostly they are the same.

    Parameters
    ----------
    known
        What each party is known to have; the sum is above zero.
    most
        What it may have beyond that.
    steps
        How many times to split the question at most.

    Returns
    -------
    tuple
        The bound and the value found, which some totals have, both on the scale from 0 to 1. Where they differ by no
        more than the last digit shown, the bound is exact.

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
    most (w / (S + d)) ** 2. The question is then split: this party is taken, or it is not. Of all open questions the
    one with the highest bound is split next (branch and bound, [1]_), until none is above the best corner by more than
    the last digit shown. Parties with the same a and w are one kind, of which so many are taken. After `steps` splits
    the highest bound that is left stands.

    References
    ----------
    .. [1] A. H. Land and A. G. Doig, "An automatic method of solving discrete programming problems", Econometrica 28
       (1960), 497-520.

    Examples
    --------
    >>> highest(np.array([0.6, 0.4]), np.array([0.0, 0.2]))[0] == (0.6**2 + 0.4**2)
    True
    """
    question = _Question.of(known, most)
    none, all_ = np.zeros(len(question.many), dtype=np.int64), question.many
    order = count()
    best, bound, split = question.relaxed(none, all_)
    waiting = [(-bound, next(order), none, all_, split)]
    left = min(steps, _WORK // max(len(all_), 1))
    while waiting and -waiting[0][0] > best + _SHOWN and left:
        _, _, least, largest, (kind, taken) = heapq.heappop(waiting)
        left -= 1
        fewer, more = largest.copy(), least.copy()
        fewer[kind], more[kind] = taken, taken + 1
        for part in ((least, fewer), (more, largest)):
            found, bound, split = question.relaxed(*part)
            best = max(best, found)
            if bound > best + _SHOWN:
                heapq.heappush(waiting, (-bound, next(order), *part, split))
    return max(best, -waiting[0][0]) if waiting else best, best


@dataclass(frozen=True, slots=True, eq=False)
class _Question:
    """Kinds of parties in falling order of what the squares gain: of each how many, and what one adds."""

    total: float
    squares: float
    width: Floats
    slope: Floats
    many: Ints

    @classmethod
    def of(cls, known: Floats, most: Floats) -> "_Question":
        open_ = most > 0
        kinds, many = np.unique(known[open_] + 1j * most[open_], return_counts=True)
        slope = 2 * kinds.real + kinds.imag
        order = np.argsort(-slope, kind="stable")
        squares = float(np.square(known).sum())
        return cls(float(known.sum()), squares, kinds.imag[order], slope[order], many[order].astype(np.int64))

    def relaxed(self, least: Ints, largest: Ints) -> tuple[float, float, tuple[int, int]]:
        """Return the best corner met, the bound over all corners, and of which kind it takes more than how many."""
        certain = least * self.width
        spans = (largest - least) * self.width
        total, squares = self.total + certain.sum(), self.squares + (certain * self.slope).sum()
        totals = total + np.concatenate([[0.0], np.cumsum(spans)])
        sums = squares + np.concatenate([[0.0], np.cumsum(spans * self.slope)])
        corners = sums / np.square(totals)
        best = float(corners.max())
        # Within a piece the peak is where S Q' = 2 Q.
        peaks = 2 * (totals[:-1] - sums[:-1] / self.slope)
        inside = np.flatnonzero((peaks > totals[:-1]) & (peaks < totals[1:]))
        if not len(inside):
            return best, best, (0, 0)
        kind = int(inside[0])
        peak, start, base = float(peaks[kind]), float(totals[kind]), float(sums[kind])
        width, slope = float(self.width[kind]), float(self.slope[kind])
        taken = min(int((peak - start) / width), int(largest[kind] - least[kind]) - 1)
        for number in (taken, taken + 1):
            at = start + number * width
            best = max(best, (base + slope * number * width) / at**2)
        bound = (base + slope * (peak - start)) / peak**2
        return best, max(bound, best), (kind, int(least[kind]) + taken)
