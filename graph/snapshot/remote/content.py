"""What a version of the data is made of, and what is to be sent when one follows another.

A version is its core (ontology, what was stated, what the rules derive, what organisations are called) and the
records of each source under the identity that was decided. What a source holds never changes, and identity changes
little of it: so the lines to take away and to add are found here, from files beside the sources, and only they travel.

    parts/core-<digest>.nq.gz    the lines of a core, in order
    parts/names-<digest>.json    the decided key for each key of a source that is replaced
    parts/scan-<digest>.json.gz  which organisations a source's lines name, and what its lines are about
"""

import gzip
import hashlib
import heapq
import json
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final, Self

from pyoxigraph import RdfFormat, parse

from civicgraph.graph.records.iris import BASE
from civicgraph.graph.records.quads import RDF_TYPE
from civicgraph.graph.snapshot.rewrite import rewritten
from civicgraph.graph.snapshot.source_files import SourceFiles

TOO_MANY: Final = 1_000_000
"""More lines than these are not taken away one by one: the slot is emptied and filled anew."""
_RUN: Final = 500_000
_TYPE: Final = str(RDF_TYPE).encode()
_KEY: Final = re.compile(rb"<" + re.escape(BASE.encode()) + rb"(organisation/[a-z0-9-]+)>")


@dataclass(frozen=True, slots=True)
class Content:
    """What a version is made of: the digest of its core; of each source of records, its own and that of its names."""

    core: str
    records: tuple[tuple[str, str], ...] = ()

    @classmethod
    def read(cls, text: str) -> Self:
        """Return content from the text that `text` made of it. Raises ValueError where it is none."""
        raw = json.loads(text)
        return cls(raw["core"], tuple((source, names) for source, names in raw["records"]))

    def text(self) -> str:
        """Return the content as the catalogue keeps it."""
        return json.dumps({"core": self.core, "records": self.records})


@dataclass(frozen=True, slots=True)
class _Scan:
    """What a source's lines name and are about: a predicate, or a class that something is said to be of."""

    keys: frozenset[str]
    about: frozenset[str]


class Contents:
    """Contents by the files that they are made of.

    Parameters
    ----------
    folder
        Where parts are kept.
    sources
        Where sources are kept.
    """

    def __init__(self, folder: Path, sources: Path) -> None:
        self._folder = folder
        self._sources = sources

    def keep_core(self, lines: Iterable[str]) -> str:
        """Keep the lines of a core, in any order, and return its digest."""
        self._folder.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256()
        partial = self._folder / f"core-{os.getpid()}.partial"
        try:
            with ExitStack() as kept, gzip.open(partial, "wb", compresslevel=1) as out:
                before = b""
                for line in heapq.merge(*_runs(lines, kept)):
                    if line != before:
                        digest.update(line)
                        out.write(line)
                        before = line
            partial.rename(self._core(digest.hexdigest()))
        finally:
            partial.unlink(missing_ok=True)
        return digest.hexdigest()

    def keep_names(self, source: SourceFiles, canonical: Mapping[str, str]) -> str:
        """Keep which of a source's keys are replaced by which, and return the digest of that."""
        keys = self._scan(source).keys
        text = json.dumps({key: canonical[key] for key in sorted(keys & canonical.keys())}, sort_keys=True)
        digest = hashlib.sha256(text.encode()).hexdigest()
        self._names(digest).write_text(text, encoding="utf-8")
        return digest

    def has(self, content: Content) -> bool:
        """Whether all files are here that the lines of a content are made from."""
        return self._core(content.core).exists() and all(
            self._names(names).exists() and (self._sources / f"{source}.nq").exists()
            for source, names in content.records
        )

    def sweep(self, kept: Iterable[Content]) -> None:
        """Remove the files that none of some contents is made from."""
        wanted = set()
        for content in kept:
            wanted.add(self._core(content.core))
            for source, names in content.records:
                wanted |= {self._names(names), self._scanned(source)}
        for file in self._folder.glob("*"):
            if file not in wanted:
                file.unlink()

    def lines(self, content: Content) -> Iterator[bytes]:
        """Yield the lines of a content, N-Quads; a line that two parts have comes twice."""
        with gzip.open(self._core(content.core)) as core:
            yield from core
        for source, names in content.records:
            yield from self._record_lines(source, names)

    def added(self, before: Content, after: Content) -> Iterator[bytes]:
        """Yield the lines of one content that another may lack."""
        yield from _missing(self._core(before.core), self._core(after.core))
        known = dict(before.records)
        for source, names in after.records:
            if source not in known:
                yield from self._record_lines(source, names)
            elif known[source] != names:
                yield from self._changed_lines(source, known[source], names)

    def removed(self, before: Content, after: Content) -> list[bytes] | None:
        """Return the lines of one content that another has not, or None where there are too many to tell."""
        found = set(islice(self.added(after, before), TOO_MANY + 1))
        if len(found) > TOO_MANY:
            return None
        found = set(map(_plain, found))
        with gzip.open(self._core(after.core)) as core:
            found.difference_update(map(_plain, core))
        for source, names in after.records:
            about = self._scan(SourceFiles(self._sources, source)).about
            if any(_about(line) in about for line in found):
                found.difference_update(map(_plain, self._record_lines(source, names)))
        return sorted(found)

    def _record_lines(self, source: str, names: str) -> Iterator[bytes]:
        with SourceFiles(self._sources, source).quads() as file:
            yield from _split(rewritten(file, self._canonical(names)))

    def _changed_lines(self, source: str, before: str, after: str) -> Iterator[bytes]:
        """Yield the lines of a source that other names change, with the names after."""
        one, other = self._canonical(before), self._canonical(after)
        changed = {key.encode() for key in one.keys() | other.keys() if one.get(key) != other.get(key)}
        files = SourceFiles(self._sources, source)
        with files.quads() as plain, files.quads() as file:
            # Both are read in step: the same lines, one with its names replaced.
            for line, renamed in zip(plain, _split(rewritten(file, other)), strict=True):
                if not changed.isdisjoint(_KEY.findall(line)):
                    yield renamed

    def _canonical(self, names: str) -> dict[str, str]:
        canonical: dict[str, str] = json.loads(self._names(names).read_text(encoding="utf-8"))
        return canonical

    def _scan(self, source: SourceFiles) -> _Scan:
        kept = self._scanned(source.digest)
        if not kept.exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            keys: set[bytes] = set()
            about: set[str] = set()
            with source.quads() as file:
                for line in file:
                    keys.update(_KEY.findall(line))
                    about.add(_about(line))
            found = {"keys": sorted(key.decode() for key in keys), "about": sorted(about)}
            partial = kept.with_suffix(".partial")
            with gzip.open(partial, "wt", encoding="utf-8") as out:
                json.dump(found, out)
            partial.rename(kept)
        with gzip.open(kept, "rt", encoding="utf-8") as text:
            raw = json.load(text)
        return _Scan(frozenset(raw["keys"]), frozenset(raw["about"]))

    def _core(self, digest: str) -> Path:
        return self._folder / f"core-{digest}.nq.gz"

    def _names(self, digest: str) -> Path:
        return self._folder / f"names-{digest}.json"

    def _scanned(self, source: str) -> Path:
        return self._folder / f"scan-{source}.json.gz"


def _about(line: bytes) -> str:
    """Return what a line is about: its predicate, or with `rdf:type` its class too."""
    _, predicate, rest = line.split(b" ", 2)
    return (rest.partition(b" ")[0] if predicate == _TYPE else predicate).decode()


def _plain(line: bytes) -> bytes:
    """Return a line as the engine writes it: a loader may write a character as its number."""
    if b"\\u" not in line:
        return line
    return "".join(f"{quad} .\n" for quad in parse(line, RdfFormat.N_QUADS)).encode()


def _split(chunks: Iterable[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        for line in chunk.removesuffix(b"\n").split(b"\n"):
            yield line + b"\n"


def _missing(before: Path, after: Path) -> Iterator[bytes]:
    """Yield the lines of one ordered file that another has not."""
    with gzip.open(before) as one, gzip.open(after) as other:
        known = next(one, None)
        for line in other:
            while known is not None and known < line:
                known = next(one, None)
            if line != known:
                yield line


def _runs(lines: Iterable[str], kept: ExitStack) -> list[Iterator[bytes]]:
    """Return ordered runs of lines, each in a file of its own, so that any number of lines can be ordered."""
    runs: list[Iterator[bytes]] = []
    waiting = iter(lines)
    while run := sorted(line.encode() for line in islice(waiting, _RUN)):
        file = tempfile.TemporaryFile()  # noqa: SIM115 - held until the runs are merged
        kept.enter_context(file)
        file.writelines(run)
        file.seek(0)
        runs.append(iter(file))
    return runs
