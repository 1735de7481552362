"""From the edge table to networkx: who buys from whom in a scope, as a graph that networkx's own functions take."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

import networkx as nx

from civicgraph.graph.edges.account import SCALE, pounds
from civicgraph.graph.edges.scope import Scope
from civicgraph.graph.edges.sql import sql
from civicgraph.graph.edges.table import EdgeTable, Scoped

if TYPE_CHECKING:
    Network: TypeAlias = nx.MultiDiGraph[str]
else:
    Network = nx.MultiDiGraph

By = Literal["kind", "record"]
"""Whether all services, all contracts or all payments between two are one edge, or each record is one."""

Spell = tuple[date | None, date | None]
"""A period, both days included; None where it is open."""

_OPEN: Final = (date(1, 1, 1), date(9999, 12, 31))
_ALWAYS: Final = [[*_OPEN]]


class Edge(NamedTuple):
    """What counts between a buyer and a supplier, by their IRIs; services and places are numbers of things.

    `entries` counts records, or payments. `value` is money of the scope's currency, None where none is known; `weight`
    is on the scope's basis, money in units of the currency. `spells` do not overlap; `years` has what was paid in each
    year. `record`, `label` and `contract` are of one record, and mean nothing of an edge that stands for several.
    """

    buyer: str
    supplier: str
    kind: str
    record: str | None
    value: Decimal | None
    entries: int
    weight: float
    first: date | None
    last: date | None
    spells: tuple[Spell, ...]
    years: Sequence[tuple[int, Decimal]]
    services: Sequence[int]
    places: Sequence[int]
    certainty: str
    documents: int
    guard: str | None
    label: str | None
    contract: str | None


def edges_of(scoped: Scoped, by: By = "kind", *, guarded: bool = False, payments: bool = True) -> Iterator[Edge]:
    """Yield what counts in a scope as edges, by the IRIs of buyer and supplier, then by kind.

    Parameters
    ----------
    scoped
        The rows of the scope.
    by
        What is one edge.
    guarded
        Whether guarded rows are edges too; their weight is 0.
    payments
        Whether payments are edges.
    """
    scale = SCALE if scoped.scope.is_money else 1
    wanted = {"by_record": by == "record", "guarded": guarded, "payments": payments, "currency": scoped.scope.currency}
    scoped.rows(sql("counted"), wanted)
    for row in scoped.rows(sql("network"), {"by_record": by == "record"}):
        buyer, supplier, kind, record, money, count, weight, first, last, spells, years, *rest = row
        value = None if money is None else pounds(money)
        known = () if spells == _ALWAYS else tuple([_spell(since, until) for since, until in spells])
        paid = [(year, pounds(sum_)) for year, sum_ in years]
        yield Edge(buyer, supplier, kind, record, value, count, weight / scale, first, last, known, paid, *rest)


def network(table: EdgeTable, scope: Scope | None = None, *, by: By = "kind", guarded: bool = False) -> Network:
    """Return buyers and suppliers of a scope as a networkx graph.

    Parameters
    ----------
    table
        The edge table of a snapshot.
    scope
        What of it; None for all of it.
    by
        `kind` for one edge for all services, all contracts or all payments between two, keyed `service`, `contract`
        or `spend`; `record` for one edge for each service, contract or reported sum, keyed by its IRI.
    guarded
        Whether what counts in no figure because it is guarded is in the graph too; its weight is 0.

    Returns
    -------
    networkx.MultiDiGraph
        Nodes are IRIs, with `label`, `cls`, `region` and `kind` (buyer, supplier or both). Edges run from buyer to
        supplier, with `kind`, `value` (money of the scope's currency), `count` (records, or payments), `weight` (on the
        scope's basis), `first` and `last` (days in ISO 8601), `services` and `places` (names joined by `; `),
        `certainty` (of the least certain claim) and `documents` (how many say so); by record also `label`, and `guard`
        of what is guarded. What is not known is left out. All are texts or numbers, so that `networkx.write_gexf` and
        `networkx.write_graphml` take the graph as it is.
    """
    scope = scope or Scope()
    things = {number: name for number, _, name in things_of(table)}
    graph: Network = nx.MultiDiGraph()
    with table.scoped(scope) as scoped:
        for edge in edges_of(scoped, by, guarded=guarded):
            key = edge.record if by == "record" else edge.kind
            graph.add_edge(edge.buyer, edge.supplier, key, **_attributes(edge, things, by))
    for party, data in graph.nodes(data=True):
        known = table.parties[party]
        data |= {"label": known.name, "cls": known.cls, "kind": side_of(graph, party)}
        if known.region is not None:
            data["region"] = known.region
    return graph


def things_of(table: EdgeTable) -> list[tuple[int, str, str]]:
    """Return the number, IRI and name of each service type and place."""
    return [(number, iri, name) for number, iri, name in table.rows("SELECT thing, iri, name FROM thing")]


def side_of(graph: Network, party: str) -> str:
    """Return whether a party of a graph is a `buyer`, a `supplier` or `both`."""
    if not graph.in_degree(party):
        return "buyer"
    return "both" if graph.out_degree(party) else "supplier"


def _attributes(edge: Edge, things: dict[int, str], by: By) -> dict[str, str | int | float]:
    found = {
        "kind": edge.kind,
        "value": None if edge.value is None else float(edge.value),
        "count": edge.entries,
        "weight": edge.weight,
        "first": None if edge.first is None else edge.first.isoformat(),
        "last": None if edge.last is None else edge.last.isoformat(),
        "services": names(edge.services, things),
        "places": names(edge.places, things),
        "certainty": edge.certainty,
        "documents": edge.documents,
        "guard": edge.guard,
        "label": edge.label if by == "record" else None,
    }
    return {name: value for name, value in found.items() if value is not None and value != ""}


def names(numbers: Sequence[int], things: dict[int, str]) -> str:
    """Return the names of service types or places in order, joined by `; `."""
    return "; ".join(sorted({things[number] for number in numbers}))


def _spell(since: date, until: date) -> Spell:
    return None if since == _OPEN[0] else since, None if until == _OPEN[1] else until
