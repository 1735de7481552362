"""Net beside gross, options, renewals, dynamic markets and notices: each asked for by a query with a known answer."""

import json
from pathlib import Path

import pytest

from civicgraph.graph.snapshot.check import check
from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.seeds_loader.load_records import load_ocds

OCDS = Path(__file__).parents[4] / "shared" / "data" / "ocds"

LOTS = [
    {
        "id": "1",
        "title": "Lot 1: desktops",
        "hasOptions": True,
        "options": {"description": "Up to 50 more"},
        "hasRenewal": True,
        "renewal": {"description": "Twice by one year"},
    },
    {"id": "2", "title": "Lot 2: printers", "hasOptions": False, "hasRenewal": False},
]
AWARDS = [
    {
        "id": lot,
        "status": "active",
        "suppliers": [{"name": supplier}],
        "relatedLots": [lot],
        "value": {"amount": net, "amountGross": gross, "currency": "GBP"},
    }
    for lot, supplier, net, gross in (("1", "Alpha Ltd", 1000, 1200), ("2", "Beta plc", 500, 525.5))
]
TENDER = {
    "id": "t",
    "title": "Desktops and printers",
    "lots": LOTS,
    "value": {"amount": 1600, "amountGross": 1920, "currency": "GBP"},
    "documents": [{"id": "000004-2025", "noticeType": "UK4", "datePublished": "2025-01-10T00:00:00Z"}],
}
MARKET = {
    "id": "m",
    "title": "Market for repairs",
    "documents": [{"id": "000014-2025", "noticeType": "UK14", "datePublished": "2025-02-01T00:00:00Z"}],
}
SYSTEM = {"id": "d", "title": "Taxis", "techniques": {"hasDynamicPurchasingSystem": True}}

QUESTIONS = {
    "SELECT ?net ?gross { ?c a cg:Contract ; cg:awardedValue ?net ; cg:grossValue ?gross } ORDER BY ?net": [
        ["500", "525.5"],
        ["1000", "1200"],
    ],
    "SELECT ?net ?gross { ?p a cg:ContractingProcess ; cg:estimatedValue ?net ; cg:grossValue ?gross }": [
        ["1600", "1920"]
    ],
    """SELECT ?lot ?more ?terms ?again ?how {
        ?c a cg:Contract ; cg:lot ?lot ; cg:hasOptions ?more ; cg:hasRenewal ?again
        OPTIONAL { ?c cg:optionTerms ?terms } OPTIONAL { ?c cg:renewalTerms ?how } } ORDER BY ?lot""": [
        ["Lot 1: desktops", "true", "Up to 50 more", "true", "Twice by one year"],
        ["Lot 2: printers", "false", "", "false", ""],
    ],
    "SELECT ?lot ?how { ?p a cg:ContractingProcess ; cg:lot ?lot ; cg:renewalTerms ?how } ORDER BY ?lot": [
        ["Lot 1: desktops", "Twice by one year"],
        ["Lot 2: printers", "Twice by one year"],
    ],
    "SELECT ?title { ?p cg:isDynamicMarket true ; rdfs:label ?title } ORDER BY ?title": [
        ["Market for repairs"],
        ["Taxis"],
    ],
    "SELECT ?number ?day { ?n a cg:Notice ; cg:noticeType cg:UK4 ; cg:reference ?number ; cg:publicationDate ?day }": [
        ["000004-2025", "2025-01-10"]
    ],
    "SELECT ?stage (COUNT(?p) AS ?n) { ?p cg:stage ?stage } GROUP BY ?stage ORDER BY ?stage": [
        ["award", "1"],
        ["tender", "2"],
    ],
}


def test_each_field_of_made_notices_is_asked_for(tmp_path: Path) -> None:
    releases = [
        {"ocid": f"ocds-h6vhtk-{number}", "id": str(number), "date": "2025-03-01T00:00:00Z", "tag": ["tender"]}
        | {"buyer": {"name": "Ashby Council"}, "tender": tender}
        for number, tender in enumerate((TENDER, MARKET, SYSTEM))
    ]
    path = tmp_path / "notices.json"
    path.write_text(json.dumps({"releases": [releases[0] | {"awards": AWARDS}, *releases[1:]]}), encoding="utf-8")
    folder = DataFolder(tmp_path / "data")
    assert load_ocds(folder, [path]).report.rejected.total() == 0
    with folder.open() as snapshot:
        for query, right in QUESTIONS.items():
            rows = [[getattr(term, "value", "") for term in row.values()] for row in snapshot.engine.select(query)]
            assert rows == right, query
        assert check(snapshot.engine) == []


# Counted in the releases themselves, apart from the reader: `amountGross` beside another `amount`, `hasRenewal`,
# `maxExtentDate`, `noticeType`. Of seven amounts with tax one is the same without it, and one stands alone.
OF_FIND_A_TENDER = {
    "SELECT ?gross { ?c a cg:Contract ; cg:grossValue ?gross } ORDER BY ?gross": [
        ["37440"],
        ["38058"],
        ["42000"],
        ["67992"],
        ["253478"],
    ],
    """SELECT (COUNT(*) AS ?n) (COUNT(?how) AS ?told) {
        ?c a cg:Contract ; cg:hasRenewal true OPTIONAL { ?c cg:renewalTerms ?how } }""": [["3", "2"]],
    "SELECT ?end ?last { ?c a cg:Contract ; cg:end ?end ; cg:latestEnd ?last } ORDER BY ?end": [
        ["2026-08-21", "2026-12-31"],
        ["2028-03-31", "2030-03-31"],
        ["2029-09-30", "2031-09-30"],
    ],
    "SELECT ?ocid { ?p cg:isDynamicMarket true BIND (STRAFTER(STR(?p), '/process/') AS ?ocid) }": [
        ["ocds-h6vhtk-06a936"]
    ],
    """SELECT ?kind (COUNT(*) AS ?n) { ?c cg:noticeType ?type BIND (STRAFTER(STR(?type), '#') AS ?kind) }
        GROUP BY ?kind ORDER BY ?kind""": [
        ["UK1", "2"],
        ["UK10", "1"],
        ["UK2", "1"],
        ["UK4", "3"],
        ["UK6", "4"],
        ["UK7", "2"],
    ],
    "SELECT (COUNT(*) AS ?n) { ?p a cg:ContractingProcess ; cg:isFramework true }": [["5"]],
}


@pytest.mark.skipif(not OCDS.is_dir(), reason="the real releases are not beside the checkout")
def test_each_field_of_real_releases_is_asked_for(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    report = load_ocds(folder, sorted(OCDS.glob("find_a_tender*"))).report
    assert report.rejected.total() == 0
    assert report.read == report.loaded + report.guarded.total()
    with folder.open() as snapshot:
        for query, right in OF_FIND_A_TENDER.items():
            rows = [[getattr(term, "value", "") for term in row.values()] for row in snapshot.engine.select(query)]
            assert rows == right, query
