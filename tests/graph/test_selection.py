"""What a tie weighs in a scope: against a plain reckoning row by row, and worked out by hand."""

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from civicgraph.graph.edges.market import market
from civicgraph.graph.edges.network import Network
from civicgraph.graph.edges.scope import KIND_OF_BASIS, NO_CURRENCY, NO_SUPPLIER, NO_VALUE, OTHER_CURRENCY, Scope
from civicgraph.graph.edges.selection import select
from civicgraph.graph.edges.ties.from_network import ties_of
from civicgraph.graph.measures.concentration import hhi, shares
from civicgraph.graph.measures.dependence import dependences, partner_totals, sole_supplies, spread, totals
from civicgraph.graph.measures.figures import MarketFigure, as_row, figures, figures_over_time

NetworkOf = Callable[..., Network]

POUNDS: dict[str, Any] = {"kind": "contract", "currency": "GBP"}
BROADER = {"s#desktop": frozenset({"s#it"}), "p#dover": frozenset({"p#kent"})}
DAYS = st.none() | st.dates(date(2019, 1, 1), date(2021, 12, 31))
TIES = st.lists(
    st.tuples(
        st.sampled_from("abc"),
        st.sampled_from("wxyz"),
        st.fixed_dictionaries(
            {
                "kind": st.sampled_from(["service", "contract", "spend"]),
                "services": st.lists(st.sampled_from(["s#it", "s#desktop", "s#hr"]), unique=True).map(tuple),
                "places": st.lists(st.sampled_from(["p#kent", "p#dover", "p#leeds"]), unique=True).map(tuple),
                "start": DAYS,
                "end": DAYS,
                "value": st.none() | st.integers(1, 10**8).map(lambda pennies: Decimal(pennies) / 100),
                "currency": st.sampled_from(["GBP", "GBP", "EUR", None]),
                "guard": st.sampled_from([None, None, None, "refund"]),
                "split": st.sampled_from([1.0, 0.5]),
            }
        ),
    ),
    max_size=12,
)
SCOPES = st.builds(
    Scope,
    service=st.sampled_from([None, "s#it", "s#hr"]),
    place=st.sampled_from([None, "p#kent"]),
    start=st.none() | st.just(date(2020, 1, 1)),
    end=st.none() | st.just(date(2020, 12, 31)),
    basis=st.sampled_from(["value", "spend", "contracts", "customers", "services"]),
)


def part(things: tuple[str, ...], wanted: str | None) -> Fraction:
    if wanted is None:
        return Fraction(1)
    within = [thing for thing in things if wanted in (thing, *BROADER.get(thing, ()))]
    return Fraction(len(within), max(len(things), 1))


def plain_weight(data: dict[str, Any], scope: Scope) -> float | None:  # noqa: PLR0911 - one a reason
    """Return what one tie weighs on its own, None where it is not in the scope or does not count."""
    kind, money = KIND_OF_BASIS[scope.basis], scope.basis in ("value", "spend")
    of_scope = part(data["services"], scope.service) * part(data["places"], scope.place)
    if kind not in (None, data["kind"]) or not of_scope or data["guard"]:
        return None
    start, end = data["start"], data["end"]
    if money:
        start, end = start or end, end or start
        if start and end and end < start:
            start, end = end, start
    first, last = scope.start or date.min, scope.end or date.max
    if (end or date.max) < first or (start or date.min) > last:
        return None
    bounded = scope.start is not None or scope.end is not None
    if bounded and start is None and end is None:
        return None
    if scope.basis == "customers":
        return 1.0
    if not money:
        return float(of_scope) * float(data["split"])
    if data["value"] is None or data["currency"] != "GBP":
        return None
    if bounded:
        inside = (min(end, last) - max(start, first)).days + 1
        of_scope *= Fraction(inside, (end - start).days + 1)
    return float(Fraction(data["value"]) * of_scope) * float(data["split"])


@given(ties=TIES, scope=SCOPES)
@settings(max_examples=150)
def test_weights_are_those_of_a_plain_reckoning(network_of: NetworkOf, ties: Any, scope: Scope) -> None:  # noqa: ANN401
    network = network_of(ties, broader=BROADER)
    expected: dict[tuple[str, str, str], float] = {}
    for buyer, supplier, key, data in network.edges(keys=True, data=True):
        weight = plain_weight(data, scope)
        if weight is not None:
            expected[buyer, supplier, key] = weight
    if scope.basis == "customers":
        pairs = Counter((buyer, supplier) for buyer, supplier, _ in expected)
        expected = {(buyer, supplier, key): 1 / pairs[buyer, supplier] for buyer, supplier, key in expected}
    found = market(network, scope).network
    edges = found.edges(keys=True, data=True)
    weights = {(buyer, supplier, key): data["weight"] for buyer, supplier, key, data in edges}
    assert weights == pytest.approx(expected)


@given(ties=TIES, scope=SCOPES)
@settings(max_examples=60)
def test_figures_are_those_of_dictionaries_over_networkx(network_of: NetworkOf, ties: Any, scope: Scope) -> None:  # noqa: ANN401
    network = network_of(ties, broader=BROADER)
    found = market(network, scope).network
    of_all = shares(totals(found, "supplier"))
    whole = figures(network, scope, "market")[0]
    assert isinstance(whole, MarketFigure)
    assert (whole.hhi is None) == (hhi(of_all.values()) is None)
    assert whole.hhi is None or whole.hhi == pytest.approx(hhi(of_all.values()), abs=1e-5)
    if whole.hhi is not None:
        assert whole.hhi_low is not None
        assert whole.hhi_high is not None
        assert whole.hhi_low - 1e-5 <= whole.hhi <= whole.hhi_high + 1e-5
    depends, soles = dependences(found), sole_supplies(found)
    for side, count in (("supplier", 1), ("buyer", 0)):
        for figure in figures(network, scope, side):  # type: ignore[arg-type]
            row = as_row(figure)
            party = str(row[side])
            partners = shares(partner_totals(found, party, side))  # type: ignore[arg-type]
            other = "buyers" if side == "supplier" else "suppliers"
            assert row[other] == len(partners)
            assert row[f"hhi_{other}"] == pytest.approx(hhi(partners.values()), abs=1e-5)
            services = shares(spread(found, party, side, "services"))  # type: ignore[arg-type]
            assert row["hhi_services"] == pytest.approx(hhi(services.values()), abs=1e-5)
            counted = sum(pair[count] == party for pair in depends)
            assert counted == row["dependent_buyers" if side == "supplier" else "depends_on"]
            alone = sum((supplier if side == "supplier" else need[0]) == party for need, supplier in soles.items())
            assert alone == row["sole_supplier_of" if side == "supplier" else "sole_supplied"]


def totals_by_supplier(network: Network, **scope: Any) -> dict[str, float]:  # noqa: ANN401
    found: dict[str, float] = defaultdict(float)
    for row in map(as_row, figures(network, Scope(**scope), "supplier")):
        found[str(row["name"])] += float(row["total"] or 0)
    return dict(found)


def test_a_contract_counts_in_each_period_by_its_days(network_of: NetworkOf) -> None:
    two_years = {"start": date(2019, 1, 1), "end": date(2020, 12, 31), "value": Decimal(731)}
    one_day_known = {"start": date(2020, 6, 1), "value": Decimal(10)}
    network = network_of([("a", "x", POUNDS | two_years), ("a", "y", POUNDS | one_day_known)])
    year = {"basis": "value", "start": date(2019, 1, 1), "end": date(2019, 12, 31)}
    assert totals_by_supplier(network, **year) == {"X": 365}
    assert totals_by_supplier(network, basis="value", start=date(2020, 1, 1), end=date(2020, 12, 31)) == {
        "X": 366,
        "Y": 10,
    }
    assert totals_by_supplier(network, basis="value", start=date(2019, 5, 5), end=date(2019, 5, 5)) == {"X": 1}
    # Counted, and not weighed by money, it is one contract in each.
    assert totals_by_supplier(network, **year | {"basis": "contracts"}) == {"X": 1}
    over_time = figures_over_time(network, Scope(basis="value"), "market", "year")
    assert sum(figure.total for figure in over_time) == 741
    financial = figures_over_time(network, Scope(basis="value", end=date(2020, 12, 31)), "market", "financial-year")
    assert [figure.from_ for figure in financial] == ["2018-04-01", "2019-04-01", "2020-04-01"]
    assert [figure.total for figure in financial] == [90, 366, 285]


def test_a_contract_of_several_services_is_shared_and_not_counted_twice(network_of: NetworkOf) -> None:
    both = POUNDS | {"value": Decimal(100), "services": ("s#it", "s#hr")}
    network = network_of([("a", "x", both), ("a", "y", POUNDS | {"value": Decimal(7), "services": ("s#hr",)})])
    parts = [totals_by_supplier(network, basis="value", service=service) for service in ("s#it", "s#hr")]
    assert parts == [{"X": 50}, {"X": 50, "Y": 7}]
    assert totals_by_supplier(network, basis="value") == {"X": 100, "Y": 7}


def test_currencies_are_never_added(network_of: NetworkOf) -> None:
    euros = POUNDS | {"currency": "EUR", "value": Decimal(9)}
    network = network_of(
        [
            ("a", "x", POUNDS | {"value": Decimal(1)}),
            ("a", "y", euros),
            ("b", "z", POUNDS | {"value": Decimal(3), "currency": None}),
        ]
    )
    found = select(ties_of(network), Scope(basis="value"))
    assert (found.weight.tolist(), found.excluded) == ([1], {OTHER_CURRENCY: 1, NO_CURRENCY: 1})
    assert totals_by_supplier(network, basis="value", currency="EUR") == {"Y": 9}


def test_what_names_no_supplier_is_counted_among_what_was_left_out(network_of: NetworkOf) -> None:
    row = POUNDS | {"kind": "spend", "value": Decimal(5), "services": (), "places": (), "split": 1.0}
    row |= {"certainty": "asserted", "start": date(2019, 1, 1), "end": date(2019, 1, 31)}
    unnamed = (("a", "total", row | {"guard": "total"}), ("a", "nobody", row | {"guard": None}))
    network = network_of([("a", "x", row)], unnamed=unnamed)
    found = select(ties_of(network), Scope(basis="spend"))
    assert (found.records, found.coverage) == (3, 1 / 3)
    assert found.excluded == {"guarded as total": 1, NO_SUPPLIER: 1}


@pytest.mark.parametrize("values", [[None, None], [Decimal(0), Decimal(0)]])
def test_without_any_weight_there_is_a_clear_answer(network_of: NetworkOf, values: list[Decimal | None]) -> None:
    contracts = [("a", supplier, POUNDS | {"value": value}) for supplier, value in zip("xy", values, strict=True)]
    (figure,) = figures(network_of(contracts), Scope(basis="value"), "market")
    assert isinstance(figure, MarketFigure)
    assert (figure.hhi, figure.gini, figure.cr4, figure.total) == (None, None, None, 0)
    if values == [None, None]:
        # Two alike, or one of them next to nothing.
        assert (figure.hhi_low, figure.hhi_high, figure.excluded) == (5000, 10_000, f"{NO_VALUE}: 2")
    else:
        assert (figure.hhi_low, figure.hhi_high, figure.coverage) == (None, None, 1)


def test_newcomers_and_leavers_are_told_against_the_period_before(network_of: NetworkOf) -> None:
    def in_year(year: int) -> dict[str, Any]:
        return POUNDS | {"start": date(year, 3, 1), "end": date(year, 3, 1) + timedelta(days=9), "value": Decimal(1)}

    ties = [("a", "stays", in_year(2019)), ("a", "stays", in_year(2020)), ("a", "left", in_year(2019)),
            ("a", "new", in_year(2020)), ("b", "new too", in_year(2020))]  # fmt: skip
    scope = Scope(basis="value", start=date(2020, 1, 1), end=date(2020, 12, 31))
    (figure,) = figures(network_of(ties), scope, "market")
    assert isinstance(figure, MarketFigure)
    assert (figure.newcomers, figure.leavers) == (2, 1)
    before = {row["name"]: row["share_before"] for row in map(as_row, figures(network_of(ties), scope, "supplier"))}
    assert before == {"Stays": 0.5, "New": 0, "New Too": 0}
