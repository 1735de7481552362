"""The view of buyers and suppliers: one edge for all services, all contracts or all payments between the same two."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final

import networkx as nx

from civicgraph.graph.edges.scope import Basis, Scope
from civicgraph.graph.edges.table import EdgeTable, Scoped
from civicgraph.graph.edges.to_networkx import Edge, edges_of, things_of
from civicgraph.graph.exports.drawing import Column, EdgeRow, end_of, id_of, plain, pounds
from civicgraph.graph.exports.options import Options
from civicgraph.graph.exports.view_graph import Drawn, Node, ViewGraph, around, graph_of, notes_of, party_node
from civicgraph.graph.measures.graph_concentration import GraphParty, concentration
from civicgraph.graph.measures.structure import Graph

EDGE_COLUMNS: Final = (
    Column("value", "double", "the sum in pounds of those known"),
    Column("count", "integer", "how many services, contracts or payments the edge stands for; its weight too"),
    Column("spend", "yearly", "pounds paid in each year: moves with Gephi's timeline"),
    Column("services", "liststring", "the types of services"),
    Column("places", "liststring", "the areas served, else where it is delivered from"),
    Column("certainty", "string", "asserted, reported or speculative, of the least certain claim"),
    Column("documents", "integer", "how many documents say so"),
)

WEIGHED_BY: Final[Mapping[Basis, str]] = {
    "spend": "pounds paid or sold",
    "value": "pounds awarded",
    "contracts": "contracts",
    "services": "services",
    "customers": "customers",
}
_OF_KIND: Final[Mapping[str, Basis]] = {"spend": "spend", "contract": "value"}


def network_view(table: EdgeTable, scope: Scope, options: Options) -> ViewGraph:
    """Return the view of buyers and suppliers; shares and HHI rest on all of the scope, whatever is shown of it.

    Raises
    ------
    ScopeError
        It is to be around a node that is not in the view.
    """
    with table.scoped(scope) as found:
        return view_of(table, found, options)


def view_of(table: EdgeTable, found: Scoped, options: Options) -> ViewGraph:
    """Return the view of the rows of a scope; see `network_view`."""
    edges = list(edges_of(found))
    names = Names(table)
    ids = {iri: id_of(iri) for edge in edges for iri in (edge.buyer, edge.supplier)}
    nodes = (party_node(table, iri, "") for iri in ids)
    basis, weighed = _weighed(edges, found.scope, options, ids)
    shown = around(graph_of(nodes, (_row(edge, names, ids) for edge in edges)), options)
    _weigh_nodes(shown, weighed)
    return ViewGraph(shown, EDGE_COLUMNS, "Who buys from whom", WEIGHED_BY[basis], notes_of(found.account))


class Names:
    """The names of service types and places by their numbers, as lists, which are few and come again and again."""

    def __init__(self, table: EdgeTable) -> None:
        self._labels = {number: plain(name) for number, _, name in things_of(table)}
        self._lists: dict[tuple[int, ...], tuple[str, ...]] = {}

    def __call__(self, numbers: Sequence[int]) -> tuple[str, ...]:
        """Return the names of several in order, each once."""
        key = tuple(numbers)
        if key not in self._lists:
            self._lists[key] = tuple(sorted({self._labels[number] for number in key}))
        return self._lists[key]


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


def _row(edge: Edge, names: Names, ids: Mapping[str, str]) -> EdgeRow:
    source, target = ids[edge.buyer], ids[edge.supplier]
    services = names(edge.services)
    spend = yearly(edge) if edge.kind == "spend" else None
    return EdgeRow(
        f"{source}|{edge.kind}|{target}",
        source,
        target,
        edge.kind,
        ", ".join(services) or edge.kind,
        float(edge.entries),
        edge.spells,
        (edge.value, edge.entries, spend, services, names(edge.places), edge.certainty, edge.documents),
    )


def _weighed(edges: Iterable[Edge], scope: Scope, options: Options, ids: Mapping[str, str]) -> tuple[Basis, Graph]:
    """Return on which basis sizes go, and what each buyer gives to each supplier on it."""
    by_basis: dict[Basis, dict[tuple[str, str], float]] = defaultdict(lambda: defaultdict(float))
    for edge in edges:
        pair = ids[edge.buyer], ids[edge.supplier]
        by_basis[scope.basis][pair] += edge.weight
        if scope.basis == "customers" and options.by_money and edge.value is not None and edge.kind in _OF_KIND:
            by_basis[_OF_KIND[edge.kind]][pair] += float(edge.value)
    bases: tuple[Basis, ...] = ("spend", "value")
    money = (basis for basis in bases if any(one > 0 for one in by_basis[basis].values()))
    chosen = next(money, scope.basis)
    graph: Graph = nx.DiGraph()
    graph.add_weighted_edges_from((buyer, supplier, total) for (buyer, supplier), total in by_basis[chosen].items())
    return chosen, graph


def _weigh_nodes(graph: Drawn, weighed: Graph) -> None:
    """Say of each node what it has, its share, the HHI of its partners and how many it deals with."""
    sold, bought = concentration(weighed, "supplier"), concentration(weighed, "buyer")
    nothing = GraphParty(0.0, 0.0, None, 0, None, None)
    for name, data in graph.nodes(data=True):
        buyers, suppliers = len(graph.pred[name]), len(graph.succ[name])
        kind = "buyer" if not buyers else "both" if suppliers else "supplier"
        figure = (bought if kind == "buyer" else sold).get(name, nothing)
        node: Node = data["node"]
        data["node"] = node._replace(
            kind=kind,
            value=round(figure.total, 2),
            share=round(figure.share, 9),
            hhi=None if figure.hhi is None else round(figure.hhi, 4),
            buyers=buyers,
            suppliers=suppliers,
        )
