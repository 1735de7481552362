from pathlib import Path

import pytest

from civicgraph.graph.records.register_types import Code
from civicgraph.graph.records.types import Rejection
from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.seeds_loader.faults import SourceFileError
from civicgraph.seeds_loader.load_registers import load_cpv
from civicgraph.seeds_loader.registers.cpv import read_cpv

CPV = Path(__file__).parents[4] / "shared" / "data" / "cpv" / "cpv_2008_en.csv"
HEADER = "code,check_digit,label_en,parent\n"
GOOD = "72000000,5,IT services,\n72200000,7,Programming,72000000\n"


@pytest.mark.skipif(not CPV.is_file(), reason="the vocabulary is not beside the checkout")
def test_the_vocabulary_is_read_whole() -> None:
    codes = list(read_cpv(CPV))
    assert len(codes) == CPV.read_text(encoding="utf-8-sig").count("\n") - 1 == 9454
    found = {code.code: code for code in codes if isinstance(code, Code)}
    assert len(found) == 9454
    assert sum(code.parent is None for code in found.values()) == 45
    assert found["72200000"].parent == "72000000"


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("7221,4,Short,72200000", "code"),
        ("7220000\u0660,4,Not ASCII,72000000", "code"),
        ("72200000,7,Again,72000000", "code"),
        ("72210000,,No digit,72200000", "check_digit"),
        ("72210000,45,Two digits,72200000", "check_digit"),
        ("72210000,0,,72200000", "label_en"),
        ("72210000,0,Orphan,72900000", "parent"),
        ("73210000,0,Of another,72200000", "parent"),
        ("72210000,0,Its own,72210000", "parent"),
        ("72210000,0,Torn,72200000,and more", "record"),
        ("72210000,0,A\0B,72200000", "record"),
    ],
)
def test_a_row_at_fault_is_rejected(tmp_path: Path, row: str, field: str) -> None:
    path = tmp_path / "cpv.csv"
    path.write_text(HEADER + GOOD + row, encoding="utf-8")
    records = list(read_cpv(path))
    faults = [(record.line, record.field) for record in records if isinstance(record, Rejection)]
    assert faults == [(4, field)]
    assert len(records) == 3


def test_a_parent_may_stand_below(tmp_path: Path) -> None:
    path = tmp_path / "cpv.csv"
    path.write_text(HEADER + "".join(reversed(GOOD.splitlines(keepends=True))), encoding="utf-8")
    assert all(isinstance(record, Code) for record in read_cpv(path))


@pytest.mark.parametrize(("text", "says"), [("", "empty"), ("code,label\n1,2\n", "it has code, label")])
def test_other_columns_are_refused_with_what_was_found(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "cpv.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SourceFileError, match=says):
        list(read_cpv(path))


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceFileError, match="a folder"):
        list(read_cpv(tmp_path))


def test_loaded_codes_are_concepts_of_the_vocabulary(tmp_path: Path) -> None:
    path = tmp_path / "cpv.csv"
    path.write_text(HEADER + GOOD, encoding="utf-8")
    folder = DataFolder(tmp_path / "data")
    load_cpv(folder, [path])
    scheme = "http://data.europa.eu/cpv/cpv"
    with folder.open() as snapshot:
        assert snapshot.engine.ask(f"ASK {{ <{scheme}/72200000> a skos:Concept ; skos:inScheme <{scheme}> }}")
