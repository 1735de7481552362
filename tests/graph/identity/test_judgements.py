import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civicgraph.graph.identity.judgements import (
    Judgement,
    JudgementError,
    read_judgements,
    without,
    written,
)

FILE = """\
# what was looked up
- same: [Huddle, NINIAN SOLUTIONS LTD]
  why: its annual report says so
  by: a.person
  date: 2026-11-22
- different: [organisation/capita, CAPITA BUSINESS SERVICES LTD]
"""


def test_a_file_is_read_with_the_lines_of_its_entries() -> None:
    same, different = read_judgements(FILE)
    assert (same.same, same.left, same.why, same.date, same.line) == (
        True,
        "Huddle",
        "its annual report says so",
        dt.date(2026, 11, 22),
        2,
    )
    assert different.keys == ("organisation/capita", "organisation/capita-business-services-ltd")
    assert read_judgements("") == read_judgements("# nothing yet\n") == []


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("same: [a, b]", 1, "not a list"),
        ("- same: [a, b]\n- [a, b]", 2, "not a judgement"),
        ("- same: [a]", 1, "not two names"),
        ("- same: [a, b]\n- same: [a, '']", 2, "not two names"),
        ("- same: [a, b]\n  different: [a, b]", 1, "2 verdicts"),
        ("- why: because", 1, "0 verdicts"),
        ("- same: [a, b]\n  wy: because", 2, "'wy'"),
        ("- same: [a, b]\n  same: [c, d]", 2, "twice"),
        ("- same: [a, b]\n  date: yesterday", 2, "not a date"),
        ("- same: [a, b]\n  why: [x]", 2, "not text"),
        ("- same: [a, organisation/Not A Key]", 1, "kind/slug"),
        ("- same: [a, b", 1, "not YAML"),
        ("- same: [a, b\0]", 1, "not YAML"),
        ("[" * 5000, 1, "too deeply"),
    ],
)
def test_a_fault_is_named_with_its_line(text: str, line: int, reason: str) -> None:
    with pytest.raises(JudgementError, match=reason) as caught:
        read_judgements(text)
    assert caught.value.line == line


names = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20).map(str.strip).filter(bool)


@given(st.booleans(), names, names, names)
def test_what_is_written_is_read_again(same: bool, left: str, right: str, why: str) -> None:
    judgement = Judgement(same, left, right, why, "", dt.date(2026, 1, 2), 1)
    if "/" not in left + right:
        assert read_judgements(written(judgement)) == [judgement]


def test_undoing_takes_out_one_entry_and_nothing_else() -> None:
    assert without(FILE, "CAPITA BUSINESS SERVICES LIMITED", "organisation/capita") == FILE.partition("- different")[0]
    assert (
        without(FILE, "Ninian Solutions Ltd", "huddle")
        == "# what was looked up\n" + "- different" + FILE.partition("- different")[2]
    )
    assert without(FILE, "Huddle", "Capita") == FILE
    with pytest.raises(JudgementError, match="one line"):
        without("[{same: [a, b]}, {same: [c, d]}]", "a", "b")
