"""Small steps of writing to a data folder."""

import os
from pathlib import Path
from typing import IO


def without(lines: Path, earlier: IO[bytes] | None, undone: Path) -> bytes:
    """Return the lines of a file, and the earlier ones that another has not undone."""
    found = set(lines.read_bytes().splitlines(keepends=True))
    if earlier is not None:
        with earlier:
            found |= set(earlier) - set(undone.read_bytes().splitlines(keepends=True))
    return b"".join(sorted(found))


def write_durably(path: Path, content: bytes) -> None:
    """Write a file so that it is there even if the machine stops."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(path: Path) -> None:
    """Make what was renamed in a folder last even if the machine stops."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
