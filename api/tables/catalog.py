"""The tables that there are: a file each, `.sql` over the edge table or `.rq` over the graph; and the sources."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from typing import Final, Literal

from civicgraph.api.tables.headers import StoredQuery
from civicgraph.graph.edges.filters import FILTERS
from civicgraph.graph.edges.sql import CELLS

PERIOD: Final = ("from", "to", "as_of")
COUNCIL: Final = "council"
"""Another name of the filter `buyer`."""
EDGE_FILTERS: Final = tuple(name for name in FILTERS if name not in ("basis", "plans"))
"""What tables over the edge table can be filtered by: a table has one basis, and no row of a plan."""
MONEY: Final = "counted"
"""The column by which rows add up to a figure."""

Origin = Literal["edges", "sums", "graph", "manifest"]


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


def _tables() -> Mapping[str, Table]:
    own = [item for item in files("civicgraph.api.tables").iterdir() if item.name.endswith((".sql", ".rq"))]
    found = (Table.read(item.name, item.read_text(encoding="utf-8")) for item in own)
    return {table.name: table for table in sorted(found, key=lambda table: table.name)}


TABLES: Final = _tables()
