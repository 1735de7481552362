"""The organisations of a source as its records are read: a key for each spelling, and how often it was met."""

from collections import Counter
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


class Parties(Counter[Party]):
    """How often each party of a source, or a part of it, was met, in the order of meeting them."""

    def key(self, party: Party) -> str:
        """Return the key of a party as it is spelt, and count that it was met."""
        self[party] += 1
        return party_key(party)

    def mentions(self) -> Iterator[SourceMention]:
        """Yield each party as a mention."""
        for party, count in self.items():
            yield SourceMention(party_key(party), party.name, Rank.RECORDS, party.identifiers, party.cls, count)
