"""A market as a scope: which ties between buyers and suppliers are in it, and what each weighs."""

import difflib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Literal, get_args

from civicgraph.graph.network import Network

Basis = Literal["value", "spend", "contracts", "customers", "services"]
"""What a share is a share of. Bases are never added to one another."""

BASES: Final[tuple[Basis, ...]] = get_args(Basis)

_KIND_OF_BASIS: Final[Mapping[Basis, str | None]] = {
    "value": "contract",
    "contracts": "contract",
    "spend": "spend",
    "services": "service",
    "customers": None,
}

COLLECTIVE: Final = "collective, no single body"
NO_DATES: Final = "no date known"
NO_VALUE: Final = "no value known"
OTHER_CURRENCY: Final = "not in pounds"


class ScopeError(ValueError):
    """A scope names something that is not in the data: the nearest names are in the message."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a market holds.

    `service` and `place` are IRIs and take in what lies under them; None stands for all. `start` and `end` bound
    the period, both days included.
    """

    service: str | None = None
    place: str | None = None
    start: date | None = None
    end: date | None = None
    basis: Basis = "customers"


@dataclass(frozen=True, slots=True)
class Market:
    """The ties in a scope, each with the attribute `weight`, and what was left out of them by reason.

    `records` counts the ties in the scope before anything was left out.
    """

    scope: Scope
    network: Network
    records: int
    excluded: Mapping[str, int] = field(default_factory=dict)

    @property
    def coverage(self) -> float | None:
        """The share of the scope's ties that have a usable weight, 0 to 1; None where the scope is empty."""
        return self.network.number_of_edges() / self.records if self.records else None


def market(network: Network, scope: Scope) -> Market:
    """Return the ties of a network that lie in a scope, weighed on the scope's basis.

    The basis `services` gives each service 1, `contracts` each contract 1, `customers` each pair of a supplier and a
    customer 1, `value` each contract its awarded value in pounds. What several parties or ties share is split
    evenly between them.

    Parameters
    ----------
    network
        As `civicgraph.graph.network.build_network` returns it.
    scope
        The market.

    Returns
    -------
    Market
        A subnetwork that keeps the node and edge attributes of the whole. Ties of a collective ("local
        authorities") are left out, because a collective is not one customer; so are ties without any date where
        the scope names a period, and ties without a weight.
    """
    kind = _KIND_OF_BASIS[scope.basis]
    chosen = []
    excluded: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    for buyer, supplier, key, data in network.edges(keys=True, data=True):
        if (kind is not None and data["kind"] != kind) or not in_scope(network, data, scope):
            continue
        reason = _why_excluded(network, (buyer, supplier), data, scope)
        if reason is not None:
            excluded[reason] += 1
            continue
        chosen.append((buyer, supplier, key, data))
        pairs[buyer, supplier] += 1
    result = network.__class__(**network.graph)
    for buyer, supplier, key, data in chosen:
        result.add_node(buyer, **network.nodes[buyer])
        result.add_node(supplier, **network.nodes[supplier])
        weight = 1 / pairs[buyer, supplier] if scope.basis == "customers" else _weight(data, scope.basis)
        result.add_edge(buyer, supplier, key=key, **data, weight=weight)
    return Market(scope, result, len(chosen) + excluded.total(), dict(sorted(excluded.items())))


def in_period(network: Network, start: date | None, end: date | None) -> tuple[Network, int]:
    """Return the part of a network that may have held in a period, and how many ties were left out undated.

    Parameters
    ----------
    network
        As `civicgraph.graph.network.build_network` returns it.
    start, end
        First and last day; None for no bound.
    """
    scope = Scope(start=start, end=end)
    within = [
        (buyer, supplier, key)
        for buyer, supplier, key, data in network.edges(keys=True, data=True)
        if in_scope(network, data, scope)
    ]
    bounded = start is not None or end is not None
    dated = [edge for edge in within if not bounded or network.edges[edge]["start"] or network.edges[edge]["end"]]
    # The stub knows edges without keys only.
    return network.edge_subgraph(dated).copy(), len(within) - len(dated)  # type: ignore[arg-type]


def find(network: Network, name: str) -> str:
    """Return the IRI of a service type or place from its IRI, slug or label.

    Raises
    ------
    ScopeError
        Nothing has that name; the message offers the nearest names.
    """
    labels: Mapping[str, str] = network.graph["labels"]
    wanted = name.casefold()
    for iri, label in labels.items():
        if wanted in (iri.casefold(), _slug(iri), label.casefold()):
            return iri
    names = {label.casefold(): label for label in labels.values()} | {_slug(iri): _slug(iri) for iri in labels}
    close = [names[match] for match in difflib.get_close_matches(wanted, names, n=3, cutoff=0.5)]
    advice = f"the nearest: {', '.join(close)}" if close else "civicgraph query can list what there is"
    msg = f"no service type or place is called {name!r}; {advice}"
    raise ScopeError(msg)


def _slug(iri: str) -> str:
    return iri.rpartition("#")[2].rpartition("/")[2]


def in_scope(network: Network, data: Mapping[str, Any], scope: Scope) -> bool:
    """Return whether a tie is of the services and places of a scope and may be of its period."""
    broader: Mapping[str, frozenset[str]] = network.graph["broader"]

    def under(things: tuple[str, ...], wanted: str | None) -> bool:
        return wanted is None or any(thing == wanted or wanted in broader.get(thing, ()) for thing in things)

    ended = scope.start is not None and data["end"] is not None and data["end"] < scope.start
    not_begun = scope.end is not None and data["start"] is not None and data["start"] > scope.end
    return not (ended or not_begun) and under(data["services"], scope.service) and under(data["places"], scope.place)


def _why_excluded(network: Network, parties: tuple[str, str], data: Mapping[str, Any], scope: Scope) -> str | None:
    if data.get("guard") is not None:
        return f"guarded as {data['guard']}"
    if any(network.nodes[party]["is_collective"] for party in parties):
        return COLLECTIVE
    if (scope.start or scope.end) and data["start"] is None and data["end"] is None:
        return NO_DATES
    if scope.basis in ("value", "spend"):
        if data["value"] is None:
            return NO_VALUE
        if data["currency"] != "GBP":
            return OTHER_CURRENCY
    return None


def _weight(data: Mapping[str, Any], basis: Basis) -> float:
    return float(data["value"] if basis in ("value", "spend") else 1) * float(data["split"])
