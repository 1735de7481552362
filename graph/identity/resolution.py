"""What was decided about who is who, and how else it could be: every doubtful merge refused, or every pair taken."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from civicgraph.graph.identity.candidates import Candidate
from civicgraph.graph.identity.clusters import Clusters, Merge, Refused

CERTAIN: Final = frozenset({"identifier", "judgement", "alias", "name"})
"""Reasons of merges that nobody need doubt; the others go by likeness of names."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """Who is who: `canonical` leads from each key that is not its own to the key to use instead.

    `merges` are all the joins, those of spellings too, in their order; `doubtful` is for a person to judge, the surest
    first; `ambiguous` holds alias names that belong to two. `provisional` leads from the key of each spelling to the
    key it was compared under, `apart` has the pairs of these that a person told apart.
    """

    canonical: Mapping[str, str]
    merges: tuple[Merge, ...]
    doubtful: tuple[Candidate, ...]
    refused: tuple[Refused, ...]
    ambiguous: tuple[str, ...] = ()
    provisional: Mapping[str, str] = field(default_factory=dict)
    apart: tuple[tuple[str, str], ...] = ()

    def of(self, key: str) -> str:
        """Return the key to use for a provisional key."""
        return self.canonical.get(key, key)


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
    >>> decided = Resolution({"b": "a"}, (Merge("a", "b", "form", 1.0, ""),), (), ())
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
