"""What figures are asked for beside the filters, by the command and at the address alike."""

from dataclasses import dataclass

from civicgraph.api.settings import option
from civicgraph.api.tables.flat import table_text
from civicgraph.graph.edges.table import EdgeTable, Scoped
from civicgraph.graph.measures.figure_columns import By, Figure, columns
from civicgraph.graph.measures.figures import figures_of, figures_over_time, party_csv
from civicgraph.graph.measures.periods import Every


@dataclass(frozen=True, slots=True)
class FigureOptions:
    """Whose figures, and how they are worked out."""

    by: By = option("market", "Whose figures")
    every: Every | None = option(None, "A figure for each such period")
    cap: float | None = option(None, "The most that an unknown value may be", min=0)
    structure: bool = option(False, "Betweenness and cores too, however long it takes")

    def of(self, table: EdgeTable, found: Scoped) -> list[Figure]:
        """Return the figures of the rows of a scope.

        Raises
        ------
        ScopeError
            They would be of too many periods.
        """
        if self.every is None:
            return figures_of(table, found, self.by, cap=self.cap, structure=self.structure)
        return figures_over_time(table, found.scope, self.by, self.every, cap=self.cap, structure=self.structure)

    def csv(self, table: EdgeTable, found: Scoped) -> str:
        """Return the figures of the rows of a scope as CSV; those of parties, who are many, are written by DuckDB.

        Raises
        ------
        ScopeError
            They would be of too many periods.
        """
        if self.by != "market" and self.every is None:
            return party_csv(table, found, self.by, structure=self.structure)
        return table_text(columns(self.by), self.of(table, found), "csv")
