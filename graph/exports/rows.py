"""The network as flat rows, one edge a buyer, supplier and kind: what every export writes, each in its own syntax."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from civicgraph.graph.iris import key_of
from civicgraph.graph.network import Network

Spell = tuple[date | None, date | None]
"""A period, both days included; None where it is open."""

_CERTAINTIES: Final = ("asserted", "reported", "speculative")
_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class NodeRow:
    """A buyer or supplier. `role` is buyer, supplier or both; `id` is its kind/slug, or its IRI if it is not ours."""

    id: str
    label: str
    uri: str
    cls: str
    role: str
    buyers: int
    suppliers: int


@dataclass(frozen=True, slots=True)
class EdgeRow:
    """All services, or all contracts, that tie a buyer to a supplier. `value` is the sum in pounds of those known."""

    id: str
    source: str
    target: str
    kind: str
    label: str
    count: int
    value: Decimal | None
    services: tuple[str, ...]
    places: tuple[str, ...]
    certainty: str
    documents: int
    spells: tuple[Spell, ...]


def node_rows(network: Network) -> list[NodeRow]:
    """Return the nodes of a network in the order of their ids."""
    rows = []
    for iri, data in network.nodes(data=True):
        buyers = len(set(network.predecessors(iri)))
        suppliers = len(set(network.successors(iri)))
        role = "both" if buyers and suppliers else "supplier" if buyers else "buyer"
        rows.append(NodeRow(_id(iri), plain(data["label"]), iri, data["cls"], role, buyers, suppliers))
    return sorted(rows, key=lambda row: row.id)


def edge_rows(network: Network) -> list[EdgeRow]:
    """Return the edges of a network, merged by buyer, supplier and kind, in the order of their ids."""
    merged: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
    for buyer, supplier, data in network.edges(data=True):
        merged[buyer, supplier, data["kind"]].append(data)
    labels: dict[str, str] = network.graph["labels"]

    def names(ties: Iterable[dict[str, Any]], attribute: str) -> tuple[str, ...]:
        found = {thing for tie in ties for thing in tie[attribute]}
        return tuple(sorted(plain(labels.get(thing, thing)) for thing in found))

    rows = []
    for (buyer, supplier, kind), ties in merged.items():
        pounds = [tie for tie in ties if tie["currency"] == "GBP" and tie["value"] is not None]
        values = [tie["value"] * Decimal(tie["split"]) for tie in pounds]
        services = names(ties, "services")
        rows.append(
            EdgeRow(
                id=f"{_id(buyer)}|{kind}|{_id(supplier)}",
                source=_id(buyer),
                target=_id(supplier),
                kind=kind,
                label=", ".join(services) or kind,
                count=len(ties),
                value=sum(values, Decimal(0)) if values else None,
                services=services,
                places=names(ties, "places"),
                certainty=max((tie["certainty"] for tie in ties), key=_CERTAINTIES.index),
                documents=len({document for tie in ties for document in tie["documents"]}),
                spells=_joined([(tie["start"], tie["end"]) for tie in ties]),
            )
        )
    return sorted(rows, key=lambda row: row.id)


def plain(text: str) -> str:
    r"""Return a text without the control characters that no XML file may hold.

    >>> plain("Serco\x00 \x0bLtd")
    'Serco Ltd'
    """
    return _NOT_XML.sub("", text)


def _id(iri: str) -> str:
    return key_of(iri) or iri


def _joined(spells: Sequence[Spell]) -> tuple[Spell, ...]:
    # A tie without any date holds for all time, and so would every spell joined to it: the dated ones are the news.
    # A period that ends before it begins is a fault of the data, and Gephi refuses the whole file for it.
    dated = sorted(
        (spell for spell in spells if spell != (None, None) and not _is_backward(spell)),
        key=lambda spell: (spell[0] or date.min, spell[1] or date.max),
    )
    joined: list[Spell] = []
    for start, end in dated:
        if joined and _touches(joined[-1], start):
            last_start, last_end = joined[-1]
            joined[-1] = (last_start, None if last_end is None or end is None else max(last_end, end))
        else:
            joined.append((start, end))
    return tuple(joined)


def _is_backward(spell: Spell) -> bool:
    start, end = spell
    return start is not None and end is not None and end < start


def _touches(earlier: Spell, start: date | None) -> bool:
    end = earlier[1]
    return end is None or start is None or (start - end).days <= 1
