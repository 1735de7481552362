"""Work that is done in one thread and taken in any: a parser's results die with the thread that made them.

The library stops the whole process if another thread as much as looks at them; who takes them (a streamed response)
may do so from a different thread each time.
"""

import queue
import threading
from collections.abc import Callable, Iterator
from typing import Final, TypeVar

_T = TypeVar("_T")

Hand = Callable[[_T], None]
"""Hands one item over, and waits while there are enough; raises NobodyTakesError where nobody takes any more."""

_AHEAD: Final = 4
_LOOK: Final = 0.2
"""Seconds after which who waits looks whether anybody still takes."""


class NobodyTakesError(RuntimeError):
    """What is made is not taken any more, so that there is no need to make it."""


def in_own_thread(work: Callable[[Hand[_T]], None]) -> Iterator[_T]:
    """Yield what some work hands over, which begins, runs and ends in a thread of its own.

    The thread begins with the first item asked for, stays a few items ahead, and ends with its work, or soon after
    nobody takes its items any more. What the work raises is raised here.

    >>> list(in_own_thread(lambda hand: [hand(1), hand(2)]))
    [1, 2]
    """
    handed: queue.Queue[tuple[bool, _T | BaseException | None]] = queue.Queue(_AHEAD)
    left = threading.Event()

    def put(item: tuple[bool, _T | BaseException | None]) -> None:
        while not left.is_set():
            try:
                handed.put(item, timeout=_LOOK)
            except queue.Full:
                continue
            return
        raise NobodyTakesError

    def run() -> None:
        end: BaseException | None = None
        try:
            work(lambda item: put((True, item)))
        except BaseException as error:  # noqa: BLE001 - it is raised again where the items are taken
            end = error.with_traceback(None)
        if not left.is_set():
            put((False, end))

    threading.Thread(target=run, daemon=True, name="answer").start()
    try:
        while True:
            is_item, item = handed.get()
            if not is_item:
                if item is not None:
                    raise item  # type: ignore[misc] # what ends it is an exception or nothing
                return
            yield item  # type: ignore[misc] # and anything else is an item
    finally:
        left.set()
