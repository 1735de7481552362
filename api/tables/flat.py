"""Flat tables as JSON, CSV and JSON lines: the same columns in the same order, whatever is in them."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Final, Literal

import orjson

if TYPE_CHECKING:
    # The command line prints tables too, and need not wait for the web.
    from fastapi import Request
    from starlette.responses import Response

Cell = str | int | float | date | None
TableRow = Mapping[str, Cell]
TableFormat = Literal["json", "csv", "ndjson"]

CONTENT_TYPES: Final[Mapping[TableFormat, str]] = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "ndjson": "application/x-ndjson",
}
_FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r")


def table_text(columns: Sequence[str], rows: Iterable[TableRow], form: TableFormat) -> str:
    r"""Return rows as text.

    Parameters
    ----------
    columns
        The columns in the order to write them.
    rows
        The rows, each of these columns in this order.
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
            [f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA_SIGNS) else cell for cell in row.values()]
            for row in rows
        )
        return out.getvalue()
    if form == "ndjson":
        return "".join(f"{orjson.dumps(row).decode()}\n" for row in rows)
    return f"{orjson.dumps(list(rows)).decode()}\n"


def table_response(
    request: "Request", version: str, columns: Sequence[str], rows: Iterable[TableRow], form: TableFormat
) -> "Response":
    """Return rows as a response with the snapshot's version as ETag; 304 where the client has that version."""
    return etag_response(request, version, lambda: table_text(columns, rows, form).encode(), CONTENT_TYPES[form])


def etag_response(request: "Request", version: str, content: Callable[[], bytes], media_type: str) -> "Response":
    """Return content with the snapshot's version as ETag; 304, without working it out, where the client has that."""
    from starlette.responses import Response  # noqa: PLC0415 - see the head of the file

    headers = {"ETag": f'W/"{version}"', "Cache-Control": "no-cache"}
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(content(), media_type=media_type, headers=headers)
