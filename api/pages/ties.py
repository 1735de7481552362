"""What ties a buyer to a supplier: services and contracts with what they rest on, and the money between the two."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
from pyoxigraph import NamedNode

from civicgraph.api.own_queries import query, query_about
from civicgraph.api.pages.claims import Words, words_in
from civicgraph.api.pages.values import Node, local_name, node_of, property_label, text_of
from civicgraph.graph.edges.ties.arrays import CERTAINTIES, KINDS, Ties
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
    engine: Engine, documents: Documents, ties: Ties, rows: npt.NDArray[np.int64]
) -> tuple[Tie, ...]:
    """Return the services and contracts of some rows of ties, at most 200, those that end last first."""
    rows = rows[ties.kind[rows] != KINDS.index("spend")]
    rows = rows[np.lexsort((ties.edge[rows], -ties.end[rows].astype(np.int64), ties.kind[rows]))][:_MOST]
    bare = []
    for row in rows.tolist():
        kind: Kind = "contract" if ties.kind[row] == KINDS.index("contract") else "service"
        other = int(ties.supplier[row])
        bare.append(
            Tie(ties.edges[int(ties.edge[row])], kind, "", Node(ties.parties.names[other], ties.parties.iris[other]))
        )
    return tuple(completed(engine, documents, bare))


def money_between(engine: Engine, ties: Ties, rows: npt.NDArray[np.int64]) -> list[Payment]:
    """Return the reported money of some rows of ties, the newest first, at most 200 months of it."""
    rows = rows[ties.kind[rows] == KINDS.index("spend")]
    rows = rows[np.argsort(-ties.start[rows].astype(np.int64), kind="stable")][:_MOST]
    if not len(rows):
        return []
    spends = {ties.edges[edge] for edge in ties.edge[rows].tolist()}
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
        for row in engine.select(query_about("spends", sorted(spends)))
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
        label=tie.label or first(_LABEL) or local_name(tie.iri),
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
