"""What is known of one thing: established, planned, rumoured, claimed; with the words it rests on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple, serialize

from civicgraph.api.own_queries import query
from civicgraph.graph.exports.quads import turtle
from civicgraph.graph.iris import key_of
from civicgraph.graph.records import Evidence
from civicgraph.graph.store.engine import Engine, Row, Term
from civicgraph.ontology.read import PREFIXES, class_labels, properties, superclasses
from civicgraph.ontology.terms import CG, CG_NS
from civicgraph.seeds_loader.documents import Documents, Quotation

_RECORDS: Final = ("claim", "correction", "document")
"""The kinds of things that the claims graph describes for their own sake."""

_SHOWN: Final = 100
"""How many values of one property, and how many claims, a page shows."""

_LABEL: Final = PREFIXES["rdfs"] + "label"
_ALIAS: Final = PREFIXES["skos"] + "altLabel"
_TYPE: Final = PREFIXES["rdf"] + "type"


@dataclass(frozen=True, slots=True)
class Node:
    """A value on a page: its text, and its IRI where it is a thing."""

    text: str
    iri: str | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """One line of a page: a property with its values, or the subjects that have it; `more` are not shown."""

    property: str
    nodes: tuple[Node, ...]
    more: int = 0


@dataclass(frozen=True, slots=True)
class ClaimLine:
    """One claim: its triple, its marks, who says so, and where."""

    iri: str
    subject: Node
    property: str
    value: Node
    marks: Mapping[str, str]
    view: str | None
    said_by: Node | None
    document: Node
    evidence: Evidence
    quotation: Quotation | None


@dataclass(frozen=True, slots=True)
class ThingPage:
    """Everything that is shown of a thing. Views and incoming lines are by the view's name."""

    iri: str
    label: str
    classes: tuple[str, ...]
    aliases: tuple[str, ...]
    views: Mapping[str, tuple[Statement, ...]]
    incoming: Mapping[str, tuple[Statement, ...]]
    claims: tuple[ClaimLine, ...]
    own_evidence: tuple[tuple[Node, Evidence, Quotation | None], ...] = field(default=())


def thing_page(engine: Engine, documents: Documents, iri: str) -> ThingPage | None:
    """Return what is known of a thing, or None where it is not known at all.

    Parameters
    ----------
    engine
        The snapshot.
    documents
        The articles at hand, for the quotations.
    iri
        The thing's IRI.
    """
    bind = {"thing": NamedNode(iri)}
    outgoing = list(engine.select(query("thing"), bind=bind))
    if not outgoing:
        return None
    established = [row for row in outgoing if _value(row, "graph") == CG.established]
    labels = [_value(row, "value") for row in established if _value(row, "property") == _LABEL]
    classes = {_value(row, "value") for row in outgoing if _value(row, "property") == _TYPE}
    aliases = {_value(row, "value") for row in established if _value(row, "property") == _ALIAS}
    return ThingPage(
        iri=iri,
        label=labels[0] if labels else iri,
        classes=tuple(label for cls, label in sorted(class_labels().items()) if cls in _narrowest(classes)),
        aliases=tuple(sorted(aliases)),
        views=_by_view((row for row in outgoing if _value(row, "property") not in (_LABEL, _ALIAS, _TYPE)), "value"),
        incoming=_by_view(engine.select(query("thing-incoming"), bind=bind), "subject"),
        claims=tuple(_claim(row, documents) for row in engine.select(query("thing-claims"), bind=bind)),
        own_evidence=tuple(_evidence(row, documents) for row in engine.select(query("claim-evidence"), bind=bind)),
    )


def thing_rdf(engine: Engine, iri: str, syntax: RdfFormat) -> bytes | None:
    """Return what is established of a thing, and the claims about it, as RDF; None where nothing is known.

    Plans and rumours stand in it as claims only: a bare triple would make facts of them.
    """
    thing = NamedNode(iri)
    triples: set[Triple] = set()

    def add(quads: Iterable[Quad]) -> list[Quad]:
        found = list(quads)
        triples.update(quad.triple for quad in found)
        return found

    claims = NamedNode(CG.claims)
    add(engine.quads(thing, None, None, NamedNode(CG.established)))
    # What kind of thing a planned event is stands beside the claims as well, and is no more established than they.
    kind = (key_of(iri) or "").partition("/")[0]
    nodes = [thing] if kind in _RECORDS else []
    about = engine.quads(None, NamedNode(PREFIXES["rdf"] + "subject"), thing, claims)
    nodes += [quad.subject for quad in about if isinstance(quad.subject, NamedNode)]
    while nodes:
        node = nodes.pop()
        for quad in add(engine.quads(node, None, None, claims)):
            part = quad.object
            is_selector = quad.predicate.value == PREFIXES["oa"] + "hasSelector"
            if isinstance(part, NamedNode) and (is_selector or part.value.startswith(f"{node.value}/")):
                nodes.append(part)
    if not triples:
        return None
    if syntax == RdfFormat.TURTLE:
        return turtle(triples)
    return serialize(sorted(triples, key=str), format=syntax)


def local_name(iri: str) -> str:
    """Return the last part of an IRI.

    >>> local_name("https://w3id.org/civicgraph/ontology#Council")
    'Council'
    """
    return iri.rpartition("#")[2].rpartition("/")[2]


def property_label(iri: str) -> str:
    """Return what a page calls a property.

    >>> property_label("https://w3id.org/civicgraph/ontology#servedBy")
    'served by'
    """
    if iri == _TYPE:
        return "is a"
    term = properties().get(iri.removeprefix(CG_NS))
    return local_name(iri) if term is None else term.label


def _narrowest(classes: set[str]) -> set[str]:
    broader = {above for cls in classes for above in superclasses().get(cls, ())}
    return classes - broader or classes


def _value(row: Row, name: str) -> str:
    term = row[name]
    return "" if term is None else term.value


def _by_view(rows: Iterable[Row], name: str) -> dict[str, tuple[Statement, ...]]:
    views: dict[str, tuple[Statement, ...]] = {}
    for graph, in_view in groupby(rows, key=lambda row: _value(row, "graph")):
        statements = []
        for prop, found in groupby(in_view, key=lambda row: _value(row, "property")):
            nodes = {_node(row[name], row.get("label")): None for row in found}
            shown = tuple(nodes)[:_SHOWN]
            statements.append(Statement(property_label(prop), shown, len(nodes) - len(shown)))
        views[graph.removeprefix(CG_NS)] = tuple(statements)
    return views


def _node(term: Term | None, label: Term | None) -> Node:
    if isinstance(term, NamedNode):
        return Node(label.value if label is not None else local_name(term.value), term.value)
    return Node("" if term is None else _readable(term))


def _readable(literal: Literal) -> str:
    if literal.datatype.value == PREFIXES["xsd"] + "decimal":
        whole, _, part = literal.value.partition(".")
        return f"{int(whole):,}" + (f".{part}" if part else "")
    return literal.value


def _claim(row: Row, documents: Documents) -> ClaimLine:
    evidence = Evidence(_value(row, "sha256"), int(_value(row, "start")), int(_value(row, "end")))
    marks = {mark: local_name(_value(row, mark)) for mark in ("polarity", "certainty", "modality", "section")}
    return ClaimLine(
        iri=_value(row, "claim"),
        subject=_node(row["subject"], row["subjectLabel"]),
        property=property_label(_value(row, "property")),
        value=_node(row["value"], row["valueLabel"]),
        marks=marks,
        view=local_name(_value(row, "view")) or None,
        said_by=None if row["saidBy"] is None else _node(row["saidBy"], row["saidByLabel"]),
        document=_node(row["document"], row["documentLabel"]),
        evidence=evidence,
        quotation=documents.quote(evidence),
    )


def _evidence(row: Row, documents: Documents) -> tuple[Node, Evidence, Quotation | None]:
    evidence = Evidence(_value(row, "sha256"), int(_value(row, "start")), int(_value(row, "end")))
    return _node(row["document"], row["documentLabel"]), evidence, documents.quote(evidence)
