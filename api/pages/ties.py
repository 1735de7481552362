"""What ties a buyer to a supplier: services and contracts with what they rest on, and the money between the two."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from pyoxigraph import NamedNode

from civicgraph.api.own_queries import query, query_about, sql
from civicgraph.api.pages.claims import Words, words_in
from civicgraph.api.pages.values import Node, node_of, text_of
from civicgraph.api.pages.words import property_label, spelt
from civicgraph.graph.edges.scope import CERTAINTIES
from civicgraph.graph.edges.table import EdgeTable
from civicgraph.graph.engine.interface import Engine, Row
from civicgraph.ontology.read import PREFIXES
from civicgraph.ontology.terms import CG, CG_NS
from civicgraph.seeds_loader.claims.documents import Documents

Side = Literal["buyer", "supplier"]
Kind = Literal["service", "contract", "ownership"]

ROLES: Final[Mapping[Kind, tuple[str, str, str]]] = {
    "service": (CG.Service, CG.customer, CG.provider),
    "contract": (CG.Contract, CG.buyer, CG.supplier),
}
SIDES: Final[tuple[Side, ...]] = ("buyer", "supplier")
_LABEL: Final = PREFIXES["rdfs"] + "label"

_MOST: Final = 200
"""What a page shows of the ties of two parties at most."""


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
        return max((claim.certainty for claim in self.support), key=CERTAINTIES.index, default="asserted")


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


def ties_between(engine: Engine, documents: Documents, buyer: str, supplier: str, view: str) -> tuple[Tie, ...]:
    """Return the services and contracts between two parties in a view, each with what it rests on."""
    bind = {"buyer": NamedNode(buyer), "supplier": NamedNode(supplier)}
    bare = []
    for row in engine.select(query("ties-between"), [view], bind=bind):
        kind: Kind = "contract" if text_of(row, "contract") == "true" else "service"
        bare.append(Tie(text_of(row, "tie"), kind, text_of(row, "label"), node_of(row, "other")))
    return tuple(completed(engine, documents, bare, view))


def established_between(
    engine: Engine, documents: Documents, table: EdgeTable, buyer: str, supplier: str
) -> tuple[Tie, ...]:
    """Return what is established between two parties but for money, at most 200, those that end last first."""
    return tuple(completed(engine, documents, ties_of(table, buyer, supplier, ("contract", "service"), size=_MOST)))


def ties_of(
    table: EdgeTable,
    buyer: str | None,
    supplier: str | None,
    kinds: Sequence[Kind],
    *,
    size: int,
    skip: int = 0,
) -> list[Tie]:
    """Return established services or contracts of a buyer, of a supplier or between two, those that end last first.

    Each names the other: the supplier, or the buyer where only the supplier is given. What it is called and what it
    rests on is not looked up; see `completed`.
    """
    parameters = {"buyer": buyer, "supplier": supplier, "kinds": list(kinds), "size": size, "skip": skip}
    return [
        Tie(record, kind, "", Node("not named") if iri is None else Node(name, iri))
        for record, kind, iri, name in table.rows(sql("records_of"), parameters)
    ]


def money_between(engine: Engine, table: EdgeTable, buyer: str, supplier: str) -> list[Payment]:
    """Return the money reported between two parties, the newest first, at most 200 months of it."""
    rows = table.rows(sql("months_between"), {"buyer": buyer, "supplier": supplier, "size": _MOST})
    if not rows:
        return []
    return [
        Payment(
            iri=text_of(row, "thing"),
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
        for row in engine.select(query_about("spends", sorted(record for (record,) in rows)))
    ]


def labels_of(engine: Engine, things: Iterable[str]) -> dict[str, str]:
    """Return the labels of some things by IRI."""
    wanted = sorted(set(things))
    if not wanted:
        return {}
    return {text_of(row, "thing"): text_of(row, "label") for row in engine.select(query_about("labels", wanted))}


def completed(engine: Engine, documents: Documents, bare: Sequence[Tie], view: str = CG.established) -> list[Tie]:
    """Return ties, of which IRI and partner are known, with what a view says of them and what they rest on."""
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
        label=tie.label or first(_LABEL) or spelt(tie.iri),
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
