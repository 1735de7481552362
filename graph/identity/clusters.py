"""Sets of keys that are one organisation, what must never be joined, and what was decided of them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Final

from civicgraph.graph.identity.candidates import Candidate
from civicgraph.graph.identity.words import words

CERTAIN: Final = frozenset({"identifier", "judgement", "alias", "name"})
"""Reasons of merges that nobody need doubt; the others go by likeness of names."""


@dataclass(frozen=True, slots=True)
class Merge:
    """Why two keys are one organisation: `reason` is identifier, judgement, alias, name, form or a kind of likeness.

    Of one that is refused, `evidence` is what forbids it.
    """

    left: str
    right: str
    reason: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Resolution:
    """Who is who: `canonical` leads from each key that is not its own to the key to use instead.

    `merges` are all the joins, those of spellings too, in their order; `doubtful` is for a person to judge, the surest
    first. `provisional` leads from the key of each spelling to the key it was compared under, `apart` has the pairs of
    these that a person told apart.
    """

    canonical: Mapping[str, str]
    merges: tuple[Merge, ...]
    doubtful: tuple[Candidate, ...]
    refused: tuple[Merge, ...]
    provisional: Mapping[str, str] = field(default_factory=dict)
    apart: tuple[tuple[str, str], ...] = ()

    def of(self, key: str) -> str:
        """Return the key to use for a provisional key."""
        return self.canonical.get(key, key)


class Clusters:
    """Keys joined into organisations, with their identifiers; a join that a rule forbids is not made.

    The key that stands for a set is one with an identifier, else a preferred one, and the first of these in order.
    Two sets that hold different identifiers of one scheme, or keys that a person told apart, are never joined.
    `merges` and `refused` are what `take` made of the merges that it was given, `doubtful` what `take_alike` left.
    """

    def __init__(self, identifiers: Mapping[str, Collection[str]], preferred: Collection[str] = ()) -> None:
        self._parent = {key: key for key in identifiers}
        self._schemes = {key: _by_scheme(own) for key, own in identifiers.items()}
        self._preferred = frozenset(preferred)
        self._identified = {key for key, own in identifiers.items() if own}
        self._apart: dict[str, set[str]] = defaultdict(set)
        self.merges: list[Merge] = []
        self.refused: list[Merge] = []
        self.doubtful: list[Candidate] = []

    def find(self, key: str) -> str:
        """Return the key that stands for the whole set."""
        root = key
        while self._parent[root] != root:
            root = self._parent[root]
        while self._parent[key] != root:
            self._parent[key], key = root, self._parent[key]
        return root

    def keep_apart(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Forbid that two keys are ever joined."""
        for one, other in pairs:
            self._apart[self.find(one)].add(other)
            self._apart[self.find(other)].add(one)

    def obstacle(self, one: str, other: str) -> str | None:
        """Return what forbids to join two sets, or None."""
        left, right = self.find(one), self.find(other)
        ours, theirs = self._schemes[left], self._schemes[right]
        for scheme in sorted(ours.keys() & theirs.keys()):
            if ours[scheme].isdisjoint(theirs[scheme]):
                return f"different identifiers of {scheme}: {min(ours[scheme])} and {min(theirs[scheme])}"
        return "judged to be different" if right in self._told_apart_from(left) else None

    def join(self, one: str, other: str) -> str | None:
        """Join two sets; return what forbids it, or None once they are one."""
        left, right = self.find(one), self.find(other)
        if left == right:
            return None
        forbidden = self.obstacle(left, right)
        if forbidden is None:
            if self._rank(right) < self._rank(left):
                left, right = right, left
            self._parent[right] = left
            if right in self._apart:
                self._apart[left] |= self._apart.pop(right)
            for scheme, own in self._schemes.pop(right).items():
                self._schemes[left].setdefault(scheme, set()).update(own)
        return forbidden

    def take(self, merge: Merge) -> None:
        """Join what a merge says is one, or keep it as refused; what is one already is left."""
        if self.find(merge.left) != self.find(merge.right):
            obstacle = self.join(merge.left, merge.right)
            if obstacle is None:
                self.merges.append(merge)
            else:
                self.refused.append(replace(merge, evidence=obstacle))

    def take_alike(self, found: Sequence[Candidate]) -> None:
        """Join what is alike for certain, the surest kind first; all else, and what cannot all be joined, is doubtful.

        The candidates come by falling score.
        """
        self.doubtful += [one for one in found if words().doubt <= one.score < words().merge]
        certain = [one for one in found if one.score >= words().merge]
        for _, same_score in groupby(certain, key=lambda one: one.score):
            batch = list(same_score)
            unsafe = self.at_odds([(one.left, one.right) for one in batch])
            for one in batch:
                if (one.left, one.right) in unsafe:
                    self.doubtful.append(one)
                else:
                    self.take(Merge(one.left, one.right, one.kind, " = ".join(one.names)))

    def resolution(
        self,
        provisional: Mapping[str, str] | None = None,
        apart: tuple[tuple[str, str], ...] = (),
    ) -> Resolution:
        """Return what was decided, with what a person can still judge; see `Resolution`."""
        ordered = sorted(self.doubtful, key=lambda one: (-one.score, one))
        still_open = tuple(
            one
            for one in ordered
            if self.find(one.left) != self.find(one.right) and self.obstacle(one.left, one.right) is None
        )
        told = tuple(self.merges), still_open, tuple(self.refused)
        return Resolution(self.canonical(provisional), *told, provisional or {}, apart)

    def at_odds(self, pairs: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
        """Return those of the pairs that cannot all be joined: every pair of a group in which two may not meet."""
        import networkx as nx  # noqa: PLC0415 - it takes a while to import

        links: nx.Graph[str] = nx.Graph()
        links.add_edges_from((self.find(one), self.find(other)) for one, other in pairs)
        odd: set[str] = set()
        for group in nx.connected_components(links):
            if self.are_rivals(group) or any(group & (self._told_apart_from(root) - {root}) for root in group):
                odd |= group
        return {(one, other) for one, other in pairs if self.find(one) in odd}

    def are_rivals(self, keys: Iterable[str]) -> bool:
        """Tell whether two of the keys have different identifiers of one scheme."""
        bearers: dict[str, list[set[str]]] = defaultdict(list)
        for root in {self.find(key) for key in keys}:
            for scheme, own in self._schemes[root].items():
                bearers[scheme].append(own)
        return any(one.isdisjoint(other) for sets in bearers.values() for one in sets for other in sets)

    def canonical(self, provisional: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return, for each key that does not stand for its set, the key that does.

        `provisional` has keys of spellings, each with the key of a set's member that it is part of.
        """
        found = {key: root for key in sorted(self._parent) if (root := self.find(key)) != key}
        return found | {spelling: self.find(key) for spelling, key in (provisional or {}).items()}

    def _told_apart_from(self, root: str) -> set[str]:
        return {self.find(key) for key in self._apart.get(root, ())}

    def _rank(self, key: str) -> tuple[bool, bool, str]:
        return key not in self._identified, key not in self._preferred, key


def _by_scheme(identifiers: Iterable[str]) -> dict[str, set[str]]:
    """Return identifiers by scheme: what stands before the last hyphen that follows the list's code."""
    schemes: dict[str, set[str]] = defaultdict(set)
    for identifier in identifiers:
        scheme = "-".join(identifier.split("-", 2)[:2])
        if scheme not in words().repeating_schemes:
            schemes[scheme].add(identifier)
    return dict(schemes)


def doubts(
    resolution: Resolution, identifiers: Iterable[tuple[str, Iterable[str]]]
) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Return who would be who if all doubtful merges were refused, and if all doubtful pairs were one.

    Parameters
    ----------
    resolution
        What was decided.
    identifiers
        The official identifiers of each key; a key may come several times.

    Returns
    -------
    tuple of two mappings
        Each leads from a key to the key that stands for its organisation. The first tells at least as many apart as
        was decided, the second at most as many; what a person has told apart stays apart in both.

    Examples
    --------
    >>> decided = Resolution({"b": "a"}, (Merge("a", "b", "form", ""),), (), ())
    >>> doubts(decided, [("a", ()), ("b", ())])
    ({}, {'b': 'a'})
    """
    known: dict[str, set[str]] = defaultdict(set)
    provisional = resolution.provisional
    for key, own in identifiers:
        known[provisional.get(key, key)].update(own)
    refused, taken = Clusters(known), Clusters(known)
    for clusters in (refused, taken):
        clusters.keep_apart(resolution.apart)
    for merge in resolution.merges:
        if merge.right in provisional:
            continue
        taken.join(merge.left, merge.right)
        if merge.reason in CERTAIN:
            refused.join(merge.left, merge.right)
    for candidate in resolution.doubtful:
        if candidate.left in known and candidate.right in known:
            taken.join(candidate.left, candidate.right)
    return refused.canonical(provisional), taken.canonical(provisional)
