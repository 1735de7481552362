"""Buyers and suppliers: one edge for all services, all contracts or all payments between two; and who shares buyers."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Final

import networkx as nx

from civicgraph.graph.edges.scope import Basis, Scope, ScopeError
from civicgraph.graph.edges.sql import sql
from civicgraph.graph.edges.table import EdgeTable, Scoped
from civicgraph.graph.edges.to_networkx import Edge, edges_of
from civicgraph.graph.exports.cells import end_of, id_of, pounds, weighed_by
from civicgraph.graph.exports.drawing import (
    Drawing,
    EdgeRow,
    ViewGraph,
    around,
    graph_of,
    nodes_in,
    notes_of,
    party_node,
)
from civicgraph.graph.exports.options import Options
from civicgraph.graph.measures.graph_concentration import concentration
from civicgraph.graph.measures.structure import Graph

_OF_KIND: Final[Mapping[str, Basis]] = {"spend": "spend", "contract": "value"}

SHARES: Final = "shares"
"""The kind of the edges between suppliers, the only ones without a direction of their own."""
MOST_EDGES: Final = 100_000
_MOST_PAIRS: Final = 100_000_000


def network_view(table: EdgeTable, scope: Scope, options: Options) -> Drawing:
    """Return the view of buyers and suppliers; shares and HHI rest on all of the scope, whatever is shown of it.

    Raises
    ------
    ScopeError
        It is to be around a node that is not in the view.
    """
    with table.scoped(scope) as found:
        return _view_of(table, found, options)


def suppliers_view(table: EdgeTable, scope: Scope, options: Options) -> Drawing:
    """Return the view of suppliers that share at least `options.shared` buyers.

    An edge has no direction of its own: it is written from the supplier whose IRI comes first.

    Raises
    ------
    ScopeError
        It is to be around a node that is not in the view, or would have more than `MOST_EDGES` edges; the message says
        what least number of shared buyers would fit.
    """
    with table.scoped(scope) as found:
        whole = _view_of(table, found, replace(options, around=None))
        rows = list(_shared(found, options.shared))
    tied = dict.fromkeys(end for row in rows for end in (row.source, row.target))
    graph = graph_of((node for name, node in nodes_in(whole.graph) if name in tied), rows)
    title = f"Suppliers that share {options.shared} buyers or more"
    return Drawing("suppliers", around(graph, options), title, whole.weighed_by, whole.notes)


def _view_of(table: EdgeTable, found: Scoped, options: Options) -> Drawing:
    """Return the view of the rows of a scope; see `network_view`."""
    edges = list(edges_of(found))
    ids = {iri: id_of(iri) for iri in dict.fromkeys(iri for edge in edges for iri in edge[:2])}
    nodes = (party_node(table, iri, "") for iri in ids)
    basis, weighed = _weighed(edges, found.scope, options, ids)
    shown = around(graph_of(nodes, (_row(edge, ids) for edge in edges)), options)
    _weigh_nodes(shown, weighed)
    return Drawing("network", shown, "Who buys from whom", weighed_by(basis), notes_of(found.account))


def yearly(edge: Edge) -> str | None:
    """Return what was paid in each year as Gephi reads a number that changes with time; None where no year is known.

    The first year begins with the first payment and the last ends with the last, so that a timeline goes no further.
    """
    first, last = edge.first or date.min, edge.last or date.max
    each = []
    for year, paid in edge.years:
        start = first if first.year >= year else date(year, 1, 1)
        end = last if last.year <= year else date(year, 12, 31)
        each.append(f"[{start}, {end_of(max(start, end))}, {pounds(paid)}]")
    return f"<{'; '.join(each)}>" if each else None


def _row(edge: Edge, ids: Mapping[str, str]) -> EdgeRow:
    source, target = ids[edge.source], ids[edge.target]
    spend = yearly(edge) if edge.kind == "spend" else None
    return EdgeRow(
        f"{source}|{edge.kind}|{target}",
        source,
        target,
        edge.kind,
        ", ".join(edge.services) or edge.kind,
        float(edge.entries),
        edge.spells,
        (edge.value, edge.entries, spend, edge.services, edge.places, edge.certainty, edge.documents),
    )


def _weighed(edges: Iterable[Edge], scope: Scope, options: Options, ids: Mapping[str, str]) -> tuple[Basis, Graph]:
    """Return on which basis sizes go, and what each buyer gives to each supplier on it."""
    by_basis: dict[Basis, dict[tuple[str, str], float]] = defaultdict(lambda: defaultdict(float))
    for edge in edges:
        pair = ids[edge.source], ids[edge.target]
        by_basis[scope.basis][pair] += edge.weight
        if scope.basis == "customers" and options.by_money and edge.value is not None and edge.kind in _OF_KIND:
            by_basis[_OF_KIND[edge.kind]][pair] += float(edge.value)
    bases: tuple[Basis, ...] = ("spend", "value")
    money = (basis for basis in bases if any(one > 0 for one in by_basis[basis].values()))
    chosen = next(money, scope.basis)
    graph: Graph = nx.DiGraph()
    graph.add_weighted_edges_from((buyer, supplier, total) for (buyer, supplier), total in by_basis[chosen].items())
    return chosen, graph


def _weigh_nodes(graph: ViewGraph, weighed: Graph) -> None:
    """Say of each node what it has, its share, the HHI of its partners and how many it deals with."""
    sold, bought = concentration(weighed, "supplier"), concentration(weighed, "buyer")
    nothing = {"total": 0.0, "share": 0.0, "hhi": None}
    for name, node in nodes_in(graph):
        node.buyers, node.suppliers = len(graph.pred[name]), len(graph.succ[name])
        node.kind = "buyer" if not node.buyers else "both" if node.suppliers else "supplier"
        figure = (bought if node.kind == "buyer" else sold).get(name, nothing)
        node.value, node.share = round(figure["total"], 2), round(figure["share"], 9)
        node.hhi = None if figure["hhi"] is None else round(figure["hhi"], 4)


def _shared(found: Scoped, least: int) -> Iterator[EdgeRow]:
    found.rows(sql("sold_to", "exports"))
    (work,) = found.rows(sql("sharing_work", "exports"), {"shared": least})[0]
    if work > _MOST_PAIRS:
        msg = (
            f"the suppliers make about {work:,.0f} pairs with a buyer in common, which is too many to look at; "
            "choose a service, a place, a period or a minimum"
        )
        raise ScopeError(msg)
    found.rows(sql("sharing", "exports"), {"shared": least})
    at_least = found.rows(sql("shared_at_least", "exports"))
    whole = at_least[0][1] if at_least else 0
    if whole > MOST_EDGES:
        fitting, left = next(((n, count) for n, count in at_least if count <= MOST_EDGES), (at_least[-1][0] + 1, 0))
        msg = (
            f"{whole:,} pairs of suppliers share {least} buyers or more, and no more than {MOST_EDGES:,} can be shown; "
            f"{fitting} or more would fit, with {left:,}"
        )
        raise ScopeError(msg)
    for one, other, shared, of_one, of_other in found.rows(sql("shared", "exports")):
        ends = id_of(one), id_of(other)
        values = (shared, round(shared / (of_one + of_other - shared), 6))
        label = f"{shared} shared buyers"
        yield EdgeRow(f"{ends[0]}|{SHARES}|{ends[1]}", *ends, SHARES, label, float(shared), (), values)
