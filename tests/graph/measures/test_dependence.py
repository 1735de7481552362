"""Who depends on whom: each measure against a count over the plain list of edges."""

from collections import defaultdict
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import Any

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from civicgraph.graph.edges.market import market
from civicgraph.graph.edges.network import Network
from civicgraph.graph.edges.scope import Scope
from civicgraph.graph.measures.dependence import (
    DEPENDENT_SHARE,
    Side,
    dependent_buyers,
    partner_totals,
    sole_supplies,
    spread,
    totals,
    turnover,
)
from civicgraph.graph.measures.figures import MarketFigure, figures
from civicgraph.graph.measures.market_figures import scope_before

Edge = tuple[str, str, int, tuple[str, ...]]
EDGES = st.lists(
    st.tuples(
        st.sampled_from("abc"),
        # One name is on both sides: who buys may supply too.
        st.sampled_from("axyz"),
        st.integers(0, 10**12),
        st.lists(st.sampled_from(["hr", "it", "payroll"]), unique=True).map(tuple),
    ),
    max_size=12,
)
SIDES: tuple[Side, ...] = ("supplier", "buyer")


def graph(edges: list[Edge]) -> Network:
    network: Network = nx.MultiDiGraph()
    for buyer, supplier, pennies, services in edges:
        network.add_edge(buyer, supplier, weight=pennies / 100, services=services)
    return network


def by_key(pairs: list[tuple[Any, Fraction]]) -> dict[Any, Fraction]:
    found: dict[Any, Fraction] = defaultdict(Fraction)
    for key, amount in pairs:
        found[key] += amount
    return found


def in_order(found: dict[str, float]) -> bool:
    return list(found.items()) == sorted(found.items(), key=lambda item: (-item[1], item[0]))


@given(EDGES)
def test_totals_are_the_sums_of_each_party_s_edges_the_largest_first(edges: list[Edge]) -> None:
    network = graph(edges)
    for side, place in (("buyer", 0), ("supplier", 1)):
        found = totals(network, "buyer" if side == "buyer" else "supplier")
        expected = by_key([(edge[place], Fraction(edge[2], 100)) for edge in edges])
        assert found == {party: pytest.approx(float(amount), rel=1e-12) for party, amount in expected.items()}
        assert in_order(found)
    assert sum(totals(network, "buyer").values()) == pytest.approx(sum(totals(network, "supplier").values()))


@given(EDGES)
def test_totals_by_partner_are_the_sums_of_the_edges_between_two(edges: list[Edge]) -> None:
    network = graph(edges)
    between = by_key([((buyer, supplier), Fraction(pennies, 100)) for buyer, supplier, pennies, _ in edges])
    for party in network:
        bought = {supplier: amount for (buyer, supplier), amount in between.items() if buyer == party}
        sold = {buyer: amount for (buyer, supplier), amount in between.items() if supplier == party}
        for side, expected in (("buyer", bought), ("supplier", sold)):
            found = partner_totals(network, party, "buyer" if side == "buyer" else "supplier")
            assert found == {partner: pytest.approx(float(amount)) for partner, amount in expected.items()}
            assert in_order(found)


@given(EDGES)
def test_a_spread_gives_each_value_of_an_edge_the_same_part(edges: list[Edge]) -> None:
    network = graph(edges)
    for party in network:
        for side, place in (("buyer", 0), ("supplier", 1)):
            expected = by_key(
                [
                    (service, Fraction(pennies, 100 * len(services)))
                    for *ends, pennies, services in edges
                    if ends[place] == party
                    for service in services
                ]
            )
            found = spread(network, party, "buyer" if side == "buyer" else "supplier", "services")
            assert found == {service: pytest.approx(float(amount)) for service, amount in expected.items()}
            assert list(found) == sorted(found)


@given(EDGES, st.sampled_from([DEPENDENT_SHARE, 0.25, 1.0]))
def test_who_depends_on_a_supplier_gives_it_that_share_of_all_it_gives(edges: list[Edge], at_least: float) -> None:
    network = graph(edges)
    given_by = by_key([(buyer, Fraction(pennies)) for buyer, _, pennies, _ in edges])
    between = by_key([((buyer, supplier), Fraction(pennies)) for buyer, supplier, pennies, _ in edges])
    for supplier in {edge[1] for edge in edges}:
        expected = {
            buyer: amount / given_by[buyer]
            for (buyer, other), amount in between.items()
            if other == supplier and amount and amount / given_by[buyer] >= Fraction(at_least)
        }
        found = dependent_buyers(network, supplier, at_least)
        # At the threshold itself a share may be off by its last digit.
        assert {b for b, share in found.items() if share > at_least + 1e-12} <= set(expected)
        assert {b for b, share in expected.items() if share > at_least + 1e-12} <= set(found)
        assert all(found[buyer] == pytest.approx(float(expected[buyer])) for buyer in set(found) & set(expected))
        assert in_order(found)


@given(EDGES)
def test_a_sole_supplier_is_the_only_one_of_a_buyer_s_service(edges: list[Edge]) -> None:
    needs = {(buyer, service) for buyer, _, _, services in edges for service in services}
    expected = {}
    for buyer, service in needs:
        found = {supplier for other, supplier, _, services in edges if other == buyer and service in services}
        if len(found) == 1:
            expected[buyer, service] = found.pop()
    soles = sole_supplies(graph(edges))
    assert soles == expected
    assert list(soles) == sorted(soles)


def test_dependence_begins_at_one_half() -> None:
    network = graph([("a", "x", 100, ()), ("a", "y", 100, ()), ("b", "x", 99, ()), ("b", "y", 101, ())])
    assert dependent_buyers(network, "x") == {"a": 0.5}
    assert dependent_buyers(network, "y") == {"b": 0.505, "a": 0.5}


@pytest.mark.parametrize("ties", [3, 6, 49, 103])
def test_equal_suppliers_are_equal_by_however_many_ties(network_of: Callable[..., Network], ties: int) -> None:
    # The parts of one customer, such as 49 forty-ninths, add up to a little less than 1 if they are simply added.
    network = market(network_of([*[("a", "y", {})] * ties, ("a", "x", {})]), Scope()).network
    assert totals(network, "supplier") == {"x": 1, "y": 1}
    assert list(totals(network, "supplier")) == ["x", "y"]
    assert dependent_buyers(network, "y") == dependent_buyers(network, "x") == {"a": 0.5}


def test_another_attribute_can_be_the_weight() -> None:
    network: Network = nx.MultiDiGraph()
    network.add_edge("a", "x", weight=1, value=30, places=("kent", "dover"))
    assert totals(network, "buyer", "value") == {"a": 30}
    assert partner_totals(network, "x", "supplier", "value") == {"a": 30}
    assert spread(network, "x", "supplier", "places", "value") == {"dover": 15, "kent": 15}
    assert dependent_buyers(network, "x", weight="value") == {"a": 1}


@pytest.mark.parametrize("side", SIDES)
def test_an_empty_network_has_no_totals(side: Side) -> None:
    assert totals(nx.MultiDiGraph(), side) == {}
    assert sole_supplies(nx.MultiDiGraph()) == {}


def test_who_only_gets_refunds_is_not_depended_on() -> None:
    assert dependent_buyers(graph([("a", "x", -5, ()), ("a", "y", 5, ())]), "x") == {}
    assert dependent_buyers(graph([("a", "x", 0, ())]), "x") == {}


DAYS = st.dates(date(2018, 1, 1), date(2019, 12, 31))
RUNNING = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("wxyz"), DAYS, DAYS), max_size=10)


@given(ties=RUNNING)
def test_newcomers_and_leavers_are_those_of_the_figure(
    network_of: Callable[..., Network], ties: list[tuple[str, str, date, date]]
) -> None:
    network = network_of((buyer, supplier, {"start": min(days), "end": max(days)}) for buyer, supplier, *days in ties)
    scope = Scope(start=date(2019, 1, 1), end=date(2019, 12, 31))
    before = scope_before(scope)
    assert before is not None
    figure = figures(network, scope, "market")[0]
    assert isinstance(figure, MarketFigure)
    new, gone = turnover(market(network, scope).network, market(network, before).network)
    assert (figure.newcomers, figure.leavers) == (len(new), len(gone))
    then = {supplier for _, supplier, *days in ties if min(days).year == 2018}
    now = {supplier for _, supplier, *days in ties if max(days).year == 2019}
    assert (set(new), set(gone)) == (now - then, then - now)
