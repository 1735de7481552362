"""The projection to networkx: who is tied to whom, by which service or contract, in which period, and who says so."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import networkx as nx

from civicgraph.graph.store.engine import Engine, Row
from civicgraph.ontology.terms import CG, CG_NS

if TYPE_CHECKING:
    Network: TypeAlias = nx.MultiDiGraph[str]
else:
    Network = nx.MultiDiGraph
"""Buyers and suppliers by IRI; an edge for each service or contract between two of them.

Node attributes: `label`, `cls` (local name of the narrowest class), `is_collective` (a sector, no single body).
Edge attributes, the edge's key being the IRI of its service, contract or spend: `kind` (service, contract, spend),
`guard` (why it counts in no share, or None), `label`,
`services` and `places` (tuples of IRIs), `start` and `end` (the earliest and the latest day that the text or
record allows, None where nothing is said), `value` (Decimal or None) in `currency`, `split` (the fraction of the
contract that this pair of parties carries), `contract` (IRI of the contract that a service is provided under),
`certainty` (of the least certain claim; records are asserted), `evidence` (IRIs of claims), `documents`.
Graph attributes: `labels` (of places and service types), `broader` (what each lies under), `as_of`, `version`.
"""

_CERTAINTIES: Final = ("asserted", "reported", "speculative")
_SKOS_CONCEPT_CLASSES: Final = frozenset({CG.ServiceType, CG.Place})


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
    names, above = _names(engine), _superclasses(engine)
    facts = _facts(engine, views)
    evidence = _evidence(engine, views)
    labels = {str(_text(row, "edge")): _text(row, "label") for row in engine.select(_query("edge-labels"), views)}
    ties = list(engine.select(_query("parties"), views))
    parties: dict[str, int] = defaultdict(int)
    for row in ties:
        parties[_text(row, "edge")] += 1
    for row in ties:
        edge, buyer, supplier = (_text(row, name) for name in ("edge", "buyer", "supplier"))
        for party in (buyer, supplier):
            network.add_node(party, **_node(party, names, above))
        network.add_edge(
            buyer,
            supplier,
            key=edge,
            kind=_text(row, "kind"),
            guard=None if row["guard"] is None else _text(row, "guard"),
            label=labels.get(edge, edge),
            split=1 / parties[edge],
            **_edge(facts[edge]),
            **_support(evidence[edge]),
        )
    network.graph.update(
        labels={iri: label for iri, (label, cls) in names.items() if cls & _SKOS_CONCEPT_CLASSES},
        broader=_broader(engine),
        as_of=_as_of(engine),
        version=engine.version,
    )
    return network


def _query(name: str) -> str:
    return files("civicgraph.graph").joinpath(f"queries/{name}.rq").read_text(encoding="utf-8")


def _text(row: Row, name: str) -> str:
    found = row[name]
    if found is None:
        msg = f"the query left ?{name} unbound"
        raise ValueError(msg)
    return found.value


def _names(engine: Engine) -> dict[str, tuple[str, set[str]]]:
    names: dict[str, tuple[str, set[str]]] = {}
    for row in engine.select(_query("names")):
        _, classes = names.setdefault(_text(row, "thing"), (_text(row, "label"), set()))
        classes.add(_text(row, "class"))
    return names


def _node(iri: str, names: Mapping[str, tuple[str, set[str]]], above: Mapping[str, set[str]]) -> dict[str, Any]:
    label, classes = names.get(iri, (iri, set()))
    narrowest = classes.difference(*(above[cls] for cls in classes))
    return {
        "label": label,
        "cls": min(narrowest, default=CG.Agent).removeprefix(CG_NS),
        "is_collective": CG.Sector in classes,
    }


def _superclasses(engine: Engine) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for row in engine.select(_query("superclasses")):
        found[_text(row, "class")].add(_text(row, "broader"))
    return found


def _facts(engine: Engine, views: Sequence[str]) -> dict[str, dict[str, list[str]]]:
    facts: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in engine.select(_query("edge-facts"), views):
        facts[_text(row, "edge")][_text(row, "property").removeprefix(CG_NS)].append(_text(row, "value"))
    return facts


def _edge(facts: Mapping[str, list[str]]) -> dict[str, Any]:
    value = facts.get("awardedValue") or facts.get("amount")
    ends = [day for name in ("end", "terminated") if (day := _day(facts, name, "Latest")) is not None]
    return {
        "services": tuple(facts.get("serviceType", ())),
        "places": tuple(facts.get("areaServed", ()) or facts.get("deliveredFrom", ())),
        "start": _day(facts, "start", "Earliest"),
        # What was terminated still ran until the later of the two where the text says that a part of it did.
        "end": max(ends, default=None),
        "value": _number(value[0]) if value else None,
        "currency": next(iter(facts.get("currency", ())), None),
        "contract": next(iter(facts.get("underContract", ())), None),
    }


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None  # no number, which civicgraph check reports
    return number if number.is_finite() else None


def _day(facts: Mapping[str, list[str]], name: str, bound: str) -> date | None:
    for key in (name + bound, name):
        days = []
        for text in facts.get(key, ()):
            try:
                days.append(date.fromisoformat(text))
            except ValueError:
                continue  # EDTF text, whose bounds stand beside it
        if days:
            return min(days) if bound == "Earliest" else max(days)
    return None


def _evidence(engine: Engine, views: Sequence[str]) -> dict[str, list[tuple[str, str, str]]]:
    found: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for row in engine.select(_query("edge-evidence")):
        if _text(row, "view") in views:
            entry = (_text(row, "claim"), _text(row, "certainty").removeprefix(CG_NS), _text(row, "document"))
            found[_text(row, "edge")].append(entry)
    return found


def _support(evidence: Sequence[tuple[str, str, str]]) -> dict[str, Any]:
    certainties = [certainty for _, certainty, _ in evidence]
    return {
        "certainty": max(certainties, key=_CERTAINTIES.index, default="asserted"),
        "evidence": tuple(claim for claim, _, _ in evidence),
        "documents": tuple(sorted({document for _, _, document in evidence})),
    }


def _broader(engine: Engine) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for row in engine.select(_query("broader")):
        found[_text(row, "narrow")].add(_text(row, "broad"))
    return {narrow: frozenset(broad) for narrow, broad in found.items()}


def _as_of(engine: Engine) -> date | None:
    return next((date.fromisoformat(_text(row, "asOf")) for row in engine.select(_query("as-of"))), None)
