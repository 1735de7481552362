"""Tables and stored queries: files that say what they are, in comments at their head (`#` in SPARQL, `--` in SQL).

    # Contracts: one row each.
    # @column contract iri The contract
    # @column value number Awarded value, in `currency`
    # @filter supplier supplier supplier_iri
    # @param council iri organisation/birmingham-city-council The council that is asked about
    SELECT ...

What stands before the first `@` is the title, up to the first full stop or colon, and the description.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files
from itertools import takewhile
from pathlib import Path
from typing import Any, Final, Literal, Self, cast, get_args

from civicgraph.graph.edges.filters import FILTERS
from civicgraph.graph.edges.scope import BASES, Basis
from civicgraph.graph.edges.sql import CELLS

ColumnType = Literal["text", "iri", "number", "integer", "date"]
PERIOD: Final = ("from", "to", "as_of")
COUNCIL: Final = "council"
"""Another name of the filter `buyer`."""
EDGE_FILTERS: Final = tuple(name for name in FILTERS if name not in ("basis", "plans"))
"""What tables over the edge table can be filtered by: a table has one basis, and no row of a plan."""
MONEY: Final = "counted"
"""The column by which rows add up to a figure."""

Origin = Literal["edges", "sums", "graph", "manifest"]
_LINE: Final = re.compile(r"@(?P<what>\w+)\s+(?P<rest>.+)")
_LEAST: Final = {"column": 3, "param": 4, "filter": 2, "order": 1, "sum": 1}


class HeaderError(ValueError):
    """The head of a query file is not of its form; the message names the file and the line."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column or a parameter: its type, its default where it is a parameter, and what it means."""

    type: ColumnType
    description: str
    default: str | None = None


@dataclass(frozen=True)
class StoredQuery:
    """A query with what its head says of it; `basis` says as what the rows of a table count in a figure.

    `filters` are the columns that may have the value of a parameter, `order` those by which rows are in order, and
    `sums` those of a table that may be added up.
    """

    name: str
    text: str
    description: str = ""
    columns: Mapping[str, Column] = field(default_factory=dict)
    params: Mapping[str, Column] = field(default_factory=dict)
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    order: tuple[str, ...] = ()
    basis: Basis | None = None
    sums: tuple[str, ...] = ()

    @classmethod
    def read(cls, name: str, text: str) -> Self:
        r"""Return a query from the text of its file.

        Parameters
        ----------
        name
            The name of the file, such as `claims.rq`.
        text
            What is in it.

        Raises
        ------
        HeaderError
            A line of its head is at fault.

        Examples
        --------
        >>> text = "# One: a row.\n# @param who iri - Who is asked about\nSELECT ?who {}"
        >>> found = StoredQuery.read("one.rq", text)
        >>> found.description, found.params["who"].default
        ('One: a row.', None)
        """
        mark = "--" if name.endswith(".sql") else "#"
        words: list[str] = []
        said: dict[str, Any] = {}
        for number, line in enumerate(takewhile(lambda line: line.startswith(mark), text.splitlines()), 1):
            plain = line.removeprefix(mark).strip()
            match = _LINE.fullmatch(plain)
            try:
                if match is None:
                    words.append(plain)
                else:
                    _take(said, match["what"], match["rest"])
            except ValueError as error:
                msg = f"{name}:{number}: {error}; see docs/queries.md"
                raise HeaderError(msg) from error
        if not words:
            msg = f"{name}:1: a query says in a comment at its head what it answers"
            raise HeaderError(msg)
        return cls(name.rpartition(".")[0], text, " ".join(filter(None, words)), **said)


@dataclass(frozen=True)
class Table(StoredQuery):
    """A table: a query whose columns and filters are fixed. Those over the edge table have `EDGE_FILTERS` too."""

    @cached_property
    def origin(self) -> Origin:
        """Where its rows are from.

        A page of `edges` at a time is read from the edge table. The others are read once and kept in order: `sums` of
        the edge table, what the `graph` answers, and what the `manifest` lists, which is a file without a query.
        """
        if CELLS in self.text:
            return "edges" if MONEY in self.columns else "sums"
        return "graph" if "SELECT" in self.text else "manifest"

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the filters."""
        if self.origin == "edges":
            return (COUNCIL, *EDGE_FILTERS, *self.filters)
        return (*self.filters, *(PERIOD if {"from", "to"} <= set(self.columns) else ()))


@cache
def stored_queries(folder: Path | None = None) -> Mapping[str, StoredQuery]:
    """Return the project's own queries and those of a user's folder, by name; the user's come first.

    Raises
    ------
    HeaderError
        The head of a file is at fault.
    """
    own = (item for item in files("civicgraph.api.queries").iterdir() if item.name.endswith(".rq"))
    texts = {item.name: item.read_text(encoding="utf-8") for item in own}
    if folder is not None:
        if not folder.is_dir():
            msg = f"{folder} is not a folder of queries"
            raise HeaderError(msg)
        texts |= {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.rq"))}
    return {name.removesuffix(".rq"): StoredQuery.read(name, texts[name]) for name in sorted(texts)}


def _take(said: dict[str, Any], what: str, rest: str) -> None:
    """Take note of a line at the head of a query. Raises ValueError where it means nothing."""
    parts = rest.split(maxsplit=_LEAST.get(what, 1) - 1)
    if what == "column":
        column, kind, meaning = parts
        said.setdefault("columns", {})[column] = Column(_type(kind), meaning)
    elif what == "param":
        param, kind, default, meaning = parts
        value = None if default == "-" else default.replace("_", " ")
        said.setdefault("params", {})[param] = Column(_type(kind), meaning, value)
    elif what == "filter":
        param, columns = parts
        said.setdefault("filters", {})[param] = tuple(columns.split())
    elif what in ("order", "sum"):
        said["order" if what == "order" else "sums"] = tuple(rest.split())
    elif what == "basis" and rest in BASES:
        said["basis"] = rest
    else:
        msg = f"@{what} {rest[:80]} means nothing"
        raise ValueError(msg)


def _type(text: str) -> ColumnType:
    if text not in get_args(ColumnType):
        msg = f"{text} is none of {', '.join(get_args(ColumnType))}"
        raise ValueError(msg)
    return cast("ColumnType", text)


TABLES: Final[Mapping[str, Table]] = {
    item.name.rpartition(".")[0]: Table.read(item.name, item.read_text(encoding="utf-8"))
    for item in sorted(files("civicgraph.api.tables").iterdir(), key=lambda item: item.name)
    if item.name.endswith((".sql", ".rq"))
}
