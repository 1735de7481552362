"""Organisations as a source mentions them, kept beside the source's quads until it is decided who is who."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

PUBLIC_CLASSES: Final = frozenset({"PublicBody", "Council", "Department"})
"""Classes under which a register lists public bodies."""


class Rank(IntEnum):
    """What kind of source a name comes from, the weightiest first."""

    REGISTER = 0
    CLAIMS = 1
    RECORDS = 2


@dataclass(frozen=True, slots=True)
class SourceMention:
    """An organisation, or a place, under one name in one source, once however often it is named.

    `key` is provisional, see `civicgraph.graph.identity.names.provisional_key`; `count` is how many records name it so;
    `is_alias` marks another name that a register or a curator gives for the organisation of that key.
    """

    key: str
    name: str
    rank: Rank = Rank.RECORDS
    identifiers: tuple[str, ...] = ()
    cls: str = "Organisation"
    count: int = 1
    is_alias: bool = False

    @property
    def is_place(self) -> bool:
        """Whether it is a place that is mentioned."""
        return self.key.startswith("place/")


def mentions_text(mentions: Iterable[SourceMention]) -> bytes:
    """Return mentions as lines of JSON, in one order: the same mentions give the same bytes."""
    rows = [[m.key, m.name, int(m.rank), list(m.identifiers), m.cls, m.count, m.is_alias] for m in mentions]
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in sorted(rows, key=str)).encode()


def read_mentions(lines: Iterable[bytes]) -> Iterator[SourceMention]:
    """Yield the mentions that `mentions_text` wrote.

    >>> one = SourceMention("organisation/x-ltd", "X Ltd", Rank.RECORDS, ("GB-COH-00000001",), "Company")
    >>> next(read_mentions(mentions_text([one]).splitlines())) == one
    True
    """
    for line in lines:
        key, name, rank, identifiers, cls, count, is_alias = json.loads(line)
        yield SourceMention(key, name, Rank(rank), tuple(identifiers), cls, count, is_alias)
