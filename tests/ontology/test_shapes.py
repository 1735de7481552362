"""Every shape is kept by sound data and speaks up at the fault that it is for."""

from functools import cache

import pytest
from pyshacl import validate
from rdflib import RDF, SH, Graph, Namespace, URIRef

from civicgraph.graph.records.iris import KINDS
from civicgraph.graph.snapshot.check import Finding
from civicgraph.ontology.read import read_text, shapes, vocabulary
from civicgraph.ontology.terms import CG_NS
from tests.ontology.shape_cases import BROKEN, GONE, SOUND

CGSH = Namespace("https://w3id.org/civicgraph/shapes#")
HERE = Namespace("https://example.org/")
PREFIXES = """
    @prefix : <https://example.org/> .
    @prefix cg: <https://w3id.org/civicgraph/ontology#> .
    @prefix cgs: <https://w3id.org/civicgraph/services#> .
    @prefix dct: <http://purl.org/dc/terms/> .
    @prefix edtf: <http://id.loc.gov/datatypes/edtf/> .
    @prefix oa: <http://www.w3.org/ns/oa#> .
    @prefix prov: <http://www.w3.org/ns/prov#> .
    @prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
    @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
    @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
    @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
# Shapes that hold others and never speak themselves, and those that only stand inside another's list.
SILENT = {
    *("Claim", "MethodOfClaim", "ClaimBounds", "Evidence", "Selector", "Document", "Source", "Correction"),
    *("Label", "Organisation", "Ownership", "Person", "Place", "Supplier", "Buyer", "Service", "Arrangement"),
    *("ServiceType", "Contract", "ContractingProcess", "Spend", "AwardedValueHasCurrency", "AmountHasCurrency"),
    *("Event", "Programme", "Statistic", "Date", "claims-provider", "claims-customer", "claims-type"),
    *("claims-buyer", "claims-supplier", "claims-measure", "claims-number", "claims-currency", "has-number"),
    *("Record", "ContractEnd", "Vat", "OfContract", "NoticePeriod", "Notice", "Membership", "Reorganisation"),
    *("AreaTransfer", "Encoding", "Contradiction", "Website"),
}
WARNINGS = {"ServiceHasType", "ContractHasBuyer", "ContractHasSupplier", "process-buyer", "event-kind"}
FAULTS = [(shape, number) for shape, faults in BROKEN.items() for number in range(len(faults))]


def described(name: str, lines: dict[str, str]) -> str:
    return f":{name} " + " ; ".join(f"{predicate} {value}" for predicate, value in lines.items()) + " .\n"


def broken(shape: str, number: int) -> str:
    kind, changes = BROKEN[shape][number]
    lines = {p: v for p, v in {**SOUND[kind], **changes}.items() if v is not GONE}
    return described(f"{shape}-{number}", lines)


@cache
def results() -> frozenset[tuple[str, str, str]]:
    """Return focus, severity and message of everything that the shapes find in all samples, looked at once."""
    text = PREFIXES + "".join(described(*item) for item in SOUND.items()) + "".join(broken(*f) for f in FAULTS)
    data = Graph().parse(data=text, format="turtle")
    ontology = vocabulary() + Graph().parse(data=read_text("views.ttl"), format="turtle")
    _, report, _ = validate(data, shacl_graph=shapes(), ont_graph=ontology, inference="none")
    assert isinstance(report, Graph)
    return frozenset(
        (
            str(report.value(result, SH.focusNode)),
            str(report.value(result, SH.resultSeverity)),
            str(report.value(result, SH.resultMessage)),
        )
        for result in report.subjects(RDF.type, SH.ValidationResult)
    )


def message(shape: str) -> str:
    return str(shapes().value(CGSH[shape], SH.message))


def test_sound_samples_are_sound() -> None:
    assert {focus: text for focus, _, text in results() if focus in map(str, map(HERE.__getitem__, SOUND))} == {}


def test_the_seeds_violate_nothing(seed_findings: list[Finding]) -> None:
    assert [finding for finding in seed_findings if finding.severity == "Violation"] == []


@pytest.mark.parametrize(("shape", "number"), FAULTS)
def test_a_fault_gives_the_message_of_its_shape(shape: str, number: int) -> None:
    severity = SH.Warning if shape in WARNINGS else SH.Violation
    assert (str(HERE[f"{shape}-{number}"]), str(severity), message(shape)) in results()


def test_every_shape_has_a_fault() -> None:
    kinds = (SH.NodeShape, SH.PropertyShape, SH.SPARQLConstraint)
    named = {str(s).removeprefix(CGSH) for kind in kinds for s in shapes().subjects(RDF.type, kind)}
    assert named == set(BROKEN) | SILENT
    assert set(BROKEN) & SILENT == set()


@pytest.mark.parametrize("shape", BROKEN)
def test_messages_are_for_people(shape: str) -> None:
    text = message(shape)
    assert text.endswith(".")
    assert len(text) > 30
    assert not any(word in text for word in ("RDF", "IRI", "literal", "triple", "node", "cg:", "http"))
    assert len(list(shapes().objects(CGSH[shape], SH.message))) == 1


def test_properties_are_named() -> None:
    graph = shapes()
    for shape in graph.subjects(RDF.type, SH.PropertyShape):
        assert len(list(graph.objects(shape, SH.name))) == 1, shape


def test_shapes_use_only_terms_that_are_declared() -> None:
    declared = set(vocabulary().subjects(RDF.type))
    used = {
        n for triple in shapes() for n in triple if isinstance(n, URIRef) and n.startswith(CG_NS) and n != URIRef(CG_NS)
    }
    assert used - declared == set()


def test_every_class_with_instances_has_a_shape_or_a_reason() -> None:
    graph = shapes()
    targeted = {str(cls).removeprefix(CG_NS) for cls in graph.objects(None, SH.targetClass)}
    excused = {str(cls).removeprefix(CG_NS) for cls in graph.subjects(CGSH.noShapeBecause)}
    used = {
        str(cls).removeprefix(CG_NS) for cls in set(vocabulary().objects(None, RDF.type)) if str(cls).startswith(CG_NS)
    }
    assert (used | set(KINDS.values())) - {"Sector", "Platform"} - targeted - excused == set()
    assert targeted & excused == set()


def test_the_shapes_are_sound_shacl() -> None:
    conforms, _, text = validate(Graph(), shacl_graph=shapes(), meta_shacl=True)
    assert conforms, text
