"""Records to quads: identity of claims, the shape that the design fixes, and one order for all."""

from collections import Counter
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Store, parse

from civicgraph.graph.records.iris import BASE, KINDS
from civicgraph.graph.records.quads import (
    canonical_nquads,
    claim_id,
    claim_quads,
    correction_quads,
    document_quads,
    source_quads,
    thing_quads,
)
from civicgraph.graph.records.types import Claim, Correction, Document, Evidence, Marks, Source, Text, Thing, Value

CG = "https://w3id.org/civicgraph/ontology#"
XSD = "http://www.w3.org/2001/XMLSchema#"
SHA = "061f16425ede4136506a70a59a338243d20377342d105ca3171659226cdc93aa"
EVIDENCE = Evidence(SHA, 104, 198)
SERVICE = BASE + "service/payroll-for-dover"
TRIPLE: tuple[str, str, Value] = (SERVICE, CG + "provider", BASE + "organisation/east-kent-services")
MARKS = Marks()
ID = claim_id(EVIDENCE, TRIPLE, MARKS)
CLAIM = Claim(ID, *TRIPLE, evidence=EVIDENCE, marks=MARKS)


@pytest.mark.parametrize(
    "changed",
    [
        {"evidence": replace(EVIDENCE, sha256="1" + SHA[1:])},
        {"evidence": replace(EVIDENCE, start=105)},
        {"evidence": replace(EVIDENCE, end=199)},
        # The digits of both offsets in a row stay the same.
        {"evidence": replace(EVIDENCE, start=1041, end=98)},
        {"triple": (BASE + "service/other", *TRIPLE[1:])},
        {"triple": (TRIPLE[0], CG + "customer", TRIPLE[2])},
        {"triple": (*TRIPLE[:2], BASE + "organisation/other")},
        {"triple": (*TRIPLE[:2], Text(str(TRIPLE[2]), XSD + "anyURI"))},
        {"marks": Marks(polarity="denied")},
        {"marks": Marks(certainty="reported")},
        {"marks": Marks(modality="plan")},
    ],
    ids=str,
)
def test_claims_that_differ_in_place_triple_or_marks_differ_in_id(changed: dict[str, object]) -> None:
    whole: dict[str, object] = {"evidence": EVIDENCE, "triple": TRIPLE, "marks": MARKS} | changed
    assert claim_id(**whole) != ID  # type: ignore[arg-type] # one of three types in each case


def test_text_and_its_datatype_tell_claims_apart() -> None:
    values = [
        Text("1", XSD + "integer"),
        Text("1", XSD + "decimal"),
        Text("1", XSD + "string"),
        Text("2", XSD + "integer"),
    ]
    assert len({claim_id(EVIDENCE, (*TRIPLE[:2], value), MARKS) for value in values}) == len(values)


def test_what_says_nothing_of_the_statement_is_not_in_its_id() -> None:
    # The section decides whether a claim is accepted; which claim it is, it does not decide.
    assert claim_id(Evidence(SHA, 104, 198), TRIPLE, Marks(section="sidebar")) == ID
    assert len(ID) == 16


def test_a_claim_has_the_shape_that_the_design_fixes() -> None:
    # The example of the design, completed: one claim, its evidence, the selector of its passage.
    expected = f"""
        PREFIX cg: <{CG}>  PREFIX oa: <http://www.w3.org/ns/oa#>  PREFIX prov: <http://www.w3.org/ns/prov#>
        PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
        ASK {{ GRAPH cg:claims {{
          <{BASE}claim/{ID}> a cg:Claim ; rdf:subject <{SERVICE}> ; rdf:predicate cg:provider ;
            rdf:object <{TRIPLE[2]}> ; cg:polarity cg:affirmed ; cg:certainty cg:asserted ; cg:modality cg:fact ;
            cg:section cg:body ; prov:wasDerivedFrom <{BASE}claim/{ID}/evidence> .
          <{BASE}claim/{ID}/evidence> a oa:SpecificResource ;
            oa:hasSource <{BASE}document/{SHA[:16]}> ; oa:hasSelector <{BASE}claim/{ID}/selector> .
          <{BASE}claim/{ID}/selector> a oa:TextPositionSelector ; oa:start 104 ; oa:end 198 .
        }} }}"""
    quads = list(claim_quads(CLAIM))
    store = Store()
    store.extend(quads)
    assert store.query(expected)
    # 8 of the claim, 1 to its evidence, 3 of the evidence, 3 of the selector.
    assert len(store) == len(quads) == 15


def test_everything_else_that_a_claim_may_say_of_itself() -> None:
    claim = replace(
        CLAIM,
        said_by=BASE + "person/ann",
        bounds=((CG + "startEarliest", date(2005, 1, 1)),),
        contradicts=("a1",),
        derived_from=("b2",),
        method="2019 less 13.",
        rejected="The article was withdrawn.",
    )
    added = {
        (quad.predicate.value.removeprefix(CG), str(quad.object))
        for quad in set(claim_quads(claim)) - set(claim_quads(CLAIM))
    }
    assert added == {
        ("saidBy", f"<{BASE}person/ann>"),
        ("startEarliest", f'"2005-01-01"^^<{XSD}date>'),
        ("contradicts", f"<{BASE}claim/a1>"),
        ("derivedFrom", f"<{BASE}claim/b2>"),
        ("method", '"2019 less 13."'),
        ("rejected", '"The article was withdrawn."'),
    }


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_only_places_and_platforms_have_a_class_in_the_established_view_before_any_claim(kind: str) -> None:
    quads = list(thing_quads(Thing(f"{kind}/x", "X", aliases=("The X", "Xs"))))
    assert Counter(str(quad.graph_name) for quad in quads if quad.predicate.value.endswith("abel")) == {
        f"<{CG}established>": 3
    }
    (typed,) = [quad for quad in quads if quad.predicate.value.endswith("#type")]
    assert typed.object == NamedNode(CG + KINDS[kind])
    assert typed.graph_name == NamedNode(CG + ("established" if kind in ("place", "platform") else "claims"))


def test_a_class_that_is_given_takes_the_place_of_the_kind_s() -> None:
    classes = [quad.object for quad in thing_quads(Thing("organisation/dover", "Dover", cls="Council"))]
    assert NamedNode(CG + "Council") in classes
    assert NamedNode(CG + "Organisation") not in classes


def test_a_document_is_known_by_digest_and_dates_and_never_by_its_words() -> None:
    document = Document(
        "a.txt", SHA, 2037, "A, 3 June 2011", "2011-06-03~", date(2011, 6, 2), date(2011, 6, 4), "reporting",
        publisher=BASE + "organisation/p", authors=(BASE + "person/a", BASE + "person/b"),
    )  # fmt: skip
    quads = list(document_quads(document, Source("s", "S", "0" * 64)))
    assert {str(quad.subject) for quad in quads} == {f"<{BASE}document/{SHA[:16]}>"}
    assert {str(quad.graph_name) for quad in quads if "label" not in str(quad.predicate)} == {f"<{CG}claims>"}
    assert sorted(str(quad.object) for quad in quads) == sorted(
        [
            '"A, 3 June 2011"',
            '"a.txt"',
            f'"{SHA}"',
            f'"2037"^^<{XSD}integer>',
            '"2011-06-03~"',
            f'"2011-06-02"^^<{XSD}date>',
            f'"2011-06-04"^^<{XSD}date>',
            f"<{CG}Document>",
            f"<{CG}reporting>",
            f"<{BASE}source/s>",
            f"<{BASE}organisation/p>",
            f"<{BASE}person/a>",
            f"<{BASE}person/b>",
        ]
    )


def test_corrections_of_one_passage_are_told_apart_by_what_they_say() -> None:
    one = Correction(SERVICE, "It is Arvato.", "The other article.", EVIDENCE)
    subjects = {next(correction_quads(each)).subject for each in (one, replace(one, says="It is Avarto."), one)}
    assert len(subjects) == 2
    assert len(set(correction_quads(one))) == 4 + 7  # itself, and the same evidence as a claim's


IRIS = st.sampled_from([NamedNode(BASE + "place/kent"), NamedNode("http://example.org/é😀"), NamedNode(CG + "x")])
LITERALS = st.builds(Literal, st.text(max_size=8)) | st.builds(
    lambda text, lang: Literal(text, language=lang), st.text(max_size=4), st.sampled_from(["en", "cy-GB"])
)
QUADS = st.builds(
    Quad,
    IRIS | st.just(BlankNode("b")),
    IRIS,
    IRIS | LITERALS | st.builds(lambda n: Literal(str(n), datatype=NamedNode(XSD + "integer")), st.integers()),
    IRIS | st.just(DefaultGraph()),
)


@given(st.lists(QUADS, max_size=12).flatmap(lambda quads: st.tuples(st.just(quads), st.permutations(quads * 2))))
def test_the_same_quads_give_the_same_bytes_in_whatever_order(drawn: tuple[list[Quad], list[Quad]]) -> None:
    quads, shuffled_twice = drawn
    assert canonical_nquads(shuffled_twice) == canonical_nquads(quads)


@given(st.lists(QUADS, max_size=12))
def test_canonical_quads_are_sorted_n_quads_that_read_back(quads: list[Quad]) -> None:
    text = canonical_nquads(quads)
    assert set(parse(text, RdfFormat.N_QUADS)) == set(quads)
    lines = text.decode().split("\n")
    assert lines.pop() == ""
    assert lines == sorted(set(lines))
    assert len(lines) == len(set(quads))


def test_a_source_is_in_the_established_view() -> None:
    assert canonical_nquads(source_quads(Source("a", 'Claims of "A"', "0" * 64))).decode().splitlines() == [
        f"<{BASE}source/a> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{CG}Source> <{CG}established> .",
        f'<{BASE}source/a> <http://www.w3.org/2000/01/rdf-schema#label> "Claims of \\"A\\"" <{CG}established> .',
        f'<{BASE}source/a> <{CG}sha256> "{"0" * 64}" <{CG}established> .',
    ]
