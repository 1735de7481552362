"""A load to a server: the next version is built here, what is new of it is sent, and one pointer is moved."""

import shutil
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from pyoxigraph import DefaultGraph, Store

from civicgraph.graph.edges.ties.files import FOLDER as TIES
from civicgraph.graph.engine.errors import QueryError
from civicgraph.graph.engine.remote.probe import DURATION
from civicgraph.graph.engine.remote.query import UNNAMED
from civicgraph.graph.engine.revision import Revision
from civicgraph.graph.engine.updates import Change, Done
from civicgraph.graph.identity.mentions import Resolution
from civicgraph.graph.records.quads import ESTABLISHED
from civicgraph.graph.snapshot.derive import Progress, SourceParts, build
from civicgraph.graph.snapshot.remote.catalogue import Slot, State
from civicgraph.graph.snapshot.remote.columns import columns_graph, send_columns
from civicgraph.graph.snapshot.remote.content import Content
from civicgraph.graph.snapshot.remote.sending import LostError, Sending
from civicgraph.graph.snapshot.remote.server import Server, naming
from civicgraph.graph.snapshot.snapshot import (
    DataFolderError,
    LoadedSource,
    Manifest,
    Writer,
)
from civicgraph.graph.snapshot.source_files import SUFFIXES, SourceFiles
from civicgraph.ontology.read import ONTOLOGY_IRI
from civicgraph.ontology.terms import CG

FIXED: Final = (CG.established, CG.plans, CG.rumours, CG.claims, CG.figures, ONTOLOGY_IRI)
"""Graphs that every version has, if only by name, so that no load changes what a name means."""
_SLOTS: Final = 3
_LOOK: Final = 1.0


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
    name
        The name under which we hold the server for writing.
    """

    def __init__(self, server: Server, judgements: Path, manifest: Manifest | None, name: str) -> None:
        super().__init__(server.root, manifest, judgements)
        self._remote = server
        self._name = name

    def publish_revision(self, change: Change, make: Callable[[Revision], Done]) -> tuple[Manifest, Done]:
        """Refuse a single update: versions on a server are made from sources.

        Raises
        ------
        DataFolderError
            Always.
        """
        del change, make
        msg = f"{self._remote.where} takes no single updates; change the sources, and load them: civicgraph load"
        raise DataFolderError(msg)

    def publish(self, progress: Progress = lambda _: None) -> Manifest:
        """Build the next version, send what is new of it, switch to it, and return its manifest.

        Raises
        ------
        RemoteError
            The server failed. Readers have the old version, and the next load makes up for what was half sent.
        """
        version, ordered = self.next_version()
        catalogue = self._remote.catalogue
        state = catalogue.hold(self._name)
        same = [slot for slot in state.slots.values() if slot.version == version]
        if same:
            # The same sources were current before: what was said of them may be new.
            slot = same[0]
            manifest = Manifest(version, ordered, Manifest.of(slot.manifest, self._remote.where).quads)
            catalogue.write(replace(slot, manifest=manifest.text()))
        else:
            content, graphs = self._content(version, ordered, progress)
            # Kept with the slot, so that whoever reads it knows what it holds, whatever filled it.
            graphs += () if self._remote.abilities.keeps_durations else (DURATION,)
            state, number = self._free_slot(progress)
            quads = self._fill(state, Slot(number, graphs=graphs), content, progress)
            manifest = Manifest(version, ordered, quads)
            slot = Slot(number, version, manifest.text(), content.text(), graphs=graphs)
            self._send_columns(slot, version, progress)
            catalogue.write(slot)
        catalogue.hold(self._name)
        progress("switching")
        catalogue.point(slot.number)
        self._published = manifest
        self.sweep()
        return manifest

    def sweep(self) -> None:
        """Remove what no version on the server is made from, and slots that nobody needs."""
        state = self._remote.catalogue.read()
        if state is None:
            return
        previous = state.previous()
        wanted = {state.current, None if previous is None else previous.number}
        kept = []
        for slot in state.slots.values():
            if slot.number in wanted or slot.version is None or not self._is_free(state, slot):
                kept.append(slot)
                continue
            for name in naming(state, slot.number, slot.graphs).names.values():
                self._remote.updates.drop(name)
            self._remote.updates.drop(columns_graph(self._remote.catalogue.graph, slot.number))
            self._remote.catalogue.forget(slot.number)
        texts = [text for slot in kept for text in (slot.content, slot.target) if text]
        contents = [Content.read(text) for text in texts]
        self._remote.contents.sweep(contents)
        manifests = [Manifest.of(slot.manifest, self._remote.where) for slot in kept if slot.manifest]
        digests = {source.digest for manifest in manifests for source in manifest.sources}
        digests |= {source for content in contents for source, _ in content.records}
        for file in self._folder.glob("*"):
            if file.stem not in digests or file.suffix not in SUFFIXES:
                file.unlink()
        versions = {manifest.version for manifest in manifests}
        for folder in (self._remote.root / "versions").glob("*"):
            if folder.name not in versions:
                shutil.rmtree(folder)

    def _content(
        self, version: str, ordered: tuple[LoadedSource, ...], progress: Progress
    ) -> tuple[Content, tuple[str, ...]]:
        names: dict[str, str] = {}
        contents = self._remote.contents

        def note(source: SourceParts, resolution: Resolution) -> None:
            if isinstance(source, SourceFiles):
                names[source.digest] = contents.keep_names(source, resolution.canonical)

        self._remote.root.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=self._remote.root, prefix="core-", ignore_cleanup_errors=True) as folder:
            store = Store(folder)
            ties = build(store, self.parts(version, ordered), progress, note)
            self._remote.keep_ties(ties)
            progress("ordering")
            graphs = {str(graph)[1:-1] for graph in store.named_graphs()} | {ESTABLISHED.value}
            if next(store.quads_for_pattern(None, None, None, DefaultGraph()), None) is not None:
                graphs.add(UNNAMED)
            core = contents.keep_core(f"{quad} .\n" for quad in store)
            del store
        return Content(core, tuple(sorted(names.items()))), tuple(sorted(graphs | set(FIXED)))

    def _send_columns(self, slot: Slot, version: str, progress: Progress) -> None:
        """Keep the ties of a version on the server, for those who measure there and have not loaded it."""
        progress("sending the ties")
        graph, folder = columns_graph(self._remote.catalogue.graph, slot.number), self._remote.version_folder(version)
        try:
            send_columns(self._remote.updates, graph, version, folder / TIES)
        except QueryError as error:
            # A server may refuse literals of that length; from the version's own graphs ties can always be made.
            progress(f"the server takes no columns, and readers make them: {error}")

    def _free_slot(self, progress: Progress) -> tuple[State, int]:
        """Return a slot that nobody reads, waiting for one if there are many."""
        while True:
            state = self._remote.catalogue.hold(self._name)
            free = [
                slot for slot in state.slots.values() if slot.number != state.current and self._is_free(state, slot)
            ]
            if free:
                return state, min(free, key=lambda slot: (not slot.target, not slot.content, slot.number)).number
            if len(state.slots) < _SLOTS:
                return state, next(number for number in range(1, _SLOTS + 1) if number not in state.slots)
            progress(f"waiting until an old version may go ({self._remote.grace:g} seconds after it was left)")
            time.sleep(min(_LOOK, self._remote.grace))

    def _is_free(self, state: State, slot: Slot) -> bool:
        return slot.left is None or state.now - slot.left >= timedelta(seconds=self._remote.grace)

    def _fill(self, state: State, slot: Slot, content: Content, progress: Progress) -> int:
        """Bring a slot to a content, and return how many triples it has then."""
        before = state.slots.get(slot.number, Slot(slot.number))
        names = naming(state, slot.number, slot.graphs)
        sending = Sending(self._remote.updates, self._remote.asking, names, progress)
        old = naming(state, slot.number, before.graphs).names.values()
        try:
            self._bring(before, slot, content, sending, old)
            sending.check()
        except LostError:
            # A server that was killed may have lost the end of what it took; one that forgot all has no catalogue.
            self._remote.catalogue.hold(self._name)
            progress("sending everything again")
            sending = Sending(self._remote.updates, self._remote.asking, names, progress)
            self._bring(replace(before, content=""), slot, content, sending, old)
            sending.check()
        progress("counting")
        return sending.count(names.names.values())

    def _bring(self, before: Slot, slot: Slot, content: Content, sending: Sending, old: Iterable[str]) -> None:
        contents, catalogue = self._remote.contents, self._remote.catalogue
        known = Content.read(before.content) if before.content else None
        usable = before.graphs == slot.graphs and before.target in ("", content.text())
        removed = contents.removed(known, content) if known is not None and usable and contents.has(known) else None
        if known is not None and removed is not None:
            catalogue.write(replace(slot, content=known.text(), target=content.text()))
            sending.delete(removed)
            sending.insert(contents.added(known, content))
            return
        catalogue.write(slot)
        for name in {*sending.names, *old}:
            self._remote.updates.drop(name)
        sending.insert(contents.lines(content))
