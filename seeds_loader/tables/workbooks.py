"""Spreadsheets as rows of text: .xlsx, .xls and .ods by calamine, and tables of web pages, which many save as .xls."""

import json
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial, reduce
from pathlib import Path
from typing import Any, Final

import orjson
from lxml import etree, html
from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from civicgraph.seeds_loader.faults import SourceFileError
from civicgraph.seeds_loader.tables.bytestreams import CP1252_FALLBACK, FREE_BYTES, MAX_LINE, MAX_RATIO
from civicgraph.seeds_loader.tables.cells import MERGED

MAX_CELLS: Final = 20_000_000
"""Cells of the smallest rectangle that holds all cells of a sheet: calamine keeps all of it in memory."""

_MAX_SPAN: Final = 1_000
_REFERENCE: Final = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{0,9})([0-9]{1,12})["']""")
_OVERLAP: Final = 64
_CHUNK: Final = 1 << 20
_WORKBOOKS: Final = ("xl/workbook.xml", "content.xml")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A visible sheet of a workbook, a table of a web page, or the lines of a text.

    Each call of `rows` yields each row anew, with its number and its cells as text; of a workbook or page those that
    are not blank. Dates are written as ISO dates, and numbers in the fewest digits that say the same. Text and dates of
    merged cells stand in each of their rows; a number stands in the first, and `MERGED` in the others, for it is not
    known how it divides.
    """

    name: str
    rows: Callable[[], Iterator[tuple[int, list[str]]]]


def open_workbook(path: Path) -> list[Sheet]:
    """Return the visible sheets of a workbook, in order.

    Raises
    ------
    SourceFileError
        The file is not a workbook, is damaged or locked, or is of absurd size.
    """
    try:
        if zipfile.is_zipfile(path):
            _check_archive(path)
        with path.open("rb") as file:
            # Given a path, calamine goes by its ending, which need not be true.
            book = CalamineWorkbook.from_filelike(file)
        return [
            Sheet(sheet.name, partial(_sheet_rows, path.name, book.get_sheet_by_name(sheet.name)))
            for sheet in book.sheets_metadata
            if sheet.typ is SheetTypeEnum.WorkSheet and sheet.visible is SheetVisibleEnum.Visible
        ]
    except PasswordError as error:
        raise SourceFileError(path.name, None, "locked by a password", "save it without one") from error
    except (CalamineError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        reason = f"not a sound workbook: {' '.join(str(error).split())[:160]}"
        raise SourceFileError(path.name, None, reason, "fetch it again, or save it anew as .xlsx") from error
    except OSError as error:
        raise SourceFileError(path.name, None, error.strerror or str(error), "name a readable file") from error


def open_page(path: Path) -> list[Sheet]:
    """Return the tables of a web page.

    Raises
    ------
    SourceFileError
        The page has none, or is too large.
    """
    if path.stat().st_size > FREE_BYTES:
        reason = f"a web page of more than {FREE_BYTES // 10**6} MB"
        raise SourceFileError(path.name, None, reason, "open it in a spreadsheet and save it as .xlsx")
    try:
        # What a page declares itself to be need not be true.
        tree = html.document_fromstring(path.read_bytes().decode("utf-8", CP1252_FALLBACK))
    except (etree.LxmlError, OSError, ValueError) as error:
        raise SourceFileError(path.name, None, f"not a sound web page: {error}", "fetch it again") from error
    tables = enumerate(tree.iter("table"), 1)
    return [Sheet(f"table {at}", partial(iter, _page_rows(table))) for at, table in tables]


def open_records(path: Path) -> list[Sheet]:
    """Return the first list of objects of a JSON file as a sheet: a column a key, those of objects within by both keys.

    What stands in objects beside the list is said of each of them, as a notice is of its awards.

    Raises
    ------
    SourceFileError
        The file is not JSON, is too large, holds no such list, or is OCDS.
    """
    if path.stat().st_size > FREE_BYTES:
        raise SourceFileError(path.name, None, f"JSON of more than {FREE_BYTES // 10**6} MB", "save it as .csv")
    try:
        raw = path.read_bytes()
        value = orjson.loads(raw.decode(json.detect_encoding(raw), CP1252_FALLBACK))
    except orjson.JSONDecodeError as error:
        raise SourceFileError(path.name, None, f"not sound JSON: {error.msg}", "fetch it again") from error
    found = list(_records(value))
    if any("ocid" in one or "releases" in one for one in found[:1]):
        remedy = f"load it by: civicgraph load ocds {path.name}"
        raise SourceFileError(path.name, None, "OCDS, not a table", remedy)
    rows = [dict(_flat(one)) for one in found]
    names = list(dict.fromkeys(name for row in rows for name in row))
    cells = [[row.get(name, "") for name in names] for row in rows]
    return [Sheet("records", partial(enumerate, [names, *cells], 1))] if rows else []


def _records(value: list[Any] | dict[str, Any]) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for one in value:
            if isinstance(one, dict):
                yield from _records(one) if one.get("awards") else (one,)
        return
    lists = (one for one in value.values() if isinstance(one, list) and one and isinstance(one[0], dict))
    beside = {key: one for key, one in value.items() if isinstance(one, dict)}
    yield from ({**beside, **one} for one in _records(next(lists, [])))


def _flat(value: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, inner in value.items():
        if isinstance(inner, dict):
            yield from _flat(inner, f"{prefix}{key}.")
        elif isinstance(inner, list):
            yield f"{prefix}{key}", "; ".join(str(one) for one in inner if isinstance(one, str | int | float))
        else:
            yield f"{prefix}{key}", "" if inner is None else _text(inner)


def _check_archive(path: Path) -> None:
    """Refuse an archive that is not a workbook, unpacks to absurd size, or spreads few cells over a vast sheet."""
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        if "xl/workbook.bin" in names:
            raise SourceFileError(path.name, None, "a binary workbook (.xlsb)", "save it as .xlsx")
        if names.isdisjoint(_WORKBOOKS):
            raise SourceFileError(path.name, None, "a zip archive, not a workbook", "unpack it and load what is in it")
        size = sum(member.file_size for member in archive.infolist())
        if size > max(FREE_BYTES, path.stat().st_size * MAX_RATIO):
            reason = f"unpacks to more than {MAX_RATIO} times its size"
            raise SourceFileError(path.name, None, reason, "save it as .csv if it is what it should be")
        for name in sorted(names):
            if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                _check_extent(path, archive, name)


def _check_extent(path: Path, archive: zipfile.ZipFile, part: str) -> None:
    rows, columns, before = 0, 0, b""
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            found = _REFERENCE.findall(before + chunk)
            rows = max(rows, max((int(number) for _, number in found), default=0))
            for letters in {letters.upper() for letters, _ in found}:
                # "A" is column 1 and "XFD" column 16,384.
                columns = max(columns, reduce(lambda place, letter: place * 26 + letter - 64, letters, 0))
            before = chunk[-_OVERLAP:]
    if rows * columns > MAX_CELLS:
        reason = f"its cells are spread over {rows:,} rows and {columns:,} columns"
        raise SourceFileError(path.name, None, reason, "delete what stands beyond the table (Ctrl+End shows where)")


def _sheet_rows(file: str, sheet: CalamineSheet) -> Iterator[tuple[int, list[str]]]:
    merged = _merged(sheet)
    held: dict[tuple[int, int], object] = {}
    for at, given in enumerate(sheet.iter_rows()):
        values: list[object] = list(given)
        filled = merged.get(at, ())
        if filled and any(value != "" for value in values):
            for row, column in filled:
                if row == at:
                    held[row, column] = values[column]
                elif (value := held.get((row, column), "")) != "" and values[column] == "":
                    values[column] = MERGED if isinstance(value, int | float) else value
        # The grid is as wide as its widest row.
        while values and values[-1] == "":
            values.pop()
        cells = [value if type(value) is str else _text(value) for value in values]
        if sum(map(len, cells)) > MAX_LINE:
            raise SourceFileError(file, at + 1, "a row of more than 1 MB", "shorten its cells")
        if any(map(str.strip, cells)):
            yield at + 1, cells


def _merged(sheet: CalamineSheet) -> dict[int, list[tuple[int, int]]]:
    """Return for each row the cells of several rows that reach it, by where they begin, counted within the grid."""
    left = 0 if sheet.start is None else sheet.start[1]
    reaching: dict[int, list[tuple[int, int]]] = {}
    for (top, first), (bottom, _) in sheet.merged_cell_ranges or ():
        if top < bottom and 0 <= first - left < sheet.width + left:
            for row in range(top, min(bottom, top + _MAX_SPAN) + 1):
                reaching.setdefault(row, []).append((top, first - left))
    return reaching


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 10**15 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)


def _page_rows(table: html.HtmlElement) -> list[tuple[int, list[str]]]:
    rows: list[tuple[int, list[str]]] = []
    over: dict[int, tuple[int, str]] = {}
    for row in table.iter("tr"):
        cells: list[str] = []
        for cell in row.iter("td", "th"):
            _take_over(cells, over)
            text = " ".join(cell.text_content().split())
            wide, high = _span(cell, "colspan"), _span(cell, "rowspan")
            if high > 1:
                over[len(cells)] = (high - 1, text)
            cells += [text, *[""] * (wide - 1)]
        _take_over(cells, over)
        if any(map(str.strip, cells)):
            rows.append((row.sourceline or 0, cells))
    return rows


def _take_over(cells: list[str], over: dict[int, tuple[int, str]]) -> None:
    """Add the cells of rows above that reach down to here."""
    while len(cells) in over:
        left, text = over.pop(at := len(cells))
        if left > 1:
            over[at] = (left - 1, text)
        cells.append(MERGED if text[-1:].isdigit() and not re.search(r"[^\W\d_]{2}|/|-\d", text) else text)


def _span(cell: html.HtmlElement, name: str) -> int:
    text = cell.get(name, "1")
    return min(int(text), _MAX_SPAN) if text.isascii() and text.isdigit() and text != "0" else 1
