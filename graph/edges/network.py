"""The projection to networkx: who is tied to whom, by which service or contract, in which period, and who says so."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, TypeAlias

import networkx as nx

from civicgraph.graph.edges.surroundings import Named, rows, surroundings, text
from civicgraph.graph.edges.ties.arrays import CERTAINTIES
from civicgraph.graph.engine.interface import Engine, Row
from civicgraph.ontology.terms import CG, CG_NS

if TYPE_CHECKING:
    Network: TypeAlias = nx.MultiDiGraph[str]
else:
    Network = nx.MultiDiGraph
"""Buyers and suppliers by IRI; an edge for each service or contract between two of them.

Node attributes: `label`, `cls` (local name of the narrowest class), `is_collective` (a sector, no single body).
Edge attributes, the edge's key being the IRI of its service, contract or spend: `kind` (service, contract, spend),
`guard` (why it counts in no share, or None), `label`, `services` and `places` (tuples of IRIs; where no place is
stated, the buyer's own), `start` and `end` (the earliest and the latest day that the text or record allows, None where
nothing is said), `value` (Decimal or None) in `currency`, `split` (the fraction of the contract that this pair of
parties carries), `contract` (IRI of the contract that a service is provided under), `certainty` (of the least certain
claim; records are asserted), `evidence` (IRIs of claims), `documents`.
Graph attributes: `labels` (of places and service types), `broader` (what each lies under), `as_of`, `version`, and
`unnamed`: the contracts and spend that name no supplier and so tie nobody, each as (buyer, key, edge attributes).
"""


def build_network(engine: Engine, views: Sequence[str] = (CG.established,)) -> Network:
    """Return the network of buyers and suppliers.

    Parameters
    ----------
    engine
        The store to project.
    views
        The views whose ties are taken; names are always those of the established view.

    Returns
    -------
    networkx.MultiDiGraph
        Edges run from buyer to supplier; see `Network` for the attributes.
    """
    network: Network = nx.MultiDiGraph()
    around = surroundings(engine)
    facts = _facts(engine, views)
    evidence = evidence_of_edges(engine, views)
    labels = {text(row, "edge"): text(row, "label") for row in rows(engine, "edge-labels", *views)}

    def attributes(edge: str, kind: str, guard: str | None, split: float, buyer: str) -> dict[str, Any]:
        found = edge_attributes(facts[edge], around.areas.get(buyer, ()))
        named = {"kind": kind, "guard": guard, "label": labels.get(edge, edge), "split": split}
        return named | found | support(evidence[edge])

    ties, guards = _ties(rows(engine, "parties", *views))
    parties = Counter(edge for edge, *_ in ties)
    for edge, kind, buyer, supplier in ties:
        for party in (buyer, supplier):
            network.add_node(party, **around.named.get(party, Named(party))._asdict())
        attributes_of = attributes(edge, kind, guards.get(edge), 1 / parties[edge], buyer)
        network.add_edge(buyer, supplier, key=edge, **attributes_of)
    unnamed, guards = _ties(rows(engine, "unnamed", *views))
    network.graph.update(
        labels=around.labels,
        broader=around.broader,
        as_of=around.as_of,
        version=around.version,
        unnamed=tuple(
            (buyer, edge, attributes(edge, kind, guards.get(edge), 1.0, buyer)) for edge, kind, buyer, _ in unnamed
        ),
    )
    return network


def _ties(found: Iterable[Row]) -> tuple[list[tuple[str, str, str, str]], dict[str, str]]:
    """Return each tie once, as edge, kind, buyer and supplier, and the guard of each edge: of several the first."""
    ties: dict[tuple[str, str, str, str], None] = {}
    guards: dict[str, str] = {}
    for row in found:
        edge, guard = text(row, "edge"), row["guard"]
        ties[edge, text(row, "kind"), text(row, "buyer"), "" if "supplier" not in row else text(row, "supplier")] = None
        if guard is not None:
            guards[edge] = min(guard.value, guards.get(edge, guard.value))
    return list(ties), guards


def _facts(engine: Engine, views: Sequence[str]) -> dict[str, dict[str, list[str]]]:
    facts: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in rows(engine, "edge-facts", *views):
        facts[text(row, "edge")][text(row, "property").removeprefix(CG_NS)].append(text(row, "value"))
    return facts


def edge_attributes(facts: Mapping[str, list[str]], areas: tuple[str, ...]) -> dict[str, Any]:
    """Return the attributes of an edge that follow from what is stated of it: values by local name of the property."""
    value = facts.get("awardedValue") or facts.get("amount")
    ends = [day for name in ("end", "terminated") if (day := _day(facts, name, "Latest")) is not None]
    return {
        "services": tuple(facts.get("serviceType", ())),
        "places": tuple(facts.get("areaServed", ()) or facts.get("deliveredFrom", ())) or areas,
        "start": _day(facts, "start", "Earliest"),
        # What was terminated still ran until the later of the two where the text says that a part of it did.
        "end": _earlier(max(ends, default=None), _day(facts, "ended", "Latest")),
        "value": _number(value[0]) if value else None,
        "currency": next(iter(facts.get("currency", ())), None),
        "contract": next(iter(facts.get("underContract", ())), None),
    }


def _earlier(end: date | None, ended: date | None) -> date | None:
    """Return when it was over: by its own terms, or before where it came to its end in fact."""
    return min((day for day in (end, ended) if day is not None), default=None)


def _number(written: str) -> Decimal | None:
    try:
        number = Decimal(written)
    except InvalidOperation:
        return None  # no number, which civicgraph check reports
    return number if number.is_finite() else None


def _day(facts: Mapping[str, list[str]], name: str, bound: str) -> date | None:
    for key in (name + bound, name):
        days = []
        for written in facts.get(key, ()):
            try:
                days.append(date.fromisoformat(written))
            except ValueError:
                continue  # EDTF text, whose bounds stand beside it
        if days:
            return min(days) if bound == "Earliest" else max(days)
    return None


def evidence_of_edges(engine: Engine, views: Sequence[str]) -> dict[str, list[tuple[str, str, str]]]:
    """Return the claims behind each edge of some views, each with its certainty and document."""
    found: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for row in rows(engine, "edge-evidence"):
        if text(row, "view") in views:
            entry = (text(row, "claim"), text(row, "certainty").removeprefix(CG_NS), text(row, "document"))
            found[text(row, "edge")].append(entry)
    return found


def support(evidence: Sequence[tuple[str, str, str]]) -> dict[str, Any]:
    """Return the attributes of an edge that follow from the claims behind it."""
    certainties = [certainty for _, certainty, _ in evidence]
    return {
        "certainty": max(certainties, key=CERTAINTIES.index, default="asserted"),
        "evidence": tuple(claim for claim, _, _ in evidence),
        "documents": tuple(sorted({document for _, _, document in evidence})),
    }
