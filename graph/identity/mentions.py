"""Organisations as sources mention them, and what is decided about them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from civicgraph.graph.identity.candidates import Candidate
from civicgraph.graph.identity.names import Name, provisional_key, provisional_of, read_name
from civicgraph.graph.records.types import Party

PUBLIC_CLASSES = frozenset({"PublicBody", "Council", "Department"})
"""Classes under which a register lists public bodies."""


@dataclass(frozen=True, slots=True)
class Mention:
    """An organisation as one source names it, once for each name however often it is named.

    `from_text` marks names out of running text or the curator's facts, where "Capita" may mean a whole group: such a
    name never gains a legal form by itself.
    """

    key: str
    name: str
    identifiers: tuple[str, ...] = ()
    cls: str = "Organisation"
    from_text: bool = False


@dataclass(frozen=True, slots=True)
class Alias:
    """Another name that a register or a curator gives for an organisation."""

    name: str
    key: str


@dataclass(frozen=True, slots=True)
class Merge:
    """Why two keys are one organisation: `reason` is identifier, judgement, alias, name, form or a kind of likeness."""

    left: str
    right: str
    reason: str
    score: float
    evidence: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A merge that was asked for and not made, and what forbade it."""

    left: str
    right: str
    reason: str
    why: str


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


@dataclass(slots=True)
class Node:
    """What all mentions under one key say together: `names` by normal form, `written` key and text of each spelling."""

    names: dict[str, Name] = field(default_factory=dict)
    written: set[tuple[str, str]] = field(default_factory=set)
    identifiers: set[str] = field(default_factory=set)
    public: bool = False
    council: bool = False
    from_text: bool = False


def mention(party: Party, *, from_text: bool = False) -> Mention:
    """Return the mention that a party of a record is.

    >>> mention(Party("CAPITA PLC")).key
    'organisation/capita-plc'
    """
    key = provisional_key(party.name, party.identifiers)
    return Mention(key, party.name, party.identifiers, party.cls, from_text)


def gathered(mentions: Iterable[Mention], split: Mapping[str, str] | None = None) -> dict[str, Node]:
    """Return what is said under each provisional key, in the order of the keys.

    `split` leads from the keys of spellings that a person told apart from others of that key to keys of their own.
    """
    nodes: dict[str, Node] = defaultdict(Node)
    for named in sorted(set(mentions), key=lambda named: (named.key, named.name)):
        key = (split or {}).get(named.key) or provisional_of(named.key)
        node = nodes[key]
        name = read_name(named.name)
        node.names.setdefault(name.normal, name)
        if name.trading:
            node.names[name.normal] = name
        node.written.add((named.key, named.name))
        node.identifiers.update(named.identifiers)
        node.public |= named.cls in PUBLIC_CLASSES
        node.council |= named.cls == "Council"
        node.from_text |= named.from_text
    return dict(sorted(nodes.items()))
