"""What is new, gone or changed in a source of contracts against what it held when it was last loaded."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

import duckdb

from civicgraph.graph.records.rows import holds_contracts

_SHOWN: Final = 3
_LINE: Final = (
    "columns = {'line': 'VARCHAR'}, delim = '\\x01', quote = '', escape = '', header = false, auto_detect = false"
)
_QUERY: Final = f"""
    SELECT what, count(*), list(title ORDER BY title)[:{_SHOWN}]
    FROM (
        SELECT coalesce(a.title, b.title) AS title,
            CASE WHEN b.line IS NULL THEN 'new' WHEN a.line IS NULL THEN 'gone'
                WHEN a.line <> b.line THEN 'changed' END AS what
        FROM (SELECT line, split_part(line, chr(9), 2) AS record, split_part(line, chr(9), 11) AS title
            FROM read_csv($after, {_LINE})) a
        FULL JOIN (SELECT line, split_part(line, chr(9), 2) AS record, split_part(line, chr(9), 11) AS title
            FROM read_csv($before, {_LINE})) b USING (record)
    )
    WHERE what IS NOT NULL GROUP BY what
"""  # noqa: S608 - the project's own text


class Changed(NamedTuple):
    """How many contracts are new, gone or changed, and the titles of the first of them."""

    contracts: int
    titles: tuple[str, ...] = ()


def changes(before: Path | None, after: Path | None) -> Mapping[str, Changed] | None:
    """Return what is `new`, `gone` and `changed`; None where one of the two is not a source of contracts.

    Parameters
    ----------
    before, after
        The rows of the source as it was and as it is; see `civicgraph.graph.records.rows`. A contract has changed where
        its parties, days, value, services, title, references or guard have.
    """
    if before is None or after is None or not (holds_contracts(before) and holds_contracts(after)):
        return None
    with duckdb.connect(config={"memory_limit": "500MB"}) as connection:
        found = connection.execute(_QUERY, {"after": str(after), "before": str(before)}).fetchall()
    counted = {what: Changed(count, tuple(titles)) for what, count, titles in found}
    return {what: counted.get(what, Changed(0)) for what in ("new", "gone", "changed")}
