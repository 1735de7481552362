"""What one party has with each other: by hand, and against the figures of suppliers and buyers."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from civicgraph.graph.edges.scope import BASES, Basis, Scope
from civicgraph.graph.edges.table import EdgeTable
from civicgraph.graph.measures.partners import ground_of, market_parts, partners
from tests.figures import figures
from tests.graph.conftest import Edge, make_table

TableOf = Callable[..., EdgeTable]

CONTRACT = {"kind": "contract", "currency": "GBP"}


def worth(pounds: int, **more: object) -> Mapping[str, Any]:
    return CONTRACT | {"value": Decimal(pounds)} | more


@pytest.fixture
def table(table_of: TableOf) -> EdgeTable:
    edges = [
        ("ashby", "x", worth(60, services=("s#payroll",), start=date(2015, 1, 1))),
        ("ashby", "y", worth(40, services=("s#hr",))),
        ("bixby", "x", worth(100, services=("s#hr",), end=date(2016, 1, 1))),
        ("bixby", "x", worth(900, guard="framework-ceiling", end=date(2030, 1, 1))),
        ("bixby", "x", CONTRACT | {"start": date(2014, 1, 1)}),
        ("ashby", "z", CONTRACT),
        ("ashby", None, worth(7)),
    ]
    labels = {"s#payroll": "Payroll", "s#hr": "HR", "s#it": "IT"}
    broader = {"s#payroll": frozenset({"s#it"}), "s#hr": frozenset({"s#it"})}
    return table_of(edges, labels=labels, broader=broader)


def test_partners_of_a_buyer_and_of_a_supplier(table: EdgeTable) -> None:
    x, y = partners(table, "ashby", "buyer", "value")
    assert (x.iri, x.total, x.of_own, x.of_theirs) == ("x", 60, 0.6, 60 / 160)
    assert (x.records, x.starts, x.ends) == (1, date(2015, 1, 1), None)
    assert (x.depends, x.is_depended_on) == (False, True)
    # Of Bixby's two contracts one has a value; the ceiling of a framework hides nothing.
    assert [one.their_coverage for one in partners(table, "x", "supplier", "value")] == [0.5, 0.5]
    assert (y.iri, y.total, y.of_own, y.of_theirs) == ("y", 40, 0.4, 1.0)
    bixby, ashby = partners(table, "x", "supplier", "value")
    assert (bixby.iri, bixby.total, bixby.of_own, bixby.of_theirs, bixby.depends) == ("bixby", 100, 100 / 160, 1, True)
    # What has no value is a contract all the same; what is guarded is none that counts.
    assert (bixby.records, bixby.starts, bixby.ends) == (2, date(2014, 1, 1), date(2016, 1, 1))
    assert (ashby.iri, ashby.of_theirs, ashby.depends) == ("ashby", 0.6, True)


def test_part_of_each_market_with_rank(table: EdgeTable) -> None:
    told = [(part.label, part.share, part.rank, part.suppliers) for part in market_parts(table, "x", "value")]
    assert told == [("All services", 0.8, 1, 2), ("Payroll", 1, 1, 1), ("IT", 0.8, 1, 2), ("HR", 100 / 140, 1, 2)]
    assert [part.rank for part in market_parts(table, "y", "value")] == [2, 2, 2]
    assert list(market_parts(table, "x", "spend")) == []
    assert list(market_parts(table, "ashby", "value")) == []
    assert list(partners(table, "nobody", "buyer", "value")) == []


EDGES = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from("xyz"), st.integers(-3, 9).map(worth)), min_size=1, max_size=12
)


@settings(max_examples=25)
@given(EDGES, st.sampled_from(["value", "contracts"]))
def test_partners_are_those_of_the_figures(given_edges: list[Edge], basis: Basis) -> None:
    assert basis in BASES
    table = make_table(given_edges)
    for row in figures(table, Scope(basis=basis), "supplier"):
        found = partners(table, row["supplier"], "supplier", basis)
        assert sum(partner.depends for partner in found) == row["dependent_buyers"]
        assert len(found) == row["buyers"]
        assert not found or sum(one.of_own for one in found) == pytest.approx(1)
        whole = next(iter(market_parts(table, row["supplier"], basis)), None)
        assert (0.0 if whole is None else whole.share) == pytest.approx(row["share"])


def test_what_is_redacted_leaves_no_ground_for_a_sentence(table_of: TableOf) -> None:
    paid = {"kind": "spend", "currency": "GBP", "value": Decimal(10)}
    rows = [("ashby", "x", paid), ("ashby", None, paid | {"guard": "redacted", "value": Decimal(990)})]
    with table_of(rows).scoped(Scope(basis="spend", buyers=("ashby",))) as scoped:
        ground = ground_of(scoped.account, "spend")
    assert (ground.loaded, ground.coverage, ground.is_enough) == ("the one payment loaded", 0.01, False)
    assert [one.their_coverage for one in partners(table_of(rows), "x", "supplier", "spend")] == [0.01]
    transfers = [("ashby", "x", paid), ("ashby", "bixby", paid | {"guard": "public-transfer", "value": Decimal(990)})]
    with table_of(transfers).scoped(Scope(basis="spend", buyers=("ashby",))) as scoped:
        assert ground_of(scoped.account, "spend").coverage == 1
