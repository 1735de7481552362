"""A first load as files, for the bulk loader of an engine: the graph in a slot, and the catalogue that says so.

    DIR/graph-1.nq, ...    the quads, a file for each graph
    DIR/catalogue.nq       which slot is current

Once an engine has loaded them, it is a store like any other.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

import yaml
from pyoxigraph import Store

from civicgraph.graph.engine.remote.address import Address
from civicgraph.graph.snapshot.locks import write_lock
from civicgraph.graph.snapshot.remote.catalogue import Slot, catalogue_quads
from civicgraph.graph.snapshot.remote.folder import root_of
from civicgraph.graph.snapshot.remote.writer import dumped, graphs_of, renaming
from civicgraph.graph.snapshot.snapshot import DataFolder, Manifest
from civicgraph.graph.snapshot.writer import JUDGEMENTS, Writer


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
        self._name = address.name
        self._built = DataFolder(root_of(path, address))
        self._into = into

    def manifest(self) -> Manifest | None:
        """Return the manifest of what was emitted last, or None where nothing was."""
        return self._built.manifest()

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """Hold the folder for one load. Raises BusyError where another process is loading."""
        with write_lock(self._built.path):
            yield _EmittingWriter(self._built.path, self.manifest(), self.path / JUDGEMENTS, self._into, self._name)


class _EmittingWriter(Writer):
    """One load that becomes files."""

    def __init__(self, path: Path, manifest: Manifest | None, judgements: Path, into: Path, name: str) -> None:
        super().__init__(path, manifest, judgements)
        self._into = into
        self._name = name

    def _serve(self, folder: Path, manifest: Manifest) -> None:
        """Write the files of a snapshot that was built."""
        self._progress("writing")
        store = Store.read_only(str(folder / "store"))
        slot = Slot(secrets.token_hex(4), manifest.version, graphs_of(store))
        self._into.mkdir(parents=True, exist_ok=True)
        for old in self._into.glob("*.nq"):
            old.unlink()
        held = slot.held()
        renamed = renaming(held)
        for number, graph in enumerate(held.graphs, 1):
            name = f"<{held.called(graph)}> .\n".encode()
            with (self._into / f"graph-{number}.nq").open("wb") as out, dumped(store, graph) as lines:
                out.writelines(renamed(line)[:-2] + name for line in lines)
        catalogue = catalogue_quads(self._name, slot, manifest.text())
        (self._into / "catalogue.nq").write_text("".join(catalogue), encoding="utf-8")
        super()._serve(folder, manifest)

    def sweep(self) -> None:
        """Remove nothing: what was emitted before may be on the server."""


def commands(into: Path) -> list[str]:
    """Return what to type to load the files of a folder into the known engines, one line an engine."""
    parts = " ".join(str(file) for file in sorted(into.glob("*.nq")))
    text = files("civicgraph.graph.snapshot.remote").joinpath("bulk_loaders.yaml").read_text(encoding="utf-8")
    return [f"{engine}: {line.format(into=into, files=parts)}" for engine, line in yaml.safe_load(text).items()]
