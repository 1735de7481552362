"""The organisations of a source as its records are read: a key for each, and how often each name was met."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from civicgraph.graph.identity.names import provisional_key
from civicgraph.graph.mentions import Rank, SourceMention
from civicgraph.graph.records import Party

_key: Final = lru_cache(maxsize=200_000)(provisional_key)


@dataclass(slots=True)
class _Met:
    key: str
    count: int = 0


class Parties:
    """Gives each party of a source, or a part of it, its provisional key and remembers the names it was met under."""

    def __init__(self, rank: Rank = Rank.RECORDS) -> None:
        self._rank = rank
        self._met: dict[Party, _Met] = {}
        self._names: dict[str, str] = {}

    def key(self, party: Party) -> str:
        """Return the provisional key of a party, and count it."""
        found = self._met.get(party)
        if found is None:
            found = self._met[party] = _Met(_key(party.name, party.identifiers))
            self._names.setdefault(found.key, party.name)
        found.count += 1
        return found.key

    def add(self, others: "Parties") -> None:
        """Count the parties of another part of the source, which follows what was read so far."""
        for one in others.mentions():
            party = Party(one.name, one.identifiers, one.cls)
            found = self._met.get(party)
            if found is None:
                found = self._met[party] = _Met(one.key)
                self._names.setdefault(one.key, party.name)
            found.count += one.count

    def name(self, key: str) -> str:
        """Return the name under which a key was met first, or nothing."""
        return self._names.get(key, "")

    def mentions(self) -> Iterator[SourceMention]:
        """Yield each party as a mention."""
        for party, met in self._met.items():
            yield SourceMention(met.key, party.name, self._rank, party.identifiers, party.cls, met.count)
