"""What claims files say, as quads: sources, documents, things, claims and corrections."""

from collections.abc import Iterable, Iterator
from typing import Final

from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from civicgraph.graph.records.iris import BASE, KINDS, short_hash
from civicgraph.graph.records.statements import is_address, literal, statements, term, thing
from civicgraph.graph.records.types import Claim, Correction, Document, Evidence, Marks, Source, Thing, Value
from civicgraph.ontology.read import PREFIXES
from civicgraph.ontology.terms import CG

RDF_TYPE: Final = NamedNode(PREFIXES["rdf"] + "type")
RDFS_LABEL: Final = NamedNode(PREFIXES["rdfs"] + "label")
ALT_LABEL: Final = NamedNode(PREFIXES["skos"] + "altLabel")
ESTABLISHED: Final = NamedNode(CG.established)
CLAIMS: Final = NamedNode(CG.claims)
XSD_DATE: Final = NamedNode(PREFIXES["xsd"] + "date")

_REGISTERED: Final = ("place", "platform")
_FOAF_NAME: Final = "<http://xmlns.com/foaf/0.1/name>"


def claim_id(evidence: Evidence, triple: tuple[str, str, Value], marks: Marks) -> str:
    """Return the slug of a claim: a hash of its document, offsets, triple, polarity, certainty and modality."""
    subject, predicate, value = triple
    place = (evidence.sha256, str(evidence.start), str(evidence.end))
    return short_hash(*place, subject, predicate, term(value), marks.polarity, marks.certainty, marks.modality)


def source_quads(source: Source) -> Iterator[Quad]:
    """Return the quads of a source that was loaded, with what it says of itself as a publication."""
    node, stated = thing(f"source/{source.id}"), source.published
    lines = statements("Source", node, source)
    publisher = ""
    if stated.publisher:
        named = is_address(stated.publisher_address)
        publisher = stated.publisher_address if named else f"{BASE}source/{source.id}/publisher"
        lines.append(f"<{publisher}> {_FOAF_NAME} {literal(stated.publisher)} <{CG.established}> .\n")
    address, words = (stated.licence, "") if is_address(stated.licence) else ("", stated.licence)
    told = {"publisher_node": publisher, "licence_address": address, "licence_words": words}
    return _quads(lines + statements("Published", node, stated, **told))


def thing_quads(given: Thing) -> Iterator[Quad]:
    """Return a thing's names, and its class.

    A place or platform is what the register says it is. The class of anything else stands beside the claims, and
    reaches a view only with a claim that is accepted into it: a planned service is not a service in the established
    view, and a body that nothing established is said of is not an agent there.
    """
    node, kind = thing(given.key), given.key.partition("/")[0]
    lines = statements("Thing", node, given)
    graph = CG.established if kind in _REGISTERED else CG.claims
    return _quads(lines + statements("Class", node, None, graph, cls=given.cls or KINDS[kind]))


def document_quads(document: Document, source: Source) -> Iterator[Quad]:
    """Return what is known of a document: never its words."""
    node = thing(document.key)
    lines = statements("Thing", node, label=document.label, aliases=())
    return _quads(lines + statements("Document", node, document, CG.claims, source=f"source/{source.id}"))


def claim_quads(claim: Claim) -> Iterator[Quad]:
    """Return a claim with its marks and its evidence, in the shape that the design fixes."""
    key = f"claim/{claim.id}"
    lines = statements("Claim", thing(key), claim, CG.claims) + statements("Marks", thing(key), claim.marks, CG.claims)
    lines += [f'{thing(key)} <{name}> "{day}"^^{XSD_DATE} {CLAIMS} .\n' for name, day in claim.bounds]
    return _quads(lines + _evidence(key, claim.evidence))


def correction_quads(correction: Correction) -> Iterator[Quad]:
    """Return a curator's correction with the passage it is about."""
    at = correction.evidence
    key = f"correction/{short_hash(at.sha256, str(at.start), str(at.end), correction.of, correction.says)}"
    return _quads(statements("Correction", thing(key), correction, CG.claims) + _evidence(key, at))


def canonical_nquads(quads: Iterable[Quad]) -> bytes:
    """Return quads as N-Quads, each once, in one order: the same quads give the same bytes."""
    return "".join(sorted({f"{quad} .\n" for quad in quads})).encode()


def _evidence(key: str, evidence: Evidence) -> list[str]:
    place, selector = f"{key}/evidence", f"{key}/selector"
    document = f"document/{evidence.sha256[:16]}"
    return [
        *statements("Evidenced", thing(key), None, CG.claims, place=place),
        *statements("Place", thing(place), None, CG.claims, document=document, selector=selector),
        *statements("Selector", thing(selector), evidence, CG.claims),
    ]


def _quads(lines: Iterable[str]) -> Iterator[Quad]:
    return parse("".join(lines), RdfFormat.N_QUADS)
