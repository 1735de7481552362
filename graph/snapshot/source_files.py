"""The files of one state of one source: its quads, the organisations it mentions, the rows of its records.

    <digest>.nq         N-Quads
    <digest>.mentions   organisations under their names, see `civicgraph.graph.identity.mentions`
    <digest>.rows       its contracts and payments, see `civicgraph.graph.records.rows`
    <digest>.removed    N-Quads that the source takes out: what updates did
    <digest>.graphs     names of graphs that are there and empty, one a line: what updates left

Only the first is there where it holds nothing. The digest is over all of them, so a source that is loaded twice is
kept once, and a change in any of them is a new state.
"""

import hashlib
import io
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, Protocol, Self

from civicgraph.graph.identity.mentions import SourceMention, mentions_text, read_mentions

_CHUNK: Final = 1 << 20
SUFFIXES: Final = (".nq", ".mentions", ".rows", ".removed", ".graphs")


class SourceParts(Protocol):
    """What a source holds, wherever it is kept."""

    @property
    def id(self) -> str:
        """Its id."""

    def quads(self) -> IO[bytes]:
        """Open its N-Quads."""

    def mentions(self) -> Iterable[SourceMention]:
        """Return the organisations that it mentions."""

    def rows(self) -> Path | None:
        """Return the file with the rows of its contracts and payments; None where it has none."""


@dataclass(frozen=True, slots=True)
class SourceFiles:
    """One kept source."""

    folder: Path
    digest: str
    id: str = ""

    def quads(self) -> IO[bytes]:
        """Open the quads for reading."""
        return self._path(".nq").open("rb")

    def removed(self) -> IO[bytes]:
        """Open the quads that the source takes out, for reading."""
        path = self._path(".removed")
        return path.open("rb") if path.exists() else io.BytesIO()

    def empty_graphs(self) -> list[str]:
        """Return the names of the graphs that are there and hold nothing."""
        path = self._path(".graphs")
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else []

    def mentions(self) -> Iterator[SourceMention]:
        """Yield the organisations that the source mentions."""
        if (path := self._path(".mentions")).exists():
            with path.open("rb") as file:
                yield from read_mentions(file)

    def rows(self) -> Path | None:
        """Return the file with the rows of its contracts and payments; None where it has none."""
        path = self._path(".rows")
        return path if path.exists() else None

    def _path(self, suffix: str) -> Path:
        return self.folder / f"{self.digest}{suffix}"


class SourceDraft:
    """A source as it is being written, under names that nothing reads.

    Parameters
    ----------
    folder
        Where sources are kept.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._partial = {suffix: folder / f"draft-{os.getpid()}{suffix}.partial" for suffix in SUFFIXES}
        self._hashes = {suffix: hashlib.sha256() for suffix in SUFFIXES}
        self._files = {suffix: path.open("wb") for suffix, path in self._partial.items()}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for file in self._files.values():
            file.close()
        for path in self._partial.values():
            path.unlink(missing_ok=True)

    def write_quads(self, lines: bytes) -> None:
        """Add N-Quads, whole lines."""
        self._write(".nq", lines)

    def write_removed(self, lines: bytes) -> None:
        """Add N-Quads that the source takes out, whole lines."""
        self._write(".removed", lines)

    def write_graphs(self, lines: bytes) -> None:
        """Add names of graphs that hold nothing, whole lines."""
        self._write(".graphs", lines)

    def write_rows(self, lines: bytes) -> None:
        """Add rows of contracts and payments, whole lines."""
        self._write(".rows", lines)

    def take_rows(self, path: Path) -> None:
        """Add the rows that a file holds."""
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                self._write(".rows", chunk)

    def write_mentions(self, mentions: Iterable[SourceMention]) -> None:
        """Add the organisations that the source mentions; once, when all are known."""
        self._write(".mentions", mentions_text(mentions))

    def keep(self) -> SourceFiles:
        """Give the files their lasting names, and return them."""
        digest = hashlib.sha256(b"".join(self._hashes[suffix].digest() for suffix in SUFFIXES)).hexdigest()
        for suffix, file in self._files.items():
            file.flush()
            os.fsync(file.fileno())
            file.close()
            if suffix == ".nq" or self._partial[suffix].stat().st_size:
                self._partial[suffix].rename(self._folder / f"{digest}{suffix}")
        return SourceFiles(self._folder, digest)

    def _write(self, suffix: str, content: bytes) -> None:
        self._files[suffix].write(content)
        self._hashes[suffix].update(content)
