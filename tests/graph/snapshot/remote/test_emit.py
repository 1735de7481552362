"""What a load writes as files is, once an engine has them, what it would have sent."""

import io
import urllib.request
from collections.abc import Callable
from pathlib import Path

from civicgraph.graph.engine.remote.address import Address
from civicgraph.graph.engine.remote.http import Connection
from civicgraph.graph.exports.quads import write_trig
from civicgraph.graph.snapshot.remote.emit import EmittingFolder, commands
from civicgraph.graph.snapshot.remote.folder import RemoteFolder
from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.seeds_loader.load import load_rdf

Remote = Callable[..., RemoteFolder]
TTL = '@prefix : <https://w3id.org/civicgraph/id/organisation/> .\n:{0} a <http://e/C> ; <http://e/p> "{0} é" .\n'


def trig(folder: DataFolder) -> bytes:
    out = io.BytesIO()
    with folder.open() as snapshot:
        write_trig(snapshot.engine.quads(), out)
    return out.getvalue()


def test_files_make_a_store_that_later_loads_go_on_from(port: int, tmp_path: Path) -> None:
    sources = [tmp_path / f"{name}.ttl" for name in ("one", "two", "three")]
    for source in sources:
        source.write_text(TTL.format(source.stem), encoding="utf-8")
    address = Address.read(
        f"http://127.0.0.1:{port}/query#emitted", f"http://127.0.0.1:{port}/update", f"http://127.0.0.1:{port}/store"
    )
    embedded, into = DataFolder(tmp_path / "embedded"), tmp_path / "files"
    emitting = EmittingFolder(tmp_path / "data", address, into)
    load_rdf(emitting, sources[:1])
    load_rdf(emitting, sources[1:2])
    files = sorted(into.glob("*.nq"))
    assert len(files) > 2
    assert all(str(files[0]) in line for line in commands(into) if "graph-1" in line)
    for file in files:
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/store", file.read_bytes(), {"Content-Type": "application/n-quads"}, method="POST"
        )
        urllib.request.urlopen(request).close()  # noqa: S310
    folder = RemoteFolder(tmp_path / "data", Connection(address, timeout=120), 0.0)
    load_rdf(embedded, sources[:2])
    assert trig(folder) == trig(embedded)
    load_rdf(folder, sources[2:])
    load_rdf(embedded, sources[2:])
    assert trig(folder) == trig(embedded)
