"""The view of contracts and services as nodes of their own: who buys it, who supplies it, where it is.

A service as provided has one customer and one provider, so no path joins a council to a place that its supplier serves
for somebody else.
"""

from decimal import Decimal
from typing import Final

from civicgraph.graph.edges.scope import Scope
from civicgraph.graph.edges.sql import sql
from civicgraph.graph.edges.table import EdgeTable
from civicgraph.graph.edges.to_networkx import edges_of
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
from civicgraph.graph.exports.options import Options

_OTHERS: Final = "(SELECT NULL AS market, * FROM scoped WHERE kind <> 'spend')"
_RECORDS: Final = """SELECT record, min(label), any_value(entry.kind::VARCHAR) FROM entry JOIN scoped USING (entry)
WHERE entry.kind <> 'spend' AND left_out IS NULL GROUP BY record"""


def contracts_view(table: EdgeTable, scope: Scope, options: Options) -> Drawing:
    """Return the view of contracts and services; edges are `buys`, `provides`, `place` and `contract`.

    Raises
    ------
    ScopeError
        It is to be around a node that is not in the view.
    """
    with table.scoped(scope) as found:
        edges = list(edges_of(found, sql("contract_edges", "exports")))
        records = {iri: (label, kind) for iri, label, kind in found.rows(_RECORDS)}
        notes = [note for account in found.accounts(_OTHERS).values() for note in notes_of(account)]
        (payments,) = found.rows("SELECT count(DISTINCT entry) FROM scoped WHERE kind = 'spend'")[0]
    if payments:
        notes.append(f"{payments:,} left out: payments, which are in the view network")

    def node(iri: str) -> Node:
        if iri in records:
            label, kind = records[iri]
            return Node(iri, plain(label or id_of(iri)), kind, kind.capitalize())
        if iri in table.parties:
            return party_node(table, iri, "supplier")
        if iri in table.places:
            return Node(iri, plain(table.label(iri)), "place", "Place")
        return Node(iri, id_of(iri), "contract", "Contract")

    rows = []
    for edge in edges:
        source, target, kind = id_of(edge.source), id_of(edge.target), edge.kind
        values = (edge.value, edge.services, edge.certainty, edge.documents)
        rows.append(EdgeRow(f"{source}|{kind}|{target}", source, target, kind, kind, 1.0, edge.spells, values))
    graph = graph_of(map(node, dict.fromkeys(end for edge in edges for end in edge[:2])), rows)
    _weigh(graph)
    title = "Who buys what from whom, and where"
    return Drawing("contracts", around(graph, options), title, "pounds awarded", tuple(notes))


def _weigh(graph: ViewGraph) -> None:
    """Say for how much each record is bought and by how many, and on which side each party is, and for how much."""
    for name, node in nodes_in(graph):
        ends = *graph.in_edges(name, data="row"), *graph.out_edges(name, data="row")
        bought, sold = ([row for *_, row in ends if row.kind == kind] for kind in ("buys", "provides"))
        if not (bought or sold):
            continue
        if node.kind in ("contract", "service"):
            node.buyers, node.suppliers, counted = len(bought), len(sold), bought
        else:
            node.kind = "both" if bought and sold else "supplier" if sold else "buyer"
            counted = sold or bought
        known = [row.values[0] for row in counted if isinstance(row.values[0], Decimal)]
        node.value = sum(known, Decimal(0)) if known else None
