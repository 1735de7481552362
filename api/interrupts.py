"""Ctrl-C ends a command as Ctrl-C, whatever a library written in C makes of it."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

INTERRUPTED: Final = 130
"""The status of a command that Ctrl-C ended."""
_AGAIN: Final = 0.01
"""Seconds after which a Ctrl-C that was lost is given again: time to leave the code that cannot raise it."""


@contextmanager
def interrupts() -> Iterator[None]:
    """Let Ctrl-C end what runs within.

    DuckDB makes a RuntimeError of it; pydantic's core prints and forgets it where it asks for an attribute.

    Raises
    ------
    SystemExit
        With the status 130: another error came out after Ctrl-C.
    """
    seen: list[int] = []
    before, hook = signal.getsignal(signal.SIGINT), sys.unraisablehook

    def interrupt(number: int, frame: FrameType | None) -> None:
        seen.append(number)
        signal.default_int_handler(number, frame)

    def unraisable(lost: "UnraisableHookArgs") -> None:
        if lost.exc_type is KeyboardInterrupt:
            threading.Timer(_AGAIN, signal.pthread_kill, [threading.get_ident(), signal.SIGINT]).start()
        else:
            hook(lost)

    if before is not signal.default_int_handler:  # a job of a shell ignores Ctrl-C
        yield
        return
    signal.signal(signal.SIGINT, interrupt)
    sys.unraisablehook = unraisable
    try:
        yield
    except Exception as error:
        if seen:
            raise SystemExit(INTERRUPTED) from error
        raise
    finally:
        signal.signal(signal.SIGINT, before)
        sys.unraisablehook = hook
