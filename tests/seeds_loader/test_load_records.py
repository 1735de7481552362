"""Records end to end: every kind of source from the real files into one snapshot, counted and summed apart."""

import csv
import io
import json
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pytest

from civicgraph.graph.edges.scope import Scope
from civicgraph.graph.edges.table import EdgeTable
from civicgraph.graph.engine.embedded import EmbeddedEngine
from civicgraph.graph.measures.concentration import hhi, shares
from civicgraph.graph.records.iris import BASE
from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.seeds_loader.load import LoadResult, load_claims
from civicgraph.seeds_loader.load_records import load_ocds, load_spend
from civicgraph.seeds_loader.load_registers import load_authorities, load_cpv, load_organisations
from tests.figures import figures
from tests.graph.in_memory import edges_of

DATA = Path(__file__).parents[3] / "shared/data"
LATER = DATA / "gcloud/G-Cloud-Spend-14-07-14-v2-For-import.csv"
TABLES = {
    # The column of amounts, and the encoding.
    DATA / "council_spend/leeds__2019-10.csv": ("Amount", "utf-8-sig"),
    DATA / "council_spend/calderdale__2019-11-card.csv": ("Amount", "utf-8-sig"),
    DATA / "council_spend/as_published/cabinetoffice__clean__2019-12.csv": ("Amount", "utf-8-sig"),
    DATA / "gcloud/G-Cloud-Total-Spend-13-12-13.csv": ("Total_Charge", "mac-roman"),
    LATER: ("EvidencedSpend", "mac-roman"),
}
OCDS = [DATA / "ocds/contracts_finder_england.jsonl", DATA / "ocds/pcs_scotland.jsonl"]
REGISTERS = {
    "authorities": DATA / "local_authorities/uk_local_authorities.csv",
    "organisations": DATA / "gov_orgs/government-organisation.tsv",
    "cpv": DATA / "cpv/cpv_2008_en.csv",
}
pytestmark = pytest.mark.skipif(not LATER.exists(), reason=f"the real files are not at {DATA}, beside the checkout")


class Loaded(NamedTuple):
    """One snapshot of everything, and the result of each load."""

    engine: EmbeddedEngine
    results: Mapping[str, LoadResult]
    table: EdgeTable


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory, facts: list[Path]) -> Iterator[Loaded]:
    folder = DataFolder(tmp_path_factory.mktemp("records") / "data")
    results = {
        "claims": load_claims(folder, facts),
        "authorities": load_authorities(folder, [REGISTERS["authorities"]]),
        "organisations": load_organisations(folder, [REGISTERS["organisations"]]),
        "cpv": load_cpv(folder, [REGISTERS["cpv"]]),
        "ocds": load_ocds(folder, OCDS),
        "spend": load_spend(folder, list(TABLES)),
    }
    with folder.open() as snapshot, folder.edges() as table:
        yield Loaded(snapshot.engine, results, table)


RECORDS = """
    SELECT record, edge.kind, b.iri AS buyer, s.iri AS supplier, min(edge.first), max(edge.last), sum(amount_e4),
        min(edge.guard), list(DISTINCT t.iri ORDER BY t.iri), list(DISTINCT p.iri ORDER BY p.iri), round(sum(part), 9)
    FROM edge JOIN entry USING (entry) JOIN party b ON b.party = buyer LEFT JOIN party s ON s.party = supplier
    LEFT JOIN thing t ON t.thing = service LEFT JOIN thing p ON p.thing = place
    WHERE edge.kind <> 'spend' GROUP BY ALL ORDER BY ALL
"""
PAYMENTS = """
    SELECT record, b.iri AS buyer, s.iri AS supplier, last_day(min(edge.first)), last_day(max(edge.last)),
        sum(amount_e4), min(edge.guard)
    FROM edge JOIN entry USING (entry) JOIN party b ON b.party = buyer LEFT JOIN party s ON s.party = supplier
    WHERE edge.kind = 'spend' GROUP BY ALL ORDER BY ALL
"""


def test_the_edges_made_of_records_are_those_that_sparql_gives(loaded: Loaded) -> None:
    # Both producers of rows: records as they were loaded, and what the store states. Of payments it has monthly sums.
    stated = edges_of(loaded.engine)
    for query in (RECORDS, PAYMENTS):
        assert loaded.table.rows(query) == stated.rows(query)
    stated.close()


def records(path: Path, encoding: str = "utf-8-sig", delimiter: str = ",") -> list[dict[str, str]]:
    with io.StringIO(path.read_bytes().decode(encoding, "replace"), newline="") as file:
        return [
            row for row in csv.DictReader(file, delimiter=delimiter) if any((v or "").strip() for v in row.values())
        ]


def pounds(text: str) -> Decimal:
    return Decimal(text.strip().replace(",", "").replace("(", "-").rstrip(")"))


def reports(loaded: Loaded) -> dict[str, Mapping[str, object]]:
    manifest = loaded.results["spend"].manifest
    assert manifest is not None
    return {source.id: source.report for source in manifest.sources}


def source_id(path: Path) -> str:
    return "-".join(path.stem.lower().replace("_", " ").split())


def values(engine: EmbeddedEngine, query: str) -> list[tuple[str, ...]]:
    return [tuple(term.value for term in row.values() if term is not None) for row in engine.select(query)]


def test_every_record_is_loaded_guarded_or_rejected(loaded: Loaded) -> None:
    for result in loaded.results.values():
        report = result.report
        assert not result.unreadable
        assert report.read == report.loaded + report.guarded.total() + report.rejected.total() > 0
        assert report.loaded > 0
    counted = {
        "authorities": len(records(REGISTERS["authorities"])),
        "organisations": len(records(REGISTERS["organisations"], delimiter="\t")),
        "cpv": len(records(REGISTERS["cpv"])),
        "spend": sum(len(records(path, encoding)) for path, (_, encoding) in TABLES.items()),
    }
    assert {name: loaded.results[name].report.read for name in counted} == counted
    releases = [json.loads(line) for path in OCDS for line in path.read_text(encoding="utf-8").splitlines()]
    ocids = {release["ocid"] for release in releases}
    awards = {(release["ocid"], award["id"]) for release in releases for award in release.get("awards", ())}
    assert loaded.results["ocds"].report.read == len(ocids) + len(awards)


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_spend_adds_up_to_the_penny_and_names_each_row_once(loaded: Loaded, path: Path) -> None:
    column, encoding = TABLES[path]
    rows = records(path, encoding)
    nodes = values(
        loaded.engine,
        "SELECT ?amount ?count ?rows { ?spend a cg:Spend ; cg:amount ?amount ; cg:count ?count ; cg:record ?rows ;"
        f" prov:wasDerivedFrom <{BASE}source/{source_id(path)}> }}",
    )
    report = reports(loaded)[source_id(path)]
    rejected = report["rejected"]
    assert rejected == {}, "so that every row is in a sum"
    assert sum(Decimal(amount) for amount, _, _ in nodes) == sum(pounds(row[column]) for row in rows)
    assert sum(int(count) for _, count, _ in nodes) == len(rows)
    named: list[int] = []
    for _, count, ranges in nodes:
        ends = [part.partition("-") for part in ranges.split()]
        own = [row for first, _, last in ends for row in range(int(first), int(last or first) + 1)]
        assert len(own) == int(count)
        named += own
    assert sorted(named) == list(range(1, len(rows) + 1))


def test_same_organisation_is_one_node(loaded: Loaded) -> None:
    named = "SELECT ?one {{ ?one a cg:Organisation ; rdfs:label|skos:altLabel '{}' }}"
    for name, key in (
        ("Birmingham City Council", "gb-lae-bir"),
        ("Leeds City Council", "gb-lae-lds"),
        ("Leeds", "gb-lae-lds"),
    ):
        assert set(values(loaded.engine, named.format(name))) == {(f"{BASE}organisation/{key}",)}
    stated = f"ASK {{ ?service cg:customer <{BASE}organisation/gb-lae-bir> ; cg:provider ?provider }}"
    assert loaded.engine.ask(stated), "what the claims say of Birmingham is said of the council of the register"
    paid = f"ASK {{ ?spend a cg:Spend ; cg:buyer <{BASE}organisation/gb-lae-lds> ; cg:reportedBy 'payments' }}"
    assert loaded.engine.ask(paid)


def test_every_thing_has_one_label(loaded: Loaded) -> None:
    without = (
        "SELECT DISTINCT ?thing { ?thing a ?class FILTER NOT EXISTS { ?thing rdfs:label ?label }"
        f" FILTER (STRSTARTS(STR(?thing), '{BASE}')) }}"
    )
    assert values(loaded.engine, without) == []
    several = "SELECT ?thing { ?thing rdfs:label ?label } GROUP BY ?thing HAVING (COUNT(?label) > 1)"
    assert values(loaded.engine, several) == []
    # Whatever stands where a thing is meant is one.
    for predicate in ("buyer", "supplier", "successor", "within", "areaServed", "process"):
        dangling = f"SELECT ?o {{ ?s cg:{predicate} ?o FILTER NOT EXISTS {{ ?o rdfs:label ?label }} }} LIMIT 3"
        assert values(loaded.engine, dangling) == [], predicate


def test_successors_and_places(loaded: Loaded) -> None:
    after = "SELECT ?name { ?old rdfs:label 'Allerdale Borough Council' ; cg:successor/rdfs:label ?name }"
    assert values(loaded.engine, after) == [("Cumberland Council",)]
    # The Kent of the articles is the register's.
    assert values(loaded.engine, "SELECT ?place { ?place a cg:Place ; rdfs:label 'Kent' }") == [
        (f"{BASE}place/e10000016",)
    ]
    in_sector = "SELECT ?name { ?body rdfs:label 'Leeds City Council' ; cg:memberOf/rdfs:label ?name }"
    assert values(loaded.engine, in_sector) == [("Local government",)]
    above = "SELECT ?name {{ ?place rdfs:label '{}' ; cg:level ?level ; cg:within+/rdfs:label ?name }}"
    assert ("England",) in values(loaded.engine, above.format("Kent"))
    assert {("Yorkshire and The Humber",), ("England",)} <= set(values(loaded.engine, above.format("Leeds")))
    # The bodies of the region first: the engine would walk from every place to every other otherwise.
    region = (
        "SELECT (SUM(?amount) AS ?total) {"
        " { SELECT DISTINCT ?body { ?region rdfs:label 'Yorkshire and The Humber' ; cg:level ?level ."
        "   ?area cg:within* ?region . ?body cg:areaServed ?area } }"
        " ?spend cg:buyer ?body ; a cg:Spend ; cg:reportedBy 'payments' ; cg:amount ?amount }"
    )
    councils = [path for path in TABLES if path.name.startswith(("leeds", "calderdale"))]
    total = sum((pounds(row["Amount"]) for path in councils for row in records(path)), Decimal(0))
    assert values(loaded.engine, region) == [(str(total.normalize()),)]


def test_nothing_guarded_is_in_a_share(loaded: Loaded) -> None:
    guarded = {edge for (edge,) in values(loaded.engine, "SELECT ?edge { ?edge cg:guard ?reason }")}
    assert guarded
    for basis in ("spend", "value", "contracts", "customers"):
        with loaded.table.scoped(Scope(basis=basis)) as found:
            chosen = found.rows("SELECT DISTINCT record FROM scoped JOIN entry USING (entry) WHERE left_out IS NULL")
        assert guarded.isdisjoint(record for (record,) in chosen)


@pytest.mark.parametrize("sector", [None, "Local Government"])
def test_concentration_of_g_cloud_is_that_of_its_rows(sector: str | None, tmp_path: Path) -> None:
    rows = [row for row in records(LATER, "mac-roman") if sector in (None, row["Sector"])]
    path = tmp_path / "g-cloud.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    folder = DataFolder(tmp_path / "data")
    result = load_spend(folder, [path])
    with folder.open() as snapshot:
        query = "SELECT ?name ?one { ?one a cg:Organisation ; rdfs:label|skos:altLabel ?name }"
        names = {name: one for name, one in values(snapshot.engine, query)}  # noqa: C416 - pairs, for the type checker
    with folder.edges() as table:
        suppliers = figures(table, Scope(basis="spend"), "supplier")
    totals = {one["supplier"]: one["total"] for one in suppliers}
    before, unguarded, resolved = (defaultdict[str, Decimal](Decimal) for _ in range(3))
    for row in rows:
        name, amount = " ".join(row["SupplierName"].split()), pounds(row["EvidencedSpend"])
        before[name] += amount
        if amount:
            unguarded[name] += amount
            resolved[names[name]] += amount
    assert totals == pytest.approx({key: float(amount) for key, amount in resolved.items()})
    assert index(before) == pytest.approx(157 if sector is None else 590, abs=1)
    amounts = [pounds(row["EvidencedSpend"]) for row in rows]
    nothing = sum(amount == 0 for amount in amounts)
    assert result.report.guarded == Counter({"zero-amount": nothing} if nothing else {})
    assert index(unguarded) == pytest.approx(index(before), rel=0.03 if sector is None else 0.06)
    assert index(unguarded) <= index(resolved) < index(unguarded) * 1.2


def index(totals: Mapping[str, Decimal]) -> float:
    found = hhi(shares({key: float(total) for key, total in totals.items() if total > 0}).values())
    assert found is not None
    return found


def test_torn_file_leaves_the_folder_as_it_was(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    load_ocds(folder, OCDS[1:])
    before = folder.manifest(), sorted(folder.path.rglob("*"))
    torn = tmp_path / "leeds__2019-10.csv"
    shutil.copy(next(iter(TABLES)), torn)
    torn.write_bytes(torn.read_bytes()[:200_000] + b'"')
    result = load_spend(folder, [torn])
    assert [error.file for error in result.unreadable] == [torn.name]
    assert (result.manifest, result.report.read) == (None, 0)
    assert (folder.manifest(), sorted(folder.path.rglob("*"))) == before


@pytest.mark.parametrize("day", ["31/01/2024", ""])
def test_subtotals_are_totals_with_a_day_or_without(tmp_path: Path, day: str) -> None:
    path = tmp_path / "sub__2024-01.csv"
    path.write_text(
        "Supplier Name,Payment Date,Net Amount,Department\n"
        "Alpha Digital Ltd,05/01/2024,1000,Care\nAlpha Digital Ltd,06/01/2024,500,Care\n"
        f"Alpha Digital Ltd Total,{day},1500,Care\nBeta Networks Limited,06/01/2024,3000,Roads\n"
        f"Beta Networks Limited Total,{day},3000,Roads\n"
        f",{day},4500,Roads Total\nGrand Total,{day},4500,\nGamma Ltd,,7,\n",
        encoding="utf-8",
    )
    report = load_spend(DataFolder(tmp_path / "data"), [path]).report
    assert (report.read, report.loaded, report.rejected) == (8, 3, Counter({"date": 1}))
    pounds = {"loaded": Decimal(4500), "total": Decimal(13_500), "rejected": Decimal(7)}
    blank = {"blank": Decimal(4500), "total": Decimal(9_000), "loaded": Decimal(4500), "rejected": Decimal(7)}
    assert report.pounds == (blank if day else pounds)
    assert report.rejections[0].remedy.endswith("or leave the row out, if it sums others")


def test_sales_are_netted_with_their_corrections(tmp_path: Path) -> None:
    path = tmp_path / "sales.csv"
    path.write_text(
        "SupplierName,CustomerName,ReturnMonth,EvidencedSpend\nAlpha Ltd,Home Office,2014-01-01,1000000\n"
        "Alpha Ltd,Home Office,2014-01-01,-900000\nBeta Ltd,Home Office,2014-01-01,100000\n",
        encoding="utf-8",
    )
    report = load_spend(DataFolder(tmp_path / "data"), [path]).report
    assert (report.loaded, report.pounds) == (3, {"loaded": Decimal(200_000)})
