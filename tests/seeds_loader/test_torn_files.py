"""Torn and hostile files of every kind of record: a message that says what and what to do, and nothing half loaded."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.seeds_loader.load import LoadResult
from civicgraph.seeds_loader.load_records import load_ocds, load_spend
from civicgraph.seeds_loader.load_registers import load_authorities, load_cpv, load_organisations, load_ownership

LOADERS: dict[str, tuple[Callable[..., LoadResult], str]] = {
    "ocds": (load_ocds, ".jsonl"),
    "spend": (load_spend, ".csv"),
    "authorities": (load_authorities, ".csv"),
    "organisations": (load_organisations, ".tsv"),
    "cpv": (load_cpv, ".csv"),
    "ownership": (load_ownership, ".csv"),
}
TORN = {
    "empty": b"",
    "a NUL": b"\0" * 64,
    "a gzip cut short": gzip.compress(b"a,b\n1,2\n" * 5000)[:-40],
    "a picture": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01",
    "a page": b"<!DOCTYPE html><html><body>404 not found</body></html>",
}


@pytest.mark.parametrize("torn", TORN)
@pytest.mark.parametrize("kind", LOADERS)
def test_a_torn_file_is_told_and_leaves_nothing(kind: str, torn: str, tmp_path: Path) -> None:
    read, ending = LOADERS[kind]
    path = tmp_path / f"file{ending}"
    path.write_bytes(TORN[torn])
    folder = DataFolder(tmp_path / "data")
    result = read(folder, [path])
    if result.unreadable:
        (error,) = result.unreadable
        assert error.reason
        assert error.remedy
    else:
        assert result.report.rejections
    assert result.report.loaded == 0
    assert folder.manifest() is None
    assert [file.name for file in (tmp_path / "data").rglob("*") if file.name.startswith("draft-")] == []


@pytest.mark.parametrize("kind", sorted(LOADERS.keys() - {"authorities", "organisations"}))
def test_a_folder_is_no_file(kind: str, tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    (error,) = LOADERS[kind][0](DataFolder(tmp_path / "data"), [folder]).unreadable
    assert error.remedy
