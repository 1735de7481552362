"""The edge table of a snapshot, opened to be asked: every figure, table, network and page is answered from it."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any, Final, NamedTuple

import duckdb

from civicgraph.graph.edges import FILE
from civicgraph.graph.edges.build import FORMAT, sql
from civicgraph.graph.edges.scope import KIND_OF_BASIS, Scope
from civicgraph.graph.identity.ownership import Holding, group_at

SCALE: Final = 10_000
"""Amounts are in so many parts of a currency's unit."""
WHOLE: Final = -1
"""The number of the market that is a scope as a whole."""
_KEPT_GROUPS: Final = 16
CELLS: Final = "cells_in_scope"
"""What stands for the rows of a scope in a query."""
_PARAMETER: Final = re.compile(r"\$(\w+)")

Rows = list[tuple[Any, ...]]


class EdgeTableError(RuntimeError):
    """An edge table is damaged, or of another version of this program."""


class Party(NamedTuple):
    """Who buys or supplies: `cls` is the local name of the narrowest class."""

    iri: str
    name: str
    cls: str
    region: str | None


@dataclass(frozen=True, slots=True)
class Left:
    """What is left out of a figure, or counted in it: contracts and services, rows of files, money."""

    records: int
    rows: int
    money: Decimal


@dataclass(frozen=True, slots=True)
class Account:
    """What a figure rests on, and what is left out of it by reason. Money is in the currency of the scope."""

    counted: Left
    left_out: Mapping[str, Left]
    is_of_money: bool = True
    """Whether all of it is of one kind, so that its money may be added up."""
    cuts_months: bool = False
    """Whether an end of the period falls within days of which only a sum is known, such as a month of sales."""

    @property
    def records(self) -> int:
        """How many records lie in the scope."""
        return self.counted.records + sum(one.records for one in self.left_out.values())

    @property
    def rows(self) -> int:
        """How many rows of files, or records that have none, lie in the scope."""
        return self.counted.rows + sum(one.rows for one in self.left_out.values())

    @property
    def money(self) -> Decimal:
        """The money in the scope, in its currency: amounts added up whatever their sign."""
        return self.counted.money + sum((one.money for one in self.left_out.values()), Decimal(0))

    @property
    def coverage(self) -> float | None:
        """The share of the rows in the scope that count, 0 to 1; None where it is empty."""
        return self.counted.rows / self.rows if self.rows else None

    @property
    def coverage_money(self) -> float | None:
        """The share of the money in the scope that counts, 0 to 1; None where no money is known of it.

        Refunds weigh by their size here, so that they cannot hide what is left out.
        """
        if not self.is_of_money:
            return None
        sizes = [abs(one.money) for one in self.left_out.values()]
        whole = abs(self.counted.money) + sum(sizes, Decimal(0))
        return float(abs(self.counted.money) / whole) if whole else None

    def text(self) -> str:
        """Return what is left out in words, such as `guarded as redacted: 97 (£970,000.00)`."""
        return "; ".join(
            f"{reason}: {one.rows:,}" + (f" (£{one.money:,.2f})" if one.money and self.is_of_money else "")
            for reason, one in self.left_out.items()
        )


class Scoped:
    """The rows of a scope, in a temporary table `scoped` that queries may read until it is closed.

    Parameters
    ----------
    cursor
        A connection that has the table.
    scope
        The scope.
    """

    def __init__(self, cursor: duckdb.DuckDBPyConnection, scope: Scope) -> None:
        self._cursor = cursor
        self.scope = scope

    def rows(self, query: str, parameters: Mapping[str, object] | None = None) -> Rows:
        """Return what a query answers, as tuples."""
        return self._cursor.execute(query, dict(parameters or {})).fetchall()

    def records(self, query: str, parameters: Mapping[str, object] | None = None) -> Iterator[dict[str, Any]]:
        """Yield what a query answers, as dictionaries by the names of its columns."""
        result = self._cursor.execute(query, dict(parameters or {}))
        names = [column[0] for column in result.description or ()]
        while rows := result.fetchmany(10_000):
            for row in rows:
                yield dict(zip(names, row, strict=True))

    def arrays(self, query: str, parameters: Mapping[str, object] | None = None) -> dict[str, Any]:
        """Return what a query answers, as numpy arrays by the names of its columns."""
        return self._cursor.execute(query, dict(parameters or {})).fetchnumpy()

    @cached_property
    def title(self) -> str:
        """What the scope is called: its service types, and where."""
        labels: dict[str, str] = dict(
            self.rows(
                "SELECT iri, name FROM thing WHERE list_contains($iris, iri)",
                {"iris": [*self.scope.services, *self.scope.places]},
            )
        )
        services, places = ([labels.get(one, one) for one in some] for some in (self.scope.services, self.scope.places))
        return (", ".join(services) or "All services") + (f" in {', '.join(places)}" if places else "")

    @cached_property
    def account(self) -> Account:
        """What figures of the scope rest on, and what is left out."""
        return self.accounts("(SELECT NULL AS market, * FROM scoped)").get(WHOLE, Account(Left(0, 0, Decimal(0)), {}))

    def accounts(self, rows_of: str) -> dict[int, Account]:
        """Return what figures rest on and what is left out of them, by market.

        Parameters
        ----------
        rows_of
            The table of rows, as SQL: that of the scope, with a column `market`.
        """
        found: dict[int, dict[str, Left]] = defaultdict(dict)
        cut: set[int] = set()
        query = sql("account").replace("rows_of", rows_of)
        for market, reason, records, rows, money, is_cut in self.rows(query, {"currency": self.scope.currency}):
            found[market][reason] = Left(records, rows, pounds(money))
            cut |= {market} if is_cut else set()
        of_money = KIND_OF_BASIS[self.scope.basis] is not None
        nothing = Left(0, 0, Decimal(0))
        return {
            market: Account(by_reason.pop("", nothing), by_reason, of_money, market in cut)
            for market, by_reason in found.items()
        }


class EdgeTable:
    """The edge table of one snapshot. Threads may ask it at the same time.

    Parameters
    ----------
    path
        The file, the folder of the snapshot that holds it, or a connection to one that is kept in memory.

    Raises
    ------
    EdgeTableError
        There is none, or it cannot be read.
    """

    def __init__(self, path: Path | duckdb.DuckDBPyConnection) -> None:
        file = path / FILE if isinstance(path, Path) and path.is_dir() else path
        try:
            self._connection = duckdb.connect(str(file), read_only=True) if isinstance(file, Path) else file
            found = self._connection.execute("SELECT format, as_of FROM about").fetchall()
        except duckdb.Error as error:
            msg = f"{file} is damaged ({error}); load its sources again into a new folder"
            raise EdgeTableError(msg) from error
        if not found or found[0][0] != FORMAT:
            msg = f"{file} was written by another version of civicgraph; load its sources again"
            raise EdgeTableError(msg)
        self.as_of: date | None = found[0][1]
        self._lock = Lock()
        self._groups: dict[date, Mapping[str, str]] = {}

    def close(self) -> None:
        """Let the file go."""
        self._connection.close()

    def rows(self, query: str, parameters: Mapping[str, object] | None = None) -> Rows:
        """Return what a query over the tables of `schema.sql` answers, as tuples."""
        with self._connection.cursor() as cursor:
            return cursor.execute(query, dict(parameters or {})).fetchall()

    def records(self, query: str, parameters: Mapping[str, object] | None = None) -> Iterator[dict[str, Any]]:
        """Yield what a query over the tables of `schema.sql` answers, as dictionaries by the names of its columns."""
        with self._connection.cursor() as cursor:
            yield from Scoped(cursor, Scope()).records(query, parameters)

    @contextmanager
    def scoped(self, scope: Scope) -> Iterator[Scoped]:
        """Select the rows of a scope; see `scoped.sql` for what each weighs and why one is left out."""
        with self._connection.cursor() as cursor:
            cursor.execute(sql("scoped").replace(CELLS, f"({sql('cells')})"), self._parameters(scope))
            yield Scoped(cursor, scope)

    def in_scope(self, scope: Scope, query: str, parameters: Mapping[str, object] | None = None) -> Rows:
        """Return what a query over the rows of a scope answers, without keeping those rows for others.

        Parameters
        ----------
        scope
            The scope.
        query
            Reads `cells_in_scope`, which stands for the rows that `cells.sql` selects.
        parameters
            Its own; one that is called as one of those of `cells.sql` takes its place.
        """
        text = query.replace(CELLS, f"({sql('cells')})")
        named = {**self._parameters(scope), **(parameters or {})}
        used = set(_PARAMETER.findall(text))
        return self.rows(text, {name: value for name, value in named.items() if name in used})

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """The names of service types and places, by IRI."""
        return dict(self.rows("SELECT iri, name FROM thing ORDER BY iri"))

    @cached_property
    def services(self) -> Mapping[str, str]:
        """The names of service types, by IRI."""
        return dict(self.rows("SELECT iri, name FROM thing WHERE NOT is_place ORDER BY iri"))

    @cached_property
    def places(self) -> Mapping[str, str]:
        """The names of places, by IRI."""
        return dict(self.rows("SELECT iri, name FROM thing WHERE is_place ORDER BY iri"))

    @cached_property
    def parties(self) -> Mapping[str, Party]:
        """Everybody who buys, supplies or belongs to a group, by IRI."""
        found = self.rows("SELECT iri, name, class, region FROM party ORDER BY party")
        return {row[0]: Party(*row) for row in found}

    @cached_property
    def numbered_parties(self) -> Sequence[tuple[str, str]]:
        """The IRI and the name of each party, in the order of their numbers."""
        return self.rows("SELECT iri, name FROM party ORDER BY party")

    @cached_property
    def numbered_things(self) -> Sequence[tuple[str, str]]:
        """The IRI and the name of each service type and place, in the order of their numbers."""
        return self.rows("SELECT iri, name FROM thing ORDER BY thing")

    @cached_property
    def holdings(self) -> Sequence[Holding]:
        """Who holds what part of whom, between which days."""
        found = self.rows("SELECT owner, owned, controls, share, starts, ends FROM holding ORDER BY ALL")
        return [
            Holding(owner, owned, controls, None if share is None else Decimal(share), starts, ends)
            for owner, owned, controls, share, starts, ends in found
        ]

    def label(self, thing: str) -> str:
        """Return the name of a service type or place, or its IRI where it has none."""
        return self.labels.get(thing, thing)

    def groups(self, day: date | None) -> Mapping[str, str]:
        """Return the group of each organisation that is in one on a day, by IRI; on the as-of date where it is None."""
        on = day or self.as_of
        if on is None or not self.holdings:
            return {}
        with self._lock:
            if on not in self._groups:
                if len(self._groups) >= _KEPT_GROUPS:
                    self._groups.clear()
                self._groups[on] = group_at(self.holdings, on).of
            return self._groups[on]

    def _parameters(self, scope: Scope) -> dict[str, object]:
        led = self.groups(scope.end) if scope.level == "group" else {}
        members = self._numbers((*led, *led.values())) if led else {}
        return {
            "members": [members[iri] for iri in led],
            "groups": [members[group] for group in led.values()],
            "money": scope.is_money,
            "kind": KIND_OF_BASIS[scope.basis],
            "basis": scope.basis,
            "plans": scope.plans,
            "services": self._under(scope.services),
            "places": self._under(scope.places),
            "buyers": self._wanted(scope.buyers),
            "suppliers": self._wanted(scope.suppliers),
            "certainty": scope.certainty,
            "start": scope.start,
            "end": scope.end,
            "dated": scope.is_dated,
            "currency": scope.currency,
            "minimum_e4": None if scope.minimum is None else round(scope.minimum * SCALE),
        }

    def _under(self, things: Sequence[str]) -> list[int] | None:
        if not things:
            return None
        query = (
            "SELECT DISTINCT u.thing FROM under u JOIN thing b ON b.thing = u.broader WHERE list_contains($iris, b.iri)"
        )
        return [row[0] for row in self.rows(query, {"iris": list(things)})]

    def _wanted(self, parties: Sequence[str]) -> list[int] | None:
        return list(self._numbers(parties).values()) if parties else None

    def _numbers(self, iris: Sequence[str]) -> dict[str, int]:
        return dict(self.rows("SELECT iri, party FROM party WHERE list_contains($iris, iri)", {"iris": list(iris)}))


def pounds(money_e4: int) -> Decimal:
    """Return a sum of ten-thousandths as a decimal with its pence, with more digits only where it has them.

    >>> pounds(1_000_000), pounds(12_345)
    (Decimal('100.00'), Decimal('1.2345'))
    """
    pence, less = divmod(money_e4, SCALE // 100)
    return Decimal(pence).scaleb(-2) if not less else Decimal(money_e4).scaleb(-4).normalize()
