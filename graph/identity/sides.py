"""What the sides of judgements mean: which spellings, which spellings must leave their key, and what means nothing."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import product

from civicgraph.graph.identity.clusters import Merge
from civicgraph.graph.identity.judgements import IN_SOURCES, Judgement, key_of_side
from civicgraph.graph.identity.mentions import SourceMention
from civicgraph.graph.identity.names import is_plain, key_in_sources, normalise, provisional_of


class Sides:
    """Judgements, as what they mean for the mentions at hand.

    A side means the spellings that are written exactly so, else the key, else all that have its normal name.

    Parameters
    ----------
    mentions
        Every organisation of every source.
    judgements
        What a person holds.

    Attributes
    ----------
    split
        A key of its own for each spelling that was told apart from others of its provisional key.
    apart, same
        Keys that must not be one, and that are.
    void
        Judgements that cannot be followed, and why.
    """

    def __init__(self, mentions: Iterable[SourceMention], judgements: Sequence[Judgement]) -> None:
        self.split: dict[str, str] = {}
        self.apart: list[tuple[str, str]] = []
        self.same: list[Merge] = []
        self.void: list[Merge] = []
        if not judgements:
            return
        self._written: dict[str, set[str]] = defaultdict(set)
        self._called: dict[str, set[str]] = defaultdict(set)
        self._name: dict[str, str] = {}
        for mention in mentions:
            self._written[_spaced(mention.name)].add(mention.key)
            self._called[normalise(mention.name)].add(mention.key)
            for key in (mention.key, provisional_of(mention.key)):
                self._written[key].add(mention.key)
            self._name[mention.key] = mention.name
        ordered = sorted(judgements, key=lambda judgement: judgement.line)
        different = [(one, *self._meant(one)) for one in ordered if not one.same]
        for judgement, left, right in different:
            self._part(judgement, left, right)
        pairs = (
            (self._key(one), self._key(two)) for _, *sides in different for one, two in product(*map(sorted, sides))
        )
        self.apart = [pair for pair in pairs if pair[0] != pair[1]]
        for judgement in ordered:
            if judgement.same:
                self._join(judgement, *self._meant(judgement))

    def _meant(self, judgement: Judgement) -> tuple[set[str], set[str]]:
        """Return the keys of spellings that each side means; what one names exactly the other does not mean."""
        left, right = self._spellings(judgement.left), self._spellings(judgement.right)
        if left < right:
            right -= left
        elif right < left:
            left -= right
        return left, right

    def _spellings(self, side: str) -> set[str]:
        name, mark, sources = side.rpartition(IN_SOURCES)
        found = self._found(side)
        if mark and not found:
            anywhere = (key_of_side(name), *self._found(name))
            ours = {key_in_sources(provisional_of(key), sources) for key in anywhere}
            found = {key for own in ours for key in self._written.get(own, ())}
        return found

    def _found(self, side: str) -> set[str]:
        return set(self._written.get(_spaced(side)) or self._called.get(normalise(side)) or ())

    def _part(self, judgement: Judgement, left: set[str], right: set[str]) -> None:
        """Give the less plain of two sides keys of its own where both have one provisional key."""
        if not left or not right:
            return
        if left == right:
            self._refuse(judgement, left, right, "both sides mean the same; name a source: 'NAME @ ID'")
            return
        moving, staying = (left, right) if self._is_plain(right) and not self._is_plain(left) else (right, left)
        shared = {provisional_of(key) for key in staying}
        parted: dict[str, list[str]] = defaultdict(list)
        for key in sorted(moving - staying):
            if provisional_of(key) in shared:
                parted[provisional_of(key)].append(key)
        for keys in parted.values():
            self.split |= dict.fromkeys(keys, keys[0].replace("--", "-"))

    def _join(self, judgement: Judgement, left: set[str], right: set[str]) -> None:
        """Join two sides, each of which means one organisation."""
        ours = self._organisations(judgement.left, left)
        theirs = self._organisations(judgement.right, right)
        if len(ours) == len(theirs) == 1:
            self.same.append(Merge(min(ours), min(theirs), "judgement", judgement.why))
        elif ours and theirs:
            self._refuse(judgement, left, right, "a name of several organisations; name the one by its key")

    def _organisations(self, side: str, spellings: set[str]) -> set[str]:
        """Return the keys that a side means: where its own is among them, that alone."""
        keys = {self._key(spelling) for spelling in spellings}
        return keys & {key_of_side(side)} or keys

    def _is_plain(self, spellings: set[str]) -> bool:
        return any(is_plain(self._name[key]) for key in spellings)

    def _key(self, spelling: str) -> str:
        return self.split.get(spelling, provisional_of(spelling))

    def _refuse(self, judgement: Judgement, left: set[str], right: set[str], why: str) -> None:
        self.void.append(Merge(min(left), min(right), f"judgement in line {judgement.line}", why))


def _spaced(name: str) -> str:
    return " ".join(name.split())
