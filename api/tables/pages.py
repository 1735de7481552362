"""Pages of a table that is read from the edge table, in the order of its rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from civicgraph.api.tables.catalog import Table
from civicgraph.api.tables.filters import Given, scope_of
from civicgraph.api.tables.flat import TableRow
from civicgraph.graph.edges.table import EdgeTable, Rows

_SPARE: Final = 16


_NUMBERED: Final = ("buyer", "supplier", "service", "place")
"""Columns that hold the number of a party, or of a service type or place."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows in the order of the table; `next` is the place of the last, None where no more follow."""

    rows: Sequence[TableRow]
    next: int | None


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
        rows, is_all = _stretch(edges.in_scope(scope, table.text, asked), window)
        if is_all or len(rows) > size:
            break
        window *= 8
    return Page(_named(edges, table, rows[:size]), rows[size - 1][-2] if len(rows) > size else None)


def _stretch(rows: Rows, window: int) -> tuple[Rows, bool]:
    # Of how many cells each row is made comes last. More rows than are wanted are not all that there are.
    is_all = sum(row[-1] for row in rows) < window
    return rows if is_all else rows[:-1], is_all


def _named(edges: EdgeTable, table: Table, rows: Rows) -> list[TableRow]:
    """Return rows with the names and IRIs of their parties and things in place of their numbers."""
    columns = list(table.columns)
    numbered = [
        (columns.index(column), columns.index(f"{column}_iri"), known)
        for column, known in zip(_NUMBERED, (*[edges.numbered_parties] * 2, *[edges.numbered_things] * 2), strict=True)
        if column in columns
    ]
    found: list[TableRow] = []
    for row in rows:
        cells = list(row)
        for at, iri_at, known in numbered:
            if cells[at] is not None:
                cells[iri_at], cells[at] = known[cells[at]]
        found.append(dict(zip(columns, cells, strict=False)))
    return found
