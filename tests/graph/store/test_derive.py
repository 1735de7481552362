"""From sources to a store: what is derived, and that no order of loading shows in the result."""

import io
from collections.abc import Callable
from itertools import permutations
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Store

from civicgraph.graph.engine.embedded import EmbeddedEngine
from civicgraph.graph.exports.quads import write_trig
from civicgraph.graph.identity.judgements import Judgement
from civicgraph.graph.identity.mentions import Rank, SourceMention
from civicgraph.graph.identity.names import written_key
from civicgraph.graph.records.quads import canonical_nquads
from civicgraph.graph.records.types import Source
from civicgraph.graph.snapshot.derive import Parts, build
from civicgraph.ontology.read import ONTOLOGY_IRI
from civicgraph.ontology.terms import CG, SERVICES_NS
from civicgraph.seeds_loader.claims.claims_file import read_claims
from civicgraph.seeds_loader.claims.documents import Documents
from civicgraph.seeds_loader.load import claims_quads
from tests.graph.in_memory import build_in_memory, source_files

QuadsOf = Callable[[str], bytes]


def trig(store: Store) -> bytes:
    out = io.BytesIO()
    write_trig(store, out)
    return out.getvalue()


def test_the_ontology_is_in_its_own_graph_and_the_service_scheme_in_the_established_view() -> None:
    store = build_in_memory()
    assert set(store.named_graphs()) == {NamedNode(ONTOLOGY_IRI), NamedNode(CG.established)}
    label = NamedNode("http://www.w3.org/2000/01/rdf-schema#label")
    (quad,) = store.quads_for_pattern(NamedNode(SERVICES_NS + "hr"), label, None)
    assert (quad.object, quad.graph_name) == (Literal("Human resources"), NamedNode(CG.established))


def test_the_roles_of_a_service_derive_the_short_cuts(quads_of: QuadsOf) -> None:
    engine = EmbeddedEngine(
        build_in_memory(
            quads_of("""GRAPH cg:established {
                service:s a cg:Service ; cg:customer organisation:a ; cg:provider organisation:x .
                contract:c a cg:Contract ; cg:buyer organisation:b ; cg:supplier organisation:x . }""")
        ),
        "",
    )
    found = {
        " ".join(term.value.rpartition("/")[2].rpartition("#")[2] for term in row.values() if term is not None)
        for row in engine.select(
            "SELECT ?s ?p ?o { VALUES ?p { cg:provides cg:servedBy cg:contractsWith } ?s ?p ?o } ORDER BY ?s ?p ?o"
        )
    }
    assert found == {"x provides s", "a servedBy x", "b servedBy x", "b contractsWith x"}


# Sources that name, claim, deny and date the same few things: what one says must not depend on which came first.
SENTENCES = [
    'GRAPH cg:established { organisation:a a cg:Council ; rdfs:label "A" }',
    'GRAPH cg:established { organisation:a rdfs:label "Council A" ; skos:altLabel "A" }',
    'GRAPH cg:established { organisation:a rdfs:label "AA" ; cg:basedIn place:kent . organisation:x a cg:Company }',
    "GRAPH cg:established { service:s a cg:Service ; cg:customer organisation:a }",
    "GRAPH cg:established { service:s cg:provider organisation:x }",
    'GRAPH cg:established { contract:c a cg:Contract ; cg:buyer organisation:a ; cg:start "2012-01-01"^^xsd:date }',
    'GRAPH cg:established { contract:c cg:supplier organisation:x ; cg:end "2032-01-01"^^xsd:date }',
    'GRAPH cg:claims { document:d cg:issuedLatest "2019-05-01"^^xsd:date }',
    'GRAPH cg:claims { document:e cg:issuedLatest "2021-05-01"^^xsd:date }',
    *(
        f"""GRAPH cg:claims {{ claim:{polarity}{certainty}{modality} a cg:Claim ; rdf:subject service:s ;
            rdf:predicate cg:deliveredFrom ; rdf:object place:kent ; cg:polarity cg:{polarity} ;
            cg:certainty cg:{certainty} ; cg:modality cg:{modality} ; cg:section cg:body }}"""
        for polarity, certainty, modality in (
            ("affirmed", "asserted", "fact"),
            ("denied", "asserted", "fact"),
            ("affirmed", "reported", "plan"),
        )
    ),
    "organisation:a cg:feature 'in no graph' .",
]
SOURCES = st.lists(st.lists(st.sampled_from(SENTENCES), max_size=4), min_size=1, max_size=4)


@settings(max_examples=25)
@given(drawn=SOURCES.flatmap(lambda sources: st.tuples(st.just(sources), st.permutations(sources))))
def test_facts_in_any_order_and_however_cut_into_sources_give_the_same_bytes(
    quads_of: QuadsOf, drawn: tuple[list[list[str]], list[list[str]]]
) -> None:
    parts, others = drawn
    together = build_in_memory(quads_of("\n".join(sentence for part in parts for sentence in part)))
    apart = build_in_memory(*(quads_of("\n".join(part)) for part in others))
    assert trig(apart) == trig(together)


def test_loading_twice_changes_nothing(quads_of: QuadsOf) -> None:
    source = quads_of("\n".join(SENTENCES))
    assert trig(build_in_memory(source, source)) == trig(build_in_memory(source))


def test_three_articles_in_any_order_give_the_same_bytes(facts: Path) -> None:
    articles = [read_claims(path, Documents(None)) for path in sorted(facts.glob("*.yaml"))[:3]]
    sources = [
        canonical_nquads(claims_quads(article, Source(f"s{number}", f"Article {number}", "0" * 64)))
        for number, article in enumerate(articles)
    ]
    assert len({trig(build_in_memory(*order)) for order in permutations(sources)}) == 1


def test_what_was_derived_is_derived_again_from_what_was_exported(quads_of: QuadsOf) -> None:
    # A store's own quads, as a source, bring nothing new: the rules have come to an end.
    store = build_in_memory(quads_of("\n".join(SENTENCES)))
    assert trig(build_in_memory(canonical_nquads(store))) == trig(store)


def test_who_is_told_apart_keeps_what_tells_it_apart_in_its_name(tmp_path: Path) -> None:
    one, other = "Acme Widgets Ltd", "Acme Widgets Ltd T/A Lakeside"
    said = SourceMention("organisation/acme-widgets-ltd", one, Rank.CLAIMS, cls="Company")
    told = source_files(tmp_path, b"", [said], "told")
    recorded = source_files(tmp_path, b"", [SourceMention(written_key(other), other)], "paid")
    store = Store()
    build(store, Parts([told], [recorded], [Judgement(False, one, other)]), tmp_path)
    labels = "SELECT ?label { ?who rdfs:label ?label FILTER (STRSTARTS(?label, 'Acme')) } ORDER BY ?label"
    found = [row["label"] for row in EmbeddedEngine(store, "").select(labels)]
    assert [term.value for term in found if term is not None] == [one, other]
