"""A few made contracts and payments of one council: a framework, a refund, a transfer, a value that is not known."""

import json
from pathlib import Path

from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.seeds_loader.load_records import load_ocds, load_spend

AWARDS = (
    # id, supplier names, pounds, first and last day, what for
    ("1", ("Alpha Ltd",), 100_000, "2020-01-01", "2020-12-31", "payroll services"),
    ("2", ("Beta Ltd",), 50_000, "2020-03-01", "2021-02-28", "payroll services and IT support"),
    ("3", ("Alpha Ltd", "Beta Ltd", "Gamma Ltd"), 100, "2019-06-15", "2020-06-14", "IT support"),
    ("4", ("Gamma Ltd",), None, "2020-01-01", "2020-12-31", "roads"),
    # A framework: what its suppliers may be paid together, and no contract of that worth.
    ("5", tuple(f"Firm {letter} Ltd" for letter in "ABCDEFGHIJKL"), 400_000_000, "2020-01-01", "2020-12-31", "roads"),
)
PAYMENTS = """Supplier Name,Net Amount,Payment Date,Department,Purpose
Alpha Ltd,1000.10,2020-01-05,Finance,Payroll
Alpha Ltd,-400.05,2020-01-20,Finance,Payroll
Alpha Ltd,500.10,2020-01-31,Finance,Payroll
Beta Ltd,33.33,2020-02-01,Housing,Repairs
London Borough of Camden,5000,2020-01-09,Finance,Transfer
"""


def release(number: str, suppliers: tuple[str, ...], pounds: int | None, period: tuple[str, str], title: str) -> str:
    named = [{"id": f"s-{name}", "name": name} for name in suppliers]
    award = {
        "id": f"a{number}",
        "title": title,
        "status": "active",
        "date": f"{period[0]}T00:00:00Z",
        "suppliers": named,
        "contractPeriod": {"startDate": f"{period[0]}T00:00:00Z", "endDate": f"{period[1]}T00:00:00Z"},
    }
    if pounds is not None:
        award["value"] = {"amount": pounds, "currency": "GBP"}
    buyer = {"id": "b1", "name": "Testshire County Council"}
    parties = [{**buyer, "roles": ["buyer"]}, *({**one, "roles": ["supplier"]} for one in named)]
    found = {
        "ocid": f"ocds-test00-{number}",
        "id": f"r{number}",
        "date": "2020-01-01T00:00:00Z",
        "tag": ["award"],
        "initiationType": "tender",
        "parties": parties,
        "buyer": buyer,
        "tender": {"id": f"t{number}", "title": title},
        "awards": [award],
    }
    return json.dumps(found)


def load_records(folder: Path) -> DataFolder:
    """Load them into a new data folder within a folder."""
    awards = folder / "awards.jsonl"
    awards.write_text("\n".join(release(one[0], one[1], one[2], (one[3], one[4]), one[5]) for one in AWARDS) + "\n")
    payments = folder / "testshire-county-council__2020-01.csv"
    payments.write_text(PAYMENTS)
    data = DataFolder(folder / "data")
    load_ocds(data, [awards])
    load_spend(data, [payments])
    return data
