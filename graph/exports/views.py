"""The views that can be drawn, each by its name."""

from civicgraph.graph.edges.scope import Scope
from civicgraph.graph.edges.table import EdgeTable
from civicgraph.graph.engine.interface import Engine
from civicgraph.graph.exports.claims_view import claims_view
from civicgraph.graph.exports.contracts_view import contracts_view
from civicgraph.graph.exports.drawing import Drawing, uncollected
from civicgraph.graph.exports.network_view import network_view, suppliers_view
from civicgraph.graph.exports.options import Options, View


def draw(
    view: View, table: EdgeTable, engine: Engine, scope: Scope | None = None, options: Options | None = None
) -> Drawing:
    """Return a view of a snapshot, ready to be written.

    Parameters
    ----------
    view
        Which view.
    table
        The edge table of the snapshot.
    engine
        Its store, which the view of claims is of.
    scope
        What of the table; None for all of it.
    options
        What of the view is shown.

    Raises
    ------
    ScopeError
        It is to be around what is not there, or would be too large to be of use.
    """
    scope, options = scope or Scope(), options or Options()
    with uncollected():
        if view == "claims":
            drawing = claims_view(engine, scope, options)
        else:
            make = {"network": network_view, "contracts": contracts_view, "suppliers": suppliers_view}[view]
            drawing = make(table, scope, options)
    drawing.title += _asked(table, scope, options)
    drawing.day = table.as_of
    return drawing


def _asked(table: EdgeTable, scope: Scope, options: Options) -> str:
    """Return what was asked for beside the view, as the end of its title."""
    parties = table.parties
    names = [table.label(iri) for iri in (*scope.services, *scope.places)]
    names += [parties[iri].name if iri in parties else iri for iri in (*scope.buyers, *scope.suppliers)]
    if options.around is not None:
        party = parties.get(options.around)
        names.append(f"around {options.around if party is None else party.name}")
    days = [f"{word} {day}" for word, day in (("from", scope.start), ("to", scope.end)) if day is not None]
    names += [" ".join(days)] if days else []
    return f": {', '.join(names)}" if names else ""
