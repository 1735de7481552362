"""The edge table of a snapshot, opened to be asked: every figure, table, network and page is answered from it."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import duckdb

from civicgraph.graph.edges.account import SCALE, Account, Left, pounds
from civicgraph.graph.edges.scope import KIND_OF_BASIS, MARKS, Scope
from civicgraph.graph.edges.sql import CELLS, FILE, FORMAT, DataFolderError, bound, define, sql
from civicgraph.graph.identity.ownership import Holding, group_at

WHOLE: Final = -1
"""The number of the market that is a scope as a whole."""
_KEPT_GROUPS: Final = 16
_KEPT_SCOPES: Final = 64
_VAT: Final = {"net": "without VAT", "": "of files that do not say", "gross": "with VAT, left out"}

Rows = list[tuple[Any, ...]]


class Party(NamedTuple):
    """Who buys or supplies: `cls` is the local name of the narrowest class."""

    iri: str
    name: str
    cls: str
    region: str | None


class Scoped:
    """The rows of a scope, in a temporary table `scoped` that queries may read until it is closed.

    Parameters
    ----------
    cursor
        A connection that has the table.
    scope
        The scope.
    parameters
        Those of `cells.sql` for it.
    """

    def __init__(
        self, cursor: duckdb.DuckDBPyConnection, scope: Scope, parameters: Mapping[str, object] | None = None
    ) -> None:
        self._cursor = cursor
        self.scope = scope
        self._parameters = dict(parameters or {})

    def rows(self, query: str, parameters: Mapping[str, object] | None = None) -> Rows:
        """Return what a query answers, as tuples."""
        return self._cursor.execute(*bound(query, parameters or {})).fetchall()

    def records(self, query: str, parameters: Mapping[str, object] | None = None) -> Iterator[dict[str, Any]]:
        """Yield what a query answers, as dictionaries by the names of its columns."""
        result = self._cursor.execute(*bound(query, parameters or {}))
        names = [column[0] for column in result.description or ()]
        while rows := result.fetchmany(10_000):
            for row in rows:
                yield dict(zip(names, row, strict=True))

    def arrays(self, query: str, parameters: Mapping[str, object] | None = None) -> dict[str, Any]:
        """Return what a query answers, as numpy arrays by the names of its columns."""
        return self._cursor.execute(*bound(query, parameters or {})).fetchnumpy()

    def csv(self, table: str) -> str:
        """Return a table as CSV, in the order of its rows; a text that looks like a formula begins with an apostrophe.

        Written by DuckDB, in a tenth of the time that a million cells take one by one; the form is that of
        `civicgraph.api.tables.flat.table_text`.
        """
        columns = {name: kind for name, kind, *_ in self.rows(f"DESCRIBE {table}")}
        cells = [
            f'csv_text("{name}")' if kind == "VARCHAR" else f"""coalesce("{name}"::VARCHAR, '')"""
            for name, kind in columns.items()
        ]
        self.rows(sql("csv"))
        lines = self.rows(f"SELECT concat_ws(',', {', '.join(cells)}) FROM {table}")  # noqa: S608 - own names
        return "\r\n".join([",".join(columns), *(line for (line,) in lines), ""])

    @cached_property
    def title(self) -> str:
        """What the scope is called: its service types, and where."""
        labels: dict[str, str] = dict(self.rows("SELECT iri, name FROM thing"))
        services, places = (
            ", ".join(labels.get(one, one) for one in some) for some in (self.scope.services, self.scope.places)
        )
        return (services or "All services") + (f" in {places}" if places else "")

    @cached_property
    def account(self) -> Account:
        """What figures of the scope rest on, and what is left out."""
        return self.accounts("(SELECT NULL AS market, * FROM scoped)").get(WHOLE, Account(Left(0, 0, Decimal(0)), {}))

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What must be said beside figures of the scope: cut months, money with and without tax, or counted twice."""
        found = []
        if self.account.cuts_months:
            found.append("Sums known by the month only are taken in part, by days, in a month that the period cuts.")
        if self.scope.is_money and self._parameters.get("mixed"):
            by_vat = {vat: pounds(money) for vat, money in self.rows(sql("vat"))}
            parts = ", ".join(f"{by_vat[vat]:,.2f} {words}" for vat, words in _VAT.items() if vat in by_vat)
            found.append(f"Amounts with VAT are not added to those without: {parts}. The filter vat takes either.")
        ((contracts, money),) = self.rows(sql("twice"))
        if contracts:
            sum_of = f", {pounds(money):,.2f} of money" if self.scope.is_money else ""
            found.append(
                f"Up to {contracts:,} contract{'s' if contracts > 1 else ''}{sum_of} may be counted twice: another "
                "source may have the same, which a person is to judge (civicgraph review)."
            )
        return tuple(found)

    @cached_property
    def classified(self) -> tuple[float | None, float | None]:
        """What part of the rows that count has a service type, and of their money, whatever type is asked for, 0 to 1.

        None where nothing counts; of money too where none is known.
        """
        query = sql("classified").replace("rows_of", CELLS if self.scope.services else "scoped")
        (rows, money), *_ = self.rows(query, {**self._parameters, "services": None})
        return rows if rows is None else rows or 0.0, money

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
        asked = {"currency": self.scope.currency, "plans": self.scope.plans}
        for market, reason, records, rows, money, is_cut in self.rows(query, asked):
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
        The file, or the folder of the snapshot that holds it.

    Raises
    ------
    DataFolderError
        There is none, or it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        file = path / FILE if path.is_dir() else path
        try:
            self._connection = duckdb.connect(str(file), read_only=True)
            found = self._connection.execute("SELECT format, as_of FROM about").fetchall()
        except duckdb.Error as error:
            msg = f"{file} is damaged ({error}); load its sources again into a new folder"
            raise DataFolderError(msg) from error
        if not found or found[0][0] != FORMAT:
            msg = f"{file} was written by another version of civicgraph; load its sources again"
            raise DataFolderError(msg)
        self.as_of: date | None = found[0][1]
        self._group_of = lru_cache(_KEPT_GROUPS)(lambda day: group_at(self.holdings, day).of)
        self._parameters = lru_cache(_KEPT_SCOPES)(self._parameters_of)

    def close(self) -> None:
        """Let the file go."""
        self._connection.close()

    def rows(self, query: str, parameters: Mapping[str, object] | None = None) -> Rows:
        """Return what a query over the tables of `schema.sql` answers, as tuples."""
        with self._connection.cursor() as cursor:
            return cursor.execute(*bound(query, parameters or {})).fetchall()

    def records(self, query: str, parameters: Mapping[str, object] | None = None) -> Iterator[dict[str, Any]]:
        """Yield what a query over the tables of `schema.sql` answers, as dictionaries by the names of its columns."""
        with self._connection.cursor() as cursor:
            yield from Scoped(cursor, Scope()).records(query, parameters)

    def transferred(self, sources: Collection[str]) -> Iterator[tuple[str, int, Decimal]]:
        """Yield by guard how many payments of sources are from one public body to another, and what they are in pounds.

        Who is a public body is known once it is known who is who, so that it can be more than a reader guarded.
        """
        for guard, rows, money in self.rows(sql("transferred"), {"sources": sorted(sources)}):
            yield guard, rows, pounds(money)

    @contextmanager
    def scoped(self, scope: Scope, payments: Scope | None = None) -> Iterator[Scoped]:
        """Select the rows of a scope; see `scoped.sql` for what each weighs and why one is left out.

        Where the `payments` are wanted of another scope, both are on the basis of customers.
        """
        with self._connection.cursor() as cursor:
            given = self._parameters(scope)
            # What takes work to select is selected once; the rest is read from the table whenever it is wanted.
            is_kept = scope.is_dated or scope.minimum is not None or scope.basis == "customers" or given["members"]
            define(cursor, "TABLE" if is_kept else "VIEW", "scoped", sql("scoped"), given)
            if payments is not None:
                define(cursor, "TABLE", "paid", sql("scoped"), self._parameters(payments))
                cursor.execute("DELETE FROM scoped WHERE kind = 'spend'")
                cursor.execute("INSERT INTO scoped BY NAME FROM paid WHERE kind = 'spend'")
            yield Scoped(cursor, scope, given)

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
        return self.rows(query, {**self._parameters(scope), **(parameters or {})})

    @contextmanager
    def selected(self, scope: Scope, query: str, parameters: Mapping[str, object] | None = None) -> Iterator[Scoped]:
        """Keep what a query over the rows of a scope answers, as `in_scope`, in a temporary table `selected`."""
        with self._connection.cursor() as cursor:
            define(cursor, "TABLE", "selected", query, {**self._parameters(scope), **(parameters or {})})
            yield Scoped(cursor, scope)

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """The names of service types and places, by IRI, in the order of their numbers."""
        return dict(self.rows("SELECT iri, name FROM thing ORDER BY iri"))

    @cached_property
    def services(self) -> Mapping[str, str]:
        """The names of service types, by IRI."""
        return {iri: name for iri, name in self.labels.items() if iri not in self.places}

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
        return self._group_of(on)

    def _parameters_of(self, scope: Scope) -> Mapping[str, object]:
        """Return the parameters of `cells.sql` for a scope."""
        led = self.groups(scope.end) if scope.level == "group" else {}
        members = self._numbers((*led, *led.values())) if led else {}
        given = {
            "members": [members[iri] for iri in led] or None,
            "groups": [members[group] for group in led.values()],
            "money": scope.is_money,
            "customers": scope.basis == "customers",
            "records": scope.basis in ("contracts", "services"),
            "kind": KIND_OF_BASIS[scope.basis],
            "plans": scope.plans,
            "services": self._under(scope.services),
            "places": self._under(scope.places),
            "buyers": self._wanted(scope.buyers),
            "suppliers": self._wanted(scope.suppliers),
            "marks": self._marks(scope),
            "certainty": scope.certainty,
            "start": scope.start,
            "end": scope.end,
            "dated": scope.is_dated,
            "currency": scope.currency,
            "minimum_e4": None if scope.minimum is None else round(scope.minimum * SCALE),
        }
        query = "SELECT vat, list(mark ORDER BY mark) FROM mark WHERE vat IS NOT NULL GROUP BY vat"
        by_vat: dict[str, list[int]] = dict(self.rows(query))
        # Only where there are both can some amounts of a kind be known to be net, and others gross.
        mixed = self.rows(sql("mixed"), {**given, "money": None}) if len(by_vat) > 1 else ()
        return given | {"mixed": [kind for (kind,) in mixed] or None, "gross": by_vat.get("gross")}

    def _under(self, things: Sequence[str]) -> list[int] | None:
        if not things:
            return None
        query = (
            "SELECT DISTINCT u.thing FROM under u JOIN thing b ON b.thing = u.broader WHERE list_contains($iris, b.iri)"
        )
        return [row[0] for row in self.rows(query, {"iris": list(things)})]

    def _marks(self, scope: Scope) -> list[int] | None:
        asked = {name: [one.casefold() for one in getattr(scope, name)] or None for name in MARKS}
        if not any(asked.values()):
            return None
        wanted = " AND ".join(
            f"(${name} IS NULL OR list_contains(${name}, lower({column})))" for name, column in MARKS.items()
        )
        return [row[0] for row in self.rows(f"SELECT mark FROM mark WHERE {wanted}", asked)]  # noqa: S608 - own names

    def _wanted(self, parties: Sequence[str]) -> list[int] | None:
        return list(self._numbers(parties).values()) if parties else None

    def _numbers(self, iris: Sequence[str]) -> dict[str, int]:
        return dict(self.rows("SELECT iri, party FROM party WHERE list_contains($iris, iri)", {"iris": list(iris)}))
