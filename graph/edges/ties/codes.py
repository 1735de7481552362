"""Arrays of codes: pairs as single numbers, each once, in order. Sorting is many times faster here than hashing."""

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.int32] | npt.NDArray[np.int64]


def joined(first: Codes, second: Codes) -> npt.NDArray[np.int64]:
    """Return pairs of codes as single numbers, in the order of the first, then of the second."""
    return (first.astype(np.int64) << 32) | second.astype(np.int64)


def first_of_each(ordered: Codes) -> npt.NDArray[np.int64]:
    """Return where each number begins among numbers in order.

    >>> first_of_each(np.array([3, 3, 5, 8, 8])).tolist()
    [0, 2, 3]
    """
    return np.flatnonzero(np.diff(ordered, prepend=ordered[0] - 1)) if len(ordered) else np.zeros(0, dtype=np.int64)


def distinct(numbers: Codes) -> npt.NDArray[np.int64]:
    """Return each number once, in order."""
    ordered = np.sort(numbers).astype(np.int64)
    return ordered[first_of_each(ordered)]


def but(numbers: Codes, others: Codes) -> npt.NDArray[np.int64]:
    """Return each number once, in order, that is not among others.

    >>> but(np.array([5, 3, 5, 8]), np.array([8, 1])).tolist()
    [3, 5]
    """
    each, known = distinct(numbers), distinct(others)
    if not len(known):
        return each
    at = np.minimum(np.searchsorted(known, each), len(known) - 1)
    found: npt.NDArray[np.int64] = each[known[at] != each]
    return found


def met(codes: Codes) -> npt.NDArray[np.int64]:
    """Return each code once, in order; codes are small numbers, not negative."""
    return np.flatnonzero(np.bincount(codes))
