"""What every reader of records writes to: the lines of a draft, and the source that they come from."""

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from civicgraph.graph.records.quads import canonical_nquads, source_quads
from civicgraph.graph.records.types import Published, Source
from civicgraph.seeds_loader.load import Reading

_BUFFERED: Final = 20_000
"""Lines that are written at a time."""


class Lines:
    """Writes lines to a draft, many at a time.

    Parameters
    ----------
    write
        Takes whole lines: one of the draft's own methods.
    """

    def __init__(self, write: Callable[[bytes], None]) -> None:
        self._write = write
        self._held: list[str] = []

    def write(self, lines: Iterable[str]) -> None:
        """Add lines."""
        self._held.extend(lines)
        if len(self._held) >= _BUFFERED:
            self.flush()

    def flush(self) -> None:
        """Write what is held."""
        self._write("".join(self._held).encode())
        self._held.clear()


def source_of(reading: Reading, what: str, digest: str | None = None, published: Published | None = None) -> Source:
    """Return the source that a file is, and write what is known of it to the draft.

    Parameters
    ----------
    reading
        The file, and the draft.
    what
        What kind of file it is.
    digest
        Its digest, if it is known already.
    published
        What it says of itself as a publication.
    """
    path = reading.path
    source = Source(reading.id, f"{what} {path.name}", digest or digest_of(path), published or Published())
    reading.draft.write_quads(canonical_nquads(source_quads(source)))
    return source


def source_key(source: Source | Reading) -> str:
    """Return the kind/slug of a source, or of what a file will be."""
    return f"source/{source.id}"


def digest_of(path: Path) -> str:
    """Return the SHA-256 digest of a file, or of all files in a folder, in lower-case hexadecimal."""
    if path.is_dir():
        return hashlib.sha256("".join(digest_of(file) for file in sorted(path.iterdir())).encode()).hexdigest()
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
