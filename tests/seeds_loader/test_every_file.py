"""Every real file that a reader is for loads with one command, and its counts add up to its own number of records."""

import csv
import json
from pathlib import Path
from typing import Any, Final

import pytest

from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.seeds_loader.load import LoadResult
from civicgraph.seeds_loader.load_records import load_contracts, load_ocds, load_spend
from civicgraph.seeds_loader.load_registers import load_authorities, load_cpv, load_organisations, load_ownership

DATA: Final = Path(__file__).parents[3] / "shared/data"
# Payments that no other test loads whole; the largest tables are read in test_spending.
TABLES = ["calderdale__2019-11-card.csv", *(f"as_published/{path.name}" for path in sorted(
    (DATA / "council_spend/as_published").glob("*.csv")) if path.stat().st_size < 1_000_000)]  # fmt: skip
REGISTERS = {
    "local_authorities/uk_local_authorities_current.csv": load_authorities,
    "local_authorities/uk_local_authorities_future.csv": load_authorities,
    "er_gold/supplier_names_by_company_number.csv": load_organisations,
    "companies/BasicCompanyData_sample.csv": load_organisations,
    "gov_orgs/government-organisation.tsv": load_organisations,
    "cpv/cpv_2008_en.csv": load_cpv,
}
NOTICES = sorted(
    path.relative_to(DATA).as_posix()
    for path in (*DATA.glob("ocds/*.json*"), *DATA.glob("api/*.json*"))
    if "_rest_" not in path.name
)
# What lies there and is not loaded: descriptions of data, and forms of records that have no reader.
OTHERS = {
    "api/contracts_finder_rest_v2_notice.json": (load_ocds, "nothing in it has an ocid"),
    "companies/psc_snapshot_corporate.jsonl": (load_ocds, "nothing in it has an ocid"),
    "companies/BasicCompanyData_sample.csv": (load_spend, "no column is known"),
    "gov_orgs/cloudstore-buyers.tsv": (load_organisations, "not a register: it has cloudstore-buyer, name"),
    "local_authorities/lookup_name_to_registry.csv": (load_authorities, "not a register: it has la-name"),
    "uk_extension/release-schema.json": (load_ocds, "neither releases nor records"),
    "registers/lga_contracts_register_schema.json": (load_contracts, "no column is known"),
}
pytestmark = pytest.mark.skipif(not DATA.exists(), reason=f"the real files are not at {DATA}, beside the checkout")


def rows(path: Path) -> int:
    """Count the rows that hold anything, apart from the readers."""
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        lines = csv.reader(file, delimiter="\t" if path.suffix == ".tsv" else ",")
        return sum(1 for cells in lines if any(map(str.strip, cells))) - 1


def adds_up(result: LoadResult) -> bool:
    counts = result.report.as_json()
    parts = counts["loaded"] + sum(counts["guarded"].values()) + sum(counts["rejected"].values())
    return not result.unreadable and counts["read"] == parts


@pytest.mark.parametrize("name", sorted(REGISTERS))
def test_a_register(name: str, tmp_path: Path) -> None:
    result = REGISTERS[name](DataFolder(tmp_path / "data"), [DATA / name])
    assert adds_up(result)
    assert result.report.read == rows(DATA / name)
    assert result.report.loaded > 0


@pytest.mark.parametrize("name", TABLES)
def test_a_table_of_payments(name: str, tmp_path: Path) -> None:
    result = load_spend(DataFolder(tmp_path / "data"), [DATA / "council_spend" / name])
    assert adds_up(result)
    assert result.report.read == rows(DATA / "council_spend" / name)


@pytest.mark.parametrize("name", NOTICES)
def test_a_file_of_notices(name: str, tmp_path: Path) -> None:
    result = load_ocds(DataFolder(tmp_path / "data"), [DATA / name])
    assert adds_up(result)
    releases = [one for one in releases_in(DATA / name) if one.get("ocid")]
    assert result.report.read >= len({one["ocid"] for one in releases}) > 0
    if not any(one.get("contracts") for one in releases):
        awards = {(one["ocid"], award["id"]) for one in releases for award in one.get("awards", ())}
        assert result.report.read == len({one["ocid"] for one in releases}) + len(awards)


def releases_in(path: Path) -> list[dict[str, Any]]:
    text = path.read_text(encoding="utf-8")
    documents = [json.loads(line) for line in text.splitlines()] if path.suffix == ".jsonl" else [json.loads(text)]
    return [release for one in documents for release in one.get("releases", [one])]


@pytest.mark.parametrize("name", sorted(OTHERS))
def test_what_no_reader_is_for_says_what_it_is(name: str, tmp_path: Path) -> None:
    load, reason = OTHERS[name]
    (error,) = load(DataFolder(tmp_path / "data"), [DATA / name]).unreadable
    assert reason in error.reason
    assert error.remedy


def test_a_list_of_companies_brings_numbers_and_every_name(tmp_path: Path) -> None:
    path = tmp_path / "suppliers.csv"
    rows = "00018971,Pollock Lifts Ltd\n18971,PollockLifts Ltd\nnone,Gamma Ltd\n00134210,\n"
    path.write_text(f"company_number,supplier_name\n{rows}", encoding="utf-8")
    folder = DataFolder(tmp_path / "data")
    result = load_organisations(folder, [path])
    assert adds_up(result)
    assert (result.report.loaded, dict(result.report.rejected)) == (2, {"company_number": 1, "supplier_name": 1})
    query = "SELECT ?name { ?one a cg:Company ; cg:identifier 'GB-COH-00018971' ; rdfs:label|skos:altLabel ?name }"
    with folder.open() as snapshot:
        names = {row["name"].value for row in snapshot.engine.select(query) if row["name"]}
    assert names == {"Pollock Lifts Ltd", "PollockLifts Ltd"}


def test_the_register_of_companies_brings_numbers_and_former_names(tmp_path: Path) -> None:
    path = tmp_path / "BasicCompanyData.csv"
    rows = ["CompanyName, CompanyNumber,PreviousName_1.CONDATE, PreviousName_1.CompanyName", '"! LTD","08209948","",""']
    rows.append('"ENGIE LIMITED","00234567","01/02/2016","COFELY LIMITED"')
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    folder = DataFolder(tmp_path / "data")
    result = load_organisations(folder, [path])
    assert (adds_up(result), result.report.loaded) == (True, 2)
    query = "SELECT ?name { ?one cg:identifier 'GB-COH-00234567' ; rdfs:label|skos:altLabel ?name }"
    with folder.open() as snapshot:
        names = {row["name"].value for row in snapshot.engine.select(query) if row["name"]}
    assert names == {"ENGIE LIMITED", "COFELY LIMITED"}


@pytest.mark.parametrize("name", ["psc_api_corporate_03977902.json", "psc_snapshot_corporate.jsonl"])
def test_significant_control_as_companies_house_gives_it(tmp_path: Path, name: str) -> None:
    path, is_lines = tmp_path / name, name.endswith("l")
    path.write_bytes((DATA / "companies" / name).read_bytes() + (b'{"broken\n' if is_lines else b""))
    folder = DataFolder(tmp_path / "data")
    result = load_ownership(folder, [path])
    assert (adds_up(result), result.report.loaded) == (True, 1)
    assert dict(result.report.rejected) == ({"line": 1} if is_lines else {})
    query = "SELECT ?who ?owned ?day { ?o cg:owner/rdfs:label ?who ; cg:owned ?owned ; cg:start ?day }"
    with folder.open() as snapshot:
        (row,) = snapshot.engine.select(query)
        told = [str(getattr(term, "value", "")).rpartition("/")[2] for term in row.values()]
    assert told == ["Alphabet, Inc.", "gb-coh-03977902", "2016-04-06"]
