"""A data folder: what is loaded, replaced and taken out, and who may read or write meanwhile."""

import io
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from civicgraph.graph.exports.quads import write_trig
from civicgraph.graph.snapshot.locks import BusyError
from civicgraph.graph.snapshot.snapshot import DataFolder, DataFolderError, Manifest
from civicgraph.ontology.read import rules
from tests.graph.in_memory import build_in_memory

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
        del writer.sources[name]
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
from civicgraph.graph.snapshot.locks import BusyError
from civicgraph.graph.snapshot.snapshot import DataFolder
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
