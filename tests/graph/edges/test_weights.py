"""What a tie weighs in a scope: against a plain reckoning row by row, and worked out by hand."""

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from civicgraph.graph.edges.account import Left
from civicgraph.graph.edges.scope import KIND_OF_BASIS, Scope
from civicgraph.graph.edges.table import EdgeTable
from civicgraph.graph.measures.concentration import hhi, shares
from civicgraph.graph.measures.figures import figures_over_time
from tests.figures import figures

TableOf = Callable[..., EdgeTable]

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
            }
        ),
    ),
    max_size=12,
)
SCOPES = st.builds(
    Scope,
    services=st.sampled_from([(), ("s#it",), ("s#hr",), ("s#hr", "s#desktop")]),
    places=st.sampled_from([(), ("p#kent",)]),
    start=st.none() | st.just(date(2020, 1, 1)),
    end=st.none() | st.just(date(2020, 12, 31)),
    basis=st.sampled_from(["value", "spend", "contracts", "customers", "services"]),
)


def part(things: tuple[str, ...], wanted: tuple[str, ...]) -> Fraction:
    if not wanted:
        return Fraction(1)
    within = [thing for thing in things if not {thing, *BROADER.get(thing, ())}.isdisjoint(wanted)]
    return Fraction(len(within), max(len(things), 1))


def plain_weight(data: dict[str, Any], scope: Scope) -> float | None:  # noqa: PLR0911 - one a reason
    """Return what one tie weighs on its own, None where it is not in the scope or does not count."""
    kind, money = KIND_OF_BASIS[scope.basis], scope.basis in ("value", "spend")
    of_scope = part(data["services"], scope.services) * part(data["places"], scope.places)
    if kind not in (None, data["kind"]) or not of_scope or data["guard"]:
        return None
    start, end = data["start"], data["end"]
    if money:
        start, end = start or end, end or start
    if start and end and end < start:
        start, end = end, start  # whatever is counted, the time between the two
    first, last = scope.start or date.min, scope.end or date.max
    if (end or date.max) < first or (start or date.min) > last:
        return None
    bounded = scope.start is not None or scope.end is not None
    if bounded and start is None and end is None:
        return None
    if scope.basis == "customers":
        return float(of_scope)
    if not money:
        return float(of_scope)
    if data["value"] is None or data["currency"] != "GBP":
        return None
    if bounded:
        inside = (min(end, last) - max(start, first)).days + 1
        of_scope *= Fraction(inside, (end - start).days + 1)
    return float(Fraction(data["value"]) * of_scope)


SEVERAL = st.lists(SCOPES, min_size=1, max_size=3, unique=True)
"""To make a table takes longer than to ask it."""


@given(ties=TIES, scopes=SEVERAL)
@settings(max_examples=20)
def test_weights_are_those_of_a_plain_reckoning(table_of: TableOf, ties: Any, scopes: list[Scope]) -> None:  # noqa: ANN401
    table = table_of(ties, broader=BROADER)
    for scope in scopes:
        # Parts of money are whole pence but for the last.
        slack = 0.07 if scope.is_money else 1e-9
        assert weights(table, scope) == pytest.approx(plain_weights(ties, scope), abs=slack)


def plain_weights(ties: Any, scope: Scope) -> dict[tuple[str, str, str], float]:  # noqa: ANN401 - as drawn
    expected: dict[tuple[str, str, str], float] = {}
    for number, (buyer, supplier, given_) in enumerate(ties):
        weight = plain_weight(given_, scope)
        if weight is not None:
            expected[buyer, supplier, f"tie-{number}"] = weight
    if scope.basis == "customers":
        # A pair weighs 1 in all, shared by what its records have in the scope.
        pairs: Counter[tuple[str, str]] = Counter()
        for (buyer, supplier, _), weight in expected.items():
            pairs[buyer, supplier] += weight  # type: ignore[assignment]  # a counter of fractions
        expected = {key: weight / pairs[key[:2]] for key, weight in expected.items()}
    return expected


def weights(table: EdgeTable, scope: Scope) -> dict[tuple[str, str, str], float]:
    """Return what each record weighs by buyer, supplier and record."""
    query = (
        "SELECT b.iri, s.iri, record, sum(weight) FROM scoped JOIN entry USING (entry) JOIN party b ON b.party = buyer "
        "JOIN party s ON s.party = supplier WHERE left_out IS NULL GROUP BY ALL"
    )
    with table.scoped(scope) as rows:
        unit = 10_000 if scope.is_money else 1
        return {(buyer, supplier, key): weight / unit for buyer, supplier, key, weight in rows.rows(query)}


@given(ties=TIES, scopes=SEVERAL)
@settings(max_examples=20)
def test_figures_are_those_of_dictionaries_over_networkx(table_of: TableOf, ties: Any, scopes: list[Scope]) -> None:  # noqa: ANN401
    table = table_of(ties, broader=BROADER)
    for scope in scopes:
        check_figures(table, scope)


def check_figures(table: EdgeTable, scope: Scope) -> None:
    found: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for (buyer, supplier, key), weight in weights(table, scope).items():
        found.add_edge(buyer, supplier, key=key, weight=weight)
    of_all = shares(dict(found.in_degree(weight="weight")))
    whole = figures(table, scope, "market")[0]
    assert (whole["hhi"] is None) == (hhi(of_all.values()) is None)
    assert whole["hhi"] is None or whole["hhi"] == pytest.approx(hhi(of_all.values()), abs=1e-5)
    if whole["hhi"] is not None:
        assert whole["hhi_low"] is not None
        assert whole["hhi_high"] is not None
        assert whole["hhi_low"] - 1e-5 <= whole["hhi"] <= whole["hhi_high"] + 1e-5
    partners = {side: partners_of(found, side) for side in ("supplier", "buyer")}
    depends = [
        (buyer, supplier)
        for buyer, suppliers in partners["buyer"].items()
        for supplier, share in shares(suppliers).items()
        if share >= 0.5 - 1e-12
    ]
    for side, count in (("supplier", 1), ("buyer", 0)):
        for row in figures(table, scope, side):  # type: ignore[arg-type]
            party = str(row[side])
            of_party = shares(partners[side][party])
            other = "buyers" if side == "supplier" else "suppliers"
            assert row[other] == len(of_party)
            assert row[f"hhi_{other}"] == pytest.approx(hhi(of_party.values()), abs=1e-5)
            counted = sum(pair[count] == party for pair in depends)
            assert counted == row["dependent_buyers" if side == "supplier" else "depends_on"]


def partners_of(graph: "nx.MultiDiGraph[str]", side: str) -> dict[str, Counter[str]]:
    """Return what each supplier has from each buyer, or each buyer gives to each supplier."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for buyer, supplier, data in graph.edges(data=True):
        own, other = (supplier, buyer) if side == "supplier" else (buyer, supplier)
        found[own][other] += data["weight"]
    return found


def totals_by_supplier(table: EdgeTable, **scope: Any) -> dict[str, float]:  # noqa: ANN401
    found: dict[str, float] = defaultdict(float)
    for row in figures(table, Scope(**scope), "supplier"):
        found[str(row["name"])] += float(row["total"] or 0)
    return dict(found)


def test_a_contract_counts_in_each_period_by_its_days(table_of: TableOf) -> None:
    two_years = {"start": date(2019, 1, 1), "end": date(2020, 12, 31), "value": Decimal(731)}
    one_day_known = {"start": date(2020, 6, 1), "value": Decimal(10)}
    table = table_of([("a", "x", POUNDS | two_years), ("a", "y", POUNDS | one_day_known)])
    year = {"basis": "value", "start": date(2019, 1, 1), "end": date(2019, 12, 31)}
    assert totals_by_supplier(table, **year) == {"X": 365}
    assert totals_by_supplier(table, basis="value", start=date(2020, 1, 1), end=date(2020, 12, 31)) == {
        "X": 366,
        "Y": 10,
    }
    assert totals_by_supplier(table, basis="value", start=date(2019, 5, 5), end=date(2019, 5, 5)) == {"X": 1}
    # Counted, and not weighed by money, it is one contract in each.
    assert totals_by_supplier(table, **year | {"basis": "contracts"}) == {"X": 1}
    over_time = figures_over_time(table, Scope(basis="value"), "market", "year")
    assert sum(figure["total"] for figure in over_time) == 741
    financial = figures_over_time(table, Scope(basis="value", end=date(2020, 12, 31)), "market", "financial-year")
    assert [figure["from"] for figure in financial] == ["2018-04-01", "2019-04-01", "2020-04-01"]
    assert [figure["total"] for figure in financial] == [90, 366, 285]


def test_a_contract_of_several_services_is_shared_and_not_counted_twice(table_of: TableOf) -> None:
    both = POUNDS | {"value": Decimal(100), "services": ("s#it", "s#hr")}
    table = table_of([("a", "x", both), ("a", "y", POUNDS | {"value": Decimal(7), "services": ("s#hr",)})])
    parts = [totals_by_supplier(table, basis="value", services=(service,)) for service in ("s#it", "s#hr")]
    assert parts == [{"X": 50}, {"X": 50, "Y": 7}]
    assert totals_by_supplier(table, basis="value") == {"X": 100, "Y": 7}


def test_currencies_are_never_added(table_of: TableOf) -> None:
    euros = POUNDS | {"currency": "EUR", "value": Decimal(9)}
    table = table_of(
        [
            ("a", "x", POUNDS | {"value": Decimal(1)}),
            ("a", "y", euros),
            ("b", "z", POUNDS | {"value": Decimal(3), "currency": None}),
        ]
    )
    with table.scoped(Scope(basis="value")) as found:
        account = found.account
    assert account.counted == Left(1, 1, Decimal(1))
    # Euros are not pounds, and what has no currency may be anything.
    assert account.left_out == {
        "in another currency": Left(1, 1, Decimal(0)),
        "no currency stated": Left(1, 1, Decimal(0)),
    }
    assert totals_by_supplier(table, basis="value", currency="EUR") == {"Y": 9}


def test_what_names_no_supplier_is_counted_among_what_was_left_out(table_of: TableOf) -> None:
    row = POUNDS | {"kind": "spend", "value": Decimal(5), "start": date(2019, 1, 1), "end": date(2019, 1, 31)}
    table = table_of([("a", "x", row), ("a", None, row | {"guard": "total"}), ("a", None, row)])
    with table.scoped(Scope(basis="spend")) as found:
        account = found.account
    assert (account.records, account.coverage, account.coverage_money) == (3, 1 / 3, 1 / 3)
    assert account.left_out == {"guarded as total": Left(1, 1, Decimal(5)), "no supplier named": Left(1, 1, Decimal(5))}
    assert account.text() == "guarded as total: 1 (£5.00); no supplier named: 1 (£5.00)"


@pytest.mark.parametrize("values", [[None, None], [Decimal(0), Decimal(0)]])
def test_without_any_weight_there_is_a_clear_answer(table_of: TableOf, values: list[Decimal | None]) -> None:
    contracts = [("a", supplier, POUNDS | {"value": value}) for supplier, value in zip("xy", values, strict=True)]
    (figure,) = figures(table_of(contracts), Scope(basis="value"), "market")
    assert (figure["hhi"], figure["gini"], figure["cr4"], figure["total"]) == (None, None, None, 0)
    if values == [None, None]:
        # Two alike, or one of them next to nothing.
        assert (figure["hhi_low"], figure["hhi_high"], figure["excluded"]) == (5000, 10_000, "no value known: 2")
    else:
        assert (figure["hhi_low"], figure["hhi_high"], figure["coverage"]) == (None, None, 1)


def test_newcomers_and_leavers_are_told_against_the_period_before(table_of: TableOf) -> None:
    def in_year(year: int) -> dict[str, Any]:
        return POUNDS | {"start": date(year, 3, 1), "end": date(year, 3, 1) + timedelta(days=9), "value": Decimal(1)}

    ties = [("a", "stays", in_year(2019)), ("a", "stays", in_year(2020)), ("a", "left", in_year(2019)),
            ("a", "new", in_year(2020)), ("b", "new too", in_year(2020))]  # fmt: skip
    scope = Scope(basis="value", start=date(2020, 1, 1), end=date(2020, 12, 31))
    (figure,) = figures(table_of(ties), scope, "market")
    assert (figure["newcomers"], figure["leavers"]) == (2, 1)
    before = {row["name"]: row["share_before"] for row in figures(table_of(ties), scope, "supplier")}
    assert before == {"Stays": 0.5, "New": 0, "New Too": 0}
