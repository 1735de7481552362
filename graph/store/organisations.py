"""Who is who, over all sources of a snapshot: the decided keys, and what is known of each organisation by name."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from pyoxigraph import Literal, NamedNode, Quad

from civicgraph.graph.identity.judgements import Judgement
from civicgraph.graph.identity.mentions import Alias, Mention, Resolution
from civicgraph.graph.identity.resolve import resolve
from civicgraph.graph.iris import thing_iri
from civicgraph.graph.mentions import Rank, SourceMention
from civicgraph.graph.triples import ALT_LABEL, ESTABLISHED, RDF_TYPE, RDFS_LABEL
from civicgraph.ontology.terms import CG, CG_NS


def decide(mentions: Iterable[SourceMention], judgements: Sequence[Judgement]) -> Resolution:
    """Return which keys of all sources are one organisation."""
    named: list[Mention] = []
    aliases: list[Alias] = []
    for one in mentions:
        if one.is_alias:
            aliases.append(Alias(one.name, one.key))
        else:
            from_text = one.rank is Rank.CLAIMS
            named.append(Mention(one.key, one.name, one.identifiers, one.cls, from_text))
    return resolve(named, judgements, aliases)


def organisation_quads(mentions: Iterable[SourceMention], resolution: Resolution) -> Iterator[Quad]:
    """Yield the name, other names, classes and identifiers of each organisation under its decided key.

    A register's name goes before a claims file's, that before the one most records use; equal ones by code point.
    """
    names: dict[str, Counter[tuple[int, str]]] = defaultdict(Counter)
    classes: dict[str, set[str]] = defaultdict(set)
    identifiers: dict[str, set[str]] = defaultdict(set)
    aliases: dict[str, set[str]] = defaultdict(set)
    for one in mentions:
        key = resolution.of(one.key)
        classes[key].add(one.cls)
        identifiers[key].update(one.identifiers)
        if one.is_alias:
            aliases[key].add(one.name)
        elif one.name:
            names[key][int(one.rank), one.name] += one.count
    for key, found in sorted(names.items()):
        node = NamedNode(thing_iri(key))
        ordered = sorted(found, key=lambda ranked, found=found: (ranked[0], -found[ranked], ranked[1]))  # type: ignore[misc]
        label = ordered[0][1]
        yield Quad(node, RDFS_LABEL, Literal(label), ESTABLISHED)
        for other in sorted(aliases[key].union(name for _, name in ordered) - {label}):
            yield Quad(node, ALT_LABEL, Literal(other), ESTABLISHED)
        for cls in sorted(classes[key]):
            yield Quad(node, RDF_TYPE, NamedNode(CG_NS + cls), ESTABLISHED)
        for identifier in sorted(identifiers[key]):
            yield Quad(node, NamedNode(CG.identifier), Literal(identifier), ESTABLISHED)
