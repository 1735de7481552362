"""Loading: each file is a source of its own, loading again changes nothing, unloading leaves no trace."""

import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from civicgraph.graph.exports.quads import write_trig
from civicgraph.graph.snapshot.locks import BusyError
from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.seeds_loader.faults import SourceIdError
from civicgraph.seeds_loader.load import engine_in_memory, load_claims, load_rdf, unload
from civicgraph.seeds_loader.report import LoadReport, total

ONE = "  event/move:\n    - {to: organisation/beta, modality: plan, at: 56-84}\n"
TWO = "  event/move:\n    - {type: Outsourcing, modality: plan, at: 56-84}\n    - {place: nowhere, at: 1-5}\n"


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path / "data")


@pytest.fixture
def files(claims_file: Callable[..., Path]) -> tuple[Path, Path]:
    return claims_file(ONE, name="in/one.yaml"), claims_file(TWO, name="in/two.yaml", label="The other")


def trig(folder: DataFolder) -> bytes:
    out = io.BytesIO()
    with folder.open() as snapshot:
        write_trig(snapshot.engine.store, out)
    return out.getvalue()


def version(folder: DataFolder) -> str:
    manifest = folder.manifest()
    assert manifest is not None
    return manifest.version


def test_each_file_of_a_folder_is_a_source(folder: DataFolder, files: tuple[Path, Path]) -> None:
    steps: list[str] = []
    result = load_claims(folder, [files[0].parent], progress=steps.append)
    assert result.manifest is not None
    assert [(source.id, source.kind, source.label) for source in result.manifest.sources] == [
        ("one", "claims", "Claims of Example Weekly, 3 March 2014"),
        ("two", "claims", "Claims of The other"),
    ]
    assert steps[:2] == ["reading one.yaml", "reading two.yaml"]
    assert result.manifest == folder.manifest()
    with folder.open() as snapshot:
        for source in ("one", "two"):
            assert snapshot.engine.ask(f"ASK {{ <https://w3id.org/civicgraph/id/source/{source}> a cg:Source }}")


def test_loading_again_changes_nothing(folder: DataFolder, files: tuple[Path, Path]) -> None:
    load_claims(folder, files)
    before = version(folder), trig(folder), sorted((folder.path / "sources").iterdir())
    load_claims(folder, files)
    load_claims(folder, files[:1])
    assert (version(folder), trig(folder), sorted((folder.path / "sources").iterdir())) == before


def test_order_of_loading_changes_nothing(folder: DataFolder, files: tuple[Path, Path], tmp_path: Path) -> None:
    one, two = files
    load_claims(folder, [one])
    load_claims(folder, [two])
    other = DataFolder(tmp_path / "other")
    load_claims(other, [two])
    load_claims(other, [one])
    together = DataFolder(tmp_path / "together")
    load_claims(together, [two, one])
    assert trig(folder) == trig(other) == trig(together)
    assert version(folder) == version(other) == version(together)


def test_unloading_leaves_no_trace(folder: DataFolder, files: tuple[Path, Path]) -> None:
    one, two = files
    load_claims(folder, [one])
    before = version(folder), trig(folder)
    load_claims(folder, [two])
    assert trig(folder) != before[1]
    manifest = unload(folder, "two")
    assert [source.id for source in manifest.sources] == ["one"]
    assert (version(folder), trig(folder)) == before
    unload(folder, "one")
    assert b"ashby" not in trig(folder)
    with pytest.raises(KeyError):
        unload(folder, "one")


def test_changed_file_replaces_its_source(folder: DataFolder, claims_file: Callable[..., Path]) -> None:
    load_claims(folder, [claims_file(ONE)])
    load_claims(folder, [claims_file(ONE.replace("beta", "alpha"))])
    manifest = folder.manifest()
    assert manifest is not None
    assert [source.id for source in manifest.sources] == ["claims"]
    with folder.open() as snapshot:
        values = [str(row["o"]) for row in snapshot.engine.select("SELECT ?o { GRAPH cg:plans { ?s cg:to ?o } }")]
    assert values == ["<https://w3id.org/civicgraph/id/organisation/alpha>"]


def test_rejected_records_are_kept_with_their_reasons(folder: DataFolder, files: tuple[Path, Path]) -> None:
    result = load_claims(folder, files)
    path = result.report.rejects_file
    assert path == folder.path / "rejects" / "one-and-1-more.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert len(rows) == 1
    assert {name: rows[0][name] for name in ("file", "line", "field", "record")} == {
        "file": "two.yaml",
        "line": 25,
        "field": "claims.event/move.place",
        "record": "event/move",
    }
    assert rows[0]["reason"].startswith("'nowhere' is not a kind/slug")
    assert rows[0]["remedy"] == "name a thing, such as organisation/serco"
    manifest = folder.manifest()
    assert manifest is not None
    assert [source.report["rejects_file"] for source in manifest.sources] == [None, str(path)]


def test_rejects_of_an_earlier_load_go_when_nothing_is_rejected(
    folder: DataFolder, claims_file: Callable[..., Path]
) -> None:
    load_claims(folder, [claims_file(TWO)])
    assert (folder.path / "rejects" / "claims.jsonl").exists()
    result = load_claims(folder, [claims_file(ONE)])
    assert result.report.rejects_file is None
    assert not (folder.path / "rejects" / "claims.jsonl").exists()


def test_unreadable_file_does_not_keep_the_others_out(folder: DataFolder, files: tuple[Path, Path]) -> None:
    broken = files[0].with_name("broken.yaml")
    broken.write_text("things: [", encoding="utf-8")
    result = load_claims(folder, [files[0].parent])
    assert [error.file for error in result.unreadable] == ["broken.yaml"]
    assert result.manifest is not None
    assert [source.id for source in result.manifest.sources] == ["one", "two"]


def test_nothing_usable_leaves_the_folder_as_it_was(folder: DataFolder, files: tuple[Path, Path]) -> None:
    load_claims(folder, files[:1])
    before = version(folder)
    broken = files[0].with_name("broken.yaml")
    broken.write_text("things: [", encoding="utf-8")
    result = load_claims(folder, [broken])
    assert (result.manifest, result.report.loaded, version(folder)) == (None, 0, before)


def test_source_has_the_id_it_is_given(folder: DataFolder, files: tuple[Path, Path], tmp_path: Path) -> None:
    extra = tmp_path / "extra.ttl"
    extra.write_text("<http://example.org/a> <http://example.org/p> 1 .")
    load_claims(folder, files[:1], "first")
    manifest = load_rdf(folder, [extra], "second").manifest
    assert manifest is not None
    assert [(source.id, source.kind) for source in manifest.sources] == [("first", "claims"), ("second", "rdf")]


def test_ids_that_cannot_tell_sources_apart_are_refused(folder: DataFolder, files: tuple[Path, Path]) -> None:
    with pytest.raises(SourceIdError, match="one source id for 2 files; load them one by one"):
        load_claims(folder, files, "both")
    with pytest.raises(SourceIdError, match="'My Source' is not a source id; write it as my-source"):
        load_claims(folder, files[:1], "My Source")
    twin = files[0].parent / "twin" / "one.yaml"
    twin.parent.mkdir()
    shutil.copy(files[0], twin)
    with pytest.raises(SourceIdError, match=r"one\.yaml and .*twin/one\.yaml would be one source"):
        load_claims(folder, [files[0], twin])
    assert folder.manifest() is None


def test_a_mapping_is_for_tables(folder: DataFolder, files: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="a mapping is for tables of payments and of contracts only"):
        load_claims(folder, files, mapping=tmp_path / "mapping.yaml")


def test_source_of_another_kind_is_not_replaced(folder: DataFolder, files: tuple[Path, Path], tmp_path: Path) -> None:
    load_claims(folder, files)
    before = version(folder)
    extra = tmp_path / "one.ttl"
    extra.write_text("<http://example.org/a> <http://example.org/p> 1 .")
    with pytest.raises(SourceIdError, match="one is a source of kind claims already; give another id"):
        load_rdf(folder, [extra])
    assert version(folder) == before


def test_file_named_twice_is_loaded_once(folder: DataFolder, files: tuple[Path, Path]) -> None:
    result = load_claims(folder, [files[0], files[0].parent])
    assert result.manifest is not None
    assert len(result.manifest.sources) == 2


def test_two_loads_at_a_time_are_refused(folder: DataFolder, files: tuple[Path, Path]) -> None:
    with folder.writing(), pytest.raises(BusyError, match="another load is writing to"):
        load_claims(folder, files)


def test_engine_in_memory_answers_as_a_folder_does(folder: DataFolder, files: tuple[Path, Path]) -> None:
    load_claims(folder, files)
    out = io.BytesIO()
    write_trig(engine_in_memory(files).store, out)
    assert out.getvalue() == trig(folder)


def test_reports_add_up() -> None:
    one, two = LoadReport(read=3), LoadReport(read=4)
    one.guarded["refund"] += 1
    two.guarded.update({"refund": 1, "total": 1})
    whole = total([one, two])
    assert (whole.read, whole.loaded, dict(whole.guarded)) == (7, 4, {"refund": 2, "total": 1})
    assert (one.read, total([]).as_json()["loaded"]) == (3, 0)
