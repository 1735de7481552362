"""The view of claims: who is said to be tied to whom, what is planned, rumoured or denied, and how certain."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple

from civicgraph.graph.edges.projection import names_in
from civicgraph.graph.edges.scope import CERTAINTIES, Scope, ScopeError
from civicgraph.graph.edges.to_networkx import Spell
from civicgraph.graph.engine.interface import Engine, Row, rows
from civicgraph.graph.exports.cells import id_of, plain
from civicgraph.graph.exports.drawing import Drawing, EdgeRow, Node, around, graph_of
from civicgraph.graph.exports.options import Options
from civicgraph.ontology.terms import CG_NS

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


class _Said(NamedTuple):
    """One claim about a thing: who has which role in it."""

    thing: str
    role: str
    party: str
    polarity: str
    certainty: str
    modality: str
    document: str
    claim: str
    day: date | None

    @classmethod
    def of(cls, row: Row) -> "_Said":
        values = {name: term.value.removeprefix(CG_NS) for name, term in row.items() if term is not None}
        day = date.fromisoformat(values["day"]) if "day" in values else None
        texts = (values[name] for name in cls._fields if name != "day")
        thing, role, party, polarity, certainty, modality, document, claim = texts
        return cls(thing, role, party, polarity, certainty, modality, document, claim, day)


class _Tie(NamedTuple):
    """What one edge stands for."""

    source: str
    target: str
    relation: str
    modality: str
    polarity: str


def claims_view(engine: Engine, scope: Scope, options: Options) -> Drawing:
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
    behind: dict[_Tie, list[_Said]] = defaultdict(list)
    for tie, claims in _ties(rows(engine, "claim-parties")):
        behind[tie] += claims
    said_of: dict[str, set[str]] = defaultdict(set)
    for tie, claims in behind.items():
        for party in (tie.source, tie.target):
            said_of[party] |= {said.claim for said in claims}
    names = {party: (name, cls) for party, name, cls, *_ in names_in(engine, sorted(said_of))[0]}
    nodes = (_node(party, *names.get(party, (id_of(party), "Agent")), len(claims)) for party, claims in said_of.items())
    graph = graph_of(nodes, (_row(tie, behind[tie]) for tie in sorted(behind)))
    return Drawing("claims", around(graph, options), "Who is said to be tied to whom", "claims")


def _node(party: str, name: str, cls: str, claims: int) -> Node:
    return Node(party, plain(name), _KINDS.get(cls, "organisation"), cls, value=float(claims))


def _ties(found: Iterable[Row]) -> Iterator[tuple[_Tie, Sequence[_Said]]]:
    """Yield the ties between two parties, each with the claims that make it: one, or one for each of two roles."""
    roles: dict[str, dict[str, list[_Said]]] = defaultdict(lambda: defaultdict(list))
    for said in map(_Said.of, found):
        if said.role in _DIRECT:
            yield _Tie(said.thing, said.party, _DIRECT[said.role], said.modality, said.polarity), [said]
        else:
            roles[said.thing][said.role].append(said)
    for thing in sorted(roles):
        for relation, (first, second) in _ENDS.items():
            for one in roles[thing][first]:
                for other in roles[thing][second]:
                    modality = max(one.modality, other.modality, key=_MODALITIES.index)
                    polarity = max(one.polarity, other.polarity, key="denied".__eq__)
                    yield _Tie(one.party, other.party, relation, modality, polarity), [one, other]


def _row(tie: _Tie, claims: Sequence[_Said]) -> EdgeRow:
    source, target = id_of(tie.source), id_of(tie.target)
    kind = f"{tie.relation} ({tie.modality}{', denied' if tie.polarity == 'denied' else ''})"
    count = len({said.claim for said in claims})
    certainty = max((said.certainty for said in claims), key=CERTAINTIES.index)
    documents = len({said.document for said in claims})
    about = tuple(sorted({said.thing for said in claims}))
    values = (tie.polarity, tie.modality, certainty, count, documents, about)
    since = _since({said.day for said in claims})
    return EdgeRow(f"{source}|{kind}|{target}", source, target, kind, kind, float(count), since, values)


def _since(days: set[date | None]) -> tuple[Spell, ...]:
    """Return the time from the first day on which it was said; none where one of the documents may be of any day."""
    known = [day for day in days if day is not None]
    return ((min(known), None),) if len(known) == len(days) else ()
