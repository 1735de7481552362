"""Pages speak in words: no term of the ontology, no IRI and no code stands in what a person reads."""

import re
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from lxml import etree

from civicgraph.api.pages.words import incoming_label, left_out, sentence
from civicgraph.graph.records.iris import BASE, KINDS
from civicgraph.ontology.read import class_labels, properties
from civicgraph.ontology.terms import CG_NS

HTML = {"Accept": "text/html"}
UNREAD = {"code", "pre", "script", "style", "textarea", "option"}
"""What is not read as text: what a person may copy, and what is chosen by its value."""
TERMS = sorted(
    {
        name
        for name in (*properties(), *(iri.removeprefix(CG_NS) for iri in class_labels()))
        if re.search("[a-z][A-Z]", name)
    }
)
CODES = (
    ("a term", rf"\b(?:{'|'.join(TERMS)}|wasDerivedFrom|damagedCopy|isPartOf|prefLabel|altLabel)\b"),
    ("an address", r"https?://"),
    ("a key", rf"\b(?:{'|'.join(KINDS)})/[a-z0-9]"),
    ("a digest", r"\b(?=[0-9]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{12,}\b"),
    ("an inexact date", r"\b\d{4}(?:-\d\d){0,2}[~%?]|\[\d{4}-|\.\.\d{4}"),
    ("a guard", r"guarded as|\b(?:zero|absurd)-(?:amount|date)\b|\bpublic-transfer\b|\bpossible-individual\b"),
    ("two prepositions", r"\b(?:of|by|in|from|to|with) of\b"),
)
PAGES = (
    *("/", "/search", "/search?q=capita", "/markets", "/markets?basis=services", "/network", "/map", "/doubtful"),
    *("/contradictions", "/what-if", "/what-if?fails=capita", "/what-if?a=capita&b=steria", "/service/payroll"),
    "/network?node=organisation/birmingham-city-council",
    "/ties?buyer=organisation/birmingham-city-council&supplier=organisation/capita",
    *("/markets?service=payrol", "/id/organisation/capitta", "/nowhere", "/tables/contracts.csv?buyer=nobody"),
)
OF_RECORDS = ("/", "/markets?basis=spend", "/markets?basis=value", "/data", "/id/organisation/ashby-council")


def read_text(client: TestClient, path: str) -> str:
    response = client.get(path, headers=HTML)
    assert response.headers["content-type"].startswith("text/html"), path
    return " ".join(pieces(etree.HTML(response.text).xpath("//body")[0]))


def pieces(element: etree._Element) -> Iterator[str]:
    if element.tag not in UNREAD:
        yield element.text or ""
        for child in element:
            yield from pieces(child)
            yield child.tail or ""


def codes(text: str) -> list[str]:
    return [
        f"{what}: {text[max(0, found.start() - 40) : found.end() + 20]!r}"
        for what, code in CODES
        for found in re.finditer(code, text)
    ]


def one_of_each_kind(client: TestClient) -> list[str]:
    query = (
        f"SELECT (SAMPLE(?s) AS ?thing) {{ GRAPH ?g {{ ?s a ?c }} FILTER (STRSTARTS(STR(?s), '{BASE}')) }} GROUP BY ?c"
    )
    rows = client.get("/sparql", params={"query": query}, headers={"Accept": "text/csv"}).text.split()[1:]
    return sorted({f"/id/{iri.removeprefix(BASE)}" for iri in rows})


def test_no_page_of_the_seeds_shows_a_code(seeds: TestClient) -> None:
    paths = [*PAGES, *(path for path in one_of_each_kind(seeds) if path.count("/") == 3)]
    assert len(paths) > 45
    assert {path: found for path in paths if (found := codes(read_text(seeds, path)))} == {}


def test_no_page_of_records_shows_a_code(tables: TestClient) -> None:
    paths = [*OF_RECORDS, *(path for path in one_of_each_kind(tables) if path.count("/") == 3)]
    assert {path: found for path in paths if (found := codes(read_text(tables, path)))} == {}


def test_a_claim_is_headed_by_a_sentence(seeds: TestClient) -> None:
    links = etree.HTML(seeds.get("/contradictions", headers=HTML).text).xpath("//article//a[@class='open']")
    said = {link.xpath("string()"): link.get("href") for link in links}
    reason = "Rumoured: Review of back-office delivery at the Ministry of Justice (2014) has the reason: in-fighting"
    assert reason in said
    tree = etree.HTML(seeds.get(said[reason], headers=HTML).text)
    assert tree.xpath("string(//h1)") == reason
    assert "The words it rests on" in tree.xpath("string(//main)")


def test_a_document_lists_its_claims(seeds: TestClient) -> None:
    pattern = "?c rdf:subject ?s ; prov:wasDerivedFrom/oa:hasSource ?d"
    query = f"SELECT ?d (COUNT(*) AS ?n) {{ GRAPH cg:claims {{ {pattern} }} }} GROUP BY ?d"
    rows = seeds.get("/sparql", params={"query": query}, headers={"Accept": "text/csv"}).text.split()[1:]
    assert len(rows) == 5
    for row in rows:
        iri, count = row.split(",")
        path, shown = f"/id/{iri.removeprefix(BASE)}", 0
        for skip in range(0, int(count), 50):
            shown += len(
                etree.HTML(seeds.get(f"{path}?skip={skip}", headers=HTML).text).xpath("//ol[@class='claims']/li")
            )
        assert shown == int(count)


@pytest.mark.parametrize("name", sorted(properties()))
def test_every_property_reads_well(name: str) -> None:
    assert not re.search(r"\b(?:of|by|in|from|to|with) of$", incoming_label(CG_NS + name))
    said = sentence(CG_NS + name, "Ashby", "Alpha")
    assert not re.search(r"^The (?:\w+ )*(?:of|by|in|from|to|with) of ", said)
    assert {"Ashby", "Alpha"} <= set(re.findall(r"\w+", said))


def test_what_is_left_out_is_told_in_words() -> None:
    assert left_out("") == ""
    assert left_out("collective, no single body: 1") == "1 record of a whole group of bodies"
    assert left_out("guarded as brand-new: 3; no date known: 2") == "3 brand new and 2 records without a date"
