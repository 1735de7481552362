"""The ties in a scope, on columns: which of them count, what each weighs, and what was left out.

A tie on the basis of money weighs its value, in the parts that lie in the scope:

- of its parties, the fraction `split`: a contract of several buyers or suppliers is split evenly between the pairs;
- of its service types and of its places, the fraction that lies in the scope, each type and each place counting alike;
- of its days, the fraction that lies in the period. With one day known the whole counts on that day.

On the bases `contracts` and `services` a tie weighs 1 in place of its value, in the same parts but the last: what
runs in a period counts there. On the basis `customers` each pair of a buyer and a supplier weighs 1 in all.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt

from civicgraph.graph.edges.scope import (
    COLLECTIVE,
    KIND_OF_BASIS,
    MONEY,
    NO_CURRENCY,
    NO_DATES,
    NO_SUPPLIER,
    NO_VALUE,
    OTHER_CURRENCY,
    Scope,
)
from civicgraph.graph.edges.ties.arrays import KINDS, NO_DAY, NOBODY, Bools, Floats, Ties
from civicgraph.graph.edges.ties.codes import but, first_of_each, joined

_COUNTS, _GUARDED, _UNNAMED, _COLLECTIVE, _NO_DATES, _NO_VALUE, _NO_CURRENCY, _OTHER_CURRENCY = range(8)
_REASONS = {
    _UNNAMED: NO_SUPPLIER,
    _COLLECTIVE: COLLECTIVE,
    _NO_DATES: NO_DATES,
    _NO_VALUE: NO_VALUE,
    _NO_CURRENCY: NO_CURRENCY,
    _OTHER_CURRENCY: OTHER_CURRENCY,
}


@dataclass(frozen=True, slots=True, eq=False)
class Missing:
    """Ties whose weight is not known: who they tie, and the most that each may weigh, on the same scale as weights."""

    supplier: npt.NDArray[np.int32]
    most: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """The ties of a scope that count, each with its weight, and what was left out by reason.

    `rows` are the places of the ties among those that were selected from; `records` counts the ties in the scope
    before anything was left out, `eligible` those of them that would count if their weight were known. `cap` is the
    most, in the scope's currency, that a contract or spend without a known value is taken for; None where none is
    missing.
    """

    scope: Scope
    ties: Ties
    rows: npt.NDArray[np.int64]
    weight: Floats
    records: int
    eligible: int
    missing: Missing
    cap: float | None
    excluded: Mapping[str, int] = field(default_factory=dict)

    @property
    def coverage(self) -> float | None:
        """The share of the scope's ties that count, 0 to 1; None where the scope is empty."""
        return len(self.rows) / self.records if self.records else None

    @property
    def weight_coverage(self) -> float | None:
        """The share of the ties that may count that have a usable weight, 0 to 1; None where there are none."""
        return len(self.rows) / self.eligible if self.eligible else None


def in_scope(ties: Ties, scope: Scope) -> npt.NDArray[np.int64]:
    """Return the rows of the ties in a scope, whether they count or not."""
    chosen = np.ones(len(ties), dtype=np.bool_) if scope.plans else ~ties.planned
    kind = KIND_OF_BASIS[scope.basis]
    if kind is not None:
        chosen &= ties.kind == KINDS.index(kind)
    if scope.start is not None or scope.end is not None:
        start, end = _days(ties, scope)
        if scope.start is not None:
            chosen &= (end == NO_DAY) | (end >= scope.start.toordinal())
        if scope.end is not None:
            chosen &= (start == NO_DAY) | (start <= scope.end.toordinal())
    for thing, ragged in ((scope.service, ties.services), (scope.place, ties.places)):
        if thing is not None:
            chosen &= ragged.among(ties.under(thing)) > 0
    return np.flatnonzero(chosen)


def select(ties: Ties, scope: Scope) -> Selection:
    """Return the ties in a scope, weighed on its basis.

    Parameters
    ----------
    ties
        As a snapshot keeps them, or made from a network.
    scope
        The market.

    Returns
    -------
    Selection
        Left out, and counted under its reason, is: what is guarded; what names no supplier; ties of a collective
        ("local authorities" is no one customer); ties without any date where the scope names a period; on the bases
        of money, ties without a value, without a currency, or in another currency than the scope's.
    """
    rows = in_scope(ties, scope)
    within = ties.take(rows)
    reason = _reasons(within, scope)
    counts = reason == _COUNTS
    counted = within.take(np.flatnonzero(counts))
    missing, cap = _missing(within, scope, reason)
    excluded = np.bincount(reason, minlength=len(_REASONS) + 2)
    guards = np.bincount(within.guard[reason == _GUARDED], minlength=len(ties.guards))
    said = {f"guarded as {ties.guards[code]}": int(guards[code]) for code in np.flatnonzero(guards).tolist()}
    said |= {_REASONS[code]: int(excluded[code]) for code in _REASONS if excluded[code]}
    return Selection(
        scope=scope,
        ties=counted,
        rows=rows[counts],
        weight=weights(counted, scope),
        records=len(rows),
        eligible=len(counted) + int(excluded[_NO_DATES] + excluded[_NO_VALUE] + excluded[_NO_CURRENCY]),
        missing=missing,
        cap=cap,
        excluded=dict(sorted(said.items())),
    )


def weights(ties: Ties, scope: Scope) -> Floats:
    """Return what each of some ties weighs, all of them in the scope and counting."""
    if scope.basis == "customers":
        return pair_weights(ties.buyer, ties.supplier)
    weight = ties.split * _parts(ties, scope)
    return weight * ties.value if scope.basis in MONEY else weight


def pair_weights(buyer: npt.NDArray[np.int32], supplier: npt.NDArray[np.int32]) -> Floats:
    """Return for each tie its part of the 1 that its pair of buyer and supplier weighs.

    >>> pair_weights(np.array([0, 0, 0], dtype=np.int32), np.array([1, 1, 2], dtype=np.int32)).tolist()
    [0.5, 0.5, 1.0]
    """
    pairs = joined(buyer, supplier)
    order = np.argsort(pairs)
    starts = first_of_each(pairs[order])
    counts = np.diff(starts, append=len(pairs))
    found = np.empty(len(pairs))
    found[order] = np.repeat(1 / counts, counts)
    return found


def _reasons(ties: Ties, scope: Scope) -> npt.NDArray[np.int8]:
    """Return why each tie in a scope does not count; the first of several reasons."""
    # The last place stands for nobody, whose number is -1.
    collective = np.concatenate([ties.parties.collective, [False]])
    tests: list[tuple[int, Bools]] = [
        (_GUARDED, ties.guard >= 0),
        (_UNNAMED, ties.supplier == NOBODY),
        (_COLLECTIVE, collective[ties.buyer] | collective[ties.supplier]),
    ]
    if scope.start or scope.end:
        tests.append((_NO_DATES, (ties.start == NO_DAY) & (ties.end == NO_DAY)))
    if scope.basis in MONEY:
        tests.append((_NO_VALUE, np.isnan(ties.value)))
        tests.append((_NO_CURRENCY, ties.currency < 0))
        tests.append((_OTHER_CURRENCY, ties.currency != _currency(ties, scope)))
    reason = np.zeros(len(ties), dtype=np.int8)
    for code, holds in reversed(tests):
        reason[holds] = code
    return reason


def _currency(ties: Ties, scope: Scope) -> int:
    return ties.currencies.index(scope.currency) if scope.currency in ties.currencies else len(ties.currencies)


def _days(ties: Ties, scope: Scope) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Return the first and last day of each tie; for money, of which one day is known, twice that day."""
    start, end = ties.start, ties.end
    if scope.basis in MONEY:
        start, end = np.where(start == NO_DAY, end, start), np.where(end == NO_DAY, start, end)
        # A record that ends before it begins has them the wrong way round.
        start, end = np.minimum(start, end), np.maximum(start, end)
    return start, end


def _parts(ties: Ties, scope: Scope) -> Floats:
    """Return the fraction of each tie that lies in the scope, over service types, places and days."""
    part = np.ones(len(ties))
    for thing, ragged in ((scope.service, ties.services), (scope.place, ties.places)):
        if thing is not None:
            part *= ragged.among(ties.under(thing)) / np.maximum(ragged.lengths(), 1)
    if scope.basis in MONEY and (scope.start or scope.end):
        start, end = _days(ties, scope)
        first = (scope.start or date.min).toordinal()
        last = (scope.end or date.max).toordinal()
        inside = np.minimum(end, last) - np.maximum(start, first) + 1
        part *= np.where(start == NO_DAY, 1, np.clip(inside / (end - start + 1), 0, 1))
    return part


def _missing(within: Ties, scope: Scope, reason: npt.NDArray[np.int8]) -> tuple[Missing, float | None]:
    unsure = (reason == _NO_DATES) | (reason == _NO_VALUE) | (reason == _NO_CURRENCY)
    if scope.basis in MONEY:
        # What is known to be in another currency is in another market, whatever its dates.
        unsure &= (within.currency < 0) | (within.currency == _currency(within, scope))
    if not unsure.any():
        return Missing(np.zeros(0, dtype=np.int32), np.zeros(0)), None
    ties = within.take(np.flatnonzero(unsure))
    if scope.basis == "customers":
        counted = within.take(np.flatnonzero(reason == _COUNTS))
        pairs = but(joined(ties.buyer, ties.supplier), joined(counted.buyer, counted.supplier))
        return Missing((pairs & 0xFFFFFFFF).astype(np.int32), np.ones(len(pairs))), None
    most = ties.split * _parts(ties, scope)
    cap = None
    if scope.basis in MONEY:
        unknown = np.isnan(ties.value)
        if unknown.any():
            known = within.value[reason == _COUNTS]
            # Where no value at all is known the index does not depend on the scale.
            cap = scope.cap if scope.cap is not None else float(known.max(initial=0)) or 1.0
        most = most * np.where(unknown, cap or 0.0, ties.value)
    return Missing(ties.supplier, np.maximum(most, 0)), cap
