"""What is known of one thing: established, planned, rumoured, claimed; with the words it rests on."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from typing import Any, Final

from pyoxigraph import NamedNode

from civicgraph.api.own_queries import query
from civicgraph.api.pages.claims import claim_lines, words_in
from civicgraph.api.pages.values import Node, node_of, text_of, told
from civicgraph.api.pages.words import incoming_label, is_hidden, property_label, spelt
from civicgraph.api.serving import Snapshot
from civicgraph.graph.engine.interface import Row
from civicgraph.ontology.read import PREFIXES, class_labels, superclasses
from civicgraph.ontology.terms import CG, CG_NS

_SHOWN: Final = 100
"""How many values of one property a page shows."""

CLAIMS: Final = 50
"""How many claims a page shows."""

_LABEL: Final = PREFIXES["rdfs"] + "label"
_ALIAS: Final = PREFIXES["skos"] + "altLabel"
_TYPE: Final = PREFIXES["rdf"] + "type"


Statement = Mapping[str, Any]
"""One line of a page: a `property` with its values as `nodes`, or the subjects that have it; `more` are not shown."""


def thing_page(snapshot: Snapshot, iri: str, skip: int = 0) -> Mapping[str, Any] | None:
    """Return what is shown of a thing, or None where it is not known at all.

    Its `views` and `incoming` statements are by the view's name.

    Parameters
    ----------
    snapshot
        What is served.
    iri
        The thing's IRI.
    skip
        How many of the claims about it are on the pages before this one.
    """
    engine, documents, bind = snapshot.engine, snapshot.documents, {"thing": NamedNode(iri)}
    outgoing = list(engine.select(query("thing"), bind=bind))
    if not outgoing:
        return None
    established = [row for row in outgoing if text_of(row, "graph") == CG.established]
    labels = [text_of(row, "value") for row in established if text_of(row, "property") == _LABEL]
    classes = {text_of(row, "value") for row in outgoing if text_of(row, "property") == _TYPE}
    aliases = {text_of(row, "value") for row in established if text_of(row, "property") == _ALIAS}
    about_it = engine.select(f"{query('thing-claims')} LIMIT {CLAIMS + 1} OFFSET {skip}", bind=bind)
    claims = claim_lines(engine, documents, (text_of(row, "claim") for row in about_it))
    others = engine.select(query("contradictions"), bind={"claim": NamedNode(iri)})
    outer = [row for row in outgoing if text_of(row, "property") not in (_LABEL, _ALIAS, _TYPE)]
    relations: dict[str, list[Node]] = defaultdict(list)
    for row in engine.select(query("successors"), bind=bind):
        relations[text_of(row, "relation")].append(Node(text_of(row, "label"), text_of(row, "other")))
    return {
        "iri": iri,
        "label": labels[0] if labels else spelt(iri).capitalize(),
        "classes": [label for cls, label in sorted(class_labels().items()) if cls in narrowest(classes)],
        "aliases": sorted(aliases),
        "identifiers": [text_of(row, "value") for row in established if text_of(row, "property") == CG.identifier],
        "views": _by_view(outer, "value", property_label),
        "incoming": _by_view(engine.select(query("thing-incoming"), bind=bind), "subject", incoming_label),
        "claims": claims[:CLAIMS],
        "more_claims": len(claims) > CLAIMS,
        "own_words": [words_in(row, documents) for row in engine.select(query("claim-evidence"), bind=bind)],
        "contradicting": claim_lines(engine, documents, (text_of(row, "other") for row in others)),
        "timeline": _timeline(engine.select(query("timeline"), bind=bind)),
        "relations": relations,
    }


def narrowest(classes: set[str]) -> set[str]:
    """Return those of some classes that are above no other."""
    broader = {above for cls in classes for above in superclasses().get(cls, ())}
    # That it buys or supplies follows from its ties, which its page shows.
    return classes - broader - {CG.Buyer, CG.Supplier} or classes


def _by_view(rows: Iterable[Row], name: str, label: Callable[[str], str]) -> dict[str, tuple[Statement, ...]]:
    views: dict[str, tuple[Statement, ...]] = {}
    # Not every engine orders long texts as it should, and what is grouped has to stand together.
    ordered = sorted(rows, key=lambda row: (text_of(row, "graph"), text_of(row, "property")))
    for graph, in_view in groupby(ordered, key=lambda row: text_of(row, "graph")):
        statements = []
        for prop, found in groupby(in_view, key=lambda row: text_of(row, "property")):
            if is_hidden(prop):
                continue
            nodes = {node_of(row, name, "label"): None for row in found}
            shown = tuple(nodes)[:_SHOWN]
            statements.append({"property": label(prop), "nodes": shown, "more": len(nodes) - len(shown)})
        if statements:
            views[graph.removeprefix(CG_NS)] = tuple(statements)
    return views


def _timeline(rows: Iterable[Row]) -> list[Mapping[str, Any]]:
    """Return the events that a thing plays a part in: when, in which roles, and in which view; the earliest first."""
    moments: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        view, event = text_of(row, "graph").removeprefix(CG_NS), text_of(row, "event")
        moment = moments.setdefault((view, event), {**told(row), "view": view, "roles": {}})
        moment["roles"][property_label(text_of(row, "role"))] = None
    order = sorted((one["earliest"] or one["date"] or "9999", one["label"], key) for key, one in moments.items())
    return [moments[key] for *_, key in order]
