"""A load to a server: the next version is built here, what is new of it is sent, and one pointer is moved."""

import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Final

from pyoxigraph import NamedNode, RdfFormat, Store

from civicgraph.graph.engine.errors import RemoteError
from civicgraph.graph.engine.remote.query import DURATION
from civicgraph.graph.engine.revision import Revision
from civicgraph.graph.engine.updates import Change, Done
from civicgraph.graph.snapshot.derive import Progress
from civicgraph.graph.snapshot.remote.catalogue import Slot, State
from civicgraph.graph.snapshot.remote.sending import Sending
from civicgraph.graph.snapshot.remote.server import Server
from civicgraph.graph.snapshot.snapshot import DataFolderError, LoadedSource, Manifest, Writer
from civicgraph.graph.snapshot.source_files import SUFFIXES
from civicgraph.ontology.read import ONTOLOGY_IRI
from civicgraph.ontology.terms import CG

FIXED: Final = (CG.established, CG.plans, CG.rumours, CG.claims, CG.figures, ONTOLOGY_IRI)
"""Graphs that every version has, if only by name, so that no load changes what a name means."""
_BUILDING: Final = "building-"
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

    def publish(self, progress: Progress = lambda _: None) -> Manifest:
        """Build the next version, send what is new of it, switch to it, and return its manifest.

        Raises
        ------
        RemoteError
            The server failed. Readers have the old version, and the next load makes up for what was half sent.
        """
        version, ordered = self.next_version()
        catalogue = self._server.catalogue
        slot = next((slot for slot in catalogue.begun().slots.values() if slot.version == version), None)
        if slot is None:
            quads, graphs = self.made(version, ordered, progress)
            slot = self._filled(version, (quads, graphs), progress)
        else:
            # The same sources were current before: what was said of them may be new.
            quads = self._server.manifest(slot).quads
        manifest = Manifest(version, ordered, quads)
        catalogue.complete(replace(slot, version=version), manifest.text(), self._server.abilities.row_limit)
        progress("switching")
        catalogue.point(slot.sign, self._before)
        self._published = manifest
        self.sweep()
        return manifest

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
        self._server.catalogue.point(previous.sign, self._before)
        return self._server.manifest(previous)

    def made(self, version: str, sources: tuple[LoadedSource, ...], progress: Progress) -> tuple[int, tuple[str, ...]]:
        """Build a version here, as in a data folder, and keep its lines and what is derived from it.

        Returns
        -------
        tuple
            How many quads it has, and the names of its graphs.
        """
        self._server.root.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=self._server.root, prefix=_BUILDING, ignore_cleanup_errors=True) as name:
            building = Path(name) / "version"
            building.mkdir()
            quads = self._build(building, version, sources, progress)
            progress("ordering")
            store = Store.read_only(str(building / "store"))
            graphs = sorted({*(graph.value for graph in store.named_graphs()), *FIXED})
            self._server.lines.keep(version, ((graph, _dumped(store, graph)) for graph in graphs))
            del store
            shutil.rmtree(building / "store")
            folder = self._server.version_folder(version)
            shutil.rmtree(folder, ignore_errors=True)
            folder.parent.mkdir(exist_ok=True)
            building.rename(folder)
        return quads, tuple(graphs)

    def sweep(self) -> None:
        """Remove what no version on the server is made from, and slots that nobody needs."""
        for folder in self._server.root.glob(f"{_BUILDING}*"):
            shutil.rmtree(folder)
        state = self._server.catalogue.begun()
        previous = state.previous()
        wanted = {state.current, None if previous is None else previous.sign}
        kept = []
        for slot in state.slots.values():
            if slot.sign in wanted or not self._is_left(state, slot):
                kept.append(slot)
            else:
                self._forget(slot)
        kept = [slot for slot in kept if slot.version is not None]
        if not kept:
            return  # a server that lost all it held: what is kept here may be all that there is
        manifests = [self._server.manifest(slot) for slot in kept]
        digests = {source.digest for manifest in manifests for source in manifest.sources}
        for file in self._folder.glob("*"):
            if file.stem not in digests or file.suffix not in SUFFIXES:
                file.unlink()
        versions = {manifest.version for manifest in manifests}
        self._server.lines.sweep(versions)
        for folder in self._server.versions.glob("*"):
            if folder.name not in versions:
                shutil.rmtree(folder)

    def _filled(self, version: str, made: tuple[int, tuple[str, ...]], progress: Progress) -> Slot:
        """Return a slot that holds a version: one that nobody reads, brought to it, or else a new one."""
        quads, graphs = made
        # Kept with the slot, so that whoever reads it knows what it holds, whatever filled it.
        graphs += () if self._server.abilities.keeps_durations else (DURATION,)
        state = self._server.catalogue.begun()
        whole = (slot for slot in state.slots.values() if slot.version is not None and slot.sign != state.current)
        free = next((slot for slot in whole if self._is_left(state, slot)), None)
        slot = None
        if free is not None and free.graphs == graphs:
            slot = self._brought(free, version, quads, progress)
        before = -1
        for _ in range(_TIMES):
            slot = slot or self._whole(version, graphs, progress)
            progress("counting")
            held = self._sending(slot).count()
            if held in (quads, before):
                if held != quads:
                    what = f"the server holds {held:,} of {quads:,} triples: it takes some values for the same"
                    self._server.connection.notice(what)
                return slot
            # A server that was killed may have lost the end of what it took; one that forgot all has no catalogue.
            progress("sending everything again")
            self._forget(slot)
            slot, before = None, held
        what = f"the server does not hold all of the {quads:,} triples that it took"
        raise RemoteError(what, "load again; if it stays so, look at the server's log and its disk")

    def _brought(self, slot: Slot, version: str, quads: int, progress: Progress) -> Slot | None:
        """Bring a slot from its version to another; None where it takes less time to send that whole."""
        lines, before = self._server.lines, slot.version or ""
        if not lines.has(before):
            return None
        with ExitStack() as held:
            found = [(graph, *lines.difference(before, version, graph, held)) for graph in slot.held().graphs]
            if sum(cost for *_, cost in found) >= quads:
                return None
            slot = self._begun(replace(slot, version=None))
            sending = self._sending(slot, progress)
            for graph, more, fewer, _ in found:
                sending.delete(graph, fewer)
                sending.insert(graph, more)
        return slot

    def _whole(self, version: str, graphs: tuple[str, ...], progress: Progress) -> Slot:
        """Fill a new slot with a version."""
        slot = self._begun(Slot(secrets.token_hex(4), graphs=graphs))
        sending = self._sending(slot, progress)
        for graph in slot.held().graphs:
            sending.insert(graph, self._server.lines.lines(version, graph))
        return slot

    def _forget(self, slot: Slot) -> None:
        self._sending(slot).drop()
        self._server.catalogue.forget(slot)

    def _begun(self, slot: Slot) -> Slot:
        """Say on the server that we write into a slot, and return it."""
        slot = replace(slot, owner=self._server.owner)
        self._server.catalogue.claim(slot)
        return slot

    def _is_left(self, state: State, slot: Slot) -> bool:
        """Whether nobody reads a slot any more, or writes to it: we hold the lock of what this folder has begun."""
        age = (state.now - slot.since).total_seconds()
        if slot.version is None:
            return slot.owner == self._server.owner or age >= _GIVEN_UP
        return age >= self._server.grace

    def _sending(self, slot: Slot, progress: Progress = lambda _: None) -> Sending:
        return Sending(self._server.updates, self._server.asking, slot.held(), progress)


def _dumped(store: Store, graph: str) -> Iterator[bytes]:
    """Yield the triples of a graph, lines of N-Triples in no order."""
    with TemporaryFile() as file:
        store.dump(file, RdfFormat.N_TRIPLES, from_graph=NamedNode(graph))
        file.seek(0)
        yield from file
