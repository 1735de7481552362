"""Building the edge table of a snapshot: rows from records as they were loaded, and from what a store states."""

import csv
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Final, Self

import duckdb

from civicgraph.graph.edges.sql import FORMAT, sql
from civicgraph.graph.engine.interface import Engine, query_text
from civicgraph.graph.identity.words import trades
from civicgraph.graph.records.iris import BASE
from civicgraph.graph.records.rows import reading
from civicgraph.ontology.terms import CG, CG_NS, SERVICES_NS

_MEMORY: Final = "700MB"
"""What a build may hold at a time; more waits on disk."""
_AT_ONCE: Final = 500
"""How many records are named in one query."""


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
        plans = any(engine.select("SELECT ?record { GRAPH cg:plans { ?record ?role ?party } } LIMIT 1"))
        for planned, views in ((False, (CG.established,)), (True, (CG.established, CG.plans)))[: 1 + plans]:
            self._ask("fact", engine, views, record=wanted)
            self._connection.execute(sql("stated"), {"planned": planned, "terms": CG_NS})
            self._connection.execute("DELETE FROM fact")
        self._ask("evidence", engine, record=wanted)

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
        for name in ("superclasses", "areas", "regions", "broad", "wide", "held", "called"):
            self._ask(name, engine)
        # Classes of parties and concepts are named: to join them takes the engine through the classes of everything.
        self._ask("names", engine, **{"class": [cls for (cls,) in self.rows("classes", terms=CG_NS)]})

    def finish(self, as_of: date | None) -> None:
        """Write the table; `as_of` is the latest day of its records."""
        self._connection.execute(sql("build"))
        self._connection.execute("INSERT INTO about VALUES ($1, $2)", [FORMAT, as_of])
        self._connection.execute("CHECKPOINT")

    def rows(self, name: str, **given: object) -> list[tuple[str, ...]]:
        """Return what one of the queries of this folder answers of what was added, or of the table once finished."""
        return self._connection.execute(sql(name), given).fetchall()

    def _ask(
        self, name: str, engine: Engine, views: Sequence[str] | None = None, **among: Sequence[str] | None
    ) -> None:
        """Add what one of the graph's queries answers to the table of its name: its variables are the columns.

        `among` has the IRIs of which a variable is to be one, some of which are asked for at a time; None for any.
        """
        columns = [column for column, *_ in self._connection.execute(f"DESCRIBE {name}").fetchall()]
        queries = [query_text(name)]
        for variable, iris in among.items():
            if iris is not None:
                parts = (iris[at : at + _AT_ONCE] for at in range(0, len(iris), _AT_ONCE))
                values = (f"VALUES ?{variable} {{ {' '.join(f'<{iri}>' for iri in part)} }}" for part in parts)
                queries = [queries[0].replace("WHERE {", f"WHERE {{ {one}", 1) for one in values]
        answers = (engine.select(query, views) for query in queries)
        rows = chain.from_iterable(answers)
        self.add(name, ([term and term.value for term in map(row.get, columns)] for row in rows))

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
