"""Headers that other bodies use, from the guidance and from what such bodies publish: read without a mapping."""

from decimal import Decimal
from pathlib import Path

import pytest

from civicgraph.seeds_loader.faults import SourceFileError
from tests.seeds_loader.tables.spending_rows import Row, read_spending

# Header and row, and who pays: the column where there is one, else the beginning of the file's name.
FORMS = {
    "departments": (
        "Department family,Entity,Date,Expense Type,Expense Area,Supplier,Transaction Number,Amount,Description",
        "Health,Barts NHS Trust,01/04/2023,Software,ICT,Capita plc,123,1200.50,Licences",
        "Barts NHS Trust",
    ),
    "local guidance": (
        "Body Name,Body,Service Category Label,Organisational Unit,Date,Transaction Number,Amount,Supplier Name",
        "Kent County Council,http://example.org/kent,ICT,Finance,2023-04-01,77,1200.50,Capita plc",
        "Kent County Council",
    ),
    "transport": (
        "Entity,Cost Centre,Expenditure Account,Vendor Name,Clearing Date,Amount (£)",
        'Transport Body,1,2,Capita plc,01 Apr 2023,"1,200.50"',
        "Transport Body",
    ),
    "ledger": (
        "Directorate,Vendor Name,Posting Date,Net Amount,Document No",
        "Place,Capita plc,01.04.2023,1200.50,9",
        "Dorset",
    ),
    "payee": (
        "Payee Name,Payment Date,Paid Amount (£),Cost Centre Description,Organisation Name",
        "Capita plc,01/04/2023,£1200.50,ICT,Dorset Council",
        "Dorset Council",
    ),
    "invoices": (
        "Council,Creditor Name,Invoice Date,Invoice Amount exc VAT,Expense Description",
        "Dorset Council,Capita plc,01-Apr-23,1200.50,ICT",
        "Dorset Council",
    ),
    "cards": (
        "Authority Name,Merchant Name,Transaction Date,Transaction Amount,Merchant Category",
        "Dorset Council,Capita plc,2023/04/01,1200.50,ICT",
        "Dorset Council",
    ),
    "police": (
        "Force,Supplier/Payee,Date of Payment,Total (ex VAT),Category",
        "Dorset Police,Capita plc,1 April 2023,1200.50,ICT",
        "Dorset Police",
    ),
    "semicolons": (
        "Body Name;Supplier Name;Payment Date;Amount excluding VAT",
        "Dorset Council;Capita plc;01/04/2023;1200.50",
        "Dorset Council",
    ),
    "a title above": (
        "Dorset Council payments over £500\n\nSupplier,Date,Amount",
        "Capita plc,01/04/2023,1200.50",
        "Dorset",
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_table_of_another_body_is_read(form: str, tmp_path: Path) -> None:
    header, row, buyer = FORMS[form]
    path = tmp_path / "dorset__2023-04.csv"
    path.write_text(f"{header}\n{row}\n", encoding="utf-8")
    (found,) = read_spending(path)
    assert isinstance(found, Row)
    assert (found.buyer.name, found.supplier.name) == (buyer, "Capita plc")
    assert (found.day.isoformat(), found.amount) == ("2023-04-01", Decimal("1200.50"))


@pytest.mark.parametrize(
    ("text", "line", "reason", "remedy"),
    [
        (
            'Date,Supplier,Amount\n2024-01-02,"Alpha Ltd,1\n2024-01-03,b,2\n',
            2,
            "a quotation mark is never closed",
            "close the mark",
        ),
        ("Supplier\nAlpha Ltd\n", None, "one column", "with commas"),
        (f"Date,Supplier,Amount\n2024-01-02,{'x' * 200_000},1\n", 2, "larger than field limit", "shorten its cells"),
    ],
)
def test_a_remedy_fits_its_fault(text: str, line: int | None, reason: str, remedy: str, tmp_path: Path) -> None:
    path = tmp_path / "dorset__2023-04.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SourceFileError) as caught:
        read_spending(path)
    assert caught.value.line == line
    assert reason in caught.value.reason
    assert remedy in caught.value.remedy
