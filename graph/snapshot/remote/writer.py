"""A load to a server: the next version is built here, what is new of it is sent, and one pointer is moved."""

import re
import secrets
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Final

from pyoxigraph import NamedNode, Quad, RdfFormat, Store, serialize

from civicgraph.graph.engine.errors import RemoteError
from civicgraph.graph.engine.remote.probe import table
from civicgraph.graph.engine.remote.query import DURATION, Held
from civicgraph.graph.engine.remote.updates import Updates
from civicgraph.graph.engine.revision import only_in
from civicgraph.graph.records.iris import short_hash
from civicgraph.graph.snapshot.derive import Progress
from civicgraph.graph.snapshot.remote.catalogue import Catalogue, Slot, State
from civicgraph.graph.snapshot.snapshot import DataFolderError, Manifest, Writer
from civicgraph.ontology.read import ONTOLOGY_IRI
from civicgraph.ontology.terms import CG

_FIXED: Final = (CG.established, CG.plans, CG.rumours, CG.claims, CG.figures, ONTOLOGY_IRI)
"""Graphs that every version has, if only by name, so that no load changes what a name means."""
_DEARER: Final = 7
"""To take a triple out takes an engine about so many times as long as to put one in."""
_TIMES: Final = 3
"""How often a version is sent to a server that loses some of it."""
_GIVEN_UP: Final = 86_400.0
"""Seconds after which a slot that another folder has begun to fill is taken to be given up."""


def renaming(held: Held) -> Callable[[bytes], bytes]:
    """Return what names the graphs of the data in N-Triples as the server does."""
    marker = f"{held.marker}>".encode()
    iris = re.compile(b"|".join(re.escape(f"<{iri}>".encode()) for iri in held.renamed))
    return lambda triples: iris.sub(lambda found: found[0][:-1] + marker, triples)


class Sending:
    """Puts triples into the graphs of a slot, and takes some out.

    Parameters
    ----------
    updates
        The server.
    held
        The version whose graphs they are.
    progress
        Told how much was sent.
    """

    def __init__(self, updates: Updates, held: Held, progress: Progress) -> None:
        self._updates = updates
        self._progress = progress
        self._held = held
        self._renamed = renaming(held)
        self._sent = 0

    def insert(self, graph: str, triples: IO[bytes]) -> None:
        """Put triples into a graph. Raises as `Updates.run` does."""
        for batch in self._batches(triples):
            self._updates.insert(self._held.called(graph), batch)
            self._sent += batch.count(b"\n")
            self._progress(f"sent {self._sent:,} triples")

    def delete(self, graph: str, triples: IO[bytes]) -> None:
        """Take triples out of a graph. Raises as `Updates.run` does."""
        for batch in self._batches(triples):
            self._updates.delete(self._held.called(graph), batch)

    def drop(self) -> None:
        """Take all graphs of the slot away. Raises as `Updates.run` does."""
        for graph in self._held.graphs:
            self._updates.drop(self._held.called(graph))

    def count(self) -> int:
        """Return how many triples the graphs of the slot hold."""
        total = 0
        for name in map(self._held.called, self._held.graphs):
            ((count,),) = table(
                self._updates.connection, f"SELECT (COUNT(*) AS ?n) WHERE {{ GRAPH <{name}> {{ ?s ?p ?o }} }}"
            )
            total += 0 if count is None else int(count.value)
        return total

    def _batches(self, triples: IO[bytes]) -> Iterator[bytes]:
        with triples:
            while lines := triples.readlines(self._updates.batch):
                yield self._renamed(b"".join(lines))


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
                self._forget(slot)
        # Of a server that lost all it held, what is kept here may be all that there is.
        if self._kept():
            super().sweep()

    def _kept(self) -> list[Manifest]:
        slots = self._catalogue.begun().slots.values()
        return [self._catalogue.manifest(slot) for slot in slots if slot.version is not None]

    def _serve(self, folder: Path, manifest: Manifest) -> None:
        """Send what is new of a version that was built, and switch to it.

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
        """Return a slot that holds a version: one that nobody reads, brought to it, or else a new one."""
        # Kept with the slot, so that whoever reads it knows what it holds, whatever filled it.
        graphs = (*graphs_of(store), *(() if self._catalogue.abilities.keeps_durations else (DURATION,)))
        state = self._catalogue.begun()
        whole = (slot for slot in state.slots.values() if slot.version is not None and slot.sign != state.current)
        free = next((slot for slot in whole if self._is_left(state, slot)), None)
        slot = self._brought(free, store) if free is not None and free.graphs == graphs else None
        before = -1
        for _ in range(_TIMES):
            slot = slot or self._whole(store, graphs)
            self._progress("counting")
            held = self._sending(slot).count()
            if held in (manifest.quads, before):
                if held != manifest.quads:
                    what = f"the server holds {held:,} of {manifest.quads:,} triples: it takes some values for the same"
                    self._catalogue.connection.notice(what)
                return slot
            # A server that was killed may have lost the end of what it took; one that forgot all has no catalogue.
            self._progress("sending everything again")
            self._forget(slot)
            slot, before = None, held
        what = f"the server does not hold all of the {manifest.quads:,} triples that it took"
        raise RemoteError(what, "load again; if it stays so, look at the server's log and its disk")

    def _brought(self, slot: Slot, store: Store) -> Slot | None:
        """Bring a slot from its version to another; None where it takes less time to send that whole."""
        built = self._path / "snapshots" / str(slot.version)
        if not built.exists():
            return None
        old = Store.read_only(str(built / "store"))
        with ExitStack() as files:
            changes: list[tuple[str, IO[bytes], IO[bytes]]] = []
            for graph in slot.held().graphs:
                fewer = files.enter_context(_written(only_in(old, store, NamedNode(graph))))
                more = files.enter_context(_written(only_in(store, old, NamedNode(graph))))
                changes.append((graph, fewer, more))
            if sum(_DEARER * _lines(fewer) + _lines(more) for _, fewer, more in changes) >= len(store):
                return None
            slot = self._begun(replace(slot, version=None))
            sending = self._sending(slot)
            for graph, fewer, more in changes:
                sending.delete(graph, fewer)
                sending.insert(graph, more)
        return slot

    def _whole(self, store: Store, graphs: tuple[str, ...]) -> Slot:
        """Fill a new slot with a version."""
        slot = self._begun(Slot(secrets.token_hex(4), graphs=graphs))
        sending = self._sending(slot)
        for graph in slot.held().graphs:
            sending.insert(graph, dumped(store, graph))
        return slot

    def _forget(self, slot: Slot) -> None:
        self._sending(slot).drop()
        self._catalogue.forget(slot)

    def _begun(self, slot: Slot) -> Slot:
        """Say on the server that we write into a slot, and return it."""
        slot = replace(slot, owner=self._owner)
        self._catalogue.change(lambda state: state.with_slot(slot))
        return slot

    def _is_left(self, state: State, slot: Slot) -> bool:
        """Whether nobody reads a slot any more, or writes to it: we hold the lock of what this folder has begun."""
        age = (state.now - slot.since).total_seconds()
        if slot.version is None:
            return slot.owner == self._owner or age >= _GIVEN_UP
        return age >= self._grace

    def _sending(self, slot: Slot) -> Sending:
        return Sending(self._catalogue.updates, slot.held(), self._progress)


def graphs_of(store: Store) -> tuple[str, ...]:
    """Return the names of the graphs of a version in order."""
    return tuple(sorted({*(graph.value for graph in store.named_graphs()), *_FIXED}))


def dumped(store: Store, graph: str) -> IO[bytes]:
    """Return the triples of a graph, lines of N-Triples in no order; the reader closes the file."""
    file = TemporaryFile()  # noqa: SIM115 - see above
    store.dump(file, RdfFormat.N_TRIPLES, from_graph=NamedNode(graph))
    file.seek(0)
    return file


def _written(quads: Iterable[Quad]) -> IO[bytes]:
    file = TemporaryFile()  # noqa: SIM115 - the reader closes it
    serialize((quad.triple for quad in quads), file, RdfFormat.N_TRIPLES)
    file.seek(0)
    return file


def _lines(file: IO[bytes]) -> int:
    """Return how many lines a file has, which is then read from its beginning."""
    count = sum(1 for _ in file)
    file.seek(0)
    return count
