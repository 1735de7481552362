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

from civicgraph.graph.records.contract_quads import NAMELESS
from civicgraph.graph.records.types import Spend
from civicgraph.seeds_loader.tables.guarded import Guarded

_MEMORY: Final = "500MB"
_AT_ONCE: Final = 10_000


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
        self.reported_by = reported_by
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

    def add(self, rows: Guarded, named: Sequence[Named]) -> None:
        """Add rows, and the purchases that are new with them."""
        codes = [self._guards.setdefault(guard, len(self._guards)) for guard in rows.guards]
        self._stage("paid", *rows.columns, np.array(codes, dtype=np.int32))
        if rows.huge:
            self._stage("huge", *_texts(rows.huge))
        if named:
            self._stage("purchase", *_texts(named))

    def finish(self) -> None:
        """Work out what the rows come to, once all are added."""
        known = {
            "guards": list(self._guards)[1:] or [""],
            "nameless": sorted(NAMELESS),
            "guarded_too": self.reported_by == "sales",
            "source": self._source,
        }
        for statement in duckdb.extract_statements(_sql("payments")):
            self._connection.execute(statement, {name: known[name] for name in statement.named_parameters})

    def spends(self) -> Iterator[Spend]:
        """Yield what was paid between two in a month, in the order of buyer, supplier and month."""
        found = self._connection.cursor().execute(_sql("spends"))
        while some := found.fetchmany(_AT_ONCE):
            for record, buyer, supplier, month, services, guard, amount, count, members, *told in some:
                types, rows = tuple(services.split()), row_ranges(members)
                yield Spend(record, buyer, supplier, month, types, guard, amount, count, rows, *told)

    def parties(self) -> Iterator[tuple[int, int, int]]:
        """Yield the number of each purchase, of its rows, and of those that name the supplier."""
        yield from self._connection.execute(_sql("purchase_counts")).fetchall()

    def counts(self) -> list[Count]:
        """Return how many rows there are of each kind."""
        return [Count(*row) for row in self._connection.execute(_sql("payment_counts")).fetchall()]

    def rows(self) -> Path:
        """Return a file of the rows for the edge table; it goes with this object. Another thread may call this."""
        path = Path(self._scratch.name) / "rows.parquet"
        self._connection.cursor().execute(
            f"COPY ({_sql('payment_rows')}) TO '{path}'", {"reported_by": self.reported_by}
        )
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
