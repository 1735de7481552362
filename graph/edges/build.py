"""Building the edge table of a snapshot: rows from records as they were loaded, and from what a store states."""

import csv
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Final, Self

import duckdb

from civicgraph.graph.edges.projection import evidence, facts, surroundings_of
from civicgraph.graph.edges.sql import FORMAT, sql
from civicgraph.graph.engine.interface import Engine
from civicgraph.graph.identity.words import trades
from civicgraph.graph.records.iris import BASE
from civicgraph.graph.records.rows import reading
from civicgraph.ontology.terms import CG_NS, SERVICES_NS

_MEMORY: Final = "700MB"
"""What a build may hold at a time; more waits on disk."""


class EdgeBuilder:
    """Makes an edge table. Everything is added first; `finish` writes the table.

    Parameters
    ----------
    path
        The file to make; there must be none.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> path = Path(tempfile.mkdtemp()) / "edges.duckdb"
    >>> with EdgeBuilder(path) as builder:
    ...     builder.finish(as_of=None)
    >>> path.exists()
    True
    """

    def __init__(self, path: Path) -> None:
        self._scratch = tempfile.TemporaryDirectory(dir=path.parent, prefix="edges-")
        self._connection = duckdb.connect(str(path))
        self._connection.execute(f"SET memory_limit = '{_MEMORY}'; SET preserve_insertion_order = false")
        self._connection.execute("SET temp_directory = $1", [self._scratch.name])
        self._connection.create_function("trades", trades)
        for name in ("schema", "staging"):
            self._connection.execute(sql(name))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()
        self._scratch.cleanup()

    def add_records(self, source: str, path: Path, renamed: Mapping[str, str]) -> None:
        """Add the rows of a source's records.

        Parameters
        ----------
        source
            Its id.
        path
            A file of lines as `civicgraph.graph.records.rows` writes them.
        renamed
            Keys of parties that stand for others in this source.
        """
        if path.stat().st_size:
            given = {"path": str(path), "source": source, "base": BASE, "services": SERVICES_NS}
            self._connection.execute(sql("records").replace("file_of_rows", reading(path)), given)
        if renamed:
            self.add("renamed", ((BASE + key, BASE + other) for key, other in renamed.items()))
            self._connection.execute(sql("renamed"), {"source": source})
            self._connection.execute("DELETE FROM renamed")

    def add_stated(self, engine: Engine, records: Iterable[str] | None = None) -> None:
        """Add what a store states of services, contracts and sums of money, with the claims behind them.

        Parameters
        ----------
        engine
            The store. What its plans hold beside what is established is added as planned.
        records
            The IRIs of those that are wanted; None for all.
        """
        wanted = None if records is None else list(records)
        self.add("fact", facts(engine, wanted))
        self.add("evidence", evidence(engine, wanted))
        self._connection.execute(sql("stated"), {"terms": CG_NS})

    def add_earlier(self, path: Path, changed: Iterable[str]) -> None:
        """Add what an edge table holds, but for some records, which have changed since.

        Parameters
        ----------
        path
            The edge table.
        changed
            The IRIs of those records, and of whatever else.
        """
        self._connection.execute("CREATE TEMP TABLE changed (record VARCHAR)")
        self.add("changed", ((iri,) for iri in changed))
        self._connection.execute(f"ATTACH '{path}' AS earlier (READ_ONLY)")
        self._connection.execute(sql("earlier"))
        self._connection.execute("DETACH earlier")

    def add_surroundings(self, engine: Engine) -> None:
        """Add what a store says of parties, places and service types: names, classes, areas, regions, ownership."""
        for table, rows in surroundings_of(engine).items():
            self.add(table, rows)

    def finish(self, as_of: date | None) -> None:
        """Write the table; `as_of` is the latest day of its records."""
        self._connection.execute(sql("build"))
        self._connection.execute("INSERT INTO about VALUES ($1, $2)", [FORMAT, as_of])
        self._connection.execute("CHECKPOINT")

    def answers(self, name: str, **given: object) -> list[tuple[str, str]]:
        """Return what one of the queries of this folder answers of the table that is finished, as pairs."""
        return self._connection.execute(sql(name), given).fetchall()

    def add(self, table: str, rows: Iterable[Sequence[str | None]]) -> None:
        """Add rows to a table, by way of a file: one by one they would take a hundred times as long."""
        path = Path(self._scratch.name) / f"{table}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
        if path.stat().st_size:
            # All is said of the file, for what is guessed from its lines fails where a name has a line end in it.
            how = "FORMAT csv, HEADER false, AUTO_DETECT false, PARALLEL false, NEW_LINE '\\r\\n'"
            how += """, DELIM ',', QUOTE '"', ESCAPE '"'"""
            self._connection.execute(f"COPY {table} FROM '{path}' ({how})")
        path.unlink()
