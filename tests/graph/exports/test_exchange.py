"""The graph in the words of other vocabularies: their own terms only, the same facts; claims as nanopublications."""

import csv
import io
from collections import defaultdict
from importlib.resources import files
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, RdfFormat, parse
from rdflib import FOAF, ORG, RDF, SKOS, Graph, Literal, URIRef

from civicgraph.graph.engine.embedded import EmbeddedEngine
from civicgraph.graph.exports.quads import VOCABULARIES, in_words_of, write_nanopublications
from civicgraph.ontology.read import vocabulary
from civicgraph.ontology.terms import CG, CG_NS
from civicgraph.seeds_loader.load import engine_in_memory
from tests.competency.test_competency import records_store

ID = "https://w3id.org/civicgraph/id/"
EPO, OCDS = "http://data.europa.eu/a4g/ontology#", "http://purl.org/onto-ocds/ocds#"
ADMS, ROV = "http://www.w3.org/ns/adms#", "http://www.w3.org/ns/regorg#"
# Terms as they stand in the vocabularies: ePO 4 (OP-TED/ePO, ePO_owl_core.ttl) and the OCDS ontology.
OF_EPO = {
    *("Procedure", "Purpose", "Contract", "MonetaryValue", "Period", "Buyer", "Contractor"),
    *("hasPurpose", "hasMainClassification", "hasContractConclusionDate", "hasContractValue", "signedByBuyer"),
    *("signedByContractor", "refersToProcedure", "hasAmountValue", "hasCurrency", "hasBeginning", "hasEnd"),
    *("playedBy", "hasLegalName"),
}
OF_OCDS = {
    *("Release", "Tender", "Award", "Contract", "Value", "Period", "Item", "Classification", "Organization"),
    *("Identifier", "ocid", "tender", "buyer", "releaseDate", "tenderTitle", "tenderValue", "valueAmount", "currency"),
    *("award", "contracts", "awardId", "awardID", "awardTitle", "awardDate", "awardValue", "suppliers"),
    *("contractPeriod", "contractId", "contractTitle", "contractValue", "contractStatus", "contractItems"),
    *("contractStatusTerminated", "startDate", "endDate", "classification", "classificationScheme", "ics_CPV"),
    *("classificationId", "legalName", "identifier", "identifierScheme", "identifierId"),
}
OWN = {
    EPO: OF_EPO,
    OCDS: OF_OCDS,
    ADMS: {"identifier", "Identifier", "schemaAgency"},
    ROV: {"RegisteredOrganization", "legalName", "registration"},
    "http://www.w3.org/ns/org#": {str(term).rpartition("#")[2] for term in dir(ORG)},
    "http://xmlns.com/foaf/0.1/": {"Person", "name", "homepage"},
    "http://schema.org/": {"foundingDate", "dissolutionDate"},
    "http://www.w3.org/2004/02/skos/core#": {"prefLabel", "altLabel", "notation"},
    "http://purl.org/dc/terms/": {"title", "temporal"},
    "http://www.w3.org/2002/07/owl#": {"sameAs"},
    "http://www.w3.org/2000/01/rdf-schema#": {"seeAlso"},
}

VIEWS = "SELECT ?c ?v { GRAPH cg:claims { ?c a cg:Claim OPTIONAL { ?c cg:view ?v } } }"


@pytest.fixture(scope="module")
def records() -> EmbeddedEngine:
    return EmbeddedEngine(records_store(), "records")


def mapped(engine: EmbeddedEngine, name: str) -> Graph:
    return Graph().parse(data=in_words_of(engine, next(one for one in VOCABULARIES if one == name)), format="turtle")


@pytest.mark.parametrize("name", VOCABULARIES)
def test_a_mapping_uses_only_the_terms_of_its_vocabulary(name: str, records: EmbeddedEngine) -> None:
    graph = mapped(records, name)
    assert len(graph) > 20
    used = {str(p) for p in graph.predicates()} | {str(o) for o in graph.objects(None, RDF.type)}
    unknown = set()
    for term in used - {str(RDF.type)}:
        namespace = next((one for one in OWN if term.startswith(one)), "")
        if term.removeprefix(namespace) not in OWN.get(namespace, set()):
            unknown.add(term)
    assert unknown == set()
    assert not any(str(term).startswith(CG_NS) for term in graph.predicates())


@pytest.mark.parametrize("name", VOCABULARIES)
def test_a_mapping_gives_the_same_bytes_each_time(name: str, records: EmbeddedEngine) -> None:
    vocabulary_of = next(one for one in VOCABULARIES if one == name)
    assert in_words_of(records, vocabulary_of) == in_words_of(EmbeddedEngine(records_store(), "again"), vocabulary_of)


def test_org_has_bodies_their_groups_identifiers_and_who_holds_what(records: EmbeddedEngine) -> None:
    graph = mapped(records, "org")
    alpha = URIRef(f"{ID}organisation/alpha")
    assert graph.value(alpha, ORG.subOrganizationOf) == URIRef(f"{ID}organisation/alpha-group")
    identifier = graph.value(alpha, URIRef(f"{ADMS}identifier"))
    assert (graph.value(identifier, SKOS.notation), graph.value(identifier, URIRef(f"{ADMS}schemaAgency"))) == (
        Literal("00000001"),
        Literal("GB-COH"),
    )
    registered = set(graph.subjects(RDF.type, URIRef(f"{ROV}RegisteredOrganization")))
    assert registered == {URIRef(f"{ID}organisation/{slug}") for slug in ("alpha", "beta", "alpha-group")}
    membership = URIRef(f"{ID}membership/jo-ashby")
    role = graph.value(membership, ORG.role)
    assert (graph.value(membership, ORG.member), graph.value(role, SKOS.prefLabel)) == (
        URIRef(f"{ID}person/jo"),
        Literal("chief digital officer"),
    )
    change = URIRef(f"{ID}event/reorganisation")
    assert len(set(graph.objects(change, ORG.originalOrganization))) == 3
    place = URIRef(f"{ID}place/e07000001")
    same = URIRef("http://statistics.data.gov.uk/id/statistical-geography/E07000001")
    assert (place, URIRef("http://www.w3.org/2002/07/owl#sameAs"), same) in graph


def test_popolo_has_people_their_posts_and_the_kind_of_each_body(records: EmbeddedEngine) -> None:
    graph = mapped(records, "popolo")
    jo, ashby = URIRef(f"{ID}person/jo"), URIRef(f"{ID}organisation/ashby")
    assert (jo, FOAF.name, Literal("Jo Bloggs")) in graph
    assert (jo, ORG.memberOf, ashby) in graph
    assert set(graph.objects(ashby, ORG.classification)) == {URIRef(CG.Council)}
    assert str(graph.value(URIRef(f"{ID}organisation/old-fenby"), URIRef("http://schema.org/dissolutionDate"))) == (
        "2023-03-31"
    )


def test_epo_has_the_contract_with_its_parties_value_and_period(records: EmbeddedEngine) -> None:
    graph = mapped(records, "epo")
    contract = URIRef(f"{ID}contract/c1")
    value = graph.value(contract, URIRef(f"{EPO}hasContractValue"))
    assert str(graph.value(value, URIRef(f"{EPO}hasAmountValue"))) == "400000"
    buyer = graph.value(contract, URIRef(f"{EPO}signedByBuyer"))
    assert graph.value(buyer, URIRef(f"{EPO}playedBy")) == URIRef(f"{ID}organisation/ashby")
    contracts = {str(node).rpartition("/")[2] for node in graph.subjects(RDF.type, URIRef(f"{EPO}Contract"))}
    # What is guarded counts in no share, and is left out.
    assert contracts == {f"c{number}" for number in range(9)}


def test_ocds_has_the_award_under_its_process(records: EmbeddedEngine) -> None:
    graph = mapped(records, "ocds")
    process, contract = URIRef(f"{ID}process/ocds-x-1"), URIRef(f"{ID}contract/c1")
    assert (process, URIRef(f"{OCDS}ocid"), Literal("ocds-x-1")) in graph
    assert (process, URIRef(f"{OCDS}contracts"), contract) in graph
    award = graph.value(process, URIRef(f"{OCDS}award"))
    assert graph.value(award, URIRef(f"{OCDS}suppliers")) == URIRef(f"{ID}organisation/alpha")
    ended = set(graph.subjects(URIRef(f"{OCDS}contractStatus"), URIRef(f"{OCDS}contractStatusTerminated")))
    assert ended == {URIRef(f"{ID}contract/c2"), URIRef(f"{ID}contract/c4")}


def test_every_claim_that_is_not_rejected_is_a_nanopublication() -> None:
    engine = engine_in_memory([Path(str(files("civicgraph.seeds_loader"))) / "facts"])
    out = io.BytesIO()
    count = write_nanopublications(engine, out)
    kept = "SELECT ?c { GRAPH cg:claims { ?c a cg:Claim FILTER NOT EXISTS { ?c cg:rejected ?why } } }"
    assert count == len(list(engine.select(kept)))
    graphs: dict[str, set[str]] = defaultdict(set)
    asserted: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for quad in parse(out.getvalue(), RdfFormat.TRIG):
        assert isinstance(quad.graph_name, NamedNode)
        name, _, part = quad.graph_name.value.partition("#")
        graphs[name].add(part)
        if part == "assertion" and isinstance(quad.subject, NamedNode):
            asserted[name].append((quad.subject.value, quad.predicate.value))
    assert all(parts == {"head", "assertion", "provenance", "pubinfo"} for parts in graphs.values())
    # Only what is established is asserted as it stands; of the rest it is asserted that somebody says so.
    views = {row["c"].value: row["v"] for row in engine.select(VIEWS) if row["c"] is not None}
    for name, triples in asserted.items():
        claim = name.removesuffix("/nanopub")
        view = views[claim]
        if view is None or view.value != CG.established:
            assert all(subject == claim for subject, _ in triples), claim


def test_the_file_of_matches_names_terms_that_there_are() -> None:
    text = (files("civicgraph.ontology") / "mappings" / "civicgraph.sssom.tsv").read_text(encoding="utf-8")
    rows = list(csv.DictReader((line for line in text.splitlines() if not line.startswith("#")), delimiter="\t"))
    declared = {str(s).removeprefix(CG_NS) for s in vocabulary().subjects(RDF.type)}
    assert {row["subject_id"].partition(":")[2] for row in rows} - declared == set()
    assert {row["predicate_id"] for row in rows} <= {
        f"skos:{kind}Match" for kind in ("exact", "close", "broad", "narrow", "related")
    }
    prefixes = {line.strip("# ").partition(":")[0] for line in text.splitlines() if line.startswith("#  ")}
    assert {row["object_id"].partition(":")[0] for row in rows} <= prefixes
    assert {row["object_id"].partition(":")[2] for row in rows if row["object_id"].startswith("epo:")} <= OF_EPO
    others = {row["object_id"].partition(":")[2] for row in rows if row["object_id"].startswith("ocds:")}
    assert others - {"Transaction"} <= OF_OCDS
