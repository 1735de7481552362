"""Queries as files that say what they are: title, parameters, columns, filters, in comments at their head.

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
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final, Literal, cast

ColumnType = Literal["text", "iri", "number", "integer", "date"]
_TYPES: Final = ("text", "iri", "number", "integer", "date")
_LINE: Final = re.compile(r"@(?P<what>\w+)\s+(?P<rest>.+)")
_LEAST: Final = {"column": 3, "param": 4, "filter": 2, "order": 1}


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
    """A query with what its head says of it."""

    name: str
    description: str
    sparql: str
    columns: Mapping[str, Column]
    params: Mapping[str, Column]
    filters: Mapping[str, tuple[str, ...]]
    order: tuple[str, ...]


def read_query(name: str, text: str) -> StoredQuery:
    r"""Return a query from the text of its file.

    Raises
    ------
    HeaderError
        A line of its head is at fault.

    Examples
    --------
    >>> found = read_query("one", "# One: a row.\n# @param who iri - Who is asked about\nSELECT ?who {}")
    >>> found.description, found.params["who"].default
    ('One: a row.', None)
    """
    words: list[str] = []
    columns, params, filters = dict[str, Column](), dict[str, Column](), dict[str, tuple[str, ...]]()
    order: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        if not line.startswith("#"):
            break
        said = line.lstrip("# ").rstrip()
        match = _LINE.fullmatch(said)
        if match is None:
            words.append(said)
            continue
        what, parts = match["what"], match["rest"].split(maxsplit=_LEAST.get(match["what"], 1) - 1)
        try:
            if what == "column":
                column, kind, meaning = parts
                columns[column] = Column(_type(kind), meaning)
            elif what == "param":
                param, kind, default, meaning = parts
                params[param] = Column(_type(kind), meaning, None if default == "-" else default.replace("_", " "))
            elif what == "filter":
                param, rest = parts
                filters[param] = tuple(rest.split())
            elif what == "order":
                order = tuple(match["rest"].split())
            else:
                msg = f"@{what} means nothing"
                raise ValueError(msg)  # noqa: TRY301 - told with the file and the line below
        except ValueError as error:
            msg = f"{name}.rq:{number}: {error}; see docs/queries.md"
            raise HeaderError(msg) from error
    if not words:
        msg = f"{name}.rq:1: a query says in a comment at its head what it answers"
        raise HeaderError(msg)
    return StoredQuery(name, " ".join(filter(None, words)), text, columns, params, filters, order)


def _type(text: str) -> ColumnType:
    if text not in _TYPES:
        msg = f"{text} is none of {', '.join(_TYPES)}"
        raise ValueError(msg)
    return cast("ColumnType", text)


@cache
def stored_queries(folder: Path | None = None) -> Mapping[str, StoredQuery]:
    """Return the project's own queries and those of a user's folder, by name; the user's come first.

    Raises
    ------
    HeaderError
        The head of a file is at fault.
    """
    own = files("civicgraph.api").joinpath("stored")
    texts = {item.name.removesuffix(".rq"): item.read_text(encoding="utf-8") for item in own.iterdir()}
    if folder is not None:
        if not folder.is_dir():
            msg = f"{folder} is no folder of queries"
            raise HeaderError(msg)
        texts |= {path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.rq"))}
    return {name: read_query(name, texts[name]) for name in sorted(texts)}
