"""What a payment bought: told by its row, its supplier or its department, with a certainty, and the rest counted."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from civicgraph.graph.edges.filters import Filters
from civicgraph.graph.edges.scope import ScopeError
from civicgraph.graph.edges.table import EdgeTable
from civicgraph.graph.measures.figure_columns import Figure
from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.seeds_loader.load_records import load_spend
from civicgraph.seeds_loader.services.classify import services_of_payment
from tests.figures import figures
from tests.graph.in_memory import edges_of

PAYMENTS = """Supplier Name,Net Amount,Payment Date,Expenses Type,Directorate
Soft Ltd,1000,2020-01-02,ICT Support & Maintenance,Finance
Phone Ltd,1000,2020-01-02,Communications And Computers,Finance
VODAFONE LTD,500,2020-01-02,Supplies and Services,Finance
Chairs Ltd,300,2020-01-02,,ICT Services
Farm Ltd,2200,2020-01-02,Vehicle Fuels,ICT Services
REDACTED,9000,2020-01-02,ICT Software,Finance
"""
SALES = """SupplierName,CustomerName,ReturnMonth,EvidencedSpend,Sector,SMEorLarge,LotDescription,Product
Alpha Ltd,Barton Council,2013-01-01,600,Local Government,SME,4,Invoice 1
Beta plc,Home Office,2013-01-01,300,Central Government,Large,1,Hosting
Beta plc,Barton Council,2013-02-01,100,Local Government,Large,1,Hosting
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    """Hold a council's payments, and sales. Nothing writes to it."""
    files = tmp_path_factory.mktemp("services")
    found = DataFolder(files / "data")
    for name, text in (("ashby__2020-01.csv", PAYMENTS), ("sales.csv", SALES)):
        (files / name).write_text(text, encoding="utf-8")
        load_spend(found, [files / name])
    return found


@pytest.fixture(scope="module")
def table(folder: DataFolder) -> Iterator[EdgeTable]:
    with folder.edges() as found:
        yield found


def market(table: EdgeTable, **asked: object) -> Figure:
    return figures(table, Filters(basis="spend", **asked).scope(table), "market")[0]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("certainty", "total"), [(None, 2800), ("speculative", 2800), ("reported", 2500), ("asserted", 2000)]
)
def test_a_service_of_payments_is_asked_with_its_certainty(table: EdgeTable, certainty: str, total: float) -> None:
    buyer = ("Ashby",)
    found = market(table, service=("it-services",), certainty=certainty, buyer=buyer)
    assert (found["total"], found["coverage"]) == (total, 2000 / 2000 if certainty == "asserted" else found["coverage"])
    # What is known of no type counts against it, and does not leave the whole.
    assert found["classified_money"] == pytest.approx(total / 5000)
    assert market(table, certainty=certainty, buyer=buyer)["total"] == 5000


def test_each_row_says_how_its_type_was_told(table: EdgeTable) -> None:
    rows = table.rows("SELECT payee, len(services), typed FROM entry WHERE reported_by = 'payments' ORDER BY file_row")
    assert rows == [
        ("Soft Ltd", 1, None),
        ("Phone Ltd", 1, None),
        ("VODAFONE LTD", 1, "reported"),
        ("Chairs Ltd", 1, "speculative"),
        ("Farm Ltd", 0, None),
        (None, 0, None),
    ]


def test_the_load_says_how_many_have_no_type(tmp_path: Path) -> None:
    (tmp_path / "ashby__2020-01.csv").write_text(PAYMENTS, encoding="utf-8")
    report = load_spend(DataFolder(tmp_path / "data"), [tmp_path / "ashby__2020-01.csv"]).report
    assert {kind: rows for kind, (rows, _amount) in report.kinds.items()} == {
        "with a service type that is asserted": 2,
        "with a service type that is reported": 1,
        "with a service type that is speculative": 1,
        "without a service type": 1,
    }


@pytest.mark.parametrize(
    ("asked", "total"),
    [
        ({"size": ("sme",)}, 600),
        ({"size": ("Large",)}, 400),
        ({"sector": ("local government",)}, 700),
        ({"sector": ("Local Government", "Central Government"), "lot": ("1",)}, 400),
        ({"vat": ("net",)}, 5000),
    ],
)
def test_flags_that_files_carry_can_be_asked_for(
    table: EdgeTable, asked: dict[str, tuple[str, ...]], total: float
) -> None:
    assert market(table, **asked)["total"] == total


def test_a_flag_that_no_file_has_is_told(table: EdgeTable) -> None:
    with pytest.raises(ScopeError, match="no record has the sector 'Police'; there are: Central Government, Local"):
        Filters(sector=("Police",)).scope(table)


def test_what_the_store_states_has_all_marks_and_certainties_too(folder: DataFolder) -> None:
    query = """SELECT s.iri, typed, sector, size, lot, vat, CAST(sum(value_e4) AS BIGINT) FROM entry
        JOIN (SELECT DISTINCT entry, supplier FROM edge) USING (entry) JOIN party s ON s.party = supplier
        LEFT JOIN mark USING (mark) GROUP BY ALL ORDER BY ALL"""
    with folder.open() as snapshot, folder.edges() as table:
        told = table.rows(query)
        assert edges_of(snapshot.engine).rows(query) == told
        assert all(any(row[at] for row in told) for at in range(1, 6))


# Held-out rows, none of which the rules were written from.
HELD_OUT = [
    ("Computer Software Licences", "", "", "software-licences"),
    ("SUPPLIES & SERVICES / Broadband Charges", "", "", "network"),
    ("72250000-2", "", "", "it-support"),
    ("Licences", "Northgate Public Services (UK) Ltd", "", "applications"),
    ("", "Kimpton Street Works Ltd", "", None),
    ("Liquor Licence Fees", "", "", None),
    ("Road Fund Licence", "", "", None),
    ("", "NETWORK RAIL INFRASTRUCTURE", "", None),
    ("Agency Staff - Residential", "", "", "recruitment"),
    ("Taxi Fares", "British Telecommunications plc", "ICT", None),
]


@pytest.mark.parametrize(("what", "supplier", "department", "service"), HELD_OUT)
def test_precision_before_recall(what: str, supplier: str, department: str, service: str | None) -> None:
    assert services_of_payment(what, supplier, department)[0] == (() if service is None else (service,))


DATA = Path(__file__).parents[3] / "shared/data/council_spend/as_published"


@pytest.mark.skipif(not DATA.is_dir(), reason=f"the real files are not at {DATA}, beside the checkout")
def test_it_of_a_council_is_the_sum_of_its_own_categories(tmp_path: Path) -> None:
    path = DATA / "bradford__clean__2019-12_clean.csv"
    folder = DataFolder(tmp_path / "data")
    load_spend(folder, [path])
    with path.open(encoding="cp1252", newline="") as lines:
        rows = list(csv.DictReader(lines))
    ict = sum(
        float(row["Net Amount"])
        for row in rows
        if any(word in row["Expenditure category"] for word in ("ICT", "Telecom", "IT Web", "Photocopying"))
        and float(row["Net Amount"]) > 0
    )
    with folder.edges() as table:
        found = market(table, service=("it-services",), certainty="asserted")
    # One payment of the category went to a public body, and is a transfer.
    assert found["total"] == pytest.approx(ict, rel=0.01)
    assert found["classified"] is not None
    assert 0.6 < found["classified"] < 0.7
