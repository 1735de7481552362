"""Concentration figures: of markets, of suppliers, of buyers, each with what it rests on."""

from civicgraph.graph.edges.scope import Scope
from civicgraph.graph.edges.table import EdgeTable, Scoped
from civicgraph.graph.measures.figure_columns import By, Figure
from civicgraph.graph.measures.party_figures import Side, party_figures, select_parties
from civicgraph.graph.measures.periods import Every, scopes_over_time


def figures_of(
    table: EdgeTable, found: Scoped, by: By, *, cap: float | None = None, structure: bool = False
) -> list[Figure]:
    """Return the figures of the rows of a scope, in the order in which they are to be shown.

    Parameters
    ----------
    table, found
        The edge table of a snapshot, and the rows.
    by
        `market` gives the scope as a whole and, under it, each service type that it has edges of.
    cap
        See `market_figures`.
    structure
        Whether to work out betweenness and the share of the core, and PageRank and core numbers however large it is.
    """
    if by == "market":
        from civicgraph.graph.measures.market_figures import market_figures  # noqa: PLC0415 - numpy takes a while

        return market_figures(table, found, cap=cap, structure=structure)
    return party_figures(table, found, by, structure=structure)


def party_csv(table: EdgeTable, found: Scoped, by: Side, *, structure: bool = False) -> str:
    """Return the figures of suppliers or buyers as CSV, written by DuckDB; see `figures_of`."""
    return found.csv(select_parties(table, found, by, structure=structure))


def figures_over_time(
    table: EdgeTable, scope: Scope, by: By, every: Every, *, cap: float | None = None, structure: bool = False
) -> list[Figure]:
    """Return the figures of a scope for each period of its span: of the market as a whole, or of each party.

    Parameters are those of `figures_of`; `every` is how long a period is.

    Raises
    ------
    ScopeError
        The span makes too many periods.
    """
    from civicgraph.graph.measures.market_figures import market_figures  # noqa: PLC0415 - as above

    found: list[Figure] = []
    for one in scopes_over_time(table, scope, every):
        with table.scoped(one) as rows:
            if by == "market":
                found += market_figures(table, rows, cap=cap, narrower=False, structure=structure)
            else:
                found += party_figures(table, rows, by, structure=structure)
    return found
