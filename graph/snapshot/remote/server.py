"""One set of data on a SPARQL server, with what belongs to it here."""

import os
import shutil
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

from civicgraph.graph.edges.ties.arrays import Ties
from civicgraph.graph.edges.ties.files import FOLDER as TIES
from civicgraph.graph.edges.ties.files import write_ties
from civicgraph.graph.engine.remote.http import Connection
from civicgraph.graph.engine.remote.probe import DURATION, Abilities, Asking, probe
from civicgraph.graph.engine.remote.query import UNNAMED, Naming
from civicgraph.graph.engine.remote.updates import Updates
from civicgraph.graph.records.iris import short_hash
from civicgraph.graph.records.quads import ESTABLISHED
from civicgraph.graph.snapshot.remote.catalogue import Catalogue, Slot, State
from civicgraph.graph.snapshot.remote.content import Contents


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

    @property
    def where(self) -> str:
        """Where the graph is, as messages name it."""
        return Connection.host(self.connection.address.query)

    @cached_property
    def asking(self) -> Asking:
        """Asks the server what every server answers."""
        abilities = self._kept_abilities()
        return Asking(self.connection, None if abilities is None else abilities.form)

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
        """What the server can do; found at the first connection and kept."""
        kept = self._kept_abilities()
        if kept is None:
            kept = probe(self.asking, *self.catalogue.probed)
            self.root.mkdir(parents=True, exist_ok=True)
            partial = self._abilities_file.with_suffix(f".{os.getpid()}.partial")
            partial.write_text(kept.text(), encoding="utf-8")
            partial.rename(self._abilities_file)
        return kept

    @property
    def contents(self) -> Contents:
        """What versions are made of."""
        return Contents(self.root / "parts", self.root / "sources")

    def keep_ties(self, ties: Ties) -> None:
        """Keep the ties of a version for whoever reads it next."""
        folder = self.version_folder(ties.version)
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=folder, prefix="ties-") as partial:
            write_ties(ties, Path(partial))
            shutil.rmtree(folder / TIES, ignore_errors=True)
            (Path(partial) / TIES).rename(folder / TIES)

    def version_folder(self, version: str) -> Path:
        """Return the folder of what is derived from a version."""
        return self.root / "versions" / version

    def current_slot(self, state: State | None = None) -> Slot | None:
        """Return the current slot, of a catalogue that was just read or of the one there is now."""
        state = state or self.catalogue.read()
        return None if state is None or state.current is None else state.slots.get(state.current)

    @property
    def _abilities_file(self) -> Path:
        return self.root / "abilities.json"

    def _kept_abilities(self) -> Abilities | None:
        try:
            return Abilities.read(self._abilities_file.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError, TypeError):
            return None  # not asked yet, or by another version of this program: it is asked again


def naming(state: State, number: int, graphs: tuple[str, ...]) -> Naming:
    """Return what is called otherwise in a slot: the graphs of a version; durations, where they stand among them."""
    marker = state.marker(number)
    default = (ESTABLISHED.value, *([UNNAMED] if UNNAMED in graphs else []))
    names = {name: name + marker for name in graphs}
    values = {name: names.pop(name) for name in (DURATION,) if name in names}
    return Naming(names, default, f"urn:x-civicgraph:nothing{marker}", values)
