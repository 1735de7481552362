"""Sums over ties by party and by pair, on arrays: what the figures of a scope are worked out from."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from civicgraph.graph.edges.selection import Selection
from civicgraph.graph.edges.ties.arrays import Floats, Ragged
from civicgraph.graph.edges.ties.codes import Codes, distinct, first_of_each, joined, met


@dataclass(frozen=True, slots=True, eq=False)
class Grouped:
    """Sums by two codes, in the order of the first, then of the second."""

    first: npt.NDArray[np.int64]
    second: npt.NDArray[np.int64]
    total: Floats

    def positive(self) -> "Grouped":
        """Return those whose sum is above zero: no share is negative."""
        kept = self.total > 0
        return Grouped(self.first[kept], self.second[kept], self.total[kept])

    def fractions(self, size: int) -> Floats:
        """Return each sum as a fraction of all of its first code, of which there are `size`."""
        whole = summed(self.first, self.total, size)
        found: Floats = self.total / whole[self.first]
        return found


def by_pair(first: Codes, second: Codes, weight: Floats) -> Grouped:
    """Return sums by pairs of codes.

    >>> found = by_pair(np.array([1, 0, 1]), np.array([5, 5, 5]), np.array([2.0, 3.0, 4.0]))
    >>> found.first.tolist(), found.total.tolist()
    ([0, 1], [3.0, 6.0])
    """
    pairs = joined(first, second)
    order = np.argsort(pairs)
    pairs = pairs[order]
    starts = first_of_each(pairs)
    total = np.add.reduceat(weight[order], starts) if len(starts) else np.zeros(0)
    return Grouped(pairs[starts] >> 32, pairs[starts] & 0xFFFFFFFF, total)


def summed(codes: Codes, weight: Floats, size: int) -> Floats:
    """Return the sum of the weights of each code below `size`."""
    return np.bincount(codes, weights=weight, minlength=size).astype(np.float64)


def over(ragged: Ragged, owner: Codes, weight: Floats) -> Grouped:
    """Return how each owner's weight spreads over the codes of its ties, the several of one tie sharing it evenly."""
    rows = ragged.rows()
    return by_pair(owner[rows], ragged.codes, weight[rows] / ragged.lengths()[rows])


def square_sums(grouped: Grouped, size: int) -> Floats:
    """Return, for each first code, the HHI of its sums over the second, not a number where it has none."""
    parts = grouped.positive()
    squares = np.bincount(parts.first, weights=parts.fractions(size) ** 2, minlength=size)
    there = np.bincount(parts.first, minlength=size) > 0
    return np.where(there, np.round(10_000 * squares, 6), np.nan)


def totals(codes: Codes, weight: Floats) -> Floats:
    """Return the sum of each code that is met, in the order of the codes."""
    return summed(codes, weight, 0)[met(codes)]


def known_and_missing(selection: Selection) -> tuple[Floats, Floats]:
    """Return what each supplier of a scope is known to have, and the most that it may have beyond that."""
    counted, missing = selection.ties.supplier, selection.missing
    both = np.concatenate([counted, missing.supplier])
    there = met(both)
    size = int(there[-1]) + 1 if len(there) else 0
    known, most = summed(counted, selection.weight, size), summed(missing.supplier, missing.most, size)
    return np.maximum(known, 0)[there], most[there]


def totals_as(selection: Selection, buyer: Codes, supplier: Codes) -> Floats:
    """Return what suppliers have if the parties of the ties were others: as stated, or otherwise resolved."""
    if selection.scope.basis == "customers":
        each = distinct(joined(buyer, supplier))  # a pair weighs 1, however many ties it has
        return totals(each & 0xFFFFFFFF, np.ones(len(each)))
    return totals(supplier, selection.weight)
