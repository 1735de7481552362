"""One set of data on a SPARQL server, with what belongs to it here."""

import shutil
import socket
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from civicgraph.graph.edges.sql import FILE, FORMAT
from civicgraph.graph.edges.table import EdgeTable
from civicgraph.graph.engine.remote.http import Connection
from civicgraph.graph.engine.remote.probe import Abilities, Asking, probe
from civicgraph.graph.engine.remote.updates import Updates
from civicgraph.graph.records.iris import short_hash
from civicgraph.graph.snapshot.manifest import Manifest
from civicgraph.graph.snapshot.remote.catalogue import Catalogue, Slot
from civicgraph.graph.snapshot.remote.lines import VersionLines

_VERSIONS: Final = 3
"""Versions whose derived files are kept by who only reads."""


class Server:
    """One set of data on a server: its catalogue, and the folder with what belongs to it here.

    Parameters
    ----------
    path
        The data folder; it need not exist yet.
    connection
        The server.
    grace
        Seconds for which a version that was left is not written over.
    """

    def __init__(self, path: Path, connection: Connection, grace: float) -> None:
        self.grace = grace
        self.connection = connection
        self.root = path / "stores" / short_hash(connection.address.query, connection.address.name)
        self.lines = VersionLines(self.root / "lines")

    @property
    def owner(self) -> str:
        """What tells this folder on this machine from others: whoever holds its lock is the only one of this name."""
        lock = self.root / "lock"
        return short_hash(socket.gethostname(), str(lock.resolve()), str(lock.stat().st_ino))

    @property
    def where(self) -> str:
        """Where the graph is, as messages name it."""
        return Connection.host(self.connection.address.query)

    @cached_property
    def asking(self) -> Asking:
        """Asks the server what every server answers."""
        return Asking(self.connection)

    @cached_property
    def updates(self) -> Updates:
        """Changes the server."""
        return Updates(self.connection)

    @cached_property
    def catalogue(self) -> Catalogue:
        """The server's catalogue of our versions."""
        return Catalogue(self.asking, self.updates, self.connection.address.name)

    @cached_property
    def abilities(self) -> Abilities:
        """What the server can do, by asking it."""
        return probe(self.asking, self.catalogue.graph)

    def edges(self, version: str, make: Callable[[Path], object]) -> EdgeTable:
        """Return the edge table of a version, made where it is not here, and kept with those of a few versions more."""
        folder = self.version_folder(version)
        if not (folder / FILE).exists():
            folder.parent.mkdir(parents=True, exist_ok=True)
            with TemporaryDirectory(dir=folder.parent, prefix="edges-") as partial:
                make(Path(partial))
                folder.mkdir(exist_ok=True)
                (Path(partial) / FILE).replace(folder / FILE)
            others = sorted(folder.parent.iterdir(), key=lambda one: one.stat().st_mtime)
            for old in others[:-_VERSIONS]:
                shutil.rmtree(old, ignore_errors=True)
        return EdgeTable(folder)

    @property
    def versions(self) -> Path:
        """The folder of what is derived from versions; another form of edge table has another one."""
        return self.root / f"versions-{FORMAT}"

    def version_folder(self, version: str) -> Path:
        """Return the folder of what is derived from a version."""
        return self.versions / version

    def manifest(self, slot: Slot) -> Manifest:
        """Return the manifest of the version that a slot holds."""
        return Manifest.of(self.catalogue.manifest(slot), self.where)

    def current(self) -> Slot | None:
        """Return the current slot, or None where nothing was ever loaded."""
        state = self.catalogue.read()
        return None if state is None or state.current is None else state.slots[state.current]
