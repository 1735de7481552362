"""Concentration figures as flat rows: of markets, of suppliers, of buyers, each with what it rests on."""

from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Literal

from civicgraph.graph.edges.scope import Scope
from civicgraph.graph.edges.selection import Selection, select
from civicgraph.graph.edges.ties.arrays import Ties
from civicgraph.graph.measures.columns import Cell, Columns
from civicgraph.graph.measures.market_figures import (
    MarketFigure,
    market_figure,
    market_figures,
    scope_before,
    select_before,
)
from civicgraph.graph.measures.party_figures import BuyerFigure, SupplierFigure, party_figures
from civicgraph.graph.measures.series import Every, scopes_over_time

if TYPE_CHECKING:
    from civicgraph.graph.edges.network import Network  # imports networkx, which figures of a snapshot do not need

__all__ = [
    "BuyerFigure", "By", "Cell", "Figure", "MarketFigure", "SupplierFigure", "as_row", "as_rows", "as_ties", "columns",
    "figures", "figures_over_time", "market_figures",
]  # fmt: skip

By = Literal["market", "supplier", "buyer"]
Figure = MarketFigure | SupplierFigure | BuyerFigure


def figures(
    source: "Ties | Network", scope: Scope, by: By, *, structure: bool = False, whole: Selection | None = None
) -> Sequence[Figure]:
    """Return the figures of a scope, in the order in which they are to be shown.

    Parameters
    ----------
    source
        The ties of a snapshot, or a network as `civicgraph.graph.edges.network.build_network` returns it.
    scope
        The market, or what the suppliers' or buyers' figures are to rest on.
    by
        `market` gives the scope as a whole and, under it, each service type that it has ties of.
    structure
        Whether to work out PageRank, betweenness, core numbers and the share of the core, which takes longer.
    whole
        The ties in the scope, by whoever has selected them already.

    Returns
    -------
    Sequence
        Those of parties as columns, so that a record is made when it is asked for.
    """
    ties = as_ties(source)
    whole = select(ties, scope) if whole is None else whole
    if by == "market":
        return list(market_figures(ties, whole, structure=structure))
    return party_figures(whole, by, select_before(ties, scope), structure=structure)


def figures_over_time(
    source: "Ties | Network", scope: Scope, by: By, every: Every, *, structure: bool = False
) -> Sequence[Figure]:
    """Return the figures of a scope for each period of its span: of the market as a whole, or of each party.

    Parameters are those of `figures`; `every` is how long a period is.

    Raises
    ------
    ScopeError
        The span makes too many periods.
    """
    ties = as_ties(source)
    found: list[Figure] = []
    last: Selection | None = None
    for one in scopes_over_time(ties, scope, every):
        whole = select(ties, one)
        # Mostly the period before has just been looked at.
        then = last if last is not None and last.scope == scope_before(one) else select_before(ties, one)
        if by == "market":
            found.append(market_figure(whole, then, structure=structure))
        else:
            found += party_figures(whole, by, then, structure=structure)
        last = whole
    return found


def as_ties(source: "Ties | Network") -> Ties:
    """Return the ties of a network as columns, or the ties themselves."""
    if isinstance(source, Ties):
        return source
    from civicgraph.graph.edges.ties.from_network import ties_of  # noqa: PLC0415 - imports networkx

    return ties_of(source)


def as_row(figure: Figure) -> dict[str, Cell]:
    """Return a figure as a flat row with the public column names."""
    return {field.name.rstrip("_"): getattr(figure, field.name) for field in fields(figure)}


def as_rows(found: Sequence[Figure]) -> Iterator[dict[str, Cell]]:
    """Yield figures as flat rows, those that are kept as columns without a record of each."""
    if not isinstance(found, Columns):
        yield from map(as_row, found)
        return
    names = [name.rstrip("_") for name in found.columns]
    for cells in found.rows():
        yield dict(zip(names, cells, strict=True))


def columns(by: By) -> list[str]:
    """Return the public column names of a kind of figures, in order.

    >>> columns("supplier")[:4]
    ['supplier', 'name', 'total', 'share']
    """
    kinds: dict[By, type[Figure]] = {"market": MarketFigure, "supplier": SupplierFigure, "buyer": BuyerFigure}
    return [field.name.rstrip("_") for field in fields(kinds[by])]
