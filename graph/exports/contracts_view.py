"""The view of contracts and services as nodes of their own: who buys it, who supplies it, where it is.

A service as provided has one customer and one provider, so no path joins a council to a place that its supplier serves
for somebody else.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import numpy as np

from civicgraph.graph.edges.network import Network
from civicgraph.graph.exports.drawing import Column, EdgeRow, Spell, joined, plain
from civicgraph.graph.exports.network_view import label_of, within
from civicgraph.graph.exports.parts import Node, Parts, id_of
from civicgraph.graph.exports.selection import Selection, find_node
from civicgraph.graph.exports.ties import pounds_of

EDGE_COLUMNS = (
    Column("value", "double", "the part of the awarded pounds that this party buys or supplies"),
    Column("services", "liststring", "the types of services"),
    Column("certainty", "string", "asserted, reported or speculative, of the least certain claim"),
    Column("documents", "integer", "how many documents say so"),
)


def contracts_parts(
    network: Network, selection: Selection, regions: Mapping[str, str], groups: Mapping[str, str]
) -> Parts:
    """Return the view of contracts and services; edges are `buys`, `provides`, `place` and `contract`.

    See `civicgraph.graph.exports.network_view.network_parts` for the parameters.

    Raises
    ------
    ScopeError
        The selection is around a node that is not in the view.
    """
    left_out: Counter[str] = Counter()
    things: dict[str, list[tuple[str, str, Mapping[str, Any]]]] = defaultdict(list)
    for buyer, supplier, key, data in network.edges(keys=True, data=True):
        if data["kind"] == "spend":
            left_out["payments, which are in the view network"] += 1
            continue
        reason = selection.why_not(network, data)
        if reason is None:
            things[key].append((groups.get(buyer, buyer), groups.get(supplier, supplier), data))
        elif reason:
            left_out[reason] += 1
    found = _Found(network, regions)
    for thing in sorted(things):
        found.add(thing, things[thing], selection.minimum)
    return found.parts(selection, left_out)


class _Found:
    def __init__(self, network: Network, regions: Mapping[str, str]) -> None:
        self._network, self._regions = network, regions
        self._nodes: dict[str, Node] = {}
        self._edges: list[EdgeRow] = []

    def add(self, thing: str, ties: list[tuple[str, str, Mapping[str, Any]]], minimum: Decimal | None) -> None:
        data = ties[0][2]
        known = [amount for _, _, link in ties if (amount := pounds_of(link)) is not None]
        value = sum(known, Decimal(0)) if known else None
        if minimum is not None and (value is None or value < minimum):
            return
        labels = self._network.graph["labels"]
        spells = joined([(data["start"], data["end"])])
        self._nodes[thing] = Node(
            iri=thing,
            label=plain(data["label"]),
            kind=data["kind"],
            cls=data["kind"].capitalize(),
            value=None if value is None else round(value, 2),
            buyers=len({buyer for buyer, _, _ in ties}),
            suppliers=len({supplier for _, supplier, _ in ties}),
            spells=spells,
        )
        for side, kind in ((0, "buys"), (1, "provides")):
            parts: dict[str, list[Decimal]] = defaultdict(list)
            for buyer, supplier, link in ties:
                amount = pounds_of(link)
                parts[buyer if side == 0 else supplier] += [] if amount is None else [amount]
            for party, amounts in sorted(parts.items()):
                self._party(party)
                self._edge(party, thing, kind, sum(amounts, Decimal(0)) if amounts else None, data, spells)
        for place in sorted(set(data["places"])):
            self._nodes.setdefault(place, Node(place, plain(labels.get(place, place)), "place", "Place"))
            self._edge(thing, place, "place", None, data, spells)
        if data["contract"] is not None:
            contract = data["contract"]
            self._nodes.setdefault(contract, Node(contract, id_of(contract), "contract", "Contract"))
            self._edge(thing, contract, "contract", None, data, spells)

    def _party(self, party: str) -> None:
        if party not in self._nodes:
            data = self._network.nodes.get(party)
            cls = data["cls"] if data else "Organisation"
            self._nodes[party] = Node(
                party, label_of(self._network, party), "supplier", cls, region=self._regions.get(party)
            )

    def _edge(
        self,
        source: str,
        target: str,
        kind: str,
        value: Decimal | None,
        data: Mapping[str, Any],
        spells: tuple[Spell, ...],
    ) -> None:
        labels = self._network.graph["labels"]
        services = tuple(sorted({plain(labels.get(service, service)) for service in data["services"]}))
        self._edges.append(
            EdgeRow(
                id=f"{id_of(source)}|{kind}|{id_of(target)}",
                source=source,
                target=target,
                kind=kind,
                label=kind,
                weight=1.0,
                spells=spells,
                values=(value, services, data["certainty"], len(data["documents"])),
            )
        )

    def parts(self, selection: Selection, left_out: Counter[str]) -> Parts:
        order = sorted(self._nodes, key=id_of)
        number = {iri: at for at, iri in enumerate(order)}
        edges = self._edges
        sources = np.array([number[edge.source] for edge in edges], dtype=np.int64)
        targets = np.array([number[edge.target] for edge in edges], dtype=np.int64)
        near = np.ones(len(order), dtype=np.bool_)
        if selection.around is not None:
            middle = find_node({iri: node.label for iri, node in self._nodes.items()}, selection.around)
            near = within(len(order), sources, targets, number[middle], selection.depth)
        kept = [edge for edge in edges if near[number[edge.source]] and near[number[edge.target]]]
        buys, provides = (
            {kind: Counter(edge.source for edge in kept if edge.kind == kind) for kind in ("buys", "provides")}[name]
            for name in ("buys", "provides")
        )
        worth: dict[str, Decimal] = defaultdict(Decimal)
        for edge in kept:
            if edge.kind == ("provides" if provides[edge.source] else "buys") and isinstance(edge.values[0], Decimal):
                worth[edge.source] += edge.values[0]
        nodes = []
        renumbered = np.cumsum(near) - 1
        for iri in order:
            if near[number[iri]]:
                node = self._nodes[iri]
                if buys[iri] or provides[iri]:
                    node = _as_party(node, buys[iri], provides[iri], worth.get(iri))
                nodes.append(node)
        rows = [_with_ids(edge) for edge in kept]
        return Parts(
            nodes,
            renumbered[np.array([number[edge.source] for edge in kept], dtype=np.int64)],
            renumbered[np.array([number[edge.target] for edge in kept], dtype=np.int64)],
            lambda: iter(rows),
            EDGE_COLUMNS,
            "Who buys what from whom, and where",
            "pounds awarded",
            dict(sorted(left_out.items())),
        )


def _as_party(node: Node, buys: int, provides: int, value: Decimal | None) -> Node:
    kind = "both" if buys and provides else "supplier" if provides else "buyer"
    return Node(node.iri, node.label, kind, node.cls, node.region, None if value is None else round(value, 2))


def _with_ids(edge: EdgeRow) -> EdgeRow:
    return EdgeRow(
        edge.id, id_of(edge.source), id_of(edge.target), edge.kind, edge.label, edge.weight, edge.spells, edge.values
    )
