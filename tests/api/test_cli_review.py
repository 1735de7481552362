"""review: what a person sees of each pair, judges, lists and takes back."""

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

Run = Callable[..., CompletedProcess[str]]

RAIL = ("Balfour Beatty Rail Ltd", "Balfour Beatty Rail Ltd (RS Alliance Use Only)")


@pytest.fixture
def paid(run: Run, tmp_path: Path) -> Path:
    names = [
        *RAIL,
        "Maple Ltd",
        "Maple LLP",
        *(f"Amazon Prime*{code}" for code in ("0l1o28em5", "1N2I83MM5", "2P3Q94NN6")),
    ]
    path = tmp_path / "testers__2020-01.csv"
    rows = "".join(f'"{name}",100,2020-01-{day:02}\n' for day, name in enumerate(names, 5))
    path.write_text(f"Supplier Name,Net Amount,Payment Date\n{rows}", encoding="utf-8")
    assert run("load", "spend", path, "--data", tmp_path / "data").returncode == 0
    return tmp_path / "data"


def test_what_was_joined_is_listed_undone_and_taken_back(run: Run, paid: Path) -> None:
    joined = f"name  {RAIL[0]} | {RAIL[1]}\n"
    assert run("review", "--joined", "rail", "--data", paid).stdout == joined
    assert run("review", "--different", *RAIL, "--by", "a.person", "--data", paid).returncode == 0
    assert "by: a.person" in (paid / "judgements.yaml").read_text(encoding="utf-8")
    assert run("review", "--joined", "", "--data", paid).stdout == ""
    assert run("review", "--undo", *RAIL, "--data", paid).returncode == 0
    assert run("review", "--joined", "", "--data", paid).stdout == joined


def test_a_judgement_that_cannot_be_followed_is_told_and_harms_nothing(run: Run, paid: Path) -> None:
    done = run("review", "--different", "Maple Ltd", "Maple Ltd", "--data", paid)
    assert done.returncode == 0
    assert "not followed, judgement in line 1" in done.stderr
    assert "both sides mean the same; name a source" in done.stderr


def test_a_name_that_nothing_has_is_told(run: Run, paid: Path) -> None:
    done = run("review", "--different", "Mapel Ltd", "Maple LLP", "--data", paid)
    assert done.returncode == 0
    assert "nothing that is loaded is called 'Mapel Ltd'" in done.stderr
    assert "Maple LLP" not in done.stderr


def test_each_side_is_shown_and_all_of_a_kind_can_be_judged_at_once(run: Run, paid: Path) -> None:
    listed = run("review", "--list", "--data", paid).stdout
    assert "90%  form  Maple LLP | Maple Ltd" in listed
    assert "named 'Maple LLP'; in testers-2020-01 (1); £100.00 with Testers" in listed
    assert listed.count("reference  ") == 2
    judged = run("review", "--data", paid, stdin="n\na\n")
    assert "3 pairs judged, 0 left" in judged.stderr
    assert run("review", "--list", "--data", paid).stdout == ""
