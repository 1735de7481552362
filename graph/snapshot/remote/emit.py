"""A first load as files, for the bulk loader of an engine: the graph in a slot, and the catalogue that says so.

    DIR/part-0001.nq, ...    the quads, a few million a file
    DIR/catalogue.nq         which slot is current

Once an engine has loaded them, it is a store like any other, and later loads send what is new.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, islice
from itertools import count as count_from
from pathlib import Path
from typing import Final

from civicgraph.graph.engine.remote.address import Address
from civicgraph.graph.engine.remote.http import Connection
from civicgraph.graph.snapshot.derive import Progress
from civicgraph.graph.snapshot.locks import write_lock
from civicgraph.graph.snapshot.remote.catalogue import Slot, catalogue_quads
from civicgraph.graph.snapshot.remote.sending import Renaming
from civicgraph.graph.snapshot.remote.server import Server, naming
from civicgraph.graph.snapshot.remote.writer import RemoteWriter
from civicgraph.graph.snapshot.snapshot import DataFolder, Manifest
from civicgraph.graph.snapshot.writer import JUDGEMENTS

PART: Final = 5_000_000
"""Lines of one file."""
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
    part
        Lines of one file.
    """

    def __init__(self, path: Path, address: Address, into: Path, part: int = PART) -> None:
        super().__init__(path)
        self._server = Server(path, Connection(address), 0.0)
        self._into = into
        self._part = part

    def manifest(self) -> Manifest | None:
        """Return the manifest of what was emitted last, or None where nothing was."""
        kept = self._server.root / _EMITTED
        return Manifest.read(kept) if kept.exists() else None

    @contextmanager
    def writing(self) -> Iterator[RemoteWriter]:
        """Hold the folder for one load. Raises BusyError where another process is loading."""
        with write_lock(self._server.root):
            yield _EmittingWriter(self._server, self.path / JUDGEMENTS, self.manifest(), self)

    def write(self, slot: Slot, manifest: Manifest) -> None:
        """Write the triples of a version into files of quads, and a catalogue beside them."""
        self._into.mkdir(parents=True, exist_ok=True)
        for old in self._into.glob("*.nq"):
            old.unlink()
        lines = self._lines(slot, manifest.version)
        for number in count_from(1):
            # None of it is held: a part is a gigabyte.
            first = next(lines, None)
            if first is None:
                break
            with (self._into / f"part-{number:04}.nq").open("wb") as out:
                out.writelines(chain((first,), islice(lines, self._part - 1)))
        catalogue = catalogue_quads(self._server.connection.address.name, slot, manifest.text())
        (self._into / "catalogue.nq").write_text("".join(catalogue), encoding="utf-8")
        (self._server.root / _EMITTED).write_text(manifest.text(), encoding="utf-8")

    def _lines(self, slot: Slot, version: str) -> Iterator[bytes]:
        called = naming(slot)
        renamed = Renaming(called)
        for graph in slot.graphs:
            for line in self._server.lines.lines(version, graph):
                yield renamed(line)[:-2] + f"<{called.names[graph]}> .\n".encode()


class _EmittingWriter(RemoteWriter):
    """One load that becomes files."""

    def __init__(self, server: Server, judgements: Path, manifest: Manifest | None, folder: EmittingFolder) -> None:
        super().__init__(server, judgements, manifest, None)
        self._files = folder

    def publish(self, progress: Progress = lambda _: None) -> Manifest:
        """Build the first version, write it, and return its manifest."""
        version, ordered = self.next_version()
        quads, graphs = self.made(version, ordered, progress)
        manifest = Manifest(version, ordered, quads)
        progress("writing")
        self._files.write(Slot(secrets.token_hex(4), version, graphs), manifest)
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
