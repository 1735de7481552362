"""Contracts of several sources that are one: what decides, what goes to a person, and what never joins."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from civicgraph.graph.identity.contracts import resolve_contracts
from civicgraph.graph.identity.judgements import Judgement, JudgementError, read_judgements
from civicgraph.graph.records.rows import contract_row
from civicgraph.graph.records.types import ContractRecord, Party

START, END = date(2023, 4, 1), date(2026, 3, 31)


def line(
    key: str, title: str = "Payroll", value: int | None = 100, start: date = START, ref: str = "", **more: str
) -> str:
    """Return the row of a contract."""
    record = ContractRecord(
        id=key,
        title=title,
        buyers=(Party("Kent"),),
        suppliers=(Party("Serco"),),
        record="1",
        value=None if value is None else Decimal(value),
        currency="GBP",
        start=start,
        end=max(END, start),
        guard=more.get("guard"),
        references=(ref,),
    )
    return contract_row(record, ["organisation/kent"], [more.get("supplier", "organisation/serco")])


def decided(
    folder: Path, *sources: Sequence[str], judgements: Sequence[Judgement] = ()
) -> tuple[dict[str, str], dict[tuple[str, str], str]]:
    """Return which keys are replaced by which, and the kinds of the pairs that a person is asked about."""
    files = []
    for at, lines in enumerate(sources):
        files.append(folder / f"{at}.rows")
        files[-1].write_text("".join(lines), encoding="utf-8")
    found = resolve_contracts(files, {}, judgements)
    short = {key.partition("/")[2]: one.partition("/")[2] for key, one in found.canonical.items()}
    asked = {(one.left.partition("/")[2], one.right.partition("/")[2]): one.kind for one in found.doubtful}
    assert len(asked) == len(found.doubtful)
    return short, asked


@pytest.mark.parametrize(
    ("other", "tied", "kind"),
    [
        (line("ocds-1", "Payroll", 90, ref="C-17"), True, None),
        (line("ocds-1", "Payroll software"), True, None),
        (line("ocds-1", "Payroll", 90), False, "two of term value title"),
        (line("ocds-1", "Meals"), False, "two of term value title"),
        (line("ocds-1", "Payroll", start=date(2026, 4, 1), ref="C-17"), False, None),
        (line("ocds-1", "Meals", 5, date(2024, 1, 1), "C-17"), False, "reference alone"),
        (line("ocds-1", ref="C-17", supplier="organisation/capita"), False, "reference other party"),
        (line("ocds-1", supplier="organisation/capita"), False, None),
        (line("ocds-1", ref="C-17", guard="unsuccessful-award"), False, None),
    ],
)
def test_what_decides_and_what_a_person_is_asked(tmp_path: Path, other: str, tied: bool, kind: str | None) -> None:
    same, asked = decided(tmp_path, [line("c", ref="C/17")], [other])
    assert same == ({"c": "ocds-1"} if tied else {})
    assert list(asked.values()) == ([] if kind is None else [kind])


def test_lots_under_one_reference_are_told_apart_by_what_else_agrees(tmp_path: Path) -> None:
    lots = [line("ocds-1", "Roads", 70, ref="C-17"), line("ocds-2", "Parks", 90, ref="C-17")]
    assert decided(tmp_path, [line("c", "Parks", 90, ref="C-17")], lots)[0] == {"c": "ocds-2"}
    same, asked = decided(tmp_path, [line("c", "Council works", 160, ref="C-17")], lots)
    assert (same, len(asked)) == ({}, 2)


def test_a_contract_is_held_against_the_few_that_are_most_like_it(tmp_path: Path) -> None:
    register = [line(f"c{number}", f"Care placement {number}", 100 + number) for number in range(20)]
    notices = [line(f"ocds-{number}", f"Care placement {number}", 101 + number) for number in range(20)]
    same, asked = decided(tmp_path, register, notices)
    assert same == {}
    assert {("c7", "ocds-7"), ("c0", "ocds-0")} <= asked.keys()
    assert max(sum(key in pair for pair in asked) for key in ("c7", "ocds-7")) <= 5


def test_what_is_one_already_is_not_asked_of_again(tmp_path: Path) -> None:
    notices = [line("ocds-1", "Payroll", 100), line("ocds-2", "Payroll", 105)]
    assert decided(tmp_path, [line("c", "Payroll", 100)], notices) == ({"c": "ocds-1"}, {})


def test_a_person_decides_over_references_and_within_one_source(tmp_path: Path) -> None:
    apart = read_judgements("- different: [contract/c, contract/ocds-1]\n")
    assert decided(tmp_path, [line("c", ref="C-17")], [line("ocds-1", ref="C-17")], judgements=apart) == ({}, {})
    one = read_judgements("- same: [contract/c, contract/d]\n")
    assert decided(tmp_path, [line("c"), line("d", "Meals", 5)], judgements=one) == ({"d": "c"}, {})


@pytest.mark.parametrize("sides", ["contract/c, organisation/kent", "contract/c, Kent", "payments/c, Kent"])
def test_a_contract_is_no_organisation(sides: str) -> None:
    with pytest.raises(JudgementError, match="one kind"):
        read_judgements(f"- same: [{sides}]\n")


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3), st.integers(0, 2)), max_size=12))
@settings(max_examples=25, deadline=None)
def test_no_two_of_one_source_join_and_the_order_of_sources_does_not_matter(
    tmp_path_factory: pytest.TempPathFactory, given: list[tuple[int, int, int]]
) -> None:
    sources: list[list[str]] = [[], [], []]
    for at, (source, value, ref) in enumerate(given):
        sources[source].append(line(f"s{source}-{at}", "Payroll", value, ref=f"C-{ref}" if ref else ""))
    folder = tmp_path_factory.mktemp("sources")
    same, asked = decided(folder, *sources)
    groups: dict[str, list[str]] = {}
    for key in {*same, *same.values()}:
        groups.setdefault(same.get(key, key), []).append(key.partition("-")[0])
    assert all(len(set(members)) == len(members) for members in groups.values())
    again, _ = decided(folder, *reversed(sources))
    assert again == same
    assert not any(same.get(one, one) == same.get(other, other) for one, other in asked)
