"""TriG and Turtle that hold the same quads and are the same bytes, whenever and however they were loaded."""

import io

from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Store, Triple, parse

from civicgraph.graph.engine.embedded import EmbeddedEngine
from civicgraph.graph.exports.quads import turtle, write_trig
from civicgraph.ontology.read import ONTOLOGY_IRI, PREFIXES
from civicgraph.ontology.terms import CG

XSD = "http://www.w3.org/2001/XMLSchema#"
IRIS = st.sampled_from(
    [
        *(CG.Council, ONTOLOGY_IRI, "http://e/", "http://e/a&b'", "http://e/é😀", "http://e/a.b-c_d~e", "urn:x"),
        "https://w3id.org/civicgraph/id/claim/0a/evidence",
        PREFIXES["rdf"] + "type",
    ]
).map(NamedNode)
LITERALS = st.one_of(
    st.text(max_size=12).map(Literal),
    st.builds(lambda text: Literal(text, language="en-GB"), st.text(max_size=4)),
    st.integers().map(Literal),
    st.booleans().map(Literal),
    st.sampled_from(["1.50", "1E3", "INF", "2010-01-01", "nonsense"]).map(
        lambda text: Literal(text, datatype=NamedNode(XSD + "decimal"))
    ),
)
QUADS = st.lists(st.builds(Quad, IRIS, IRIS, IRIS | LITERALS, IRIS | st.just(DefaultGraph())), max_size=15)


def store_of(quads: list[Quad]) -> Store:
    store = Store()
    store.extend(quads)
    return store


def trig(store: Store) -> bytes:
    out = io.BytesIO()
    assert write_trig(store, out) == len(store)
    return out.getvalue()


@given(QUADS)
def test_trig_reads_back_as_the_same_quads(quads: list[Quad]) -> None:
    store = store_of(quads)
    assert set(parse(trig(store), RdfFormat.TRIG)) == set(store)


@given(QUADS.flatmap(lambda quads: st.tuples(st.just(quads), st.permutations(quads * 2))))
def test_the_same_quads_are_the_same_bytes(drawn: tuple[list[Quad], list[Quad]]) -> None:
    quads, again = drawn
    assert trig(store_of(quads)) == trig(store_of(again))


def test_the_seeds_read_back_as_the_same_quads(seeds: EmbeddedEngine) -> None:
    text = trig(seeds.store)
    assert set(parse(text, RdfFormat.TRIG)) == set(seeds.store)
    assert trig(seeds.store) == text


def test_what_was_loaded_comes_before_the_ontology(seeds: EmbeddedEngine) -> None:
    graphs = [line.split()[0] for line in trig(seeds.store).decode().splitlines() if line.endswith("{")]
    assert graphs == ["cg:claims", "cg:established", "cg:plans", "cg:rumours", f"<{ONTOLOGY_IRI}>"]


def test_prefixes_are_the_project_s_and_in_order(seeds: EmbeddedEngine) -> None:
    lines = [line for line in trig(seeds.store).decode().splitlines() if "@prefix" in line]
    assert lines == [f"@prefix {prefix}: <{namespace}> ." for prefix, namespace in sorted(PREFIXES.items())]


def test_an_empty_store_is_its_prefixes() -> None:
    text = trig(Store())
    assert text.count(b"\n") == len(PREFIXES)
    assert list(parse(text, RdfFormat.TRIG)) == []


def test_a_text_that_looks_like_a_prefix_stays_where_it_is() -> None:
    quad = Quad(NamedNode("http://e/a"), NamedNode("http://e/b"), Literal("\n@prefix x: <y> .\n"), DefaultGraph())
    assert set(parse(trig(store_of([quad])), RdfFormat.TRIG)) == {quad}


@given(QUADS.flatmap(lambda quads: st.tuples(st.just(quads), st.permutations(quads))))
def test_turtle_reads_back_and_is_the_same_bytes(drawn: tuple[list[Quad], list[Quad]]) -> None:
    triples, again = ([quad.triple for quad in quads] for quads in drawn)
    text = turtle(triples)
    read = {Triple(quad.subject, quad.predicate, quad.object) for quad in parse(text, RdfFormat.TURTLE)}
    assert read == set(triples)
    assert turtle(again) == text
