"""Names of organisations that are compared, and the blocks in which they meet."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Final, TypeAlias, TypeVar

from civicgraph.graph.identity.names import Name

LARGEST_BLOCK = 60
"""Names that share a block with more others than this share what is common, not what is telling."""

SHORT_WORD = 3
"""Letters of a word that is too short to tell anything, or to be misspelt and still be known."""

_JOINING: Final = frozenset({"and"})
_K = TypeVar("_K")


@dataclass(frozen=True, slots=True)
class Entry:
    """One name of one organisation.

    `registered` is a public body that a register lists, `council` one of these that is a council; `public` is what the
    records themselves take for a public body. `parents` is what is left of the name without its department,
    `languages` what it is in each of two. `from_text` is the name of a curator's facts, which no field has cut off.
    """

    key: str
    name: Name
    registered: bool = False
    council: bool = False
    public: bool = False
    from_text: bool = False
    parents: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()


Pairs: TypeAlias = Iterator[tuple[Entry, Entry, str]]
"""Pairs of names that may be one organisation's, each with the kind of likeness."""


def blocks(entries: Iterable[Entry], key: Callable[[Entry], _K]) -> Mapping[_K, list[Entry]]:
    """Return names by what they share."""
    found: dict[_K, list[Entry]] = defaultdict(list)
    for entry in entries:
        found[key(entry)].append(entry)
    return dict(found)


def meeting(entries: Iterable[Entry], key: Callable[[Entry], object]) -> Iterator[tuple[Entry, Entry]]:
    """Yield each two names that share a key; what a large block has in common is common, and tells nothing."""
    for block in blocks(entries, key).values():
        if len(block) <= LARGEST_BLOCK:
            yield from combinations(block, 2)


def plain_words(text: str) -> list[str]:
    """Return the words of a normal name without those that only join others."""
    return [token for token in text.split() if token not in _JOINING]
