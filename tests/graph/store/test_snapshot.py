"""A data folder: what is loaded, replaced and taken out, and who may read or write meanwhile."""

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from civicgraph.graph.exports.quads import write_trig
from civicgraph.graph.store.derive import build_in_memory
from civicgraph.graph.store.locks import BusyError
from civicgraph.graph.store.snapshot import DataFolder, DataFolderError, LoadedSource, Manifest
from civicgraph.ontology.read import rules

SOURCES = {
    name: "".join(f'<http://e/{each}> <http://e/p> "{each}" <http://e/g> .\n' for each in sorted({name, "all"}))
    for name in ("one", "two", "three")
}
GRAPH = "SELECT ?o { GRAPH <http://e/g> { ?s ?p ?o } } ORDER BY ?o"


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    """Name a data folder that does not exist yet."""
    return DataFolder(tmp_path / "some" / "data")


def load(folder: DataFolder, *names: str, **texts: str) -> Manifest:
    with folder.writing() as writer:
        for name, text in {**{name: SOURCES[name] for name in names}, **texts}.items():
            writer.add(name, "rdf", f"Source {name}", text.encode(), {"read": 1})
        return writer.publish()


def unload(folder: DataFolder, name: str) -> Manifest:
    with folder.writing() as writer:
        writer.remove(name)
        return writer.publish()


def trig(folder: DataFolder) -> bytes:
    out = io.BytesIO()
    with folder.open() as snapshot:
        write_trig(snapshot.engine.store, out)
    return out.getvalue()


def held(folder: DataFolder) -> list[str]:
    with folder.open() as snapshot:
        return [row["o"].value for row in snapshot.engine.select(GRAPH) if row["o"] is not None]


def kept(folder: DataFolder) -> set[str]:
    """List the digests of the sources that are kept."""
    return {path.stem for path in (folder.path / "sources").iterdir()}


def snapshots(folder: DataFolder) -> set[str]:
    return {path.name for path in (folder.path / "snapshots").iterdir()}


def test_a_folder_never_loaded_into_holds_nothing_and_is_not_made_by_looking(folder: DataFolder) -> None:
    assert folder.manifest() is None
    assert folder.current_path() is None
    with pytest.raises(DataFolderError, match="holds no data; load some with: civicgraph load"), folder.open():
        pytest.fail("there is nothing to open")
    assert not folder.path.exists()


def test_what_is_loaded_is_held_with_what_was_said_of_it(folder: DataFolder) -> None:
    manifest = load(folder, "one", "two")
    assert manifest == folder.manifest()
    assert [(source.id, source.kind, source.label, source.report) for source in manifest.sources] == [
        ("one", "rdf", "Source one", {"read": 1}),
        ("two", "rdf", "Source two", {"read": 1}),
    ]
    assert held(folder) == ["all", "one", "two"]
    with folder.open() as snapshot:
        assert snapshot.manifest == manifest
        assert snapshot.path == folder.current_path()
        assert snapshot.engine.version == manifest.version == snapshot.path.name
        assert len(snapshot.engine.store) == manifest.quads


def test_the_steps_of_a_load_are_named_as_they_begin(folder: DataFolder) -> None:
    steps: list[str] = []
    with folder.writing() as writer:
        writer.publish(steps.append)
    assert (steps[0], steps[-1]) == ("ontology", "done")
    assert [step for step in steps if step[0].isdigit()] == [rule.name for rule in rules()]
    assert steps.index("sources") < steps.index(rules()[0].name)


def test_a_snapshot_holds_what_a_store_in_memory_holds(folder: DataFolder) -> None:
    load(folder, "one", "two")
    out = io.BytesIO()
    write_trig(build_in_memory(*(SOURCES[name].encode() for name in ("one", "two"))), out)
    assert trig(folder) == out.getvalue()


def test_a_source_of_the_same_id_is_replaced(folder: DataFolder) -> None:
    first = load(folder, "one", "two")
    second = load(folder, one=SOURCES["three"])
    assert held(folder) == ["all", "three", "two"]
    assert [source.id for source in second.sources] == ["one", "two"]
    assert second.version != first.version
    # What the first held and the second does not is gone.
    assert kept(folder) == {source.digest for source in second.sources}
    assert snapshots(folder) == {second.version}


def test_unloading_leaves_what_would_be_there_had_it_never_been_loaded(folder: DataFolder, tmp_path: Path) -> None:
    never = DataFolder(tmp_path / "never")
    before = load(never, "one")
    load(folder, "one")
    load(folder, "two")
    after = unload(folder, "two")
    assert trig(folder) == trig(never)
    assert after == before
    assert kept(folder) == kept(never)


def test_the_last_source_can_be_taken_out(folder: DataFolder) -> None:
    load(folder, "one")
    assert unload(folder, "one").sources == ()
    assert held(folder) == []


def test_what_is_not_there_cannot_be_unloaded(folder: DataFolder) -> None:
    manifest = load(folder, "one")
    with pytest.raises(KeyError):
        unload(folder, "two")
    assert folder.manifest() == manifest


def test_sources_loaded_in_any_order_give_the_same_bytes(tmp_path: Path) -> None:
    found = set()
    for order in (("one", "two", "three"), ("three", "one", "two"), ("two", "three", "one")):
        folder = DataFolder(tmp_path / order[0])
        for name in order:
            load(folder, name)
        manifest = folder.manifest()
        assert manifest is not None
        found.add((manifest.text(), trig(folder)))
    assert len(found) == 1


def test_loading_the_same_again_changes_nothing(folder: DataFolder) -> None:
    first = load(folder, "one")
    assert load(folder, "one") == first
    assert held(folder) == ["all", "one"]


def test_what_is_not_published_is_not_loaded(folder: DataFolder) -> None:
    load(folder, "one")
    with folder.writing() as writer:
        writer.add("two", "rdf", "Two", SOURCES["two"].encode(), {})
        assert set(writer.sources) == {"one", "two"}
    assert held(folder) == ["all", "one"]
    load(folder, "three")
    assert len(kept(folder)) == 2


def test_only_one_may_write_at_a_time(folder: DataFolder) -> None:
    with folder.writing() as writer:
        with pytest.raises(BusyError, match="another load is writing"), DataFolder(folder.path).writing():
            pytest.fail("two are writing")
        script = """
import sys
from pathlib import Path
from civicgraph.graph.store.locks import BusyError
from civicgraph.graph.store.snapshot import DataFolder
try:
    with DataFolder(Path(sys.argv[1])).writing(): pass
except BusyError:
    print("busy")
"""
        command = [sys.executable, "-c", script, str(folder.path)]
        assert subprocess.run(command, check=True, capture_output=True, text=True).stdout == "busy\n"
        writer.add("one", "rdf", "One", SOURCES["one"].encode(), {})
        writer.publish()
    # The lock goes with the one who held it, and a refusal leaves none.
    load(folder, "two")
    assert held(folder) == ["all", "one", "two"]


def test_a_load_that_fails_frees_the_folder(folder: DataFolder) -> None:
    load(folder, "one")
    with pytest.raises(RuntimeError, match="no more"), folder.writing():
        raise RuntimeError("no more")
    load(folder, "two")


def test_a_reader_keeps_its_snapshot_through_two_loads(folder: DataFolder) -> None:
    first = load(folder, "one")
    with folder.open() as snapshot:
        second = load(folder, "two")
        third = load(folder, "three")
        rows = [row["o"].value for row in snapshot.engine.select(GRAPH) if row["o"] is not None]
        assert rows == ["all", "one"]
        assert held(folder) == ["all", "one", "three", "two"]
        # The second was held by nobody.
        assert snapshots(folder) == {first.version, third.version}
        assert second.version not in snapshots(folder)
    fourth = unload(folder, "three")
    assert snapshots(folder) == {fourth.version}


def test_a_snapshot_that_is_still_held_serves_again_when_its_sources_come_back(folder: DataFolder) -> None:
    first = load(folder, "one")
    with folder.open() as before:
        load(folder, "two")
        again = unload(folder, "two")
        assert again.version == first.version
        assert folder.current_path() == before.path
        assert held(folder) == ["all", "one"]
        with folder.open() as after:
            assert after.path == before.path
    # Neither reader left a lock behind.
    last = load(folder, "three")
    assert snapshots(folder) == {last.version}


def test_many_readers_hold_one_snapshot(folder: DataFolder) -> None:
    load(folder, "one")
    with ExitStack() as readers:
        for _ in range(5):
            snapshot = readers.enter_context(folder.open())
            assert snapshot.engine.ask("ASK { GRAPH <http://e/g> { ?s ?p 'one' } }")


@pytest.fixture
def damaged(folder: DataFolder) -> Iterator[Path]:
    """Name the manifest of a loaded folder, for a test to damage; then nothing of its sources may be lost."""
    load(folder, "one", "two")
    current = folder.current_path()
    assert current is not None
    yield current / "manifest.json"
    with pytest.raises(DataFolderError) as read:
        folder.manifest()
    with pytest.raises(DataFolderError) as opened, folder.open():
        pytest.fail("it was opened")
    with pytest.raises(DataFolderError) as written, folder.writing():
        pytest.fail("it was written to")
    assert {"load its sources again" in str(error.value) for error in (read, opened, written)} == {True}
    assert len(kept(folder)) == 2


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"{}", b"null", b'"text"', b"7", b"\xff\xfe", b'{"format": 1}', b'{"format": 1, "sources": 3}'],
)
def test_a_damaged_manifest_is_told_as_such(damaged: Path, content: bytes) -> None:
    damaged.write_bytes(content)
    with pytest.raises(DataFolderError, match="is damaged"):
        Manifest.read(damaged)


@pytest.mark.parametrize("other", [{"format": 0}, {"format": 2, "sources": "elsewhere"}])
def test_a_manifest_of_another_format_is_told_as_such(damaged: Path, other: dict[str, object]) -> None:
    damaged.write_text(json.dumps(json.loads(damaged.read_text()) | other))
    with pytest.raises(DataFolderError, match="was written by another version"):
        Manifest.read(damaged)


def test_a_manifest_with_fields_unknown_here_is_not_guessed_at(damaged: Path) -> None:
    damaged.write_text(json.dumps(json.loads(damaged.read_text()) | {"more": 1}))


def test_a_snapshot_without_manifest_is_damaged(damaged: Path) -> None:
    damaged.unlink()


def test_a_current_snapshot_that_is_gone_is_damage_and_not_an_empty_folder(damaged: Path) -> None:
    damaged.parent.rename(damaged.parent.parent.parent / "elsewhere")


def test_a_manifest_reads_back(tmp_path: Path) -> None:
    source = LoadedSource(
        "ünïcode", "claims", 'A "label"\n😀', "0" * 64, report={"guarded": {"total": 3}, "none": None}
    )
    manifest = Manifest("v1", (source,), 12)
    path = tmp_path / "manifest.json"
    path.write_text(manifest.text(), encoding="utf-8")
    assert Manifest.read(path) == manifest
