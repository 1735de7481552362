"""A first load as files, for the bulk loader of an engine: the graph in a slot, and the catalogue that says so.

    DIR/graph-1.nq, ...    the quads, a file for each graph
    DIR/catalogue.nq       which slot is current

Once an engine has loaded them, it is a store like any other, and later loads send what is new.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from civicgraph.graph.engine.remote.address import Address
from civicgraph.graph.engine.remote.http import Connection
from civicgraph.graph.snapshot.derive import Progress
from civicgraph.graph.snapshot.locks import write_lock
from civicgraph.graph.snapshot.remote.catalogue import Slot, catalogue_quads
from civicgraph.graph.snapshot.remote.sending import Renaming
from civicgraph.graph.snapshot.remote.server import Server
from civicgraph.graph.snapshot.remote.writer import RemoteWriter
from civicgraph.graph.snapshot.snapshot import DataFolder, Manifest
from civicgraph.graph.snapshot.writer import JUDGEMENTS

_EMITTED: Final = "emitted.json"


class EmittingFolder(DataFolder):
    """A data folder whose loads become files for a server that does not hold anything yet.

    Parameters
    ----------
    path
        The data folder; it need not exist yet.
    address
        Where the server will answer. It is not asked.
    into
        The folder of the files.
    """

    def __init__(self, path: Path, address: Address, into: Path) -> None:
        super().__init__(path)
        self._server = Server(path, Connection(address), 0.0)
        self._into = into

    def manifest(self) -> Manifest | None:
        """Return the manifest of what was emitted last, or None where nothing was."""
        kept = self._server.root / _EMITTED
        return Manifest.read(kept) if kept.exists() else None

    @contextmanager
    def writing(self) -> Iterator[RemoteWriter]:
        """Hold the folder for one load. Raises BusyError where another process is loading."""
        with write_lock(self._server.root):
            yield _EmittingWriter(self._server, self.path / JUDGEMENTS, self.manifest(), self._into)


class _EmittingWriter(RemoteWriter):
    """One load that becomes files."""

    def __init__(self, server: Server, judgements: Path, manifest: Manifest | None, into: Path) -> None:
        super().__init__(server, judgements, manifest, None)
        self._into = into

    def publish(self, progress: Progress = lambda _: None) -> Manifest:
        """Build the first version, write it, and return its manifest."""
        version, ordered = self.next_version()
        quads, graphs = self.made(version, ordered, progress)
        manifest, slot = Manifest(version, ordered, quads), Slot(secrets.token_hex(4), version, graphs)
        progress("writing")
        self._into.mkdir(parents=True, exist_ok=True)
        for old in self._into.glob("*.nq"):
            old.unlink()
        held = slot.held()
        renamed = Renaming(held)
        for number, graph in enumerate(held.graphs, 1):
            with (self._into / f"graph-{number}.nq").open("wb") as out:
                name = f"<{held.called(graph)}> .\n".encode()
                out.writelines(renamed(line)[:-2] + name for line in self._server.lines.lines(version, graph))
        catalogue = catalogue_quads(self._server.connection.address.name, slot, manifest.text())
        (self._into / "catalogue.nq").write_text("".join(catalogue), encoding="utf-8")
        (self._server.root / _EMITTED).write_text(manifest.text(), encoding="utf-8")
        return manifest

    def sweep(self) -> None:
        """Remove nothing: what was emitted before may be on the server."""


def commands(into: Path) -> list[str]:
    """Return what to type to load the files of a folder into the known engines, one line an engine."""
    parts = " ".join(str(file) for file in sorted(into.glob("*.nq")))
    return [
        f"oxigraph: oxigraph load --location GRAPH --file {parts}",
        f"Virtuoso: isql-vt exec=\"ld_dir('{into}', '*.nq', NULL); rdf_loader_run(); checkpoint;\"",
        f"GraphDB: importrdf preload -f -i REPOSITORY {parts}",
        f"Stardog: stardog data add DATABASE {parts}",
        f"Fuseki: tdb2.tdbloader --loc DATASET {parts}",
        f"QLever: cat {into}/*.nq | qlever-index -i NAME -F nq -f -",
        "Neptune: copy the files to S3 and start its loader with format nquads",
    ]
