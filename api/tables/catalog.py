"""The tables that there are: a file each, `.sql` over the edge table or `.rq` over the graph; and the sources."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Final, Literal

from civicgraph.api.tables.headers import Column, read_query
from civicgraph.graph.edges.filters import FILTERS
from civicgraph.graph.edges.scope import Basis
from civicgraph.graph.edges.table import CELLS

PERIOD: Final = ("from", "to", "as_of")
COUNCIL: Final = "council"
"""Another name of the filter `buyer`."""
EDGE_FILTERS: Final = tuple(name for name in FILTERS if name not in ("basis", "plans"))
"""What tables over the edge table can be filtered by: a table has one basis, and no row of a plan."""
MONEY: Final = "counted"
"""The column by which rows add up to a figure."""

Origin = Literal["edges", "sums", "graph", "manifest"]


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its columns, what it can be filtered by, and where its rows are from.

    Attributes
    ----------
    origin
        `edges`: a page at a time from the edge table; the others are read once and kept in order: `sums` of the edge
        table, what the `graph` answers, and what the `manifest` lists.
    filters
        By parameter: the columns that may have its value. Tables over the edge table have those of `EDGE_FILTERS` too.
    basis
        As what its rows count in a figure.
    sums
        The columns that may be added up.
    """

    name: str
    description: str
    columns: Mapping[str, Column]
    filters: Mapping[str, tuple[str, ...]]
    order: tuple[str, ...]
    origin: Origin
    text: str = ""
    basis: Basis | None = None
    sums: tuple[str, ...] = ()

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the filters."""
        if self.origin == "edges":
            return (COUNCIL, *EDGE_FILTERS, *self.filters)
        return (*self.filters, *(PERIOD if {"from", "to"} <= set(self.columns) else ()))


def _read(name: str, text: str) -> Table:
    query = read_query(name, text)
    origin: Origin = "graph"
    if CELLS in text:
        origin = "edges" if MONEY in query.columns else "sums"
    return Table(
        query.name,
        query.description,
        query.columns,
        query.filters,
        query.order,
        origin,
        query.text,
        query.basis,
        query.sums,
    )


_SOURCES: Final = Table(
    name="sources",
    description="Sources: what is loaded.",
    columns={
        "source": Column("text", "Its id, by which it can be unloaded"),
        "kind": Column("text", "What reader it came through"),
        "label": Column("text", "What people call it"),
        "latest": Column("date", "The latest day of award or payment in it; empty where it has none"),
    },
    filters={"kind": ("kind",)},
    order=("source",),
    origin="manifest",
)


def _tables() -> Mapping[str, Table]:
    own = (item for item in files("civicgraph.api.tables").iterdir() if item.name.endswith((".sql", ".rq")))
    found = [_SOURCES, *(_read(item.name, item.read_text(encoding="utf-8")) for item in own)]
    return {table.name: table for table in sorted(found, key=lambda table: table.name)}


TABLES: Final = _tables()
