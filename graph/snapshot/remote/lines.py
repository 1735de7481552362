"""The triples of versions, in order, a file for each graph: what is to be sent when one follows another is found here.

lines/<version>/<digest of the graph's name>.nt.gz
"""

import gzip
import heapq
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import IO, Final

from civicgraph.graph.records.iris import short_hash

_DEARER: Final = 7
"""To take a triple out takes an engine about so many times as long as to put one in."""
_RUN: Final = 500_000
"""Lines that are put in order in memory."""


class VersionLines:
    """The triples of versions by their names, as lines of N-Triples.

    Parameters
    ----------
    folder
        Where they are kept.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def has(self, version: str) -> bool:
        """Whether the triples of a version are here."""
        return (self._folder / version).exists()

    def keep(self, version: str, graphs: Iterable[tuple[str, Iterable[bytes]]]) -> None:
        """Keep the triples of a version, graph by graph; the lines of each come in any order and each once."""
        self._folder.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(self._folder / version, ignore_errors=True)
        with tempfile.TemporaryDirectory(dir=self._folder, ignore_cleanup_errors=True) as partial:
            folder = Path(partial) / "version"
            folder.mkdir()
            for graph, lines in graphs:
                with ExitStack() as runs, gzip.open(_file(folder, graph), "wb", compresslevel=1) as out:
                    out.writelines(heapq.merge(*_runs(lines, runs)))
            folder.rename(self._folder / version)

    def lines(self, version: str, graph: str) -> Iterator[bytes]:
        """Yield the triples of a graph in order."""
        if (path := _file(self._folder / version, graph)).exists():
            with gzip.open(path) as file:
                yield from file

    def difference(self, before: str, after: str, graph: str, held: ExitStack) -> tuple[IO[bytes], IO[bytes], int]:
        """Return what a graph has in one version and had not in another, and the other way about, in files.

        They go with `held`. The last is what it costs to send them, in triples put in.
        """
        added, removed, cost = _file_in(held), _file_in(held), 0
        for line, is_added in _compared(self.lines(before, graph), self.lines(after, graph)):
            (added if is_added else removed).write(line)
            cost += 1 if is_added else _DEARER
        for file in (added, removed):
            file.seek(0)
        return added, removed, cost

    def sweep(self, kept: Iterable[str]) -> None:
        """Remove the triples of all versions but some."""
        wanted = set(kept)
        for folder in self._folder.glob("*"):
            if folder.name not in wanted:
                shutil.rmtree(folder)


def _file(folder: Path, graph: str) -> Path:
    return folder / f"{short_hash(graph)}.nt.gz"


def _file_in(held: ExitStack) -> IO[bytes]:
    return held.enter_context(tempfile.TemporaryFile())


def _compared(before: Iterator[bytes], after: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Yield the lines that only one of two ordered runs has, and whether it is the second.

    >>> list(_compared(iter([b"a", b"b"]), iter([b"b", b"c"])))
    [(b'a', False), (b'c', True)]
    """
    old, new = next(before, None), next(after, None)
    while old is not None or new is not None:
        if old == new:
            old, new = next(before, None), next(after, None)
        elif new is None or (old is not None and old < new):
            yield old or b"", False
            old = next(before, None)
        else:
            yield new, True
            new = next(after, None)


def _runs(lines: Iterable[bytes], held: ExitStack) -> list[Iterator[bytes]]:
    """Return ordered runs of lines, each in a file of its own, so that any number of lines can be ordered."""
    runs: list[Iterator[bytes]] = []
    waiting = iter(lines)
    while run := sorted(islice(waiting, _RUN)):
        file = _file_in(held)
        file.writelines(run)
        file.seek(0)
        runs.append(file)
    return runs
