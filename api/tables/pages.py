"""Pages of a table that is read from the edge table, in the order of its rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from civicgraph.api.tables.catalog import Table
from civicgraph.api.tables.filters import Given, scope_of
from civicgraph.api.tables.flat import Cell, TableRow
from civicgraph.graph.edges.scope import Scope
from civicgraph.graph.edges.table import EdgeTable, Rows

_SPARE: Final = 16
_PARTIES: Final = ("buyer", "supplier")
_THINGS: Final = ("service", "place")


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
    window = 2 * size + _SPARE
    while True:
        rows, is_all = _stretch(edges, table, scope, {**parameters, "after": after, "window": window, "most": size + 2})
        if is_all or len(rows) > size:
            break
        window *= 8
    named = [_named(edges, table, row) for row in rows[:size]]
    return Page(named, rows[size - 1][-2] if len(rows) > size else None)


def _stretch(edges: EdgeTable, table: Table, scope: Scope, parameters: Mapping[str, object]) -> tuple[Rows, bool]:
    rows = edges.in_scope(scope, table.text, parameters)
    is_all = not rows or rows[0][-1] < parameters["window"]
    return rows if is_all else rows[:-1], is_all


def _named(edges: EdgeTable, table: Table, row: tuple[Cell, ...]) -> TableRow:
    """Return a row with the names and IRIs of its parties and things in place of their numbers."""
    found = dict(zip(table.columns, row, strict=False))
    for columns, known in ((_PARTIES, edges.numbered_parties), (_THINGS, edges.numbered_things)):
        for column in columns:
            number = found.get(column)
            if isinstance(number, int):
                found[f"{column}_iri"], found[column] = known[number]
    return found
