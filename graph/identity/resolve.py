"""Which mentions are one organisation.

The decisions, in this order: an identifier; a judgement; a curated alias; the normal name; a likeness that is near
certain. No decision joins two identifiers of one scheme, nor what a person has told apart; likeness that is not near
certain goes to a person.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from civicgraph.graph.identity.candidates import Entry, candidates
from civicgraph.graph.identity.clusters import Clusters, Merge, Resolution
from civicgraph.graph.identity.judgements import Judgement
from civicgraph.graph.identity.mentions import PUBLIC_CLASSES, Rank, SourceMention
from civicgraph.graph.identity.names import (
    Name,
    is_acronym,
    languages,
    normalise,
    provisional_of,
    read_name,
    without_parent,
)
from civicgraph.graph.identity.sides import Sides
from civicgraph.graph.identity.words import words


@dataclass(slots=True)
class Node:
    """What all mentions under one key say together: `names` by normal form, `written` key and text of each spelling."""

    names: dict[str, Name] = field(default_factory=dict)
    written: set[tuple[str, str]] = field(default_factory=set)
    identifiers: set[str] = field(default_factory=set)
    public: bool = False
    council: bool = False
    from_text: bool = False


def resolve(mentions: Iterable[SourceMention], judgements: Sequence[Judgement] = ()) -> Resolution:
    """Decide which mentions are one organisation. The result does not depend on the order of the mentions.

    Parameters
    ----------
    mentions
        Every organisation of every source; each distinct name of a key once is enough. An alias of two organisations is
        none. Places are passed over.
    judgements
        What a person holds; they go before every likeness of names.

    Examples
    --------
    >>> named = [
    ...     SourceMention("organisation/gb-coh-01234567", "Acme Widgets Ltd", identifiers=("GB-COH-01234567",)),
    ...     SourceMention("organisation/acme-widgets-ltd", "ACME WIDGETS LIMITED"),
    ... ]
    >>> resolve(named).canonical
    {'organisation/acme-widgets-ltd': 'organisation/gb-coh-01234567'}
    """
    organisations = [one for one in mentions if not one.is_place]
    named = [one for one in organisations if not one.is_alias]
    sides = Sides(named, judgements)
    nodes = _gathered(named, sides.split)
    with_form = [key for key, node in nodes.items() if any(name.form for name in node.names.values())]
    clusters = Clusters({key: node.identifiers for key, node in nodes.items()}, with_form)
    clusters.merges += _spellings(nodes)
    clusters.refused += sides.void
    clusters.keep_apart(sides.apart)
    for merge in chain(_same_identifier(nodes), sides.same):
        clusters.take(merge)
    known = _curated((one for one in organisations if one.is_alias), nodes, clusters)
    named_so = (
        Merge(known[normal], key, "alias", normal)
        for key, node in nodes.items()
        if not node.identifiers
        for normal in sorted(node.names.keys() & known.keys())
    )
    for merge in chain(named_so, _same_name(nodes, clusters)):
        # What a supplier has in common with a public body is a question where it is an acronym, and no proof.
        if not is_acronym(merge.evidence) or nodes[merge.left].public == nodes[merge.right].public:
            clusters.take(merge)
    for merge in _form_left_out(nodes, clusters):
        clusters.take(merge)
    clusters.take_alike(candidates(list(_entries(nodes, known, clusters))))
    provisional = {own: key for key, node in nodes.items() for own, _ in node.written if own != key}
    return clusters.resolution(provisional, tuple(sides.apart))


def _gathered(mentions: Iterable[SourceMention], split: Mapping[str, str]) -> dict[str, Node]:
    """Return what is said under each provisional key, in the order of the keys.

    `split` leads from the keys of spellings that a person told apart from others of that key to keys of their own.
    """
    nodes: dict[str, Node] = defaultdict(Node)
    for named in sorted(set(mentions), key=lambda named: (named.key, named.name)):
        node = nodes[split.get(named.key) or provisional_of(named.key)]
        name = read_name(named.name)
        if name.trading or name.normal not in node.names:
            node.names[name.normal] = name
        node.written.add((named.key, named.name))
        node.identifiers.update(named.identifiers)
        node.public |= named.cls in PUBLIC_CLASSES
        node.council |= named.cls == "Council"
        # In running text "Capita" may mean a whole group, so that such a name gains no legal form.
        node.from_text |= named.rank is Rank.CLAIMS
    return dict(sorted(nodes.items()))


def _spellings(nodes: Mapping[str, Node]) -> Iterator[Merge]:
    """Yield the spellings of each provisional key that has several."""
    for key, node in nodes.items():
        reason = "identifier" if node.identifiers else "name"
        if len({name for _, name in node.written}) > 1:
            yield from (Merge(key, own, reason, name) for own, name in sorted(node.written) if own != key)


def _same_identifier(nodes: Mapping[str, Node]) -> Iterator[Merge]:
    bearers: dict[str, list[str]] = defaultdict(list)
    for key, node in nodes.items():
        for identifier in sorted(node.identifiers):
            bearers[identifier].append(key)
    for identifier, keys in sorted(bearers.items()):
        for key in keys[1:]:
            yield Merge(keys[0], key, "identifier", identifier)


def _curated(aliases: Iterable[SourceMention], nodes: Mapping[str, Node], clusters: Clusters) -> dict[str, str]:
    """Return each alias's normal name with the one key it leads to; one that leads to several organisations is none."""
    claimed: dict[str, set[str]] = defaultdict(set)
    for alias in aliases:
        if alias.key in nodes:
            claimed[normalise(alias.name)].add(alias.key)
    for key, node in nodes.items():
        if node.identifiers:
            for normal in node.names.keys() & claimed.keys():
                claimed[normal].add(key)
    one = {normal: keys for normal, keys in sorted(claimed.items()) if len({clusters.find(key) for key in keys}) == 1}
    return {normal: min(keys) for normal, keys in one.items()}


def _same_name(nodes: Mapping[str, Node], clusters: Clusters) -> Iterator[Merge]:
    """Yield name-only mentions with the one identified organisation that bears the name; of two, with none."""
    bearers: dict[str, list[str]] = defaultdict(list)
    for key, node in nodes.items():
        for normal in node.names:
            bearers[normal].append(key)
    for normal, keys in sorted(bearers.items()):
        if len(keys) == 1 or clusters.are_rivals(keys):
            continue
        for place, key in enumerate(keys[1:], 1):
            # What a person has told apart from one bearer of the name may still be another.
            fitting = (other for other in keys[:place] if clusters.obstacle(other, key) is None)
            yield Merge(next(fitting, keys[0]), key, "name", normal)


def _form_left_out(nodes: Mapping[str, Node], clusters: Clusters) -> Iterator[Merge]:
    """Yield names without a legal form and the one organisation that bears them with one, if one form is seen."""
    formed: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for key, node in nodes.items():
        for name in node.names.values():
            if name.form and not node.public:
                formed[name.core][name.form].add(key)
    for key, node in nodes.items():
        if node.identifiers or node.public or node.from_text:
            continue
        for name in node.names.values():
            forms = formed.get(name.core, {}) if not name.form else {}
            keys = sorted(key for keys in forms.values() for key in keys)
            if (
                forms.keys() & words().often_left_out
                and len(forms) == 1
                and len({clusters.find(other) for other in keys}) == 1
                and may_lack_form(name.core)
            ):
                yield Merge(keys[0], key, "form", f"{name.core} ({next(iter(forms))})")


def may_lack_form(core: str) -> bool:
    """Tell whether a name without a legal form may be a company's with the form left out.

    >>> may_lack_form("huddle"), may_lack_form("john smith"), may_lack_form("leeds university")
    (True, False, False)
    """
    tokens = core.split()
    known = words()
    person = len(tokens) in {2, 3} and (tokens[0] in known.persons or len(tokens[0]) == 1)
    return not is_acronym(core) and not person and known.public.isdisjoint(tokens)


def _entries(nodes: Mapping[str, Node], known: Mapping[str, str], clusters: Clusters) -> Iterator[Entry]:
    """Yield each name of each organisation under its present key, with the aliases of registered bodies."""
    registered = {clusters.find(key) for key, node in nodes.items() if node.public and node.identifiers}
    councils = {clusters.find(key) for key, node in nodes.items() if node.council and node.identifiers}
    for key, node in nodes.items():
        root = clusters.find(key)
        for name in node.names.values():
            told = {"registered": root in registered, "council": root in councils}
            yield Entry.of(root, name, **told, public=node.public, from_text=node.from_text)
        for _, written in sorted(node.written) if root not in registered else ():
            parents, both = without_parent(written), languages(written)
            if parents or both:
                yield Entry.of(root, read_name(written), public=node.public, parents=parents, languages=both)
    for normal, key in known.items():
        root = clusters.find(key)
        yield Entry.of(root, read_name(normal), registered=root in registered, council=root in councils)
