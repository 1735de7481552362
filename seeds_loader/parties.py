"""The organisations of a source as its records are read: a key for each, and how often each name was met."""

from collections import Counter
from collections.abc import Iterator

from civicgraph.graph.identity.names import provisional_key
from civicgraph.graph.mentions import Rank, SourceMention
from civicgraph.graph.records import Party


class Parties:
    """Gives each party of a source its provisional key and remembers under which names it was met."""

    def __init__(self, rank: Rank = Rank.RECORDS) -> None:
        self._rank = rank
        self._keys: dict[Party, str] = {}
        self._names: dict[str, str] = {}
        self._counts: Counter[Party] = Counter()

    def key(self, party: Party) -> str:
        """Return the provisional key of a party, and count it."""
        found = self._keys.get(party)
        if found is None:
            found = self._keys[party] = provisional_key(party.name, party.identifiers)
            self._names.setdefault(found, party.name)
        self._counts[party] += 1
        return found

    def name(self, key: str) -> str:
        """Return the name under which a key was met first, or nothing."""
        return self._names.get(key, "")

    def mentions(self) -> Iterator[SourceMention]:
        """Yield each party as a mention."""
        for party, count in self._counts.items():
            yield SourceMention(self._keys[party], party.name, self._rank, party.identifiers, party.cls, count)
