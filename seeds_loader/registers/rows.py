"""The rows of a register as mappings, each with its line; the file is any table that `read_table` reads."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from civicgraph.graph.records.types import Rejection
from civicgraph.seeds_loader.faults import SourceFileError, ValueFault
from civicgraph.seeds_loader.tables.headers import plain
from civicgraph.seeds_loader.tables.table import as_record, read_table

_T = TypeVar("_T")
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")


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


def header_of(path: Path) -> tuple[str, ...]:
    """Return a file's column names.

    Raises
    ------
    SourceFileError
        The file cannot be read as a table.
    """
    return read_table(path).headers


def read_rows(path: Path, required: Sequence[str]) -> Iterator[Row | Rejection]:
    """Yield a file's rows; a row that has more cells than there are columns, or control characters, is rejected.

    Parameters
    ----------
    path
        Any table.
    required
        Columns that must be there; there may be others.

    Raises
    ------
    SourceFileError
        The file cannot be read, is empty, or has other columns.
    """
    table = read_table(path, set(map(plain, required)))
    header = table.headers
    missing = [name for name in required if name not in header]
    if missing or len(set(header)) < len(header):
        found = ", ".join(header)[:300] or "nothing"
        reason = f"no columns {', '.join(missing)}" if missing else "a column name stands twice"
        remedy = f"the first line must name {', '.join(required)}; it has {found}"
        raise SourceFileError(path.name, table.line, reason, remedy)
    for row in table.rows():
        if isinstance(row, Rejection):
            yield row
            continue
        _number, line, values = row
        if any(map(_CONTROLS.search, values)):
            yield Rejection(table.file, line, "record", "control characters", "remove them", as_record(values))
        else:
            cells = {name: " ".join(value.split()) for name, value in zip(header, values, strict=True)}
            yield Row(table.file, line, cells)


def read_records(path: Path, required: Sequence[str], make: Callable[[Row], _T]) -> Iterator[_T | Rejection]:
    """Yield what is made of each row of a file; where that is a `ValueFault`, the row is rejected for its field.

    Raises
    ------
    SourceFileError
        As `read_rows` does.
    """
    for row in read_rows(path, required):
        try:
            yield row if isinstance(row, Rejection) else make(row)
        except ValueFault as fault:
            if isinstance(row, Row):
                yield row.fault(fault.field, fault.reason, fault.remedy)
