"""A function over many things in processes of its own, its results in their order."""

import gc
import multiprocessing
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing.connection import wait
from threading import Thread
from typing import Any, Final, TypeVar

_T = TypeVar("_T")
_R = TypeVar("_R")
_AHEAD: Final = 3
"""Things for each process that are handed out before the first of their results is taken."""


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


@contextmanager
def parallel_map(function: Callable[[_T], _R], processes: int) -> Iterator[Callable[[Iterable[_T]], Iterator[_R]]]:
    """Give what maps a function over things, a few of them at a time, the results in the order of the things.

    Parameters
    ----------
    function
        What to call. With more than one process it goes to each of them once, so what it keeps is kept there.
    processes
        How many; with one, the function is called here.

    Raises
    ------
    concurrent.futures.process.BrokenProcessPool
        By the mapping: a process was killed.
    """
    if processes < 2:  # noqa: PLR2004 - alone is not side by side
        yield lambda things: map(function, things)
        return
    # A fork would take with it the locks of this process's threads, as they happen to be.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, context, _begin, (function, gc.get_threshold())) as pool:

        def in_order(things: Iterable[_T]) -> Iterator[_R]:
            under_way: deque[Future[_R]] = deque()
            for thing in things:
                under_way.append(pool.submit(_call, thing))
                if len(under_way) >= processes * _AHEAD:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()

        try:
            yield in_order
        finally:
            pool.shutdown(cancel_futures=True)


_function: list[Callable[[Any], Any]] = []
"""What this process calls, where it is one of those started above."""


def _begin(function: Callable[[Any], Any], threshold: tuple[int, int, int]) -> None:
    # Ctrl-C goes to all processes of a terminal: the one that started this one decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()
    _function.append(function)
    gc.set_threshold(*threshold)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _call(thing: Any) -> Any:  # noqa: ANN401 - whatever the function takes and returns
    return _function[0](thing)
