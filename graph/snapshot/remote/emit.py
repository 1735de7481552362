"""A first load as files, for the bulk loader of an engine: the graph in a slot, and the catalogue that says so.

    DIR/part-0001.nq, ...    the quads, a few million a file
    DIR/catalogue.nq         which slot is current
    DIR/columns.nq           the ties, as the server keeps them for measures

Once an engine has loaded them, it is a store like any other, and later loads send what is new.
"""

import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain, islice
from itertools import count as count_from
from pathlib import Path
from typing import Final

from civicgraph.graph.edges.ties.files import FOLDER as TIES
from civicgraph.graph.engine.remote.http import Address, Connection
from civicgraph.graph.snapshot.derive import Progress
from civicgraph.graph.snapshot.locks import write_lock
from civicgraph.graph.snapshot.remote.catalogue import CATALOGUE, Slot, State, catalogue_lines
from civicgraph.graph.snapshot.remote.columns import columns_graph, columns_triples
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
        self._name = address.name
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

    def write(self, content: Iterable[bytes], graphs: tuple[str, ...], slot: Slot, state: State) -> int:
        """Write lines into files of quads, and return how many they are."""
        self._into.mkdir(parents=True, exist_ok=True)
        for old in self._into.glob("part-*.nq"):
            old.unlink()
        renaming, lines, count = Renaming(naming(state, slot.number, graphs)), iter(content), 0
        for number in count_from(1):
            # None of it is held: a part is a gigabyte.
            first = next(lines, None)
            if first is None:
                break
            with (self._into / f"part-{number:04}.nq").open("wb") as out:
                for line in chain((first,), islice(lines, self._part - 1)):
                    graph, triple = renaming.placed(line)
                    out.write(renaming.translated([triple])[:-2] + f"<{graph}> .\n".encode())
                    count += 1
        return count

    def close(self, state: State, slot: Slot) -> None:
        """Write the catalogue and the ties, and keep what was emitted."""
        (self._into / "catalogue.nq").write_text("".join(catalogue_lines(self._name, state, slot)), encoding="utf-8")
        graph = columns_graph(f"{CATALOGUE}/{self._name}", slot.number)
        folder = self._server.version_folder(slot.version or "") / TIES
        with (self._into / "columns.nq").open("w", encoding="utf-8") as out:
            lines = columns_triples(graph, slot.version or "", folder)
            out.writelines(f"{line[:-3]} <{graph}> .\n" for line in lines)
        (self._server.root / _EMITTED).write_text(slot.manifest, encoding="utf-8")


class _EmittingWriter(RemoteWriter):
    """One load that becomes files."""

    def __init__(self, server: Server, judgements: Path, manifest: Manifest | None, folder: EmittingFolder) -> None:
        super().__init__(server, judgements, manifest, "")
        self._folder_of_files = folder

    def publish(self, progress: Progress = lambda _: None) -> Manifest:
        """Build the first version, write it, and return its manifest. Its count takes each line of each part."""
        version, ordered = self.next_version()
        content, graphs = self._content(version, ordered, progress)
        state, files = State(secrets.token_hex(6), current=1), self._folder_of_files
        progress("writing")
        count = files.write(self._remote.contents.lines(content), graphs, Slot(1), state)
        manifest = Manifest(version, ordered, count)
        files.close(state, Slot(1, version, manifest.text(), content.text(), graphs=graphs))
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
