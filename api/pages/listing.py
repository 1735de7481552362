"""A table on a page that can be sorted, searched within and turned, and taken away as it is: by its address alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final, Literal, Protocol
from urllib.parse import urlencode

from starlette.requests import Request

from civicgraph.api.pages.values import Node
from civicgraph.api.tables.flat import Cell
from civicgraph.graph.edges.scope import ScopeError

Kind = Literal["text", "node", "nodes", "links", "evidence", "number", "amount", "money", "share", "day"]
Value = Cell | Node | tuple[Node, ...]
NUMBERS: Final = ("number", "amount", "money", "share")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name in a file, its heading on a page, and how its values are written.

    A column that is not `shown` stands in files alone; `iri` names the one that has where its texts lead.
    """

    name: str
    title: str
    kind: Kind = "text"
    shown: bool = True
    iri: str = ""

    @property
    def is_number(self) -> bool:
        """Whether it stands to the right."""
        return self.kind in NUMBERS


@dataclass(frozen=True, slots=True)
class Row:
    """A line: its values, and the lines that it sums up, if it does.

    `mark` is a word that sets the whole line apart, `note` what stands beneath its first value.
    """

    cells: Mapping[str, Value]
    members: Sequence["Row"] = ()
    mark: str = ""
    note: str = ""

    def text(self) -> str:
        """Return its texts, as a search looks through them."""
        own = [plain(value) for value in self.cells.values() if isinstance(value, str | Node | tuple)]
        return " ".join([*own, *(one.text() for one in self.members)])


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

    def without(self, name: str, value: str) -> str:
        """Return the address without one value of a parameter."""
        return replace(self, pairs=tuple(pair for pair in self.pairs if pair != (name, value))).changed()

    def hidden(self, *but: str) -> Sequence[tuple[str, str]]:
        """Return the parameters that a form keeps as they are: all but those that it has fields for."""
        return [pair for pair in self.pairs if pair[0] not in but]


@dataclass(frozen=True, slots=True)
class Listing:
    """A table on a page: some `rows` of `total`, after `skip`; `names` are the parameters that sort and turn it."""

    columns: Sequence[Column]
    rows: Sequence[Row]
    total: int
    address: Address
    sort: str = ""
    skip: int = 0
    size: int = 0
    sums: Mapping[str, Value] = field(default_factory=dict)
    names: tuple[str, str] = ("sort", "skip")
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
        return self._to({self.names[0]: second if self.sort == first else first, self.names[1]: None})

    def turned(self, skip: int) -> str:
        """Return the address of the page after so many rows."""
        return self._to({self.names[1]: skip or None})

    def _to(self, values: Mapping[str, str | int | None]) -> str:
        return self.address.changed(self.fragment, **values)


class Arrangement(Protocol):
    """How lines are wanted: by a column (`-` before it: the largest first), and with which words."""

    sort: str
    search: str


def arranged(columns: Sequence[Column], rows: Sequence[Row], wanted: Arrangement) -> list[Row]:
    """Return the rows that have all words of a search, in the order of a column; what is not known comes last.

    Raises
    ------
    ScopeError
        There is no such column.
    """
    sort, search = wanted.sort, wanted.search
    names = [column.name for column in columns]
    if sort and sort.removeprefix("-") not in names:
        msg = f"there is no column {sort[:20]!r}; there are: {', '.join(names)}"
        raise ScopeError(msg)
    words = search.casefold().split()
    found = [row for row in rows if all(word in row.text().casefold() for word in words)] if words else list(rows)
    if not sort:
        return found
    name, backwards = sort.removeprefix("-"), sort.startswith("-")
    known = [row for row in found if row.cells.get(name) not in (None, "", ())]
    unknown = [row for row in found if row.cells.get(name) in (None, "", ())]
    return [*sorted(known, key=lambda row: _key(row.cells[name]), reverse=backwards), *unknown]


def flat(columns: Sequence[Column], rows: Sequence[Row]) -> list[dict[str, Cell]]:
    """Return rows as a file has them: those that a line sums up in place of it."""
    lines = [one for row in rows for one in (row.members or (row,))]
    return [{column.name: _cell(row.cells.get(column.name)) for column in columns} for row in lines]


def plain(value: Value) -> str:
    """Return a value as text."""
    if isinstance(value, Node):
        return value.text
    if isinstance(value, tuple):
        return "; ".join(node.text for node in value)
    return "" if value is None else str(value)


def _cell(value: Value) -> Cell:
    return plain(value) if isinstance(value, Node | tuple) else value


def _key(value: Value) -> tuple[float, str]:
    if isinstance(value, date):
        return value.toordinal(), ""
    return (value, "") if isinstance(value, int | float) else (0.0, plain(value).casefold())
