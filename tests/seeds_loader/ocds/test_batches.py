"""A file of OCDS read in batches comes to the same whoever reads them."""

import importlib
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import RdfFormat, parse

from civicgraph.graph.records.types import Rejection
from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.seeds_loader.load_records import load_ocds
from civicgraph.seeds_loader.ocds import batches
from civicgraph.seeds_loader.ocds.batches import Drafted, draft_batches
from tests.seeds_loader.ocds.reading import read_ocds


def release(number: int, version: str = "a", **fields: object) -> dict[str, Any]:
    supplier = {"id": "S", "name": f'Söft\tWare "{number % 4}" <Ltd>'}
    buyer = {"id": "B", "name": f"Council {number % 3}"}
    return {
        "ocid": f"ocds-x-{number}",
        "id": f"{number}-{version}",
        "date": f"2024-01-{1 + number % 28:02}T00:00:00Z",
        "tag": ["award"],
        "buyer": buyer,
        "tender": {"title": f"T {number}\\ \u2028 {{}}", "classification": {"scheme": "CPV", "id": "72000000"}},
        "awards": [
            {"id": "1", "status": "active", "suppliers": [supplier], "value": {"amount": number, "currency": "GBP"}},
            {"id": "2", "status": "cancelled", "suppliers": [supplier], "value": {"amount": 9}},
        ],
        **fields,
    }


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """Lines that are sound, broken, too many for one process, and packages."""
    lines = [json.dumps(release(number), ensure_ascii=False) for number in range(40)]
    lines[3] = '{"ocid": "ocds-x-3", '
    lines[9] = json.dumps({"ocid": "", "id": "9"})
    lines[11] = json.dumps(release(11, awards=[{"id": "1", "date": "soon"}, {"id": "1"}]))
    lines += [json.dumps(release(number, "b", date="2024-02-01T00:00:00Z")) for number in (5, 7, 20)]
    lines.append(json.dumps({"releases": [release(50), release(5, "c", date="2024-03-01T00:00:00Z"), release(51)]}))
    path = tmp_path / "mixed.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def in_two(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(batches, "_ALONE", 0)
    patch.setattr(batches, "cores", lambda: 2)


def read(path: Path) -> list[Drafted]:
    return list(draft_batches(path, "source/x", lambda _line, _lines: None))


def state(folder: Path, path: Path) -> dict[str, Any]:
    data = DataFolder(folder)
    result = load_ocds(data, [path])
    with data.open() as snapshot:
        (source,) = snapshot.manifest.sources
        quads = sorted(str(quad) for quad in snapshot.engine.store)
        report = {key: value for key, value in source.report.items() if key != "rejects_file"}
        return {"digest": source.digest, "report": report, "faults": result.report.rejections, "quads": quads}


def test_one_process_and_two_make_the_same_source(mixed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "_BATCH_LINES", 7)
    alone = state(tmp_path / "one", mixed)
    in_two(monkeypatch)
    assert state(tmp_path / "two", mixed) == alone
    assert alone["report"]["rejected"] == {"line": 1, "ocid": 1}
    assert alone["report"]["warned"] == {"awards/date": 1, "awards/id": 1}


@pytest.mark.parametrize("size", [1, 4, 1_000])
def test_batches_of_any_size_come_to_the_same(mixed: Path, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(batches, "_BATCH_LINES", size)
    drafted = read(mixed)
    records = list(read_ocds(mixed))
    assert sum(one.report.read for one in drafted) == sum(not (isinstance(r, Rejection) and r.partial) for r in records)
    assert [fault for one in drafted for fault in one.faults] == [r for r in records if isinstance(r, Rejection)]
    assert sum(one.rows.count(b"\n") for one in drafted) == sum(hasattr(record, "awarded") for record in records)
    guarded = sum((one.report.guarded for one in drafted), Counter[str]())
    assert guarded["unsuccessful-award"] == sum(getattr(r, "guard", None) == "unsuccessful-award" for r in records) > 0


def test_what_is_written_is_n_quads_to_the_letter(mixed: Path) -> None:
    # The bulk loader takes it without checking it again.
    lines = b"".join(one.quads for one in read(mixed))
    assert len(list(parse(lines, RdfFormat.N_QUADS))) == lines.count(b"\n")


KILLED = """
import os, signal
from civicgraph.seeds_loader.ocds.batches import Drafting

class Killed(Drafting):
    def __call__(self, batch):
        if any(getattr(one, "number", 0) > 7 for one in batch):
            # As the kernel does where memory runs out.
            os.kill(os.getpid(), signal.SIGKILL)
        return super().__call__(batch)
"""


def test_a_process_that_is_killed_leaves_nothing_half_loaded(
    mixed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_two(monkeypatch)
    monkeypatch.setattr(batches, "_BATCH_LINES", 7)
    (tmp_path / "killed_of_test.py").write_text(KILLED)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(batches, "Drafting", importlib.import_module("killed_of_test").Killed)
    result = load_ocds(DataFolder(tmp_path / "data"), [mixed])
    assert result.manifest is None
    (error,) = result.unreadable
    assert "ended before its time" in error.reason
    assert "memory" in error.remedy
    assert not list((tmp_path / "data" / "sources").iterdir())
