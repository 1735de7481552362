"""The table of views covers every combination of the three marks, each once."""

from itertools import product

from rdflib import RDF, Graph, URIRef

from civicgraph.ontology.read import read_text
from civicgraph.ontology.terms import CG

POLARITIES = (CG.affirmed, CG.denied)
CERTAINTIES = (CG.asserted, CG.reported, CG.speculative)
MODALITIES = (CG.fact, CG.plan, CG.rumour, CG.opinion)


def table() -> list[tuple[str, str, str, str]]:
    graph = Graph().parse(data=read_text("views.ttl"), format="turtle")
    columns = [URIRef(name) for name in (CG.polarity, CG.certainty, CG.modality, CG.view)]
    rows = []
    for rule in graph.subjects(RDF.type, URIRef(CG.ViewRule)):
        values = [list(graph.objects(rule, column)) for column in columns]
        assert [len(found) for found in values] == [1, 1, 1, 1], rule
        polarity, certainty, modality, view = (str(found[0]) for found in values)
        rows.append((polarity, certainty, modality, view))
    return rows


def test_every_combination_has_exactly_one_view() -> None:
    assert sorted(row[:3] for row in table()) == sorted(product(POLARITIES, CERTAINTIES, MODALITIES))


def test_denials_and_opinions_are_in_no_view() -> None:
    hidden = {row[3] for row in table() if row[0] == CG.denied or row[2] == CG.opinion}
    assert hidden == {CG.noView}


def test_only_affirmed_facts_that_somebody_vouches_for_are_established() -> None:
    assert {row[:3] for row in table() if row[3] == CG.established} == {
        (CG.affirmed, CG.asserted, CG.fact),
        (CG.affirmed, CG.reported, CG.fact),
    }


def test_every_other_claim_is_a_plan_or_a_rumour() -> None:
    shown = [row for row in table() if row[0] == CG.affirmed and row[2] != CG.opinion]
    assert {row[3] for row in shown} == {CG.established, CG.plans, CG.rumours}
    assert {row[3] for row in shown if row[1] == CG.speculative} == {CG.rumours}
