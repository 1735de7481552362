"""The view of suppliers tied by the buyers they share: who could stand in for whom, and who meets whom."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from civicgraph.graph.edges.scope import Scope
from civicgraph.graph.edges.sql import sql
from civicgraph.graph.edges.table import EdgeTable, Scoped
from civicgraph.graph.exports.drawing import Column, EdgeRow, id_of
from civicgraph.graph.exports.network_view import view_of
from civicgraph.graph.exports.options import Options, TooLargeError
from civicgraph.graph.exports.view_graph import ViewGraph, around, graph_of

EDGE_COLUMNS: Final = (
    Column("shared", "integer", "how many buyers the two share; its weight too"),
    Column("overlap", "double", "the part of all buyers of either that both have, 0 to 1"),
)

SHARES: Final = "shares"
"""The kind of its edges, the only ones without a direction of their own."""
MOST_EDGES: Final = 100_000
_MOST_PAIRS: Final = 100_000_000

_SOLD_TO: Final = """CREATE OR REPLACE TEMP TABLE sold_to AS
SELECT buyer, supplier, count(*) OVER (PARTITION BY supplier) AS buyers
FROM (SELECT DISTINCT buyer, supplier FROM scoped WHERE left_out IS NULL)"""
_WORK: Final = """SELECT coalesce(sum(n * (n - 1) / 2), 0)
FROM (SELECT count(*) AS n FROM sold_to WHERE buyers >= $shared GROUP BY buyer)"""
_AT_LEAST: Final = """SELECT shared, CAST(sum(count(*)) OVER (ORDER BY shared DESC) AS BIGINT)
FROM sharing GROUP BY shared ORDER BY shared"""


def suppliers_view(table: EdgeTable, scope: Scope, options: Options) -> ViewGraph:
    """Return the view of suppliers that share at least `options.shared` buyers.

    An edge has no direction of its own: it is written from the supplier whose IRI comes first.

    Raises
    ------
    TooLargeError
        It would have more than `MOST_EDGES` edges; the message says what least number of shared buyers would fit.
    ScopeError
        It is to be around a node that is not in the view.
    """
    with table.scoped(scope) as found:
        whole = view_of(table, found, replace(options, around=None))
        rows = list(_rows(found, options.shared))
    tied = dict.fromkeys(end for row in rows for end in (row.source, row.target))
    graph = around(graph_of((whole.graph.nodes[name]["node"] for name in tied), rows), options)
    title = f"Suppliers that share {options.shared} buyers or more"
    return ViewGraph(graph, EDGE_COLUMNS, title, whole.weighed_by, whole.notes)


def _rows(found: Scoped, least: int) -> Iterator[EdgeRow]:
    found.rows(_SOLD_TO)
    (work,) = found.rows(_WORK, {"shared": least})[0]
    if work > _MOST_PAIRS:
        msg = (
            f"the suppliers make about {work:,.0f} pairs with a buyer in common, which is too many to look at; "
            "choose a service, a place, a period or a minimum"
        )
        raise TooLargeError(msg)
    query = sql("sharing", "exports")
    found.rows(query, {"shared": least})
    _refuse_too_many(found, least)
    for one, other, shared, of_one, of_other in found.rows(
        "SELECT o.iri, t.iri, shared, of_one, of_other FROM sharing "
        "JOIN party o ON o.party = one JOIN party t ON t.party = other ORDER BY 1, 2"
    ):
        ends = id_of(one), id_of(other)
        values = (shared, round(shared / (of_one + of_other - shared), 6))
        label = f"{shared} shared buyers"
        yield EdgeRow(f"{ends[0]}|{SHARES}|{ends[1]}", *ends, SHARES, label, float(shared), (), values)


def _refuse_too_many(found: Scoped, least: int) -> None:
    at_least = found.rows(_AT_LEAST)
    whole = at_least[0][1] if at_least else 0
    if whole > MOST_EDGES:
        fitting, left = next(((n, count) for n, count in at_least if count <= MOST_EDGES), (at_least[-1][0] + 1, 0))
        msg = (
            f"{whole:,} pairs of suppliers share {least} buyers or more, and no more than {MOST_EDGES:,} can be shown; "
            f"{fitting} or more would fit, with {left:,}"
        )
        raise TooLargeError(msg)
