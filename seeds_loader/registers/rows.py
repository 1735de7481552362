"""The rows of a register as mappings, each with its line, held against what `registers.yaml` says of their cells."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final, TypeVar

from civicgraph.graph.records.types import Rejection
from civicgraph.seeds_loader.faults import SourceFileError, ValueFault
from civicgraph.seeds_loader.tables.headers import plain
from civicgraph.seeds_loader.tables.table import as_record, read_table
from civicgraph.seeds_loader.yaml_lines import own_yaml

_T = TypeVar("_T")
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_DAMAGED: Final = ("\ufffd", "\u00ef\u00bf\u00bd", "\u00ef\u00be", "ï¿")
"""What is left of letters that a wrong decoding destroyed."""

REGISTERS: Final = "registers/registers.yaml"
"""What the registers leave to their readers."""

Kind = Mapping[str, Any]
"""A kind of register, as `registers.yaml` has it: the `columns` that it must have, and what `cells` must be."""


def kind_of(name: str) -> Kind:
    """Return a kind of register by its name."""
    found: Kind = own_yaml(REGISTERS)["registers"][name]
    return found


@dataclass(frozen=True, slots=True)
class Row:
    """One row by its column names, white space in cells reduced to single spaces, with the line it begins on."""

    file: str
    line: int
    cells: Mapping[str, str]

    @property
    def place(self) -> str:
        """Where the row stands, as records name it.

        >>> Row("a.csv", 7, {}).place
        'a.csv:7'
        """
        return f"{self.file}:{self.line}"

    def fault(self, field: str, reason: str, remedy: str, *, partial: bool = False) -> Rejection:
        """Return the rejection of this row, or of one field of it where `partial`."""
        return Rejection(self.file, self.line, field, reason, remedy, as_record(list(self.cells.values())), partial)


def read_records(path: Path, kind: Kind, make: Callable[[Row], _T]) -> Iterator[_T | Rejection]:
    """Yield what is made of each row of a file.

    A row that has too many cells, control characters or a cell that will not do is rejected, and so is one where `make`
    raises a `ValueFault`, for its field.

    Raises
    ------
    SourceFileError
        The file cannot be read, is empty, or has not the columns of its kind.
    """
    required = kind["columns"]
    table = read_table(path, set(map(plain, required)))
    header = table.headers
    missing = [name for name in required if name not in header]
    if missing or len(set(header)) < len(header):
        found = ", ".join(header)[:300] or "nothing"
        reason = f"no columns {', '.join(missing)}" if missing else "a column name stands twice"
        remedy = f"the first line must name {', '.join(required)}; it has {found}"
        raise SourceFileError(path.name, table.line, reason, remedy)
    for one in table.rows():
        if isinstance(one, Rejection):
            yield one
            continue
        row = Row(table.file, one[1], {name: " ".join(cell.split()) for name, cell in zip(header, one[2], strict=True)})
        try:
            _check(row.cells, one[2], kind.get("cells", {}))
            yield make(row)
        except ValueFault as fault:
            yield row.fault(fault.field, fault.reason, fault.remedy)


def _check(row: Mapping[str, str], texts: Sequence[str], cells: Mapping[str, tuple[str, str]]) -> None:
    if any(map(_CONTROLS.search, texts)):
        raise ValueFault("control characters", "remove them", "record")
    for column, (pattern, remedy) in cells.items():
        cell = row.get(column, "")
        is_day = len(cell) == len("2023-04-01") and column.endswith("-date")
        if not re.fullmatch(pattern, cell) or damaged(cell) or (is_day and not _is_day(cell)):
            raise ValueFault(f"{cell!r} will not do" if cell else "empty", remedy, column)


def damaged(name: str) -> bool:
    """Return whether letters of a name were lost for good.

    >>> damaged("sir ynys m\u00ef\u00bf\u00bdn"), damaged("Ynys Môn")
    (True, False)
    """
    return any(mark in name for mark in _DAMAGED)


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
