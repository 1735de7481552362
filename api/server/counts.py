"""Numbers that the processes of one server count together: a row for each process, in memory that all of them see.

One process writes a row, any may read all: so counting takes no lock, and sums are never far off.
"""

import fcntl
import mmap
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

COUNTS: Final = 128
"""Numbers in a row."""

SLOTS: Final = 8192
"""Clients whose requests are counted at a time."""

_A_NUMBER: Final = 8
_COLUMNS: Final = 3


@dataclass(frozen=True, slots=True)
class Counts:
    """The numbers of all processes and of this one, and what is left to each client: a key, an allowance, a time.

    `file` is the descriptor of the memory that is shared, None where one process has it to itself.
    """

    rows: "tuple[memoryview[float], ...]"
    own: "memoryview[float]"
    keys: memoryview
    left: "memoryview[float]"
    since: "memoryview[float]"
    file: int | None = None

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold what only one of the processes may do at a time; to be held by one thread of a process at a time."""
        if self.file is None:
            yield
            return
        fcntl.lockf(self.file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.lockf(self.file, fcntl.LOCK_UN)


def size(processes: int) -> int:
    """Return the bytes that the counts of so many processes take."""
    return _A_NUMBER * (COUNTS * processes + _COLUMNS * SLOTS)


def own_counts() -> Counts:
    """Return the counts of a server of one process."""
    return _counts(memoryview(bytearray(size(1))), 1, 0, None)


def shared_counts(file: int, processes: int, number: int) -> Counts:
    """Return the counts of one of several processes, in the file that they share.

    Parameters
    ----------
    file
        Its descriptor.
    processes
        How many there are.
    number
        Which of them this one is, from 0.
    """
    if os.fstat(file).st_size < size(processes):
        os.truncate(file, size(processes))
    return _counts(memoryview(mmap.mmap(file, size(processes))), processes, number, file)


def _counts(block: memoryview, processes: int, number: int, file: int | None) -> Counts:
    row, column = COUNTS * _A_NUMBER, SLOTS * _A_NUMBER
    rows = tuple(block[row * n : row * (n + 1)].cast("d") for n in range(processes))
    start = row * processes
    keys, left, since = (block[start + column * n : start + column * (n + 1)] for n in range(_COLUMNS))
    return Counts(rows, rows[number], keys.cast("Q"), left.cast("d"), since.cast("d"), file)
