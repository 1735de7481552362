"""Who is who, over all sources of a snapshot: the decided keys, and what is known of each organisation by name.

Places are told by the same rules where a name is enough: the place that a text names is the register's place of exactly
that name, if the register has one only.
"""

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from pyoxigraph import Literal, NamedNode, Quad

from civicgraph.graph.identity.clusters import Resolution
from civicgraph.graph.identity.judgements import Judgement
from civicgraph.graph.identity.mentions import PUBLIC_CLASSES, Rank, SourceMention
from civicgraph.graph.identity.names import is_plain, plain_part, provisional_key
from civicgraph.graph.identity.resolve import resolve
from civicgraph.graph.identity.words import trades
from civicgraph.graph.records.iris import thing_iri
from civicgraph.graph.records.quads import ALT_LABEL, CLAIMS, ESTABLISHED, RDF_TYPE, RDFS_LABEL
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


def _told(classes: set[str], label: str) -> set[str]:
    """Return classes, and that of a trading body, where a public body by this name is one."""
    return classes | {"TradingBody"} if not PUBLIC_CLASSES.isdisjoint(classes) and trades(label) else classes


def organisation_quads(
    mentions: Iterable[SourceMention], resolution: Resolution, above: Mapping[str, Iterable[str]] | None = None
) -> Iterator[Quad]:
    """Yield the name, other names, classes and identifiers of each organisation under its decided key.

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
    for one in mentions:
        if one.is_place:
            continue
        key = resolution.of(one.key)
        if one.rank is not Rank.CLAIMS:
            recorded.add(key)
        classes[key].add(one.cls)
        identifiers[key].update(one.identifiers)
        if one.is_alias:
            aliases[key].add(one.name)
        elif one.name:
            names[key][int(one.rank), one.name] += one.count
    for key, found in sorted(names.items()):
        node = NamedNode(thing_iri(key))
        label = _label(key, found, names.keys(), resolution)
        yield Quad(node, RDFS_LABEL, Literal(label), ESTABLISHED)
        for other in sorted(aliases[key].union(name for _, name in found) - {label}):
            yield Quad(node, ALT_LABEL, Literal(other), ESTABLISHED)
        graph = ESTABLISHED if key in recorded else CLAIMS
        narrow = {CG_NS + cls for cls in _told(classes[key], label)}
        for iri in sorted(narrow.union(*((above or {}).get(iri, ()) for iri in narrow))):
            yield Quad(node, RDF_TYPE, NamedNode(iri), graph)
        for identifier in sorted(identifiers[key]):
            yield Quad(node, NamedNode(CG.identifier), Literal(identifier), ESTABLISHED)


def _label(key: str, found: Mapping[tuple[int, str], int], named: Container[str], resolution: Resolution) -> str:
    """Return what an organisation is called; `named` are the keys of those with names of their own."""
    ranked = ((rank, not is_plain(name), -count, name.isupper(), name) for (rank, name), count in found.items())
    rank, *_, label = min(ranked)
    plain = plain_part(label) if rank == Rank.RECORDS else label
    bearer = resolution.of(provisional_key(plain))
    # Who was told apart from those of the plain name keeps what tells the two apart.
    return plain if bearer == key or bearer not in named else label
