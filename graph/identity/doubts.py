"""How else organisations could be told apart: every doubtful merge refused, or every doubtful pair taken for one."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from civicgraph.graph.identity.clusters import Clusters
from civicgraph.graph.identity.mentions import Resolution

CERTAIN: Final = frozenset({"identifier", "judgement", "alias", "name"})
"""Reasons of merges that nobody need doubt; the others go by likeness of names."""


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
    >>> from civicgraph.graph.identity.mentions import Merge
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
