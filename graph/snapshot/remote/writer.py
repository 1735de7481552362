"""A load to a server: the next version is built here, what is new of it is sent, and one pointer is moved."""

import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final

from pyoxigraph import NamedNode, Quad, RdfFormat, Store

from civicgraph.graph.engine.errors import RemoteError
from civicgraph.graph.engine.remote.query import DURATION
from civicgraph.graph.engine.revision import Revision, only_in
from civicgraph.graph.engine.updates import Change, Done
from civicgraph.graph.snapshot.optimized import store_of
from civicgraph.graph.snapshot.remote.catalogue import Slot, State
from civicgraph.graph.snapshot.remote.sending import Sending
from civicgraph.graph.snapshot.remote.server import Server
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


class RemoteWriter(Writer):
    """One load: sources are added or removed, then published as the next version on the server.

    Parameters
    ----------
    server
        Where it goes.
    judgements
        The file of what a person has judged.
    manifest
        What is current.
    before
        The sign of the slot that is current, from which the pointer is to be moved.
    """

    def __init__(self, server: Server, judgements: Path, manifest: Manifest | None, before: str | None) -> None:
        super().__init__(server.root, manifest, judgements)
        self._server = server
        self._before = before

    def publish_revision(self, change: Change, make: Callable[[Revision], Done]) -> tuple[Manifest, Done]:
        """Refuse a single update: versions on a server are made from sources.

        Raises
        ------
        DataFolderError
            Always.
        """
        del change, make
        msg = f"{self._server.where} takes no single updates; change the sources, and load them: civicgraph load"
        raise DataFolderError(msg)

    def undo(self) -> Manifest:
        """Make the version before the current one the current one again, and return its manifest.

        Raises
        ------
        DataFolderError
            There is none.
        """
        previous = self._server.catalogue.begun().previous()
        if previous is None:
            msg = f"{self._server.where} holds no version before the current one"
            raise DataFolderError(msg)
        self._server.catalogue.change(lambda state: state.pointing(previous.sign, self._before))
        return self._server.manifest(previous)

    def sweep(self) -> None:
        """Remove what no version on the server is made from, and slots that nobody needs."""
        state = self._server.catalogue.begun()
        previous = state.previous()
        wanted = {state.current, None if previous is None else previous.sign}
        for slot in state.slots.values():
            if slot.sign not in wanted and self._is_left(state, slot):
                self._forget(slot)
        # Of a server that lost all it held, what is kept here may be all that there is.
        if self._kept():
            super().sweep()

    def _kept(self) -> list[Manifest]:
        slots = self._server.catalogue.begun().slots.values()
        return [self._server.manifest(slot) for slot in slots if slot.version is not None]

    def _serve(self, folder: Path, manifest: Manifest) -> None:
        """Send what is new of a version that was built, and switch to it.

        Raises
        ------
        RemoteError
            The server failed. Readers have the old version, and the next load makes up for what was half sent.
        """
        catalogue = self._server.catalogue
        there = (slot for slot in catalogue.begun().slots.values() if slot.version == manifest.version)
        # Where the same sources were current before, what was said of them may be new.
        slot = next(there, None) or self._filled(Store.read_only(str(store_of(folder))), manifest)
        catalogue.keep_manifest(slot, manifest.text())
        whole, limit = replace(slot, version=manifest.version), self._server.abilities.row_limit
        self._progress("switching")
        catalogue.change(lambda state: replace(state.with_slot(whole), row_limit=limit))
        catalogue.change(lambda state: state.pointing(slot.sign, self._before))
        self._published = manifest
        self.sweep()

    def _filled(self, store: Store, manifest: Manifest) -> Slot:
        """Return a slot that holds a version: one that nobody reads, brought to it, or else a new one."""
        # Kept with the slot, so that whoever reads it knows what it holds, whatever filled it.
        graphs = (*graphs_of(store), *(() if self._server.abilities.keeps_durations else (DURATION,)))
        state = self._server.catalogue.begun()
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
                    self._server.connection.notice(what)
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
        old = Store.read_only(str(store_of(built)))
        fewer, more = (sum(1 for _ in only_in(one, other)) for one, other in ((old, store), (store, old)))
        if more + _DEARER * fewer >= len(store):
            return None
        slot = self._begun(replace(slot, version=None))
        sending = self._sending(slot)
        for graph in slot.held().graphs:
            sending.delete(graph, _lines(only_in(old, store, NamedNode(graph))))
            sending.insert(graph, _lines(only_in(store, old, NamedNode(graph))))
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
        self._server.catalogue.forget(slot)

    def _begun(self, slot: Slot) -> Slot:
        """Say on the server that we write into a slot, and return it."""
        slot = replace(slot, owner=self._server.owner)
        self._server.catalogue.change(lambda state: state.with_slot(slot))
        return slot

    def _is_left(self, state: State, slot: Slot) -> bool:
        """Whether nobody reads a slot any more, or writes to it: we hold the lock of what this folder has begun."""
        age = (state.now - slot.since).total_seconds()
        if slot.version is None:
            return slot.owner == self._server.owner or age >= _GIVEN_UP
        return age >= self._server.grace

    def _sending(self, slot: Slot) -> Sending:
        return Sending(self._server.updates, self._server.asking, slot.held(), self._progress)


def graphs_of(store: Store) -> tuple[str, ...]:
    """Return the names of the graphs of a version in order."""
    return tuple(sorted({*(graph.value for graph in store.named_graphs()), *_FIXED}))


def dumped(store: Store, graph: str) -> Iterator[bytes]:
    """Yield the triples of a graph, lines of N-Triples in no order."""
    with TemporaryFile() as file:
        store.dump(file, RdfFormat.N_TRIPLES, from_graph=NamedNode(graph))
        file.seek(0)
        yield from file


def _lines(quads: Iterable[Quad]) -> Iterator[bytes]:
    return (f"{quad.triple} .\n".encode() for quad in quads)
