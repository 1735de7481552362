import csv
import io
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civicgraph.graph.records.register_types import Area, Authority
from civicgraph.graph.records.types import Rejection
from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.seeds_loader.faults import SourceFileError
from civicgraph.seeds_loader.load_records import load_spend
from civicgraph.seeds_loader.load_registers import load_authorities
from civicgraph.seeds_loader.registers.authorities import read_authorities
from civicgraph.seeds_loader.registers.bodies import find, read_organisations
from civicgraph.seeds_loader.registers.rows import kind_of
from civicgraph.seeds_loader.tables.table import read_table

DATA = Path(__file__).parents[4] / "shared" / "data"
LOCAL = DATA / "local_authorities"
CENTRAL = DATA / "gov_orgs"
needs_local = pytest.mark.skipif(
    not LOCAL.is_dir(), reason="the register of local authorities is not beside the checkout"
)
needs_central = pytest.mark.skipif(not CENTRAL.is_dir(), reason="the register of government is not beside the checkout")

COLUMNS = kind_of("authorities")["columns"]
ROW = {
    **dict.fromkeys(COLUMNS, ""),
    "local-authority-code": "ALL",
    "official-name": "Allerdale Borough Council",
    "nice-name": "Allerdale",
    "gss-code": "E07000026",
    "nation": "England",
    "region": "North West",
    "local-authority-type": "NMD",
    "lat": "54.7",
    "long": "-3.2",
}
NEXT = ROW | {
    "local-authority-code": "CBD",
    "official-name": "Cumberland Council",
    "nice-name": "Cumberland",
    "gss-code": "E06000063",
    "local-authority-type": "UA",
    "start-date": "2023-04-01",
}


def table(*rows: Mapping[str, str], delimiter: str = ",") -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def register(folder: Path, *rows: Mapping[str, str]) -> Path:
    path = folder / "uk_local_authorities.csv"
    path.write_text(table(*rows), encoding="utf-8")
    return path


def authorities(path: Path) -> dict[str, Authority]:
    return {record.identifier: record for record in read_authorities(path) if isinstance(record, Authority)}


def rejections(path: Path) -> list[Rejection]:
    return [record for record in read_authorities(path) if isinstance(record, Rejection)]


def rows_of(path: Path, kind: str) -> int:
    register, tables = find(path, kind_of(kind))
    return sum(1 for file in (register, *(table for table, _ in tables)) for _ in read_table(file).rows())


@needs_local
@pytest.mark.parametrize("name", ["", *(path.name for path in sorted(LOCAL.glob("uk_*.csv")))])
def test_every_row_of_the_real_files_is_loaded_or_rejected(name: str) -> None:
    path = LOCAL / name
    assert rows_of(path, "authorities") == len(authorities(path)) == 470
    assert all(fault.partial for fault in rejections(path))


@needs_local
def test_the_register_is_read_whole() -> None:
    records = list(read_authorities(LOCAL))
    found = {record.identifier: record for record in records if isinstance(record, Authority)}
    areas = {record.key: record for record in records if isinstance(record, Area)}
    assert len(found) == 470
    assert Counter(record.cls for record in found.values()) == {"Council": 455, "PublicBody": 15}
    assert Counter(area.level for area in areas.values()) == {"authority-area": 470, "region": 9, "country": 4}
    assert len(areas) == sum(isinstance(record, Area) for record in records)
    assert all(key in areas for area in areas.values() for key in area.within)
    assert all(body.area in areas and set(body.successors) <= found.keys() for body in found.values())
    assert found["GB-LAS-ABE"].name == "Aberdeen City Council"
    assert found["GB-PLA-CRF"].other_identifiers == ("GB-GSS-W06000015",)
    assert found["GB-LANI-BFS"].starts == "2015-04-01"


@needs_local
def test_succession_leads_on_at_a_date() -> None:
    found = authorities(LOCAL)
    allerdale, bournemouth = found["GB-LAE-ALL"], found["GB-LAE-BMH"]
    assert (allerdale.ends, allerdale.successors) == ("2023-03-31", ("GB-LAE-CBD",))
    assert (bournemouth.ends, bournemouth.successors) == ("2019-03-31", ("GB-LAE-BPC",))
    assert found["GB-LAE-CMA"].successors == ("GB-LAE-CBD", "GB-LAE-WAF")


@needs_local
def test_no_alias_is_empty_damaged_or_the_official_name() -> None:
    for body in authorities(LOCAL).values():
        assert not {"", body.name.casefold()} & {alias.casefold() for alias in body.aliases}
        assert not any("\u00ef\u00bf" in alias for alias in body.aliases)


@needs_local
def test_an_abolished_area_lies_where_its_successor_lies() -> None:
    areas = {record.key: record for record in read_authorities(LOCAL) if isinstance(record, Area)}
    assert areas["place/e10000002"].within == ("place/e12000008", "place/e92000001")
    assert areas["place/e07000026"].within == ("place/e10000006", "place/e12000002", "place/e92000001")
    assert "place/e61000001" in areas["place/e09000005"].within


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("local-authority-code", "all"),
        ("official-name", ""),
        ("nation", "Cornwall"),
        ("region", "The North"),
        ("local-authority-type", "XYZ"),
        ("gss-code", "26"),
        ("start-date", "1.4.1974"),
        ("start-date", "2023-02-30"),
        ("end-date", "20230401"),
        ("replaced-by", "ZZZ"),
        ("county-la", "CMA"),
        ("combined-authority", "CBD2"),
    ],
)
def test_a_row_at_fault_is_rejected_with_line_and_field(tmp_path: Path, field: str, value: str) -> None:
    path = register(tmp_path, NEXT, ROW | {field: value})
    (fault,) = rejections(path)
    assert (fault.file, fault.line, fault.field, fault.partial) == ("uk_local_authorities.csv", 3, field, False)
    assert set(authorities(path)) == {"GB-LAE-CBD"}


def test_a_code_used_twice_is_rejected(tmp_path: Path) -> None:
    (fault,) = rejections(register(tmp_path, ROW, ROW | {"official-name": "Another"}))
    assert "line 2 already" in fault.reason


def test_what_names_a_rejected_row_is_rejected_as_well(tmp_path: Path) -> None:
    path = register(tmp_path, ROW | {"replaced-by": "CBD"}, NEXT | {"nation": "Mercia"})
    assert [fault.field for fault in rejections(path)] == ["nation", "replaced-by"]


@pytest.mark.parametrize(
    ("lat", "long"), [("5.47", "-3.2"), ("54.7", "32"), ("north", "-3"), ("nan", "-3"), ("54.7", "")]
)
def test_absurd_coordinates_cost_only_themselves(tmp_path: Path, lat: str, long: str) -> None:
    path = register(tmp_path, ROW | {"lat": lat, "long": long})
    records = list(read_authorities(path))
    (fault,) = [record for record in records if isinstance(record, Rejection)]
    area = next(record for record in records if isinstance(record, Area) and record.level == "authority-area")
    assert (fault.field, fault.partial, area.latitude) == ("lat", True, None)
    assert len(authorities(path)) == 1


def test_the_end_is_the_last_day(tmp_path: Path) -> None:
    old = ROW | {"end-date": "2023-04-01", "replaced-by": "CBD"}
    assert authorities(register(tmp_path, old, NEXT))["GB-LAE-ALL"].ends == "2023-03-31"


def test_an_alias_of_two_leads_to_neither(tmp_path: Path) -> None:
    path = register(
        tmp_path, ROW | {"alt-names": "Lakes,Westlands,of it"}, NEXT | {"alt-names": "lakes,Allerdale Borough Council"}
    )
    assert rejections(path) == []
    assert authorities(path)["GB-LAE-ALL"].aliases == ("Allerdale", "Lakes", "Westlands", "of it")
    spend = tmp_path / "york__2024-01.csv"
    payees = ("Lakes", "Westlands", "Allerdale Borough Council", "Cumberland")
    spend.write_text("Date,Supplier,Amount\n" + "".join(f"01/01/2024,{one},5\n" for one in payees), encoding="utf-8")
    folder = DataFolder(tmp_path / "data")
    load_authorities(folder, [path])
    load_spend(folder, [spend])
    query = "SELECT ?who { ?spend a cg:Spend ; cg:supplier ?who } ORDER BY ?who"
    with folder.open() as snapshot:
        found = [str(getattr(row["who"], "value", "")).rpartition("/")[2] for row in snapshot.engine.select(query)]
    assert found == ["gb-lae-all", "gb-lae-all", "gb-lae-cbd", "lakes"]


def test_a_table_of_names_is_loaded_with_its_register(tmp_path: Path) -> None:
    path = tmp_path / "name_map.tsv"
    path.write_text("name\tgovernment-organisation\nHO\tD1\n", encoding="utf-8")
    for where, says in (
        (path, "loaded with the folder that holds it and its register"),
        (tmp_path, "name a folder with"),
    ):
        with pytest.raises(SourceFileError, match=says):
            list(read_organisations(where))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends_are_told(tmp_path: Path, encoding: str, end: str) -> None:
    path = tmp_path / "register.csv"
    path.write_bytes(table(ROW | {"official-name": "Sir Ynys Môn"}).replace("\n", end).encode(encoding))
    assert [body.name for body in authorities(path).values()] == ["Sir Ynys Môn"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"\x81\x8d\xff", "one column"),
        (b"name,town\na,b\n", "not a register"),
        (b"official-name,nation\na,b\n", "no columns local-authority-code"),
        (table(ROW).encode()[:-1] + b',"\n', "cut short"),
        (b"official-name," + b"x" * 50_000_000, "a line of"),
        (b"x" * 65_000_000, "a line of more than 1 MB"),
    ],
    ids=["empty", "binary", "other", "half a header", "open quote", "long line", "large"],
)
def test_a_torn_file_is_refused_with_a_reason(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "register.csv"
    path.write_bytes(content)
    with pytest.raises(SourceFileError, match=says):
        list(read_authorities(path))


def test_a_row_too_long_and_a_control_character_cost_the_row(tmp_path: Path) -> None:
    path = register(tmp_path, ROW, NEXT)
    text = path.read_text(encoding="utf-8").replace("Cumberland Council", "Cumber\0land")
    path.write_text(f"{text}CBX{',too many' * len(ROW)}\n", encoding="utf-8")
    assert [fault.field for fault in rejections(path)] == ["record", "record"]
    assert len(authorities(path)) == 1


def test_folders_without_a_register_are_refused(tmp_path: Path) -> None:
    for read in (read_authorities, read_organisations):
        with pytest.raises(SourceFileError, match="no register in it"):
            list(read(tmp_path))
        with pytest.raises(SourceFileError):
            list(read(tmp_path / "absent.csv"))


@given(st.lists(st.dictionaries(st.sampled_from(COLUMNS), st.text(max_size=12), max_size=4), max_size=6))
def test_each_row_is_loaded_or_rejected_once(
    tmp_path_factory: pytest.TempPathFactory, changes: list[dict[str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("register")
    rows = [ROW | {"local-authority-code": "A" * (n + 2)} | change for n, change in enumerate(changes)]
    path = folder / "register.csv"
    path.write_text(table(ROW, *rows).encode("utf-8", "replace").decode(), encoding="utf-8", newline="")
    try:
        records = list(read_authorities(path))
    except SourceFileError:
        return
    whole = sum(isinstance(record, Rejection) and not record.partial for record in records)
    assert sum(isinstance(record, Authority) for record in records) + whole == rows_of(path, "authorities")


@needs_central
def test_government_organisations_are_read_whole() -> None:
    records = list(read_organisations(CENTRAL))
    bodies = {record.identifier: record for record in records if isinstance(record, Authority)}
    faults = Counter(record.field for record in records if isinstance(record, Rejection))
    assert len(bodies) == 980
    assert faults == {"government-organisation": 46_179 + 1}
    assert rows_of(CENTRAL, "organisations") == 981 + 47_956 + 445
    assert {body.cls for body in bodies.values()} == {"Department", "PublicBody"}
    assert bodies["GB-GOR-D17"].cls == bodies["GB-GOR-D25"].cls == bodies["GB-GOR-OT1175"].cls == "Department"
    assert bodies["GB-GOR-EA693"].cls == bodies["GB-GOR-OT1026"].cls == bodies["GB-GOR-EA66"].cls == "PublicBody"
    assert bodies["GB-GOR-D608"].ends == "2009-06"
    assert "dwp" in bodies["GB-GOR-D10"].aliases


def test_rows_of_government_at_fault_are_rejected(tmp_path: Path) -> None:
    header = "government-organisation\tname\twebsite\tstart-date\tend-date\n"
    rows = "D1\tHome Office\t\t\t\nx\tA\t\t\t\nD1\tB\t\t\t\nD2\t\t\t\t\nD3\tC\t\t1.1.2000\t\nD4\tD\t\t2000-13\t\n"
    (tmp_path / "government-organisation.tsv").write_text(header + rows, encoding="utf-8")
    names = "name\tgovernment-organisation\nHO\tD1\nho\tD1\nNobody\t\nNone\tD9\n"
    (tmp_path / "name_map.tsv").write_text(names, encoding="utf-8")
    records = list(read_organisations(tmp_path))
    (body,) = [record for record in records if isinstance(record, Authority)]
    faults = [(record.file, record.line) for record in records if isinstance(record, Rejection)]
    assert body.aliases == ("HO",)
    assert faults == [("government-organisation.tsv", n) for n in (3, 4, 5, 6, 7)] + [
        ("name_map.tsv", n) for n in (4, 5)
    ]
