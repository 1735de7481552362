"""Registers in the habits of councils: heads of two lines, periods in one cell, a sheet a month, totals, contacts."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter

from civicgraph.graph.records.types import ContractRecord, Party, Rejection
from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.seeds_loader.load_records import load_contracts
from civicgraph.seeds_loader.registers.contracts import open_register
from civicgraph.seeds_loader.tables.columns import known_headers, places
from civicgraph.seeds_loader.tables.table import read_table

Cells = Sequence[str | float | date | None]
HEAD = "Ref,Title,Supplier,Start date,End date,Value\n"


def read(path: Path) -> list[ContractRecord | Rejection]:
    return list(open_register(path).contracts())


def contracts(path: Path) -> list[ContractRecord]:
    found = read(path)
    assert not [one for one in found if isinstance(one, Rejection)]
    return [one for one in found if isinstance(one, ContractRecord)]


def text(folder: Path, content: str, name: str = "ashby__2024-06.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(content.encode(encoding))
    return path


def book(folder: Path, sheets: dict[str, Sequence[Cells]], merged: Sequence[str] = ()) -> Path:
    path = folder / "ashby__2024-06.xlsx"
    with xlsxwriter.Workbook(path, {"default_date_format": "dd/mm/yyyy"}) as made:
        for name, rows in sheets.items():
            sheet = made.add_worksheet(name)
            for at, row in enumerate(rows):
                sheet.write_row(at, 0, row)
            for cells in merged:
                sheet.merge_range(cells, rows[int(cells[1]) - 1][ord(cells[0]) - ord("A")])
    return path


def test_a_workbook_with_titles_a_head_of_two_lines_merged_cells_contacts_and_a_total(tmp_path: Path) -> None:
    rows: Sequence[Cells] = [
        ["Ashby Borough Council"],
        ["Contracts over £5,000 as at 1 April 2024"],
        [],
        [
            *("Contract", "", "Directorate", "Contract Dates", "", "Extension", "Contract Value", "", "Supplier"),
            *("", "", "SME", "Contract Owner", "Supplier Contact"),
        ],
        [
            *(
                "Ref",
                "Title",
                "",
                "Start",
                "End",
                "Options",
                "Total (£)",
                "Annual (£)",
                "Name",
                "Company No",
                "Charity No",
            ),
            *("(Yes/No)", "Officer", "Email"),
        ],
        [
            *("C1", "Payroll", "Finance", date(2023, 4, 1), date(2026, 3, 31), "2 x 12 months", 150000, 50000),
            *("Alpha Ltd", 1234567, None, "Yes", "Jane Smith", "jane@alpha.example"),
        ],
        [
            *("C2", "Telephones", None, date(2024, 4, 1), date(2025, 3, 31), "1+1", 60000.5, None),
            *("Beta plc", "SC123456", None, "No", "Jane Smith", "jo@beta.example"),
        ],
        [],
        [
            *("C3", "Day care", "Adults", "31st March 2024", "Rolling", None, "TBC", "£1,234 pa"),
            *("Gamma Trust", None, 1089464, "No", "Ann Other", "ann@gamma.example"),
        ],
        ["Total", None, None, None, None, None, 210000.5],
    ]
    path = book(tmp_path, {"Register": rows}, ["C6:C7", "D4:E4", "G4:H4", "I4:K4"])
    payroll, phones, care, total = contracts(path)
    assert [one.suppliers for one in (payroll, phones, care)] == [
        (Party("Alpha Ltd", ("GB-COH-01234567",)),),
        (Party("Beta plc", ("GB-COH-SC123456",)),),
        (Party("Gamma Trust", ("GB-CHC-1089464",)),),
    ]
    assert [one.value for one in (payroll, phones, care)] == [Decimal(150_000), Decimal("60000.5"), None]
    assert [(one.start, one.end, one.latest_end) for one in (payroll, phones, care)] == [
        (date(2023, 4, 1), date(2026, 3, 31), date(2028, 3, 31)),
        (date(2024, 4, 1), date(2025, 3, 31), date(2027, 3, 31)),
        (date(2024, 3, 31), None, None),
    ]
    entries = [one.entry for one in (payroll, phones, care) if one.entry]
    assert [(one.yearly_value, one.department, one.sme) for one in entries] == [
        (Decimal(50_000), "Finance", True),
        (None, "Finance", False),
        (Decimal(1_234), "Adults", False),
    ]
    assert total.guard == "total"
    report = load_contracts(DataFolder(tmp_path / "data"), [path]).report
    assert (report.read, report.loaded, dict(report.guarded)) == (4, 3, {"total": 1})
    assert report.pounds == {"loaded": Decimal("210000.5"), "total": Decimal("210000.5")}


def test_of_a_contract_that_each_sheet_of_a_month_has_the_last_counts(tmp_path: Path) -> None:
    head = ["Ref", "Contract title", "Supplier", "Start date", "End date", "Value"]
    months: dict[str, Sequence[Cells]] = {
        name: [head, ["1", "Cleaning", "A Ltd", date(2024, 1, 1), date(2026, 12, 31), value], [name, name, "B Ltd"]]
        for name, value in (("April", 100), ("May", 110))
    }
    found = [(one.title, one.value, one.guard) for one in contracts(book(tmp_path, months))]
    assert sorted(found, key=str) == [
        ("April", None, None),
        ("Cleaning", Decimal(100), "superseded-award"),
        ("Cleaning", Decimal(110), None),
        ("May", None, None),
    ]


@pytest.mark.parametrize(
    ("header", "cell", "start", "end"),
    [
        ("Contract period", "01/04/2024 - 31/03/2026", date(2024, 4, 1), date(2026, 3, 31)),
        ("Start, end and review dates", "1 April 2024, 31st March 2026; 1/5/2025", date(2024, 4, 1), date(2026, 3, 31)),
        ("Start date", "01/04/2024 to 31/03/2026", date(2024, 4, 1), date(2026, 3, 31)),
        ("Contract dates (dd/mm/yyyy)", "01/04/2024-31/03/2026", date(2024, 4, 1), date(2026, 3, 31)),
        ("Contract term", "Apr-24 \u2013 Mar-26", date(2024, 4, 1), date(2026, 3, 31)),
        ("End date", "31/03/2026 (or earlier)*", None, date(2026, 3, 31)),
        ("End date", "End of March 2026", None, date(2026, 3, 31)),
        ("End date", "Rolling, 12 months", None, None),
        ("Commencement", "1st of April 2024", date(2024, 4, 1), None),
        ("When did the contract start?", "Apr-24", date(2024, 4, 1), None),
        ("When does the contract end?", "February 2028", None, date(2028, 2, 29)),
    ],
)
def test_days_in_one_cell_and_months(
    tmp_path: Path, header: str, cell: str, start: date | None, end: date | None
) -> None:
    row = f'Ref,Title,Supplier,Value,"{header}"\n1,Roofs,A Ltd,5,"{cell}"\n'
    (one,) = [one for one in read(text(tmp_path, row)) if isinstance(one, ContractRecord)]
    assert (one.start, one.end) == (start, end)


def test_for_how_long_a_contract_runs_tells_its_end_and_a_second_column_its_extension(tmp_path: Path) -> None:
    row = "Ref,Title,Supplier,Start date,Duration,Extension option,Extension end date,Value\n"
    row += "1,A,A Ltd,01/04/2024,3 years,two 12 month extensions,,£15000pa\n2,B,A Ltd,01/04/2024,1 year,,31/03/2027,1\n"
    one, other = contracts(text(tmp_path, row))
    assert (one.end, one.latest_end, one.value) == (date(2027, 3, 31), date(2029, 3, 31), None)
    assert one.entry is not None
    assert one.entry.yearly_value == Decimal(15_000)
    assert (other.end, other.latest_end) == (date(2025, 3, 31), date(2027, 3, 31))


HEADERS = {
    "reference": ("Procurement reference", "Contract Code", "Ref No.", "Contract ID Number"),
    "title": ("Contract Title / Description", "Subject of Contract", "Agreement"),
    "department": ("Dept", "Directorate / Department", "Responsible Service", "Lead Department", "Business Area"),
    "start": ("Contract Award/Start Date", "Date Contract Starts", "Effective date", "Contract commenced"),
    "end": (
        "Expiry Date (excluding extensions)",
        "Contract End Date (without extension)",
        "Expires on",
        "Original end date",
    ),
    "review": ("Review / Renewal date", "Next Review"),
    "extension": (
        "Maximum Expiry Date (including extensions)",
        "Extensions available (months)",
        "Latest possible end date",
    ),
    "value": (
        "Estimated total contract value",
        "Total value (inc extensions)",
        "Overall value (exc VAT)",
        "Approx value",
    ),
    "yearly_value": (
        "Est. annual value",
        "Contract cost p.a.",
        "Average annual spend",
        "Yearly Contract Value",
        "Cost per year",
    ),
    "supplier": ("Contractor / Supplier", "Current supplier(s)", "Service Provider", "Supplier Company Name"),
    "company_number": ("Companies House No", "Co. Reg No", "Supplier Company Registration No."),
    "charity_number": ("Registered Charity No.",),
    "sme": ("SME (Y/N)", "SME or Voluntary Sector"),
    "vcse": ("VCS organisation", "Third sector"),
    "process": ("Tender Process Used", "ITT or ITQ"),
    "period": ("Contract Length (years)", "Duration (months)"),
}
NOT_READ = (
    "Contract Manager",
    "Supplier Contact",
    "Supplier Address",
    "Email",
    "Lead Officer",
    "Contact Name",
    "Savings value",
    "Supplier Email",
    "VAT registration number",
    "Company/Charity Registration Number",
    "Number of bidders",
    "Insurance value",
)


def test_headers_in_other_words_are_told_and_contacts_are_not_suppliers(tmp_path: Path) -> None:
    told = {header: role for role, headers in HEADERS.items() for header in headers} | dict.fromkeys(NOT_READ)
    found = {}
    for header in told:
        table = read_table(text(tmp_path, f"Link,{header}\nx,y\n"), known_headers(kind="contracts"))
        placed = places(table, {}, "contracts")
        found[header] = next((role for role, at in placed.items() if at), None)
    assert found == told


def test_a_length_has_the_unit_of_its_header(tmp_path: Path) -> None:
    head = "Ref,Title,Supplier,Start date,Contract Length (years),Extensions available (months),Value\n"
    (one,) = contracts(text(tmp_path, f"{head}1,Roofs,A Ltd,01/04/2024,3,12,5\n"))
    assert (one.end, one.latest_end) == (date(2027, 3, 31), date(2028, 3, 31))


def test_the_words_of_the_transparency_code_and_a_supplier_with_an_address(tmp_path: Path) -> None:
    head = (
        "Reference number;Title of agreement;Local authority department responsible;Supplier name and details;"
        "Sum to be paid over the length of the contract or the estimated annual spending or budget for the contract;"
        "Start, end and review dates;Whether or not the supplier is a small or medium sized enterprise and/or a "
        "voluntary or community sector organisation\n"
    )
    rows = "1;Café;Place;Lex Ltd, 1 High St, Ashby;£1.2m;01/04/2024 - 31/03/2026;Yes\nTotal;;;;£1,200,000;;\n"
    one, total = contracts(text(tmp_path, head + rows, encoding="cp1252"))
    assert (one.title, one.suppliers, one.value) == ("Café", (Party("Lex Ltd"),), Decimal(1_200_000))
    assert (one.start, one.end, total.guard) == (date(2024, 4, 1), date(2026, 3, 31), "total")
    assert one.entry is not None
    assert (one.entry.department, one.entry.sme) == ("Place", True)


def test_a_row_that_stands_twice_counts_once_and_suppliers_add_up(tmp_path: Path) -> None:
    row = "9,Care,{},01/04/2024,31/03/2026,{}\n"
    content = HEAD + "".join(row.format(*one) for one in (("A Ltd", "10.50"), ("A Ltd", "10.50"), ("B Ltd", "20.25")))
    (one,) = contracts(text(tmp_path, content, encoding="utf-16"))
    assert (one.value, len(one.suppliers)) == (Decimal("30.75"), 2)


def test_columns_that_nobody_knows_are_told_where_values_or_terms_are_lacking(tmp_path: Path) -> None:
    found = read(text(tmp_path, "Ref,Title,Supplier,Lifetime pot,Runs until\n1,Roofs,A Ltd,5,31/03/2026\n"))
    told = [one for one in found if isinstance(one, Rejection)]
    assert [(one.field, one.partial) for one in told] == [("header", True)] * 2
    assert all("'Lifetime pot', 'Runs until'" in one.reason for one in told)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16-le", "cp1252"])
def test_json_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    rows = '{"contracts": [{"ref": "1", "title": "Café", "supplier": "A Ltd", "end_date": "2026-03-31", "value": 5}]}'
    (one,) = contracts(text(tmp_path, rows, "ashby__2024.json", encoding))
    assert (one.title, one.end, one.value) == ("Café", date(2026, 3, 31), Decimal(5))


@pytest.mark.parametrize(
    ("cell", "value", "yearly"),
    [
        ("£1,000,000 (over 4 years)", 1_000_000, None),
        ("£60k over the contract term", 60_000, None),
        ("£45,000.50 (ex VAT)", Decimal("45000.50"), None),
        ("£25,000 (per annum)", None, 25_000),
        ("£30,000 each year for 3 years", None, 30_000),
        ("£5,000 p/a", None, 5_000),
        ("£500 per month", None, None),
        ("£50,000 - £100,000", None, None),
    ],
)
def test_sums_with_remarks(tmp_path: Path, cell: str, value: int | Decimal | None, yearly: int | None) -> None:
    path = text(tmp_path, f'{HEAD}1,Roofs,A Ltd,01/04/2024,31/03/2026,"{cell}"\n')
    (one,) = [one for one in read(path) if isinstance(one, ContractRecord)]
    assert one.entry is not None
    assert (one.value, one.entry.yearly_value) == (value, yearly)


def test_an_end_before_the_start_is_guarded(tmp_path: Path) -> None:
    report = load_contracts(
        DataFolder(tmp_path / "data"), [text(tmp_path, f"{HEAD}1,Roofs,A Ltd,31/03/2026,01/04/2024,5\n")]
    ).report
    assert (report.loaded, dict(report.guarded)) == (0, {"absurd-date": 1})
