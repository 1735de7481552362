"""The page of the ontology shows every term, each with what a reader wants to know."""

from collections.abc import Mapping
from typing import Any

import pytest
from rdflib import OWL, RDF, URIRef

from civicgraph.ontology.page import vocabulary_sections
from civicgraph.ontology.read import vocabulary
from civicgraph.ontology.schemes import delivery_scheme, service_types
from civicgraph.ontology.terms import CG, CG_NS, SERVICES_NS

ENTRIES = {entry["iri"]: entry for entries in vocabulary_sections().values() for entry in entries}


def labels(entry: Mapping[str, Any], column: str) -> list[str]:
    return [link.label for link in entry[column]]


def test_every_term_is_shown_once() -> None:
    kinds = (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty, OWL.NamedIndividual)
    names = {str(s) for kind in kinds for s in vocabulary().subjects(RDF.type, kind) if str(s).startswith(CG_NS)}
    models = {str(model) for model in delivery_scheme().subjects(RDF.type, URIRef(CG.DeliveryModel))}
    assert set(ENTRIES) == names | {SERVICES_NS + slug for slug in service_types()} | models
    assert sum(map(len, vocabulary_sections().values())) == len(ENTRIES)


def test_anchors_tell_entries_apart() -> None:
    assert len({entry["anchor"] for entry in ENTRIES.values()}) == len(ENTRIES)
    assert ENTRIES[CG.from_]["anchor"] == "from"
    assert ENTRIES[SERVICES_NS + "network"]["anchor"] == "service-network"


def test_every_link_within_the_page_leads_somewhere() -> None:
    columns = ("kinds", "broader", "narrower", "domains", "ranges", "inverses")
    links = {link.iri for entry in ENTRIES.values() for column in columns for link in entry[column]}
    assert {iri for iri in links if iri.startswith((CG_NS, SERVICES_NS))} - set(ENTRIES) == set()


@pytest.mark.parametrize(
    ("iri", "column", "expected"),
    [
        (CG.Council, "broader", ["public body"]),
        (CG.PublicBody, "narrower", ["council", "department", "government", "trading body"]),
        (CG.Company, "alignments", ["rov:RegisteredOrganization"]),
        (CG.provider, "domains", ["service"]),
        (CG.provider, "ranges", ["agent"]),
        (CG.provider, "alignments", ["schema:provider"]),
        (CG.provides, "inverses", ["provider"]),
        (CG.start, "ranges", ["edtf:EDTF", "xsd:date"]),
        (CG.contractsWith, "broader", ["served by"]),
        (CG.reported, "kinds", ["certainty"]),
        (SERVICES_NS + "disaster-recovery", "broader", ["IT infrastructure"]),
        (SERVICES_NS + "disaster-recovery", "alignments", ["cpv:72120000", "cpv:72251000"]),
    ],
)
def test_entries_say_what_the_turtle_says(iri: str, column: str, expected: list[str]) -> None:
    assert labels(ENTRIES[iri], column) == expected


def test_derived_terms_are_marked() -> None:
    assert ENTRIES[CG.servedBy]["derived"]
    assert not ENTRIES[CG.provider]["derived"]


def test_every_entry_is_explained() -> None:
    assert [iri for iri, entry in ENTRIES.items() if not entry["label"] or not entry["definition"]] == []


def test_classes_come_first_and_are_in_order() -> None:
    first = next(iter(vocabulary_sections().values()))
    names = [entry["label"] for entry in first]
    assert names == sorted(names, key=str.casefold)
    ours = {str(s) for s in vocabulary().subjects(RDF.type, OWL.Class) if str(s).startswith(CG_NS)}
    assert {entry["iri"] for entry in first} == ours
