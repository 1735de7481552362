"""The Common Procurement Vocabulary: codes of eight digits, a check digit, a label and the code above.

The check digit is the sum of the digits weighted 3, 7, 1, 3, 7, 1, 3, 7, modulo ten, for 8,922 of the 9,454 codes of
2008. The other 532 (most of groups 033, 034, 091, 092, 421 and 722) have another digit in the regulation itself, an
error of its revision. So `sums` tells whether the rule holds, and a code is rejected only where its check digit is not
one digit.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from civicgraph.graph.records.register_types import Code
from civicgraph.graph.records.types import Rejection
from civicgraph.seeds_loader.registers.rows import Row, read_rows

COLUMNS: Final = ("code", "check_digit", "label_en", "parent")
"""The columns that the vocabulary must have."""

_WEIGHTS: Final = (3, 7, 1, 3, 7, 1, 3, 7)
_CODE: Final = re.compile(r"[0-9]{8}")
_DIGIT: Final = re.compile(r"[0-9]")


def sums(code: str, check_digit: str) -> bool:
    """Return whether a check digit is what the rule gives; for some codes of the regulation it is not.

    >>> sums("72000000", "5"), sums("48000000", "8"), sums("72212000", "4"), sums("72212100", "0")
    (True, True, True, False)
    """
    return sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, code, strict=True)) % 10 == int(check_digit)


def read_cpv(path: Path) -> Iterator[Code | Rejection]:
    """Yield the codes in the file's order, and what was rejected.

    A code is rejected where it is not eight digits, stands twice, has no label or no check digit, or where the code
    above it is not in the file, or not one that it begins with.

    Raises
    ------
    SourceFileError
        The file cannot be read, or has other columns.
    """
    rows = list(read_rows(path, COLUMNS))
    known = {row.cells["code"] for row in rows if isinstance(row, Row)}
    lines: dict[str, int] = {}
    for row in rows:
        fault = row if isinstance(row, Rejection) else _fault(row, known, lines)
        if fault is not None:
            yield fault
        elif isinstance(row, Row):
            cells = row.cells
            lines[cells["code"]] = row.line
            yield Code(cells["code"], cells["check_digit"], cells["label_en"], cells["parent"] or None)


def _fault(row: Row, known: set[str], lines: dict[str, int]) -> Rejection | None:
    cells, code, parent = row.cells, row.cells["code"], row.cells["parent"]
    for field, valid, reason, remedy in (
        ("code", _CODE.fullmatch(code), f"{code!r} is no code", "eight digits, zeros before and after them kept"),
        ("code", code not in lines, f"{code} stands in line {lines.get(code)} already", "keep one of the rows"),
        ("check_digit", _DIGIT.fullmatch(cells["check_digit"]), f"{cells['check_digit']!r} is none", "one digit"),
        ("label_en", cells["label_en"], "no label", "say what the code stands for"),
        ("parent", not parent or parent in known, f"{parent!r} is not in the file", "give a code that is"),
        (
            "parent",
            not parent or (parent != code and code.startswith(parent.rstrip("0"))),
            f"{code} does not begin as {parent} does",
            "give the code above it",
        ),
    ):
        if not valid:
            return row.fault(field, reason, remedy)
    return None
