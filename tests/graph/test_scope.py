"""Markets: which ties are in them, what each weighs, and what was left out."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civicgraph.graph.edges.market import Market, market
from civicgraph.graph.edges.network import Network
from civicgraph.graph.edges.scope import (
    BASES,
    COLLECTIVE,
    NO_CURRENCY,
    NO_DATES,
    NO_VALUE,
    OTHER_CURRENCY,
    Basis,
    Scope,
    ScopeError,
    find_place,
    find_service,
    in_period,
)
from civicgraph.graph.records.iris import BASE
from civicgraph.ontology.terms import SERVICES_NS

NetworkOf = Callable[..., Network]

LABELS = {"id/place/kent": "Kent", "id/place/dover": "Dover", "s#it": "IT services", "s#hr": "Human resources"}
BROADER = {"s#desktop": frozenset({"s#it"}), "id/place/dover": frozenset({"id/place/kent", "id/place/england"})}


def keys(found: Market | Network) -> set[str]:
    network = found.network if isinstance(found, Market) else found
    return {key for _, _, key in network.edges(keys=True)}


def weights(found: Market) -> dict[str, float]:
    return {f"{buyer} {key}": data["weight"] for buyer, _, key, data in found.network.edges(keys=True, data=True)}


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        (Scope(), "it desktop hr both none"),
        (Scope(service="s#it"), "it desktop both"),
        (Scope(service="s#desktop"), "desktop"),
        (Scope(service="s#hr"), "hr both"),
        (Scope(service="s#unknown"), ""),
        (Scope(place="id/place/kent"), "it hr"),
        (Scope(place="id/place/england"), "it"),
        (Scope(place="id/place/dover"), "it"),
        (Scope(service="s#hr", place="id/place/kent"), "hr"),
        (Scope(service="s#desktop", place="id/place/kent"), ""),
    ],
    ids=str,
)
def test_a_scope_takes_in_what_lies_under_it(network_of: NetworkOf, scope: Scope, expected: str) -> None:
    network = network_of(
        [
            ("a", "x", {"key": "it", "services": ("s#it",), "places": ("id/place/dover",)}),
            ("a", "y", {"key": "desktop", "services": ("s#desktop",)}),
            ("b", "x", {"key": "hr", "services": ("s#hr",), "places": ("id/place/kent",)}),
            ("c", "y", {"key": "both", "services": ("s#hr", "s#it")}),
            ("c", "z", {"key": "none"}),
        ],
        broader=BROADER,
    )
    found = market(network, scope)
    assert keys(found) == set(expected.split())
    assert found.records == len(expected.split())
    assert found.excluded == {}


PERIODS = {
    "before": (date(2009, 1, 1), date(2009, 12, 31)),
    "across": (date(2009, 6, 1), date(2010, 6, 1)),
    "within": (date(2010, 2, 1), date(2010, 3, 1)),
    "open": (date(2010, 12, 31), None),
    "until": (None, date(2010, 1, 1)),
    "after": (date(2011, 1, 1), None),
    "undated": (None, None),
}


def dated(network_of: NetworkOf) -> Network:
    return network_of([("a", "x", {"key": key, "start": start, "end": end}) for key, (start, end) in PERIODS.items()])


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
    network_of: NetworkOf, start: date | None, end: date | None, expected: set[str]
) -> None:
    found = market(dated(network_of), Scope(start=start, end=end))
    assert keys(found) == expected
    assert found.excluded == {NO_DATES: 1}
    assert found.records == len(expected) + 1
    assert found.coverage == len(expected) / (len(expected) + 1)
    part, undated = in_period(dated(network_of), start, end)
    assert (keys(part), undated) == (expected, 1)


def test_without_a_period_the_undated_are_in(network_of: NetworkOf) -> None:
    network = dated(network_of)
    assert keys(market(network, Scope())) == set(PERIODS)
    part, undated = in_period(network, None, None)
    assert (keys(part), undated) == (set(PERIODS), 0)


DAYS = st.dates(date(2010, 1, 1), date(2010, 1, 9))
SPELLS = st.lists(st.tuples(st.none() | DAYS, st.none() | DAYS), max_size=8)


@given(spells=SPELLS, first=DAYS, length=st.integers(0, 8))
def test_a_tie_is_in_a_period_if_it_holds_on_one_of_its_days(
    network_of: NetworkOf, spells: list[tuple[date | None, date | None]], first: date, length: int
) -> None:
    spells = [(start, end) for start, end in spells if not (start and end and end < start)]
    days = [first + timedelta(days=n) for n in range(length + 1)]
    expected = {
        f"tie-{number}"
        for number, (start, end) in enumerate(spells)
        if (start or end) and any((start or date.min) <= day <= (end or date.max) for day in days)
    }
    network = network_of([("a", "x", {"start": start, "end": end}) for start, end in spells])
    part, undated = in_period(network, days[0], days[-1])
    assert keys(part) == expected == keys(market(network, Scope(start=days[0], end=days[-1])))
    assert undated == spells.count((None, None))


def test_the_part_of_a_period_keeps_names_and_forgets_who_has_no_tie_in_it(network_of: NetworkOf) -> None:
    day = date(2010, 1, 1)
    network = network_of([("a", "x", {"start": day}), ("b", "y", {"end": day - timedelta(days=1)})], labels=LABELS)
    part, _ = in_period(network, day, day)
    assert set(part) == {"a", "x"}
    assert part.nodes["a"] == network.nodes["a"]
    assert part.graph == network.graph
    part.nodes["a"]["label"] = "changed"
    assert network.nodes["a"]["label"] == "A"


@pytest.mark.parametrize("collective", ["a", "x"])
def test_a_collective_is_no_single_customer_and_no_single_supplier(network_of: NetworkOf, collective: str) -> None:
    network = network_of([("a", "x", {"key": "all"}), ("b", "y", {"key": "one"})], collective={collective})
    found = market(network, Scope())
    assert keys(found) == {"one"}
    assert (found.excluded, found.records, found.coverage) == ({COLLECTIVE: 1}, 2, 0.5)


def test_a_pair_of_customer_and_supplier_counts_one_however_many_ties_it_has(network_of: NetworkOf) -> None:
    ties: list[tuple[str, str, dict[str, Any]]] = [("a", "x", {}) for _ in range(7)]
    found = market(network_of([*ties, ("a", "y", {"kind": "contract"}), ("b", "x", {})]), Scope())
    by_pair: dict[tuple[str, str], Fraction] = {}
    for buyer, supplier, data in found.network.edges(data=True):
        by_pair[buyer, supplier] = by_pair.get((buyer, supplier), Fraction(0)) + Fraction(data["weight"])
    assert by_pair["a", "x"] == pytest.approx(1)
    assert by_pair["a", "y"] == by_pair["b", "x"] == 1


def test_only_ties_in_the_scope_count_towards_their_pair(network_of: NetworkOf) -> None:
    ties = [("a", "x", {"key": "in", "services": ("s#hr",)}), ("a", "x", {"key": "out", "services": ("s#it",)})]
    assert weights(market(network_of(ties), Scope(service="s#hr"))) == {"a in": 1}


def of_all_kinds(network_of: NetworkOf) -> Network:
    """Two contracts, one of two buyers; one service; the payments of a month."""
    pounds = {"kind": "contract", "currency": "GBP", "value": Decimal("900.30")}
    return network_of(
        [
            ("a", "x", pounds | {"key": "shared", "split": 0.5}),
            ("b", "x", pounds | {"key": "shared", "split": 0.5}),
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
def test_each_basis_weighs_its_own_kind(network_of: NetworkOf, basis: Basis, expected: dict[str, float]) -> None:
    found = market(of_all_kinds(network_of), Scope(basis=basis))
    assert weights(found) == expected
    assert found.coverage == 1


def test_every_basis_is_known_by_name() -> None:
    assert set(BASES) == {"value", "spend", "contracts", "customers", "services"}


def test_contracts_without_a_value_in_pounds_are_left_out_and_counted(network_of: NetworkOf) -> None:
    contract = {"kind": "contract", "currency": "GBP"}
    network = network_of(
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
    found = market(network, Scope(basis="value"))
    assert weights(found) == {"a good": 8}
    assert list(found.excluded.items()) == [(COLLECTIVE, 1), (OTHER_CURRENCY, 1), (NO_CURRENCY, 1), (NO_VALUE, 2)]
    assert (found.records, found.coverage) == (6, 1 / 6)


def test_what_is_guarded_is_left_out_under_its_reason(network_of: NetworkOf) -> None:
    contract = {"kind": "contract", "currency": "GBP", "value": Decimal(8)}
    network = network_of(
        [
            ("a", "x", contract | {"key": "good"}),
            ("a", "grand total", contract | {"guard": "total"}),
            ("b", "grand total", contract | {"guard": "total", "value": None}),
            ("b", "redacted", contract | {"guard": "redacted"}),
        ]
    )
    for basis in ("value", "contracts"):
        found = market(network, Scope(basis=basis))
        assert keys(found) == {"good"}
        assert found.excluded == {"guarded as redacted": 1, "guarded as total": 2}
        assert found.coverage == 0.25


def test_an_empty_scope_has_no_coverage(network_of: NetworkOf) -> None:
    found = market(network_of([]), Scope())
    assert (found.records, found.coverage, found.excluded) == (0, None, {})


def test_a_market_keeps_everything_that_is_known_of_its_ties(network_of: NetworkOf) -> None:
    network = network_of([("a", "x", {"places": ("id/place/kent",)})], labels=LABELS, broader=BROADER)
    found = market(network, Scope()).network
    assert found.graph == network.graph
    assert list(found.nodes(data=True)) == list(network.nodes(data=True))
    assert found.edges["a", "x", "tie-0"] == {**network.edges["a", "x", "tie-0"], "weight": 1}
    assert "weight" not in network.edges["a", "x", "tie-0"]


@pytest.mark.parametrize(
    ("name", "iri"),
    [
        ("payroll", SERVICES_NS + "payroll"),
        ("Human resources", SERVICES_NS + "hr"),
        ("HUMAN RESOURCES", SERVICES_NS + "hr"),
        ("it services", SERVICES_NS + "it-services"),
        (SERVICES_NS + "hr", SERVICES_NS + "hr"),
        ("kent", BASE + "place/kent"),
        ("West Country", BASE + "place/west-country"),
    ],
)
def test_a_scope_is_found_by_iri_slug_or_label(seeds_network: Network, name: str, iri: str) -> None:
    find = find_place if "/place/" in iri else find_service
    assert find(seeds_network.graph["labels"], name) == iri


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("payrol", "the nearest: Payroll"),
        ("Human resorces", "the nearest: Human resources"),
        ("Kentt", "Kent"),
        ("%%%%", "civicgraph query can list what there is"),
        ("", "civicgraph query can list what there is"),
    ],
)
def test_a_name_that_nothing_has_is_answered_with_the_nearest(seeds_network: Network, name: str, advice: str) -> None:
    find = find_place if advice == "Kent" else find_service
    with pytest.raises(ScopeError, match=advice) as refused:
        find(seeds_network.graph["labels"], name)
    assert repr(name) in str(refused.value)
