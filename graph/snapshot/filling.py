"""The quads of sources on their way into the store: who is who is written into them, and the bulk loader takes them.

The engine's bulk loader leaves this program's other threads to work meanwhile. A name that a person has told apart in
some sources has keys of its own in these.
"""

import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from io import BytesIO
from pathlib import Path
from threading import Event, Lock
from typing import IO, Final

from pyoxigraph import RdfFormat, Store

from civicgraph.graph.identity.judgements import IN_SOURCES, Judgement
from civicgraph.graph.identity.mentions import SourceMention
from civicgraph.graph.identity.names import key_in_sources, normalise
from civicgraph.graph.records.iris import BASE
from civicgraph.graph.snapshot.source_files import SourceParts

_PART: Final = 96 << 20
"""Bytes of quads that are handed to the engine's bulk loader at a time: it holds them all, five times as large.

Each part leaves files of its own, and a load ends when they are merged: that takes long where they are many.
"""
_CHUNK: Final = 1 << 20
_AT_ONCE: Final = 2
"""Parts that are loaded at a time: the engine uses one core for each."""


def fill(store: Store, sources: Iterable[SourceParts], canonical: Mapping[str, str]) -> None:
    """Load the quads of sources, the keys of organisations and places replaced by those decided.

    Parameters
    ----------
    store
        Where to.
    sources
        What to load.
    canonical
        The decided key for each key that is to be replaced.
    """
    for part in _parts(sources, canonical):
        _load(store, part)


@contextmanager
def filling(store: Store, sources: Iterable[SourceParts], canonical: Mapping[str, str]) -> Iterator[None]:
    """Load sources in threads of their own while the body runs; after it they are all loaded.

    Parameters are those of `fill`. If the body or a part fails, what is not loaded yet is left out.
    """
    left, taking = Event(), Lock()
    parts = _parts(sources, canonical)

    def take() -> bytes | None:
        # A generator may not be asked by two threads at once.
        with taking:
            return None if left.is_set() else next(parts, None)

    with ThreadPoolExecutor(_AT_ONCE, "filling") as pool:
        filled = [pool.submit(_load_all, store, take, left) for _ in range(_AT_ONCE)]
        try:
            yield
        except BaseException:
            left.set()
            raise
        for one in filled:
            one.result()


def _load_all(store: Store, take: Callable[[], bytes | None], left: Event) -> None:
    try:
        while (part := take()) is not None:
            _load(store, part)
            # It would stay in memory until the next one is there.
            del part
    except BaseException:
        left.set()
        raise


def _load(store: Store, part: bytes) -> None:
    # What is loaded was written by this program, or read by the engine's parser: it need not be checked again.
    store.bulk_load(part, RdfFormat.N_QUADS, lenient=True)


def _parts(sources: Iterable[SourceParts], canonical: Mapping[str, str]) -> Iterator[bytes]:
    """Yield the quads of sources in parts of whole lines; small sources share one."""
    # What is written here is handed on without a copy.
    part = BytesIO()
    for source in sources:
        with source.quads() as file:
            for chunk in rewritten(file, canonical):
                part.write(chunk)
                if part.tell() >= _PART:
                    whole, part = part.getvalue(), BytesIO()
                    yield whole
                    # The generator holds nothing while the part is loaded.
                    del whole
    if part.tell():
        yield part.getvalue()


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


@dataclass(frozen=True, slots=True)
class Renamed:
    """A source in which some keys stand for others; its rows are to be renamed by whoever reads them."""

    source: SourceParts
    keys: Mapping[str, str]

    @property
    def id(self) -> str:
        """Its id."""
        return self.source.id

    def quads(self) -> IO[bytes]:
        """Open its N-Quads, renamed."""
        file = tempfile.TemporaryFile()  # noqa: SIM115 - the reader closes it
        with self.source.quads() as quads:
            file.writelines(rewritten(quads, self.keys))
        file.seek(0)
        return file

    def mentions(self) -> Iterator[SourceMention]:
        """Yield the organisations that it mentions, renamed."""
        return (replace(one, key=self.keys.get(one.key, one.key)) for one in self.source.mentions())

    def rows(self) -> Path | None:
        """Return the file of its rows as they are kept."""
        return self.source.rows()


def told_apart(sources: Sequence[SourceParts], judgements: Iterable[Judgement]) -> list[SourceParts]:
    """Return sources, those renamed in which a judgement says that a name means another than elsewhere.

    Parameters
    ----------
    sources
        All sources.
    judgements
        What a person holds; a side `NAME @ PATTERN` is about the sources whose id the pattern matches (`bradford*`).
    """
    wanted = [
        (name, pattern)
        for judgement in judgements
        for name, mark, pattern in (side.rpartition(IN_SOURCES) for side in (judgement.left, judgement.right))
        if mark
    ]
    return [_renamed_source(source, wanted) for source in sources] if wanted else list(sources)


def _renamed_source(source: SourceParts, wanted: Iterable[tuple[str, str]]) -> SourceParts:
    here = {normalise(name): pattern for name, pattern in wanted if fnmatchcase(source.id, pattern)}
    keys = {
        one.key: key_in_sources(one.key, here[normal])
        for one in (source.mentions() if here else ())
        if not one.is_place and (normal := normalise(one.name)) in here
    }
    return Renamed(source, keys) if keys else source
