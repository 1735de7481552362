"""Payments of one table in a database of their own: added up by month, counted, and written for the edge table."""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from typing import Final, NamedTuple, Self

import duckdb
import numpy as np

from civicgraph.graph.records.contract_quads import NAMELESS, spend_key
from civicgraph.graph.records.types import Spend
from civicgraph.seeds_loader.tables.spending import Payments

_MEMORY: Final = "500MB"
_AT_ONCE: Final = 10_000
_EPOCH: Final = date(1970, 1, 1).toordinal()
_MOST: Final = 2**63 - 1


class Named(NamedTuple):
    """A purchase as it is kept: keys of its parties, their names, and what it was for.

    `references` and `services` are set off by spaces; `typed` is how certain the service types are. What is not known
    is empty.
    """

    number: int
    buyer: str
    supplier: str
    payer: str
    payee: str
    department: str
    category: str
    references: str
    services: str
    typed: str
    sector: str
    size: str
    lot: str
    vat: str
    currency: str


class Count(NamedTuple):
    """How many rows of a month have a guard, a currency and a certainty of types or none, and what they come to."""

    month: str
    guard: str | None
    currency: str
    typed: str | None
    rows: int
    amount: Decimal
    latest: date


class PaymentTable:
    """Payments of one source, to be added row by row and then asked what they come to.

    Parameters
    ----------
    source
        Key of the source.
    reported_by
        `payments` that the buyer reports, or `sales` that the supplier declares.
    """

    def __init__(self, source: str, reported_by: str) -> None:
        self._source = source
        self._reported_by = reported_by
        self._scratch = tempfile.TemporaryDirectory(prefix="payments-")
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": _MEMORY,
            "temp_directory": self._scratch.name,
            "threads": 1,
        }
        self._connection = duckdb.connect(config=config)
        self._connection.execute(_sql("staged"))
        self._guards: dict[str | None, int] = {None: 0}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()
        self._scratch.cleanup()

    def add(self, payments: Payments, guards: Iterable[str | None], named: Sequence[Named]) -> None:
        """Add rows, why each does not count, and the purchases that are new with them."""
        codes = [self._guards.setdefault(guard, len(self._guards)) for guard in guards]
        huge = [
            (row, str(amount))
            for row, amount in zip(payments.rows, payments.amounts, strict=True)
            if not -_MOST <= amount <= _MOST
        ]
        self._stage(
            "paid",
            np.array(payments.rows, dtype=np.int32),
            np.array([first.toordinal() - _EPOCH for first, _ in payments.days], dtype=np.int32),
            np.array([last.toordinal() - _EPOCH for _, last in payments.days], dtype=np.int32),
            np.array([amount if -_MOST <= amount <= _MOST else 0 for amount in payments.amounts], dtype=np.int64),
            np.array([purchase.number for purchase in payments.purchases], dtype=np.int32),
            np.array(codes, dtype=np.int32),
        )
        if huge:
            self._stage("huge", *_texts(huge))
        if named:
            self._stage("purchase", *_texts(named))

    def finish(self) -> None:
        """Work out what the rows come to, once all are added."""
        given = {"guards": list(self._guards)[1:] or [""], "nameless": sorted(NAMELESS)}
        for statement in duckdb.extract_statements(_sql("payments")):
            known = {**given, "guarded_too": self._reported_by == "sales"}
            self._connection.execute(statement, {name: known[name] for name in statement.named_parameters})

    def spends(self) -> Iterator[Spend]:
        """Yield what was paid between two in a month, in the order of buyer, supplier and month; once."""
        found = self._connection.execute("""
            SELECT buyer, supplier, month, services, guard, amount, payments, file_rows, typed, size, vat, currency,
                sector, lot
            FROM spend ORDER BY spend
        """)
        keys: list[str] = []
        while some := found.fetchmany(_AT_ONCE):
            for buyer, supplier, month, services, guard, amount, count, members, *told in some:
                types = tuple(services.split())
                keys.append(spend_key(self._source, buyer, supplier, month, types, guard, tuple(told)))
                yield Spend(buyer, supplier, month, types, guard, amount, count, row_ranges(members), *told)
        self._stage("keyed", np.arange(len(keys), dtype=np.int32), np.array(keys, dtype=object))

    def parties(self) -> Iterator[tuple[int, int, int]]:
        """Yield the number of each purchase, of its rows, and of those that name the supplier."""
        query = (
            "SELECT purchase, count(*), count(*) FILTER (NOT nameless) FROM payment GROUP BY purchase ORDER BY purchase"
        )
        yield from self._connection.execute(query).fetchall()

    def counts(self) -> list[Count]:
        """Return how many rows there are of each kind."""
        query = """
            SELECT strftime(first, '%Y-%m') AS month, guard, currency, CASE WHEN services <> '' THEN typed END AS told,
                count(*), sum(value), max(first)
            FROM payment GROUP BY month, guard, currency, told ORDER BY month, guard, currency, told
        """
        return [Count(*row) for row in self._connection.execute(query).fetchall()]

    def rows(self) -> Path:
        """Return a file of the rows for the edge table, once all of `spends` is read; it goes with this object."""
        path = Path(self._scratch.name) / "rows.parquet"
        self._connection.execute(f"COPY ({_sql('payment_rows')}) TO '{path}'", {"reported_by": self._reported_by})
        return path

    def _stage(self, table: str, *columns: "np.ndarray[tuple[int], np.dtype[np.generic]]") -> None:
        self._connection.register("given", {f"column_{at:02}": column for at, column in enumerate(columns)})
        self._connection.execute(f"INSERT INTO {table} SELECT * FROM given")  # noqa: S608 - a name of its own
        self._connection.unregister("given")


def _texts(rows: Sequence[tuple[object, ...]]) -> "list[np.ndarray[tuple[int], np.dtype[np.generic]]]":
    return [
        np.array(column, dtype=np.int32 if isinstance(column[0], int) else object) for column in zip(*rows, strict=True)
    ]


@cache
def _sql(name: str) -> str:
    return files("civicgraph.seeds_loader.tables").joinpath(f"{name}.sql").read_text(encoding="utf-8")


def row_ranges(rows: Iterable[int]) -> str:
    """Return row numbers as ranges.

    >>> row_ranges([7, 1, 2, 3, 9])
    '1-3 7 9'
    """
    ordered = sorted(rows)
    ranges = []
    for _, run in groupby(enumerate(ordered), key=lambda pair: pair[1] - pair[0]):
        members = [row for _, row in run]
        ranges.append(str(members[0]) if len(members) == 1 else f"{members[0]}-{members[-1]}")
    return " ".join(ranges)
