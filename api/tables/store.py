"""The rows of tables in SQLite, in order: a file a table, made once beside the snapshot and used by whoever serves it.

A row's number is its place in the order of the table, so any page begins with one step, and an index of a column is
short. A file is made under another name, by one process at a time, and renamed when it is whole.
"""

import fcntl
import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from civicgraph.api.tables.flat import Cell, TableRow
from civicgraph.api.tables.headers import Column
from civicgraph.graph.snapshot.locks import BusyError

_AFFINITY: Final = {"text": "TEXT", "iri": "TEXT", "date": "TEXT", "number": "REAL", "integer": "INTEGER"}
_KEY: Final = "_key"
_BETWEEN: Final = "\x1f"
_FORMAT: Final = 1
"""Of these files: another is not read."""

_LOOK_AGAIN: Final = 0.05


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
    """The tables of one snapshot.

    Parameters
    ----------
    snapshot
        The folder of the snapshot. If None, or if nothing can be written there, they are kept for this process alone.
    """

    def __init__(self, snapshot: Path | None) -> None:
        self._temporary: Path | None = None
        self._folder = self._temporary_folder() if snapshot is None else snapshot / f"tables-{_FORMAT}"
        try:
            self._folder.mkdir(exist_ok=True)
        except OSError:
            self._folder = self._temporary_folder()

    def has(self, name: str) -> bool:
        """Return whether the rows of a table are kept."""
        return self._file(name).exists()

    def fill(self, layout: Layout, rows: Callable[[], Iterable[TableRow]], wait: float) -> None:
        """Keep the rows of a table, unless they are kept already.

        Parameters
        ----------
        layout
            The table.
        rows
            Makes its rows, in any order.
        wait
            Seconds to wait for another process that makes the same table.

        Raises
        ------
        BusyError
            The other process has not come to its end by then.
        """
        if self.has(layout.name):
            return
        with _alone(self._folder / f"{layout.name}.lock", wait, layout.name):
            if self.has(layout.name):
                return
            building = self._folder / f"{layout.name}.building"
            building.unlink(missing_ok=True)
            with closing(sqlite3.connect(building)) as connection:
                _write(connection, layout, rows())
            building.rename(self._file(layout.name))

    def page(self, layout: Layout, where: str, values: Sequence[Cell], after: str | None, size: int) -> Page:
        """Return the rows after a key for which a condition holds."""
        columns = ", ".join(_quoted(column) for column in layout.columns)
        table = _quoted(layout.name)
        with closing(self._open(layout.name)) as connection:
            first = 0 if after is None else _place(connection, table, after)
            wanted = f"AND ({where})" if where else ""
            query = f"SELECT {_KEY}, {columns} FROM {table} WHERE rowid > ? {wanted} ORDER BY rowid LIMIT ?"  # noqa: S608 - names of the project's own files
            found = connection.execute(query, [first, *values, size + 1]).fetchall()
        rows = [dict(zip(layout.columns, row[1:], strict=True)) for row in found[:size]]
        return Page(rows, found[size - 1][0] if len(found) > size else None)

    def met(self, layout: Layout, columns: Sequence[str], values: Sequence[str]) -> list[tuple[str, str]]:
        """Return which of some values some columns have."""
        with closing(self._open(layout.name)) as connection:
            return [
                (column, value)
                for column in columns
                for value in values
                if connection.execute(
                    f"SELECT 1 FROM {_quoted(layout.name)} WHERE {_quoted(column)} = ? LIMIT 1",  # noqa: S608 - as above
                    [value],
                ).fetchone()
            ]

    def values(self, layout: Layout, column: str, most: int) -> list[str]:
        """Return the different values of a column, no more than so many."""
        query = f"SELECT DISTINCT {_quoted(column)} FROM {_quoted(layout.name)} LIMIT ?"  # noqa: S608 - as above
        with closing(self._open(layout.name)) as connection:
            return [str(value) for (value,) in connection.execute(query, [most]) if value is not None]

    def close(self) -> None:
        """Remove what was kept for this process alone."""
        if self._temporary is not None:
            shutil.rmtree(self._temporary, ignore_errors=True)

    def _temporary_folder(self) -> Path:
        self._temporary = Path(tempfile.mkdtemp(prefix="civicgraph-tables-"))
        return self._temporary

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.sqlite"

    def _open(self, name: str) -> sqlite3.Connection:
        return sqlite3.connect(f"{self._file(name).as_uri()}?mode=ro&immutable=1", uri=True)


def _write(connection: sqlite3.Connection, layout: Layout, rows: Iterable[TableRow]) -> None:
    names = [_quoted(column) for column in layout.columns]
    kinds = [_AFFINITY[column.type] for column in layout.columns.values()]
    defined = f"({_KEY} TEXT, {', '.join(f'{name} {kind}' for name, kind in zip(names, kinds, strict=True))})"
    table, marks = _quoted(layout.name), ", ".join("?" * (len(names) + 1))
    # The file has another name until it is whole: nothing needs to be undone.
    connection.execute("PRAGMA journal_mode = OFF")
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute(f"CREATE TEMP TABLE unordered {defined}")
    connection.executemany(f"INSERT INTO unordered VALUES ({marks})", _keyed(layout, rows))  # noqa: S608 - as above
    connection.execute(f"CREATE TABLE {table} {defined}")
    connection.execute(f"INSERT INTO {table} SELECT * FROM unordered ORDER BY {_KEY}")  # noqa: S608 - as above
    for column in layout.looked_up:
        connection.execute(f"CREATE INDEX {_quoted(f'{layout.name} by {column}')} ON {table} ({_quoted(column)})")
    connection.commit()


def _place(connection: sqlite3.Connection, table: str, key: str) -> int:
    """Return the number of the last row whose key is no greater than one: keys are in the order of numbers."""
    low, high = 0, connection.execute(f"SELECT max(rowid) FROM {table}").fetchone()[0] or 0  # noqa: S608 - as above
    query = f"SELECT {_KEY} <= ? FROM {table} WHERE rowid = ?"  # noqa: S608 - as above
    while low < high:
        middle = (low + high + 1) // 2
        if connection.execute(query, [key, middle]).fetchone()[0]:
            low = middle
        else:
            high = middle - 1
    return low


def _keyed(layout: Layout, rows: Iterable[TableRow]) -> Iterator[list[Cell]]:
    seen: dict[str, int] = {}
    for row in rows:
        key = _BETWEEN.join("" if row[column] is None else str(row[column]) for column in layout.order)
        seen[key] = number = seen.get(key, 0) + 1
        yield [f"{key}{_BETWEEN}{number}", *(row[column] for column in layout.columns)]


@contextmanager
def _alone(lock: Path, wait: float, name: str) -> Iterator[None]:
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    until = time.monotonic() + wait
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if time.monotonic() >= until:
                    msg = f"the table {name} is being made for this version of the data: come again in a moment"
                    raise BusyError(msg) from error
                time.sleep(_LOOK_AGAIN)
        yield
    finally:
        os.close(descriptor)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
