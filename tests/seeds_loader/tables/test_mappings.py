"""Mapping files: what is proposed for a table, and what is remembered for its publisher."""

from pathlib import Path

from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.seeds_loader.load_records import load_contracts, load_spend
from civicgraph.seeds_loader.tables.columns import read_mapping
from civicgraph.seeds_loader.tables.mappings import propose_mapping

STRANGE = "Wann,Wer,Wieviel,Purpose\n" + "".join(f"0{day}/10/2019,Firm {day} Ltd,{day}.50,IT\n" for day in range(1, 9))


def write(folder: Path, text: str, name: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_what_is_proposed_and_completed_loads_the_table(tmp_path: Path) -> None:
    table = write(tmp_path, STRANGE, "leeds__2019-10.csv")
    folder = DataFolder(tmp_path / "data")
    assert load_spend(folder, [table]).manifest is None
    text = propose_mapping(table)
    for role, header in (("supplier", "Wer"), ("amount", "Wieviel"), ("date", "Wann")):
        text = text.replace(f"{role}: # write the header of its column\n", f"{role}: {header}\n")
    mapping = write(tmp_path, text, "mapping.yaml")
    assert read_mapping(mapping) == {"supplier": "Wer", "amount": "Wieviel", "date": "Wann", "description": "Purpose"}
    assert load_spend(folder, [table], mapping=mapping).report.loaded == 8


def test_what_is_not_known_is_left_to_a_person(tmp_path: Path) -> None:
    table = write(tmp_path, "Payment date,Was,Amount: net\n01/10/2019,17,5\n", "leeds__2019-10.csv")
    text = propose_mapping(table)
    assert "supplier: # write the header of its column" in text
    assert "date: Payment date" in text


def test_a_mapping_is_remembered_for_the_same_publisher(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    mapping = write(tmp_path, "supplier: Wer\namount: Wieviel\ndate: Wann\n", "mapping.yaml")
    load_spend(folder, [write(tmp_path, STRANGE, "leeds__2019-10.csv")], mapping=mapping)
    november = write(tmp_path, STRANGE.replace("/10/", "/11/"), "leeds__2019-11.csv")
    report = load_spend(folder, [november]).report
    assert report.loaded == 8
    assert "leeds-spending.yaml" in report.warnings[0].reason
    other = write(tmp_path, STRANGE.replace("Wer", "Quem"), "leeds__2019-12.csv")
    assert len(load_spend(folder, [other]).unreadable) == 1
    york = write(tmp_path, STRANGE, "york__2019-12.csv")
    assert len(load_spend(folder, [york]).unreadable) == 1


def test_registers_are_proposed_and_remembered_too(tmp_path: Path) -> None:
    text = "Ref,Was,Wer\n" + "".join(f"{at},Thing {at} of many,Firm {at} Ltd\n" for at in range(9))
    table = write(tmp_path, text, "leeds__2019.csv")
    assert "reference: Ref" in propose_mapping(table, "contracts")
    folder = DataFolder(tmp_path / "data")
    mapping = write(tmp_path, "title: Was\nsupplier: Wer\n", "mapping.yaml")
    assert load_contracts(folder, [table], mapping=mapping).report.loaded == 9
    later = write(tmp_path, text.replace("Firm", "House"), "leeds__2020.csv")
    assert load_contracts(folder, [later]).report.loaded == 9
