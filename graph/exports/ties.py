"""The network's ties, those of one kind between two as one, a buyer at a time: memory does not grow with them."""

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from civicgraph.graph.edges.network import Network
from civicgraph.graph.edges.scope import Basis
from civicgraph.graph.edges.ties.arrays import CERTAINTIES
from civicgraph.graph.exports.drawing import EdgeRow, joined, plain, pounds
from civicgraph.graph.exports.parts import id_of
from civicgraph.graph.exports.selection import Selection

Data = Mapping[str, Any]

_REMEMBERED: Final = 10_000


class Tie(NamedTuple):
    """All services, contracts or sums of money that tie a buyer to a supplier; parties are IRIs."""

    buyer: str
    supplier: str
    kind: str
    links: Sequence[Data]

    @property
    def value(self) -> Decimal | None:
        """The sum in pounds of those known."""
        if len(self.links) == 1:
            return pounds_of(self.links[0])
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
    _ids: dict[str, str] = field(default_factory=dict)
    _texts: dict[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)

    def ties(self, left_out: Counter[str] | None = None) -> Iterator[Tie]:
        """Yield the ties by buyer, supplier and kind, counting in `left_out` what is left out and why."""
        network, group = self.network, self.groups.get
        members: dict[str, list[str]] = defaultdict(list)
        for party in network:
            members[group(party, party)].append(party)
        around = dict(network.adjacency())  # without the views that wrap each look-up
        whole = not self.groups
        selection = self.selection
        every = selection.service is None and selection.place is None and not selection.is_dated
        for buyer in sorted(members):
            found: dict[str, list[Data]] = {}
            for member in members[buyer]:
                for party, links in around[member].items():
                    taken = [
                        data
                        for data in links.values()
                        if (every and data["guard"] is None) or self._takes(data, left_out)
                    ]
                    if taken:
                        supplier = party if whole else group(party, party)
                        found[supplier] = found[supplier] + taken if supplier in found else taken
            for supplier in sorted(found):
                yield from _by_kind(buyer, supplier, found[supplier])

    def _takes(self, data: Data, left_out: Counter[str] | None) -> bool:
        reason = self.selection.why_not(self.network, data)
        if reason and left_out is not None:
            left_out[reason] += 1
        return reason is None

    def row(self, tie: Tie) -> EdgeRow:
        """Return a tie as a row: how many it stands for, its sum, its years, services and places."""
        kind, links = tie.kind, tie.links
        if len(links) == 1:
            (link,) = links
            services, places = self._named(link["services"]), self._named(link["places"])
            documents, certainty = len(link["documents"]), link["certainty"]
        else:
            services, places = (
                self._named(tuple({thing for link in links for thing in link[name]})) for name in ("services", "places")
            )
            documents = len({document for link in links for document in link["documents"]})
            certainty = max((link["certainty"] for link in links), key=CERTAINTIES.index)
        source, target = self._id(tie.buyer), self._id(tie.supplier)
        amounts = list(map(pounds_of, links))
        known = [amount for amount in amounts if amount is not None]
        value = None if not known else known[0] if len(known) == 1 else sum(known, Decimal(0))
        spend = yearly(links, amounts) if kind == "spend" else None
        return EdgeRow(
            f"{source}|{kind}|{target}",
            source,
            target,
            kind,
            ", ".join(services) or kind,
            float(len(links)),
            joined([(link["start"], link["end"]) for link in links]),
            (value, len(links), spend, services, places, certainty, documents),
        )

    def _id(self, party: str) -> str:
        found = self._ids.get(party)
        if found is None:
            found = self._ids[party] = id_of(party)
        return found

    def _named(self, things: tuple[str, ...]) -> tuple[str, ...]:
        """Return the names of services or places, which are few and come again and again."""
        found = self._texts.get(things)
        if found is None:
            labels: Mapping[str, str] = self.network.graph["labels"]
            found = tuple(sorted({plain(labels.get(thing, thing)) for thing in things}))
            if len(self._texts) < _REMEMBERED:
                self._texts[things] = found
        return found


def _by_kind(buyer: str, supplier: str, links: list[Data]) -> Sequence[Tie]:
    if len(links) == 1:
        return (Tie(buyer, supplier, links[0]["kind"], links),)
    kinds: dict[str, list[Data]] = defaultdict(list)
    for link in links:
        kinds[link["kind"]].append(link)
    return [Tie(buyer, supplier, kind, kinds[kind]) for kind in sorted(kinds)]


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


def yearly(links: Sequence[Data], amounts: Sequence[Decimal | None]) -> str | None:
    """Return what was paid in each year as Gephi reads a number that changes with time; None where no year is known.

    A payment belongs to the year in which its period begins.

    Examples
    --------
    >>> yearly([{"start": date(2013, 9, 1)}], [Decimal("1.5")])
    '<[2013-01-01, 2013-12-31, 1.50]>'
    """
    years: dict[int, Decimal] = {}
    for link, amount in zip(links, amounts, strict=True):
        if amount is not None and link["start"] is not None:
            year = link["start"].year
            years[year] = years[year] + amount if year in years else amount
    each = "; ".join([f"[{year:04}-01-01, {year:04}-12-31, {pounds(years[year])}]" for year in sorted(years)])
    return f"<{each}>" if each else None


def _is_collective(network: Network, party: str) -> bool:
    data = network.nodes.get(party)
    return bool(data and data["is_collective"])
