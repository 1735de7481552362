"""What a person needs to judge whether two organisations are one: names, numbers, sources, money and partners."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from civicgraph.graph.edges.account import pounds
from civicgraph.graph.edges.sql import sql
from civicgraph.graph.edges.table import EdgeTable
from civicgraph.graph.identity.candidates import Candidate
from civicgraph.graph.identity.clusters import Merge
from civicgraph.graph.identity.contracts import KEY, PAYMENTS
from civicgraph.graph.identity.judgements import IN_SOURCES, Judgement, key_of_side
from civicgraph.graph.identity.mentions import SourceMention
from civicgraph.graph.identity.names import is_plain, normalise
from civicgraph.graph.identity.words import words
from civicgraph.graph.records.iris import BASE, key_of
from civicgraph.graph.snapshot.filling import told_apart
from civicgraph.graph.snapshot.identities import decide
from civicgraph.graph.snapshot.snapshot import DataFolder

_SHOWN: Final = 3
"""Names, sources and partners that are named of each; the others are counted."""


@dataclass(slots=True)
class Known:
    """What is known of an organisation: `names` and `sources` by how many records have them, money by partner."""

    names: Counter[str] = field(default_factory=Counter)
    identifiers: set[str] = field(default_factory=set)
    sources: Counter[str] = field(default_factory=Counter)
    partners: dict[str, Decimal | None] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The plainest of its names, and of several the one that most records have."""
        return min(self.names, key=lambda name: (not is_plain(name), -self.names[name], name), default="")

    def __str__(self) -> str:
        """Return it as one line for a person."""
        parts = [", ".join(sorted(self.identifiers)) or "no official number"]
        parts.append(f"named {_some([repr(name) for name, _ in self.names.most_common()])}")
        parts.append(f"in {_some([f'{source} ({count:,})' for source, count in self.sources.most_common()])}")
        if self.partners:
            amounts = [amount for amount in self.partners.values() if amount is not None]
            money = f"£{sum(amounts, Decimal(0)):,.2f} " if amounts else "no money known, "
            parts.append(f"{money}with {_some(list(self.partners))}")
        return "; ".join(parts)


class Review:
    """Who is who in a data folder as it stands, and what is known of each.

    Parameters
    ----------
    folder
        The data folder; something must be loaded.
    """

    def __init__(self, folder: DataFolder) -> None:
        judgements = folder.judgements()
        sources = told_apart(folder.kept_sources(), judgements)
        by_source = [(source.id, list(source.mentions())) for source in sources]
        self.resolution = decide((one for _, some in by_source for one in some), judgements)
        self._known: dict[str, Known] = defaultdict(Known)
        self._name_of: dict[str, str] = {}
        for source, mentions in by_source:
            self._take(source, mentions)
        with folder.edges() as table:
            for iri, partner, amount in table.rows(sql("dealings", "snapshot")):
                known = self._known.get(iri.removeprefix(BASE))
                if known is not None:
                    known.partners[partner] = None if amount is None else pounds(amount)

    def known(self, key: str) -> Known:
        """Return what is known of the organisation of a key."""
        return self._known[self.resolution.of(key)]

    def knows(self, side: str) -> bool:
        """Tell whether the side of a judgement names something that is loaded; of contracts it is not looked up."""
        name = side.rpartition(IN_SOURCES)[0] or side
        key = key_of_side(name)
        if not key.startswith("organisation/") or self.resolution.of(key) in self._known:
            return True
        return any(normalise(name) == normalise(other) for known in self._known.values() for other in known.names)

    def joins(self, text: str = "") -> list[tuple[Merge, str, str]]:
        """Return every join with the names of both sides, as far as a text stands in one; equal names are none."""
        provisional, wanted = self.resolution.provisional, text.casefold()
        found = []
        for merge in self.resolution.merges:
            one = self._name_of.get(provisional.get(merge.left, merge.left), merge.left)
            other = self._name_of.get(merge.right, merge.right)
            if one != other and (wanted in one.casefold() or wanted in other.casefold()):
                found.append((merge, one, other))
        return found

    def _take(self, source: str, mentions: Iterable[SourceMention]) -> None:
        provisional = self.resolution.provisional
        for one in mentions:
            if one.is_place or not one.name:
                continue
            known = self.known(one.key)
            known.identifiers.update(one.identifiers)
            if one.is_alias:
                continue
            known.names[one.name] += one.count
            known.sources[source] += one.count
            self._name_of[one.key] = one.name
            key = provisional.get(one.key, one.key)
            before = self._name_of.get(key)
            if before is None or (not is_plain(before), before) > (not is_plain(one.name), one.name):
                self._name_of[key] = one.name


def untied_payments(table: EdgeTable, judgements: Iterable[Judgement] = ()) -> Iterator[Candidate]:
    """Yield each contract with the payments between its parties while it runs that are under none.

    Those come first where no other contract runs between the same two, then the largest sums. What is judged already is
    left out.
    """
    judged = {key for one in judgements for key in one.keys}
    for record, label, buyer, supplier, count, money_e4, first, last, alone in table.rows(sql("untied")):
        contract = key_of(record) or record
        payments = contract.replace(KEY, PAYMENTS, 1)
        if payments not in judged:
            kind = "payments while it runs" if alone else "payments while several run"
            paid = f"{count:,} {'payment' if count == 1 else 'payments'} of {buyer} to {supplier}"
            told = f"{paid}, {first} to {last}, {pounds(money_e4):,.2f}"
            yield Candidate(contract, payments, words().scores[kind], kind, (label or contract, told))


def _some(parts: Sequence[str]) -> str:
    more = len(parts) - _SHOWN
    return ", ".join(parts[:_SHOWN]) + (f" and {more:,} more" if more > 0 else "")
