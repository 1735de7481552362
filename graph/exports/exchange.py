"""The established view in the words of other vocabularies, and claims as nanopublications."""

import io
from collections.abc import Iterator
from typing import IO, Final, Literal, cast, get_args

from pyoxigraph import Literal as RdfLiteral
from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from civicgraph.graph.engine.interface import Engine, Query, Row
from civicgraph.graph.exports.quads import turtle, write_trig
from civicgraph.ontology.read import PREFIXES, read_text
from civicgraph.ontology.terms import CG

Vocabulary = Literal["epo", "ocds", "org", "popolo"]
"""The vocabularies that there is a mapping to."""
VOCABULARIES: Final[tuple[Vocabulary, ...]] = get_args(Vocabulary)

_NP: Final = "http://www.nanopub.org/nschema#"
_PROV: Final = PREFIXES["prov"]
_RDF: Final = PREFIXES["rdf"]
_DCT: Final = PREFIXES["dct"]
_PROJECT: Final = NamedNode("https://w3id.org/civicgraph")
_CLAIMS: Final = """
SELECT ?claim ?s ?p ?o ?polarity ?certainty ?modality ?view ?evidence ?document ?by ?on ?method ?licence WHERE {
  GRAPH cg:claims {
    ?claim a cg:Claim ; rdf:subject ?s ; rdf:predicate ?p ; rdf:object ?o ; cg:polarity ?polarity ;
      cg:certainty ?certainty ; cg:modality ?modality ; prov:wasDerivedFrom ?evidence .
    ?evidence oa:hasSource ?document .
    FILTER NOT EXISTS { ?claim cg:rejected ?reason }
    OPTIONAL { ?claim cg:view ?view }
    OPTIONAL { ?claim cg:saidBy ?by }
    OPTIONAL { ?claim cg:encodedOn ?on }
    OPTIONAL { ?claim cg:method ?method }
    OPTIONAL { ?document dct:isPartOf ?source . GRAPH cg:established { ?source dct:license ?licence } }
  }
} ORDER BY ?claim ?by ?licence"""


def in_words_of(engine: Engine, vocabulary: Vocabulary) -> bytes:
    """Return the established view in another vocabulary, as Turtle: the same data gives the same bytes.

    Parameters
    ----------
    engine
        The snapshot.
    vocabulary
        Whose words: `epo`, `ocds`, `org` or `popolo`; the mappings are `ontology/mappings/*.rq`.
    """
    written = io.BytesIO()
    engine.write_answer(Query(read_text(f"mappings/{vocabulary}.rq"), {"graph": "ntriples"}), lambda _: written)
    return turtle({quad.triple for quad in parse(written.getvalue(), RdfFormat.N_TRIPLES)})


def nanopublications(engine: Engine) -> Iterator[Quad]:
    """Yield each claim that the curator has not rejected as a nanopublication: head, assertion, provenance, publisher.

    The assertion is what the claim says only where it is accepted as a fact. Of a plan, a rumour, an opinion or a
    denial it is that somebody says so: the claim with its marks.
    """
    seen: set[str] = set()
    for row in engine.select(_CLAIMS):
        claim = _iri(row, "claim")
        if claim.value not in seen:
            yield from _head(claim)
            yield from _assertion(claim, row)
            yield from _publication(claim, row)
        yield from _provenance(claim, row, is_first=claim.value not in seen)
        seen.add(claim.value)


def write_nanopublications(engine: Engine, out: IO[bytes]) -> int:
    """Write all nanopublications as TriG and return how many there are."""
    quads = list(nanopublications(engine))
    write_trig(quads, out)
    return sum(quad.object == NamedNode(_NP + "Nanopublication") for quad in quads)


def _graph(claim: NamedNode, part: str) -> NamedNode:
    return NamedNode(f"{claim.value}/nanopub#{part}")


def _head(claim: NamedNode) -> Iterator[Quad]:
    publication, head = NamedNode(f"{claim.value}/nanopub"), _graph(claim, "head")
    yield Quad(publication, NamedNode(_RDF + "type"), NamedNode(_NP + "Nanopublication"), head)
    for name, part in (("Assertion", "assertion"), ("Provenance", "provenance"), ("PublicationInfo", "pubinfo")):
        yield Quad(publication, NamedNode(f"{_NP}has{name}"), _graph(claim, part), head)


def _assertion(claim: NamedNode, row: Row) -> Iterator[Quad]:
    graph = _graph(claim, "assertion")
    subject, predicate, value = _iri(row, "s"), _iri(row, "p"), cast("NamedNode | RdfLiteral", row["o"])
    if row.get("view") == NamedNode(CG.established):
        yield Quad(subject, predicate, value, graph)
        return
    yield Quad(claim, NamedNode(_RDF + "type"), NamedNode(CG.Claim), graph)
    for name, term in (("subject", subject), ("predicate", predicate), ("object", value)):
        yield Quad(claim, NamedNode(_RDF + name), term, graph)
    for name, iri in (("polarity", CG.polarity), ("certainty", CG.certainty), ("modality", CG.modality)):
        yield Quad(claim, NamedNode(iri), _iri(row, name), graph)


def _provenance(claim: NamedNode, row: Row, *, is_first: bool) -> Iterator[Quad]:
    assertion, graph = _graph(claim, "assertion"), _graph(claim, "provenance")
    if is_first:
        yield Quad(assertion, NamedNode(_PROV + "wasDerivedFrom"), _iri(row, "evidence"), graph)
        yield Quad(assertion, NamedNode(_PROV + "hadPrimarySource"), _iri(row, "document"), graph)
        yield Quad(assertion, NamedNode(_DCT + "source"), claim, graph)
        if (method := row.get("method")) is not None:
            yield Quad(assertion, NamedNode(CG.method), method, graph)
    if row.get("by") is not None:
        yield Quad(assertion, NamedNode(_PROV + "wasAttributedTo"), _iri(row, "by"), graph)


def _publication(claim: NamedNode, row: Row) -> Iterator[Quad]:
    publication, graph = NamedNode(f"{claim.value}/nanopub"), _graph(claim, "pubinfo")
    yield Quad(publication, NamedNode(_PROV + "wasAttributedTo"), _PROJECT, graph)
    if (licence := row.get("licence")) is not None:
        yield Quad(publication, NamedNode(_DCT + "license"), licence, graph)
    if (day := row.get("on")) is not None:
        yield Quad(publication, NamedNode(_DCT + "created"), day, graph)


def _iri(row: Row, name: str) -> NamedNode:
    return cast("NamedNode", row[name])
