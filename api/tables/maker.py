"""A process that makes the tables of a snapshot, one after the other; it ends when its input does."""

import os
import sys
import threading
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from pyoxigraph import Store

from civicgraph.api.tables.routes import TABLES
from civicgraph.api.tables.store import TableStore
from civicgraph.graph.edges.ties.arrays import Ties
from civicgraph.graph.edges.ties.files import read_ties
from civicgraph.graph.engine.embedded import EmbeddedEngine
from civicgraph.graph.engine.interface import Engine
from civicgraph.graph.snapshot.locks import BusyError, read_lock
from civicgraph.graph.snapshot.manifest import Manifest
from civicgraph.graph.snapshot.optimized import store_of

_LOWER: Final = 10
_FIRST: Final = ("contracts", "spend")
"""What takes longest; a second process begins at the other end, with what is asked for most."""
_LAST: Final = ("dependencies",)


class _Kept(NamedTuple):
    engine: Engine
    manifest: Manifest
    ties: Ties


def main() -> None:
    """Make the tables of the snapshot whose folder is the last argument but one; the last is `first` or `last`.

    Two such processes, one from each end, share the work: what the other makes or has made is passed over.
    """
    threading.Thread(target=_end_with_input, daemon=True).start()
    os.nice(_LOWER)
    path, end = Path(sys.argv[-2]), sys.argv[-1]
    with suppress(FileNotFoundError), read_lock(path):
        manifest = Manifest.read(path / "manifest.json")
        engine = EmbeddedEngine(Store.read_only(str(store_of(path))), manifest.version)
        make_tables(path, _Kept(engine, manifest, read_ties(path)), from_end=end == "last")


def make_tables(path: Path, kept: _Kept, *, from_end: bool = False) -> None:
    """Make the tables beside a snapshot that nobody else is making, from the first or from the last."""
    store = TableStore(path)
    between = (name for name in TABLES if name not in (*_FIRST, *_LAST))
    names = (*_FIRST, *between, *_LAST)
    for name in reversed(names) if from_end else names:
        table = TABLES[name]
        with suppress(BusyError):
            store.fill(table.layout, partial(table.rows, kept), wait=0)


def _end_with_input() -> None:
    os.read(sys.stdin.fileno(), 1)
    os._exit(0)
