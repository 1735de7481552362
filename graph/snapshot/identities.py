"""Who is who, over all sources of a snapshot: the decided keys, and what is known of each organisation by name.

Places are told by the same rules where a name is enough: the place that a text names is the register's place of exactly
that name, if the register has one only.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from civicgraph.graph.identity.clusters import Resolution
from civicgraph.graph.identity.judgements import Judgement
from civicgraph.graph.identity.mentions import PUBLIC_CLASSES, Rank, SourceMention
from civicgraph.graph.identity.names import is_plain, plain_part, provisional_key
from civicgraph.graph.identity.resolve import resolve
from civicgraph.graph.identity.words import trades
from civicgraph.graph.records.quads import ALT_LABEL, RDF_TYPE, RDFS_LABEL
from civicgraph.graph.records.statements import literal, thing
from civicgraph.ontology.terms import CG, CG_NS


def decide(mentions: Iterable[SourceMention], judgements: Sequence[Judgement]) -> Resolution:
    """Return which keys of all sources are one organisation, and which one place."""
    mentions = list(mentions)
    resolution = resolve(mentions, judgements)
    same = same_places(one for one in mentions if one.is_place)
    return replace(resolution, canonical={**resolution.canonical, **same}) if same else resolution


def same_places(mentions: Iterable[SourceMention]) -> dict[str, str]:
    """Return the register's place for each place of a text that has the name of that one place and of no other.

    >>> county = SourceMention("place/e10000016", "Kent", Rank.REGISTER, ("E10000016",), "Place")
    >>> same_places([county, SourceMention("place/kent", "Kent", Rank.CLAIMS, cls="Place")])
    {'place/kent': 'place/e10000016'}
    """
    registered: dict[str, set[str]] = defaultdict(set)
    told: dict[str, set[str]] = defaultdict(set)
    for one in mentions:
        (registered if one.rank is Rank.REGISTER else told)[one.name].add(one.key)
    known = set().union(*registered.values())
    return {
        key: min(registered[name])
        for name, keys in sorted(told.items())
        if len(registered.get(name, ())) == 1
        for key in sorted(keys - known)
    }


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation under its decided key, by its one name; `classes` are IRIs, `graph` is where they stand."""

    key: str
    label: str
    others: Sequence[str]
    classes: Sequence[str]
    identifiers: Sequence[str]
    graph: str

    def lines(self) -> str:
        """Return what is known of it as N-Quads."""
        node, end = thing(self.key), f" <{CG.established}> .\n"
        return "".join(
            [
                f"{node} {RDFS_LABEL} {literal(self.label)}{end}",
                *(f"{node} {ALT_LABEL} {literal(other)}{end}" for other in self.others),
                *(f"{node} {RDF_TYPE} <{cls}> <{self.graph}> .\n" for cls in self.classes),
                *(f"{node} <{CG.identifier}> {literal(identifier)}{end}" for identifier in self.identifiers),
            ]
        )


def organisations(
    mentions: Iterable[SourceMention],
    resolution: Resolution,
    wanted: Callable[[str], bool],
    above: Mapping[str, Iterable[str]] | None = None,
) -> Iterator[Organisation]:
    """Yield those organisations whose decided key is wanted with their names, classes and identifiers.

    A register's name goes before a claims file's, that before those of records. Of these a plain one is the label,
    without trading name or note, and of several the one that most records use; equal ones by code point.
    `above` has the IRIs of the classes above each, where no rule is to derive them. The class of one that only claims
    files declare stands beside the claims, from where it reaches a view with a claim that is accepted into it.
    """
    names: dict[str, Counter[tuple[int, str]]] = defaultdict(Counter)
    classes: dict[str, set[str]] = defaultdict(set)
    identifiers: dict[str, set[str]] = defaultdict(set)
    aliases: dict[str, set[str]] = defaultdict(set)
    recorded: set[str] = set()
    bearers: set[str] = set()
    for one in mentions:
        if one.is_place:
            continue
        key = resolution.of(one.key)
        if one.name and not one.is_alias:
            bearers.add(key)
        if not wanted(key):
            continue
        if one.rank is not Rank.CLAIMS:
            recorded.add(key)
        classes[key].add(one.cls)
        identifiers[key].update(one.identifiers)
        if one.is_alias:
            aliases[key].add(one.name)
        elif one.name:
            names[key][int(one.rank), one.name] += one.count
    for key, found in sorted(names.items()):
        label = _label(key, found, bearers, resolution)
        others = sorted(aliases[key].union(name for _, name in found) - {label})
        graph = CG.established if key in recorded else CG.claims
        if not PUBLIC_CLASSES.isdisjoint(classes[key]) and trades(label):
            classes[key].add("TradingBody")
        narrow = {CG_NS + cls for cls in classes[key]}
        every = sorted(narrow.union(*((above or {}).get(iri, ()) for iri in narrow)))
        yield Organisation(key, label, others, every, sorted(identifiers[key]), graph)


def _label(key: str, found: Mapping[tuple[int, str], int], named: Container[str], resolution: Resolution) -> str:
    """Return what an organisation is called; `named` are the keys of those with names of their own."""
    ranked = ((rank, not is_plain(name), -count, name.isupper(), name) for (rank, name), count in found.items())
    rank, *_, label = min(ranked)
    plain = plain_part(label) if rank == Rank.RECORDS else label
    bearer = resolution.of(provisional_key(plain))
    # Who was told apart from those of the plain name keeps what tells the two apart.
    return plain if bearer == key or bearer not in named else label
