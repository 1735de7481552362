"""What ties a buyer to a supplier: services and contracts with what they rest on, and the money between the two."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from pyoxigraph import NamedNode

from civicgraph.api.claims import Words, words_in
from civicgraph.api.own_queries import page_of, query, query_about
from civicgraph.api.values import Node, node_of, property_label, text_of
from civicgraph.graph.measures.concentration import hhi, shares
from civicgraph.graph.store.engine import Engine, Row
from civicgraph.ontology.read import PREFIXES
from civicgraph.ontology.terms import CG, CG_NS
from civicgraph.seeds_loader.claims.documents import Documents

Side = Literal["buyer", "supplier"]
Kind = Literal["service", "contract"]

ROLES: Final[Mapping[Kind, tuple[str, str, str]]] = {
    "service": (CG.Service, CG.customer, CG.provider),
    "contract": (CG.Contract, CG.buyer, CG.supplier),
}
SIDES: Final[tuple[Side, ...]] = ("buyer", "supplier")

_CERTAINTIES: Final = ("asserted", "reported", "speculative")


@dataclass(frozen=True, slots=True)
class Support:
    """A claim that a tie rests on: what it says of the tie, in which document, in which words."""

    claim: str
    property: str
    certainty: str
    words: Words


@dataclass(frozen=True, slots=True)
class Tie:
    """A service or contract between a party and `other`; `record` names the row or release of a source it is from."""

    iri: str
    kind: Kind
    label: str
    other: Node
    services: tuple[Node, ...] = ()
    places: tuple[Node, ...] = ()
    start: str = ""
    end: str = ""
    value: str = ""
    currency: str = ""
    guard: str = ""
    record: str = ""
    source: Node | None = None
    support: tuple[Support, ...] = ()

    @property
    def certainty(self) -> str:
        """The certainty of the least certain claim behind it; what comes from a record is asserted."""
        return max((claim.certainty for claim in self.support), key=_CERTAINTIES.index, default="asserted")


@dataclass(frozen=True, slots=True)
class Money:
    """What was paid or sold between a party and another, in how many reported periods, and its share of the whole."""

    other: Node
    total: float
    periods: int
    start: str
    end: str
    share: float


@dataclass(frozen=True, slots=True)
class Spending:
    """A party's money with all others: the largest first, and how concentrated it is."""

    rows: tuple[Money, ...] = ()
    others: int = 0
    total: float = 0.0
    hhi: float | None = None
    guarded: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Payment:
    """The money reported between two parties in one period: how many rows of which source it is the sum of."""

    iri: str
    amount: str
    currency: str
    count: str
    start: str
    end: str
    reported_by: str
    guard: str
    record: str
    source: Node


def ties_of(
    engine: Engine, documents: Documents, party: str, side: Side, kind: Kind, *, size: int, skip: int = 0
) -> tuple[Tie, ...]:
    """Return some of the ties of a party, those that end last first, each with what it rests on.

    Parameters
    ----------
    engine
        The snapshot.
    documents
        The articles at hand, for the quotations.
    party
        The IRI of the buyer or supplier.
    side
        Which of the two the party is.
    kind
        Services or contracts.
    size, skip
        How many to return, after how many.
    """
    cls, buyer, supplier = ROLES[kind]
    mine, theirs = (buyer, supplier) if side == "buyer" else (supplier, buyer)
    bind = {"party": party, "mine": mine, "theirs": theirs, "class": cls}
    found = engine.select(page_of(query("ties"), size, skip), bind={key: NamedNode(iri) for key, iri in bind.items()})
    bare = [Tie(text_of(row, "tie"), kind, text_of(row, "label"), node_of(row, "other")) for row in found]
    return tuple(_completed(engine, documents, bare))


def ties_between(engine: Engine, documents: Documents, buyer: str, supplier: str, view: str) -> tuple[Tie, ...]:
    """Return the services and contracts between two parties in a view, each with what it rests on."""
    bind = {"buyer": NamedNode(buyer), "supplier": NamedNode(supplier)}
    bare = []
    for row in engine.select(query("ties-between"), [view], bind=bind):
        kind: Kind = "contract" if text_of(row, "contract") == "true" else "service"
        bare.append(Tie(text_of(row, "tie"), kind, text_of(row, "label"), node_of(row, "other")))
    return tuple(_completed(engine, documents, bare, view))


def count_ties(engine: Engine, party: str, side: Side, kind: Kind) -> int:
    """Return how many services or contracts a party has as buyer or as supplier."""
    cls, buyer, supplier = ROLES[kind]
    bind = {"party": party, "mine": buyer if side == "buyer" else supplier, "class": cls}
    found = engine.select(query("count-ties"), bind={key: NamedNode(iri) for key, iri in bind.items()})
    return next((int(text_of(row, "ties")) for row in found), 0)


def spending(engine: Engine, party: str, side: Side, size: int) -> Spending:
    """Return the money between a party and all others, of which the `size` largest by name."""
    roles = (CG.buyer, CG.supplier) if side == "buyer" else (CG.supplier, CG.buyer)
    bind = {"party": party, "mine": roles[0], "theirs": roles[1]}
    rows = list(engine.select(query("money"), bind={key: NamedNode(iri) for key, iri in bind.items()}))
    guarded: dict[str, int] = defaultdict(int)
    counted = []
    for row in rows:
        if row["guard"] is None:
            counted.append(row)
        else:
            guarded[text_of(row, "guard")] += int(text_of(row, "periods"))
    totals = {text_of(row, "other"): float(text_of(row, "total") or 0) for row in counted}
    fractions = shares(totals)
    largest = sorted(counted, key=lambda row: (-totals[text_of(row, "other")], text_of(row, "other")))[:size]
    names = labels_of(engine, (text_of(row, "other") for row in largest))
    return Spending(
        rows=tuple(
            Money(
                other=Node(names.get(iri := text_of(row, "other"), iri), iri),
                total=totals[iri],
                periods=int(text_of(row, "periods")),
                start=text_of(row, "first"),
                end=text_of(row, "last"),
                share=fractions.get(iri, 0.0),
            )
            for row in largest
        ),
        others=len(counted),
        total=sum(totals.values()),
        hhi=hhi(fractions.values()),
        guarded=dict(sorted(guarded.items())),
    )


def money_between(engine: Engine, buyer: str, supplier: str) -> list[Payment]:
    """Return the reported money between a buyer and a supplier, the newest first, at most 200 months of it."""
    bind = {"buyer": NamedNode(buyer), "supplier": NamedNode(supplier)}
    return [
        Payment(
            iri=text_of(row, "spend"),
            amount=text_of(row, "amount"),
            currency=text_of(row, "currency") or "GBP",
            count=text_of(row, "count"),
            start=text_of(row, "start"),
            end=text_of(row, "end"),
            reported_by=text_of(row, "reportedBy"),
            guard=text_of(row, "guard"),
            record=text_of(row, "record"),
            source=node_of(row, "source"),
        )
        for row in engine.select(query("spend-between"), bind=bind)
    ]


def labels_of(engine: Engine, things: Iterable[str]) -> dict[str, str]:
    """Return the labels of some things by IRI."""
    wanted = sorted(set(things))
    if not wanted:
        return {}
    return {text_of(row, "thing"): text_of(row, "label") for row in engine.select(query_about("labels", wanted))}


def _completed(engine: Engine, documents: Documents, bare: Sequence[Tie], view: str = CG.established) -> list[Tie]:
    if not bare:
        return []
    iris = sorted({tie.iri for tie in bare})
    facts: dict[str, list[Row]] = defaultdict(list)
    for row in engine.select(query_about("tie-facts", iris), [view]):
        facts[text_of(row, "thing")].append(row)
    support: dict[str, list[Support]] = defaultdict(list)
    for row in engine.select(query_about("tie-evidence", iris)):
        if text_of(row, "view") == view:
            support[text_of(row, "thing")].append(_support(row, documents))
    return [_complete(tie, facts[tie.iri], support[tie.iri]) for tie in bare]


def _complete(tie: Tie, rows: Sequence[Row], support: Sequence[Support]) -> Tie:
    def nodes(*names: str) -> tuple[Node, ...]:
        return tuple(node_of(row, "value", "label") for row in rows if text_of(row, "property") in names)

    def first(name: str) -> str:
        return next((text_of(row, "value") for row in rows if text_of(row, "property") == name), "")

    sources = [node for node in nodes(PREFIXES["prov"] + "wasDerivedFrom") if node.iri]
    return replace(
        tie,
        services=nodes(CG.serviceType),
        places=nodes(CG.areaServed) or nodes(CG.deliveredFrom),
        start=first(CG.start),
        end=first(CG.terminated) or first(CG.end),
        value=first(CG.awardedValue),
        currency=first(CG.currency),
        guard=first(CG.guard),
        record=first(CG.record),
        source=sources[0] if sources else None,
        support=tuple(support),
    )


def _support(row: Row, documents: Documents) -> Support:
    return Support(
        claim=text_of(row, "claim"),
        property=property_label(text_of(row, "property")),
        certainty=text_of(row, "certainty").removeprefix(CG_NS),
        words=words_in(row, documents),
    )
