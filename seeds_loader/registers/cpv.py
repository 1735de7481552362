"""The Common Procurement Vocabulary: codes of eight digits, a check digit, a label and the code above.

The check digit is the sum of the digits weighted 3, 7, 1, 3, 7, 1, 3, 7, modulo ten, for 8,922 of the 9,454 codes of
2008. The other 532 (most of groups 033, 034, 091, 092, 421 and 722) have another digit in the regulation itself, an
error of its revision. So a code is rejected only where its check digit is not one digit.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from civicgraph.graph.records.register_types import Code
from civicgraph.graph.records.types import Rejection
from civicgraph.seeds_loader.faults import ValueFault
from civicgraph.seeds_loader.registers.rows import Row, read_records, read_rows

COLUMNS: Final = ("code", "check_digit", "label_en", "parent")
"""The columns that the vocabulary must have."""

_CODE: Final = re.compile(r"[0-9]{8}")
_DIGIT: Final = re.compile(r"[0-9]")


def read_cpv(path: Path) -> Iterator[Code | Rejection]:
    """Yield the codes in the file's order, and what was rejected.

    A code is rejected where it is not eight digits, stands twice, has no label or no check digit, or where the code
    above it is not in the file, or not one that it begins with.

    Raises
    ------
    SourceFileError
        The file cannot be read, or has other columns.
    """
    known = {row.cells["code"] for row in read_rows(path, COLUMNS) if isinstance(row, Row)}
    lines: dict[str, int] = {}

    def code(row: Row) -> Code:
        cells = row.cells
        _check(cells, known, lines)
        lines[cells["code"]] = row.line
        return Code(cells["code"], cells["check_digit"], cells["label_en"], cells["parent"] or None)

    yield from read_records(path, COLUMNS, code)


def _check(cells: Mapping[str, str], known: set[str], lines: Mapping[str, int]) -> None:
    code, parent = cells["code"], cells["parent"]
    for field, valid, reason, remedy in (
        ("code", _CODE.fullmatch(code), f"{code!r} is not a code", "eight digits, zeros before and after them kept"),
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
            raise ValueFault(reason, remedy, field)
