"""Payments of a table as columns of numbers, each with the reason why it does not count: made in a process of its own.

A large table is read ahead of who takes its rows, so that two cores work at it.
"""

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from datetime import date
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import Final, NamedTuple, cast

import numpy as np
import numpy.typing as npt

from civicgraph.graph.records.types import Rejection
from civicgraph.seeds_loader.faults import SourceFileError
from civicgraph.seeds_loader.guards.guard import Context, Sums, guard_payment
from civicgraph.seeds_loader.parallel import cores, read_ahead
from civicgraph.seeds_loader.tables.columns import basis_of
from civicgraph.seeds_loader.tables.spending import Payments, Purchase, open_spending

_ALONE: Final = 10_000_000
"""Bytes of a file that are read before another process would have begun."""
_EPOCH: Final = date(1970, 1, 1).toordinal()
_MOST: Final = 2**63 - 1

Column = npt.NDArray[np.int32] | npt.NDArray[np.int64]


class Guarded(NamedTuple):
    """Rows that follow one another, by column, with the reasons why they do not count.

    `columns` are the numbers of the rows, their first and last days from 1970, their amounts in millionths of a pound
    and the numbers of their purchases. An amount that no column holds is in `huge`, by row. `new` are the purchases
    that were not met before, `faults` what is wrong with other rows; those that cannot be dated come to `rejected`
    millionths. `line` is where the last row stands.
    """

    columns: tuple[Column, ...]
    guards: list[str | None]
    huge: list[tuple[int, str]]
    new: list[Purchase]
    faults: list[Rejection]
    rejected: int
    line: int


Head = tuple[tuple[str, ...], int | None]
"""What is known of a table before its rows: its headers, and how many lines it has, where that is known."""


@contextmanager
def guarded_payments(path: Path, mapping: Mapping[str, str] | None) -> Iterator[tuple[Head, Iterator[Guarded]]]:
    """Give what is known of a spending or sales table, then its rows, many at a time; see `open_spending`.

    Raises
    ------
    SourceFileError
        The file as a whole cannot be read: what was yielded before must not be used.
    """
    make = partial(_guarded, path, mapping)
    if cores() < 2 or not path.is_file() or path.stat().st_size < _ALONE:  # noqa: PLR2004 - one works alone
        yield _begun(make())
        return
    try:
        with read_ahead(make) as ahead:
            yield _begun(ahead)
    except BrokenProcessPool as error:
        raise SourceFileError.of_ended_process(path.name) from error


def _begun(parts: Iterator[Head | Guarded]) -> tuple[Head, Iterator[Guarded]]:
    return cast("Head", next(parts)), cast("Iterator[Guarded]", parts)


def _guarded(path: Path, mapping: Mapping[str, str] | None) -> Iterator[Head | Guarded]:
    opened = open_spending(path, mapping=mapping)
    context = Context(sums=Sums(), nets=basis_of(opened.table.headers) == "sales")
    yield opened.table.headers, opened.table.lines
    for payments in opened.payments():
        yield _judged(payments, context)


def _judged(payments: Payments, context: Context) -> Guarded:
    rows = zip(payments.purchases, payments.days, payments.amounts, strict=True)
    guards = [guard_payment(one.supplier.name, first, amount, context) for one, (first, _), amount in rows]
    faults, rejected = list(payments.faults), 0
    for at, fault in sorted(payments.undated.items(), reverse=True):
        if guards[at] != "total":
            faults.append(fault)
            rejected += payments.leave_out(at)
            del guards[at]
    return as_columns(payments, guards, faults, rejected)


def as_columns(
    payments: Payments, guards: list[str | None], faults: Iterable[Rejection] = (), rejected: int = 0
) -> Guarded:
    """Return payments as columns; see `Guarded` for the rest."""
    amounts = zip(payments.rows, payments.amounts, strict=True)
    columns = (
        np.array(payments.rows, dtype=np.int32),
        _days(first for first, _ in payments.days),
        _days(last for _, last in payments.days),
        np.array([amount if -_MOST <= amount <= _MOST else 0 for amount in payments.amounts], dtype=np.int64),
        np.array([purchase.number for purchase in payments.purchases], dtype=np.int32),
    )
    huge = [(row, str(amount)) for row, amount in amounts if not -_MOST <= amount <= _MOST]
    return Guarded(columns, guards, huge, payments.new, sorted(faults, key=attrgetter("line")), rejected, payments.line)


def _days(days: Iterable[date]) -> Column:
    return np.array([day.toordinal() - _EPOCH for day in days], dtype=np.int32)
