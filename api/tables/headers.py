"""Queries as files that say what they are, in comments at their head (`#` in SPARQL, `--` in SQL).

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
from dataclasses import dataclass
from typing import Final, Literal, cast

from civicgraph.graph.edges.scope import BASES, Basis

ColumnType = Literal["text", "iri", "number", "integer", "date"]
_TYPES: Final = ("text", "iri", "number", "integer", "date")
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


@dataclass(frozen=True, slots=True)
class StoredQuery:
    """A query with what its head says of it; `basis` says as what the rows of a table count in a figure.

    `sums` are the columns of a table that may be added up.
    """

    name: str
    description: str
    text: str
    columns: Mapping[str, Column]
    params: Mapping[str, Column]
    filters: Mapping[str, tuple[str, ...]]
    order: tuple[str, ...]
    basis: Basis | None = None
    sums: tuple[str, ...] = ()


def read_query(name: str, text: str) -> StoredQuery:
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
    >>> found = read_query("one.rq", "# One: a row.\n# @param who iri - Who is asked about\nSELECT ?who {}")
    >>> found.description, found.params["who"].default
    ('One: a row.', None)
    """
    mark = "--" if name.endswith(".sql") else "#"
    head = _Head()
    for number, line in enumerate(text.splitlines(), 1):
        if not line.startswith(mark):
            break
        try:
            head.take(line.removeprefix(mark).strip())
        except ValueError as error:
            msg = f"{name}:{number}: {error}; see docs/queries.md"
            raise HeaderError(msg) from error
    if not head.words:
        msg = f"{name}:1: a query says in a comment at its head what it answers"
        raise HeaderError(msg)
    description = " ".join(filter(None, head.words))
    return StoredQuery(
        name.rpartition(".")[0],
        description,
        text,
        head.columns,
        head.params,
        head.filters,
        head.order,
        head.basis,
        head.sums,
    )


class _Head:
    """What the lines at the head of a query say."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.columns: dict[str, Column] = {}
        self.params: dict[str, Column] = {}
        self.filters: dict[str, tuple[str, ...]] = {}
        self.order: tuple[str, ...] = ()
        self.basis: Basis | None = None
        self.sums: tuple[str, ...] = ()

    def take(self, said: str) -> None:
        """Take note of a line. Raises ValueError where it means nothing."""
        match = _LINE.fullmatch(said)
        if match is None:
            self.words.append(said)
            return
        what, parts = match["what"], match["rest"].split(maxsplit=_LEAST.get(match["what"], 1) - 1)
        if what == "column":
            column, kind, meaning = parts
            self.columns[column] = Column(_type(kind), meaning)
        elif what == "param":
            param, kind, default, meaning = parts
            self.params[param] = Column(_type(kind), meaning, None if default == "-" else default.replace("_", " "))
        elif what == "filter":
            param, rest = parts
            self.filters[param] = tuple(rest.split())
        elif what == "order":
            self.order = tuple(match["rest"].split())
        elif what == "sum":
            self.sums = tuple(match["rest"].split())
        elif what == "basis" and match["rest"] in BASES:
            self.basis = cast("Basis", match["rest"])
        else:
            msg = f"@{what} {match['rest'][:80]} means nothing"
            raise ValueError(msg)


def _type(text: str) -> ColumnType:
    if text not in _TYPES:
        msg = f"{text} is none of {', '.join(_TYPES)}"
        raise ValueError(msg)
    return cast("ColumnType", text)
