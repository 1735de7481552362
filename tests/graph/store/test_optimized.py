"""A snapshot whose files are put in order: the same quads, readers undisturbed, nothing left behind."""

from pathlib import Path

import pytest
from pyoxigraph import Quad

from civicgraph.graph.snapshot.snapshot import DataFolder, DataFolderError


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    """Hold a data folder with two sources."""
    folder = DataFolder(tmp_path / "data")
    with folder.writing() as writer:
        for name in ("one", "two"):
            quads = "".join(f'<http://e/{n}> <http://e/p> "{name}" <http://e/g> .\n' for n in range(50))
            writer.add(name, "rdf", name, quads.encode(), {})
        writer.publish()
    return folder


def optimize(folder: DataFolder) -> None:
    with folder.writing() as writer:
        writer.optimize()


def quads(folder: DataFolder) -> set[Quad]:
    with folder.open() as snapshot:
        return set(snapshot.engine.store)


def kept(folder: DataFolder) -> set[str]:
    path = folder.current_path()
    assert path is not None
    return {one.name for one in path.iterdir()}


def test_same_quads_and_nothing_else_in_the_folder(folder: DataFolder) -> None:
    before, names, version = quads(folder), kept(folder), folder.current_version()
    optimize(folder)
    optimize(folder)
    assert (quads(folder), kept(folder), folder.current_version()) == (before, names, version)


def test_readers_are_not_disturbed(folder: DataFolder) -> None:
    before, names = quads(folder), kept(folder)
    with folder.open() as held:
        optimize(folder)
        optimize(folder)
        assert set(held.engine.store) == before
        assert (held.path / "store").exists()
        with folder.open() as later:
            assert later.path != held.path
            assert set(later.engine.store) == before
    assert quads(folder) == before
    with folder.writing():
        pass  # whoever writes next clears away what nobody reads any more
    assert kept(folder) == names
    assert quads(folder) == before


def test_what_an_interrupt_left_is_cleared_away(folder: DataFolder) -> None:
    before, names, snapshots = quads(folder), kept(folder), folder.path / "snapshots"
    half = snapshots / "optimized.building" / "store"
    half.mkdir(parents=True)
    (half / "000001.sst").write_bytes(b"half a file")
    # Whole, but killed before it was switched to.
    (snapshots / f"{folder.current_version()}.optimized").mkdir()
    assert quads(folder) == before
    optimize(folder)
    assert (kept(folder), quads(folder)) == (names, before)
    assert len(list(snapshots.iterdir())) == 1


def test_loads_and_updates_go_on_from_it(folder: DataFolder) -> None:
    optimize(folder)
    with folder.writing() as writer:
        writer.add("three", "rdf", "three", b'<http://e/0> <http://e/p> "three" <http://e/g> .\n', {})
        writer.publish()
    assert "three" in {getattr(quad.object, "value", "") for quad in quads(folder)}


def test_where_nothing_is_loaded_it_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataFolderError, match="holds no data"):
        optimize(DataFolder(tmp_path))
