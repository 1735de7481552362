"""What a person sees of who is who, and what a judgement does to figures, over files that are loaded."""

from pathlib import Path

import pytest

from civicgraph.graph.edges.scope import Scope
from civicgraph.graph.snapshot.reviewing import Review
from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.seeds_loader.load_records import load_spend
from civicgraph.seeds_loader.load_registers import load_organisations
from tests.figures import figures

HEAD = "Supplier Name,Net Amount,Payment Date\n"
RAIL = (
    "Balfour Beatty Rail Ltd",
    "Balfour Beatty Rail Ltd (RS Alliance Use Only)",
    "Balfour Beatty Rail Ltd - Engineering & Technology",
)
GROUP = ("Witherslack Group Ltd T/A Oversands School", "Witherslack Group Ltd T/A Lakeside School")


def loaded(data: Path, **files: list[str]) -> DataFolder:
    folder = DataFolder(data / "data")
    for name, suppliers in files.items():
        path = data / f"{name}.csv"
        rows = (f'"{supplier}",100,2020-01-{day:02}\n' for day, supplier in enumerate(suppliers, 5))
        path.write_text(HEAD + "".join(rows), encoding="utf-8")
        load_spend(folder, [path])
    return folder


def judge(folder: DataFolder, text: str) -> None:
    (folder.path / "judgements.yaml").write_text(text, encoding="utf-8")
    with folder.writing() as writer:
        writer.publish()


def suppliers(folder: DataFolder) -> dict[str, float]:
    with folder.edges() as table:
        found = figures(table, Scope(basis="spend"), "supplier")
    return {one["name"]: one["total"] for one in found}


@pytest.fixture
def testers(tmp_path: Path) -> DataFolder:
    return loaded(tmp_path, testers__2020_01=[*RAIL, *GROUP, "Other plc"])


def test_the_unresolved_index_is_of_names_as_written_and_labels_are_plain(testers: DataFolder) -> None:
    with testers.edges() as table:
        whole = figures(table, Scope(basis="spend"), "market")[0]
    assert (round(whole["hhi"] or 0, 2), round(whole["hhi_unresolved"] or 0, 2)) == (3888.89, 1666.67)
    assert suppliers(testers) == {RAIL[0]: 300, "Witherslack Group Ltd": 200, "Other plc": 100}
    assert {(merge.reason, one, other) for merge, one, other in Review(testers).joins("beatty")} == {
        ("name", RAIL[0], RAIL[1]),
        ("name", RAIL[0], RAIL[2]),
    }


def test_a_join_by_normal_name_is_undone_in_figures_and_graph(testers: DataFolder) -> None:
    judge(testers, f'- different: ["{RAIL[0]}", "{RAIL[1]}"]')
    assert suppliers(testers)[RAIL[0]] == 200
    assert sorted(suppliers(testers).values()) == [100, 100, 200, 200]
    with testers.open() as snapshot:
        found = snapshot.engine.select(
            "SELECT ?name { ?spend a cg:Spend ; cg:supplier/rdfs:label ?name } GROUP BY ?name ORDER BY ?name"
        )
        assert len([row for row in found if row["name"] is not None and "Balfour" in row["name"].value]) == 2
    judge(testers, "")
    assert suppliers(testers)[RAIL[0]] == 300


def test_one_name_is_set_apart_in_two_towns(tmp_path: Path) -> None:
    school = "St Mary's School"
    folder = loaded(tmp_path, leeds__2020_01=[school, "Leeds Example Ltd"], bradford__2020_01=[school.upper()])
    assert suppliers(folder)[school] == 200
    judge(folder, f'- different: ["{school}", "{school} @ bradford*"]')
    assert sorted(suppliers(folder).values()) == [100, 100, 100]


def test_two_companies_of_one_name_are_told_by_number_source_and_money(tmp_path: Path) -> None:
    folder = loaded(tmp_path, nushire__2024_01=["Nu IT Ltd"])
    register = tmp_path / "register.csv"
    register.write_text("company_number,supplier_name\n12345678,Nu IT Ltd\n87654321,Nu IT Ltd\n", encoding="utf-8")
    load_organisations(folder, [register])
    found = Review(folder)
    assert [doubt.kind for doubt in found.resolution.doubtful] == ["same name", "same name"]
    first, second = ((str(found.known(one.left)), str(found.known(one.right))) for one in found.resolution.doubtful)
    assert first[0] == "GB-COH-12345678; named 'Nu IT Ltd'; in register (1)"
    assert second[0] == "GB-COH-87654321; named 'Nu IT Ltd'; in register (1)"
    paid = "no official number; named 'Nu IT Ltd'; in nushire-2024-01 (1); £100.00 with Nushire"
    assert first[1] == second[1] == paid
