"""Every organisation, and every collective, that the articles' bodies name is found by the articles' own spelling."""

import pytest

from civicgraph.graph.engine.embedded import EmbeddedEngine

# Read out of the articles by hand: headline and body, without menus, captions, sidebars and bylines.
NAMED = {
    "000_71e06708302b3ad1": [
        *("Birmingham City Council", "Serco", "Intelenet Global Services", "Lawrence Graham", "Mahindra Satyam"),
        *("local government", "public sector", "banks"),
    ],
    "001_457972718508213a": [
        *("Conservatives", "Tories", "Ovum", "Department for Work and Pensions", "DWP", "Cabinet Office"),
        *("Department for Children, Schools and Families", "Southwest One", "silicon.com", "Whitehall"),
        *("local authorities", "Local councils", "police forces", "other public bodies", "public sector"),
        *("school teachers", "civil servants", "government departments", "local co-operatives"),
    ],
    "002_3df0a76797319c86": [
        *("UK.gov", "Ministry of Justice", "MoJ", "Cabinet Office", "Avarto", "DfT", "Steria", "DWP", "Defra"),
        *("Environment Agency", "MoD", "HMRC", "private sector", "prisons", "probations", "courts", "trade unions"),
        *("smaller departments", "government department"),
    ],
    "003_6ba9c2c508475bdd": [
        *("Birmingham City Council", "Birmingham Independence Improvement Panel", "BIIP", "Capita"),
    ],
    "004_ba0859b80d58e804": [
        *("Citrix", "Islington", "Camden", "Canterbury", "Dover", "Thanet", "East Kent Services", "EKS"),
        *("TechweekEurope", "Unison", "Big Brother Watch", "central government"),
        *("local councils in the UK", "local authorities across the UK", "UK councils", "local government"),
    ],
}
# Only proposed: nothing established is said of them, so they are not a sector in the default graph.
PROPOSED = {"local co-operatives"}
MENTIONS = [(article, name) for article, names in NAMED.items() for name in names]
SAME = """
    SELECT (COUNT(DISTINCT ?thing) AS ?things) {
      VALUES ?spelling { %s }
      ?thing a cg:Agent ; rdfs:label|skos:altLabel ?name
      FILTER (LCASE(STR(?name)) = LCASE(?spelling))
    }"""


@pytest.mark.parametrize(("article", "name"), MENTIONS)
def test_spelling_is_the_articles_own(article: str, name: str, article_texts: dict[str, str]) -> None:
    assert name in article_texts[article]


@pytest.mark.parametrize("name", sorted({name for _, name in MENTIONS}))
def test_organisation_is_found_by_the_spelling(name: str, seeds: EmbeddedEngine) -> None:
    found = {
        view
        for view in ("established", "plans")
        if seeds.ask(f"""
        ASK {{
          GRAPH cg:{view} {{ {{ ?thing a cg:Organisation }} UNION {{ ?thing a cg:Sector }} }}
          ?thing rdfs:label|skos:altLabel ?name
          FILTER (LCASE(STR(?name)) = LCASE("{name}"))
        }}""")
    }
    assert ("plans" if name in PROPOSED else "established") in found, f"nobody is called {name!r}"
    assert name not in PROPOSED or "established" not in found


@pytest.mark.parametrize(
    "spellings",
    [
        ("DWP", "Department for Work and Pensions"),
        ("MoJ", "Ministry of Justice"),
        ("BIIP", "Birmingham Independence Improvement Panel", "Birmingham Independent Improvement Panel"),
        ("EKS", "East Kent Services"),
        ("Tories", "Conservatives", "Conservative Party"),
        ("Avarto", "arvato"),
        ("DfT", "Department for Transport"),
        ("UK.gov", "central government", "UK Government"),
        ("Canterbury", "Canterbury City Council"),
    ],
)
def test_spellings_of_one_organisation_lead_to_one(spellings: tuple[str, ...], seeds: EmbeddedEngine) -> None:
    values = " ".join(f'"{spelling}"' for spelling in spellings)
    (row,) = seeds.select(SAME % values)
    assert row["things"] is not None
    assert row["things"].value == "1"
