"""Concentration figures as flat rows: of markets, of suppliers, of buyers, each with what it rests on."""

from collections.abc import Iterator, Sequence
from dataclasses import fields
from operator import attrgetter
from typing import Literal

from civicgraph.graph.edges.scope import Scope
from civicgraph.graph.edges.table import EdgeTable, Scoped
from civicgraph.graph.measures.market_figures import MarketFigure, market_figures
from civicgraph.graph.measures.party_figures import BuyerFigure, SupplierFigure, party_figures
from civicgraph.graph.measures.periods import Every, scopes_over_time

__all__ = [
    "BuyerFigure",
    "By",
    "Cell",
    "Figure",
    "MarketFigure",
    "SupplierFigure",
    "as_row",
    "as_rows",
    "columns",
    "figures",
    "figures_of",
    "figures_over_time",
]

By = Literal["market", "supplier", "buyer"]
Figure = MarketFigure | SupplierFigure | BuyerFigure
Cell = str | int | float | None


def figures(
    table: EdgeTable, scope: Scope, by: By, *, cap: float | None = None, structure: bool = False
) -> Sequence[Figure]:
    """Return the figures of a scope, in the order in which they are to be shown.

    Parameters
    ----------
    table
        The edge table of a snapshot.
    scope
        The market, or what the suppliers' or buyers' figures are to rest on.
    by
        `market` gives the scope as a whole and, under it, each service type that it has edges of.
    cap
        See `market_figures`.
    structure
        Whether to work out betweenness and the share of the core, and PageRank and core numbers however large it is.
    """
    with table.scoped(scope) as found:
        return figures_of(table, found, by, cap=cap, structure=structure)


def figures_of(
    table: EdgeTable, found: Scoped, by: By, *, cap: float | None = None, structure: bool = False
) -> Sequence[Figure]:
    """Return the figures of rows that are selected already; see `figures`."""
    if by == "market":
        return market_figures(table, found, cap=cap, structure=structure)
    return party_figures(table, found, by, structure=structure)


def figures_over_time(
    table: EdgeTable, scope: Scope, by: By, every: Every, *, cap: float | None = None, structure: bool = False
) -> Sequence[Figure]:
    """Return the figures of a scope for each period of its span: of the market as a whole, or of each party.

    Parameters are those of `figures`; `every` is how long a period is.

    Raises
    ------
    ScopeError
        The span makes too many periods.
    """
    found: list[Figure] = []
    for one in scopes_over_time(table, scope, every):
        with table.scoped(one) as rows:
            if by == "market":
                found += market_figures(table, rows, cap=cap, narrower=False, structure=structure)
            else:
                found += party_figures(table, rows, by, structure=structure)
    return found


def as_row(figure: Figure) -> dict[str, Cell]:
    """Return a figure as a flat row with the public column names."""
    return next(as_rows([figure]))


def as_rows(found: Sequence[Figure]) -> Iterator[dict[str, Cell]]:
    """Yield figures of one kind as flat rows with the public column names."""
    names = [field.name for field in fields(found[0])] if found else []
    public = [name.rstrip("_") for name in names]
    return (dict(zip(public, values, strict=True)) for values in map(attrgetter(*names), found)) if names else iter(())


def columns(by: By) -> list[str]:
    """Return the public column names of a kind of figures, in order.

    >>> columns("supplier")[:4]
    ['supplier', 'name', 'total', 'share']
    """
    kinds: dict[By, type[Figure]] = {"market": MarketFigure, "supplier": SupplierFigure, "buyer": BuyerFigure}
    return [field.name.rstrip("_") for field in fields(kinds[by])]
