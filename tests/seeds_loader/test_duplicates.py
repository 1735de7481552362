"""The same thing twice: files under two names, files of one name, and releases of one process in several files."""

import itertools
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from civicgraph.graph.snapshot.check import check
from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.seeds_loader.load import unload
from civicgraph.seeds_loader.load_records import load_ocds, load_spend

HEAD = "Payment Date,Supplier Name,Net Amount\n"
JANUARY = HEAD + "".join(f"0{day}/01/2024,Alpha Ltd,{day}00\n" for day in range(1, 8))

REAL = Path(__file__).parents[3] / "shared/data"


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path / "data")


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_identical_bytes_under_another_name_are_refused(folder: DataFolder, tmp_path: Path) -> None:
    one = write(tmp_path / "ashby__2024-01.csv", JANUARY)
    two = tmp_path / "ashby__2024-01 (1).csv"
    shutil.copy(one, two)
    result = load_spend(folder, [one, two])
    (error,) = result.unreadable
    assert (result.report.loaded, error.file) == (7, two.name)
    assert "the same bytes as the source ashby-2024-01" in error.reason
    assert "--again" in error.remedy
    assert load_spend(folder, [two]).manifest is None
    assert load_spend(folder, [two], again=True).report.loaded == 7


def test_the_rows_of_another_source_of_the_same_body_are_refused(folder: DataFolder, tmp_path: Path) -> None:
    january = write(tmp_path / "ashby__2024-01.csv", JANUARY)
    other = write(tmp_path / "ashby__jan.csv", JANUARY.replace("Payment Date", "Date paid"))
    year = write(tmp_path / "ashby__2024.csv", JANUARY + "01/02/2024,Beta Ltd,5\n")
    body = write(tmp_path / "bexley__2024-01.csv", JANUARY.replace("Payment Date", "Date paid"))
    result = load_spend(folder, [january, other, year, body])
    assert [error.file for error in result.unreadable] == [other.name, year.name]
    assert result.unreadable[1].reason == "the same rows and pounds as the source ashby-2024-01 in 2024-01"
    assert result.report.loaded == 14


def test_months_of_few_rows_may_be_alike(folder: DataFolder, tmp_path: Path) -> None:
    one = write(tmp_path / "ashby__a.csv", f"{HEAD}01/01/2024,Alpha Ltd,5\n01/02/2024,Alpha Ltd,5\n")
    two = write(tmp_path / "ashby__b.csv", f"{HEAD}01/01/2024,Beta Ltd,5\n01/03/2024,Alpha Ltd,5\n")
    assert not load_spend(folder, [one, two]).unreadable


def test_a_file_of_the_same_name_from_another_folder_replaces_nothing_unasked(
    folder: DataFolder, tmp_path: Path
) -> None:
    leeds = write(tmp_path / "leeds/spend__2024-01.csv", JANUARY)
    york = write(tmp_path / "york/spend__2024-01.csv", JANUARY.replace("Alpha Ltd,1", "Beta Ltd,2"))
    load_spend(folder, [leeds])
    (error,) = load_spend(folder, [york]).unreadable
    assert str(leeds) in error.reason
    assert "--source" in error.remedy
    assert load_spend(folder, [york], "york").report.loaded == 7
    write(leeds, JANUARY.replace("Alpha", "Gamma"))
    assert not load_spend(folder, [leeds]).unreadable
    assert not load_spend(folder, [york], "spend-2024-01", again=True).unreadable
    unload(folder, "york")
    moved = tmp_path / "moved/spend__2024-01.csv"
    moved.parent.mkdir()
    shutil.copy(york, moved)
    assert not load_spend(folder, [moved]).unreadable


def release(number: int, day: str, **fields: object) -> dict[str, object]:
    return {
        "ocid": f"ocds-x-{number}",
        "id": f"{number}-{day}",
        "date": f"{day}T00:00:00Z",
        "tag": ["award"],
        "buyer": {"name": "Ashby Council"},
        "tender": {"id": "t", "title": "Roof"},
        **fields,
    }


def award(value: int, end: str = "2026-02-28") -> list[dict[str, object]]:
    period = {"startDate": "2025-03-01T00:00:00Z", "endDate": f"{end}T00:00:00Z"}
    money = {"amount": value, "currency": "GBP"}
    alpha = [{"name": "Alpha Ltd"}]
    return [{"id": "1", "status": "active", "value": money, "suppliers": alpha, "contractPeriod": period}]


WEEKS: Mapping[str, Sequence[Mapping[str, object]]] = {
    "week1": [release(1, "2025-02-01", awards=award(1000)), release(2, "2025-02-01", tag=["tender"])],
    "week2": [release(1, "2025-02-08", awards=award(2500, "2027-02-28")), release(3, "2025-02-08", awards=award(7))],
    "week3": [release(2, "2025-02-15", awards=award(400)), release(4, "2025-02-15", awards=award(9))],
}


@pytest.fixture
def weeks(tmp_path: Path) -> dict[str, Path]:
    return {name: write(tmp_path / f"{name}.json", json.dumps({"releases": rows})) for name, rows in WEEKS.items()}


def contracts(folder: DataFolder) -> list[tuple[str, ...]]:
    query = """SELECT ?contract ?value ?end ?stage {
        ?contract a cg:Contract ; cg:process ?process ; cg:awardedValue ?value ; cg:end ?end . ?process cg:stage ?stage
    } ORDER BY ?contract ?value ?end"""
    with folder.open() as snapshot:
        rows = list(snapshot.engine.select(query))
    return [tuple(str(getattr(row[name], "value", "")).rpartition("/")[2] for name in row) for row in rows]


RIGHT = [
    ("ocds-x-1-1", "2500", "2027-02-28", "award"),
    ("ocds-x-2-1", "400", "2026-02-28", "award"),
    ("ocds-x-3-1", "7", "2026-02-28", "award"),
    ("ocds-x-4-1", "9", "2026-02-28", "award"),
]


@pytest.mark.parametrize("order", list(itertools.permutations(WEEKS)))
def test_releases_of_one_process_are_merged_across_files_and_loads(
    folder: DataFolder, weeks: dict[str, Path], tmp_path: Path, order: tuple[str, ...]
) -> None:
    for name in order:
        assert not load_ocds(folder, [weeks[name]]).unreadable
    assert contracts(folder) == RIGHT
    once = DataFolder(tmp_path / "once")
    result = load_ocds(once, [weeks[name] for name in order])
    assert contracts(once) == RIGHT
    assert result.report.read == 11
    with once.open() as snapshot:
        assert not [one for one in check(snapshot.engine) if "sources disagree" in one.message]
    manifests = [one.manifest() for one in (folder, once)]
    assert manifests[0] is not None
    assert manifests[1] is not None
    assert [source.digest for source in manifests[0].sources] == [source.digest for source in manifests[1].sources]


@pytest.mark.parametrize("order", [("tender", "award"), ("award", "tender")])
def test_a_process_of_two_files_has_one_value_of_each_property(
    folder: DataFolder, tmp_path: Path, order: tuple[str, ...]
) -> None:
    # What tells of the award is dated by the tender's notice, as many publishers have it.
    old, new = (
        {"id": "t", "title": title, "value": {"amount": value, "currency": "GBP"}, "datePublished": "2025-01-01"}
        for title, value in (("Old", 500), ("New", 800))
    )
    held = {
        "tender": release(1, "2025-01-01", tag=["tender"], tender=old),
        "award": release(1, "2025-02-01", tender=new, awards=award(1000)),
    }
    for name in order:
        load_ocds(folder, [write(tmp_path / f"{name}.json", json.dumps({"releases": [held[name]]}))])
    query = "SELECT ?label ?value ?stage { ?p cg:stage ?stage ; rdfs:label ?label ; cg:estimatedValue ?value }"
    with folder.open() as snapshot:
        found = [[getattr(one, "value", "") for one in row.values()] for row in snapshot.engine.select(query)]
        assert found == [["New", "800", "award"]]
        assert not [one for one in check(snapshot.engine) if one.severity == "Violation"]


@pytest.mark.skipif(not REAL.is_dir(), reason=f"the real files are not at {REAL}, beside the checkout")
def test_real_processes_split_over_two_files_are_as_in_one(tmp_path: Path) -> None:
    held: dict[str, list[Mapping[str, object]]] = {}
    for path in sorted(REAL.glob("api/*.jsonl")) + sorted(REAL.glob("ocds/*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            document = json.loads(line)
            for one in document.get("releases", [document]):
                if one not in held.setdefault(one["ocid"], []):
                    held[one["ocid"]].append(one)
    several = [sorted(some, key=lambda one: str(one["date"])) for some in held.values() if len(some) > 1]
    assert len(several) > 10
    parts = {"a": [some[0] for some in several], "b": [one for some in several for one in some[1:]]}
    said = []
    for name, files in (("one", {"all": parts["a"] + parts["b"]}), ("two", parts)):
        folder = DataFolder(tmp_path / name)
        load_ocds(
            folder, [write(tmp_path / f"{at}.json", json.dumps({"releases": some})) for at, some in files.items()]
        )
        with folder.open() as snapshot:
            found = snapshot.engine.select("""SELECT ?of ?p ?value { ?of a ?class ; ?p ?value
                VALUES ?class { cg:Contract cg:ContractingProcess }
                FILTER (?p NOT IN (cg:record, prov:wasDerivedFrom)) }""")
            said.append({tuple(map(str, row.values())) for row in found})
            assert not [one for one in check(snapshot.engine) if one.severity == "Violation"]
    assert said[0] == said[1]


def test_of_two_files_of_one_day_the_last_by_name_counts(folder: DataFolder, tmp_path: Path) -> None:
    for name, value in (("page-2", 2500), ("page-1", 250_000)):
        releases = [release(1, "2025-02-08", awards=award(value))]
        load_ocds(folder, [write(tmp_path / f"{name}.json", json.dumps({"releases": releases}))])
    assert [row[1] for row in contracts(folder)] == ["2500"]
    with folder.edges() as table:
        assert table.rows("SELECT value_e4, source FROM entry") == [(25_000_000, "page-2")]


def test_an_award_corrected_under_another_id_in_a_later_file_counts_once(folder: DataFolder, tmp_path: Path) -> None:
    # As in a notice of Wirral's of which each form came twice on one day.
    day = {"date": "2025-01-31T00:00:00Z"}
    wrong, right = [{**award(250_000)[0], **day}], [{**award(2500)[0], **day, "id": "2"}]
    made = {"page-1": [("08", wrong)], "page-2": [("09", wrong), ("10", right)]}
    for name, given in made.items():
        releases = [release(1, f"2025-02-{on}", awards=awards) for on, awards in given]
        load_ocds(folder, [write(tmp_path / f"{name}.json", json.dumps({"releases": releases}))])
    assert [row[:2] for row in contracts(folder)] == [("ocds-x-1-1", "250000"), ("ocds-x-1-2", "2500")]
    with folder.edges() as table:
        assert table.rows("SELECT value_e4, guard FROM entry ORDER BY value_e4") == [
            (25_000_000, None),
            (2_500_000_000, "superseded-award"),
        ]


def test_what_was_merged_is_parted_by_unloading_and_replacing(folder: DataFolder, weeks: dict[str, Path]) -> None:
    load_ocds(folder, list(weeks.values()))
    unload(folder, "week2")
    values = {"ocds-x-1-1": "1000", "ocds-x-2-1": "400", "ocds-x-4-1": "9"}
    assert [row[:2] for row in contracts(folder)] == list(values.items())
    load_ocds(folder, [weeks["week2"]])
    assert contracts(folder) == RIGHT
    write(weeks["week2"], json.dumps({"releases": WEEKS["week2"][1:]}))
    load_ocds(folder, [weeks["week2"]])
    assert [row[:2] for row in contracts(folder)] == [("ocds-x-1-1", "1000"), *[row[:2] for row in RIGHT[1:]]]


def test_processes_without_dates_are_not_lost(folder: DataFolder, tmp_path: Path) -> None:
    rows = [{**release(1, "2025-02-01", awards=award(value)), "date": None} for value in (1000, 2000)]
    path = write(tmp_path / "undated.jsonl", "\n".join(map(json.dumps, rows)))
    report = load_ocds(folder, [path]).report
    assert [row[:2] for row in contracts(folder)] == [("ocds-x-1-1", "2000")]
    assert (report.read, report.loaded, report.warned["date"]) == (2, 2, 2)
