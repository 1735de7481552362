"""The network's ties, those of one kind between two as one, a buyer at a time: memory does not grow with them."""

from array import array
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from civicgraph.graph.exports.drawing import EdgeRow, joined, plain, pounds
from civicgraph.graph.exports.parts import id_of
from civicgraph.graph.exports.selection import Selection
from civicgraph.graph.network import Network
from civicgraph.graph.scope import Basis
from civicgraph.graph.ties.arrays import CERTAINTIES

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Tie:
    """All services, contracts or sums of money that tie a buyer to a supplier; parties are IRIs."""

    buyer: str
    supplier: str
    kind: str
    links: Sequence[Data]

    @property
    def value(self) -> Decimal | None:
        """The sum in pounds of those known."""
        known = [amount for link in self.links if (amount := pounds_of(link)) is not None]
        return sum(known, Decimal(0)) if known else None


def pounds_of(link: Data) -> Decimal | None:
    """Return what one link carries in pounds between its two parties; None where that is not known."""
    value: Decimal | None = link["value"]
    if value is None or link["currency"] != "GBP":
        return None
    split: float = link["split"]
    return value if split == 1 else value * Decimal(split)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The ties of a network that a selection takes, and the group that stands for each organisation."""

    network: Network
    selection: Selection
    groups: Mapping[str, str]

    def ties(self, left_out: Counter[str] | None = None) -> Iterator[Tie]:
        """Yield the ties by buyer, supplier and kind, counting in `left_out` what is left out and why."""
        network, why_not, group = self.network, self.selection.why_not, self.groups.get
        members: dict[str, list[str]] = defaultdict(list)
        for party in network:
            members[group(party, party)].append(party)
        whole = not self.groups
        for buyer in sorted(members):
            found: dict[tuple[str, str], list[Data]] = defaultdict(list)
            for member in members[buyer]:
                for party, links in network.adj[member].items():
                    supplier = party if whole else group(party, party)
                    for data in links.values():
                        reason = why_not(network, data)
                        if reason is None:
                            found[supplier, data["kind"]].append(data)
                        elif reason and left_out is not None:
                            left_out[reason] += 1
            for supplier, kind in sorted(found):
                yield Tie(buyer, supplier, kind, found[supplier, kind])

    def row(self, tie: Tie) -> EdgeRow:
        """Return a tie as a row: how many it stands for, its sum, its years, services and places."""
        labels: Mapping[str, str] = self.network.graph["labels"]
        links = tie.links
        if len(links) == 1:
            services, places = (_labels(labels, links[0][name]) for name in ("services", "places"))
            documents, certainty = len(links[0]["documents"]), links[0]["certainty"]
        else:
            services, places = (
                _labels(labels, {thing for link in links for thing in link[name]}) for name in ("services", "places")
            )
            documents = len({document for link in links for document in link["documents"]})
            certainty = max((link["certainty"] for link in links), key=CERTAINTIES.index)
        source, target = id_of(tie.buyer), id_of(tie.supplier)
        return EdgeRow(
            id=f"{source}|{tie.kind}|{target}",
            source=source,
            target=target,
            kind=tie.kind,
            label=", ".join(services) or tie.kind,
            weight=float(len(links)),
            spells=joined((link["start"], link["end"]) for link in links),
            values=(
                tie.value,
                len(links),
                yearly(links) if tie.kind == "spend" else None,
                services,
                places,
                certainty,
                documents,
            ),
        )


@dataclass(frozen=True, slots=True)
class Totals:
    """Ties as columns: the numbers of their ends, their sums in pounds, and what each weighs on a basis.

    `first` and `last` are the days, as ordinals, between which each lies; 0 and a very late one where a bound is open.
    """

    parties: Sequence[str]
    sources: NDArray[np.int64]
    targets: NDArray[np.int64]
    pounds: NDArray[np.float64]
    weights: NDArray[np.float64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    basis: Basis
    left_out: Mapping[str, int]


def totals(chosen: Chosen) -> Totals:
    """Go through the ties of a selection once and keep of each what sizes, shares and positions need."""
    left_out: Counter[str] = Counter()
    network = chosen.network
    numbers: dict[str, int] = {}
    columns = {name: array("q") for name in ("source", "target", "first", "last")}
    worth = {name: array("d") for name in ("pounds", "spend", "value", "contracts", "services", "customers")}
    last_pair: tuple[str, str] | None = None
    for tie in chosen.ties(left_out):
        columns["source"].append(numbers.setdefault(tie.buyer, len(numbers)))
        columns["target"].append(numbers.setdefault(tie.supplier, len(numbers)))
        sum_ = tie.value
        amount = float("nan") if sum_ is None else float(sum_)
        known = 0.0 if sum_ is None else amount
        one_body = not (_is_collective(network, tie.buyer) or _is_collective(network, tie.supplier))
        worth["pounds"].append(amount)
        worth["spend"].append(known if tie.kind == "spend" and one_body else 0.0)
        worth["value"].append(known if tie.kind == "contract" and one_body else 0.0)
        worth["contracts"].append(
            sum(link["split"] for link in tie.links) if tie.kind == "contract" and one_body else 0
        )
        worth["services"].append(sum(link["split"] for link in tie.links) if tie.kind == "service" and one_body else 0)
        worth["customers"].append(1.0 if (tie.buyer, tie.supplier) != last_pair and one_body else 0.0)
        last_pair = (tie.buyer, tie.supplier)
        first, last = _bounds(tie.links)
        columns["first"].append(first)
        columns["last"].append(last)
    weights = {name: np.frombuffer(values, dtype=np.float64) for name, values in worth.items()}
    basis = chosen.selection.basis or _basis(weights)
    sources, targets, first_days, last_days = (np.frombuffer(column, dtype=np.int64) for column in columns.values())
    return Totals(
        tuple(numbers),
        sources,
        targets,
        weights["pounds"],
        weights[basis],
        first_days,
        last_days,
        basis,
        dict(sorted(left_out.items())),
    )


def _basis(weights: Mapping[str, NDArray[np.float64]]) -> Basis:
    """Return the first basis on which there is anything."""
    if np.any(weights["spend"] > 0):
        return "spend"
    return "value" if np.any(weights["value"] > 0) else "customers"


OPEN_START: Final = 0
OPEN_END: Final = date.max.toordinal()


def _bounds(links: Sequence[Data]) -> tuple[int, int]:
    first, last = OPEN_END, OPEN_START
    for link in links:
        start, end = link["start"], link["end"]
        first = min(first, OPEN_START if start is None else start.toordinal())
        last = max(last, OPEN_END if end is None else end.toordinal())
    return first, last


def yearly(links: Sequence[Data]) -> str | None:
    """Return what was paid in each year as Gephi reads a number that changes with time; None where no year is known.

    A payment belongs to the year in which its period begins.

    Examples
    --------
    >>> day = date(2013, 9, 1)
    >>> yearly([{"value": Decimal("1.5"), "currency": "GBP", "split": 1.0, "start": day}])
    '<[2013-01-01, 2013-12-31, 1.50]>'
    """
    years: dict[int, Decimal] = defaultdict(Decimal)
    for link in links:
        amount = pounds_of(link)
        if amount is not None and link["start"] is not None:
            years[link["start"].year] += amount
    each = "; ".join(f"[{year:04}-01-01, {year:04}-12-31, {pounds(years[year])}]" for year in sorted(years))
    return f"<{each}>" if each else None


def _labels(labels: Mapping[str, str], things: Collection[str]) -> tuple[str, ...]:
    return tuple(sorted({plain(labels.get(thing, thing)) for thing in things})) if things else ()


def _is_collective(network: Network, party: str) -> bool:
    data = network.nodes.get(party)
    return bool(data and data["is_collective"])
