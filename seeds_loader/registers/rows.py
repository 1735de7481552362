"""The rows of a register: a small CSV or TSV file, read whole, each row with its line."""

import codecs
import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Final

from civicgraph.graph.records.types import Rejection
from civicgraph.seeds_loader.faults import SourceFileError

MAX_BYTES: Final = 64_000_000
"""The largest register at hand has 2 MB; one larger than this is something else."""

MAX_LINE: Final = 100_000
"""Characters in one line; also below the limit of `csv` for one cell."""

_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Row:
    """One row by its column names, white space in cells reduced to single spaces, with the line its end stands on."""

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
        record = "\t".join(self.cells.values())[:500]
        return Rejection(self.file, self.line, field, reason, remedy, record, partial)


def decoded(path: Path) -> str:
    """Return a file's text: UTF-8 or UTF-16 with or without a byte-order mark as it says, else Windows-1252.

    Raises
    ------
    SourceFileError
        The file cannot be read, is too large, or is none of these.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise SourceFileError(path.name, None, f"larger than {MAX_BYTES // 10**6} MB", "name the register itself")
        raw = path.read_bytes()
    except OSError as error:
        raise SourceFileError(path.name, None, error.strerror or str(error), "name a readable file") from error
    marked = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "cp1252"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise SourceFileError(path.name, None, "neither UTF-8 nor Windows-1252", "save it as UTF-8")


def header_of(path: Path) -> tuple[str, ...]:
    """Return a file's column names; none for an empty file.

    Raises
    ------
    SourceFileError
        As for `decoded`, or the first line is not CSV.
    """
    return next(_records(path), (1, ()))[1]


def read_rows(path: Path, required: tuple[str, ...]) -> Iterator[Row | Rejection]:
    """Yield a file's rows; a row that has not one cell for each column, or control characters, is rejected.

    Parameters
    ----------
    path
        Cells are parted by tabs where the name ends in `.tsv`, else by commas. Empty lines are no rows.
    required
        Columns that must be there; there may be others.

    Raises
    ------
    SourceFileError
        The file cannot be read, is empty, has other columns, or is not CSV from some line on.
    """
    rows = _records(path)
    header = next(rows, (1, ()))[1]
    missing = [name for name in required if name not in header]
    if missing or len(set(header)) < len(header):
        found = ", ".join(header)[:300] or "nothing"
        reason = f"no columns {', '.join(missing)}" if missing else "a column name stands twice"
        remedy = f"the first line must name {', '.join(required)}; it has {found}"
        raise SourceFileError(path.name, 1, reason, remedy)
    for line, values in rows:
        if len(values) != len(header):
            reason = f"{len(values)} cells instead of {len(header)}"
            remedy = "give the row one cell for each column"
            yield Rejection(path.name, line, "row", reason, remedy, "\t".join(values)[:500])
        elif any(map(_CONTROLS.search, values)):
            yield Rejection(path.name, line, "row", "control characters", "remove them", repr(values)[:500])
        else:
            yield Row(
                path.name, line, {name: " ".join(value.split()) for name, value in zip(header, values, strict=True)}
            )


def count_rows(path: Path) -> int:
    """Return how many rows a file has below its header.

    Raises
    ------
    SourceFileError
        The file cannot be read as CSV.
    """
    return max(0, sum(1 for _ in _records(path)) - 1)


def _records(path: Path) -> Iterator[tuple[int, tuple[str, ...]]]:
    lines = list(StringIO(decoded(path), newline=""))
    for number, line in enumerate(lines, start=1):
        if len(line) > MAX_LINE:
            raise SourceFileError(path.name, number, f"a line of {len(line)} characters", "is a line end missing?")
    reader = csv.reader(lines, delimiter="\t" if path.suffix.lower() == ".tsv" else ",", strict=True)
    try:
        for values in reader:
            if values:
                yield reader.line_num, tuple(values)
    except csv.Error as error:
        raise SourceFileError(
            path.name, reader.line_num, str(error), "is the file torn, or a quote not closed?"
        ) from error
