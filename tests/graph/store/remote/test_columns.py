"""Ties kept on a server: who has the address only fetches what the load had here, or nothing and makes them."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from civicgraph.graph.engine.remote.probe import Asking
from civicgraph.graph.snapshot.remote.columns import columns_graph, fetch_columns, send_columns
from civicgraph.graph.snapshot.remote.folder import RemoteFolder
from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.seeds_loader import load
from civicgraph.seeds_loader.load import load_claims

FACTS = Path(load.__file__).parent / "facts"
Remote = Callable[..., RemoteFolder]


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """Hold files that compression makes no smaller, of more parts than are sent or asked for at once."""
    chance = random.Random(8)  # noqa: S311 - any bytes do
    folder = tmp_path / "kept"
    folder.mkdir()
    (folder / "value.npy").write_bytes(chance.randbytes(1_300_000))
    (folder / "edges.blob.npy").write_bytes(b"")
    (folder / "header.json").write_text('{"version": "v"}', encoding="utf-8")
    return folder


def test_files_come_back_as_they_were(remote: Remote, kept: Path, tmp_path: Path) -> None:
    server = remote().server
    graph = columns_graph(server.catalogue.graph, 1)
    for _ in range(2):  # over what is there already
        send_columns(server.updates, graph, "v", kept)
    assert fetch_columns(server.asking, graph, "v", tmp_path / "fetched")
    assert files(tmp_path / "fetched") == files(kept)


@pytest.mark.parametrize(
    "harm",
    [
        "DELETE { GRAPH GRAPH { ?s ?p ?o } } WHERE { GRAPH GRAPH { ?s ?p ?o FILTER STRENDS(STR(?s), '/3') } }",
        (
            "DELETE { GRAPH GRAPH { ?s ?p ?o } } INSERT { GRAPH GRAPH { ?s ?p 'bm9uc2Vuc2U=' } } "
            "WHERE { GRAPH GRAPH { ?s ?p ?o FILTER STRENDS(STR(?s), '/0') } }"
        ),
        "DROP GRAPH GRAPH",
    ],
)
def test_what_is_not_whole_is_none(harm: str, remote: Remote, kept: Path, tmp_path: Path) -> None:
    server = remote().server
    graph = columns_graph(server.catalogue.graph, 1)
    send_columns(server.updates, graph, "v", kept)
    assert not fetch_columns(server.asking, graph, "another", tmp_path / "fetched")
    server.updates.run(harm.replace("GRAPH GRAPH", f"GRAPH <{graph}>"))
    assert not fetch_columns(server.asking, graph, "v", tmp_path / "fetched")
    assert not (tmp_path / "fetched").exists()


def test_a_reader_has_the_columns_of_the_load(
    remote_seeds: RemoteFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedded = DataFolder(tmp_path / "embedded")
    load_claims(embedded, [FACTS])
    reader = RemoteFolder(tmp_path / "reader", remote_seeds.server.connection)
    with monkeypatch.context() as patched:
        patched.setattr("civicgraph.graph.snapshot.remote.folder.ties_from_store", None)  # no record is asked for
        with reader.ties() as ties:
            assert ties.version == remote_seeds.current_version()
    with embedded.open() as here, reader.open() as there:
        assert files(there.path / "ties") == files(here.path / "ties")


def test_columns_go_with_their_version(remote: Remote) -> None:
    folder = remote()
    load_claims(folder, [next(iter(sorted(FACTS.glob("*.yaml"))))])
    load_claims(folder, [FACTS])
    asking = Asking(folder.server.connection)
    graph = folder.server.catalogue.graph
    count = f"SELECT DISTINCT ?g WHERE {{ GRAPH ?g {{ ?s ?p ?o }} FILTER STRSTARTS(STR(?g), '{graph}/slot/') }}"
    state = folder.server.catalogue.read()
    assert state is not None
    assert {row[0].value for row in asking.table(count) if row[0] is not None} == {
        columns_graph(graph, number) for number in state.slots
    }
