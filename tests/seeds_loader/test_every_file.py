"""Every real file loads with one command, and its counts add up to the file's own number of records."""

import csv
import json
from pathlib import Path
from typing import Final

import pytest

from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.seeds_loader.load import LoadResult
from civicgraph.seeds_loader.load_records import load_ocds, load_spend
from civicgraph.seeds_loader.load_registers import load_authorities, load_cpv, load_organisations

DATA: Final = Path(__file__).parents[3] / "shared/data"
# Payments that no other test loads whole; the largest tables are read in test_spending.
TABLES = ["calderdale__2019-11-card.csv", *(f"as_published/{path.name}" for path in sorted(
    (DATA / "council_spend/as_published").glob("*.csv")) if path.stat().st_size < 1_000_000)]  # fmt: skip
REGISTERS = {
    "local_authorities/lookup_gss_to_registry.csv": load_authorities,
    "local_authorities/lookup_name_to_registry.csv": load_authorities,
    "local_authorities/openregister_gss_map.tsv": load_authorities,
    "local_authorities/uk_local_authorities_current.csv": load_authorities,
    "local_authorities/uk_local_authorities_future.csv": load_authorities,
    "er_gold/supplier_names_by_company_number.csv": load_organisations,
    "local_authorities/openregister_name_map.tsv": load_authorities,
    "gov_orgs/abbreviation_map.tsv": load_organisations,
    "gov_orgs/cloudstore-buyer_map.tsv": load_organisations,
    "gov_orgs/contracts-finder-buyers.tsv": load_organisations,
    "gov_orgs/name_map.tsv": load_organisations,
    "cpv/cpv_2008_en.csv": load_cpv,
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
def test_a_register_or_a_table_beside_it(name: str, tmp_path: Path) -> None:
    result = REGISTERS[name](DataFolder(tmp_path / "data"), [DATA / name])
    assert adds_up(result)
    assert result.report.read == rows(DATA / name)
    assert result.report.loaded > 0


@pytest.mark.parametrize("name", TABLES)
def test_a_table_of_payments(name: str, tmp_path: Path) -> None:
    result = load_spend(DataFolder(tmp_path / "data"), [DATA / "council_spend" / name])
    assert adds_up(result)
    assert result.report.read == rows(DATA / "council_spend" / name)


@pytest.mark.parametrize("name", ["contracts_finder_england.jsonl", "pcs_scotland.jsonl"])
def test_a_file_of_notices(name: str, tmp_path: Path) -> None:
    result = load_ocds(DataFolder(tmp_path / "data"), [DATA / "ocds" / name])
    releases = [json.loads(line) for line in (DATA / "ocds" / name).read_text(encoding="utf-8").splitlines()]
    awards = {(one["ocid"], award["id"]) for one in releases for award in one.get("awards", ())}
    assert adds_up(result)
    assert result.report.read == len({one["ocid"] for one in releases}) + len(awards)


def test_no_real_file_is_left_out() -> None:
    """Whatever lies in the folder is loaded here, or in test_load_records, or read whole in test_spending."""
    elsewhere = {
        "local_authorities/uk_local_authorities.csv",
        "gov_orgs/government-organisation.tsv",
        "gov_orgs/cloudstore-buyers.tsv",
    }
    found = {path.relative_to(DATA).as_posix() for ending in ("csv", "tsv") for path in DATA.rglob(f"*.{ending}")}
    tables = {name for name in found if name.startswith(("gcloud/", "council_spend/"))}
    assert {name for name in found - tables if not name.startswith("w3c-")} == elsewhere | REGISTERS.keys()


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


def test_a_list_of_buyers_brings_names_and_sectors(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    path = DATA / "gov_orgs/cloudstore-buyers.tsv"
    result = load_organisations(folder, [path])
    assert adds_up(result)
    assert result.report.read == rows(path)
    query = "SELECT ?sector { ?body rdfs:label 'Letcombe Regis Parish Council' ; cg:memberOf/rdfs:label ?sector }"
    with folder.open() as snapshot:
        assert [row["sector"].value for row in snapshot.engine.select(query) if row["sector"]] == ["Local government"]


def test_a_map_of_ids_without_the_names_beside_it_says_what_to_put_there(tmp_path: Path) -> None:
    alone = tmp_path / "cloudstore-buyer_map.tsv"
    alone.write_text("cloudstore-buyer\tgovernment-organisation\n1\tD1\n", encoding="utf-8")
    (error,) = load_organisations(DataFolder(tmp_path / "data"), [alone]).unreadable
    assert error.remedy == "put cloudstore-buyers.tsv with the names there"
