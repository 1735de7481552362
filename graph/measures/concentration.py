"""Concentration of a set of shares: the formulas, each with its source."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

import numpy as np
import numpy.typing as npt

_K = TypeVar("_K")
Floats = npt.NDArray[np.float64]
Numbers = Iterable[float] | Floats
"""Numbers one by one, or as an array, which is the fast way."""


def shares(totals: Mapping[_K, float]) -> dict[_K, float]:
    """Return each total as a fraction of their sum.

    Parameters
    ----------
    totals
        What each party has; zeros and negatives are left out, because a share of a market is not negative.

    Returns
    -------
    dict
        Fractions between 0 and 1 that sum to 1; empty where nothing is positive.

    Examples
    --------
    >>> shares({"a": 3, "b": 1})
    {'a': 0.75, 'b': 0.25}
    """
    positive = {key: total for key, total in totals.items() if total > 0}
    whole = sum(positive.values())
    return {key: total / whole for key, total in positive.items()}


def fractions_of(totals: Floats) -> Floats:
    """Return each positive total of an array as a fraction of their sum, as `shares` does.

    >>> fractions_of(np.array([3.0, 0.0, 1.0])).tolist()
    [0.75, 0.25]
    """
    positive = totals[totals > 0]
    found: Floats = positive / positive.sum() if len(positive) else positive
    return found


def hhi(fractions: Numbers) -> float | None:
    """Return the Herfindahl-Hirschman index of shares.

    Parameters
    ----------
    fractions
        Shares between 0 and 1 that sum to 1.

    Returns
    -------
    float or None
        The sum of the squared shares in percent, from 10,000 / n for n equal shares to 10,000 for one party;
        None where there are no shares.

    References
    ----------
    .. [1] U.S. Department of Justice and Federal Trade Commission, Merger Guidelines (2023), section 2.1.

    Examples
    --------
    >>> hhi([0.5, 0.3, 0.2])
    3800.0
    """
    found = _array(fractions)
    return round(10_000 * _squares(found), 6) if len(found) else None


def concentration_ratio(fractions: Numbers, largest: int) -> float | None:
    """Return the joint share of the largest parties.

    Parameters
    ----------
    fractions
        Shares between 0 and 1 that sum to 1.
    largest
        How many parties to take: 1, 4 and 5 are usual.

    Returns
    -------
    float or None
        A fraction between 0 and 1; None where there are no shares.

    Examples
    --------
    >>> concentration_ratio([0.5, 0.3, 0.2], 2)
    0.8
    """
    found = _array(fractions)
    if not len(found):
        return None
    taken = found if len(found) <= largest else np.partition(found, len(found) - largest)[-largest:]
    return round(float(np.sort(taken)[::-1].sum()), 12)


def effective_number(fractions: Numbers) -> float | None:
    """Return the number of equal parties that would give the same index: the inverse of HHI on the 0 to 1 scale.

    Returns
    -------
    float or None
        From 1 for one party to n for n equal ones; None where there are no shares.

    References
    ----------
    .. [1] M. A. Adelman, "Comment on the 'H' Concentration Measure as a Numbers-Equivalent", The Review of
       Economics and Statistics 51 (1969), 99-101.

    Examples
    --------
    >>> effective_number([0.25] * 4)
    4.0
    """
    found = _array(fractions)
    squares = _squares(found)
    return round(1 / squares, 6) if squares else None


def gini(totals: Numbers) -> float | None:
    """Return the Gini coefficient of what each party has.

    With the totals in rising order x_1 .. x_n it is sum((2 i - n - 1) x_i) / (n sum(x)).

    Returns
    -------
    float or None
        From 0 for equal totals towards 1, at most (n - 1) / n; None where nothing is positive.

    References
    ----------
    .. [1] F. A. Cowell, Measuring Inequality (3rd ed., 2011), section 2.

    Examples
    --------
    >>> gini([1, 1, 1, 1]), gini([0, 0, 0, 8])
    (0.0, 0.75)
    """
    found = _array(totals)
    ordered = np.sort(found[found >= 0])
    whole, n = float(ordered.sum()), len(ordered)
    if not whole:
        return None
    places = 2 * np.arange(1, n + 1, dtype=np.float64) - n - 1
    return round(float((places * (ordered / whole)).sum()) / n, 12) + 0.0


def winner_concentration(by_supplier: Numbers, count: int, whole: float, squares: float) -> float | None:
    """Return zIndex's indicator of winner concentration, z4, which allows for a small number of contracts.

    With V the sum of the values v of all contracts and V_k what supplier k has of it,
    z4 = ((V ** 2 - sum(V_k ** 2)) / (V ** 2 - sum(v ** 2))) ** 4.

    Parameters
    ----------
    by_supplier
        What each supplier has.
    count, whole, squares
        Of what the contracts that have a value are worth: how many they are, the sum, and the sum of the squares.

    Returns
    -------
    float or None
        From 0, where one supplier has every contract, to 1, where each contract went to another; unlike HHI a low
        value means concentration. None where fewer than two contracts have a value.

    References
    ----------
    .. [1] J. Soudek and J. Skuhrovec, "zIndex: benchmarking municipalities in public procurement", Charles University,
       Prague (2013); formula as published by Econlab, "Winner concentration", wiki.zindex.cz.

    Examples
    --------
    Two suppliers, one with two of three equal contracts: (9 - 5) / (9 - 3), to the fourth power.

    >>> round(winner_concentration([2, 1], 3, 3, 3), 6)
    0.197531
    """
    suppliers = _array(by_supplier)
    if count < 2 or whole**2 <= squares:  # noqa: PLR2004 - of one contract there is one winner, whoever it is
        return None
    spread = (1 - _squares(suppliers[suppliers > 0] / whole)) / (1 - squares / whole**2)
    return round(min(max(spread, 0.0), 1.0) ** 4, 12)


def _squares(numbers: Floats) -> float:
    # Not as a product of vectors: the library of linear algebra would wake a thread on every core for each.
    return float(np.square(numbers).sum())


def _array(numbers: Numbers) -> Floats:
    return numbers if isinstance(numbers, np.ndarray) else np.fromiter(numbers, dtype=np.float64)
