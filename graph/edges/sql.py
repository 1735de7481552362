"""The queries of the edge table: files of SQL, their parameters, and lines that are there only for some of them."""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    import duckdb

FILE: Final = "edges.duckdb"
"""The name of the edge table in the folder of a snapshot."""
FORMAT: Final = 3
"""Of which form the edge table is; one of another form is not read."""
CELLS: Final = "cells_in_scope"
"""What stands for the rows of a scope in a query."""
_PARAMETER: Final = re.compile(r"\$(\w+)")
_CONDITION: Final = re.compile(r"^(.*?) *-- (if|unless) \$(\w+)\n", re.MULTILINE)


class DataFolderError(RuntimeError):
    """A data folder holds no snapshot, or one that is damaged or of another version of this program."""


@cache
def sql(name: str, folder: str = "edges") -> str:
    """Return one of the queries of a folder of `graph` by the name of its file."""
    return files("civicgraph.graph").joinpath(f"{folder}/{name}.sql").read_text(encoding="utf-8")


def define(
    cursor: "duckdb.DuckDBPyConnection",
    what: Literal["TABLE", "VIEW"],
    name: str,
    query: str,
    parameters: Mapping[str, object],
) -> None:
    """Name what a query answers, until the cursor is closed: as a table, or as a view that is worked out when read.

    Parameters are those of `bound`; a view reads them as variables of the cursor.
    """
    text, used = bound(query, parameters)
    if what == "VIEW":
        for parameter, value in used.items():
            cursor.execute(f"SET VARIABLE {parameter} = $value", {"value": value})
        text, used = _PARAMETER.sub(r"getvariable('\1')", text), {}
    cursor.execute(f"CREATE OR REPLACE TEMP {what} {name} AS {text}", used)


def bound(query: str, parameters: Mapping[str, object]) -> tuple[str, dict[str, object]]:
    r"""Return a query with the parameters that it names, without the lines that do not apply: each costs time to plan.

    Parameters
    ----------
    query
        SQL. `cells_in_scope` stands in it for the rows that `cells.sql` selects. A line that ends in `-- if $name` is
        there where that parameter is neither None nor False, one that ends in `-- unless $name` where it is.
    parameters
        Their values by name; those that the query does not use are left out.

    Examples
    --------
    >>> query = "SELECT iri FROM party\nWHERE party = $party -- if $party\nORDER BY iri"
    >>> bound(query, {"party": None, "place": 3})
    ('SELECT iri FROM party\nORDER BY iri', {})
    """

    def line(match: re.Match[str]) -> str:
        text, word, name = match.groups()
        is_given = parameters.get(name) is not None and parameters.get(name) is not False
        return f"{text}\n" if is_given == (word == "if") else ""

    text = _CONDITION.sub(line, query.replace(CELLS, f"({sql('cells')})"))
    used = set(_PARAMETER.findall(text))
    return text, {name: value for name, value in parameters.items() if name in used}
