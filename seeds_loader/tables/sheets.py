"""The first table of an .xlsx workbook as rows of text, in constant memory.

Read here and not through a library, because the files are strangers': python-calamine lays a sheet out as one dense
grid, so two cells at opposite corners end the process, and it drops a formula that has no stored value, moving the
cells beside it; openpyxl has had no release since 2024 and gives such a formula as an empty cell, so a missing amount
looks like one that nobody entered. What is needed is small: shared strings, which styles are dates, and the rows.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from lxml import etree

from civicgraph.seeds_loader.faults import SourceFileError
from civicgraph.seeds_loader.tables.bytestreams import FREE_BYTES, MAX_LINE, MAX_RATIO

MAX_STRINGS: Final = 256_000_000
"""Bytes of a workbook's shared strings, which have to be in memory."""

MAX_COLUMNS: Final = 16_384

_REL: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_BUILT_IN_DATES: Final = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
_NOT_CODE: Final = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
_REFERENCE: Final = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_EPOCHS: Final = {False: date(1899, 12, 30), True: date(1904, 1, 1)}


@dataclass(frozen=True, slots=True)
class Workbook:
    """What the cells of a workbook refer to, and its visible sheets in order: name and part."""

    path: Path
    sheets: tuple[tuple[str, str], ...]
    strings: tuple[str, ...]
    dates: frozenset[int]
    epoch: date


def open_workbook(path: Path) -> Workbook:
    """Return a workbook's strings, styles and sheets.

    Raises
    ------
    SourceFileError
        The file is no .xlsx workbook, is damaged, or unpacks to absurd size.
    """
    with _faults(path), zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        if "xl/workbook.xml" not in names:
            raise SourceFileError(path.name, None, "a zip archive, no .xlsx workbook", "unpack it, or save as .xlsx")
        size = sum(member.file_size for member in archive.infolist())
        if size > max(FREE_BYTES, path.stat().st_size * MAX_RATIO):
            reason = f"unpacks to more than {MAX_RATIO} times its size"
            raise SourceFileError(path.name, None, reason, "save it as .csv if it is what it should be")
        book = _tree(archive, "xl/workbook.xml")
        targets = _targets(archive) if "xl/_rels/workbook.xml.rels" in names else {}
        sheets = tuple(
            (sheet.get("name", ""), targets[sheet.get(_REL, "")])
            for sheet in book.iterfind("{*}sheets/{*}sheet")
            if sheet.get("state", "visible") == "visible" and targets.get(sheet.get(_REL, "")) in names
        )
        properties = book.find("{*}workbookPr")
        late = properties is not None and properties.get("date1904") in ("1", "true")
        dates = _date_styles(archive) if "xl/styles.xml" in names else frozenset[int]()
        strings = tuple(_strings(archive)) if "xl/sharedStrings.xml" in names else ()
    return Workbook(path, sheets, strings, dates, _EPOCHS[late])


def sheet_rows(book: Workbook, part: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each row of a sheet that has cells: its number and its cells as text.

    Dates are written as ISO dates, numbers in the fewest digits that say the same, and a formula whose value is not
    stored as the formula itself, which no reader takes for an amount. Of merged cells the first has the text.
    """
    with _faults(book.path), zipfile.ZipFile(book.path) as archive, archive.open(part) as stream:
        cells: dict[int, str] = {}
        number, length = 0, 0
        tags = ("{*}c", "{*}row")
        for _, element in etree.iterparse(stream, tag=tags, resolve_entities=False, load_dtd=False, no_network=True):
            if str(element.tag).endswith("}c"):
                place = _REFERENCE.fullmatch(element.get("r", ""))
                at = _column(place[1]) if place else max(cells, default=-1) + 1
                if at >= MAX_COLUMNS:
                    raise SourceFileError(book.path.name, number + 1, "too many columns", "remove what is no table")
                text = _text(book, element)
                length += len(text)
                if length > MAX_LINE:
                    raise SourceFileError(book.path.name, number + 1, "a row of more than 1 MB", "shorten its cells")
                cells[at] = text
            else:
                number = int(element.get("r", number + 1))
                if cells:
                    yield number, [cells.get(at, "") for at in range(max(cells) + 1)]
                cells, length = {}, 0
            _forget(element)


def _text(book: Workbook, cell: etree._Element) -> str:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return "".join(part.text or "" for part in cell.iterfind("{*}is//{*}t"))
    # The parts are looked at by the ends of their tags: several times faster than a search by name.
    parts = {str(part.tag)[-2:]: part.text or "" for part in cell}
    value = parts.get("}v", "")
    if not value:
        return f"={parts['}f']}" if "}f" in parts else ""
    if kind == "s":
        return book.strings[int(value)] if int(value) < len(book.strings) else ""
    if kind == "b":
        return "TRUE" if value == "1" else "FALSE"
    if kind == "n":
        return _number(book, value, int(cell.get("s", 0)))
    return value


def _number(book: Workbook, value: str, style: int) -> str:
    number = float(value)
    if style in book.dates and 0 < number < 2_958_466:  # noqa: PLR2004 - the last day of the year 9999
        return (book.epoch + timedelta(days=int(number))).isoformat()
    return str(int(number)) if number.is_integer() and abs(number) < 10**15 else repr(number)


def _column(letters: str) -> int:
    """Return a column's place from its letters, from 0.

    >>> _column("A"), _column("XFD")
    (0, 16383)
    """
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - 64
    return place - 1


def _strings(archive: zipfile.ZipFile) -> Iterator[str]:
    if archive.getinfo("xl/sharedStrings.xml").file_size > MAX_STRINGS:
        name = Path(archive.filename or "").name
        raise SourceFileError(name, None, "more text than can be held", "save it as .csv")
    with archive.open("xl/sharedStrings.xml") as stream:
        for _, item in etree.iterparse(stream, tag="{*}si", resolve_entities=False, load_dtd=False, no_network=True):
            runs = (*item.iterfind("{*}t"), *item.iterfind("{*}r/{*}t"))
            yield "".join(run.text or "" for run in runs)
            _forget(item)


def _date_styles(archive: zipfile.ZipFile) -> frozenset[int]:
    styles = _tree(archive, "xl/styles.xml")
    own = {
        int(code.get("numFmtId", 0)): _NOT_CODE.sub("", code.get("formatCode", "")).lower()
        for code in styles.iterfind("{*}numFmts/{*}numFmt")
    }

    def is_date(code: int) -> bool:
        return bool(set(own[code]) & set("dmy")) if code in own else code in _BUILT_IN_DATES

    formats = styles.iterfind("{*}cellXfs/{*}xf")
    return frozenset(at for at, form in enumerate(formats) if is_date(int(form.get("numFmtId", 0))))


def _targets(archive: zipfile.ZipFile) -> Mapping[str, str]:
    relations = _tree(archive, "xl/_rels/workbook.xml.rels")
    targets = {}
    for relation in relations.iterfind("{*}Relationship"):
        target = relation.get("Target", "")
        targets[relation.get("Id", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return targets


def _tree(archive: zipfile.ZipFile, part: str) -> etree._Element:
    if archive.getinfo(part).file_size > FREE_BYTES:
        raise SourceFileError(Path(archive.filename or "").name, None, f"{part} is too large", "save it as .csv")
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True)
    return etree.fromstring(archive.read(part), parser)


def _forget(element: etree._Element) -> None:
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


@contextmanager
def _faults(path: Path) -> Iterator[None]:
    """Turn what a damaged or hostile workbook raises into one clear error."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError) as error:
        raise SourceFileError(path.name, None, f"a damaged workbook: {error}", "fetch it again") from error
    except (etree.XMLSyntaxError, ValueError, OverflowError) as error:
        if isinstance(error, SourceFileError):
            raise
        raise SourceFileError(path.name, None, f"not a sound workbook: {error}", "save it anew as .xlsx") from error
    except (RuntimeError, NotImplementedError) as error:
        raise SourceFileError(path.name, None, f"locked or oddly packed: {error}", "save it without") from error
    except OSError as error:
        raise SourceFileError(path.name, None, error.strerror or str(error), "name a readable file") from error
