"""The organisations of a source as its records are read: a key for each spelling, and how often it was met."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from civicgraph.graph.identity.mentions import Rank, SourceMention
from civicgraph.graph.identity.names import written_key
from civicgraph.graph.records.types import Party

_key: Final = lru_cache(maxsize=200_000)(written_key)


def party_key(party: Party) -> str:
    """Return the key of a party as it is spelt."""
    return _key(party.name, party.identifiers)


class Parties:
    """Gives each party of a source, or a part of it, the key of its spelling and remembers what it was met under."""

    def __init__(self) -> None:
        self._keys: dict[Party, str] = {}
        self._counts: dict[Party, int] = {}
        self._names: dict[str, str] = {}

    def key(self, party: Party, times: int = 1) -> str:
        """Return the key of a party as it is spelt, and count how many times it was met."""
        key = self._keys.get(party)
        if key is None:
            key = party_key(party)
            self._meet(party, key)
        self._counts[party] += times
        return key

    def add(self, others: "Parties") -> None:
        """Count the parties of another part of the source, which follows what was read so far."""
        for party, key, count in others.met():
            if party not in self._keys:
                self._meet(party, key)
            self._counts[party] += count

    def name(self, key: str) -> str:
        """Return the name under which a key was met first, or nothing."""
        return self._names.get(key, "")

    def mentions(self) -> Iterator[SourceMention]:
        """Yield each party as a mention."""
        for party, key, count in self.met():
            yield SourceMention(key, party.name, Rank.RECORDS, party.identifiers, party.cls, count)

    def met(self) -> Iterator[tuple[Party, str, int]]:
        """Yield each party in the order of meeting it, with its key and how often it was met."""
        yield from zip(self._keys, self._keys.values(), self._counts.values(), strict=True)

    def _meet(self, party: Party, key: str) -> None:
        self._keys[party] = key
        self._counts[party] = 0
        self._names.setdefault(key, party.name)
