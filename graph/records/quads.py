"""Records to quads: the one place that knows how a record looks as RDF."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad

from civicgraph.graph.records.iris import BASE, KINDS, short_hash, thing_iri
from civicgraph.graph.records.types import Claim, Correction, Document, Evidence, Marks, Source, Text, Thing, Value
from civicgraph.ontology.read import PREFIXES
from civicgraph.ontology.terms import CG, CG_NS

_RDF: Final = PREFIXES["rdf"]
_OA: Final = PREFIXES["oa"]
_DCT: Final = PREFIXES["dct"]
_XSD: Final = PREFIXES["xsd"]
_FOAF_NAME: Final = "http://xmlns.com/foaf/0.1/name"
_ADDRESS: Final = re.compile(r"https?://[^\s<>\"{}|\\^`]+")

RDF_TYPE: Final = NamedNode(_RDF + "type")
RDFS_LABEL: Final = NamedNode(PREFIXES["rdfs"] + "label")
ALT_LABEL: Final = NamedNode(PREFIXES["skos"] + "altLabel")
WAS_DERIVED_FROM: Final = NamedNode(PREFIXES["prov"] + "wasDerivedFrom")
ESTABLISHED: Final = NamedNode(CG.established)
CLAIMS: Final = NamedNode(CG.claims)
XSD_DATE: Final = NamedNode(_XSD + "date")
XSD_INTEGER: Final = NamedNode(_XSD + "integer")

Term = NamedNode | Literal
_PLACED_KINDS: Final = ("place", "platform")


def term(value: Value) -> Term:
    """Return the RDF term of a claim's value."""
    if isinstance(value, Text):
        return Literal(value.value, datatype=NamedNode(value.datatype))
    return NamedNode(value)


def claim_id(evidence: Evidence, triple: tuple[str, str, Value], marks: Marks) -> str:
    """Return the slug of a claim: a hash of its document, offsets, triple, polarity, certainty and modality."""
    subject, predicate, value = triple
    place = (evidence.sha256, str(evidence.start), str(evidence.end))
    return short_hash(
        *(*place, subject, predicate, str(term(value))), *(marks.polarity, marks.certainty, marks.modality)
    )


def source_quads(source: Source, base: str = BASE) -> Iterator[Quad]:
    """Yield the quads of a source that was loaded."""
    node = NamedNode(thing_iri(f"source/{source.id}", base))
    yield Quad(node, RDF_TYPE, NamedNode(CG.Source), ESTABLISHED)
    yield Quad(node, RDFS_LABEL, Literal(source.label), ESTABLISHED)
    yield Quad(node, NamedNode(CG.sha256), Literal(source.sha256), ESTABLISHED)
    stated = source.published
    if stated.licence:
        name = "license" if _ADDRESS.fullmatch(stated.licence) else "rights"
        yield Quad(node, NamedNode(_DCT + name), _address(stated.licence), ESTABLISHED)
    if stated.publisher:
        publisher = _address(stated.publisher_address)
        if not isinstance(publisher, NamedNode):
            publisher = NamedNode(f"{node.value}/publisher")
        yield Quad(node, NamedNode(_DCT + "publisher"), publisher, ESTABLISHED)
        yield Quad(publisher, NamedNode(_FOAF_NAME), Literal(stated.publisher), ESTABLISHED)
    if stated.address:
        yield Quad(node, NamedNode(_DCT + "source"), _address(stated.address), ESTABLISHED)
    if stated.issued is not None:
        yield Quad(node, NamedNode(_DCT + "issued"), Literal(stated.issued.isoformat(), datatype=XSD_DATE), ESTABLISHED)


def _address(text: str) -> Term:
    return NamedNode(text) if _ADDRESS.fullmatch(text) else Literal(text)


def thing_quads(thing: Thing, base: str = BASE) -> Iterator[Quad]:
    """Yield a thing's names, and its class.

    A place or platform is what the register says it is. The class of anything else stands beside the claims, and
    reaches a view only with a claim that is accepted into it: a planned service is no service in the established
    view, and a body that nothing established is said of is no agent there.
    """
    node = NamedNode(thing_iri(thing.key, base))
    kind = thing.key.partition("/")[0]
    yield Quad(node, RDFS_LABEL, Literal(thing.label), ESTABLISHED)
    for alias in thing.aliases:
        yield Quad(node, ALT_LABEL, Literal(alias), ESTABLISHED)
    graph = ESTABLISHED if kind in _PLACED_KINDS else CLAIMS
    yield Quad(node, RDF_TYPE, NamedNode(CG_NS + (thing.cls or KINDS[kind])), graph)


def document_quads(document: Document, source: Source, base: str = BASE) -> Iterator[Quad]:
    """Yield what is known of a document: never its words."""
    node = NamedNode(thing_iri(document.key, base))
    yield Quad(node, RDFS_LABEL, Literal(document.label), ESTABLISHED)

    def fact(predicate: str, value: Term) -> Quad:
        return Quad(node, NamedNode(predicate), value, CLAIMS)

    yield fact(_RDF + "type", NamedNode(CG.Document))
    yield fact(_DCT + "identifier", Literal(document.file))
    yield fact(CG.sha256, Literal(document.sha256))
    yield fact(CG.characters, Literal(str(document.characters), datatype=XSD_INTEGER))
    yield fact(_DCT + "issued", Literal(document.issued))
    yield fact(CG.issuedEarliest, Literal(document.issued_earliest.isoformat(), datatype=XSD_DATE))
    yield fact(CG.issuedLatest, Literal(document.issued_latest.isoformat(), datatype=XSD_DATE))
    yield fact(CG.trust, NamedNode(CG_NS + document.trust))
    yield fact(_DCT + "isPartOf", NamedNode(thing_iri(f"source/{source.id}", base)))
    if document.publisher is not None:
        yield fact(_DCT + "publisher", NamedNode(document.publisher))
    for author in document.authors:
        yield fact(_DCT + "creator", NamedNode(author))


def claim_quads(claim: Claim, base: str = BASE) -> Iterator[Quad]:
    """Yield a claim with its marks and its evidence, in the shape that the design fixes."""
    node = NamedNode(thing_iri(f"claim/{claim.id}", base))

    def fact(predicate: str, value: Term) -> Quad:
        return Quad(node, NamedNode(predicate), value, CLAIMS)

    yield fact(_RDF + "type", NamedNode(CG.Claim))
    yield fact(_RDF + "subject", NamedNode(claim.subject))
    yield fact(_RDF + "predicate", NamedNode(claim.predicate))
    yield fact(_RDF + "object", term(claim.value))
    yield fact(CG.polarity, NamedNode(CG_NS + claim.marks.polarity))
    yield fact(CG.certainty, NamedNode(CG_NS + claim.marks.certainty))
    yield fact(CG.modality, NamedNode(CG_NS + claim.marks.modality))
    yield fact(CG.section, NamedNode(CG_NS + claim.marks.section))
    if claim.said_by is not None:
        yield fact(CG.saidBy, NamedNode(claim.said_by))
    for predicate, day in claim.bounds:
        yield fact(predicate, Literal(day.isoformat(), datatype=XSD_DATE))
    for other in claim.contradicts:
        yield fact(CG.contradicts, NamedNode(thing_iri(f"claim/{other}", base)))
    for ground in claim.derived_from:
        yield fact(CG.derivedFrom, NamedNode(thing_iri(f"claim/{ground}", base)))
    if claim.method is not None:
        yield fact(CG.method, Literal(claim.method))
    if claim.rejected is not None:
        yield fact(CG.rejected, Literal(claim.rejected))
    yield from _evidence_quads(node, claim.evidence, base)


def correction_quads(correction: Correction, base: str = BASE) -> Iterator[Quad]:
    """Yield a curator's correction with the passage it is about."""
    evidence = correction.evidence
    slug = short_hash(evidence.sha256, str(evidence.start), str(evidence.end), correction.of, correction.says)
    node = NamedNode(thing_iri(f"correction/{slug}", base))
    yield Quad(node, RDF_TYPE, NamedNode(CG.Correction), CLAIMS)
    yield Quad(node, NamedNode(CG.concerns), NamedNode(correction.of), CLAIMS)
    yield Quad(node, NamedNode(CG.says), Literal(correction.says), CLAIMS)
    yield Quad(node, NamedNode(CG.ground), Literal(correction.ground), CLAIMS)
    yield from _evidence_quads(node, evidence, base)


def _evidence_quads(node: NamedNode, evidence: Evidence, base: str) -> Iterator[Quad]:
    place = NamedNode(node.value + "/evidence")
    selector = NamedNode(node.value + "/selector")
    document = NamedNode(thing_iri(f"document/{evidence.sha256[:16]}", base))
    yield Quad(node, WAS_DERIVED_FROM, place, CLAIMS)
    yield Quad(place, RDF_TYPE, NamedNode(_OA + "SpecificResource"), CLAIMS)
    yield Quad(place, NamedNode(_OA + "hasSource"), document, CLAIMS)
    yield Quad(place, NamedNode(_OA + "hasSelector"), selector, CLAIMS)
    yield Quad(selector, RDF_TYPE, NamedNode(_OA + "TextPositionSelector"), CLAIMS)
    for predicate, offset in (("start", evidence.start), ("end", evidence.end)):
        yield Quad(selector, NamedNode(_OA + predicate), Literal(str(offset), datatype=XSD_INTEGER), CLAIMS)


def canonical_nquads(quads: Iterable[Quad]) -> bytes:
    """Return quads as N-Quads, each once, in one order: the same quads give the same bytes."""
    return "".join(sorted({f"{quad} .\n" for quad in quads})).encode()
