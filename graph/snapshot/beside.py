"""A snapshot from the one before it, where nothing but saved figures differs: a copy, in place of building all anew."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import RdfFormat, Store, parse

from civicgraph.graph.edges.sql import FILE
from civicgraph.graph.snapshot.manifest import FIGURES, LoadedSource
from civicgraph.graph.snapshot.optimized import store_of
from civicgraph.graph.snapshot.source_files import SourceFiles

_MOST = 1 << 26
"""Bytes of figures that are taken out quad by quad: of more, building anew takes less time."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Saved figures of two snapshots: only in the one before, in both, only in the one after."""

    gone: Sequence[SourceFiles]
    kept: Sequence[SourceFiles]
    new: Sequence[SourceFiles]


def only_figures_differ(before: Iterable[LoadedSource], after: Iterable[LoadedSource]) -> bool:
    """Return whether two sets of sources are the same but for figures, which nothing else follows from."""
    return _others(before) == _others(after)


def copied(base: Path, folder: Path, figures: Figures) -> int | None:
    """Make a snapshot from another one, and return how many quads it has.

    Parameters
    ----------
    base
        The folder of the snapshot before it.
    folder
        The folder of the new one, empty.
    figures
        What is only in the one before, in both, and only in the new one.

    Returns
    -------
    int or None
        None, and nothing is made, where what is gone is too much, or is not in the store as it was kept: somebody who
        is now known to be another was in it.
    """
    old = Store.read_only(str(store_of(base)))
    undone = _undone(figures)
    quads = None if undone is None else list(parse(undone, RdfFormat.N_QUADS))
    if quads is None or not all(quad in old for quad in quads):
        return None
    old.backup(str(folder / "store"))
    store = Store(str(folder / "store"))
    for quad in quads:
        store.remove(quad)
    for source in figures.new:
        with source.quads() as file:
            store.bulk_load(file, RdfFormat.N_QUADS)
    store.flush()
    (folder / FILE).hardlink_to(base / FILE)
    return len(store)


def _others(sources: Iterable[LoadedSource]) -> set[tuple[str, str, str, str | None]]:
    return {(one.id, one.kind, one.digest, one.latest) for one in sources if one.kind != FIGURES}


def _undone(figures: Figures) -> bytes | None:
    """Return the quads that no figures hold any more."""
    lines: set[bytes] = set()
    size = 0
    for source in figures.gone:
        with source.quads() as file:
            size += os.fstat(file.fileno()).st_size
            if size > _MOST:
                return None
            lines.update(file)
    if lines:
        for source in (*figures.kept, *figures.new):
            with source.quads() as file:
                lines.difference_update(file)
    return b"".join(sorted(lines))
