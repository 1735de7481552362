"""A data folder whose files were changed behind its back: told as such, and nothing of the sources is lost."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from civicgraph.graph.snapshot.manifest import FORMAT
from civicgraph.graph.snapshot.snapshot import DataFolder, DataFolderError, LoadedSource, Manifest


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    """Hold a folder with two sources, for damage that is mended again."""
    folder = DataFolder(tmp_path_factory.mktemp("loaded") / "data")
    with folder.writing() as writer:
        for name in ("one", "two"):
            quads = f'<http://e/{name}> <http://e/p> "{name}" <http://e/g> .\n'
            writer.add(name, "rdf", name, quads.encode(), {})
        writer.publish()
    return folder


@pytest.fixture
def damaged(loaded: DataFolder) -> Iterator[Path]:
    """Name the manifest of a loaded folder, for a test to damage; then nothing of its sources may be lost."""
    current = loaded.current_path()
    assert current is not None
    manifest = current / "manifest.json"
    sound = manifest.read_bytes()
    yield manifest
    with pytest.raises(DataFolderError) as read:
        loaded.manifest()
    with pytest.raises(DataFolderError) as opened, loaded.open():
        pytest.fail("it was opened")
    with pytest.raises(DataFolderError) as written, loaded.writing():
        pytest.fail("it was written to")
    assert {"load its sources again" in str(error.value) for error in (read, opened, written)} == {True}
    assert len(list((loaded.path / "sources").glob("*.nq*"))) == 2
    if elsewhere(current).exists():
        elsewhere(current).rename(current)
    manifest.write_bytes(sound)
    with loaded.open() as snapshot:
        assert snapshot.engine.ask("ASK { GRAPH <http://e/g> { ?s ?p 'one' . ?t ?p 'two' } }")


def elsewhere(current: Path) -> Path:
    return current.parent.parent / "elsewhere"


BEGUN = f'{{"format": {FORMAT}'.encode()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b"null",
        b'"text"',
        b"7",
        b"\xff\xfe",
        BEGUN + b"}",
        BEGUN + b', "sources": 3}',
    ],
)
def test_a_damaged_manifest_is_told_as_such(damaged: Path, content: bytes) -> None:
    damaged.write_bytes(content)
    with pytest.raises(DataFolderError, match="is damaged"):
        Manifest.read(damaged)


@pytest.mark.parametrize("other", [{"format": 0}, {"format": FORMAT + 1, "sources": "elsewhere"}])
def test_a_manifest_of_another_format_is_told_as_such(damaged: Path, other: dict[str, object]) -> None:
    damaged.write_text(json.dumps(json.loads(damaged.read_text()) | other))
    with pytest.raises(DataFolderError, match="was written by another version"):
        Manifest.read(damaged)


def test_a_manifest_with_fields_unknown_here_is_not_guessed_at(damaged: Path) -> None:
    damaged.write_text(json.dumps(json.loads(damaged.read_text()) | {"more": 1}))


def test_a_snapshot_without_manifest_is_damaged(damaged: Path) -> None:
    damaged.unlink()


def test_a_current_snapshot_that_is_gone_is_damage_and_not_an_empty_folder(damaged: Path) -> None:
    damaged.parent.rename(elsewhere(damaged.parent))


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_bytes(b"no table")])
def test_a_damaged_edge_table_is_told_as_such(loaded: DataFolder, spoil: Callable[[Path], object]) -> None:
    current = loaded.current_path()
    assert current is not None
    sound = (current / "edges.duckdb").read_bytes()
    spoil(current / "edges.duckdb")
    with pytest.raises(DataFolderError, match=r"is damaged.*load its sources again"), loaded.edges():
        pytest.fail("it was opened")
    (current / "edges.duckdb").write_bytes(sound)


def test_a_manifest_reads_back(tmp_path: Path) -> None:
    source = LoadedSource(
        "ünïcode", "claims", 'A "label"\n😀', "0" * 64, report={"guarded": {"total": 3}, "none": None}
    )
    manifest = Manifest("v1", (source,), 12)
    path = tmp_path / "manifest.json"
    path.write_text(manifest.text(), encoding="utf-8")
    assert Manifest.read(path) == manifest
