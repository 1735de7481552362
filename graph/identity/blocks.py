"""Names of organisations that are compared, and the blocks in which they meet."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from civicgraph.graph.identity.names import Name

LARGEST_BLOCK = 60
"""Names that share a block with more others than this share what is common, not what is telling."""

SHORT_WORD = 3
"""Letters of a word that is too short to tell anything, or to be misspelt and still be known."""

JOINING: Final = frozenset({"and"})


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


def pairs_in(blocks: dict[str, list[Entry]]) -> Iterator[tuple[Entry, Entry]]:
    """Yield each two of a block; what a large one has in common is common, and tells nothing."""
    for block in blocks.values():
        if 1 < len(block) <= LARGEST_BLOCK:
            yield from combinations(block, 2)
