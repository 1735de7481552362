"""What is new, gone or changed in a source of contracts against what it held when it was last loaded."""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import duckdb

from civicgraph.graph.records.rows import holds_contracts


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
        macro, query = duckdb.extract_statements(files(__package__).joinpath("changes.sql").read_text(encoding="utf-8"))
        connection.execute(macro)
        found = connection.execute(query, {"after": str(after), "before": str(before)}).fetchall()
    counted = {what: Changed(count, tuple(titles)) for what, count, titles in found}
    return {what: counted.get(what, Changed(0)) for what in ("new", "gone", "changed")}
