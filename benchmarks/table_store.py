"""The rows of tables in SQLite: one file a snapshot, filled a table at a time, when somebody first asks for it."""

import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from civicgraph.api.tables.flat import Cell, TableRow
from civicgraph.api.tables.headers import Column

_AFFINITY: Final = {"text": "TEXT", "iri": "TEXT", "date": "TEXT", "number": "REAL", "integer": "INTEGER"}
_KEY: Final = "_key"
_BETWEEN: Final = "\x1f"


@dataclass(frozen=True, slots=True)
class Layout:
    """How a table is kept: its columns, those that make up its order, and those that are looked up."""

    name: str
    columns: Mapping[str, Column]
    order: Sequence[str]
    looked_up: Sequence[str]


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows in the order of the table; `next` is the key of the last, None where no more follow."""

    rows: Sequence[TableRow]
    next: str | None


class TableStore:
    """The tables of one snapshot."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="civicgraph-tables-"))
        self._file = self._folder / "tables.sqlite"
        self._lock = threading.Lock()
        self._filled: set[str] = set()

    def fill(self, layout: Layout, rows: Iterable[TableRow]) -> None:
        """Keep the rows of a table, unless they are kept already."""
        with self._lock:
            if layout.name in self._filled:
                return
            names = [_quoted(column) for column in layout.columns]
            kinds = [_AFFINITY[column.type] for column in layout.columns.values()]
            defined = ", ".join(f"{name} {kind}" for name, kind in zip(names, kinds, strict=True))
            table = _quoted(layout.name)
            with closing(sqlite3.connect(self._file)) as connection, connection:
                connection.execute(f"CREATE TABLE {table} ({_KEY} TEXT PRIMARY KEY, {defined}) WITHOUT ROWID")
                marks = ", ".join("?" * (len(names) + 1))
                insert = f"INSERT INTO {table} VALUES ({marks})"  # noqa: S608 - names of the project's own files
                connection.executemany(insert, _keyed(layout, rows))
                for column in layout.looked_up:
                    index = _quoted(f"{layout.name} by {column}")
                    connection.execute(f"CREATE INDEX {index} ON {table} ({_quoted(column)}, {_KEY})")
            self._filled.add(layout.name)

    def has(self, name: str) -> bool:
        """Return whether the rows of a table are kept."""
        return name in self._filled

    def page(self, layout: Layout, where: str, values: Sequence[Cell], after: str | None, size: int) -> Page:
        """Return the rows after a key for which a condition holds."""
        columns = ", ".join(_quoted(column) for column in layout.columns)
        conditions = [f"({where})"] if where else []
        conditions += [f"{_KEY} > ?"] if after is not None else []
        wanted = f"WHERE {' AND '.join(conditions)}" if conditions else ""
        table = _quoted(layout.name)
        query = f"SELECT {_KEY}, {columns} FROM {table} {wanted} ORDER BY {_KEY} LIMIT ?"  # noqa: S608 - as above
        given = [*values, *([after] if after is not None else []), size + 1]
        with closing(sqlite3.connect(self._file)) as connection:
            found = connection.execute(query, given).fetchall()
        rows = [dict(zip(layout.columns, row[1:], strict=True)) for row in found[:size]]
        return Page(rows, found[size - 1][0] if len(found) > size else None)

    def values(self, layout: Layout, column: str, most: int) -> list[str]:
        """Return the different values of a column, no more than so many."""
        query = f"SELECT DISTINCT {_quoted(column)} FROM {_quoted(layout.name)} LIMIT ?"  # noqa: S608 - as above
        with closing(sqlite3.connect(self._file)) as connection:
            return [str(value) for (value,) in connection.execute(query, [most]) if value is not None]

    def close(self) -> None:
        """Remove the file."""
        shutil.rmtree(self._folder, ignore_errors=True)


def _keyed(layout: Layout, rows: Iterable[TableRow]) -> Iterator[list[Cell]]:
    seen: dict[str, int] = {}
    for row in rows:
        key = _BETWEEN.join("" if row[column] is None else str(row[column]) for column in layout.order)
        seen[key] = number = seen.get(key, 0) + 1
        yield [f"{key}{_BETWEEN}{number}", *(row[column] for column in layout.columns)]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
