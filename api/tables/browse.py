"""Pages of tables: in their own order, sorted or searched; with sums of columns and what rows have in common."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from civicgraph.api.tables.catalog import COUNCIL, Table
from civicgraph.api.tables.flat import Cell, TableRow
from civicgraph.api.tables.kept import quoted
from civicgraph.api.tables.table_filters import Given, scope_of
from civicgraph.graph.edges.scope import ScopeError
from civicgraph.graph.edges.table import EdgeTable, Rows, Scoped

if TYPE_CHECKING:
    from civicgraph.api.serving import Snapshot

FACET: Final = 8
"""How many values of a column are counted."""
_SPARE: Final = 16
_NAMED: Final = {"buyer": "party", "supplier": "party", "service": "thing", "place": "thing"}
"""The columns of the edge table that are numbers of names, and the table of those names."""


Page = tuple[Sequence[TableRow], int | None]
"""Some rows in the order of the table, and the place of the last, None where no more follow."""


@dataclass(frozen=True, slots=True)
class Facet:
    """How often a column has its commonest values: what is shown, what filters by it, and the number of rows."""

    values: Sequence[tuple[str, str, int]]
    distinct: int


@dataclass(frozen=True, slots=True)
class View:
    """Rows of a table, how many there are in all, sums of columns over all of them, and facets by filter."""

    rows: Sequence[TableRow]
    total: int
    sums: Mapping[str, float]
    facets: Mapping[str, Facet]


@dataclass(frozen=True, slots=True)
class Browsing:
    """How the rows of a table are wanted: by which column (`-` before it: the largest first), and with which text."""

    sort: str = ""
    search: str = ""

    @property
    def column(self) -> str:
        """The column that sorts."""
        return self.sort.removeprefix("-")

    def check(self, table: Table) -> None:
        """Raise ScopeError where the table has no such column."""
        if self.sort and self.column not in table.columns:
            msg = f"the table {table.name} has no column {self.column[:80]!r}; there are: {', '.join(table.columns)}"
            raise ScopeError(msg)

    def conditions(self, table: Table) -> tuple[str, dict[str, object]]:
        """Return the condition of rows that have the text, and its parameters."""
        texts = ", ".join(quoted(name) for name, column in table.columns.items() if column.type in ("text", "date"))
        words = self.search.split()
        wheres = [f"contains(lower(concat_ws(' ', {texts})), lower($word{at}))" for at, _ in enumerate(words)]
        return " AND ".join(wheres) or "true", {f"word{at}": word for at, word in enumerate(words)}

    def order(self) -> str:
        """Return the order of rows: what is not known comes last."""
        direction = "DESC" if self.sort.startswith("-") else "ASC"
        return f"{quoted(self.column)} {direction} NULLS LAST, position" if self.sort else "position"


@contextmanager
def selected(source: "Snapshot", table: Table, given: Given, asked: Browsing, wait: float) -> Iterator[Scoped]:
    """Select the rows of a table that filters leave and that have the text.

    Raises
    ------
    ScopeError
        A filter is at fault, or the table has no column that is to sort.
    """
    asked.check(table)
    where, words = asked.conditions(table)
    if table.origin == "edges":
        scope, parameters = scope_of(source.edges, table, given)
        whole = {**parameters, **words, "window": None}
        with source.edges.selected(scope, _with_names(table, where), whole) as found:
            yield found
    else:
        with source.tables.selected(table, given, where, words, wait) as kept:
            yield kept


def browsed_page(found: Scoped, table: Table, asked: Browsing, skip: int, size: int) -> Page:
    """Return some of the selected rows in the order that is asked for, and the place of the last of them."""
    columns = ", ".join(map(quoted, table.columns))
    query = f"SELECT {columns} FROM selected ORDER BY {asked.order()} LIMIT $most OFFSET $skip"  # noqa: S608 - names of the project's own files
    rows = found.rows(query, {"most": size + 1, "skip": skip})
    shown: list[dict[str, Cell]] = [dict(zip(table.columns, row, strict=True)) for row in rows[:size]]
    return shown, skip + size - 1 if len(rows) > size else None


def edge_page(edges: EdgeTable, table: Table, given: Given, after: int, size: int) -> Page:
    """Return the rows of a table after a place, at most so many.

    A row is made of one or more cells of the edge table, which stand together. So a stretch of cells is read, and the
    last row of it is put back unless the stretch reaches the end.

    Raises
    ------
    ScopeError
        A filter is at fault.
    """
    scope, parameters = scope_of(edges, table, given)
    window = size + size // 4 + _SPARE
    while True:
        asked = {**parameters, "after": after, "window": window, "most": size + 2}
        rows = edges.in_scope(scope, table.text, asked)
        # Of how many cells each row is made comes last. More rows than are wanted are not all that there are.
        is_all = sum(row[-1] for row in rows) < window
        rows = rows if is_all else rows[:-1]
        if is_all or len(rows) > size:
            break
        window *= 8
    return _named(edges, table, rows[:size]), rows[size - 1][-2] if len(rows) > size else None


def _named(edges: EdgeTable, table: Table, rows: Rows) -> list[TableRow]:
    """Return rows with the names and IRIs of their parties and things in place of their numbers."""
    names = (*table.columns, "position", "cells")
    columns: dict[str, Sequence[Any]] = dict(zip(names, zip(*rows, strict=True), strict=False))
    for name, kind in _NAMED.items():
        if name in columns:
            known = edges.numbered_parties if kind == "party" else [*edges.labels.items()]
            pairs = [(None, None) if number is None else known[number] for number in columns[name]]
            columns[f"{name}_iri"], columns[name] = zip(*pairs, strict=True)
    return [dict(zip(table.columns, cells, strict=False)) for cells in zip(*columns.values(), strict=True)]


def view_of(found: Scoped, table: Table, asked: Browsing, skip: int, size: int) -> View:
    """Return some of the selected rows with what is to be said of all of them."""
    sums = ["count(*)", *(f"sum({quoted(name)}::DECIMAL(28, 4))::DOUBLE" for name in table.sums)]
    (total, *added) = found.rows(f"SELECT {', '.join(sums)} FROM selected")[0]  # noqa: S608 - as above
    facets = {name: _facet(found, *columns) for name, columns in _faceted(table).items()}
    return View(
        rows=browsed_page(found, table, asked, skip, size)[0],
        total=total,
        sums={name: number for name, number in zip(table.sums, added, strict=True) if number is not None},
        facets={name: facet for name, facet in facets.items() if facet.values},
    )


def _facet(found: Scoped, shown: str, value: str) -> Facet:
    query = f"""
        SELECT any_value({quoted(shown)}), {quoted(value)}, count(*) AS n, count(*) OVER () FROM selected
        WHERE {quoted(shown)} IS NOT NULL GROUP BY {quoted(value)} ORDER BY n DESC, 1, 2 LIMIT {FACET}
    """  # noqa: S608 - as above
    rows = found.rows(query)
    return Facet([(str(name), str(of), number) for name, of, number, _ in rows], rows[0][3] if rows else 0)


def _faceted(table: Table) -> Mapping[str, tuple[str, str]]:
    """Return by filter the column that is shown of a value, and the one that the filter takes."""
    if table.origin != "edges":
        return {name: (columns[0], columns[0]) for name, columns in table.filters.items() if name != COUNCIL}
    texts = [name for name in table.parameters if name in table.columns and table.columns[name].type == "text"]
    return {name: (name, f"{name}_iri" if f"{name}_iri" in table.columns else name) for name in texts}


def _with_names(table: Table, where: str) -> str:
    """Return the query of a table over the edge table with names and IRIs in place of the numbers of its things."""
    cells = []
    for name in table.columns:
        of = name.removesuffix("_iri")
        cells.append(
            f"{of}_of.{'name' if of == name else 'iri'} AS {name}" if of in _NAMED else f"found.{quoted(name)}"
        )
    joins = " ".join(
        f"LEFT JOIN {kind} {name}_of ON {name}_of.{kind} = found.{name}"
        for name, kind in _NAMED.items()
        if name in table.columns
    )
    return f"""
        WITH found AS ({table.text}), named AS (SELECT {", ".join(cells)}, position FROM found {joins})
        SELECT * FROM named WHERE {where}
    """  # noqa: S608 - as above
