"""Money between public bodies is a transfer, once it is known who is who; what sells in a market is a supplier."""

from pathlib import Path

import pytest

from civicgraph.graph.edges.scope import Scope
from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.ontology.read import integrity_rules
from civicgraph.seeds_loader.load_records import load_contracts, load_ocds, load_spend
from civicgraph.seeds_loader.load_registers import load_authorities, load_organisations

RULES = [rule for rule in integrity_rules() if rule.name == "71-transfer-as-purchase"]
DATA = Path(__file__).parents[3] / "shared/data"
REGISTER = """government-organisation\tname\twebsite\tstart-date\tend-date
EA1\tCoal Authority\t\t\t
D2\tOrdnance Survey\t\t\t
PB3\tPublic Lending Right\t\t\t
"""
HEADER = "Body Name,Supplier Name,Net Amount,Payment Date\n"


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def payments(*pairs: tuple[str, str]) -> str:
    return HEADER + "".join(
        f"{payer},{payee},{number}00,2020-01-02\n" for number, (payer, payee) in enumerate(pairs, 1)
    )


def guards(folder: DataFolder) -> dict[str, str | None]:
    """What the edge table says of each payee of a file of payments; and the integrity rule must have nothing to say."""
    with folder.open() as snapshot:
        assert [list(snapshot.engine.select(rule.sparql)) for rule in RULES] == [[]]
    with folder.edges() as table:
        return dict(table.rows("SELECT DISTINCT payee, guard FROM entry WHERE reported_by = 'payments'"))


def test_a_body_is_public_by_a_register_by_its_own_report_or_by_one_of_its_names(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    load_organisations(folder, [write(tmp_path, "government-organisation.tsv", REGISTER)])
    rows = payments(
        ("Ashby Council", "THE COAL AUTHORITY"),
        ("Ashby Council", "Coal Authority (mine searches)"),
        ("Ashby Council", "Barton Homes"),
        ("Barton Homes", "Alpha Ltd"),
        ("Ashby Council", "Public Lending-Right"),
        ("Ashby Council", "ORDNANCE SURVEY"),
        ("Ashby Council", "Ashby Leisure"),
        ("Ashby Council", "Ashby  council"),
    )
    load_spend(folder, [write(tmp_path, "ashby__2020-01.csv", rows)])
    assert guards(folder) == {
        **dict.fromkeys(
            ("THE COAL AUTHORITY", "Coal Authority (mine searches)", "Public Lending-Right"), "public-transfer"
        ),
        "Barton Homes": "public-transfer",
        "Ashby council": "paid-to-itself",
        **dict.fromkeys(("Alpha Ltd", "ORDNANCE SURVEY", "Ashby Leisure")),
    }


def test_a_judgement_makes_a_transfer_and_taking_it_back_a_purchase(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    rows = payments(("Ashby Council", "Barton Trading Arm"), ("Ashby Council", "Barton Borough Council"))
    load_spend(folder, [write(tmp_path, "ashby__2020-01.csv", rows)])
    assert guards(folder)["Barton Trading Arm"] is None
    judged = write(folder.path, "judgements.yaml", "- same: [Barton Trading Arm, Barton Borough Council]\n")
    load_spend(folder, [write(tmp_path, "ashby__2020-02.csv", payments(("Ashby Council", "Beta Ltd")))])
    assert guards(folder)["Barton Trading Arm"] == "public-transfer"
    judged.unlink()
    load_spend(folder, [write(tmp_path, "ashby__2020-03.csv", payments(*3 * [("Ashby Council", "Gamma Ltd")]))])
    assert guards(folder)["Barton Trading Arm"] is None


def test_a_shared_service_that_sells_is_a_supplier(tmp_path: Path, seeds_folder: DataFolder) -> None:
    rows = payments(
        ("Dover District Council", "East Kent Services"), ("Dover District Council", "Canterbury City Council")
    )
    load_spend(seeds_folder, [write(tmp_path, "dover__2020-01.csv", rows)])
    assert guards(seeds_folder) == {"East Kent Services": None, "Canterbury City Council": "public-transfer"}


def test_what_a_public_body_declares_to_have_sold_is_a_sale(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    rows = "SupplierName,CustomerName,ReturnMonth,EvidencedSpend\nLeeds City Council,Ashby Council,2013-01-01,500\n"
    load_spend(folder, [write(tmp_path, "sales.csv", rows)])
    with folder.edges() as table, table.scoped(Scope(basis="spend")) as found:
        assert found.account.left_out == {}


@pytest.mark.skipif(not DATA.is_dir(), reason=f"the real files are not at {DATA}, beside the checkout")
def test_no_public_body_supplies_a_council_of_the_real_files(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    load_authorities(folder, [DATA / "local_authorities"])
    load_organisations(folder, [DATA / "gov_orgs/government-organisation.tsv"])
    load_ocds(folder, [DATA / "ocds/contracts_finder_england.jsonl"])
    load_contracts(folder, [DATA / "registers/contracts_finder_ocds_flat_2021-11.csv"])
    load_spend(folder, sorted((DATA / "council_spend").glob("*__2019-10*.csv")))
    found = guards(folder)
    assert found["ORDNANCE SURVEY"] is None
    assert found["Kirklees Council"] == found["Lee Mount Primary School"] == "public-transfer"
