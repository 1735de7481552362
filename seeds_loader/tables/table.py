"""Any table as rows: CSV of any delimiter, line end and encoding, packed or not, workbooks, tables of web pages."""

import csv
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import accumulate, chain, islice
from operator import itemgetter
from pathlib import Path
from typing import Final, NamedTuple

from civicgraph.graph.records.types import CUT, Rejection
from civicgraph.seeds_loader.faults import SourceFileError
from civicgraph.seeds_loader.tables.bytestreams import Survey, survey, text_lines
from civicgraph.seeds_loader.tables.headers import Header, count_known, find_header, plain
from civicgraph.seeds_loader.tables.workbooks import Sheet, open_page, open_records, open_workbook

Record = tuple[int, int, list[str]]
"""A record's number (from 1, the header not counted), the line it begins on, and its cells, one a header."""

DELIMITERS: Final = ",;\t|"

_PEEK: Final = 40
_AT_ONCE: Final = 10_000
"""Records of a block: what is done for a block at a time takes a fraction of what it takes for each record."""
_MAX_SHOWN: Final = 20_000
_FEWEST_COPIES: Final = 5
# Put after the last line: on its own it is the end; inside a cell, that cell's quotation mark was never closed.
_END: Final = "\ue000end of file\ue001"
_BREAK: Final = re.compile("\r\n|\r|\n")


class Block(NamedTuple):
    """Records that follow one another, by column: their numbers, the lines they begin on, their cells.

    `faults` are what is wrong with others among them.
    """

    numbers: Sequence[int]
    lines: Sequence[int]
    rows: Sequence[list[str]]
    faults: Sequence[Rejection] = ()


_Rows = tuple[Sequence[int], list[list[str]]]
"""Rows of a file that follow one another, with their lines."""


@dataclass(slots=True)
class Table:
    """A table whose header is known; each call of `rows` or `blocks` reads it anew.

    `line` is where the header stands, `titles` what stands above it; `lines` how many there are, in a file of text.
    While rows are read, `skipped` counts what is not a record (title rows before the header, blank rows, and
    repetitions of the header), and `sheet` is where they stand, if the table is on several; `records` is how many
    sheets that are read to their end hold.
    """

    path: Path
    headers: tuple[str, ...]
    line: int
    read: Callable[["Table"], Iterator[Block]] = field(repr=False)
    lines: int | None = None
    titles: tuple[str, ...] = ()
    skipped: Counter[str] = field(default_factory=Counter)
    sheet: str = ""
    records: int = 0

    @property
    def file(self) -> str:
        """The file's name, with that of the sheet that is read if there are several, as faults name it."""
        return f"{self.path.name}[{self.sheet}]" if self.sheet else self.path.name

    def rows(self) -> Iterator[Record | Rejection]:
        """Yield each record, or what is wrong with it; see `blocks`."""
        for numbers, lines, rows, faults in self.blocks():
            records: Iterable[Record] = zip(numbers, lines, rows, strict=True)
            # Both are in the order of their lines.
            each: Iterable[Record | Rejection] = chain(faults, records)
            yield from sorted(each, key=_line) if faults else each

    def blocks(self) -> Iterator[Block]:
        """Yield the records, many at a time.

        Raises
        ------
        SourceFileError
            The file as a whole turns out to be torn; what was yielded before must not be used.
        """
        self.skipped.clear()
        self.records = 0
        return self.read(self)


def read_table(path: Path, known: Collection[str] = ()) -> Table:
    """Return a table, whatever form its file has.

    Parameters
    ----------
    path
        A text table, packed or not, a workbook (.xlsx, .xls, .ods), or a web page; what it is is seen from its content,
        not from its name. Sheets of a workbook that have the same columns are one table.
    known
        Header names in their `plain` form: the row that has most of them is the header. Where no row has any,
        the header is the first row that is as wide as the rows after it and has no number.

    Raises
    ------
    SourceFileError
        The file cannot be read, is torn, or has no header.
    """
    found = survey(path)
    if found.form != "text":
        return _read_sheets(path, _sheets_of(found), known)
    delimiter = _delimiter(found)
    header = find_header(path.name, _first_rows(found, delimiter), known)

    def read(table: Table) -> Iterator[Block]:
        return _blocks(table, _csv_rows(found, delimiter, header), header, nul=found.nul)

    return Table(path, header.names, header.line, read, found.lines, header.titles)


def _sheets_of(found: Survey) -> list[Sheet]:
    if found.form == "workbook":
        return open_workbook(found.path)
    if found.form == "records":
        return open_records(found.path)
    if not (sheets := open_page(found.path)):
        reason, remedy = "a web page without a table", "fetch the file that the page links to"
        raise SourceFileError(found.path.name, None, reason, remedy)
    return sheets


def as_record(cells: Sequence[str]) -> str:
    """Return a record's cells as one line of CSV, for a person to correct; a long one is cut."""
    line = ",".join(f'"{cell.replace(chr(34), chr(34) * 2)}"' if _needs_quotes(cell) else cell for cell in cells)
    return line if len(line) <= _MAX_SHOWN else f"{line[:_MAX_SHOWN]}{CUT}"


def _needs_quotes(cell: str) -> bool:
    return any(character in cell for character in ',"\r\n')


def _line(row: Record | Rejection) -> int:
    return row.line if isinstance(row, Rejection) else row[1]


def _blocks(table: Table, parts: Iterable[_Rows], header: Header, *, nul: bool = False) -> Iterator[Block]:
    """Yield the rows that are records with their numbers, after those of other sheets; count the others."""
    table.skipped["title"] += len(header.titles)
    width = len(header.names)
    repeated = [list(header.names), *((list(row) + [""] * width)[:width] for row in header.repeated)]
    starts = {row[0] for row in repeated}
    for lines, rows in parts:
        if nul or set(map(len, rows)) != {width} or not _are_records(rows, starts):
            yield _sorted_out(table, lines, rows, repeated)
        else:
            yield Block(range(table.records + 1, table.records + len(rows) + 1), lines, rows)
            table.records += len(rows)


def _are_records(rows: Sequence[list[str]], starts: Collection[str]) -> bool:
    """Return whether all rows are records for certain: one look at each row would take longer than to read it."""
    firsts = set(map(itemgetter(0), rows))
    return firsts.isdisjoint(starts) and all(map(str.strip, firsts))


def _sorted_out(table: Table, lines: Sequence[int], rows: Sequence[list[str]], repeated: list[list[str]]) -> Block:
    """Return the records among rows of which not all need be records."""
    width, starts = len(table.headers), {row[0] for row in repeated}
    numbers: list[int] = []
    found: list[list[str]] = []
    places: list[int] = []
    faults: list[Rejection] = []
    for line, given in zip(lines, rows, strict=True):
        cells = given if len(given) == width else (given + [""] * width)[:width]
        too_many = any(map(str.strip, given[width:]))
        if not too_many and not any(map(str.strip, cells)):
            table.skipped["blank"] += 1
        elif not too_many and cells[0] in starts and cells in repeated:
            table.skipped["header"] += 1
        else:
            table.records += 1
            if too_many:
                faults.append(_fault(table, line, given, f"{len(given)} cells under {width} headers"))
            elif any("\0" in cell for cell in cells):
                faults.append(_fault(table, line, cells, "a NUL in the text"))
            else:
                numbers.append(table.records)
                places.append(line)
                found.append(cells)
    return Block(numbers, places, found, faults)


def _csv_rows(found: Survey, delimiter: str, header: Header) -> Iterator[_Rows]:
    """Yield every row after the header with the line it begins on; the last one must be whole."""
    file, least = found.path.name, max(len(header.names), 2)
    line, short, ends_short, is_whole = 1, 0, False, False
    with text_lines(found) as stream, _csv_faults(file, lambda: line):
        reader = csv.reader(chain(stream, [_END]), delimiter=delimiter)
        for _ in range(header.before):
            next(reader)
        line = reader.line_num + 1
        while not is_whole:
            rows: list[list[str]] = []
            try:
                rows.extend(islice(reader, _AT_ONCE))
            finally:
                # Where one cannot be read, those before it tell its line.
                lines = _lines_of(rows, line, reader.line_num)
                line = lines[-1] + _height(rows[-1]) if rows else line
            if len(rows) < _AT_ONCE:
                if rows[-1:] != [[_END]]:
                    reason = "cut short, or a quotation mark is never closed: its last record has no end"
                    raise SourceFileError(file, lines[-1], reason, "close the mark, or fetch the file again")
                is_whole, lines, rows = True, lines[:-1], rows[:-1]
            if rows and not found.complete:
                short += sum(1 for cells in rows if 0 < len(cells) < least)
                ends_short = len(rows[-1]) < least
            if is_whole and short == 1 and ends_short:
                raise _cut_short(file, line - 2)
            yield lines, rows


def _lines_of(rows: Sequence[list[str]], line: int, last: int) -> Sequence[int]:
    """Return the line that each of some rows begins on, where the first begins and the last ends."""
    if last - line + 1 == len(rows):
        return range(line, last + 1)
    return list(accumulate(map(_height, rows[:-1]), initial=line))


def _height(cells: Sequence[str]) -> int:
    return 1 + sum(len(_BREAK.findall(cell)) for cell in cells)


@contextmanager
def _csv_faults(file: str, line: Callable[[], int]) -> Iterator[None]:
    try:
        yield
    except csv.Error as error:
        reason = f"a record that cannot be told from the next ({error})"
        remedy = "close its quotation mark, or shorten its cells"
        raise SourceFileError(file, line(), reason, remedy) from error
    except UnicodeError as error:
        raise SourceFileError(file, line(), "begins as UTF-16 and is not to its end", "save it as UTF-8") from error
    except (EOFError, OSError) as error:
        raise SourceFileError(file, line(), f"cannot be read on ({error})", "load it again") from error


def _fault(table: Table, line: int, cells: Sequence[str], reason: str) -> Rejection:
    remedy = (
        "quote a cell that holds the delimiter, or name each column"
        if "headers" in reason
        else "remove what is not text"
    )
    return Rejection(table.file, line, "record", reason, remedy, as_record(cells))


def _cut_short(file: str, line: int) -> SourceFileError:
    return SourceFileError(file, line, "cut short: its last record has no end", "fetch it again")


def _first_rows(found: Survey, delimiter: str) -> list[tuple[int, list[str]]]:
    line, rows = 1, []
    with text_lines(found) as stream, _csv_faults(found.path.name, lambda: line):
        reader = csv.reader(stream, delimiter=delimiter)
        for cells in islice(reader, _PEEK):
            rows.append((line, cells))
            line = reader.line_num + 1
    return rows


def _delimiter(found: Survey) -> str:
    """Return the delimiter that gives the most rows of one width; the widest of equals."""

    def merit(delimiter: str) -> tuple[int, int]:
        try:
            widths = Counter(len(cells) for _, cells in _first_rows(found, delimiter) if len(cells) > 1)
        except SourceFileError:
            return 0, 0
        return max(((count, width) for width, count in widths.items()), default=(0, 0))

    return max(DELIMITERS, key=merit)


def _read_sheets(path: Path, sheets: Sequence[Sheet], known: Collection[str]) -> Table:
    """Return the sheets that have the same columns as one table: many keep a sheet a month."""
    heads = {sheet.name: list(islice(_filled(sheet), _PEEK)) for sheet in sheets}
    tables = [sheet for sheet in sheets if any(count_known(cells, known) > 1 for _, cells in heads[sheet.name])]
    tables = tables or [sheet for sheet in sheets if heads[sheet.name]][:1]
    if not tables:
        raise SourceFileError(path.name, None, "empty", "name a file with a header and rows")
    headers = [find_header(path.name, heads[sheet.name], known) for sheet in tables]
    columns = {frozenset(map(plain, header.names)) - {""} for header in headers}
    if len(columns) > 1:
        listed = ", ".join(sheet.name for sheet in tables)
        reason = f"several tables with different columns: {listed}"
        raise SourceFileError(path.name, None, reason, "save those that are to be loaded as files of their own")
    if len(tables) > 1:
        _refuse_copies(path.name, tables, headers)

    def read(table: Table) -> Iterator[Block]:
        for sheet, header in zip(tables, headers, strict=True):
            table.sheet = sheet.name if len(tables) > 1 else ""
            rows = islice(_filled(sheet), header.before, None)
            yield from _blocks(table, _many(_in_order(rows, header, headers[0])), headers[0])

    return Table(path, headers[0].names, headers[0].line, read, titles=headers[0].titles)


def _many(rows: Iterator[tuple[int, list[str]]]) -> Iterator[_Rows]:
    while some := list(islice(rows, _AT_ONCE)):
        yield [line for line, _ in some], [cells for _, cells in some]


def _filled(sheet: Sheet) -> Iterator[tuple[int, list[str]]]:
    return ((number, cells) for number, cells in sheet.rows() if any(map(str.strip, cells)))


def _in_order(rows: Iterator[tuple[int, list[str]]], given: Header, wanted: Header) -> Iterator[tuple[int, list[str]]]:
    """Yield rows with their cells in the order of another sheet's columns."""
    if given.names == wanted.names:
        return rows
    places = [list(map(plain, given.names)).index(plain(name)) for name in wanted.names if plain(name)]
    return ((line, [cells[at] if at < len(cells) else "" for at in places]) for line, cells in rows)


def _refuse_copies(file: str, sheets: Sequence[Sheet], headers: Sequence[Header]) -> None:
    """Refuse a workbook whose sheets hold the same rows, as one of all months does beside the months."""
    seen: dict[tuple[str, ...], str] = {}
    for sheet, header in zip(sheets, headers, strict=True):
        rows = {tuple(cells) for _, cells in islice(_filled(sheet), header.before, None)}
        copies = Counter(seen[row] for row in rows if row in seen)
        for other, copied in copies.items():
            if copied >= max(_FEWEST_COPIES, len(rows) // 2):
                reason = f"{copied} rows of the sheet {other!r} stand in {sheet.name!r} again"
                raise SourceFileError(file, None, reason, "delete one of the two sheets")
        seen.update(dict.fromkeys(rows, sheet.name))
