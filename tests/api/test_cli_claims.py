"""claims show: each claim with its words, and each sentence of a view with what it rests on."""

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

Run = Callable[..., CompletedProcess[str]]


def test_each_claim_is_printed_with_its_line_its_marks_and_its_words(run: Run, files: Path) -> None:
    done = run("claims", "show", files / "small.yaml", "--articles", files)
    lines = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (0, "20 claims\n")
    assert lines[:3] == [
        "small.yaml:28  Payroll of Ashby Council by Alpha: provider: Alpha Limited",
        "    asserted, fact -> established",
        "    0-42: 'Ashby Council pays £5m a year to Alpha Ltd'",
    ]
    assert "    worked out: The year before the article, from its first day." in lines
    turns = lines.index("small.yaml:46  Ashby Council turns to Beta (planned): is an outsourcing")
    assert lines[turns + 1] == "    reported, plan, said by Ann Poe -> plans"
    numbers = [int(line.partition(":")[2].partition(" ")[0]) for line in lines if not line.startswith(" ")]
    assert numbers == sorted(numbers)
    assert len(numbers) == 20


def test_where_the_words_stand_is_printed_where_the_article_is_not_at_hand(
    run: Run, files: Path, tmp_path: Path
) -> None:
    done = run("claims", "show", files / "small.yaml", "--data", tmp_path)
    assert "    0-42 of Example Weekly, 3 March 2014, which is not at hand" in done.stdout.splitlines()
    assert list(tmp_path.iterdir()) == []


def test_a_view_is_printed_as_sentences_with_the_claims_that_they_follow_from(run: Run, files: Path) -> None:
    lines = run(
        "claims", "show", files / "small.yaml", "--articles", files, "--view", "established"
    ).stdout.splitlines()
    served = lines.index("Ashby Council: served by: Alpha Limited")
    assert lines[served + 1 : served + 3] == [
        "    derived: customer and provider, or buyer and supplier, of one",
        "    0-42: 'Ashby Council pays £5m a year to Alpha Ltd'",
    ]
    provides = lines.index("Alpha Limited: provides: Payroll of Ashby Council by Alpha")
    assert lines[provides + 1].startswith("    derived: ")
    assert not any("Beta" in line or "Gamma" in line for line in lines)
    plans = run("claims", "show", files / "small.yaml", "--articles", files, "--view", "plans").stdout
    assert "Ashby Council turns to Beta (planned): to: Beta Limited\n    said by Ann Poe\n" in plans


def test_every_sentence_of_every_view_of_the_seeds_rests_on_words(run: Run, facts: Path) -> None:
    for view in ("established", "plans", "rumours"):
        lines = run("claims", "show", facts, "--view", view).stdout.splitlines()
        sentences = [at for at, line in enumerate(lines) if not line.startswith(" ")]
        assert len(sentences) >= 30
        for at, after in zip(sentences, [*sentences[1:], len(lines)], strict=True):
            assert any("not at hand" in line for line in lines[at + 1 : after]), lines[at]


def test_what_is_at_fault_is_told_of_and_the_rest_printed(run: Run, files: Path, tmp_path: Path) -> None:
    path = tmp_path / "faulty.yaml"
    text = (files / "small.yaml").read_text(encoding="utf-8")
    path.write_text(
        text.replace("{serviceType: payroll, at: 33-54}", "{serviceType: pay, at: 33-54}", 1), encoding="utf-8"
    )
    done = run("claims", "show", path, "--articles", files)
    assert done.returncode == 0
    assert "'pay' is not a service type" in done.stderr
    assert done.stderr.endswith("19 claims\n")
    assert run("claims", "show", tmp_path / "none.yaml").returncode == 2
    assert run("claims", "show", path, "--articles", tmp_path / "none").returncode == 2


def test_check_warns_of_a_value_that_is_not_in_its_words(run: Run, files: Path, tmp_path: Path) -> None:
    path, data = tmp_path / "lie.yaml", tmp_path / "data"
    text = (files / "small.yaml").read_text(encoding="utf-8")
    path.write_text(text.replace("awardedValue: 5000000", "awardedValue: 6000000"), encoding="utf-8")
    assert run("load", "claims", path, "--data", data).stderr.count("warning") == 0
    assert "6000000" not in run("check", "--data", data).stderr
    assert run("documents", files, "--data", data).returncode == 0
    assert "awardedValue, 19-22: 6000000 is not in the words" in run("check", "--data", data).stderr
    assert "6000000 is not in the words" in run("load", "claims", path, "--data", data).stderr
