import csv
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from civicgraph.graph.records.types import ContractRecord, Party
from civicgraph.seeds_loader.guards.guard import guard_contract
from civicgraph.seeds_loader.guards.rules import of_name
from tests.seeds_loader.guards.guarded_records import BUYER, Payment, contract, guards_of, payment
from tests.seeds_loader.tables.spending_rows import Row, read_spending

DATA = Path(__file__).parents[4] / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the real data is not beside the checkout")


@pytest.mark.parametrize(
    ("reason", "names"),
    [
        (
            "total",
            [
                "Grand Total",
                "TOTAL",
                "Sub-Total:",
                "Subtotal",
                "Total Spend",
                "Total for October",
                "Sum of Amount",
                "B/F",
                "C/Fwd",
                "Page 3 of 12 total",
                "Totals carried forward",
                "Total (£)",
            ],
        ),
        (
            "blank",
            ["", " ", "-", "N/A", "n.a.", "none", ".", "unknown", "Not known", "???", "Loan Investment/Repayments"],
        ),
        (
            "redacted",
            [
                "REDACTED",
                "Redacted Personal Data",
                "REDACTED COMMERCIAL CONFIDENTIALITY",
                "Name withheld",
                "Personal data",
                "Confidential",
                "Commercially sensitive",
                "Data Protection Act",
                "GDPR",
            ],
        ),
        (
            "individual",
            [
                "Mr J. Smith",
                "MRS ZABEEN AKHTAR",
                "Dr. Amir Khan",
                "MISS JOANNE O'SHEA",
                "MR NICHOLAS HALL & MS JEAN LAVERS",
                "PROFESSOR N A SOOMRO",
                "Individual",
                "Foster carer",
                "Foster Care - Bacs",
                "Sundry",
                "Client",
                "Pensioner",
                "Various - Total Expenses",
                "MISCELLANEOUS PAYMENTS BACS",
                "2019:09PD Physically Disabled",
                "HB Payments - Private Tenants",
                "Council Tax Reduction",
                "Household Support Fund",
                "DHP",
                "Refund of Council Tax",
                "Housing Rent Refunds",
                "Refunds - Leisure",
                "Petty cash reimbursement - Library",
                "Cash Float",
                "PAYE Control Account",
                "Councillors Allowances",
                "Foster Carer A",
                "Executors of the late J Smith",
            ],
        ),
        (
            "public-transfer",
            [
                "Leeds City Council",
                "ROTHERHAM METROPOLITAN BOROUGH COUN",
                "Calderdale Mbc",
                "City of London (Rent)",
                "HMRC - C1X2 CM & TP",
                "The Secretary Of State",
                "West Yorkshire Combined Authority",
                "DWP",
                "SOUTH YORKSHIRE FIRE & RESCUE AUTHORITY",
                "P & Cc For West Yorkshire",
                "NORTHUMBRIA POLICE",
                "TEACHERS PENSIONS",
                "West Yorkshire Pension Fund",
                "Nhs Leeds Clinical Commissioning Group",
                "HM Land Registry",
                "NHS SHEFFIELD CCG",
                "DEPARTMENT FOR COMMUNITIES & LOCAL GOVER",
                "Calder High School",
                "Carr Green J & I & N School",
                "LAPAGE PRIMARY ACADEMY",
                "The Greetland Academy Trust",
                "NHS North of England Commissioning Support Unit",
                "Tayside Valuation Joint Board",
                "Airedale Drainage Board",
            ],
        ),
        (
            None,
            [
                "TOTAL GAS & POWER LTD",
                "JLA Total Care",
                "Totaljobs Group",
                "Redactive Publishing Limited",
                "NA + RA Cryer",
                "Confidential Waste Ltd",
                "Data Protection Consulting Ltd",
                "Personal Care Specialists Ltd",
                "Dr Smith & Partners",
                "Mr Plumber Ltd",
                "St John Ambulance",
                "SIR ROBERT MCALPINE & SON LTD",
                "MS TRAVEL",
                "MR M QASIM T/A RK BUILDERS",
                "MR THOMAS`S",
                "PROF-CARE LTD",
                "FOSTERING PEOPLE",
                "Foster Care Associates",
                "Refugee Council",
                "British Safety Council",
                "Elders Council of Newcastle",
                "Seacroft Parochial Church Council",
                "Leeds Teaching Hospitals NHS Trust",
                "Leeds And York Partnership Nhs Ft",
                "ORDNANCE SURVEY",
                "NATIONAL FOSTERING AGENCY",
                "Legal & General Pensions Limited",
                "PMMG PENSION FUND",
                "Ministry Of Sound",
                "THE STATIONERY OFFICE",
                "Leeds Beckett University",
                "Leeds Grammar School",
                "Housing Support",
                "Tax Refunds Ltd",
                "Estate of Play Ltd",
                "Payroll Solutions",
                "Robert Half",
                "Richard Alan Engineeri",
                "Kids Academy",
                "Ferney Lee Primary School Out of School Club",
                "Ordnance Survey",
                "Leeds Beckett University",
                "GATESHEAD CBC LTD",
                "CITY OF BRADFORD BRASS BAND",
                "Yorkshire County Cricket Club",
                "COUNTRY COURT CARE HOMES",
                "Capita",
            ],
        ),
    ],
)
def test_names(reason: str | None, names: list[str]) -> None:
    assert {name: of_name(name) for name in names} == dict.fromkeys(names, reason)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (payment("Capita", "0"), "zero-amount"),
        (payment("Capita", "10000000000.01"), "absurd-amount"),
        (payment("Capita", "-10000000000.01"), "absurd-amount"),
        (payment("Capita", "10000000000"), None),
        (payment("Capita", day=date(1989, 12, 31)), "absurd-date"),
        (payment("Capita", day=date(2041, 1, 1)), "absurd-date"),
        (payment("Capita", "-0.01"), "refund"),
        (payment("Redacted", "-0.01"), "redacted"),
        (payment("Capita"), None),
    ],
)
def test_payments(row: Payment, reason: str | None) -> None:
    assert guards_of(row) == [reason]


def test_a_sum_is_known_by_its_amount() -> None:
    rows = [payment(f"Firm {n} Ltd", f"{n}.01") for n in range(1, 6)]
    assert guards_of(*rows, payment("All of it Ltd", "15.05")) == [None] * 5 + ["total"]


@pytest.mark.parametrize(
    "name",
    [
        *(
            "Housing Benefit",
            "HOUSING BENEFIT PAYMENTS",
            "Council Tax Refunds",
            "NNDR Refund",
            "Business Rates refunds",
        ),
        *("Petty Cash", "Slatyford Lane Imprest", "Imprest account", "Payroll", "Monthly salaries", "Staff wages BACS"),
        *("Council Tax Support", "Refunds", "Rent Allowance", "Discretionary Housing Payments refund"),
    ],
)
def test_money_to_many_persons_or_nobody_names_no_supplier(name: str) -> None:
    assert of_name(name) == "individual"


@pytest.mark.parametrize(
    "name",
    [
        *("Dataplan Payroll Limited", "Midland HR & Payroll Solutions", "Benefit Focus", "Tax Refund Services Ltd"),
        *("Refund Solutions", "Support Staffing", "West Yorkshire Pension Fund", "Expense Reduction Analysts"),
    ],
)
def test_firms_that_deal_with_pay_and_refunds_stay(name: str) -> None:
    assert of_name(name) not in ("individual", "possible-individual")


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        *((name, True) for name in ("Susan Lesley Mitchell", "EILEEN M MORGAN", "Karen Schober", "Alice O'Brien")),
        *(
            (name, False)
            for name in ("Holly House", "Matthew Clark", "Alexandra Website", "John Lewis", "Ann Summers Ltd")
        ),
        *(
            (name, False)
            for name in ("Ernst Young", "Serco", "Sarah", "Paul Simon Boyle Hunt", "J Smith", "Knight Frank")
        ),
    ],
)
def test_a_person_without_a_title_is_possible_in_payments_alone(name: str, is_one: bool) -> None:
    assert (of_name(name) == "possible-individual") is is_one
    assert guard_contract(contract("Payroll", name)).guard is None


def test_the_total_of_a_name_is_told_by_the_rows_that_have_it() -> None:
    names = ["Alpha Ltd", "Alpha Ltd Total", "Elf Total", "Beta", "BETA - Subtotal", "Beta - Sub-total:", "Beta Totals"]
    assert guards_of(*map(payment, names)) == [None, "total", None, None, None, "total", "total"]


def test_corrections_of_sales_count() -> None:
    assert guards_of(payment("Alpha Ltd", "-5"), payment("Redacted", "-5"), sales=True) == [None, "redacted"]


def test_dates_and_suppliers_of_contracts() -> None:
    assert guard_contract(contract(start=date(1900, 1, 1))).guard == "absurd-date"
    assert guard_contract(contract(end=date(2099, 1, 1))).guard is None
    assert guard_contract(contract(end=date(9999, 12, 31))).guard == "absurd-date"
    assert guard_contract(contract("x", "REDACTED")).guard == "redacted"
    assert guard_contract(contract("x", "REDACTED", "Capita")).guard is None
    # One council that serves another by contract is what the graph is about.
    assert guard_contract(contract("x", "Leeds City Council")).guard is None


@settings(max_examples=20, deadline=None)
@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60),
    st.decimals(-(10**14), 10**14, places=6),
    st.dates(date(1900, 1, 1), date(2099, 12, 31)),
)
def test_any_row_is_decided_and_decided_again_alike(name: str, amount: Decimal, day: date) -> None:
    row = Payment(name, amount, day)
    guard, again = guards_of(row, row)
    assert guard == again
    assert guard is not None or amount > 0


@given(st.text(max_size=60), st.text(max_size=60), st.none() | st.decimals())
def test_any_contract_is_decided(title: str, supplier: str, value: Decimal | None) -> None:
    record = ContractRecord("1", title, (BUYER,), (Party(supplier),), "a:1", value=value)
    guarded = guard_contract(record)
    assert guard_contract(guarded) == guarded


@given(st.sampled_from(["Ltd", "Limited", "plc", "LLP"]), st.from_regex(r"(Mr|Dr|Mrs) [A-Z][a-z]{2,8}", fullmatch=True))
def test_a_legal_form_makes_a_firm(form: str, name: str) -> None:
    assert of_name(f"{name} {form}") is None


def hhi(rows: Iterable[Payment]) -> float:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        sums[row.supplier] += row.amount
    whole = sum(sums.values())
    return float(sum((amount / whole) ** 2 for amount in sums.values()) * 10_000)


@needs_data
def test_concentration_of_g_cloud_is_that_of_its_sales_netted() -> None:
    raw = (DATA / "gcloud" / "G-Cloud-Spend-14-07-14-v2-For-import.csv").read_bytes().decode("mac_roman")
    sales = list(csv.DictReader(raw.replace("\r\n", "\n").replace("\r", "\n").split("\n")))
    assert len(sales) == 13_492
    for sector, before in ((None, 157), ("Local Government", 590)):
        rows = [
            Payment(sale["SupplierName"], Decimal(sale["EvidencedSpend"]))
            for sale in sales
            if sector in {None, sale["Sector"]}
        ]
        guards = guards_of(*rows, sales=True)
        assert set(guards) == {None, "zero-amount"}
        assert hhi(rows) == pytest.approx(before, abs=1)
        counted = (row for row, guard in zip(rows, guards, strict=True) if guard is None)
        assert hhi(counted) == pytest.approx(hhi(rows))


@needs_data
def test_council_spending_is_guarded_as_read() -> None:
    guards: Counter[str | None] = Counter()
    for path in sorted((DATA / "council_spend").glob("*.csv")):
        guards.update(row.guard for row in read_spending(path) if isinstance(row, Row))
    assert sum(guards.values()) == 237_916
    assert guards["total"] == 0
    assert guards["redacted"] == 23_830
    assert guards["refund"] == 611
    assert guards["public-transfer"] > 1_800


def test_what_a_record_says_of_itself_stays() -> None:
    cancelled = contract(value="0.01")._replace(guard="unsuccessful-award")
    assert guard_contract(cancelled) == cancelled
