"""Any table as rows: CSV of any delimiter, line end and encoding, packed or not, workbooks, tables of web pages."""

import csv
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from io import StringIO, TextIOWrapper
from itertools import chain, islice
from pathlib import Path
from typing import Final

from civicgraph.graph.records.types import CUT, Rejection
from civicgraph.seeds_loader.faults import SourceFileError
from civicgraph.seeds_loader.tables.bytestreams import Survey, survey
from civicgraph.seeds_loader.tables.headers import Header, count_known, find_header, plain
from civicgraph.seeds_loader.tables.workbooks import Sheet, open_page, open_records, open_workbook

Record = tuple[int, int, list[str]]
"""A record's number (from 1, the header not counted), the line it begins on, and its cells, one a header."""

DELIMITERS: Final = ",;\t|"

_PEEK: Final = 40
_MAX_SHOWN: Final = 20_000
_FEWEST_COPIES: Final = 5
# Put after the last line: on its own it is the end; inside a cell, that cell's quotation mark was never closed.
_END: Final = "\ue000end of file\ue001"


@dataclass(slots=True)
class Table:
    """A table whose header is known; each call of `rows` reads it anew.

    `sheets` are those that it is on, each with its own header; a file of text is one. While rows are read, `sheet` is
    where they stand, if there are several.
    """

    found: Survey
    sheets: Sequence[tuple[Sheet, Header]] = field(repr=False)
    sheet: str = ""

    @property
    def headers(self) -> tuple[str, ...]:
        """The names of the columns."""
        return self.sheets[0][1].names

    @property
    def line(self) -> int:
        """Where the header stands."""
        return self.sheets[0][1].line

    @property
    def file(self) -> str:
        """The file's name, with that of the sheet that is read if there are several, as faults name it."""
        return f"{self.found.path.name}[{self.sheet}]" if self.sheet else self.found.path.name

    def rows(self) -> Iterator[Record | Rejection]:
        """Yield each record, or what is wrong with it; blank rows and repetitions of the header are left out.

        Raises
        ------
        SourceFileError
            The file as a whole turns out to be torn; what was yielded before must not be used.
        """
        number, width, has_nul = 0, len(self.headers), self.found.nul
        # Of nearly all rows so little tells that they are records.
        plain_width = -1 if has_nul else width
        for sheet, header in self.sheets:
            self.sheet = sheet.name if len(self.sheets) > 1 else ""
            repeated = [list(header.names), *(_padded(row, width) for row in header.repeated)]
            starts = {row[0] for row in repeated}
            line, short = 0, []
            rows = islice(sheet.rows(), header.before, None)
            for line, given in _in_order(rows, header, self.sheets[0][1]):
                cells = given
                if len(given) != plain_width or given[0] in starts or not given[0].strip():
                    if 0 < len(given) < max(width, 2):
                        short.append(line)
                    cells = _padded(given, width)
                    too_many = any(map(str.strip, given[width:]))
                    if not too_many and (cells in repeated or not any(map(str.strip, cells))):
                        continue
                    if too_many or (has_nul and any("\0" in cell for cell in cells)):
                        number += 1
                        yield self._fault(line, given if too_many else cells)
                        continue
                number += 1
                yield number, line, cells
            if not self.found.complete and short == [line]:
                raise SourceFileError(self.file, line, "cut short: its last record has no end", "fetch it again")

    def _fault(self, line: int, cells: Sequence[str]) -> Rejection:
        reason, remedy = "a NUL in the text", "remove what is not text"
        if len(cells) > len(self.headers):
            reason = f"{len(cells)} cells under {len(self.headers)} headers"
            remedy = "quote a cell that holds the delimiter, or name each column"
        return Rejection(self.file, line, "record", reason, remedy, as_record(cells))


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
    sheets = _sheets_of(found)
    heads = [(sheet, list(islice(sheet.rows(), _PEEK))) for sheet in sheets]
    tables = [(sheet, head) for sheet, head in heads if any(count_known(cells, known) > 1 for _, cells in head)]
    tables = tables or [(sheet, head) for sheet, head in heads if head][:1]
    if not tables:
        raise SourceFileError(path.name, None, "empty", "name a file with a header and rows")
    headed = [(sheet, find_header(path.name, head, known)) for sheet, head in tables]
    if len({frozenset(map(plain, header.names)) - {""} for _, header in headed}) > 1:
        listed = ", ".join(sheet.name for sheet, _ in headed)
        reason = f"several tables with different columns: {listed}"
        raise SourceFileError(path.name, None, reason, "save those that are to be loaded as files of their own")
    if len(headed) > 1:
        _refuse_copies(path.name, headed)
    return Table(found, headed)


def as_record(cells: Sequence[str]) -> str:
    """Return a record's cells as one line of CSV, for a person to correct; a long one is cut."""
    text = StringIO()
    csv.writer(text).writerow(cells)
    line = text.getvalue().removesuffix("\r\n")
    return line if len(line) <= _MAX_SHOWN else f"{line[:_MAX_SHOWN]}{CUT}"


def _padded(cells: Sequence[str], width: int) -> list[str]:
    return [*cells[:width], *[""] * (width - len(cells))]


def _sheets_of(found: Survey) -> list[Sheet]:
    if found.form == "text":
        return [Sheet("", partial(_csv_rows, found, _delimiter(found)))]
    if found.form == "workbook":
        return open_workbook(found.path)
    if found.form == "records":
        return open_records(found.path)
    if not (sheets := open_page(found.path)):
        reason, remedy = "a web page without a table", "fetch the file that the page links to"
        raise SourceFileError(found.path.name, None, reason, remedy)
    return sheets


def _csv_rows(found: Survey, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield every row with the line it begins on; the last one must be whole."""
    file, line, after = found.path.name, 1, 1
    try:
        with found.path.open("rb") as raw:
            raw.read(found.marks)
            stream = TextIOWrapper(raw, encoding=found.encoding, errors=found.errors, newline="")
            reader = csv.reader(chain(stream, [_END]), delimiter=delimiter)
            for cells in reader:
                if len(cells) == 1 and cells[0] == _END:
                    return
                line, after = after, reader.line_num + 1
                yield line, cells
    except csv.Error as error:
        reason = f"a record that cannot be told from the next ({error})"
        remedy = "close its quotation mark, or shorten its cells"
        raise SourceFileError(file, after, reason, remedy) from error
    except UnicodeError as error:
        raise SourceFileError(file, after, "begins as UTF-16 and is not to its end", "save it as UTF-8") from error
    except (EOFError, OSError) as error:
        raise SourceFileError(file, after, f"cannot be read on ({error})", "load it again") from error
    reason = "cut short, or a quotation mark is never closed: its last record has no end"
    raise SourceFileError(file, line, reason, "close the mark, or fetch the file again")


def _delimiter(found: Survey) -> str:
    """Return the delimiter that gives the most rows of one width; the widest of equals."""

    def merit(delimiter: str) -> tuple[int, int]:
        widths: Counter[int] = Counter()
        try:
            widths.update(len(cells) for _, cells in islice(_csv_rows(found, delimiter), _PEEK) if len(cells) > 1)
        except SourceFileError:
            # Whoever reads the table by this delimiter is told.
            return 0, 0
        return max(((count, width) for width, count in widths.items()), default=(0, 0))

    return max(DELIMITERS, key=merit)


def _in_order(rows: Iterator[tuple[int, list[str]]], given: Header, wanted: Header) -> Iterator[tuple[int, list[str]]]:
    """Yield rows with their cells in the order of another sheet's columns."""
    if given.names == wanted.names:
        return rows
    places = [list(map(plain, given.names)).index(plain(name)) for name in wanted.names if plain(name)]
    return ((line, [cells[at] if at < len(cells) else "" for at in places]) for line, cells in rows)


def _refuse_copies(file: str, sheets: Sequence[tuple[Sheet, Header]]) -> None:
    """Refuse a workbook whose sheets hold the same rows, as one of all months does beside the months."""
    seen: dict[tuple[str, ...], str] = {}
    for sheet, header in sheets:
        rows = {tuple(cells) for _, cells in islice(sheet.rows(), header.before, None)}
        copies = Counter(seen[row] for row in rows if row in seen)
        for other, copied in copies.items():
            if copied >= max(_FEWEST_COPIES, len(rows) // 2):
                reason = f"{copied} rows of the sheet {other!r} stand in {sheet.name!r} again"
                raise SourceFileError(file, None, reason, "delete one of the two sheets")
        seen.update(dict.fromkeys(rows, sheet.name))
