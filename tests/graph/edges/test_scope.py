"""Scopes: which rows are in them, what each weighs, and what is left out."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from civicgraph.graph.edges.account import Account
from civicgraph.graph.edges.scope import BASES, Basis, Scope
from civicgraph.graph.edges.table import EdgeTable

TableOf = Callable[..., EdgeTable]

LABELS = {"id/place/kent": "Kent", "id/place/dover": "Dover", "s#it": "IT services", "s#hr": "Human resources"}
BROADER = {"s#desktop": frozenset({"s#it"}), "id/place/dover": frozenset({"id/place/kent", "id/place/england"})}


def weights(table: EdgeTable, scope: Scope) -> dict[str, float]:
    """Return what each buyer's part of each record weighs, those that count."""
    query = (
        "SELECT b.iri || ' ' || record, sum(weight) FROM scoped JOIN entry USING (entry) "
        "JOIN party b ON b.party = buyer WHERE left_out IS NULL GROUP BY ALL"
    )
    with table.scoped(scope) as found:
        unit = 10_000 if scope.is_money else 1
        return {key: weight / unit for key, weight in found.rows(query)}


def keys(table: EdgeTable, scope: Scope) -> set[str]:
    return {key.split(" ", 1)[1] for key in weights(table, scope)}


def account(table: EdgeTable, scope: Scope) -> Account:
    with table.scoped(scope) as found:
        return found.account


def excluded(table: EdgeTable, scope: Scope) -> dict[str, int]:
    return {reason: left.rows for reason, left in account(table, scope).left_out.items()}


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        (Scope(), "it desktop hr both none"),
        (Scope(services=("s#it",)), "it desktop both"),
        (Scope(services=("s#desktop",)), "desktop"),
        (Scope(services=("s#hr",)), "hr both"),
        (Scope(services=("s#unknown",)), ""),
        (Scope(places=("id/place/kent",)), "it hr"),
        (Scope(places=("id/place/england",)), "it"),
        (Scope(places=("id/place/dover",)), "it"),
        (Scope(services=("s#hr",), places=("id/place/kent",)), "hr"),
        (Scope(services=("s#desktop",), places=("id/place/kent",)), ""),
    ],
    ids=str,
)
def test_a_scope_takes_in_what_lies_under_it(table_of: TableOf, scope: Scope, expected: str) -> None:
    table = table_of(
        [
            ("a", "x", {"key": "it", "services": ("s#it",), "places": ("id/place/dover",)}),
            ("a", "y", {"key": "desktop", "services": ("s#desktop",)}),
            ("b", "x", {"key": "hr", "services": ("s#hr",), "places": ("id/place/kent",)}),
            ("c", "y", {"key": "both", "services": ("s#hr", "s#it")}),
            ("c", "z", {"key": "none"}),
        ],
        broader=BROADER,
    )
    assert keys(table, scope) == set(expected.split())
    assert account(table, scope).records == len(expected.split())
    assert excluded(table, scope) == {}


PERIODS = {
    "before": (date(2009, 1, 1), date(2009, 12, 31)),
    "across": (date(2009, 6, 1), date(2010, 6, 1)),
    "within": (date(2010, 2, 1), date(2010, 3, 1)),
    "open": (date(2010, 12, 31), None),
    "until": (None, date(2010, 1, 1)),
    "after": (date(2011, 1, 1), None),
    "undated": (None, None),
}


def dated(table_of: TableOf) -> EdgeTable:
    return table_of([("a", "x", {"key": key, "start": start, "end": end}) for key, (start, end) in PERIODS.items()])


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (date(2010, 1, 1), date(2010, 12, 31), {"across", "within", "open", "until"}),
        (date(2010, 1, 2), date(2010, 12, 30), {"across", "within"}),
        (date(2010, 6, 1), None, {"across", "open", "after"}),
        (date(2010, 6, 2), None, {"open", "after"}),
        (None, date(2009, 5, 31), {"before", "until"}),
        (None, date(2009, 6, 1), {"before", "across", "until"}),
    ],
)
def test_a_period_takes_in_what_touches_it_and_leaves_out_the_undated(
    table_of: TableOf, start: date | None, end: date | None, expected: set[str]
) -> None:
    table, scope = dated(table_of), Scope(start=start, end=end)
    assert keys(table, scope) == expected
    assert excluded(table, scope) == {"no date known": 1}
    assert account(table, scope).records == len(expected) + 1
    assert account(table, scope).coverage == len(expected) / (len(expected) + 1)


def test_without_a_period_the_undated_are_in(table_of: TableOf) -> None:
    assert keys(dated(table_of), Scope()) == set(PERIODS)


DAYS = st.dates(date(2010, 1, 1), date(2010, 1, 9))
SPELLS = st.lists(st.tuples(st.none() | DAYS, st.none() | DAYS), max_size=8)


@settings(max_examples=40)
@given(spells=SPELLS, first=DAYS, length=st.integers(0, 8))
def test_a_tie_is_in_a_period_if_it_holds_on_one_of_its_days(
    table_of: TableOf, spells: list[tuple[date | None, date | None]], first: date, length: int
) -> None:
    spells = [(start, end) for start, end in spells if not (start and end and end < start)]
    days = [first + timedelta(days=n) for n in range(length + 1)]
    expected = {
        f"tie-{number}"
        for number, (start, end) in enumerate(spells)
        if (start or end) and any((start or date.min) <= day <= (end or date.max) for day in days)
    }
    table, scope = (
        table_of([("a", "x", {"start": start, "end": end}) for start, end in spells]),
        Scope(start=days[0], end=days[-1]),
    )
    assert keys(table, scope) == expected
    assert excluded(table, scope).get("no date known", 0) == spells.count((None, None))


@pytest.mark.parametrize("collective", ["a", "x"])
def test_a_collective_is_no_single_customer_and_no_single_supplier(table_of: TableOf, collective: str) -> None:
    table = table_of([("a", "x", {"key": "all"}), ("b", "y", {"key": "one"})], collective={collective})
    assert keys(table, Scope()) == {"one"}
    assert excluded(table, Scope()) == {"collective, no single body": 1}
    assert (account(table, Scope()).records, account(table, Scope()).coverage) == (2, 0.5)


def test_a_pair_of_customer_and_supplier_counts_one_however_many_ties_it_has(table_of: TableOf) -> None:
    ties: list[tuple[str, str, dict[str, Any]]] = [("a", "x", {}) for _ in range(7)]
    table = table_of([*ties, ("a", "y", {"kind": "contract"}), ("b", "x", {})])
    with table.scoped(Scope()) as found:
        by_pair = found.rows("SELECT buyer, supplier, sum(weight) FROM scoped GROUP BY ALL ORDER BY ALL")
    assert [weight for *_, weight in by_pair] == pytest.approx([1, 1, 1])


def test_only_ties_in_the_scope_count_towards_their_pair(table_of: TableOf) -> None:
    ties = [("a", "x", {"key": "in", "services": ("s#hr",)}), ("a", "x", {"key": "out", "services": ("s#it",)})]
    assert weights(table_of(ties), Scope(services=("s#hr",))) == {"a in": 1}


def of_all_kinds(table_of: TableOf) -> EdgeTable:
    """Two contracts, one of two buyers; one service; the payments of a month."""
    pounds = {"kind": "contract", "currency": "GBP", "value": Decimal("900.30")}
    return table_of(
        [
            ("a", "x", pounds | {"key": "shared"}),
            ("b", "x", pounds | {"key": "shared"}),
            ("b", "y", pounds | {"key": "own", "value": Decimal(100)}),
            ("a", "z", {"kind": "service", "key": "service"}),
            ("a", "z", pounds | {"kind": "spend", "key": "payments", "value": Decimal("12.50")}),
        ]
    )


@pytest.mark.parametrize(
    ("basis", "expected"),
    [
        ("contracts", {"a shared": 0.5, "b shared": 0.5, "b own": 1}),
        ("value", {"a shared": 450.15, "b shared": 450.15, "b own": 100}),
        ("services", {"a service": 1}),
        ("spend", {"a payments": 12.5}),
        ("customers", {"a shared": 1, "b shared": 1, "b own": 1, "a service": 0.5, "a payments": 0.5}),
    ],
)
def test_each_basis_weighs_its_own_kind(table_of: TableOf, basis: Basis, expected: dict[str, float]) -> None:
    table, scope = of_all_kinds(table_of), Scope(basis=basis)
    assert weights(table, scope) == expected
    assert account(table, scope).coverage == 1


def test_every_basis_is_known_by_name() -> None:
    assert set(BASES) == {"value", "spend", "contracts", "customers", "services"}


def test_contracts_without_a_value_in_pounds_are_left_out_and_counted(table_of: TableOf) -> None:
    contract = {"kind": "contract", "currency": "GBP"}
    table = table_of(
        [
            ("a", "x", contract | {"key": "good", "value": Decimal(8)}),
            ("a", "y", contract | {"key": "unknown"}),
            ("b", "y", contract | {"key": "unknown too"}),
            ("b", "x", contract | {"key": "euro", "value": Decimal(5), "currency": "EUR"}),
            ("b", "x", contract | {"key": "of no currency", "value": Decimal(5), "currency": None}),
            ("c", "x", contract | {"key": "all", "value": Decimal(9)}),
        ],
        collective={"c"},
    )
    scope = Scope(basis="value")
    assert weights(table, scope) == {"a good": 8}
    assert excluded(table, scope) == {
        "collective, no single body": 1,
        "in another currency": 1,
        "no currency stated": 1,
        "no value known": 2,
    }
    assert (account(table, scope).records, account(table, scope).coverage) == (6, 1 / 6)


def test_what_is_guarded_is_left_out_under_its_reason(table_of: TableOf) -> None:
    contract = {"kind": "contract", "currency": "GBP", "value": Decimal(8)}
    table = table_of(
        [
            ("a", "x", contract | {"key": "good"}),
            ("a", "grand total", contract | {"guard": "total"}),
            ("b", "grand total", contract | {"guard": "total", "value": None}),
            ("b", "redacted", contract | {"guard": "redacted"}),
        ]
    )
    for basis in ("value", "contracts"):
        scope = Scope(basis=basis)
        assert keys(table, scope) == {"good"}
        assert excluded(table, scope) == {"guarded as redacted": 1, "guarded as total": 2}
        assert account(table, scope).coverage == 0.25


def test_an_empty_scope_has_no_coverage(table_of: TableOf) -> None:
    found = account(table_of([]), Scope())
    assert (found.records, found.coverage, found.coverage_money, found.text()) == (0, None, None, "")
