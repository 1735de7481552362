"""Guards that look at a contract alone: ceilings of frameworks, titles in place of suppliers, odd values."""

from datetime import date

import pytest

from civicgraph.graph.records.types import ContractRecord, Party
from civicgraph.seeds_loader.guards.guard import guard_contract
from tests.seeds_loader.guards.guarded_records import BUYER, contract

AS_TITLE = "title-as-supplier"
MANY = tuple(f"Firm {n} Ltd" for n in range(34))


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (contract("215_24 Specialist Vehicles", *MANY, value="400000000", buyer="Espo"), "framework-ceiling"),
        (
            contract("Vehicles", *MANY, value="400000000", buyer="Espo", hints=("description:call-off",)),
            "framework-ceiling",
        ),
        (contract("Repairs Framework", *MANY, value="175000000"), "framework-ceiling"),
        (contract("Repairs", *MANY[:5], hints=("technique:framework",)), "framework-ceiling"),
        (
            contract("Repairs", *MANY[:5], value="100000000", start=date(2025, 4, 1), end=date(2029, 3, 31)),
            "framework-ceiling",
        ),
        (contract("IMSORTS", value="173000000", buyer="Ministry of Defence"), None),
        (contract("Digital & Data Partner", value="60000000", start=date(2025, 1, 13), end=date(2029, 1, 12)), None),
        (contract("Aircraft", value="900000000", start=date(2025, 1, 1), end=date(2028, 12, 31)), None),
        (contract("Cabling, call-off from the YPO framework", value="900000", buyer="YPO"), None),
        (contract("Home to School DPS", *MANY[:12], value="776888.48", hints=("method:call-off",)), None),
        (contract("Governance framework review", value="90000"), None),
    ],
)
def test_framework_ceilings(record: ContractRecord, reason: str | None) -> None:
    assert guard_contract(record).guard == reason


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (
            contract("Development Control and Associated Software", "Development Control & Associated Software"),
            AS_TITLE,
        ),
        (contract("A New Software", "Anew software"), None),
        (contract("ICT Skill Training Licence", "ICT Skill Training Licence"), AS_TITLE),
        (contract("Provision of Parking Meters 2025", "Provision of parking meters"), AS_TITLE),
        (contract("Cleaning", "Contract award notice, see attached"), AS_TITLE),
        (contract("PF Consultancy Plus", "PF Consultancy Plus"), None),
        (contract("Bedford Pumps Ltd", "Bedford Pumps Ltd"), None),
        (contract("Domestic Abuse Services", "Independent Domestic Abuse Services (IDAS)"), None),
        (contract("Nominet", "Nominet"), None),
        (contract("Blue Prism Robot", "BLUE PRISM"), None),
    ],
)
def test_titles_as_suppliers(record: ContractRecord, reason: str | None) -> None:
    assert guard_contract(record).guard == reason


def test_an_identifier_makes_a_firm_of_a_title() -> None:
    known = ContractRecord(
        "1", "Winter Light Trail", (BUYER,), (Party("Winter Light Trail", ("GB-COH-01234567",)),), "a:1"
    )
    assert guard_contract(known).guard is None


@pytest.mark.parametrize("value", ["0", "0.01", "1", "-5", "9999999", "99999999.99", "123456", "10000000001", "NaN"])
def test_placeholder_values(value: str) -> None:
    assert guard_contract(contract(value=value)).guard == "absurd-amount"


@pytest.mark.parametrize("value", [None, "29", "9999", "1234", "999", "10000000000", "1234567.89", "99999.50"])
def test_small_and_odd_values_stay(value: str | None) -> None:
    assert guard_contract(contract(value=value)).guard is None
