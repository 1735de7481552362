"""Tables of any form: what is read, what is skipped, and what a torn or hostile file gives."""

import contextlib
import gzip
import io
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from civicgraph.graph.records.types import Rejection
from civicgraph.seeds_loader.faults import SourceFileError
from civicgraph.seeds_loader.tables.table import Table, read_table

PLAIN = "Date,Supplier,Amount\n2019-10-01,Serco,1.00\n2019-10-02,Capita,2.00\n"
KNOWN = frozenset(("date", "supplier", "amount", "paymentdate", "paymentamount"))
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
PACKAGE = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def table(folder: Path, content: bytes | str, name: str = "t.csv") -> Table:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_table(path, KNOWN)


def cells(found: Table) -> list[list[str]]:
    return [row[2] for row in found.rows() if not isinstance(row, Rejection)]


def fault(folder: Path, content: bytes | str, name: str = "t.csv") -> SourceFileError:
    with pytest.raises(SourceFileError) as caught:
        list(table(folder, content, name).rows())
    return caught.value


def workbook(*sheets: str, strings: str = "", styles: str = "", names: tuple[str, ...] = (), merged: str = "") -> bytes:
    """Return an .xlsx file with these rows of XML as its sheets."""
    labels = names or tuple(f"Sheet{at}" for at in range(1, len(sheets) + 1))
    listed = "".join(f'<sheet name="{name}" sheetId="{at}" r:id="r{at}"/>' for at, name in enumerate(labels, 1))
    related = "".join(
        f'<Relationship Id="r{at}" Type="{RELATIONS}/worksheet" Target="worksheets/sheet{at}.xml"/>'
        for at in range(1, len(sheets) + 1)
    )
    cells = f'<mergeCells><mergeCell ref="{merged}"/></mergeCells>' if merged else ""
    book = f'<Relationship Id="r1" Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/>'
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("_rels/.rels", f"<Relationships {PACKAGE}>{book}</Relationships>")
        archive.writestr(
            "xl/workbook.xml", f'<workbook {MAIN} xmlns:r="{RELATIONS}"><sheets>{listed}</sheets></workbook>'
        )
        archive.writestr("xl/_rels/workbook.xml.rels", f"<Relationships {PACKAGE}>{related}</Relationships>")
        archive.writestr("xl/sharedStrings.xml", f"<sst {MAIN}>{strings}</sst>")
        archive.writestr("xl/styles.xml", f"<styleSheet {MAIN}>{styles}</styleSheet>")
        for at, rows in enumerate(sheets, 1):
            archive.writestr(
                f"xl/worksheets/sheet{at}.xml", f"<worksheet {MAIN}><sheetData>{rows}</sheetData>{cells}</worksheet>"
            )
    return packed.getvalue()


def document(*rows: str) -> bytes:
    """Return an .ods file with these rows of XML as its one sheet."""
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    sheet = f'<table:table table:name="S">{"".join(rows)}</table:table>'
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", kind)
        archive.writestr(
            "META-INF/manifest.xml",
            '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
            f'<m:file-entry m:full-path="/" m:media-type="{kind}"/></m:manifest>',
        )
        archive.writestr(
            "content.xml",
            f"<office:document-content {spaces}><office:body><office:spreadsheet>{sheet}"
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return packed.getvalue()


def said(*texts: str) -> str:
    inside = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>' for text in texts
    )
    return f"<table:table-row>{inside}</table:table-row>"


def text_row(number: int, *texts: str) -> str:
    letters = "ABCDEFGH"
    inside = "".join(
        f'<c r="{letters[at]}{number}" t="inlineStr"><is><t>{text}</t></is></c>'
        for at, text in enumerate(texts)
        if text
    )
    return f'<row r="{number}">{inside}</row>'


HEAD = text_row(1, "Date", "Supplier", "Amount")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "mac-roman"])
def test_form_makes_no_difference(tmp_path: Path, end: str, delimiter: str, encoding: str) -> None:
    text = "Date,Supplier,Amount\n2019-10-01,O’Hara – Café,1.00\n".replace(",", delimiter).replace("\n", end)
    found = table(tmp_path, text.encode(encoding))
    assert found.headers == ("Date", "Supplier", "Amount")
    assert list(found.rows()) == [(1, 2, ["2019-10-01", "O’Hara – Café", "1.00"])]


def test_mixed_line_ends_keep_their_lines(tmp_path: Path) -> None:
    found = table(tmp_path, "Date,Supplier,Amount\r\n1,a,2\r3,b,4\n\r\n5,c,6")
    assert list(found.rows()) == [(1, 2, ["1", "a", "2"]), (2, 3, ["3", "b", "4"]), (3, 5, ["5", "c", "6"])]


@pytest.mark.parametrize(
    "mark", [b"\xef\xbb\xbf", "ï»¿".encode(), b"\xef\xbb\xbf\xef\xbb\xbf", "\ufeffï»¿".encode(), "Ôªø".encode()]
)
def test_byte_order_marks_however_mangled_are_no_part_of_the_header(tmp_path: Path, mark: bytes) -> None:
    found = table(tmp_path, mark + b'"Date","Supplier, name",Amount\n1,a,2\n')
    assert found.headers == ("Date", "Supplier, name", "Amount")


def test_utf8_with_a_stray_byte_stays_utf8(tmp_path: Path) -> None:
    content = "Date,Supplier,Amount\n1,Café Société,2\n".encode() + b"2,O\x92Hara,3\n"
    assert [row[1] for row in cells(table(tmp_path, content))] == ["Café Société", "O’Hara"]


def test_titles_blanks_and_repeated_headers_are_skipped(tmp_path: Path) -> None:
    text = (
        "Payments over £500\n\nOctober 2019,,\nDate,Supplier,Amount\n1,a,2\n,,\n  ,\t,\nDate,Supplier,Amount\n3,b,4\n"
    )
    found = table(tmp_path, text)
    assert list(found.rows()) == [(1, 5, ["1", "a", "2"]), (2, 9, ["3", "b", "4"])]
    assert found.line == 4
    assert list(found.rows()) == list(found.rows())


def test_a_header_of_two_rows_whose_upper_one_spans_columns(tmp_path: Path) -> None:
    found = table(tmp_path, "Payment,,Supplier\nDate,Amount,\n1,2,a\n")
    assert found.headers == ("Payment Date", "Payment Amount", "Supplier")
    assert cells(found) == [["1", "2", "a"]]


def test_headers_that_nobody_knows_are_still_found(tmp_path: Path) -> None:
    found = table(tmp_path, "A list of things\nWer,Wann,Wieviel\nx,2019,3\n")
    assert found.headers == ("Wer", "Wann", "Wieviel")


def test_records_over_several_lines_have_the_line_they_begin_on(tmp_path: Path) -> None:
    found = table(tmp_path, 'Date,Supplier,Amount\n1,"a\nb",2\n3,c,4\n')
    assert list(found.rows()) == [(1, 2, ["1", "a\nb", "2"]), (2, 4, ["3", "c", "4"])]


def test_rows_too_wide_or_with_a_nul_are_rejected_and_the_rest_stands(tmp_path: Path) -> None:
    found = table(tmp_path, "Date,Supplier,Amount\n1,a,2\n1,Smith, Jones,2\n3,b\0,4\n5,c\n6,d,7,,\n8,e,9\n")
    rows = list(found.rows())
    rejected = [row for row in rows if isinstance(row, Rejection)]
    assert [(row.line, row.reason) for row in rejected] == [(3, "4 cells under 3 headers"), (4, "a NUL in the text")]
    assert cells(found) == [["1", "a", "2"], ["5", "c", ""], ["6", "d", "7"], ["8", "e", "9"]]
    assert [row[0] for row in rows if not isinstance(row, Rejection)] == [1, 4, 5, 6]


def test_what_is_no_table_says_so(tmp_path: Path) -> None:
    assert "empty" in fault(tmp_path, b"").reason
    assert "empty" in fault(tmp_path, b"\xef\xbb\xbf\r\n").reason
    assert "web page" in fault(tmp_path, "<!DOCTYPE html><p>Not found").reason
    assert "PDF" in fault(tmp_path, b"%PDF-1.7").reason
    assert "packed by gzip" in fault(tmp_path, gzip.compress(PLAIN.encode())).reason
    assert "binary" in fault(tmp_path, PLAIN.encode("utf-16-le")).reason
    assert "binary" in fault(tmp_path, bytes(range(1, 256)) * 9).reason
    assert "header" in fault(tmp_path, "1,2\n3,4\n").reason
    with pytest.raises(SourceFileError, match="folder"):
        read_table(tmp_path)
    with pytest.raises(SourceFileError, match="No such file"):
        read_table(tmp_path / "absent.csv")


def test_a_line_without_end_is_refused_with_its_number(tmp_path: Path) -> None:
    error = fault(tmp_path, PLAIN.encode() + b"1," + b"x" * 50_000_000 + b",2\n3,b,4\n")
    assert (error.line, error.reason) == (4, "a line of more than 1 MB")


@pytest.mark.parametrize("tail", ['3,"half a ', '3,"half a\nmore, and\n', '3,c,"4\n'])
def test_a_quotation_mark_without_its_fellow_at_the_end_is_refused(tmp_path: Path, tail: str) -> None:
    assert "cut short" in fault(tmp_path, PLAIN + tail).reason


def test_a_quotation_mark_never_closed_is_refused_where_it_opens(tmp_path: Path) -> None:
    assert fault(tmp_path, PLAIN + '3,"open,4\n' + "5,c,6\n" * 50_000).line == 4


def test_a_file_cut_within_its_last_record_is_refused(tmp_path: Path) -> None:
    assert "cut short" in fault(tmp_path, PLAIN + "2019-10-03,Ser").reason


def test_many_lines_take_no_more_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text("Date,Supplier,Amount\n" + "2019-10-01,Serco,1.00\n" * 300_000)
    tracemalloc.start()
    assert sum(1 for _ in read_table(path).rows()) == 300_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8_000_000


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_bring_a_traceback(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    folder = tmp_path_factory.mktemp("bytes")
    with contextlib.suppress(SourceFileError):
        found = table(folder, content)
        for row in found.rows():
            assert isinstance(row, Rejection) or len(row[2]) == len(found.headers)


def test_a_workbook_reads_as_its_rows(tmp_path: Path) -> None:
    rows = (
        text_row(1, "Payments over 500")
        + text_row(3, "Date", "Supplier", "Amount")
        + '<row r="4"><c r="A4" s="1"><v>43739</v></c><c r="B4" t="s"><v>0</v></c>'
        + '<c r="C4"><v>1165.4000000000001</v></c></row>'
        + '<row r="6"><c r="A6" s="2"><v>43740.5</v></c><c r="C6"><f>SUM(C4)</f><v>12</v></c></row>'
        + '<row r="7"><c r="A7" s="1"><v>43741</v></c><c r="C7"><f>SUM(C4:C6)</f></c></row>'
    )
    styles = (
        '<numFmts><numFmt numFmtId="164" formatCode="[$-809]dd\\ mmm\\ yyyy"/></numFmts>'
        '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/></cellXfs>'
    )
    found = table(
        tmp_path, workbook(rows, strings="<si><r><t>Ser</t></r><r><t>co</t></r></si>", styles=styles), "t.xlsx"
    )
    assert found.line == 3
    assert list(found.rows()) == [
        (1, 4, ["2019-10-01", "Serco", "1165.4"]),
        (2, 6, ["2019-10-02", "", "12"]),
        (3, 7, ["2019-10-03", "", ""]),
    ]


def test_a_workbook_with_merged_headers(tmp_path: Path) -> None:
    rows = text_row(1, "Payment", "", "Supplier") + text_row(2, "Date", "Amount") + text_row(3, "1", "2", "a")
    assert table(tmp_path, workbook(rows), "t.xlsx").headers == ("Payment Date", "Payment Amount", "Supplier")


def test_cells_merged_over_rows_give_text_to_each_and_a_number_to_the_first(tmp_path: Path) -> None:
    rows = HEAD + '<row r="2"><c r="A2" t="inlineStr"><is><t>x</t></is></c><c r="B2"><v>5</v></c></row>'
    rows += '<row r="3"><c r="C3"><v>7</v></c></row><row r="4"/>'
    found = table(tmp_path, workbook(rows, merged="A2:A4"), "t.xlsx")
    assert cells(found) == [["x", "5", ""], ["x", "", "7"]]
    found = table(tmp_path, workbook(rows, merged="B2:B3"), "t.xlsx")
    assert cells(found) == [["x", "5", ""], ["", "(merged with the cell above)", "7"]]


def test_sheets_with_the_same_columns_are_one_table(tmp_path: Path) -> None:
    notes = text_row(1, "Notes", "about it")
    april = HEAD + text_row(2, "1", "a", "2") + text_row(3, "2", "a", "3", "too much")
    may = text_row(1, "May") + text_row(3, "Supplier", "Amount", "Date") + text_row(4, "b", "5", "4")
    assert cells(table(tmp_path, workbook(notes, april), "t.xlsx")) == [["1", "a", "2"]]
    found = table(tmp_path, workbook(april, notes, may, names=("April", "Notes", "May")), "t.xlsx")
    first, fault, last = found.rows()
    assert (first, last) == ((1, 2, ["1", "a", "2"]), (3, 4, ["4", "b", "5"]))
    assert isinstance(fault, Rejection)
    assert (fault.file, fault.line) == ("t.xlsx[April]", 3)


def test_sheets_with_other_columns_or_the_same_rows_are_refused(tmp_path: Path) -> None:
    april = HEAD + "".join(text_row(at, str(at), "a", "2") for at in range(2, 8))
    error = fault(tmp_path, workbook(april, text_row(1, "Supplier", "Amount"), names=("April", "Sums")), "t.xlsx")
    assert error.reason == "several tables with different columns: April, Sums"
    error = fault(tmp_path, workbook(april, april + text_row(8, "8", "b", "1"), names=("April", "Year")), "t.xlsx")
    assert error.reason == "6 rows of the sheet 'April' stand in 'Year' again"


def test_an_open_document_spreadsheet_is_read(tmp_path: Path) -> None:
    values = (
        '<table:table-row><table:table-cell office:value-type="date" office:date-value="2024-01-05"/>'
        '<table:table-cell office:value-type="string"><text:p>Alpha</text:p></table:table-cell>'
        '<table:table-cell office:value-type="currency" office:value="12.5"><text:p>£12.50</text:p></table:table-cell>'
        "</table:table-row>"
    )
    last = '<table:table-row table:number-rows-repeated="1048573"><table:table-cell/></table:table-row>'
    found = table(tmp_path, document(said("Date", "Supplier", "Amount"), values, last), "t.ods")
    assert cells(found) == [["2024-01-05", "Alpha", "12.5"]]


@pytest.mark.parametrize("start", ["", "<html><head><meta charset='utf-8'></head><body>", "\ufeff <!DOCTYPE html>"])
def test_a_table_of_a_web_page_saved_as_a_spreadsheet_is_read(tmp_path: Path, start: str) -> None:
    page = (
        f"{start}<table><tr><th>Date</th><th>Supplier</th><th>Amount</th></tr>"
        "<tr><td rowspan=2>1/6/2021</td><td>Caf\xe9</td><td> 1,000.00 </td></tr>"
        "<tr><td>Beta</td><td>5</td></tr></table>"
    )
    found = table(tmp_path, page, "t.xls")
    assert cells(found) == [["1/6/2021", "Caf\xe9", "1,000.00"], ["1/6/2021", "Beta", "5"]]


def test_cells_at_opposite_corners_are_refused_before_they_take_memory(tmp_path: Path) -> None:
    rows = HEAD + '<row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
    error = fault(tmp_path, workbook(rows), "t.xlsx")
    assert error.reason == "its cells are spread over 1,048,576 rows and 16,384 columns"


def test_hostile_or_torn_workbooks_are_refused(tmp_path: Path) -> None:
    entity = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    good = workbook(HEAD + text_row(2, "1", "a", "2"))
    assert "workbook" in fault(tmp_path, good[: len(good) // 2], "t.xlsx").reason
    assert "workbook" in fault(tmp_path, workbook("<row><c>" + "<x>" * 9), "t.xlsx").reason
    assert "workbook" in fault(tmp_path, b"\xd0\xcf\x11\xe0" + b"\0" * 600, "t.xls").reason
    repeated = '<table:table-row table:number-rows-repeated="1000000"><table:table-cell '
    repeated += 'table:number-columns-repeated="16000" office:value-type="float" office:value="3"/></table:table-row>'
    assert "workbook" in fault(tmp_path, document(repeated), "t.ods").reason
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", f"{entity}<workbook>&b;</workbook>")
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 100_000_000)
    assert "unpacks to more than" in fault(tmp_path, packed.getvalue(), "t.xlsx").reason
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("notes.txt", "about it")
    assert "not a workbook" in fault(tmp_path, other.getvalue(), "t.xlsx").reason
