"""The process that makes the tables of a snapshot, one after the other; it ends when its input does."""

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
from civicgraph.graph.store.embedded import EmbeddedEngine
from civicgraph.graph.store.engine import Engine
from civicgraph.graph.store.locks import BusyError, read_lock
from civicgraph.graph.store.manifest import Manifest
from civicgraph.graph.ties.arrays import Ties
from civicgraph.graph.ties.files import read_ties

_LOWER: Final = 10
_FIRST: Final = ("dependencies", "contracts", "spend")


class _Kept(NamedTuple):
    engine: Engine
    manifest: Manifest
    ties: Ties


def main() -> None:
    """Make the tables of the snapshot whose folder is the last argument."""
    threading.Thread(target=_end_with_input, daemon=True).start()
    os.nice(_LOWER)
    path = Path(sys.argv[-1])
    with suppress(FileNotFoundError), read_lock(path):
        manifest = Manifest.read(path / "manifest.json")
        engine = EmbeddedEngine(Store.read_only(str(path / "store")), manifest.version)
        make_tables(path, _Kept(engine, manifest, read_ties(path)))


def make_tables(path: Path, kept: _Kept) -> None:
    """Make the tables beside a snapshot that nobody else is making, those first that are asked for most."""
    store = TableStore(path)
    for name in (*_FIRST, *(name for name in TABLES if name not in _FIRST)):
        table = TABLES[name]
        with suppress(BusyError):
            store.fill(table.layout, partial(table.rows, kept), wait=0)


def _end_with_input() -> None:
    os.read(sys.stdin.fileno(), 1)
    os._exit(0)
