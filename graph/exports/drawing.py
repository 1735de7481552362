"""A view as a networkx graph, whatever the syntax of its file, and how it is drawn: positions, sizes, structure."""

import gc
import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

import networkx as nx
import numpy as np

from civicgraph.graph.edges.account import Account
from civicgraph.graph.edges.finding import nearest_names
from civicgraph.graph.edges.scope import ScopeError
from civicgraph.graph.edges.table import EdgeTable
from civicgraph.graph.edges.to_networkx import Spell
from civicgraph.graph.exports.cells import Value, id_of, plain
from civicgraph.graph.exports.layout import Numbers, layout
from civicgraph.graph.exports.options import Options, View
from civicgraph.graph.measures.structure import communities, partners_in

if TYPE_CHECKING:
    ViewGraph: TypeAlias = nx.MultiDiGraph[str]
else:
    ViewGraph = nx.MultiDiGraph
"""Nodes are keys, each with its `node`; edges are keyed by their kind, each with its `row`."""

SOURCE: Final = "civicgraph, from the sources that the data folder holds (civicgraph sources lists them)"
LICENCE: Final = "Facts of UK public records are under the Open Government Licence v3.0; ask each source for the others"

SMALLEST: Final = 4.0
LARGEST: Final = 40.0


@dataclass(slots=True)
class Node:
    """A node. `kind` gives it its colour, `value` its size; a position is within 1,000 of the middle.

    `cls` is the narrowest class of the ontology; docs/gephi.md says what the columns mean.
    """

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
    degree: int = 0
    community: int = 0
    core: int = 0
    x: float = 0.0
    y: float = 0.0
    size: float = SMALLEST

    @property
    def id(self) -> str:
        """What stands for it in a file."""
        return id_of(self.iri)

    @property
    def values(self) -> tuple[Value, ...]:
        """What its columns hold."""
        value = None if self.value is None else float(self.value)
        figures = (value, self.share, self.hhi, self.buyers, self.suppliers, self.degree, self.community, self.core)
        return self.kind, self.cls, self.iri, self.region, *figures


class EdgeRow(NamedTuple):
    """An edge; of two nodes there is at most one of a kind. Its spells are in order and do not overlap."""

    id: str
    source: str
    target: str
    kind: str
    label: str
    weight: float
    spells: tuple[Spell, ...]
    values: tuple[Value, ...]


@dataclass
class Drawing:
    """A view that is ready to be written; see `drawing_of`.

    `weighed_by` is what sizes go by, `notes` say what was left out, `day` is the day up to which the data goes.
    Positions, sizes and structure are worked out when the nodes are first asked for: a file can begin before.
    """

    view: View
    graph: ViewGraph
    title: str
    weighed_by: str
    notes: tuple[str, ...] = ()
    day: date | None = None

    def nodes(self) -> Iterator[Node]:
        """Yield the nodes, in the order of their keys."""
        return iter(self._placed)

    def edges(self) -> Iterator[EdgeRow]:
        """Yield the edges."""
        return (data["row"] for *_, data in self.graph.edges(data=True))

    @cached_property
    def _placed(self) -> list[Node]:
        with uncollected():
            nodes = [node for _, node in nodes_in(self.graph)]
            partners = partners_in(self.graph)
            sizes = _sizes(np.array([float(node.value or 0) for node in nodes]))
            positions = layout(partners, sizes).round(2)
            numbers, cores = communities(partners), nx.core_number(partners)
            places = zip(nodes, self.graph.degree(), positions.tolist(), sizes.tolist(), strict=True)
            for node, (name, degree), (x, y), size in places:
                node.degree, node.community, node.core = degree, numbers[name], cores[name]
                node.x, node.y, node.size = x, y, size
        return nodes


@contextmanager
def uncollected() -> Iterator[None]:
    """Look for no cycles meanwhile: a graph is many objects that stay, and to look through them takes a third more."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def graph_of(nodes: Iterable[Node], rows: Iterable[EdgeRow]) -> ViewGraph:
    """Return nodes, in the order of their keys, and edges as a graph; a node is there while its edges are."""
    graph: ViewGraph = nx.MultiDiGraph()
    named = {node.id: node for node in nodes}
    spells: dict[str, list[tuple[Spell, ...]]] = {name: [] for name in named}
    graph.add_nodes_from((name, {"node": named[name]}) for name in sorted(named))
    for row in rows:
        graph.add_edge(row.source, row.target, row.kind, row=row)
        spells[row.source].append(row.spells)
        spells[row.target].append(row.spells)
    for name, node in nodes_in(graph):
        node.spells = _cover(spells[name]) or node.spells
    return graph


def nodes_in(graph: ViewGraph) -> Iterator[tuple[str, Node]]:
    """Yield the nodes of a view by their keys."""
    return ((name, data["node"]) for name, data in graph.nodes(data=True))


def around(graph: ViewGraph, options: Options) -> ViewGraph:
    """Return the neighbourhood that is wanted, along edges in either direction; all of a graph where none is.

    Raises
    ------
    ScopeError
        Nothing in the graph is called so; the message offers the nearest names.
    """
    if options.around is None:
        return graph
    wanted = options.around.casefold()
    found = sorted(
        name
        for name, node in nodes_in(graph)
        if wanted in map(str.casefold, (name, name.rpartition("/")[2], node.iri, node.label))
    )
    if not found:
        nearest = nearest_names({node.label.casefold(): node.label for _, node in nodes_in(graph)}, options.around)
        advice = f"the nearest: {', '.join(nearest)}" if nearest else "give its name as the file has it"
        msg = f"nothing in this view is called {options.around!r}; {advice}"
        raise ScopeError(msg, options.around, nearest)
    near = nx.single_source_shortest_path_length(graph.to_undirected(as_view=True), found[0], cutoff=options.depth)
    shown: ViewGraph = graph.subgraph(near).copy()
    return shown


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


def _sizes(values: Numbers) -> Numbers:
    """Return radii whose areas go by the values, between the smallest and the largest that are drawn."""
    positive = np.sqrt(np.maximum(values, 0))
    largest = float(positive.max(initial=0))
    # Many nodes get less each, so that they do not cover each other.
    most = min(LARGEST, SMALLEST + 400 / math.sqrt(max(len(values), 1)))
    if not largest:
        return np.full(len(values), SMALLEST)
    return np.asarray((SMALLEST + (most - SMALLEST) * positive / largest).round(2))
