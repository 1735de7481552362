"""What a notice gives and no record can hold is said, field by field; what a later release corrects counts once."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from civicgraph.graph.records.types import ContractRecord, Rejection
from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.seeds_loader.load_records import load_ocds
from tests.seeds_loader.ocds.reading import read_ocds


def award(number: str, pounds: float, **fields: object) -> dict[str, Any]:
    return {
        "id": number,
        "date": "2025-01-31T00:00:00Z",
        "status": "active",
        "value": {"amount": pounds, "currency": "GBP"},
        "suppliers": [{"id": "S", "name": "Seddon Ltd"}],
        "contractPeriod": {"startDate": "2025-03-10T00:00:00Z", "endDate": "2025-06-30T00:00:00Z"},
        **fields,
    }


def written(folder: Path, *releases: dict[str, Any]) -> Path:
    path = folder / "notices.jsonl"
    base = {"ocid": "ocds-x-1", "tag": ["award"], "buyer": {"name": "Wirral Council"}, "tender": {"title": "Roof"}}
    path.write_text("".join(json.dumps(base | one) + "\n" for one in releases), encoding="utf-8")
    return path


def contracts(path: Path) -> dict[str, ContractRecord]:
    return {one.id: one for one in read_ocds(path) if isinstance(one, ContractRecord)}


def test_an_award_corrected_under_a_new_id_counts_once(tmp_path: Path) -> None:
    first = {"id": "a", "date": "2025-03-11T12:21:44Z", "awards": [award("1", 18848731)]}
    second = {"id": "b", "date": "2025-03-11T12:27:50Z", "awards": [award("2", 188487)]}
    found = contracts(written(tmp_path, second, first))
    assert (found["ocds-x-1-1"].guard, found["ocds-x-1-2"].guard) == ("superseded-award", None)
    assert found["ocds-x-1-2"].value == Decimal(188487)


@pytest.mark.parametrize(
    "changed",
    [
        {"suppliers": [{"id": "T", "name": "Other Ltd"}]},
        {"date": "2025-02-28T00:00:00Z"},
        {"contractPeriod": {"startDate": "2025-07-01T00:00:00Z", "endDate": "2025-09-30T00:00:00Z"}},
    ],
)
def test_another_award_of_the_process_is_no_correction(tmp_path: Path, changed: dict[str, Any]) -> None:
    first = {"id": "a", "date": "2025-03-11T12:21:44Z", "awards": [award("1", 100)]}
    second = {"id": "b", "date": "2025-03-11T12:27:50Z", "awards": [award("2", 200, **changed)]}
    assert {one.guard for one in contracts(written(tmp_path, first, second)).values()} == {None}


def test_awards_of_one_release_never_correct_each_other(tmp_path: Path) -> None:
    first = {"id": "a", "date": "2025-03-11T12:21:44Z", "awards": [award("1", 100)]}
    second = {"id": "b", "date": "2025-03-12T12:27:50Z", "awards": [award("1", 100), award("2", 200)]}
    assert {one.guard for one in contracts(written(tmp_path, first, second)).values()} == {None}


FAULTS = [
    ("awards/date", {"awards": [award("1", 9, date="soon")]}),
    ("awards/contractPeriod/endDate", {"awards": [award("1", 9, contractPeriod={"endDate": "31/12/2025"})]}),
    ("awards/value/amount", {"awards": [award("1", 9, value={"amount": "about 5"})]}),
    ("tender/datePublished", {"tender": {"datePublished": "2025"}}),
    ("tender/value/amount", {"tender": {"value": {"amount": "lots"}}}),
    ("contracts/dateSigned", {"contracts": [{"id": "1", "dateSigned": "2025-13-01"}]}),
    ("parties/identifier", {"parties": [{"id": "S", "identifier": {"scheme": "GB-COH", "id": "458577871"}}]}),
    ("parties/identifier", {"parties": [{"id": "S", "additionalIdentifiers": [{"scheme": "GB-CHC", "id": "x"}]}]}),
]


@pytest.mark.parametrize(("field", "fields"), FAULTS, ids=[f"{n}-{field}" for n, (field, _) in enumerate(FAULTS)])
def test_a_field_that_is_lost_is_said(tmp_path: Path, field: str, fields: dict[str, Any]) -> None:
    path = written(tmp_path, {"id": "a", "date": "2025-01-01T00:00:00Z"} | fields)
    (fault,) = [one for one in read_ocds(path) if isinstance(one, Rejection)]
    assert (fault.line, fault.field, fault.partial) == (1, field, True)
    assert fault.remedy


def test_what_is_lost_is_counted_and_costs_no_record(tmp_path: Path) -> None:
    release = {"id": "a", "date": "2025-01-01T00:00:00Z", "awards": [award("1", 9, date="soon")]}
    report = load_ocds(DataFolder(tmp_path / "data"), [written(tmp_path, release)]).report
    assert (report.read, report.loaded, report.as_json()["warned"]) == (2, 2, {"awards/date": 1})


def test_a_scheme_that_is_no_register_is_no_fault(tmp_path: Path) -> None:
    parties = [{"id": "S", "identifier": {"scheme": "GB-CFS", "id": "18525"}}, {"id": "T", "identifier": 7}]
    path = written(tmp_path, {"id": "a", "date": "2025-01-01T00:00:00Z", "parties": parties})
    assert [one for one in read_ocds(path) if isinstance(one, Rejection)] == []


def test_an_end_before_the_start_is_guarded(tmp_path: Path) -> None:
    period = {"startDate": "2025-06-30T00:00:00Z", "endDate": "2025-03-10T00:00:00Z"}
    release = {"id": "a", "date": "2025-01-01T00:00:00Z", "awards": [award("1", 9000, contractPeriod=period)]}
    report = load_ocds(DataFolder(tmp_path / "data"), [written(tmp_path, release)]).report
    assert dict(report.guarded) == {"absurd-date": 1}
