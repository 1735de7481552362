"""Flat tables as JSON, CSV, JSON lines and workbooks: the same columns in the same order, whatever is in them."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final, Literal

import orjson

if TYPE_CHECKING:
    # The command line prints tables too, and need not wait for the web.
    from starlette.responses import Response

Cell = str | int | float | date | None
TableRow = Mapping[str, Cell]
TextFormat = Literal["json", "csv", "ndjson"]
TableFormat = Literal["json", "csv", "ndjson", "xlsx"]

CONTENT_TYPES: Final[Mapping[TableFormat, str]] = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "ndjson": "application/x-ndjson",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r")
_LONGEST_CELL: Final = 32_767
"""Characters that a cell of a workbook may have."""
_WIDTH: Final = 18
_NO_TIME: Final = datetime(2000, 1, 1, tzinfo=UTC)


def table_text(columns: Sequence[str], rows: Iterable[TableRow], form: TextFormat) -> str:
    r"""Return rows as text.

    Parameters
    ----------
    columns
        The columns in the order to write them.
    rows
        The rows, each of these columns; JSON has them in their own order.
    form
        `json` is an array of objects, `ndjson` an object a line, `csv` has a header and CRLF line ends. In CSV a
        text that a spreadsheet would take for a formula begins with an apostrophe, and None is empty.

    Examples
    --------
    >>> table_text(["name", "n"], [{"name": "=1+1", "n": None}], "csv")
    "name,n\r\n'=1+1,\r\n"
    """
    if form == "csv":
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(columns)
        # A function for each cell would take longer than all else.
        writer.writerows(
            [
                f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA_SIGNS) else cell
                for cell in map(row.__getitem__, columns)
            ]
            for row in rows
        )
        return out.getvalue()
    if form == "ndjson":
        return "".join(f"{orjson.dumps(row).decode()}\n" for row in rows)
    return f"{orjson.dumps(list(rows)).decode()}\n"


def table_bytes(columns: Sequence[str], rows: Iterable[TableRow], form: TableFormat) -> bytes:
    """Return rows as a file: text as `table_text` writes it, or a workbook with days and numbers as such."""
    return _workbook(columns, rows) if form == "xlsx" else table_text(columns, rows, form).encode()


def form_of(name: str, what: str) -> TableFormat:
    """Return the form that an address ends in.

    Raises
    ------
    HTTPException
        `what`, such as "a table", has no such form.
    """
    from fastapi import HTTPException  # noqa: PLC0415 - see the head of the file

    for form in CONTENT_TYPES:
        if form == name:
            return form
    *others, last = (f".{form}" for form in CONTENT_TYPES)
    raise HTTPException(404, f"{what} ends in {', '.join(others)} or {last}, not in .{name[:80]}")


def table_response(version: str, columns: Sequence[str], rows: Iterable[TableRow], form: TableFormat) -> "Response":
    """Return rows as a response with the snapshot's version as ETag."""
    return versioned(version, table_bytes(columns, rows, form), CONTENT_TYPES[form])


def versioned(version: str, content: bytes, media_type: str) -> "Response":
    """Return content with the snapshot's version as ETag; `civicgraph.api.server` asks whether the client has it."""
    from starlette.responses import Response  # noqa: PLC0415 - see the head of the file

    return Response(content, media_type=media_type, headers={"ETag": f'W/"{version}"', "Cache-Control": "no-cache"})


def _workbook(columns: Sequence[str], rows: Iterable[TableRow]) -> bytes:
    """Return a workbook of one sheet. Texts are texts: none becomes a formula or a link."""
    import xlsxwriter  # noqa: PLC0415 - few ask for a workbook

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    # The same rows give the same bytes.
    book.set_properties({"created": _NO_TIME})
    sheet = book.add_worksheet("civicgraph")
    bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.freeze_panes(1, 0)
    for at, column in enumerate(columns):
        sheet.write_string(0, at, column, bold)
        sheet.set_column(at, at, _WIDTH)
    number = 0
    for number, row in enumerate(rows, 1):
        for at, column in enumerate(columns):
            cell = row[column]
            if isinstance(cell, str):
                sheet.write_string(number, at, cell[:_LONGEST_CELL])
            elif isinstance(cell, date):
                sheet.write_datetime(number, at, cell, day)
            elif cell is not None:
                sheet.write_number(number, at, cell)
    if columns:
        sheet.autofilter(0, 0, number, len(columns) - 1)
    book.close()
    return out.getvalue()
