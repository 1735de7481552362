"""What a name means in some sources alone, where a person has told it apart: it has keys of its own in these."""

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import IO, Protocol

from civicgraph.graph.identity.judgements import IN_SOURCES, Judgement
from civicgraph.graph.identity.mentions import SourceMention
from civicgraph.graph.identity.names import key_in_sources, normalise
from civicgraph.graph.snapshot.filling import rewritten


class SourceParts(Protocol):
    """What a source holds, wherever it is kept."""

    def quads(self) -> IO[bytes]:
        """Open its N-Quads."""

    def mentions(self) -> Iterable[SourceMention]:
        """Return the organisations that it mentions."""

    def rows(self) -> Path | None:
        """Return the file with the rows of its contracts and payments; None where it has none."""

    @property
    def id(self) -> str:
        """Its id."""


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
    return [_renamed(source, wanted) for source in sources] if wanted else list(sources)


def _renamed(source: SourceParts, wanted: Iterable[tuple[str, str]]) -> SourceParts:
    here = {normalise(name): pattern for name, pattern in wanted if fnmatchcase(source.id, pattern)}
    keys = {
        one.key: key_in_sources(one.key, here[normal])
        for one in (source.mentions() if here else ())
        if not one.is_place and (normal := normalise(one.name)) in here
    }
    return Renamed(source, keys) if keys else source
