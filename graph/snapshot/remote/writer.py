"""A load to a server: the next version is built here, sent into graphs that nobody reads, and one pointer is moved."""

import re
import secrets
import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Final

from pyoxigraph import NamedNode, RdfFormat, Store

from civicgraph.graph.engine.errors import RemoteError
from civicgraph.graph.engine.remote.probe import table
from civicgraph.graph.engine.remote.query import DURATION, Held
from civicgraph.graph.records.iris import short_hash
from civicgraph.graph.snapshot.remote.catalogue import Catalogue, Slot, State
from civicgraph.graph.snapshot.snapshot import DataFolderError, Manifest, Writer
from civicgraph.ontology.read import ONTOLOGY_IRI
from civicgraph.ontology.terms import CG

_FIXED: Final = (CG.established, CG.plans, CG.rumours, CG.claims, CG.figures, ONTOLOGY_IRI)
"""Graphs that every version has, if only by name, so that no load changes what a name means."""
_TIMES: Final = 3
"""How often a version is sent to a server that loses some of it."""
_GIVEN_UP: Final = 86_400.0
"""Seconds after which a slot that another folder has begun to fill is taken to be given up."""


def renaming(held: Held) -> Callable[[bytes], bytes]:
    """Return what names the graphs of the data in N-Triples as the server does."""
    marker = f"{held.marker}>".encode()
    iris = re.compile(b"|".join(re.escape(f"<{iri}>".encode()) for iri in held.renamed))
    return lambda triples: iris.sub(lambda found: found[0][:-1] + marker, triples)


class RemoteWriter(Writer):
    """One load: sources are added or removed, then published as the next version on the server.

    Parameters
    ----------
    path
        The folder of what belongs to the server here.
    judgements
        The file of what a person has judged.
    catalogue
        Where it goes.
    grace
        Seconds for which a version that was left is not written over.
    """

    def __init__(self, path: Path, judgements: Path, catalogue: Catalogue, grace: float) -> None:
        current = catalogue.current()
        super().__init__(path, None if current is None else catalogue.manifest(current), judgements)
        self._catalogue = catalogue
        self._grace = grace
        # From where the pointer is to be moved.
        self._before = None if current is None else current.sign
        # What tells this folder on this machine from others: whoever holds its lock is the only one of this name.
        lock = path / "lock"
        self._owner = short_hash(socket.gethostname(), str(lock.resolve()), str(lock.stat().st_ino))

    def undo(self) -> Manifest:
        """Make the version before the current one the current one again, and return its manifest.

        Raises
        ------
        DataFolderError
            There is none.
        """
        previous = self._catalogue.begun().previous()
        if previous is None:
            msg = f"{self._catalogue.connection.where} holds no version before the current one"
            raise DataFolderError(msg)
        self._catalogue.change(lambda state: state.pointing(previous.sign, self._before))
        return self._catalogue.manifest(previous)

    def sweep(self) -> None:
        """Remove what no version on the server is made from, and slots that nobody needs."""
        state = self._catalogue.begun()
        previous = state.previous()
        wanted = {state.current, None if previous is None else previous.sign}
        for slot in state.slots.values():
            if slot.sign not in wanted and self._is_left(state, slot):
                self._catalogue.forget(slot)
        # Of a server that lost all it held, what is kept here may be all that there is.
        if self._kept():
            super().sweep()

    def _kept(self) -> list[Manifest]:
        slots = self._catalogue.begun().slots.values()
        return [self._catalogue.manifest(slot) for slot in slots if slot.version is not None]

    def _serve(self, folder: Path, manifest: Manifest) -> None:
        """Send a version that was built, and switch to it.

        Raises
        ------
        RemoteError
            The server failed. Readers have the old version, and the next load makes up for what was half sent.
        """
        there = (slot for slot in self._catalogue.begun().slots.values() if slot.version == manifest.version)
        # Where the same sources were current before, what was said of them may be new.
        slot = next(there, None) or self._filled(Store.read_only(str(folder / "store")), manifest)
        self._catalogue.keep_manifest(slot, manifest.text())
        whole, limit = replace(slot, version=manifest.version), self._catalogue.abilities.row_limit
        self._progress("switching")
        self._catalogue.change(lambda state: replace(state.with_slot(whole), row_limit=limit))
        self._catalogue.change(lambda state: state.pointing(slot.sign, self._before))
        self._published = manifest
        self.sweep()

    def _filled(self, store: Store, manifest: Manifest) -> Slot:
        """Return a new slot that holds a version, which is sent again while the server loses some of it."""
        before = -1
        for _ in range(_TIMES):
            slot = self._sent(store)
            self._progress("counting")
            held = self._count(slot)
            if held in (manifest.quads, before):
                if held != manifest.quads:
                    what = f"the server holds {held:,} of {manifest.quads:,} triples: it takes some values for the same"
                    self._catalogue.connection.notice(what)
                return slot
            # A server that was killed may have lost the end of what it took; one that forgot all has no catalogue.
            self._progress("sending everything again")
            self._catalogue.forget(slot)
            before = held
        what = f"the server does not hold all of the {manifest.quads:,} triples that it took"
        raise RemoteError(what, "load again; if it stays so, look at the server's log and its disk")

    def _sent(self, store: Store) -> Slot:
        """Send a version into a new slot, and return that."""
        # Kept with the slot, so that whoever reads it knows what it holds, whatever filled it.
        graphs = (*graphs_of(store), *(() if self._catalogue.abilities.keeps_durations else (DURATION,)))
        slot = Slot(secrets.token_hex(4), graphs=graphs, owner=self._owner)
        self._catalogue.change(lambda state: state.with_slot(slot))
        held, connection, sent = slot.held(), self._catalogue.connection, 0
        renamed = renaming(held)
        for graph in held.graphs:
            with dumped(store, graph) as triples:
                while lines := triples.readlines(connection.batch):
                    connection.insert(held.called(graph), renamed(b"".join(lines)))
                    sent += len(lines)
                    self._progress(f"sent {sent:,} triples")
        return slot

    def _count(self, slot: Slot) -> int:
        """Return how many triples the graphs of a slot hold."""
        total = 0
        for name in slot.held().names:
            asked = f"SELECT (COUNT(*) AS ?n) WHERE {{ GRAPH <{name}> {{ ?s ?p ?o }} }}"
            ((count,),) = table(self._catalogue.connection, asked)
            total += 0 if count is None else int(count.value)
        return total

    def _is_left(self, state: State, slot: Slot) -> bool:
        """Whether nobody reads a slot any more, or writes to it: we hold the lock of what this folder has begun."""
        age = (state.now - slot.since).total_seconds()
        if slot.version is None:
            return slot.owner == self._owner or age >= _GIVEN_UP
        return age >= self._grace


def graphs_of(store: Store) -> tuple[str, ...]:
    """Return the names of the graphs of a version in order."""
    return tuple(sorted({*(graph.value for graph in store.named_graphs()), *_FIXED}))


def dumped(store: Store, graph: str) -> IO[bytes]:
    """Return the triples of a graph, lines of N-Triples in no order; the reader closes the file."""
    file = TemporaryFile()  # noqa: SIM115 - see above
    store.dump(file, RdfFormat.N_TRIPLES, from_graph=NamedNode(graph))
    file.seek(0)
    return file
