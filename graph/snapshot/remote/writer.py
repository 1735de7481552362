"""A load to a server: the next version is built here, sent into graphs that nobody reads, and one pointer is moved."""

import re
import secrets
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final

from pyoxigraph import NamedNode, RdfFormat, Store

from civicgraph.graph.engine.errors import RemoteError
from civicgraph.graph.engine.remote.probe import table
from civicgraph.graph.engine.remote.query import DURATION, Slot
from civicgraph.graph.snapshot.remote.catalogue import Catalogue
from civicgraph.graph.snapshot.snapshot import DataFolderError, Manifest, Writer
from civicgraph.ontology.read import ONTOLOGY_IRI
from civicgraph.ontology.terms import CG

_FIXED: Final = (CG.established, CG.plans, CG.rumours, CG.claims, CG.figures, ONTOLOGY_IRI)
"""Graphs that every version has, if only by name, so that no load changes what a name means."""
_TIMES: Final = 3
"""How often a version is sent to a server that loses some of it."""
_BATCH: Final = 16_000_000
"""Bytes of triples that are sent at once where the server takes whole files."""


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
    """

    def __init__(self, path: Path, judgements: Path, catalogue: Catalogue) -> None:
        state = catalogue.begun()
        current = state.slot(state.current)
        super().__init__(path, None if current is None else catalogue.manifest(current), judgements)
        self._catalogue = catalogue
        # From where the pointer is to be moved.
        self._before = state.current
        for slot in state.slots:
            if slot not in (current, state.previous()):
                catalogue.forget(slot)

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
        self._catalogue.change(lambda state: state.pointing(previous, self._before))
        return self._catalogue.manifest(previous)

    def sweep(self) -> None:
        """Remove what no version on the server is made from."""
        # Of a server that lost all it held, what is kept here may be all that there is.
        if self._kept():
            super().sweep()

    def _kept(self) -> list[Manifest]:
        return [self._catalogue.manifest(slot) for slot in self._catalogue.begun().slots if slot.version]

    def _serve(self, folder: Path, manifest: Manifest) -> None:
        """Send a version that was built, and switch to it.

        Raises
        ------
        RemoteError
            The server failed. Readers have the old version, and the next load makes up for what was half sent.
        """
        there = (slot for slot in self._catalogue.begun().slots if slot.version == manifest.version)
        # Where the same sources were current before, what was said of them may be new.
        slot = next(there, None) or self._filled(Store.read_only(str(folder / "store")), manifest)
        self._catalogue.keep_manifest(slot, manifest.text())
        whole = replace(slot, version=manifest.version)
        self._progress("switching")
        self._catalogue.change(lambda state: state.pointing(whole, self._before))
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
        graphs = sorted({*(graph.value for graph in store.named_graphs()), *_FIXED})
        slot = Slot(secrets.token_hex(4), renamed=(*graphs, *(() if self._catalogue.keeps_durations else (DURATION,))))
        self._catalogue.change(lambda state: state.with_slot(slot))
        iris = re.compile(b"|".join(re.escape(f"<{iri}>".encode()) for iri in slot.renamed))
        sent = 0
        for graph in slot.graphs:
            with TemporaryFile() as triples:
                store.dump(triples, RdfFormat.N_TRIPLES, from_graph=NamedNode(graph))
                triples.seek(0)
                while lines := triples.readlines(_BATCH):
                    renamed = iris.sub(lambda found: found[0][:-1] + f"{slot.marker}>".encode(), b"".join(lines))
                    self._catalogue.connection.insert(slot.called(graph), renamed)
                    sent += len(lines)
                    self._progress(f"sent {sent:,} triples")
        return slot

    def _count(self, slot: Slot) -> int:
        """Return how many triples the graphs of a slot hold."""
        total = 0
        for name in slot.names:
            asked = f"SELECT (COUNT(*) AS ?n) WHERE {{ GRAPH <{name}> {{ ?s ?p ?o }} }}"
            ((count,),) = table(self._catalogue.connection, asked)
            total += 0 if count is None else int(count.value)
        return total
