"""The view of claims: who is said to be tied to whom, what is planned, rumoured or denied, and how certain."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from civicgraph.graph.edges.projection import names_in
from civicgraph.graph.edges.scope import CERTAINTIES, Scope, ScopeError
from civicgraph.graph.edges.to_networkx import Spell
from civicgraph.graph.engine.interface import Engine, Row, rows
from civicgraph.graph.exports.drawing import Column, EdgeRow, id_of, plain
from civicgraph.graph.exports.options import Options
from civicgraph.graph.exports.view_graph import Node, ViewGraph, around, graph_of
from civicgraph.ontology.terms import CG_NS

EDGE_COLUMNS: Final = (
    Column("polarity", "string", "affirmed or denied"),
    Column("modality", "string", "fact, plan, rumour or opinion"),
    Column("certainty", "string", "asserted, reported or speculative: of the least certain claim behind the edge"),
    Column("claims", "integer", "how many claims say so; its weight too"),
    Column("documents", "integer", "how many documents say so"),
    Column("about", "liststring", "IRIs of the services, contracts and events that the claims are about"),
)

_ENDS: Final[Mapping[str, tuple[str, str]]] = {
    "buys": ("buyer", "supplier"),
    "is served by": ("customer", "provider"),
    "acquires": ("acquirer", "acquired"),
    "owns": ("owner", "owned"),
}
_DIRECT: Final[Mapping[str, str]] = {"memberOf": "is a member of", "runBy": "is run by"}
_MODALITIES: Final = ("fact", "plan", "rumour", "opinion")
_KINDS: Final[Mapping[str, str]] = {
    "Sector": "sector",
    "Person": "person",
    "SharedServiceCentre": "shared service centre",
    "JointVenture": "joint venture",
    "PublicBody": "public body",
    "Council": "public body",
    "Department": "public body",
    "Company": "company",
}


@dataclass(frozen=True, slots=True)
class _Said:
    party: str
    polarity: str
    certainty: str
    modality: str
    document: str
    claim: str
    day: date | None


def claims_view(engine: Engine, scope: Scope, options: Options) -> ViewGraph:
    """Return the view of claims: an edge for each relation, modality and polarity between two parties.

    Where two claims make a tie (who is the customer, who the provider), it is as certain as the less certain of them,
    and of the modality that is further from fact; it is denied if either is. It is there from the day of the first
    document that says so: what is known of its time is when it was said.

    Parameters
    ----------
    engine
        The store.
    scope
        All: what is said has no scope.
    options
        Only the neighbourhood applies.

    Raises
    ------
    ScopeError
        The scope is not all, or the view is to be around a node that is not in it.
    """
    if scope != Scope():
        msg = "the view claims shows all that is said, of any period, service, place and sum; leave these filters out"
        raise ScopeError(msg)
    merged: dict[tuple[str, str, str, str, str], list[tuple[str, _Said]]] = defaultdict(list)
    for thing, source, target, relation, said in _ties(rows(engine, "claim-parties")):
        merged[source, target, relation, said.modality, said.polarity].append((thing, said))
    said_of: dict[str, set[str]] = defaultdict(set)
    for (source, target, *_), claims in merged.items():
        for party in (source, target):
            said_of[party] |= {said.claim for _, said in claims}
    names = {party: (name, cls) for party, name, cls, *_ in names_in(engine, sorted(said_of))[0]}
    nodes = [
        Node(party, _label(names, party), _KINDS.get(cls, "organisation"), cls, value=float(len(claims)))
        for party, claims in said_of.items()
        for cls in [names.get(party, ("", "Agent"))[1]]
    ]
    graph = around(graph_of(nodes, (_row(key, merged[key]) for key in sorted(merged))), options)
    return ViewGraph(graph, EDGE_COLUMNS, "Who is said to be tied to whom", "claims")


def _ties(found: Iterable[Row]) -> Iterator[tuple[str, str, str, str, _Said]]:
    roles: dict[str, dict[str, list[_Said]]] = defaultdict(lambda: defaultdict(list))
    for row in found:
        values = {name: term.value.removeprefix(CG_NS) for name, term in row.items() if term is not None}
        day = date.fromisoformat(values["day"]) if "day" in values else None
        texts = [values[name] for name in ("party", "polarity", "certainty", "modality", "document", "claim")]
        party, polarity, certainty, modality, document, claim = texts
        said = _Said(party, polarity, certainty, modality, document, claim, day)
        if values["role"] in _DIRECT:
            yield values["thing"], values["thing"], said.party, _DIRECT[values["role"]], said
        else:
            roles[values["thing"]][values["role"]].append(said)
    for thing in sorted(roles):
        for relation, (first, second) in _ENDS.items():
            for one in roles[thing][first]:
                for other in roles[thing][second]:
                    yield from ((thing, one.party, other.party, relation, said) for said in _both(one, other))


def _both(one: _Said, other: _Said) -> tuple[_Said, _Said]:
    polarity = "denied" if "denied" in (one.polarity, other.polarity) else "affirmed"
    certainty = max(one.certainty, other.certainty, key=CERTAINTIES.index)
    modality = max(one.modality, other.modality, key=_MODALITIES.index)
    return (
        _Said(one.party, polarity, certainty, modality, one.document, one.claim, one.day),
        _Said(other.party, polarity, certainty, modality, other.document, other.claim, other.day),
    )


def _row(key: tuple[str, str, str, str, str], claims: list[tuple[str, _Said]]) -> EdgeRow:
    source, target, relation, modality, polarity = key
    kind = f"{relation} ({modality}{', denied' if polarity == 'denied' else ''})"
    count = len({said.claim for _, said in claims})
    certainty = max((said.certainty for _, said in claims), key=CERTAINTIES.index)
    documents = len({said.document for _, said in claims})
    about = tuple(sorted({thing for thing, _ in claims}))
    return EdgeRow(
        id=f"{id_of(source)}|{kind}|{id_of(target)}",
        source=id_of(source),
        target=id_of(target),
        kind=kind,
        label=kind,
        weight=float(count),
        spells=_since(said.day for _, said in claims),
        values=(polarity, modality, certainty, count, documents, about),
    )


def _since(days: Iterable[date | None]) -> tuple[Spell, ...]:
    """Return the time from the first day on which it was said; none where one of the documents may be of any day."""
    known = list(days)
    return ((min(day for day in known if day is not None), None),) if known and None not in known else ()


def _label(names: Mapping[str, tuple[str, str]], party: str) -> str:
    return plain(names[party][0]) if party in names else id_of(party)
