"""Notices UK1 to UK17: what they tell of a process and of a contract's life, each asked for by a query."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from civicgraph.graph.records.types import ContractRecord, ProcessRecord, Rejection
from civicgraph.graph.snapshot.check import check
from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.seeds_loader.load_records import load_ocds
from tests.seeds_loader.ocds.reading import read_ocds

COMPETENCY = Path(__file__).parents[2] / "competency" / "records"
SUPPLIER = {"id": "S", "name": "Alpha Ltd"}


def document(kind: str, day: str = "2026-01-05") -> dict[str, str]:
    return {"id": f"0{kind[2:]}-2026", "noticeType": kind, "datePublished": f"{day}T10:00:00Z"}


def release(number: int, day: str, **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever a release has
    base = {"ocid": f"ocds-h6vhtk-{number}", "id": f"{number}-{day}", "date": f"{day}T09:00:00Z", "tag": ["contract"]}
    return base | {"buyer": {"name": "Ashby Council"}, "tender": {"id": "t", "title": "Payroll"}} | fields


def signed(**fields: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever a contract has
    period = {"startDate": "2024-04-01T00:00:00Z", "endDate": "2027-03-31T00:00:00Z"}
    value = {"amount": 100_000, "amountGross": 120_000, "currency": "GBP"}
    return {"id": "1", "awardID": "1", "status": "active", "period": period, "value": value} | fields


AWARDS = [{"id": "1", "status": "active", "suppliers": [SUPPLIER], "relatedLots": ["L1"]}]
RELEASES = [
    release(
        1,
        "2024-04-02",
        awards=AWARDS,
        contracts=[signed(documents=[document("UK7", "2024-04-02")])],
        tender={"id": "t", "title": "Payroll", "lots": [{"id": "L1", "title": "Lot 1: payroll"}]},
        relatedProcesses=[
            {"id": "1", "relationship": ["framework"], "scheme": "ocid", "identifier": "ocds-h6vhtk-900"},
            {"id": "2", "relationship": ["replacementProcess"], "scheme": "ocid", "identifier": "ocds-h6vhtk-800"},
        ],
    ),
    release(
        1,
        "2025-06-01",
        tag=["contractAmendment"],
        contracts=[
            {
                "id": "1",
                "awardID": "1",
                "documents": [document("UK10", "2025-06-01")],
                "amendments": [
                    {
                        "id": "A1",
                        "date": "2025-06-01T00:00:00Z",
                        "rationale": "Unforeseeable circumstances",
                        "description": "One year more",
                        "period": {"endDate": "2028-03-31T00:00:00Z"},
                        "value": {"amount": 130_000, "currency": "GBP"},
                        "suppliersAdded": [{"name": "Beta plc"}],
                        "suppliersRemoved": [SUPPLIER],
                    }
                ],
                "period": {"endDate": "2028-03-31T00:00:00Z", "maxExtentDate": "2029-03-31T00:00:00Z"},
            }
        ],
    ),
    release(
        1,
        "2025-09-01",
        contracts=[
            {
                "id": "1",
                "awardID": "1",
                "documents": [document("UK9", "2025-09-01")],
                "agreedMetrics": [
                    {
                        "id": "K1",
                        "title": "Payslips on time",
                        "observations": [
                            {"id": "o1", "measureClassification": {"id": "met"}},
                            {
                                "id": "o2",
                                "measureClassification": {"id": "significantlyBelow"},
                                "period": {"endDate": "2025-08-31T00:00:00Z"},
                            },
                        ],
                    }
                ],
                "implementation": {
                    "transactions": [{"id": n, "value": {"amount": n, "currency": "GBP"}} for n in (1000.5, 2000.25)],
                    "performanceFailures": [
                        {
                            "id": "F1",
                            "requirement": "Pay people",
                            "description": "Nobody was paid in July",
                            "decisionDate": "2025-08-15T00:00:00Z",
                            "penaltyValue": {"amount": 5000, "currency": "GBP"},
                        }
                    ],
                },
            }
        ],
    ),
    release(
        1,
        "2026-01-05",
        tag=["contractTermination"],
        contracts=[
            {
                "id": "1",
                "awardID": "1",
                "status": "terminated",
                "finalStatusDate": "2025-12-31T00:00:00Z",
                "documents": [document("UK11")],
                "terminationRationaleClassifications": [{"id": "termination", "description": "Termination"}],
            }
        ],
    ),
]


def write(folder: Path, *releases: Mapping[str, Any]) -> Path:
    path = folder / "notices.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in releases), encoding="utf-8")
    return path


def contract(path: Path) -> ContractRecord:
    (found,) = [one for one in read_ocds(path) if isinstance(one, ContractRecord)]
    return found


@pytest.mark.parametrize("kind", [f"UK{number}" for number in range(1, 18)])
def test_every_notice_is_known_by_its_document(tmp_path: Path, kind: str) -> None:
    section = {1: "planning", 2: "planning", 3: "planning", 4: "tender", 12: "tender"}.get(int(kind[2:]), "contracts")
    holder = {"id": "x", "title": "Payroll", "documents": [document("UK4", "2025-01-01"), document(kind)]}
    fields = {section: [holder] if section == "contracts" else holder}
    records = list(read_ocds(write(tmp_path, release(1, "2026-01-05", **fields))))
    assert not [one for one in records if isinstance(one, Rejection)]
    (process,) = [one for one in records if isinstance(one, ProcessRecord)]
    assert [(one.type, one.number) for one in process.notices][-1] == (kind, f"0{kind[2:]}-2026")


def test_the_life_of_a_contract_is_asked_for_by_queries(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    report = load_ocds(folder, [write(tmp_path, *RELEASES)]).report
    assert (report.read, report.loaded) == (2, 2)
    queries = {
        "SELECT ?end ?latest ?ended ?lot { ?c cg:end ?end ; cg:latestEnd ?latest ; cg:ended ?ended ; cg:lot ?lot }": [
            ["2028-03-31", "2029-03-31", "2025-12-31", "Lot 1: payroll"]
        ],
        "SELECT ?why { ?c a cg:Contract ; cg:endReason ?why }": [["terminatedByParty"]],
        "SELECT ?vat ?value { ?c a cg:Contract ; cg:vatBasis ?vat ; cg:awardedValue ?value }": [["netOfVat", "100000"]],
        "SELECT ?paid { ?c a cg:Contract ; cg:spendTo ?paid }": [["3000.75"]],
        "SELECT ?framework { ?c cg:callOffOf ?framework }": [["ocds-h6vhtk-900"]],
        "SELECT ?before { ?process cg:replaces ?before }": [["ocds-h6vhtk-800"]],
        """SELECT ?end ?value ?why ?added ?removed { ?e a cg:Change ; cg:ofContract ?c ;
            cg:newEnd ?end ; cg:newValue ?value ; cg:reason ?why ; cg:supplierAdded/rdfs:label ?added ;
            cg:supplierRemoved/rdfs:label ?removed }""": [
            ["2028-03-31", "130000", "Unforeseeable circumstances", "Beta plc", "Alpha Ltd"]
        ],
        """SELECT ?supplier ?what ?how ?date { ?e a cg:PerformanceFailure ; rdfs:label ?what ;
            cg:reason ?how ; cg:date ?date ; cg:ofContract/cg:supplier/rdfs:label ?supplier } ORDER BY ?what""": [
            ["Alpha Ltd", "Pay people", "Nobody was paid in July", "2025-08-15"],
            ["Alpha Ltd", "Payslips on time", "significantlyBelow", "2025-08-31"],
        ],
        "SELECT ?type { ?n cg:noticeOf ?process ; cg:noticeType ?type ; cg:publicationDate ?day } ORDER BY ?day": [
            [kind] for kind in ("UK7", "UK10", "UK9", "UK11")
        ],
    }
    with folder.open() as snapshot:
        for query, right in queries.items():
            rows = [[value_of(row[name]) for name in row] for row in snapshot.engine.select(query)]
            assert rows == right, query
        assert check(snapshot.engine) == []


BEFORE = release(
    800,
    "2020-01-01",
    awards=[{"id": "1", "status": "active", "suppliers": [{"id": "G", "name": "Gamma Ltd"}]}],
    contracts=[signed(period={"startDate": "2020-04-01T00:00:00Z", "endDate": "2024-03-31T00:00:00Z"})],
)


@pytest.mark.parametrize(
    ("question", "right"),
    [
        ("47-ended-early", [["Payroll", "2025-12-31", "2028-03-31", "terminated by a party", ""]]),
        (
            "49-failures",
            [
                ["Alpha Ltd", "Pay people", "Nobody was paid in July", "Ashby Council", ""],
                ["Alpha Ltd", "Payslips on time", "significantlyBelow", "Ashby Council", ""],
            ],
        ),
        ("55-changed", [["Payroll", "2025-06-01", "Alpha Ltd", "Beta plc", "100000", "130000"]]),
        ("62-continues", [["Ashby Council", "Payroll", "Gamma Ltd", "Payroll", "Alpha Ltd", "its procurement"]]),
        (
            "63-terminated",
            [["Payroll", "Alpha Ltd", "2025-12-31", "terminated by a party", "", "UK11 011-2026", "2026-01-05", ""]],
        ),
    ],
)
def test_questions_on_records_are_answered_from_notices(tmp_path: Path, question: str, right: list[list[str]]) -> None:
    folder = DataFolder(tmp_path / "data")
    load_ocds(folder, [write(tmp_path, BEFORE, *RELEASES)])
    query = (COMPETENCY / f"{question}.rq").read_text(encoding="utf-8")
    with folder.open() as snapshot:
        assert [[value_of(row[name]) for name in row] for row in snapshot.engine.select(query)] == right


def test_who_failed_and_why_a_procurement_ended_are_asked_for_by_queries(tmp_path: Path) -> None:
    parties = [{"id": name, "name": f"{name} Ltd"} for name in ("Alpha", "Beta")]
    failure = {"id": "F", "requirement": "Answer calls", "description": "Nobody did", "suppliers": [{"id": "Beta"}]}
    joint = release(
        5,
        "2026-01-05",
        parties=parties,
        awards=[{"id": "1", "status": "active", "suppliers": [{"id": "Alpha"}, {"id": "Beta"}]}],
        contracts=[signed(implementation={"performanceFailures": [failure]})],
    )
    tender = {
        "id": "t",
        "title": "Desks",
        "status": "unsuccessful",
        "finalStatusDate": "2026-02-03T00:00:00Z",
        "statusDetails": "No tender was within the budget",
        "documents": [document("UK12", "2026-02-04")],
    }
    folder = DataFolder(tmp_path / "data")
    load_ocds(folder, [write(tmp_path, joint, release(6, "2026-02-04", tender=tender))])
    queries = {
        "SELECT ?what ?who { ?e a cg:PerformanceFailure ; rdfs:label ?what ; cg:supplier/rdfs:label ?who }": [
            ["Answer calls", "Beta Ltd"]
        ],
        "SELECT ?stage ?day ?why { ?p cg:stage ?stage ; cg:ended ?day ; cg:reason ?why }": [
            ["unsuccessful", "2026-02-03", "No tender was within the budget"]
        ],
    }
    with folder.open() as snapshot:
        for query, right in queries.items():
            rows = [[value_of(row[name]) for name in row] for row in snapshot.engine.select(query)]
            assert rows == right, query
        assert check(snapshot.engine) == []


def value_of(term: object) -> str:
    return str(getattr(term, "value", "")).rpartition("#")[2].rpartition("/")[2]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("expiry", "expired"),
        ("Discharge of the contract", "discharged"),
        ("terminated by the supplier", "terminatedByParty"),
        ("rescission", "rescinded"),
        ("Set aside by a court order", "setAside"),
        ("other", None),
    ],
)
def test_how_a_contract_ended(tmp_path: Path, words: str, reason: str | None) -> None:
    ended = signed(status="terminated", terminationRationaleClassifications=[{"id": "1", "description": words}])
    one = contract(write(tmp_path, release(1, "2026-01-05", awards=AWARDS, contracts=[ended])))
    assert (one.end_reason, str(one.ended)) == (reason, "2027-03-31")


def test_nothing_told_is_nothing(tmp_path: Path) -> None:
    awards = [{"id": "1", "suppliers": [SUPPLIER], "relatedProcesses": [{"relationship": [{}], "identifier": 7}]}]
    assert contract(write(tmp_path, release(1, "2026-01-05", awards=awards))).life is None
