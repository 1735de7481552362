"""Payments of one table in a database of their own: added up by month, counted, and written for the edge table."""

import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import cache, wraps
from importlib.resources import files
from itertools import islice
from pathlib import Path
from typing import Final, Self

import duckdb
import numpy as np
import numpy.typing as npt

from civicgraph.graph.records.contract_quads import NAMELESS
from civicgraph.graph.records.types import Party, Rejection, Spend
from civicgraph.seeds_loader.faults import ValueFault
from civicgraph.seeds_loader.guards.rules import MILLIONTHS, rules, sums_others
from civicgraph.seeds_loader.tables.bytestreams import MAX_LINE
from civicgraph.seeds_loader.tables.cells import PLAIN_AMOUNT, order_evidence
from civicgraph.seeds_loader.tables.date_order import DateOrder, find_order
from civicgraph.seeds_loader.tables.spending import SpendingTable, Told
from civicgraph.seeds_loader.tables.table import Record, as_record

_MEMORY: Final = "500MB"
_AT_ONCE: Final = 10_000
_BETWEEN: Final = "\x1f"
_BREAKS: Final = re.compile(rf"[\0\n\r{_BETWEEN}]")
_ROLES: Final = (
    *("supplier", "company_number", "charity_number", "buyer", "department", "reference"),
    *("sector", "size", "lot", "currency", "amount", "vat", "date", "month"),
)
_FAULT: Final = "STRUCT(field VARCHAR, reason VARCHAR, remedy VARCHAR)"
_FUNCTIONS: Final = {
    "amount": ("VARCHAR VARCHAR", "millionths HUGEINT"),
    "date": ("VARCHAR VARCHAR", "first DATE, last DATE"),
    "payer": ("VARCHAR", "key VARCHAR, name VARCHAR, cls VARCHAR"),
    "payee": (
        "VARCHAR VARCHAR VARCHAR",
        "key VARCHAR, name VARCHAR, reason VARCHAR, total_of VARCHAR, identifiers VARCHAR[]",
    ),
    "purpose": ("VARCHAR[] VARCHAR VARCHAR", "what VARCHAR, department VARCHAR, refs VARCHAR"),
    "marks": ("VARCHAR VARCHAR VARCHAR VARCHAR", "sector VARCHAR, size VARCHAR, lot VARCHAR, currency VARCHAR"),
    "services": ("VARCHAR VARCHAR VARCHAR", "services VARCHAR, typed VARCHAR"),
}
"""What reads the texts of cells, by the names of its methods: the types of what it takes and of what it gives."""


class PaymentTable:
    """What the rows of one table of payments or sales come to, in a database of their own.

    Parameters
    ----------
    opened
        The table.
    source
        Key of the source.
    """

    def __init__(self, opened: SpendingTable, source: str) -> None:
        self._opened = opened
        self._known = {
            "source": source,
            "reported_by": opened.reported_by,
            "sales": opened.reported_by == "sales",
            "vat": opened.vat_basis,
            "nameless": sorted(NAMELESS),
            "most": rules()["absurd-amount"]["above"] * MILLIONTHS,
            "earliest": rules()["absurd-date"]["earliest"],
            "latest": rules()["absurd-date"]["latest"],
            "plain": PLAIN_AMOUNT,
            "in_pounds": opened.factor == 1,
            "refund": rules()["refund"]["below"] * MILLIONTHS,
        }
        self._has_faults, self._order = False, DateOrder()
        self._scratch = tempfile.TemporaryDirectory(prefix="payments-")
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": _MEMORY,
            "temp_directory": self._scratch.name,
            "threads": 1,
        }
        self._connection = duckdb.connect(config=config)
        for name, (takes, gives) in _FUNCTIONS.items():
            told = _told(getattr(opened, name), name, [field.split()[0] for field in gives.split(", ")])
            self._connection.create_function(f"told_{name}", told, [*takes.split()], f"STRUCT({gives}, fault {_FAULT})")
        self._connection.create_function("sums_others", sums_others, ["VARCHAR"], "BOOLEAN")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()
        self._scratch.cleanup()

    def read(self) -> Iterator[int]:
        """Take the rows in, many at a time, and yield the line that the last of them begins on.

        Raises
        ------
        SourceFileError
            The file as a whole turns out to be torn: none of its rows must be used.
        """
        table, path = self._opened.table, Path(self._scratch.name) / "cells"
        with path.open("w", encoding="utf-8", errors="replace", newline="") as file:
            rows = table.rows()
            while some := list(islice(rows, _AT_ONCE)):
                records = [row for row in some if not isinstance(row, Rejection)]
                self._has_faults |= len(records) < len(some)
                file.write(_lines(records))
                yield records[-1][1] if records else 0
        places, whats = self._opened.places, self._opened.description
        names = {"file_row": "INTEGER"} | {f"column_{at}": "VARCHAR" for at in range(len(table.headers))}
        texts = self._connection.read_csv(
            str(path),
            sep=_BETWEEN,
            quotechar="",
            escapechar="",
            header=False,
            auto_detect=False,
            columns=names,
            force_not_null=[*names][1:],
            max_line_size=4 * MAX_LINE,
        )
        roles = [f"column_{places[role]} AS {role}" if role in places else f"'' AS {role}" for role in _ROLES]
        what = f"[{', '.join(f'column_{at}' for at in whats)}]::VARCHAR[] AS what"
        texts.project(", ".join(["file_row", *roles, what])).create("cell")
        dates = iter(self._connection.cursor().execute("SELECT DISTINCT date FROM cell").fetchone, None)
        if any(order_evidence(text) == "month first" for (text,) in dates):
            self._order = find_order(table, [places["date"]], self._opened.date_order)

    def finish(self) -> None:
        """Work out what the rows come to, once all are taken in."""
        days = self._order.days
        numbers = np.array([number for number, _ in days], dtype=np.int32)
        apart = {"file_row": numbers, "day": np.array([*days.values()], dtype="datetime64[s]")}
        self._connection.register("apart", apart)
        self._run("read")
        query = "SELECT file_row, amount::BIGINT AS amount FROM judged WHERE firm IS NULL ORDER BY file_row"
        found = self._connection.execute(query).fetchnumpy()
        summed = found["file_row"][sums_among(found["amount"], rules()["total"]["rows"])]
        self._connection.register("summed", {"file_row": summed})
        self._run("payments")
        self._connection.unregister("summed")

    def spends(self) -> Iterator[Spend]:
        """Yield what was paid between two in a month, in the order of buyer, supplier and month."""
        found = self._asked("spends")
        while some := found.fetchmany(_AT_ONCE):
            for record, buyer, supplier, month, services, *others in some:
                yield Spend(record, buyer, supplier, month, tuple(services.split()), *others)

    def parties(self) -> Iterator[tuple[Party, bool, int]]:
        """Yield whom rows name, in the order of meeting them, whether as who pays, and how often."""
        for name, identifiers, cls, is_payer, times in self._asked("payment_parties").fetchall():
            yield Party(name, tuple(identifiers), cls), is_payer, times

    def sectors(self) -> list[tuple[str, str]]:
        """Return the key of each buyer that is said to be in a sector, and the sector."""
        query = "SELECT DISTINCT buyer, sector FROM spend WHERE sector <> '' ORDER BY ALL"
        return self._connection.execute(query).fetchall()

    def counts(self) -> list[tuple[str, str | None, str, str | None, int, Decimal, date]]:
        """Return months with a guard, a currency and a certainty of types or none: their rows, sum and latest day."""
        return self._asked("payment_counts").fetchall()

    def rejected(self) -> Iterator[tuple[Rejection, int]]:
        """Yield what is wrong with rows that are no payments, and their millionths of a pound where these are known.

        The file is read again, where there are any. First comes what a person is to know of its dates.
        """
        yield from ((warning, 0) for warning in self._order.warnings)
        wanted = self._asked("rejected_payments")
        one = wanted.fetchone()
        if one is None and not self._has_faults:
            return
        table = self._opened.table
        for row in table.rows():
            if isinstance(row, Rejection):
                yield row, 0
            elif one is not None and row[0] == one[0]:
                _, line, cells = row
                _, field, reason, remedy, millionths = one
                yield Rejection(table.file, line, field, reason, remedy, as_record(cells)), millionths
                one = wanted.fetchone()

    def rows(self) -> Path:
        """Return a file of the rows for the edge table; it goes with this object. Another thread may call this."""
        path = Path(self._scratch.name) / "rows.parquet"
        self._asked("payment_rows", f"COPY ({{}}) TO '{path}'")
        return path

    def _run(self, name: str) -> None:
        for statement in duckdb.extract_statements(_sql(name)):
            self._connection.execute(statement, {one: self._known[one] for one in statement.named_parameters})

    def _asked(self, name: str, within: str = "{}") -> duckdb.DuckDBPyConnection:
        (statement,) = duckdb.extract_statements(within.format(_sql(name)))
        known = {one: self._known[one] for one in statement.named_parameters}
        return self._connection.cursor().execute(statement, known)


def sums_among(amounts: npt.NDArray[np.int64], least: int) -> list[int]:
    """Return where amounts are the sum of all before them, or of those since the last sum, and of at least so many.

    >>> sums_among(np.array([1, 2, 3, 6, 4, 5, 6, 15, 21]), 3)
    [3, 7, 8]
    """
    found: list[int] = []
    at = rows = rows_since = whole = since = 0
    while at < len(amounts):
        some = amounts[at : at + _AT_ONCE]
        before, nth = np.cumsum(some) - some, np.arange(len(some))
        is_whole = (some == whole + before) & (rows + nth >= least)
        is_since = (some == since + before) & (rows_since + nth >= least)
        places = np.flatnonzero((some > 0) & (is_whole | is_since))
        taken = int(places[0]) if len(places) else len(some)
        added = int(some[:taken].sum())
        at, rows, rows_since, whole, since = at + taken, rows + taken, rows_since + taken, whole + added, since + added
        if len(places):
            found.append(at)
            at, rows_since, since = at + 1, 0, 0
    return found


def _lines(records: Sequence[Record]) -> str:
    """Return records as lines of their numbers and cells; what sets these off is white space within a cell."""
    text = "".join([f"{number}{_BETWEEN}{_BETWEEN.join(cells)}\n" for number, _, cells in records])
    between = sum(len(cells) for _, _, cells in records[:1]) * len(records)
    if text.count("\n") > len(records) or text.count(_BETWEEN) > between or "\r" in text or "\0" in text:
        return _lines([(number, line, [_BREAKS.sub(" ", cell) for cell in cells]) for number, line, cells in records])
    return text


def _told(make: Callable[..., Told], field: str, fields: Iterable[str]) -> Callable[..., Told]:
    """Return a function that gives all fields of what texts say, or what is wrong with them."""
    unknown = dict.fromkeys((*fields, "fault"))

    @wraps(make)
    def told(*texts: object) -> Told:
        try:
            return unknown | make(*texts)
        except ValueFault as fault:
            return unknown | {"fault": {"field": fault.field or field, "reason": fault.reason, "remedy": fault.remedy}}

    return told


@cache
def _sql(name: str) -> str:
    return files("civicgraph.seeds_loader.tables").joinpath(f"{name}.sql").read_text(encoding="utf-8")
