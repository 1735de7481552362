"""The view of contracts and services as nodes of their own: who buys it, who supplies it, where it is.

A service as provided has one customer and one provider, so no path joins a council to a place that its supplier serves
for somebody else.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Final

from civicgraph.graph.edges.scope import Scope
from civicgraph.graph.edges.table import EdgeTable
from civicgraph.graph.edges.to_networkx import Edge, edges_of, things_of
from civicgraph.graph.exports.cells import id_of, plain
from civicgraph.graph.exports.drawing import (
    Drawing,
    EdgeRow,
    Node,
    ViewGraph,
    around,
    graph_of,
    nodes_in,
    notes_of,
    party_node,
)
from civicgraph.graph.exports.network_view import Names
from civicgraph.graph.exports.options import Options

_OTHERS: Final = "(SELECT NULL AS market, * FROM scoped WHERE kind <> 'spend')"


def contracts_view(table: EdgeTable, scope: Scope, options: Options) -> Drawing:
    """Return the view of contracts and services; edges are `buys`, `provides`, `place` and `contract`.

    Raises
    ------
    ScopeError
        It is to be around a node that is not in the view.
    """
    with table.scoped(scope) as found:
        of_record: dict[str, list[Edge]] = defaultdict(list)
        for edge in edges_of(found, "record", payments=False):
            of_record[edge.record or ""].append(edge)
        notes = [note for account in found.accounts(_OTHERS).values() for note in notes_of(account)]
        (payments,) = found.rows("SELECT count(DISTINCT entry) FROM scoped WHERE kind = 'spend'")[0]
    if payments:
        notes.append(f"{payments:,} left out: payments, which are in the view network")
    view = _View(table)
    graph = around(graph_of(*view.parts(of_record.values())), options)
    _name_sides(graph)
    return Drawing("contracts", graph, "Who buys what from whom, and where", "pounds awarded", tuple(notes))


class _View:
    def __init__(self, table: EdgeTable) -> None:
        self._table, self._names = table, Names(table)
        self._things = {number: (iri, name) for number, iri, name in things_of(table)}
        self._nodes: dict[str, Node] = {}

    def parts(self, records: Iterable[Sequence[Edge]]) -> tuple[list[Node], list[EdgeRow]]:
        """Return the nodes and the edges of records, each given as its edges between buyers and suppliers."""
        rows = [row for edges in records for row in self._record(edges)]
        return list(self._nodes.values()), rows

    def _record(self, edges: Sequence[Edge]) -> Iterator[EdgeRow]:
        one = edges[0]
        thing = one.record or ""
        sides: tuple[dict[str, list[Decimal]], ...] = (defaultdict(list), defaultdict(list))
        for edge in edges:
            for side, party in zip(sides, (edge.buyer, edge.supplier), strict=True):
                side[party] += [] if edge.value is None else [edge.value]
        known = [amount for amounts in sides[0].values() for amount in amounts]
        self._nodes[thing] = Node(
            iri=thing,
            label=plain(one.label or id_of(thing)),
            kind=one.kind,
            cls=one.kind.capitalize(),
            value=sum(known, Decimal(0)) if known else None,
            buyers=len(sides[0]),
            suppliers=len(sides[1]),
        )
        for side, kind in zip(sides, ("buys", "provides"), strict=True):
            for party, amounts in side.items():
                self._nodes.setdefault(party, party_node(self._table, party, "supplier"))
                yield self._edge(party, thing, kind, one, sum(amounts, Decimal(0)) if amounts else None)
        for place in sorted({number for edge in edges for number in edge.places}):
            iri, name = self._things[place]
            self._nodes.setdefault(iri, Node(iri, plain(name), "place", "Place"))
            yield self._edge(thing, iri, "place", one)
        if one.contract is not None:
            self._nodes.setdefault(one.contract, Node(one.contract, id_of(one.contract), "contract", "Contract"))
            yield self._edge(thing, one.contract, "contract", one)

    def _edge(self, source: str, target: str, kind: str, edge: Edge, value: Decimal | None = None) -> EdgeRow:
        ends = id_of(source), id_of(target)
        values = (value, self._names(edge.services), edge.certainty, edge.documents)
        return EdgeRow(f"{ends[0]}|{kind}|{ends[1]}", *ends, kind, kind, 1.0, edge.spells, values)


def _name_sides(graph: ViewGraph) -> None:
    """Say of each party whether it buys or supplies in what is shown, and for how much it supplies, else buys."""
    for name, node in nodes_in(graph):
        rows: list[EdgeRow] = [edge["row"] for *_, edge in graph.out_edges(name, data=True)]
        bought, sold = ([row for row in rows if row.kind == kind] for kind in ("buys", "provides"))
        if bought or sold:
            known = [row.values[0] for row in sold or bought if isinstance(row.values[0], Decimal)]
            node.kind = "both" if bought and sold else "supplier" if sold else "buyer"
            node.value = sum(known, Decimal(0)) if known else None
