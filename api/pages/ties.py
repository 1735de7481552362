"""What ties a buyer to a supplier: services and contracts with what they rest on, and the money between the two."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal

from pyoxigraph import NamedNode

from civicgraph.api.own_queries import about, query, sql
from civicgraph.api.pages.claims import words_in
from civicgraph.api.pages.values import Node, node_of, text_of, told
from civicgraph.api.pages.words import property_label, spelt
from civicgraph.api.serving import Snapshot
from civicgraph.graph.edges.account import pounds
from civicgraph.graph.edges.scope import CERTAINTIES
from civicgraph.graph.edges.table import EdgeTable
from civicgraph.graph.engine.interface import Engine, Row
from civicgraph.ontology.read import PREFIXES
from civicgraph.ontology.terms import CG, CG_NS

Side = Literal["buyer", "supplier"]
Kind = Literal["service", "contract"]

SIDES: Final[tuple[Side, ...]] = ("buyer", "supplier")

MOST: Final = 200
"""What a page shows of the ties of two parties at most."""


Tie = Mapping[str, Any]
"""A service or contract between a party and `other`; what `completed` adds is what a page shows of it."""


def ties_between(engine: Engine, buyer: str, supplier: str, view: str) -> list[Tie]:
    """Return the services and contracts between two parties in a view; see `completed`."""
    bind = {"buyer": NamedNode(buyer), "supplier": NamedNode(supplier)}
    return [
        {
            "iri": text_of(row, "tie"),
            "kind": "contract" if text_of(row, "contract") == "true" else "service",
            "other": node_of(row, "other"),
            "label": text_of(row, "label"),
        }
        for row in engine.select(query("ties-between"), [view], bind=bind)
    ]


def ties_of(
    table: EdgeTable,
    buyer: str | None,
    supplier: str | None,
    kinds: Sequence[Kind] = ("contract", "service"),
    *,
    size: int = MOST,
    skip: int = 0,
) -> list[Tie]:
    """Return established services or contracts of a buyer, of a supplier or between two, those that end last first.

    Each names the other: the supplier, or the buyer where only the supplier is given. What it is called and what it
    rests on is not looked up; see `completed`.
    """
    parameters = {"buyer": buyer, "supplier": supplier, "kinds": list(kinds), "size": size, "skip": skip}
    return [
        {"iri": record, "kind": kind, "other": Node("not named") if iri is None else Node(name, iri)}
        for record, kind, iri, name in table.rows(sql("records_of"), parameters)
    ]


def ties_about(engine: Engine, table: EdgeTable, thing: str, *, size: int, skip: int = 0) -> list[Mapping[str, Any]]:
    """Return some of the services and contracts of a service type, or of those in a place, by the buyer's name."""
    found = list(table.records(sql("records_about"), {"about": thing, "size": size, "skip": skip}))
    lines = about(engine, "tie-lines", (one["record"] for one in found))
    said = {text_of(row, "thing"): told(row) for row in lines}
    return [{"label": one["record"], "start": "", "end": "", **one, **said.get(one["record"], {})} for one in found]


def ceiling_of(table: EdgeTable, contract: str) -> Mapping[str, Any] | None:
    """Return what a contract may cost and what was paid under it; None where no payments are known to be under it.

    Sums are in units of their currency, as names that end in `_e4` without the ending; `left` is in pounds, None where
    the ceiling is not.
    """
    found = next(table.records(sql("ceiling_of"), {"contract": contract}), None)
    if found is None:
        return None
    sums = {name[:-3]: pounds(value) for name, value in found.items() if name.endswith("_e4") and value is not None}
    left = sums["value"] - sums["paid"] if "value" in sums and found["currency"] == "GBP" else None
    return {**found, "value": None, **sums, "left": left}


def labels_of(engine: Engine, things: Iterable[str]) -> dict[str, str]:
    """Return the labels of some things by IRI."""
    return {text_of(row, "thing"): text_of(row, "label") for row in about(engine, "labels", things)}


def completed(snapshot: Snapshot, bare: Sequence[Tie], view: str = CG.established) -> list[Tie]:
    """Return ties, of which IRI and partner are known, with what a view says of them and what they rest on.

    `record` names the row or release of a `source`; `support` are the claims: what each says of it, in which words.
    """
    iris, documents = [tie["iri"] for tie in bare], snapshot.documents
    facts: dict[str, list[Row]] = defaultdict(list)
    for row in about(snapshot.engine, "tie-facts", iris, view):
        facts[text_of(row, "thing")].append(row)
    support: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in about(snapshot.engine, "tie-evidence", iris):
        if text_of(row, "view") == view:
            support[text_of(row, "thing")].append(
                {
                    "claim": text_of(row, "claim"),
                    "property": property_label(text_of(row, "property")),
                    "certainty": text_of(row, "certainty").removeprefix(CG_NS),
                    "words": words_in(row, documents),
                }
            )
    return [_complete(tie, facts[tie["iri"]], support[tie["iri"]]) for tie in bare]


def _complete(tie: Tie, rows: Sequence[Row], support: Sequence[Mapping[str, Any]]) -> Tie:
    stated: dict[str, list[Node]] = defaultdict(list)
    plain: dict[str, str] = defaultdict(str)
    for row in rows:
        stated[text_of(row, "property")].append(node_of(row, "value", "label"))
        plain.setdefault(text_of(row, "property"), text_of(row, "value"))
    return {
        **tie,
        "label": tie.get("label") or plain[PREFIXES["rdfs"] + "label"] or spelt(tie["iri"]),
        "services": stated[CG.serviceType],
        "places": stated[CG.areaServed] or stated[CG.deliveredFrom],
        "start": plain[CG.start],
        "end": plain[CG.terminated] or plain[CG.end],
        "value": plain[CG.awardedValue],
        "currency": plain[CG.currency],
        "guard": plain[CG.guard],
        "record": plain[CG.record],
        "source": next((node for node in stated[PREFIXES["prov"] + "wasDerivedFrom"] if node.iri), None),
        "support": support,
        # That of the least certain claim behind it; what comes from a record is asserted.
        "certainty": max((claim["certainty"] for claim in support), key=CERTAINTIES.index, default="asserted"),
    }
