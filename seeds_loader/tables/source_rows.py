"""The rows of a table that a sum was made of, read again from the file they were loaded from."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from civicgraph.seeds_loader.faults import SourceFileError
from civicgraph.seeds_loader.tables.table import read_table


def read_ranges(ranges: str) -> list[tuple[int, int]]:
    """Return row ranges as pairs of first and last row.

    >>> read_ranges("1-3 7")
    [(1, 3), (7, 7)]
    """
    found = []
    for part in ranges.split():
        first, _, last = part.partition("-")
        found.append((int(first), int(last or first)))
    return found


def rows_of(path: Path, sha256: str, ranges: str) -> Iterator[list[str]]:
    """Yield the header, then the rows in some ranges.

    Parameters
    ----------
    path
        Where the table was loaded from.
    sha256
        Its digest then.
    ranges
        As a spend's `cg:record` has them.

    Raises
    ------
    SourceFileError
        The file is gone, or is not the one that was loaded.
    """
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise SourceFileError(str(path), None, error.strerror or str(error), "put the file back") from error
    if digest != sha256:
        raise SourceFileError(str(path), None, "changed since it was loaded", "load it again")
    wanted = read_ranges(ranges)
    table = read_table(path)
    yield list(table.headers)
    for row in table.rows():
        if isinstance(row, tuple):
            number, _, cells = row
            while wanted and wanted[0][1] < number:
                wanted.pop(0)
            if not wanted:
                return
            if wanted[0][0] <= number:
                yield cells
