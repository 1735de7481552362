"""What one party has with each other: by hand, and against the measures of a network and the figures of suppliers."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civicgraph.graph.edges.market import market
from civicgraph.graph.edges.network import Network
from civicgraph.graph.edges.scope import Scope
from civicgraph.graph.edges.ties.from_network import ties_of
from civicgraph.graph.measures.dealings import Dealings, Partner
from civicgraph.graph.measures.dependence import dependences
from civicgraph.graph.measures.figures import figures
from tests.graph.conftest import Tie, make_network

NetworkOf = Callable[..., Network]

CONTRACT = {"kind": "contract", "currency": "GBP"}


def worth(pounds: int, **more: object) -> dict[str, object]:
    return CONTRACT | {"value": Decimal(pounds)} | more


@pytest.fixture
def dealings(network_of: NetworkOf) -> Dealings:
    ties = [
        ("ashby", "x", worth(60, services=("s#payroll",), start=date(2015, 1, 1))),
        ("ashby", "y", worth(40, services=("s#hr",))),
        ("bixby", "x", worth(100, services=("s#hr",))),
        ("bixby", "x", worth(900, guard="framework-ceiling")),
    ]
    labels = {"s#payroll": "Payroll", "s#hr": "HR", "s#it": "IT"}
    broader = {"s#payroll": frozenset({"s#it"}), "s#hr": frozenset({"s#it"})}
    return Dealings(ties_of(network_of(ties, labels=labels, broader=broader)))


def number(dealings: Dealings, iri: str) -> int:
    found = dealings.number(iri)
    assert found is not None
    return found


def test_partners_of_a_buyer_and_of_a_supplier(dealings: Dealings) -> None:
    x, y = dealings.partners(number(dealings, "ashby"), "buyer", "value")
    assert (x.iri, x.total, x.of_own, x.of_theirs) == ("x", 60, 0.6, 60 / 160)
    assert (x.depends, x.is_depended_on) == (False, True)
    assert y == Partner("y", "Y", 40, 0.4, 1.0)
    bixby, ashby = dealings.partners(number(dealings, "x"), "supplier", "value")
    assert (bixby.iri, bixby.total, bixby.of_own, bixby.of_theirs, bixby.depends) == ("bixby", 100, 100 / 160, 1, True)
    assert (ashby.iri, ashby.of_theirs, ashby.depends) == ("ashby", 0.6, True)


def test_part_of_each_market_with_rank(dealings: Dealings) -> None:
    found = dealings.parts(number(dealings, "x"), "value")
    told = [(part.label, part.share, part.rank, part.suppliers) for part in found]
    assert told == [("All services", 0.8, 1, 2), ("Payroll", 1, 1, 1), ("IT", 0.8, 1, 2), ("HR", 100 / 140, 1, 2)]
    assert [part.rank for part in dealings.parts(number(dealings, "y"), "value")] == [2, 2, 2]
    assert dealings.parts(number(dealings, "x"), "spend") == []
    assert dealings.parts(number(dealings, "ashby"), "value") == []


def test_who_has_no_ties_has_no_number(dealings: Dealings) -> None:
    assert dealings.number("nobody") is None
    assert dealings.number("zzz") is None
    assert len(dealings.rows_between("ashby", "nobody")) == 0
    # What is guarded is in no share, and is a tie all the same.
    assert len(dealings.rows_between("bixby", "x")) == 2


TIES = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from("xyz"), st.integers(-3, 9).map(worth)), min_size=1, max_size=12
)


@given(TIES)
def test_dependence_is_that_of_the_network(given_ties: list[Tie]) -> None:
    network = make_network(given_ties)
    dealings = Dealings(ties_of(network))
    for basis in ("value", "contracts"):
        expected = dependences(market(network, Scope(basis=basis)).network)
        both = set()
        for supplier in "xyz":
            code = dealings.number(supplier)
            if code is not None:
                partners = dealings.partners(code, "supplier", basis)
                both |= {(one.iri, supplier) for one in partners if one.depends}
        assert both == set(expected)


@given(TIES)
def test_share_of_all_is_that_of_the_suppliers_figures(given_ties: list[Tie]) -> None:
    ties = ties_of(make_network(given_ties))
    dealings = Dealings(ties)
    shares = {row.supplier: row.share for row in figures(ties, Scope(basis="value"), "supplier")}  # type: ignore[union-attr]
    for supplier in sorted(shares):
        code = number(dealings, supplier)
        whole = next(iter(dealings.parts(code, "value")), None)
        assert (0.0 if whole is None else whole.share) == pytest.approx(shares[supplier])
        # The parts of one party's whole add up to it, and so do a market's.
        partners = dealings.partners(code, "supplier", "value")
        assert not partners or sum(one.of_own for one in partners) == pytest.approx(1)
