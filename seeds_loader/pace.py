"""How fast a file is read, and how long the rest of it will take, told about twice a second."""

import time
from collections.abc import Callable

from civicgraph.graph.snapshot.derive import Progress


class Pace:
    """Tells the pace at which the records of one file are read.

    Parameters
    ----------
    name
        What is read.
    progress
        Told the pace in words.
    clock
        Gives seconds from any beginning.
    """

    def __init__(self, name: str, progress: Progress, clock: Callable[[], float] = time.monotonic) -> None:
        self._name = name
        self._progress = progress
        self._clock = clock
        self._started = clock()
        self._next = 1_000

    def reached(self, done: int, total: int | None = None) -> None:
        """Say that so many records or lines are read, of so many where that is known; called for each, it is cheap.

        >>> seconds = iter([0.0, 2.0])
        >>> Pace("leeds.csv", print, lambda: next(seconds)).reached(1_000, 31_000)
        reading leeds.csv: 1,000 of 31,000, 500 a second, 1 min 0 s left
        """
        if done < self._next:
            return
        elapsed = max(self._clock() - self._started, 1e-3)
        rate = done / elapsed
        self._next = done + max(1, int(rate / 2))
        of, left = "", ""
        if total is not None:
            seconds = round(max(total - done, 0) / rate)
            of, left = f" of {total:,}", f", {seconds // 60} min {seconds % 60} s left"
        self._progress(f"reading {self._name}: {done:,}{of}, {rate:,.0f} a second{left}")
