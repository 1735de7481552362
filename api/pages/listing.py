"""A table on a page that can be sorted, searched within and turned, and taken away as it is: by its address alone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from starlette.requests import Request

from civicgraph.api.tables.browse import Browsing, View
from civicgraph.api.tables.catalog import MONEY, ColumnType, Table
from civicgraph.api.tables.flat import TableRow
from civicgraph.graph.edges.table import Scoped

_POUNDS: Final = (MONEY, "contracted", "paid", "paid_in_all", "paid_a", "paid_b", "difference", "awarded", "received")
_AMOUNTS: Final = ("amount", "value", "part")
"""Money in the currency of its row."""
_KINDS: Final[Mapping[ColumnType, str]] = {"number": "number", "integer": "number", "date": "day", "iri": "links"}
NOT_IN_FILES: Final = ("members", "words", "position")


class Column(NamedTuple):
    """A column of a table on a page: its heading, how its values are written, and the column that says where they lead.

    A column that is not `shown` stands in files alone.
    """

    name: str
    title: str
    kind: str
    is_number: bool
    shown: bool
    iri: str


@dataclass(frozen=True, slots=True)
class Address:
    """An address of this server whose query can be changed in parts."""

    path: str
    pairs: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, request: Request) -> "Address":
        """Return the address of a request."""
        return cls(
            request.url.path, tuple((name, value) for name, value in request.query_params.multi_items() if value)
        )

    def changed(self, fragment: str = "", **values: str | int | None) -> str:
        """Return the address with other values of some parameters; None and the empty text leave one out."""
        kept = [(name, value) for name, value in self.pairs if name not in values]
        query = urlencode([*kept, *((name, str(value)) for name, value in values.items() if value not in (None, ""))])
        return f"{self.path}{'?' if query else ''}{query}{'#' if fragment else ''}{fragment}"

    def ending(self, form: str) -> "Address":
        """Return the address of the same as a file."""
        return replace(self, path=f"{self.path}.{form}")

    def without(self, name: str, value: str) -> str:
        """Return the address without one value of a parameter."""
        return replace(self, pairs=tuple(pair for pair in self.pairs if pair != (name, value))).changed()

    def hidden(self, *but: str) -> Sequence[tuple[str, str]]:
        """Return the parameters that a form keeps as they are: all but those that it has fields for."""
        return [pair for pair in self.pairs if pair[0] not in but]


@dataclass(frozen=True, slots=True)
class Listing:
    """A table on a page: some rows, after `skip`, of a view; `names` are the parameters that sort and turn it."""

    columns: Sequence[Column]
    view: View
    address: Address
    sort: str
    skip: int
    size: int
    names: tuple[str, str] = ("sort", "row")
    fragment: str = ""

    @property
    def shown(self) -> Sequence[Column]:
        """The columns that stand on the page."""
        return [column for column in self.columns if column.shown]

    def sorts(self, column: Column) -> str:
        """Return how the column sorts the rows now: `ascending`, `descending`, or not at all."""
        if self.sort.removeprefix("-") != column.name:
            return ""
        return "descending" if self.sort.startswith("-") else "ascending"

    def sorted_by(self, column: Column) -> str:
        """Return where the column's heading leads: numbers begin with the largest, a second choice turns it round."""
        first, second = column.name, f"-{column.name}"
        if column.is_number:
            first, second = second, first
        chosen = {self.names[0]: second if self.sort == first else first, self.names[1]: None}
        return self.address.changed(self.fragment, **chosen)

    def turned(self, skip: int) -> str:
        """Return the address of the page after so many rows."""
        return self.address.changed(self.fragment, **{self.names[1]: skip or None})


def columns_of(table: Table, titles: Mapping[str, str] | None = None) -> Sequence[Column]:
    """Return the columns of a table as a page has them; where headings are given, the others stand in files alone."""
    first = next(iter(table.columns))
    found = []
    for name, column in table.columns.items():
        kind = "amount" if column.type == "number" and name in _AMOUNTS else _KINDS.get(column.type, "text")
        kind = name if name in ("share", "evidence") else "money" if name in _POUNDS else kind
        iri = f"{name}_iri" if f"{name}_iri" in table.columns else "iri" if name == first else ""
        title = name.replace("_", " ") if titles is None else titles.get(name, name)
        shown = not (name == "iri" or name.endswith("_iri")) if titles is None else name in titles
        is_number = kind in ("number", "amount", "money", "share")
        found.append(Column(name, title, kind, is_number, shown, iri if iri in table.columns else ""))
    return found


def listed(found: Scoped, table: Table, rows: str, asked: Browsing, parameters: Mapping[str, object]) -> None:
    """Keep the rows of a query that have the words that are looked for, as `selected`, for `view_of`.

    Raises
    ------
    ScopeError
        There is no such column to sort by.
    """
    asked.check(table)
    where, words = asked.conditions(table)
    query = f"CREATE OR REPLACE TEMP TABLE selected AS SELECT * FROM ({rows}) WHERE {where} ORDER BY position"  # noqa: S608 - the project's own files
    found.rows(query, {**parameters, **words})


def known(columns: Sequence[Column], found: Scoped) -> Sequence[Column]:
    """Return the columns of which something is known in a row that is selected: others would be columns of dashes."""
    shown = [column for column in columns if column.shown]
    counts = ", ".join(f"count(nullif(\"{column.name}\"::VARCHAR, ''))" for column in shown)
    (numbers,) = found.rows(f"SELECT {counts} FROM selected")  # noqa: S608 - as above
    return [column for column, number in zip(shown, numbers, strict=True) if number]


def flat(rows: Iterable[Mapping[str, Any]]) -> list[TableRow]:
    """Return rows as a file has them: lists of things as the names of these."""
    return [
        {
            name: "; ".join(one["text"] for one in value) if isinstance(value, list) else value
            for name, value in row.items()
            if name not in NOT_IN_FILES
        }
        for row in rows
    ]
