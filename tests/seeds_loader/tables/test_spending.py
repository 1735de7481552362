"""Spending and sales tables: every record of every real file, counted and summed apart from the reader."""

import re
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from civicgraph.graph.records.types import Party, Rejection
from civicgraph.seeds_loader.faults import SourceFileError
from civicgraph.seeds_loader.tables.columns import find_columns, read_mapping, synonyms
from civicgraph.seeds_loader.tables.spending import buyer_from_name, open_spending
from tests.seeds_loader.tables.spending_rows import Row, read_spending

DATA = Path(__file__).parents[4] / "shared/data"
REAL = sorted(
    (*DATA.glob("council_spend/*.csv"), *DATA.glob("council_spend/as_published/*.csv"), *DATA.glob("gcloud/*.csv"))
)
AMOUNTS = (
    "Net Amount",
    "Net amount",
    "Amount",
    "Total (excludes VAT)",
    "Invoiced Value",
    "EvidencedSpend",
    "Total_Charge",
)
LEEDS = Party("Leeds City Council", cls="Council")
CELL = re.compile(r'(?:"((?:[^"]|"")*)"|([^,]*))(?:,|$)')


def counted_apart(path: Path) -> tuple[int, Decimal]:
    """Return how many records a file has, and their sum, without the reader and without a CSV parser."""
    text = path.read_bytes().decode("mac-roman" if path.parent.name == "gcloud" else "cp1252", "replace")
    header, *lines = [line for line in re.split(r"\r\n|\r|\n", text) if line.strip(', "\t')]
    assert all(line.count('"') % 2 == 0 for line in lines), "no cell of these files goes over a line"
    names = split(header)
    at = next(names.index(name) for name in AMOUNTS if name in names)
    amounts = (split(line)[at].strip().replace(",", "") for line in lines)
    return len(lines), sum((Decimal(text.replace("(", "-").rstrip(")")) for text in amounts), Decimal(0))


def split(line: str) -> list[str]:
    return [quoted.replace('""', '"') or bare for quoted, bare in CELL.findall(line)]


def spending(folder: Path, text: str, name: str = "leeds__2019-10.csv", **given: object) -> list[Row | Rejection]:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return read_spending(path, **given)  # type: ignore[arg-type]  # each test gives what the reader takes


def payments(rows: list[Row | Rejection]) -> list[Row]:
    return [row for row in rows if isinstance(row, Row)]


def rejections(rows: list[Row | Rejection]) -> list[Rejection]:
    return [row for row in rows if isinstance(row, Rejection)]


@pytest.mark.skipif(not REAL, reason="the real spending files are not beside the checkout")
@pytest.mark.parametrize("path", REAL, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_real_record_is_read_and_the_pounds_add_up(path: Path) -> None:
    rows = read_spending(path)
    loaded = payments(rows)
    records, pounds = counted_apart(path)
    assert len(rows) == len(loaded) + len(rejections(rows)) == records
    assert not rejections(rows)
    assert sum(row.amount for row in loaded) == pounds
    assert [row.row for row in loaded] == list(range(1, records + 1))
    assert not any("\ufffd" in row.supplier.name + row.buyer.name + row.what for row in loaded)


@pytest.mark.skipif(not REAL, reason="the real spending files are not beside the checkout")
def test_gcloud_is_what_is_known_of_it() -> None:
    found = {path.name: payments(read_spending(path)) for path in REAL if path.parent.name == "gcloud"}
    later, earlier = found["G-Cloud-Spend-14-07-14-v2-For-import.csv"], found["G-Cloud-Total-Spend-13-12-13.csv"]
    assert (len(later), len(earlier)) == (13_492, 4_699)
    assert round(sum(row.amount for row in later) / 10**6, 1) == Decimal("217.5")
    assert sum(row.amount < 0 for row in later) == 250
    assert Counter(row.marks.sector for row in later)["Local Government"] == 1_022
    assert {row.marks.lot for row in later} == {"1", "2", "3", "4"}
    assert not any("Â" in row.what or "â€" in row.what for row in later)
    assert any("VM® Virtual" in row.what for row in later)
    assert all(row.day.day == 1 for row in earlier)


@pytest.mark.skipif(not REAL, reason="the real spending files are not beside the checkout")
def test_real_headers_say_payments_or_sales() -> None:
    for path in REAL:
        found = open_spending(path, buyer=LEEDS).reported_by
        assert found == ("sales" if path.parent.name == "gcloud" else "payments")


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        ("Body,Name of Body,Date,Amount,Supplier Name,Supplier ID,VAT Reg No", {"buyer": 1, "date": 2, "amount": 3}),
        (
            "Body,Organisation Name,Date,Net Amount,Irrecoverable VAT,Supplier (Beneficiary) Name",
            {"buyer": 1, "amount": 3},
        ),
        ("Department family,Entity,Date,Expense type,Expense area,Supplier,Amount", {"buyer": 1, "supplier": 5}),
        ("Entity,Vendor Name,Expenditure Account,Clearing Date,Amount (£)", {"supplier": 1, "date": 3, "amount": 4}),
        ("Invoice Date,Payment Date,Payee,VAT Amount,Gross Amount,Net Amount", {"date": 1, "supplier": 2, "amount": 5}),
        ("SumOfAmount_Inc_VAT,SumOfAmount_Exc_VAT,Date,Supplier_Name", {"amount": 1}),
        ("Period,Updated,Supplier ID(T),Supplier ID,Amount", {"date": 1, "supplier": 2, "month": None}),
        ("DATE_PAID;Creditor  Name;amount excl. VAT", {"date": 0, "supplier": 1, "amount": 2}),
    ],
)
def test_headers_that_publishers_use(tmp_path: Path, header: str, chosen: dict[str, int | None]) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f"{header}\n")
    _, columns = find_columns(path, "spending", {})
    assert {role: next(iter(columns.get(role, ())), None) for role in chosen} == chosen


def test_no_column_of_nothing_but_vat_is_ever_an_amount(tmp_path: Path) -> None:
    for name in ("VAT", "VAT Amount", "Irrecoverable VAT", "Irrecoverable VAT Amount", "VAT Reg No"):
        with pytest.raises(SourceFileError, match="the amount"):
            spending(tmp_path, f"Date,Supplier,{name}\n2019-10-01,Serco,20\n")


def test_no_name_plays_two_roles() -> None:
    names = [name for role in synonyms().values() for name in role]
    assert [name for name, times in Counter(names).items() if times > 1] == []


def test_headers_that_cannot_be_placed_give_the_mapping_file_to_write(tmp_path: Path) -> None:
    text = "Wann,Wer,Wieviel\n2019-10-01,Serco,20\n"
    with pytest.raises(SourceFileError) as caught:
        spending(tmp_path, text)
    for part in ("'Wann', 'Wer', 'Wieviel'", "--mapping", "supplier: <", "amount: <", "date: <"):
        assert part in str(caught.value)
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text("supplier: wer\namount: Wieviel\ndate: Wann\n")
    (row,) = payments(spending(tmp_path, text, mapping=read_mapping(mapping)))
    assert (row.supplier.name, row.amount, row.buyer.name) == ("Serco", Decimal(20), "Leeds")


def test_a_mapping_goes_before_what_the_names_say(tmp_path: Path) -> None:
    text = "Date,Supplier,Net Amount,Gross Amount,Code,Text\n2019-10-01,Serco,20,24,x,y\n"
    mapping = tmp_path / "m.yaml"
    mapping.write_text("amount: Gross Amount\ndescription: [Text, Code]\n")
    (row,) = payments(spending(tmp_path, text, mapping=read_mapping(mapping)))
    assert (row.amount, row.what) == (Decimal(24), "x / y")


@pytest.mark.parametrize(
    ("mapping", "reason"),
    [
        ("suplier: A\n", "unknown role"),
        ("supplier:\n", "does not name a header"),
        ("date_order: backwards\n", "unknown order"),
        ("- a\n", "not a mapping"),
    ],
)
def test_a_mapping_that_says_nothing_of_use_is_refused(tmp_path: Path, mapping: str, reason: str) -> None:
    path = tmp_path / "m.yaml"
    path.write_text(mapping)
    with pytest.raises(SourceFileError, match=reason):
        read_mapping(path)


def test_a_mapping_to_a_header_that_is_not_there_lists_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(SourceFileError, match="the headers are: Date, Supplier, Amount"):
        spending(tmp_path, "Date,Supplier,Amount\n2019-10-01,a,1\n", mapping={"supplier": "Payee"})


def test_who_pays(tmp_path: Path) -> None:
    plain = "Date,Supplier,Amount\n2019-10-01,a,1\n"
    with_body = "Body name,Date,Supplier,Amount\nLeeds Homes,2019-10-01,a,1\n,2019-10-01,a,1\n"
    assert payments(spending(tmp_path, plain, buyer=LEEDS))[0].buyer == LEEDS
    assert payments(spending(tmp_path, plain))[0].buyer.name == "Leeds"
    assert [row.buyer.name for row in payments(spending(tmp_path, with_body))] == ["Leeds Homes", "Leeds"]
    with pytest.raises(SourceFileError, match="no column says who pays"):
        spending(tmp_path, plain, name="spending.csv")
    (lacking,) = rejections(spending(tmp_path, with_body, name="spending.csv"))
    assert (lacking.line, lacking.field) == (3, "buyer")
    assert buyer_from_name(Path("__x.csv")) is None


def test_rows_that_cannot_be_used_say_why_and_can_be_corrected(tmp_path: Path) -> None:
    text = 'Date,Supplier,Amount\n2019-10-01,a,1\n31/31/2019,"b, c",2\n2019-10-03,,x\n2019-10-04,,4\n'
    rows = spending(tmp_path, text)
    assert [(each.line, each.field) for each in rejections(rows)] == [(3, "date"), (4, "amount")]
    assert rejections(rows)[0].record == '31/31/2019,"b, c",2'
    assert [(row.row, row.supplier.name) for row in payments(rows)] == [(1, "a"), (4, "")]


def test_months_first_are_found_by_impossible_days_and_said(tmp_path: Path) -> None:
    text = "Date,Supplier,Amount\n01/02/2019,a,1\n12/31/2019,b,2\n"
    with pytest.raises(SourceFileError, match="month/day/year") as caught:
        spending(tmp_path, text)
    assert caught.value.line == 3
    rows = payments(spending(tmp_path, text, mapping={"date_order": "month first"}))
    assert [row.day.isoformat() for row in rows] == ["2019-01-02", "2019-12-31"]


@pytest.mark.parametrize(
    ("dates", "read"),
    [
        ("1/31/2019 2/1/2019 31/03/2019", "2019-01-31 2019-02-01 2019-03-31"),
        ("1/31/2019 2/1/2019 2/28/2019 3/3/2019 31/03/2019", "2019-01-31 2019-02-01 2019-02-28 2019-03-03 2019-03-31"),
        ("1/2/2019 31/1/2019 5/2/2019 2/28/2019", "2019-02-01 2019-01-31 2019-02-05 2019-02-28"),
        ("12/30/2019 3/4/2019 30/12/2019", "2019-12-30 2019-04-03 2019-12-30"),
    ],
)
def test_a_file_with_both_orders_is_read_by_the_rows_about_each(tmp_path: Path, dates: str, read: str) -> None:
    rows = spending(tmp_path, "Date,Supplier,Amount\n" + "".join(f"{day},a,1\n" for day in dates.split()))
    assert [row.day.isoformat() for row in payments(rows)] == read.split()
    (warning,) = rejections(rows)
    assert warning.partial
    assert "both month/day/year and day/month/year" in warning.reason


def test_days_with_names_and_numbers_of_excel(tmp_path: Path) -> None:
    days = ["Tue 5 March 2024", '"Tuesday, 5 March 2024"', "05/03/2024 Tuesday", "45356", "45356.0", '"Mar 5, 2024"']
    rows = spending(tmp_path, "Date,Supplier,Amount\n" + "".join(f"{day},a,1\n" for day in days))
    assert {row.day.isoformat() for row in payments(rows)} == {"2024-03-05"}
    assert len(rows) == len(days)


@pytest.mark.parametrize(
    ("header", "pounds"),
    [("Amount (£000)", 1500), ("Value £'000s", 1500), ("Total £m", 1_500_000), ("Amount £", Decimal("1.5"))],
)
def test_the_unit_of_the_header_counts(tmp_path: Path, header: str, pounds: Decimal) -> None:
    text = f"Date,Supplier,{header}\n2019-10-01,a,1.5\n"
    for mapping in (None, {"amount": header}):
        (row,) = payments(spending(tmp_path, text, mapping=mapping))
        assert row.amount == pounds
    (row,) = payments(spending(tmp_path, text, mapping={"unit": "millions"}))
    assert row.amount == 1_500_000


def test_a_unit_in_the_title_alone_is_not_guessed(tmp_path: Path) -> None:
    text = "All figures in £000s,,\nDate,Supplier,Amount\n2019-10-01,a,1.5\n"
    with pytest.raises(SourceFileError, match="unit: thousands"):
        spending(tmp_path, text)
    (row,) = payments(spending(tmp_path, text, mapping={"unit": "pounds"}))
    assert row.amount == Decimal("1.5")


@pytest.mark.parametrize(
    ("header", "row", "amount", "basis"),
    [
        ("Gross Amount,VAT", "1200.00,200.00", 1000, "net"),
        ("Gross Amount,VAT", "1200.00,", 1200, "net"),
        ("Gross Amount,Other", "1200.00,200.00", 1200, "gross"),
        ("Net Amount,VAT", "1000.00,200.00", 1000, "net"),
        ("Amount,VAT", "1000.00,200.00", 1000, ""),
        ("Amount incl. VAT,Other", "1000.00,1", 1000, "gross"),
    ],
)
def test_tax_with_a_column_of_its_own_is_taken_off(
    tmp_path: Path, header: str, row: str, amount: int, basis: str
) -> None:
    text = f"Date,Supplier,{header}\n2019-10-01,a,{row}\n"
    (found,) = payments(spending(tmp_path, text))
    assert found.amount == amount
    assert open_spending(tmp_path / "leeds__2019-10.csv").vat_basis == basis


def test_a_register_of_contracts_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceFileError, match=r"civicgraph load contracts leeds__2019-10\.csv"):
        spending(tmp_path, "Contract Ref,Contract Title,Supplier,Start Date,End Date,Amount\n1,a,b,2019-10-01,,1\n")


def test_pounds_in_any_spelling(tmp_path: Path) -> None:
    text = "Date,Supplier,Amount,Currency\n" + "".join(
        f"2019-10-01,a,1,{currency}\n" for currency in ("gbp", "£", "Pounds Sterling", "", "G.B.P.", "euro", "$")
    )
    rows = spending(tmp_path, text)
    assert [row.marks.currency for row in payments(rows)] == [*5 * ["GBP"], "EUR"]
    assert [each.reason for each in rejections(rows)] == ["in $"]


def test_identifiers_and_text(tmp_path: Path) -> None:
    text = (
        "Date,Supplier,Amount,Company Number,Charity Number,Currency\n"
        "2019-10-01, Serco\u00a0 Ltd ,1,2048608,,GBP\n2019-10-01,Womenâ€™s Aid,1,,1054154,\n2019-10-01,c,1,,,EUR\n"
    )
    rows = spending(tmp_path, text)
    assert [row.supplier for row in payments(rows)] == [
        Party("Serco Ltd", ("GB-COH-02048608",)),
        Party("Women’s Aid", ("GB-CHC-1054154",)),
        Party("c"),
    ]


def test_two_columns_of_one_name_are_not_guessed_between(tmp_path: Path) -> None:
    with pytest.raises(SourceFileError, match="two columns"):
        spending(tmp_path, "Date,Supplier,Amount,amount\n2019-10-01,a,1,2\n")
