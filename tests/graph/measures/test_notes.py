"""What must be said beside a figure: months that a period cuts, net and gross in one sum; currencies stay apart."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from civicgraph.graph.edges.scope import Scope
from civicgraph.graph.measures.figure_columns import Figure
from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.seeds_loader.load_records import load_spend
from tests.figures import figures

Market = Callable[..., Figure]
FILES = {
    "netshire__2024-01.csv": "Supplier,Net Amount,Date\nAlpha Ltd,100,2024-01-10\n",
    "grossshire__2024-01.csv": "Supplier,Gross amount,Date\nAlpha Ltd,240,2024-01-11\nBeta Ltd,60,2024-01-12\n",
    "kshire__2024-01.csv": "Supplier,Amount (£000),Date\nGamma Ltd,1.5,2024-01-12\n",
    "euroshire__2024-01.csv": "Supplier,Amount,Currency,Date\nAlpha,70,euros,2024-01-12\nAlpha,9,£,2024-01-12\n",
    "monthshire.csv": "Body name,Supplier,Amount,Month\nMonthshire,Alpha Ltd,310,January 2024\n",
    "vatshire__2024-01.csv": "Supplier,Gross amount,VAT,Date\nAlpha Ltd,120,20,2024-01-10\n",
}


@pytest.fixture
def market(tmp_path: Path) -> Market:
    def asked(*names: str, **scope: object) -> Figure:
        folder = DataFolder(tmp_path / "data")
        for name in names:
            (tmp_path / name).write_text(FILES[name], encoding="utf-8")
        load_spend(folder, [tmp_path / name for name in names])
        with folder.edges() as table:
            return figures(table, Scope(basis="spend", **scope), "market")[0]  # type: ignore[arg-type]

    return asked


def test_net_and_gross_are_never_added(market: Market) -> None:
    found = market("netshire__2024-01.csv", "grossshire__2024-01.csv", "kshire__2024-01.csv")
    assert (found["total"], found["suppliers"], found["rows"]) == (1600, 2, 4)
    assert found["excluded"] == "with VAT, others without: 2 (£300.00)"
    assert "100.00 without VAT, 1,500.00 of files that do not say, 300.00 with VAT, left out" in found["notes"]


@pytest.mark.parametrize("alone", ["netshire__2024-01.csv", "grossshire__2024-01.csv"])
def test_one_kind_with_amounts_of_which_no_file_says_counts_whole(market: Market, alone: str) -> None:
    found = market(alone, "kshire__2024-01.csv")
    assert (found["total"], found["excluded"], found["notes"]) == (1600 if alone.startswith("net") else 1800, "", "")


def test_of_whom_all_amounts_are_gross_they_count_in_a_scope_of_its_own(market: Market) -> None:
    gross = "https://w3id.org/civicgraph/id/organisation/grossshire"
    assert market("netshire__2024-01.csv", "grossshire__2024-01.csv", buyers=(gross,))["total"] == 300


@pytest.mark.parametrize(("vat", "total"), [("net", 200), ("gross", 300)])
def test_either_can_be_taken_alone(market: Market, vat: str, total: float) -> None:
    # What has its tax in a column of its own is net, the tax taken off.
    found = market("netshire__2024-01.csv", "grossshire__2024-01.csv", "vatshire__2024-01.csv", vat=(vat,))
    assert (found["total"], found["notes"]) == (total, "")


@pytest.mark.parametrize(("currency", "total"), [("GBP", 9), ("EUR", 70)])
def test_currencies_stay_apart(market: Market, currency: str, total: float) -> None:
    found = market("euroshire__2024-01.csv", currency=currency)
    assert (found["total"], found["currency"]) == (total, currency)
    assert found["excluded"].startswith("in another currency: 1")


def test_a_month_that_is_cut_is_told(market: Market) -> None:
    days = {"start": date(2024, 1, 1), "end": date(2024, 1, 10)}
    found = market("monthshire.csv", "netshire__2024-01.csv", **days)
    assert found["total"] == 200
    assert "by the month only" in found["notes"]


def test_whole_months_and_days_need_no_word(market: Market) -> None:
    whole = {"start": date(2024, 1, 1), "end": date(2024, 1, 31)}
    assert market("monthshire.csv", "netshire__2024-01.csv", **whole)["notes"] == ""
