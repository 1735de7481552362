"""From the edge table to networkx: who buys from whom in a scope, as a graph that networkx's own functions take."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

import networkx as nx

from civicgraph.graph.edges.account import SCALE, pounds
from civicgraph.graph.edges.scope import Scope
from civicgraph.graph.edges.sql import sql
from civicgraph.graph.edges.table import EdgeTable, Scoped

if TYPE_CHECKING:
    Network: TypeAlias = nx.MultiDiGraph[str]
else:
    Network = nx.MultiDiGraph

Spell = tuple[date | None, date | None]
"""A period, both days included; None where it is open."""

_OPEN: Final = (date(1, 1, 1), date(9999, 12, 31))
_BOUND: Final = dict.fromkeys(_OPEN)
_ALWAYS: Final = [[*_OPEN]]


class Edge(NamedTuple):
    """What counts between two, by their IRIs: of a network a buyer and a supplier.

    `entries` counts records, or payments. `value` is money of the scope's currency, None where none is known; `weight`
    is on the scope's basis, money in units of the currency. `spells` do not overlap; `years` has what was paid in each
    year. `services` and `places` are names in order.
    """

    source: str
    target: str
    kind: str
    value: Decimal | None
    entries: int
    weight: float
    first: date | None
    last: date | None
    spells: tuple[Spell, ...]
    years: Sequence[tuple[int, Decimal]]
    services: tuple[str, ...]
    places: tuple[str, ...]
    certainty: str
    documents: int


def edges_of(scoped: Scoped, counted: str | None = None) -> Iterator[Edge]:
    """Yield what counts in a scope as edges, by the IRIs of their ends, then by kind.

    Parameters
    ----------
    scoped
        The rows of the scope.
    counted
        SQL that keeps the rows with the edge that each is part of; by default `counted.sql`, by which all services, all
        contracts or all payments between a buyer and a supplier are one edge.
    """
    scale = SCALE if scoped.scope.is_money else 1
    scoped.rows(counted or sql("counted"), {"currency": scoped.scope.currency})
    for row in scoped.rows(sql("network")):
        source, target, kind, money, count, weight, first, last, spells, years, services, places, *rest = row
        value = None if money is None else pounds(money)
        known = (
            ()
            if spells == _ALWAYS
            else tuple([(_BOUND.get(one, one), _BOUND.get(other, other)) for one, other in spells])
        )
        paid = [(year, pounds(sum_)) for year, sum_ in years]
        named = tuple(services), tuple(places)
        yield Edge(source, target, kind, value, count, weight / scale, first, last, known, paid, *named, *rest)


def network(table: EdgeTable, scope: Scope | None = None) -> Network:
    """Return buyers and suppliers of a scope as a networkx graph.

    Parameters
    ----------
    table
        The edge table of a snapshot.
    scope
        What of it; None for all of it.

    Returns
    -------
    networkx.MultiDiGraph
        Nodes are IRIs, with `label`, `cls`, `region` and `kind` (buyer, supplier or both). Edges run from buyer to
        supplier, one for all services, all contracts or all payments between two, keyed `service`, `contract` or
        `spend`, with `kind`, `value` (money of the scope's currency), `count` (records, or payments), `weight` (on the
        scope's basis), `first` and `last` (days in ISO 8601), `services` and `places` (names joined by `; `),
        `certainty` (of the least certain claim) and `documents` (how many say so). What is not known is left out. All
        are texts or numbers, so that `networkx.write_gexf` and `networkx.write_graphml` take the graph as it is.
    """
    graph: Network = nx.MultiDiGraph()
    with table.scoped(scope or Scope()) as scoped:
        for edge in edges_of(scoped):
            told = {
                "kind": edge.kind,
                "value": None if edge.value is None else float(edge.value),
                "count": edge.entries,
                "weight": edge.weight,
                "first": None if edge.first is None else edge.first.isoformat(),
                "last": None if edge.last is None else edge.last.isoformat(),
                "services": "; ".join(edge.services) or None,
                "places": "; ".join(edge.places) or None,
                "certainty": edge.certainty,
                "documents": edge.documents,
            }
            known = {name: value for name, value in told.items() if value is not None}
            graph.add_edge(edge.source, edge.target, edge.kind, **known)
    for party, data in graph.nodes(data=True):
        named = table.parties[party]
        side = "buyer" if not graph.in_degree(party) else "both" if graph.out_degree(party) else "supplier"
        data |= {"label": named.name, "cls": named.cls, "kind": side}
        if named.region is not None:
            data["region"] = named.region
    return graph
