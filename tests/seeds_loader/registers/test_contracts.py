"""Contracts registers in the shapes that councils publish: none needs a mapping file, and each field has its answer."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from civicgraph.graph.records.types import ContractRecord, Party, Rejection
from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.seeds_loader.faults import SourceFileError
from civicgraph.seeds_loader.load_records import load_contracts
from civicgraph.seeds_loader.registers.contracts import open_register
from tests.seeds_loader.tables.test_tables import document, said, text_row, workbook

DATA = Path(__file__).parents[4] / "shared/data/registers"
API = DATA.parent / "api"
FLATTENED = sorted({*DATA.glob("east_lancs_*.json"), *DATA.glob("*flat*.csv")})
LGA = (
    "OrganisationLabel,ContractReference,ContractTitle,ContractType,OrganisationalUnit,CPVCode,StartDate,EndDate,"
    "ReviewDate,LastExtensionDate,ContractValue,IrrecoverableVAT,SupplierName,CompaniesHouseRegistrationNumber,"
    "CharityCommissionNumber,SMESupplier,VCSESupplier,ProcessType\n"
    "Ashby Council,C-17,Payroll system,Single award contract,Finance,48450000-7,2023-04-01T00:00:00,"
    "2026-03-31T00:00:00,2025-09-30T00:00:00,2028-03-31T00:00:00,150000.00,0,Alpha Ltd,1234567,,true,false,"
    "Published invitation to tender\n"
)


def read(path: Path, mapping: Mapping[str, str] | None = None) -> list[ContractRecord | Rejection]:
    return list(open_register(path, mapping=mapping).contracts())


def contracts(path: Path, mapping: Mapping[str, str] | None = None) -> list[ContractRecord]:
    return [one for one in read(path, mapping) if isinstance(one, ContractRecord)]


def write(folder: Path, text: str | bytes, name: str = "ashby__2024-06.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_the_schema_of_the_local_government_association(tmp_path: Path) -> None:
    (one,) = contracts(write(tmp_path, LGA))
    assert (one.title, one.buyers, one.suppliers) == (
        "Payroll system",
        (Party("Ashby Council"),),
        (Party("Alpha Ltd", ("GB-COH-01234567",)),),
    )
    assert (one.start, one.end, one.latest_end) == (date(2023, 4, 1), date(2026, 3, 31), date(2028, 3, 31))
    assert (one.value, one.currency, one.vat, one.cpv) == (Decimal(150_000), "GBP", "", ("48450000",))
    assert one.published == date(2024, 6, 1)
    entry = one.entry
    assert entry is not None
    assert (entry.reference, entry.department, entry.review) == ("C-17", "Finance", date(2025, 9, 30))
    assert (entry.procedure, entry.sme, entry.vcse) == ("Published invitation to tender", True, False)


def one_of(folder: Path, headers: Sequence[str], cells: Sequence[str]) -> ContractRecord:
    rows = ["Ashby contracts register", "", *(",".join(f'"{cell}"' for cell in row) for row in (headers, cells))]
    (one,) = contracts(write(folder, "\n".join(rows) + "\n"))
    return one


@pytest.mark.parametrize(
    ("header", "cell", "value", "yearly", "vat"),
    [
        ("Total Contract Value (exc VAT)", "£1,234,567.00", 1_234_567, None, "net"),
        ("Contract value £000", "150", 150_000, None, ""),
        ("Value (£m)", "1.5", 1_500_000, None, ""),
        ("Estimated value inc VAT", "c. £50k", 50_000, None, "gross"),
        ("Contract Value", "£25,000 p.a.", None, 25_000, ""),
        ("Contract Value", "approx £1.2 million", 1_200_000, None, ""),
        ("Annual value", "25000", None, 25_000, ""),
        ("Value per annum (net)", "25000", None, 25_000, "net"),
        ("Contract Value", "TBC", None, None, ""),
        ("Contract Value", "0", None, None, ""),
    ],
)
def test_sums_of_a_whole_contract_and_of_a_year(
    tmp_path: Path, header: str, cell: str, value: int | None, yearly: int | None, vat: str
) -> None:
    headers = ("Ref", "Contract Name", "Supplier", "Start", "End", header)
    one = one_of(tmp_path, headers, ("R1", "Roofs", "Alpha Ltd", "01/04/2023", "31/03/2026", cell))
    assert one.entry is not None
    assert (one.value, one.entry.yearly_value, one.vat) == (value, yearly, vat)


@pytest.mark.parametrize(
    ("header", "cell", "latest"),
    [
        ("Extension options", "2 x 12 months", date(2028, 3, 31)),
        ("Option to extend", "Yes - up to 1 year", date(2027, 3, 31)),
        ("Extension Period", "1+1", date(2028, 3, 31)),
        ("Maximum end date", "31 March 2030", date(2030, 3, 31)),
        ("Final expiry date", "46112", None),
        ("Extension available", "Yes", None),
        ("Extension available", "subject to performance", None),
    ],
)
def test_the_latest_end(tmp_path: Path, header: str, cell: str, latest: date | None) -> None:
    headers = ("Ref", "Contract Name", "Supplier", "Start", "Expiry date", header)
    one = one_of(tmp_path, headers, ("R1", "Roofs", "Alpha Ltd", "01/04/2023", "31/03/2026", cell))
    assert (one.end, one.latest_end) == (date(2026, 3, 31), latest)


def test_notice_and_words_in_place_of_dates(tmp_path: Path) -> None:
    headers = ("Contract ID", "Agreement title", "Provider", "Commencement date", "End date", "Notice period")
    one = one_of(tmp_path, headers, ("R1", "Roofs", "Alpha Ltd", "Sat 1 April 2023", "Ongoing", "3 months"))
    assert one.entry is not None
    assert (one.start, one.end, one.entry.notice_months) == (date(2023, 4, 1), None, 3)


def test_a_workbook_of_a_row_a_supplier(tmp_path: Path) -> None:
    head = text_row(2, "Ref No", "Title", "Contractor", "Start date", "End date", "Contract Value")
    rows = [
        ("7", "Care", name, "01/04/2023", "31/03/2026", value) for name, value in (("A Ltd", "10"), ("B Ltd", "20"))
    ]
    rows.append(("8", "Meals", "C Ltd", "01/04/2023", "31/03/2026", "5"))
    sheet = text_row(1, "Register") + head + "".join(text_row(at, *row) for at, row in enumerate(rows, 3))
    care, meals = contracts(write(tmp_path, workbook(sheet), "ashby__2024.xlsx"))
    assert [party.name for party in care.suppliers] == ["A Ltd", "B Ltd"]
    assert (care.value, care.record) == (Decimal(30), "7 rows 1, 2")
    assert (meals.suppliers, meals.value) == ((Party("C Ltd"),), Decimal(5))


def test_an_open_document_with_one_sum_for_all_suppliers(tmp_path: Path) -> None:
    rows = [said("Reference", "Contract title", "Supplier name", "Contract start", "Contract end", "Total value")]
    rows += [said("7", "Care", name, "2023-04-01", "2026-03-31", "100") for name in ("A Ltd", "B Ltd")]
    (care,) = contracts(write(tmp_path, document(*rows), "ashby__2024.ods"))
    assert (len(care.suppliers), care.value) == (2, Decimal(100))


def test_several_suppliers_in_a_cell_of_a_web_page(tmp_path: Path) -> None:
    heads = "".join(f"<th>{name}</th>" for name in ("Contract Ref", "Title", "Supplier(s)", "Start date", "End date"))
    cells = "".join(f"<td>{cell}</td>" for cell in ("7", "Care", "A Ltd, B Ltd; Smith, Jones & Co", "1/4/2023", "n/a"))
    page = f"<html><table><tr>{heads}</tr><tr>{cells}</tr></table></html>"
    (one,) = contracts(write(tmp_path, page, "ashby__2024.xls"))
    assert [party.name for party in one.suppliers] == ["A Ltd", "B Ltd", "Smith, Jones & Co"]


def test_renewals_replace_by_reference_and_lots_stay_apart(tmp_path: Path) -> None:
    text = (
        "Ref,Title,Supplier,Start date,End date,Value\n"
        "7,Payroll 2019,A Ltd,01/04/2019,31/03/2022,10\n7,Payroll 2022,B Ltd,01/04/2022,31/03/2026,20\n"
        "8,Lot 1: roads,A Ltd,01/04/2022,31/03/2026,1000\n8,Lot 2: parks,B Ltd,01/04/2022,31/03/2026,2000\n"
        "N/A,Water,A Ltd,01/04/2022,31/03/2026,3000\nN/A,Gas,A Ltd,01/04/2022,31/03/2026,4000\n"
    )
    found = contracts(write(tmp_path, text))
    assert [int(one.value or 0) for one in found] == [10, 20, 1000, 2000, 3000, 4000]
    assert [one.guard for one in found] == ["superseded-award", *[None] * 5]
    assert len({one.id for one in found}) == 6
    (again,) = [one for one in contracts(write(tmp_path, text.replace("Payroll 2022", "Payroll"))) if one.value == 20]
    assert again.id == found[1].id


def test_a_framework_is_a_ceiling_and_a_call_off_is_not(tmp_path: Path) -> None:
    kinds = (("IT", "Framework agreement"), ("Laptops", ""), ("IT via framework", "Call-off"))
    text = "Ref,Title,Contract type,Supplier,Start date,End date,Value\n" + "".join(
        f"{at},{title},{kind},A Ltd,01/04/2022,31/03/2026,123000\n" for at, (title, kind) in enumerate(kinds)
    )
    report = load_contracts(DataFolder(tmp_path / "data"), [write(tmp_path, text)]).report
    assert (report.loaded, dict(report.guarded)) == (2, {"framework-ceiling": 1})


def test_fields_that_cannot_be_read_are_told_and_cost_no_row(tmp_path: Path) -> None:
    text = (
        "Ref,Title,Supplier,Start date,End date,Value,Currency\n"
        "1,Roofs,A Ltd,soon,31/03/2026,lots,GBP\n2,,A Ltd,,,5,GBP\n3,Gas,A Ltd,,,5,$\n"
    )
    found = read(write(tmp_path, text))
    told = [(one.line, one.field, one.partial) for one in found if isinstance(one, Rejection)]
    assert told == [(2, "start", True), (2, "value", True), (3, "title", False), (4, "currency", True)]
    assert len(found) - len(told) == 2


def test_payments_and_strange_tables_are_told(tmp_path: Path) -> None:
    payments = write(tmp_path, "Payment date,Supplier,Amount,Description\n01/04/2023,A,5,x\n")
    with pytest.raises(SourceFileError, match="civicgraph load spend"):
        open_register(payments)
    strange = write(tmp_path, "Wer,Was\na,b\n")
    with pytest.raises(SourceFileError, match="supplier or the title"):
        open_register(strange)
    assert contracts(strange, mapping={"supplier": "Wer", "title": "Was"})[0].title == "b"
    nobody = write(tmp_path, "Ref,Title,Supplier,Start date,End date\n1,a,b,,\n", "register.csv")
    with pytest.raises(SourceFileError, match="whose contracts"):
        open_register(nobody)


def test_each_field_is_asked_for_by_a_query_and_a_later_register_counts(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    later = LGA.replace("150000.00", "175000.00").replace("2026-03-31", "2027-03-31")
    load_contracts(folder, [write(tmp_path, later, "ashby__2024-12.csv"), write(tmp_path, LGA, "zz__2024-06.csv")])
    query = """SELECT ?ref ?value ?end ?latest ?unit ?review ?method ?sme ?vcse {
        ?one a cg:Contract ; cg:reference ?ref ; cg:awardedValue ?value ; cg:end ?end ; cg:latestEnd ?latest ;
            cg:responsibleUnit ?unit ; cg:reviewDate ?review ; cg:procurementMethod ?method ;
            cg:supplierIsSme ?sme ; cg:supplierIsVcse ?vcse }"""
    with folder.open() as snapshot:
        rows = [[getattr(row[name], "value", None) for name in row] for row in snapshot.engine.select(query)]
    assert rows == [
        [
            *("C-17", "175000", "2027-03-31", "2028-03-31", "Finance", "2025-09-30"),
            *("Published invitation to tender", "true", "false"),
        ]
    ]


@pytest.mark.skipif(not DATA.exists(), reason=f"the real files are not at {DATA}, beside the checkout")
@pytest.mark.parametrize("path", FLATTENED, ids=lambda path: path.stem)
def test_flattened_notices_load(tmp_path: Path, path: Path) -> None:
    report = load_contracts(DataFolder(tmp_path / "data"), [path]).report
    assert report.read == report.loaded + report.guarded.total()
    assert report.read in {14, 33, 70, 91, 94, 400}


@pytest.mark.skipif(not API.exists(), reason=f"the real files are not at {API}, beside the checkout")
def test_an_answer_of_the_older_interface_of_contracts_finder() -> None:
    (one,) = contracts(API / "contracts_finder_rest_v2_notice.json")
    assert (one.title, one.buyers[0].name, one.suppliers[0].name, one.value, one.cpv) == (
        *("Camera Equipment", "City of London Corporation", "Stagecast Limited"),
        *(Decimal(49_000), ("38651600",)),
    )
    assert (one.start, one.end, one.awarded) == (date(2024, 6, 26), date(2025, 6, 25), date(2024, 6, 12))
    assert one.entry is not None
    assert (one.entry.reference, one.entry.sme, one.entry.vcse) == ("tender_341965/1400539", False, False)


def test_american_dates_are_read_with_a_warning(tmp_path: Path) -> None:
    text = "Contract number,Contract title,Vendor,Begin,Expiry,Total contract value including VAT\n"
    text += '1,Roofs,A Ltd,04/01/2024,12/31/2026,"£1,200.00"\n2,Gas,B Ltd,05/01/2024,06/30/2025,600\n'
    found = read(write(tmp_path, text))
    days = [(one.start, one.end) for one in found if isinstance(one, ContractRecord)]
    assert days == [(date(2024, 4, 1), date(2026, 12, 31)), (date(2024, 5, 1), date(2025, 6, 30))]
    assert [one.vat for one in found if isinstance(one, ContractRecord)] == ["gross", "gross"]
    (told,) = [one for one in found if isinstance(one, Rejection)]
    assert (told.field, told.partial) == ("date", True)
    assert "month/day/year" in told.reason
    both = f"{text.replace('05/01/2024', '01/05/2024')}3,X,C Ltd,31/01/2024,31/12/2026,1\n"
    found = read(write(tmp_path, both))
    days = [(one.start, one.end) for one in found if isinstance(one, ContractRecord)]
    assert days == [
        (date(2024, 4, 1), date(2026, 12, 31)),
        (date(2024, 1, 5), date(2025, 6, 30)),
        (date(2024, 1, 31), date(2026, 12, 31)),
    ]
    (told,) = [one for one in found if isinstance(one, Rejection)]
    assert "04/01/2024 on line 2 as 2024-04-01, 01/05/2024 on line 3 as 2024-01-05" in told.reason


def test_the_words_of_the_code_of_practice_split_departments_and_serial_days(tmp_path: Path) -> None:
    text = (
        "Contract Ref;Description of the goods and/or services being provided;Directorate;Section;Supplier Name;"
        "Contract Start Date;Contract End Date;Annual Value (£)\n"
        "1;Café – roofs;Place;Housing;A Ltd;45383;46112;1,000\n2;Gas;Place;Place;B Ltd;45400;46500;2,000\n"
    )
    roofs, gas = contracts(write(tmp_path, text.encode("cp1252")))
    assert (roofs.title, roofs.start, roofs.end) == ("Café – roofs", date(2024, 4, 1), date(2026, 3, 31))
    assert [one.entry and (one.entry.department, one.entry.yearly_value) for one in (roofs, gas)] == [
        ("Place, Housing", Decimal(1000)),
        ("Place", Decimal(2000)),
    ]


def test_payments_without_a_title_are_answered_with_their_command(tmp_path: Path) -> None:
    with pytest.raises(SourceFileError, match="load it by: civicgraph load spend"):
        read(write(tmp_path, "Date,Supplier,Amount\n01/02/2024,A Ltd,5\n"))


def test_a_header_without_rows_is_no_register(tmp_path: Path) -> None:
    path = write(tmp_path, "Ref,Title,Supplier,Value\n")
    found = load_contracts(DataFolder(tmp_path / "data"), [path])
    assert [fault.reason for fault in found.unreadable] == ["a header and no rows"]
    assert found.manifest is None
