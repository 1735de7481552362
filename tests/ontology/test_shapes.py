"""Every shape is kept by sound data and speaks up at the fault that it is for."""

from collections.abc import Mapping, Sequence
from functools import cache

import pytest
from pyshacl import validate
from rdflib import RDF, SH, Graph, Namespace, URIRef

from civicgraph.graph.records.iris import KINDS
from civicgraph.graph.snapshot.check import Finding
from civicgraph.ontology.read import read_text, shapes, vocabulary
from civicgraph.ontology.terms import CG_NS

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
DIGEST = '"' + 64 * "0" + '"'

# What is said of a sound thing of each kind; a case takes a line away or puts another in its place.
SOUND: dict[str, dict[str, str]] = {
    "claim": {
        "a": "cg:Claim",
        "rdf:subject": ":service",
        "rdf:predicate": "cg:provider",
        "rdf:object": ":company",
        "cg:polarity": "cg:affirmed",
        "cg:certainty": "cg:asserted",
        "cg:modality": "cg:fact",
        "cg:section": "cg:body",
        "prov:wasDerivedFrom": ":evidence",
    },
    "evidence": {"a": "oa:SpecificResource", "oa:hasSource": ":document", "oa:hasSelector": ":selector"},
    "selector": {"a": "oa:TextPositionSelector", "oa:start": "0", "oa:end": "1"},
    "document": {
        "a": "cg:Document",
        "rdfs:label": '"An article"',
        "dct:identifier": '"article.txt"',
        "cg:sha256": DIGEST,
        "cg:characters": "100",
        "dct:issued": '"2015-12-10~"',
        "cg:issuedEarliest": '"2015-12-08"^^xsd:date',
        "cg:issuedLatest": '"2015-12-12"^^xsd:date',
        "cg:trust": "cg:reporting",
        "dct:isPartOf": ":source",
    },
    "source": {"a": "cg:Source", "rdfs:label": '"A file"', "cg:sha256": DIGEST},
    "correction": {
        "a": "cg:Correction",
        "cg:concerns": ":council",
        "cg:says": '"The name is misspelt."',
        "cg:ground": '"Its own site."',
        "prov:wasDerivedFrom": ":evidence",
    },
    "council": {"a": "cg:Council, cg:Organisation, cg:Agent, cg:Buyer", "rdfs:label": '"Kent"', "cg:basedIn": ":place"},
    "company": {"a": "cg:Company, cg:Organisation, cg:Agent, cg:Supplier", "rdfs:label": '"Serco"'},
    "ownership": {
        "a": "cg:Ownership",
        "rdfs:label": '"Kent as owner of Serco"',
        "cg:owner": ":council",
        "cg:owned": ":company",
        "cg:share": "0.51",
        "cg:controls": "true",
    },
    "person": {"a": "cg:Person, cg:Agent", "rdfs:label": '"Jo Bloggs"', "cg:memberOf": ":council"},
    "place": {"a": "cg:Place", "rdfs:label": '"Maidstone"', "cg:within": ":county"},
    "county": {"a": "cg:Place", "rdfs:label": '"Kent"'},
    "service": {
        "a": "cg:Service",
        "rdfs:label": '"IT for Kent"',
        "cg:provider": ":company",
        "cg:customer": ":council",
        "cg:serviceType": ":type",
    },
    "arrangement": {"a": "cg:Arrangement", "rdfs:label": '"Shared IT"', "cg:member": ":council"},
    "type": {
        "a": "cg:ServiceType",
        "rdfs:label": '"IT"',
        "skos:prefLabel": '"IT"@en',
        "skos:definition": '"Machines."@en',
        "skos:inScheme": ":scheme",
    },
    "scheme": {"a": "skos:ConceptScheme"},
    "contract": {
        "a": "cg:Contract",
        "rdfs:label": '"A contract"',
        "cg:buyer": ":council",
        "cg:supplier": ":company",
        "cg:awardedValue": "12.5",
        "cg:currency": '"GBP"',
        "cg:start": '"2019-01-01"^^xsd:date',
        "cg:end": '"2020"^^edtf:EDTF',
        "cg:endLatest": '"2020-12-31"^^xsd:date',
    },
    "guarded": {
        "a": "cg:Contract",
        "rdfs:label": '"Nothing that can be meant"',
        "cg:buyer": ":council",
        "cg:awardedValue": "-12.5",
        "cg:currency": '"GBP"',
        "cg:start": '"2019-01-01"^^xsd:date',
        "cg:end": '"2018-01-01"^^xsd:date',
        "cg:guard": '"absurd-amount"',
    },
    "process": {"a": "cg:ContractingProcess", "rdfs:label": '"A tender"', "cg:buyer": ":council"},
    "spend": {
        "a": "cg:Spend",
        "cg:buyer": ":council",
        "cg:supplier": ":company",
        "cg:amount": "-3.5",
        "cg:currency": '"GBP"',
    },
    "record": {"a": "cg:Record", "cg:recordOf": ":contract", "cg:inSource": ":source", "cg:side": "cg:registerSide"},
    "ended": {
        "a": "cg:Contract",
        "rdfs:label": '"A contract that ended"',
        "cg:buyer": ":council",
        "cg:supplier": ":company",
        "cg:ended": '"2019-06-30"^^xsd:date',
        "cg:endReason": "cg:terminatedByParty",
        "cg:noticePeriod": '"P6M"^^xsd:duration',
        "cg:awardedValue": "12.5",
        "cg:currency": '"GBP"',
        "cg:vatBasis": "cg:netOfVat",
    },
    "extension": {"a": "cg:Event, cg:Extension", "rdfs:label": '"A year more"', "cg:ofContract": ":contract"},
    "notice": {"a": "cg:Notice", "cg:noticeOf": ":contract", "cg:noticeType": "cg:UK11"},
    "membership": {
        "a": "cg:Membership",
        "rdfs:label": '"Jo Bloggs, director, Kent"',
        "cg:holder": ":person",
        "cg:heldIn": ":council",
        "cg:role": '"director"',
    },
    "reorganisation": {
        "a": "cg:Event, cg:Reorganisation",
        "rdfs:label": '"One council for two"',
        "cg:predecessor": ":council",
        "cg:successorBody": ":company",
        "cg:vestingDay": '"2028-04-01"^^xsd:date',
    },
    "transfer": {
        "a": "cg:AreaTransfer",
        "cg:transferFrom": ":council",
        "cg:transferTo": ":company",
        "cg:shareOfArea": "0.4",
    },
    "contradiction": {"a": "cg:Contradiction", "cg:between": ":claim, :claim-said-by-0", "cg:foundBy": '"curator"'},
    "event": {"a": "cg:Event, cg:Merger", "rdfs:label": '"A merger"'},
    "programme": {"a": "cg:Programme", "rdfs:label": '"A plan"', "cg:agent": ":council"},
    "statistic": {
        "a": "cg:Statistic",
        "rdfs:label": '"Savings"',
        "cg:measure": '"savings"',
        "cg:atLeast": "1.0",
        "cg:atMost": "2.0",
        "cg:unit": '"GBP per year"',
        "cg:currency": '"GBP"',
    },
}
GONE = None

# Shape: the kind of thing that breaks it, and what is changed of a sound one.
BROKEN: Mapping[str, Sequence[tuple[str, Mapping[str, str | None]]]] = {
    "claim-subject": [
        ("claim", {"rdf:subject": GONE}),
        ("claim", {"rdf:subject": ":a, :b"}),
        ("claim", {"rdf:subject": '"Kent"'}),
    ],
    "claim-predicate": [("claim", {"rdf:predicate": GONE})],
    "claim-object": [("claim", {"rdf:object": GONE}), ("claim", {"rdf:object": "1, 2"})],
    "claim-polarity": [("claim", {"cg:polarity": GONE}), ("claim", {"cg:polarity": "cg:plan"})],
    "claim-certainty": [("claim", {"cg:certainty": GONE}), ("claim", {"cg:certainty": "cg:asserted, cg:reported"})],
    "claim-modality": [("claim", {"cg:modality": GONE}), ("claim", {"cg:modality": '"fact"'})],
    "claim-section": [("claim", {"cg:section": GONE}), ("claim", {"cg:section": ":footnote"})],
    "claim-evidence": [
        ("claim", {"prov:wasDerivedFrom": GONE}),
        ("claim", {"prov:wasDerivedFrom": ":document"}),
        ("claim", {"prov:wasDerivedFrom": ":evidence, :evidence-source-0"}),
    ],
    "claim-said-by": [("claim", {"cg:saidBy": ":place"})],
    "claim-rejected": [("claim", {"cg:rejected": '""'})],
    "ReportedClaim": [("claim", {"cg:certainty": "cg:reported"})],
    "DerivedClaim": [("claim", {"cg:derivedFrom": ":claim"})],
    "method-grounds": [("claim", {"cg:method": '"arithmetic"'})],
    **{
        f"bounds-{name}": [
            (
                "claim",
                {f"cg:{name}Earliest": '"2020-01-02"^^xsd:date', f"cg:{name}Latest": '"2020-01-01"^^xsd:date'},
            )
        ]
        for name in ("start", "end", "ended", "terminated", "date", "by")
    },
    "evidence-source": [("evidence", {"oa:hasSource": GONE}), ("evidence", {"oa:hasSource": ":place"})],
    "evidence-selector": [("evidence", {"oa:hasSelector": GONE})],
    "selector-start": [("selector", {"oa:start": GONE}), ("selector", {"oa:start": "-1"})],
    "selector-end": [("selector", {"oa:end": GONE}), ("selector", {"oa:end": '"1"'})],
    "selector-order": [("selector", {"oa:start": "1"}), ("selector", {"oa:start": "2"})],
    "document-identifier": [("document", {"dct:identifier": GONE})],
    "document-sha256": [("document", {"cg:sha256": '"abc"'}), ("document", {"cg:sha256": DIGEST.replace("0", "A")})],
    "document-characters": [("document", {"cg:characters": "0"})],
    "document-issued": [("document", {"dct:issued": GONE})],
    "document-earliest": [("document", {"cg:issuedEarliest": '"2015"'})],
    "document-latest": [("document", {"cg:issuedLatest": GONE})],
    "document-order": [("document", {"cg:issuedLatest": '"2015-12-07"^^xsd:date'})],
    "document-trust": [("document", {"cg:trust": GONE}), ("document", {"cg:trust": "cg:fact"})],
    "document-source": [("document", {"dct:isPartOf": GONE})],
    "source-sha256": [("source", {"cg:sha256": GONE})],
    "correction-concerns": [("correction", {"cg:concerns": GONE})],
    "correction-says": [("correction", {"cg:says": '""'})],
    "correction-ground": [("correction", {"cg:ground": GONE})],
    "correction-evidence": [("correction", {"prov:wasDerivedFrom": GONE})],
    "label-one": [
        *((kind, {"rdfs:label": GONE}) for kind, lines in SOUND.items() if "rdfs:label" in lines),
        ("place", {"rdfs:label": '"Kent", "County of Kent"'}),
    ],
    "label-form": [
        ("place", {"rdfs:label": '" Kent"'}),
        ("place", {"rdfs:label": '""'}),
        ("place", {"rdfs:label": '"a\\nb"'}),
    ],
    "organisation-based-in": [("council", {"cg:basedIn": ":company"})],
    "ownership-owner": [
        ("ownership", {"cg:owner": GONE}),
        ("ownership", {"cg:owner": ":place"}),
        ("ownership", {"cg:owner": ":council, :company"}),
    ],
    "ownership-owned": [("ownership", {"cg:owned": GONE}), ("ownership", {"cg:owned": ":council"})],
    "ownership-share": [("ownership", {"cg:share": "1.1"}), ("ownership", {"cg:share": "0.0"})],
    "ownership-controls": [("ownership", {"cg:controls": '"yes"'}), ("ownership", {"cg:controls": "true, false"})],
    "record-of": [("record", {"cg:recordOf": GONE}), ("record", {"cg:recordOf": ":place"})],
    "record-source": [("record", {"cg:inSource": GONE}), ("record", {"cg:inSource": ":source, :source-sha256-0"})],
    "record-side": [("record", {"cg:side": '"register"'})],
    "end-reason": [("ended", {"cg:endReason": '"poor service"'})],
    "end-day": [("ended", {"cg:ended": GONE})],
    "vat-basis": [("ended", {"cg:vatBasis": "cg:netOfVat, cg:grossOfVat"})],
    "event-of-contract": [("extension", {"cg:ofContract": GONE}), ("extension", {"cg:ofContract": ":place"})],
    "notice-period": [("ended", {"cg:noticePeriod": '"six months"'})],
    "notice-of": [("notice", {"cg:noticeOf": GONE})],
    "notice-type": [("notice", {"cg:noticeType": '"UK11"'})],
    "membership-holder": [("membership", {"cg:holder": ":council"})],
    "membership-body": [("membership", {"cg:heldIn": GONE})],
    "membership-role": [("membership", {"cg:role": '"director", "chair"'})],
    "reorganisation-from": [("reorganisation", {"cg:predecessor": GONE})],
    "reorganisation-to": [("reorganisation", {"cg:successorBody": ":place"})],
    "reorganisation-day": [("reorganisation", {"cg:vestingDay": '"April 2028"'})],
    "transfer-from": [("transfer", {"cg:transferFrom": GONE})],
    "transfer-to": [("transfer", {"cg:transferTo": ":council, :company"})],
    "transfer-share": [("transfer", {"cg:shareOfArea": "40.0"})],
    "encoded-how": [("claim", {"cg:encodedHow": '"by hand"'})],
    "claim-rank": [("claim", {"cg:rank": "1"})],
    "contradiction-between": [("contradiction", {"cg:between": ":claim"})],
    "contradiction-found": [("contradiction", {"cg:foundBy": GONE})],
    "person-member-of": [("person", {"cg:memberOf": ":place"})],
    "place-within": [("place", {"cg:within": ":company"})],
    "supplier-ground": [("company", {})],
    "buyer-ground": [("council", {})],
    "service-provider": [("service", {"cg:provider": ":company, :council"}), ("service", {"cg:provider": ":place"})],
    "service-customer": [("service", {"cg:customer": ":company, :council"}), ("service", {"cg:customer": '"Kent"'})],
    "service-type": [("service", {"cg:serviceType": ":place"})],
    "ServiceHasProvider": [("service", {"cg:provider": GONE})],
    "ServiceHasCustomer": [("service", {"cg:customer": GONE})],
    "ServiceHasType": [("service", {"cg:serviceType": GONE})],
    "arrangement-member": [("arrangement", {"cg:member": ":place"})],
    "type-name": [("type", {"skos:prefLabel": '"IT"@en, "ICT"@en'})],
    "type-definition": [("type", {"skos:definition": GONE})],
    "type-scheme": [("type", {"skos:inScheme": GONE})],
    "contract-buyer": [("contract", {"cg:buyer": ":place"})],
    "contract-supplier": [("contract", {"cg:supplier": '"Serco"'})],
    "contract-value": [("contract", {"cg:awardedValue": '"much"'})],
    "contract-negative": [("contract", {"cg:awardedValue": "-1.0"})],
    "contract-period": [
        ("contract", {"cg:start": '"2021-01-01"^^xsd:date'}),
        ("contract", {"cg:start": '"2022~"^^edtf:EDTF', "cg:startEarliest": '"2021-01-01"^^xsd:date'}),
        ("contract", {"cg:end": '"2018-12-31"^^xsd:date', "cg:endLatest": GONE}),
    ],
    "ContractHasBuyer": [("contract", {"cg:buyer": GONE})],
    "ContractHasSupplier": [("contract", {"cg:supplier": GONE})],
    "process-buyer": [("process", {"cg:buyer": GONE})],
    "spend-buyer": [("spend", {"cg:buyer": GONE})],
    "spend-supplier": [("spend", {"cg:supplier": ":company, :council"})],
    "SpendHasSupplier": [("spend", {"cg:supplier": GONE})],
    "spend-amount": [("spend", {"cg:amount": GONE})],
    "awarded-currency": [("contract", {"cg:currency": GONE}), ("contract", {"cg:currency": '"pounds"'})],
    "amount-currency": [("spend", {"cg:currency": GONE})],
    "event-kind": [("event", {"a": "cg:Event"})],
    "programme-agent": [("programme", {"cg:agent": ":place"})],
    "statistic-order": [("statistic", {"cg:atLeast": "3.0"})],
    "statistic-currency": [("statistic", {"cg:currency": '"pounds"'})],
    "StatisticHasMeasure": [("statistic", {"cg:measure": GONE})],
    "StatisticHasNumber": [("statistic", {"cg:atLeast": GONE, "cg:atMost": GONE})],
    "StatisticOfMoney": [("statistic", {"cg:currency": GONE})],
    "date-form": [("contract", {"cg:end": '"next year"'})],
    "website-form": [("council", {"cg:website": '"www kent gov"'})],
}
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
