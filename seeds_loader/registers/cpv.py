"""The Common Procurement Vocabulary: codes of eight digits, a check digit, a label and the code above.

The check digit is the sum of the digits weighted 3, 7, 1, 3, 7, 1, 3, 7, modulo ten, for 8,922 of the 9,454 codes of
2008. The other 532 (most of groups 033, 034, 091, 092, 421 and 722) have another digit in the regulation itself, an
error of its revision. So a code is rejected only where its check digit is not one digit.
"""

from collections.abc import Iterator
from pathlib import Path

from civicgraph.graph.records.register_types import Code
from civicgraph.graph.records.types import Rejection
from civicgraph.seeds_loader.faults import ValueFault
from civicgraph.seeds_loader.registers.rows import Row, kind_of, read_records


def read_cpv(path: Path) -> Iterator[Code | Rejection]:
    """Yield the codes in the file's order, and what was rejected.

    A code is rejected where it is not eight digits, stands twice, has no label or no check digit, or where the code
    above it is not in the file, or not one that it begins with.

    Raises
    ------
    SourceFileError
        The file cannot be read, or has other columns.
    """
    kind = kind_of("cpv")
    known = set(read_records(path, {"columns": kind["columns"]}, lambda row: row.cells["code"]))
    lines: dict[str, int] = {}

    def code(row: Row) -> Code:
        code, digit, label, parent = map(row.cells.__getitem__, kind["columns"])
        if code in lines:
            raise ValueFault(f"{code} stands in line {lines[code]} already", "keep one of the rows", "code")
        if parent and parent not in known:
            raise ValueFault(f"{parent!r} is not in the file", "give a code that is", "parent")
        if parent and (parent == code or not code.startswith(parent.rstrip("0"))):
            raise ValueFault(f"{code} does not begin as {parent} does", "give the code above it", "parent")
        lines[code] = row.line
        return Code(code, digit, label, parent or None)

    yield from read_records(path, kind, code)
