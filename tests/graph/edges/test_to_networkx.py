"""Networks of the edge table: what networkx and its writers get, and that their sums are those of every figure."""

import io
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from civicgraph.graph.edges.scope import Scope
from civicgraph.graph.edges.table import EdgeTable
from civicgraph.graph.edges.to_networkx import edges_of, network
from civicgraph.graph.exports.contracts_view import contracts_view
from civicgraph.graph.exports.network_view import network_view
from civicgraph.graph.exports.options import Options
from civicgraph.graph.measures.failure import fails
from civicgraph.graph.measures.figures import figures_of

TableOf = Callable[..., EdgeTable]
SPEND = {"kind": "spend", "currency": "GBP"}
CONTRACT = {"kind": "contract", "currency": "GBP"}


@pytest.fixture(scope="module")
def table(table_of: TableOf) -> EdgeTable:
    year = {"start": date(2014, 1, 1), "end": date(2014, 12, 31)}
    return table_of(
        [
            ("a", "x", CONTRACT | year | {"value": Decimal(100), "services": ("s",), "key": "k", "label": "Help"}),
            ("a", "x", SPEND | {"value": Decimal("10.10"), "start": date(2014, 3, 5), "end": date(2014, 3, 5)}),
            ("a", "x", SPEND | {"value": Decimal("5.05"), "start": date(2014, 3, 9), "end": date(2014, 3, 9)}),
            ("b", "a", {"key": "plain", "certainty": "reported"}),
            ("a", "y", CONTRACT | {"value": Decimal(7), "guard": "framework-ceiling", "key": "guarded"}),
        ],
        labels={"s": "Service desk"},
        region=[("a", "South East")],
    )


def test_an_edge_for_all_of_one_kind(table: EdgeTable) -> None:
    graph = network(table)
    assert {(*ends, key) for *ends, key in graph.edges(keys=True)} == {
        *(("a", "x", "contract"), ("a", "x", "spend"), ("b", "a", "service")),
    }
    assert graph.edges["a", "x", "spend"] == {
        "kind": "spend", "value": 15.15, "count": 2, "weight": 2 / 3, "first": "2014-03-05", "last": "2014-03-09",
        "certainty": "asserted", "documents": 1,
    }  # fmt: skip
    assert graph.edges["a", "x", "contract"]["services"] == "Service desk"
    assert "value" not in graph.edges["b", "a", "service"]  # what is not known is not nothing
    assert graph.nodes["a"] == {"label": "A", "cls": "Organisation", "kind": "both", "region": "South East"}
    assert (graph.nodes["b"]["kind"], graph.nodes["x"]["kind"]) == ("buyer", "supplier")


def test_weights_are_on_the_basis_of_the_scope(table: EdgeTable) -> None:
    spend = network(table, Scope(basis="spend", start=date(2014, 3, 6)))
    assert [(key, data["weight"], data["count"]) for *_, key, data in spend.edges(keys=True, data=True)] == [
        ("spend", 5.05, 1)
    ]


def test_networkx_writes_it_as_it_is(seeds_table: EdgeTable, table: EdgeTable) -> None:
    for graph in (network(table), network(seeds_table)):
        gexf, graphml = io.BytesIO(), io.BytesIO()
        nx.write_gexf(graph, gexf)
        nx.write_graphml(graph, graphml)
        for out, read in ((gexf, nx.read_gexf), (graphml, nx.read_graphml)):
            out.seek(0)
            found = read(out)
            assert len(found) == len(graph)


DAYS = st.none() | st.dates(date(2013, 6, 1), date(2015, 6, 1))
RECORDS = st.lists(
    st.fixed_dictionaries(
        {
            "buyers": st.sets(st.sampled_from("abc"), min_size=1),
            "suppliers": st.sets(st.sampled_from("xyz"), min_size=1),
            "kind": st.sampled_from(["contract", "spend", "service"]),
            "start": DAYS,
            "end": DAYS,
            "value": st.none() | st.decimals(-1000, 10**6, places=2),
            "currency": st.sampled_from(["GBP", "GBP", "EUR", None]),
            "guard": st.sampled_from([None, None, None, "redacted"]),
            "services": st.sets(st.sampled_from(["s", "t", "u"])).map(tuple),
            "places": st.sets(st.sampled_from(["p-place", "q-place"])).map(tuple),
        }
    ),
    min_size=1,
    max_size=8,
)


def ties(records: list[dict[str, Any]]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for number, one in enumerate(records):
        for buyer in sorted(one["buyers"]):
            for supplier in sorted(one["suppliers"]):
                yield buyer, supplier, {**one, "key": f"r{number}"}


def total(table: EdgeTable, scope: Scope) -> Decimal:
    with table.scoped(scope) as found:
        (whole, *_) = figures_of(table, found, "market")
        counted = found.account.counted.money
    assert float(counted) == pytest.approx(whole["total"])
    return counted


@given(
    RECORDS,
    st.none() | st.dates(date(2013, 1, 1), date(2015, 12, 1)),
    st.none() | st.dates(date(2013, 1, 1), date(2015, 12, 1)),
    st.sampled_from([(), ("s",), ("s", "t")]),
)
@settings(max_examples=25)
def test_edges_add_up_to_what_figures_say(
    table_of: TableOf, records: list[dict[str, Any]], one: date | None, other: date | None, services: tuple[str, ...]
) -> None:
    start, end = sorted((one, other)) if one and other else (one, other)
    table = table_of(ties(records))
    every = Scope(start=start, end=end, services=services)
    for basis, kind in (("value", "contract"), ("spend", "spend")):
        scope = Scope(start=start, end=end, services=services, basis=basis)  # type: ignore[arg-type] # a basis
        known = total(table, scope)
        with table.scoped(scope) as found:
            assert sum(edge.value or 0 for edge in edges_of(found)) == known
            assert sum(edge.weight for edge in edges_of(found)) == pytest.approx(float(known))
        for wanted in (scope, every):
            rows = network_view(table, wanted, Options()).edges()
            assert sum(row.values[0] or 0 for row in rows if row.kind == kind) == known  # type: ignore[misc] # money
        graph = network(table, every)
        assert sum(d.get("value", 0) for *_, d in graph.edges(data=True) if d["kind"] == kind) == pytest.approx(
            float(known), abs=0.001
        )
    sides = {"buys": Decimal(0), "provides": Decimal(0)}
    value = Scope(start=start, end=end, services=services, basis="value")
    for row in contracts_view(table, value, Options()).edges():
        if row.kind in sides:
            sides[row.kind] += row.values[0] or 0  # type: ignore[operator] # money
    assert set(sides.values()) == {total(table, value)}


@given(RECORDS, st.none() | st.dates(date(2013, 1, 1), date(2015, 12, 1)))
@settings(max_examples=25)
def test_what_is_at_stake_is_what_figures_say(
    table_of: TableOf, records: list[dict[str, Any]], day: date | None
) -> None:
    table = table_of(ties(records))
    found = fails(table, {"x": "itself", "y": "group"}, day)
    theirs = {"suppliers": ("x", "y")}
    before = None if day is None else day - timedelta(days=364)
    left = total(table, Scope(basis="value", start=day, **theirs))  # type: ignore[arg-type] # one field
    paid = total(table, Scope(basis="spend", start=before, end=day, **theirs))  # type: ignore[arg-type] # as above
    # What is not known of anything is not nothing.
    assert (found["left_gbp"] or 0.0) == float(left)
    # Payments that stopped before the day are not hit; without a day none has stopped.
    if day is None:
        assert (found["paid_gbp"] or 0.0) == float(paid)


SPELLS = st.lists(
    st.tuples(
        st.none() | st.dates(date(2000, 1, 1), date(2001, 1, 1)),
        st.none() | st.dates(date(2000, 1, 1), date(2001, 1, 1)),
    ),
    min_size=1,
    max_size=8,
)


@given(SPELLS)
@settings(max_examples=40)
def test_spells_cover_the_same_days_and_never_touch(
    table_of: TableOf, spells: list[tuple[date | None, date | None]]
) -> None:
    def days(periods: list[tuple[date | None, date | None]]) -> set[int]:
        edge = (date(1999, 12, 30).toordinal(), date(2001, 1, 3).toordinal())
        return {
            day
            for start, end in periods
            if (start, end) != (None, None)
            for day in range(start.toordinal() if start else edge[0], (end.toordinal() if end else edge[1]) + 1)
        }

    with table_of([("a", "x", {"start": start, "end": end}) for start, end in spells]).scoped(Scope()) as found:
        (result,) = [edge.spells for edge in edges_of(found)]
    everything = days([(None, date(2001, 1, 2))])
    assert days(list(result)) == days(spells) or (not result and days(spells) >= everything)
    for (_, end), (start, _) in pairwise(result):
        assert end is not None
        assert start is not None
        assert (start - end).days > 1
