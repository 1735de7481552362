"""The files of one state of one source: its quads, the organisations it mentions, the rows of its records.

    <digest>.nq         N-Quads
    <digest>.mentions   organisations under their names, see `civicgraph.graph.identity.mentions`
    <digest>.rows       its contracts and payments, see `civicgraph.graph.records.rows`
    <digest>.removed    N-Quads that the source takes out: what updates did

Only the first is there where it holds nothing. The digest is over all of them, so a source that is loaded twice is
kept once, and a change in any of them is a new state.
"""

import hashlib
import io
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Final, Self

from civicgraph.graph.identity.mentions import SourceMention, mentions_text, read_mentions
from civicgraph.graph.records.iris import BASE

_CHUNK: Final = 1 << 20
SUFFIXES: Final = (".nq", ".mentions", ".rows", ".removed")


@dataclass(frozen=True, slots=True)
class SourceFiles:
    """One kept source; what it says of the keys in `renamed` is meant of others."""

    folder: Path
    digest: str
    id: str = ""
    renamed: Mapping[str, str] = field(default_factory=dict)

    def quads(self) -> IO[bytes]:
        """Open the quads for reading, as they are kept."""
        return self._path(".nq").open("rb")

    def decided(self, canonical: Mapping[str, str]) -> Iterator[bytes]:
        """Yield the quads, with the keys that are decided for those in them; as `rewritten` does."""
        renamed = {key: canonical.get(other, other) for key, other in self.renamed.items()}
        with self.quads() as quads:
            yield from rewritten(quads, {**canonical, **renamed} if renamed else canonical)

    def removed(self) -> IO[bytes]:
        """Open the quads that the source takes out, for reading."""
        path = self._path(".removed")
        return path.open("rb") if path.exists() else io.BytesIO()

    def mentions(self) -> Iterator[SourceMention]:
        """Yield the organisations that the source mentions."""
        if (path := self._path(".mentions")).exists():
            with path.open("rb") as file:
                for one in read_mentions(file):
                    yield replace(one, key=self.renamed[one.key]) if one.key in self.renamed else one

    def rows(self) -> Path | None:
        """Return the file with the rows of its contracts and payments, as they are kept; None where it has none."""
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

    def write(self, suffix: str, lines: bytes) -> None:
        """Add whole lines to the file of a suffix."""
        self._files[suffix].write(lines)
        self._hashes[suffix].update(lines)

    def write_quads(self, lines: bytes | Iterable[str]) -> None:
        """Add N-Quads, whole lines."""
        self.write(".nq", lines if isinstance(lines, bytes) else "".join(lines).encode())

    def write_rows(self, lines: bytes) -> None:
        """Add rows of contracts and payments, whole lines."""
        self.write(".rows", lines)

    def take_rows(self, path: Path) -> None:
        """Add the rows that a file holds."""
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                self.write(".rows", chunk)

    def write_mentions(self, mentions: Iterable[SourceMention]) -> None:
        """Add the organisations that the source mentions; once, when all are known."""
        self.write(".mentions", mentions_text(mentions))

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


def rewritten(quads: IO[bytes], canonical: Mapping[str, str]) -> Iterator[bytes]:
    """Yield N-Quads in which the IRIs of organisations and places are those that were decided.

    Parameters
    ----------
    quads
        The source's N-Quads, open for reading.
    canonical
        The decided key for each key that is to be replaced.

    Yields
    ------
    bytes
        About a megabyte of whole lines.
    """
    kinds: dict[bytes, dict[bytes, bytes]] = defaultdict(dict)
    for key, decided in canonical.items():
        kind, _, slug = key.partition("/")
        kinds[f"<{BASE}{kind}/".encode()][slug.encode()] = f"<{BASE}{decided}".encode()
    # An IRI never spans two lines, so whole lines hold whole IRIs.
    while chunk := quads.read(_CHUNK):
        lines = chunk + quads.readline()
        for begin, decided_of in kinds.items():
            lines = _renamed(lines, begin, decided_of)
        yield lines


def _renamed(lines: bytes, begin: bytes, decided: Mapping[bytes, bytes]) -> bytes:
    """Replace IRIs of one kind. To split is several times as fast as a pattern that finds them all."""
    before, *pieces = lines.split(begin)
    parts = [before]
    for piece in pieces:
        end = piece.find(b">")
        other = decided.get(piece[:end]) if end > 0 else None
        parts += (begin, piece) if other is None else (other, piece[end:])
    return b"".join(parts)
