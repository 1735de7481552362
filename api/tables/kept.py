"""Tables that are read once for a snapshot and kept in order: answers of the graph, sums by party, and sources."""

import csv
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

import duckdb

from civicgraph.api.tables.catalog import TABLES, ColumnType, Table
from civicgraph.api.tables.table_filters import Given, days_of, meanings, refuse_value
from civicgraph.graph.edges.scope import Scope
from civicgraph.graph.edges.sql import define
from civicgraph.graph.edges.table import Scoped
from civicgraph.graph.engine.interface import Query, ResultFormat, ResultKind
from civicgraph.graph.snapshot.locks import BusyError

if TYPE_CHECKING:
    from civicgraph.api.serving import Snapshot

_TYPES: Final[Mapping[ColumnType, str]] = {"number": "DOUBLE", "integer": "BIGINT"}
_AS_CSV: Final[Mapping[ResultKind, ResultFormat]] = {"solutions": "csv", "boolean": "json", "graph": "ntriples"}
_LONGEST: Final = 100_000_000
"""Bytes that one row may have."""


class KeptTables:
    """The tables of one snapshot that are kept, in a file that goes with them.

    Parameters
    ----------
    snapshot
        What they are read from.
    """

    def __init__(self, snapshot: "Snapshot") -> None:
        self._snapshot = snapshot
        self._folder = tempfile.TemporaryDirectory(prefix="civicgraph-tables-")
        self._connection = duckdb.connect(
            str(Path(self._folder.name) / "tables.duckdb"), config={"memory_limit": "500MB"}
        )
        self._locks = {name: Lock() for name in TABLES}
        self._filled: set[str] = set()

    def close(self) -> None:
        """Remove them."""
        self._connection.close()
        self._folder.cleanup()

    @contextmanager
    def selected(
        self, table: Table, given: Given, where: str, words: Mapping[str, object], wait: float
    ) -> Iterator[Scoped]:
        """Select the rows of a table that filters and a condition leave, as a temporary view `selected`.

        Raises
        ------
        ScopeError
            A filter is at fault.
        BusyError
            It is not kept yet, and somebody else has not come to the end of reading it after so many seconds.
        """
        lock = self._locks[table.name]
        if not lock.acquire(timeout=wait):
            msg = f"the table {table.name} is being made for this version of the data: come again in a moment"
            raise BusyError(msg)
        try:
            if table.name not in self._filled:
                self._read(table)
                self._filled.add(table.name)
        finally:
            lock.release()
        wheres, values = self._conditions(table, given)
        query = f"SELECT rowid AS position, * FROM {quoted(table.name)} WHERE {' AND '.join((where, *wheres))}"  # noqa: S608 - as below
        with self._connection.cursor() as cursor:
            define(cursor, "VIEW", "selected", query, {**values, **words})
            yield Scoped(cursor, Scope())

    def _conditions(self, table: Table, given: Given) -> tuple[list[str], dict[str, object]]:
        wheres: list[str] = []
        values: dict[str, object] = {}
        for name, columns in table.filters.items():
            if name in given:
                values[name] = [text for value in given[name] for text in meanings(value)]
                wheres.append(_has(columns, name))
                for value in given[name]:
                    where = f"FROM {quoted(table.name)} WHERE {_has(columns, 'texts')}"
                    if not self._rows(f"SELECT 1 {where} LIMIT 1", {"texts": meanings(value)}):
                        known = self._rows(f"SELECT DISTINCT {quoted(columns[0])} FROM {quoted(table.name)}", {})  # noqa: S608 - as below
                        refuse_value(name, value, (str(row[0] or "") for row in known))
        earliest, latest = days_of(given)
        if earliest is not None:
            wheres.append('("to" IS NULL OR "to" >= $earliest)')
            values["earliest"] = earliest.isoformat()
        if latest is not None:
            wheres.append('("from" IS NULL OR "from" <= $latest)')
            values["latest"] = latest.isoformat()
        return wheres, values

    def _read(self, table: Table) -> None:
        path = Path(self._folder.name) / f"{table.name}.csv"
        if table.origin == "graph":
            # A million rows as terms would take gigabytes; as text they wait on disk.
            with path.open("wb") as out:
                self._snapshot.engine.write_answer(Query(table.text, _AS_CSV), lambda _: out)
        else:
            names = ["id" if name == "source" else name for name in table.columns]
            rows: Iterable[Sequence[object]] = (
                self._snapshot.edges.in_scope(Scope(), table.text, {"money": None})
                if table.origin == "sums"
                else ([getattr(one, name) for name in names] for one in self._snapshot.manifest.sources)
            )
            with path.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows([list(table.columns), *rows])
        texts = ", ".join(f"'{name}': 'VARCHAR'" for name in table.columns)
        form = "header = true, auto_detect = false, delim = ',', quote = '\"', escape = '\"', parallel = false"
        cells = ", ".join(
            f"TRY_CAST({quoted(name)} AS {_TYPES[column.type]}) AS {quoted(name)}"
            if column.type in _TYPES
            else f"nullif({quoted(name)}, '') AS {quoted(name)}"
            for name, column in table.columns.items()
        )
        order = ", ".join(f"{quoted(name)} NULLS FIRST" for name in (*table.order, *table.columns))
        query = f"""
            CREATE OR REPLACE TABLE {quoted(table.name)} AS SELECT {cells}
            FROM read_csv($path, {form}, max_line_size = {_LONGEST}, columns = {{{texts}}}) ORDER BY {order}
        """  # noqa: S608 - as above
        self._rows(query, {"path": str(path)})
        path.unlink()

    def _rows(self, query: str, parameters: Mapping[str, object]) -> list[tuple[Any, ...]]:
        with self._connection.cursor() as cursor:
            return cursor.execute(query, dict(parameters)).fetchall()


def _has(columns: Sequence[str], parameter: str) -> str:
    """Return the condition that one of some columns has one of the texts of a parameter, whatever its case."""
    return "(" + " OR ".join(f"list_contains(${parameter}, lower({quoted(column)}))" for column in columns) + ")"


def quoted(name: str) -> str:
    """Return the name of a table or column as SQL has it."""
    return '"' + name.replace('"', '""') + '"'
