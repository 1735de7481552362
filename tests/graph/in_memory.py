"""A store that is built in memory, from what tests write down."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from pyoxigraph import Store

from civicgraph.graph.edges.table import EdgeTable
from civicgraph.graph.engine.interface import Engine
from civicgraph.graph.identity.mentions import SourceMention
from civicgraph.graph.snapshot.derive import Parts, build, edges_of_store
from civicgraph.graph.snapshot.source_files import SourceDraft, SourceFiles


def build_in_memory(*sources: bytes) -> Store:
    """Return a store in memory built from stated sources given as N-Quads."""
    store = Store()
    with TemporaryDirectory() as made:
        build(store, Parts([source_files(Path(made), source) for source in sources]), Path(made))
    return store


def edges_of(engine: Engine) -> EdgeTable:
    """Return the edge table of what a store states; its file is gone as soon as it is open."""
    with TemporaryDirectory() as made:
        return edges_of_store(engine, Path(made))


def source_files(folder: Path, quads: bytes, mentions: Iterable[SourceMention] = (), name: str = "") -> SourceFiles:
    """Write a source, and return its files."""
    with SourceDraft(folder) as draft:
        draft.write_quads(quads)
        draft.write_mentions(mentions)
        return replace(draft.keep(), id=name)
