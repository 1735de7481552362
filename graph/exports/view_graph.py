"""A view as a networkx graph: what is common to all of them, before positions and sizes are worked out."""

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

import networkx as nx

from civicgraph.graph.edges.account import Account
from civicgraph.graph.edges.scope import ScopeError
from civicgraph.graph.edges.table import EdgeTable
from civicgraph.graph.edges.to_networkx import Spell
from civicgraph.graph.exports.drawing import Column, EdgeRow, id_of, plain
from civicgraph.graph.exports.options import Options

if TYPE_CHECKING:
    Drawn: TypeAlias = nx.MultiDiGraph[str]
else:
    Drawn = nx.MultiDiGraph
"""Nodes are keys, each with its `node`; edges are keyed by their kind, each with its `row`."""

NODE_COLUMNS: Final = (
    Column("kind", "string", "what the node is in this view; nodes are coloured by it"),
    Column("class", "string", "the narrowest class of the ontology"),
    Column("uri", "string", "the IRI, under which the thing can be looked up"),
    Column("region", "string", "the region that its area lies in, else the country; empty where none is known"),
    Column("value", "double", "what the node's size goes by: pounds, or a number of customers, contracts or services"),
    Column("share", "double", "its part of all that is supplied, for a buyer of all that is bought, 0 to 1"),
    Column("hhi", "double", "how concentrated its buyers are, for a buyer its suppliers: HHI, 0 to 10,000"),
    Column("buyers", "integer", "how many buy from it"),
    Column("suppliers", "integer", "how many supply it"),
    Column("degree", "integer", "how many edges it has"),
    Column("community", "integer", "the number of its community by the Louvain method; 0 is the largest"),
    Column("core", "integer", "its core number: it is among nodes that have this many neighbours among themselves"),
)


class Node(NamedTuple):
    """A node before it is drawn. `value` is a number on the view's basis; see `NODE_COLUMNS` for the others."""

    iri: str
    label: str
    kind: str
    cls: str
    region: str | None = None
    value: Decimal | float | None = None
    share: float | None = None
    hhi: float | None = None
    buyers: int | None = None
    suppliers: int | None = None
    spells: tuple[Spell, ...] = ()


@dataclass(frozen=True, slots=True)
class ViewGraph:
    """A view: its graph, what its edges hold, what it is called, what sizes go by, and what was left out of it."""

    graph: Drawn
    edge_columns: Sequence[Column]
    title: str
    weighed_by: str
    notes: tuple[str, ...] = ()


def graph_of(nodes: Iterable[Node], rows: Iterable[EdgeRow]) -> Drawn:
    """Return nodes, in the order of their keys, and edges as a graph; a node is there while its edges are."""
    graph: Drawn = nx.MultiDiGraph()
    named = {id_of(node.iri): node for node in nodes}
    spells: dict[str, list[tuple[Spell, ...]]] = {name: [] for name in named}
    graph.add_nodes_from(sorted(named))
    for row in rows:
        graph.add_edge(row.source, row.target, row.kind, row=row)
        spells[row.source].append(row.spells)
        spells[row.target].append(row.spells)
    for name, data in graph.nodes(data=True):
        data["node"] = named[name]._replace(spells=_cover(spells[name]) or named[name].spells)
    return graph


def nodes_in(graph: Drawn) -> dict[str, Node]:
    """Return the nodes of a view by their keys."""
    return {name: data["node"] for name, data in graph.nodes(data=True)}


def rows_in(graph: Drawn) -> Iterator[EdgeRow]:
    """Yield the edges of a view."""
    return (data["row"] for *_, data in graph.edges(data=True))


def around(graph: Drawn, options: Options) -> Drawn:
    """Return the neighbourhood that is wanted, along edges in either direction; all of a graph where none is.

    Raises
    ------
    ScopeError
        Nothing in the graph is called so; the message offers the nearest names.
    """
    if options.around is None:
        return graph
    middle = _find_node(nodes_in(graph), options.around)
    either = graph.to_undirected(as_view=True)
    near = nx.single_source_shortest_path_length(either, middle, cutoff=options.depth)
    found: Drawn = graph.subgraph(near).copy()
    return found


def party_node(table: EdgeTable, iri: str, kind: str) -> Node:
    """Return the node of a buyer or a supplier."""
    party = table.parties[iri]
    return Node(iri, plain(party.name), kind, party.cls, party.region)


def notes_of(account: Account) -> tuple[str, ...]:
    """Return what was left out of a view in words, a sentence for each reason."""
    return tuple(
        f"{left.rows:,} left out: {reason}" + (f" (£{left.money:,.2f})" if left.money and account.is_of_money else "")
        for reason, left in account.left_out.items()
    )


def _cover(spells: Sequence[tuple[Spell, ...]]) -> tuple[Spell, ...]:
    """Return the days from the first to the last of several; none where one of them may be of any day."""
    if not spells or not all(spells):
        return ()
    starts, ends = [one[0][0] for one in spells], [one[-1][1] for one in spells]
    first = None if None in starts else min(day for day in starts if day is not None)
    last = None if None in ends else max(day for day in ends if day is not None)
    return () if first is None and last is None else ((first, last),)


def _find_node(nodes: Mapping[str, Node], name: str) -> str:
    wanted = name.casefold()
    found = sorted(key for key, node in nodes.items() if wanted in _names(key, node))
    if found:
        return found[0]
    shown = {node.label.casefold(): node.label for node in nodes.values()}
    close = difflib.get_close_matches(wanted, list(shown), n=3)
    advice = (
        f"the nearest: {', '.join(shown[label] for label in close)}" if close else "give its name as the file has it"
    )
    msg = f"nothing in this view is called {name!r}; {advice}"
    raise ScopeError(msg)


def _names(key: str, node: Node) -> tuple[str, ...]:
    return key.casefold(), key.rpartition("/")[2].casefold(), node.iri.casefold(), node.label.casefold()
