"""The figures of a scope, selected and worked out in one call."""

from civicgraph.graph.edges.scope import Scope
from civicgraph.graph.edges.table import EdgeTable
from civicgraph.graph.measures.figure_columns import By, Figure
from civicgraph.graph.measures.figures import figures_of


def figures(
    table: EdgeTable, scope: Scope, by: By, *, cap: float | None = None, structure: bool = False
) -> list[Figure]:
    """Return the figures of a scope, in the order in which they are to be shown."""
    with table.scoped(scope) as found:
        return figures_of(table, found, by, cap=cap, structure=structure)
