"""Concentration of a set of shares: the formulas, each with its source."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

_K = TypeVar("_K")


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


def hhi(fractions: Iterable[float]) -> float | None:
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
    squares = [fraction * fraction for fraction in fractions]
    return round(10_000 * sum(squares), 6) if squares else None


def concentration_ratio(fractions: Iterable[float], largest: int) -> float | None:
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
    ordered = sorted(fractions, reverse=True)
    return round(sum(ordered[:largest]), 12) if ordered else None


def effective_number(fractions: Iterable[float]) -> float | None:
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
    squares = sum(fraction * fraction for fraction in fractions)
    return round(1 / squares, 6) if squares else None


def gini(totals: Iterable[float]) -> float | None:
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
    ordered = sorted(total for total in totals if total >= 0)
    whole = sum(ordered)
    if not whole:
        return None
    n = len(ordered)
    return round(sum((2 * i - n - 1) * x for i, x in enumerate(ordered, 1)) / (n * whole), 12)
