"""What is wrong with a source and what would be right: a file as a whole, or one value in it."""

import difflib
from collections.abc import Iterable


class SourceFileError(ValueError):
    """A file as a whole cannot be read: its name, the line where known, what is wrong and what would be right."""

    def __init__(self, file: str, line: int | None, reason: str, remedy: str) -> None:
        self.file = file
        self.line = line
        self.reason = reason
        self.remedy = remedy
        where = file if line is None else f"{file}:{line}"
        super().__init__(f"{where}: {reason}; {remedy}")


class ValueFault(ValueError):  # noqa: N818 - a fault in data, not an error of the program
    """A value does not fit its property, or the field that is named: what is wrong, and what would be right."""

    def __init__(self, reason: str, remedy: str, field: str = "") -> None:
        self.reason = reason
        self.remedy = remedy
        self.field = field
        super().__init__(f"{reason}; {remedy}")


class SourceIdError(ValueFault):
    """Sources cannot be told apart by their ids, or an id is none: what is wrong, and what to do."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Return advice that names the known words nearest to one that is not known.

    >>> nearest("custmer", ["customer", "provider"])
    'did you mean customer?'
    """
    words = sorted(set(known))
    close = difflib.get_close_matches(name, words, n=3, cutoff=0.6)
    return f"did you mean {' or '.join(close)}?" if close else f"use one of: {', '.join(words)}"
