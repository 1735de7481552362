"""The views: what is a node, what an edge, what their numbers are, and what the filters take."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from itertools import combinations
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from civicgraph.graph.edges.scope import Scope, ScopeError
from civicgraph.graph.edges.table import EdgeTable
from civicgraph.graph.engine.embedded import EmbeddedEngine
from civicgraph.graph.exports import network_view as views_of_parties
from civicgraph.graph.exports.cells import columns
from civicgraph.graph.exports.contracts_view import contracts_view
from civicgraph.graph.exports.drawing import Drawing, EdgeRow, nodes_in
from civicgraph.graph.exports.network_view import network_view, suppliers_view
from civicgraph.graph.exports.options import VIEWS, Options
from civicgraph.graph.exports.views import draw
from civicgraph.graph.measures.concentration import hhi, shares
from tests.graph.in_memory import edges_of

TableOf = Callable[..., EdgeTable]
Tie = tuple[str, str, Mapping[str, Any]]
SPEND = {"kind": "spend", "currency": "GBP"}
CONTRACT = {"kind": "contract", "currency": "GBP"}


def edges(view: Drawing) -> dict[str, EdgeRow]:
    return {edge.id: edge for edge in view.edges()}


def named(drawing: Drawing) -> dict[str, dict[str, Any]]:
    names = [column.id for column in columns()]
    return {node.id: dict(zip(names, node.values, strict=True)) for node in drawing.nodes()}


def view(table: EdgeTable, scope: Scope | None = None, options: Options | None = None) -> Drawing:
    return network_view(table, scope or Scope(), options or Options())


MONEY = [
    ("a", "x", SPEND | {"value": Decimal(60)}),
    ("a", "y", SPEND | {"value": Decimal(20)}),
    ("b", "x", SPEND | {"value": Decimal(20)}),
    ("b", "z", SPEND | {"value": Decimal(-5)}),
    ("c", "z", {"kind": "service"}),
]


def test_shares_and_hhi_by_hand(table_of: TableOf) -> None:
    found = named(view(table_of(MONEY)))
    assert {name: (data["value"], data["share"], data["hhi"]) for name, data in found.items()} == {
        "a": (80.0, 0.842105263, 6250.0),  # (60² + 20²) / 80²; bought 80 of 80 and 15
        "b": (15.0, 0.157894737, 10000.0),  # what is negative is in no share
        "c": (0.0, 0.0, None),
        "x": (80.0, 0.8, 6250.0),
        "y": (20.0, 0.2, 10000.0),
        "z": (-5.0, 0.0, None),
    }
    assert {
        name: (data["kind"], data["buyers"], data["suppliers"], data["degree"]) for name, data in found.items()
    } == {
        "a": ("buyer", 0, 2, 2),
        "b": ("buyer", 0, 2, 2),
        "c": ("buyer", 0, 1, 1),
        "x": ("supplier", 2, 0, 2),
        "y": ("supplier", 1, 0, 1),
        "z": ("supplier", 2, 0, 2),
    }


TIES = st.lists(
    st.tuples(
        st.sampled_from("abcd"),
        st.sampled_from("wxyz"),
        st.builds(lambda value: SPEND | {"value": value}, st.decimals(1, 10**6, places=2)),
    ),
    min_size=1,
    max_size=25,
)


@given(TIES)
@settings(max_examples=25)
def test_numbers_are_those_of_plain_networkx(table_of: TableOf, ties: list[Tie]) -> None:
    drawing = view(table_of(ties))
    found = named(drawing)
    paid: Counter[tuple[str, str]] = Counter()
    for buyer, supplier, data in ties:
        paid[buyer, supplier] += data["value"]
    sold: Counter[str] = Counter()
    for (_, supplier), value in paid.items():
        sold[supplier] += value
    part = shares({supplier: float(value) for supplier, value in sold.items()})
    cores = nx.core_number(nx.Graph((buyer, supplier) for buyer, supplier, _ in ties))
    for supplier in sold:
        mine = {buyer: float(value) for (buyer, other), value in paid.items() if other == supplier}
        assert found[supplier]["share"] == pytest.approx(part[supplier], abs=1e-8)
        assert found[supplier]["hhi"] == pytest.approx(hhi(shares(mine).values()), abs=1e-3)
    assert {name: data["core"] for name, data in found.items()} == cores
    assert sum(edge.values[0] for edge in drawing.edges()) == sum(paid.values())  # type: ignore[misc] # money throughout


def test_guarded_ties_are_in_no_edge_and_are_counted(table_of: TableOf) -> None:
    drawing = view(table_of([*MONEY, ("a", "total", SPEND | {"value": Decimal(100), "guard": "total-row"})]))
    assert "total" not in named(drawing)
    assert drawing.notes == ("1 left out: guarded as total-row",)


def test_a_contract_shared_by_two_is_split(table_of: TableOf) -> None:
    table = table_of([("a", "x", CONTRACT | {"value": Decimal(100), "key": "k"}), ("a", "y", CONTRACT | {"key": "k"})])
    found = edges(view(table))
    assert [edge.values[0] for edge in found.values()] == [Decimal(50), Decimal(50)]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (Options("y"), {"a|spend|y"}),
        (Options("Y", depth=2), {"a|spend|x", "a|spend|y"}),
        (Options("y", depth=3), {"a|spend|x", "a|spend|y", "b|spend|x"}),
        (Options("y", depth=10), {"a|spend|x", "a|spend|y", "b|spend|x", "b|spend|z", "c|service|z"}),
    ],
)
def test_neighbourhood(table_of: TableOf, options: Options, expected: set[str]) -> None:
    drawing = view(table_of(MONEY), options=options)
    assert set(edges(drawing)) == expected
    # Shares rest on the whole scope, whatever is shown of it.
    assert named(drawing)["a"]["share"] == 0.842105263


def test_a_minimum_is_of_what_two_have_of_one_kind(table_of: TableOf) -> None:
    table = table_of([*MONEY, ("b", "x", CONTRACT | {"value": Decimal(45)})])
    assert set(edges(view(table, Scope(minimum=Decimal(60))))) == {"a|spend|x"}
    assert set(edges(view(table, Scope(minimum=Decimal(45))))) == {"a|spend|x", "b|contract|x"}


def test_an_unknown_middle_is_refused_with_the_nearest(table_of: TableOf) -> None:
    with pytest.raises(ScopeError, match="nothing in this view is called 'alpha lid'; the nearest: Alpha Ltd"):
        view(table_of([("ashby", "alpha ltd", {})]), options=Options("alpha lid"))


DATED = [
    ("a", "x", {"start": date(2010, 1, 1), "end": date(2012, 12, 31), "services": ("it",), "places": ("leeds",)}),
    ("a", "y", {"start": date(2013, 1, 1), "services": ("helpdesk",)}),
    ("a", "z", {}),
]


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        (Scope(start=date(2011, 6, 1), end=date(2011, 6, 1)), {"a|service|x"}),
        (Scope(start=date(2012, 1, 1), end=date(2013, 6, 1)), {"a|service|x", "a|service|y"}),
        (Scope(end=date(2009, 1, 1)), set()),
        (Scope(services=("it",)), {"a|service|x", "a|service|y"}),
        (Scope(services=("helpdesk",)), {"a|service|y"}),
        (Scope(places=("leeds",)), {"a|service|x"}),
    ],
)
def test_service_place_and_time(table_of: TableOf, scope: Scope, expected: set[str]) -> None:
    table = table_of(DATED, broader={"helpdesk": frozenset({"it"})})
    assert set(edges(view(table, scope))) == expected
    kept = {edge.source for edge in edges(contracts_view(table, scope, Options())).values()}
    assert bool(kept) is bool(expected)


def test_groups_stand_for_their_members(table_of: TableOf) -> None:
    ties = [
        ("a", "x", SPEND | {"value": Decimal(1)}),
        ("b", "y", SPEND | {"value": Decimal(2)}),
        ("a", "y", SPEND | {"value": Decimal(4)}),
    ]
    held = [("g", one, True, None, None, None) for one in "xy"]
    drawing = view(table_of(ties, holding=held, as_of=date(2020, 1, 1)), Scope(level="group"))
    assert {name: edge.values[0] for name, edge in edges(drawing).items()} == {"a|spend|g": 5, "b|spend|g": 2}
    assert named(drawing)["g"]["hhi"] == pytest.approx(10_000 * (25 + 4) / 49, abs=1e-3)


def test_groups_of_the_seeds_are_those_of_the_day(seeds: EmbeddedEngine, seeds_table: EdgeTable) -> None:
    one = draw("network", seeds_table, seeds, Scope(level="group"))
    assert one.graph.number_of_edges() <= draw("network", seeds_table, seeds).graph.number_of_edges()


def test_sums_are_those_of_the_period_by_days(table_of: TableOf) -> None:
    year = {"start": date(2014, 1, 1), "end": date(2014, 12, 31), "value": Decimal("365.00")}
    open_end = {"start": date(2013, 5, 1), "value": Decimal(100)}
    table = table_of([("a", "x", CONTRACT | year), ("a", "y", CONTRACT | open_end), ("a", "x", SPEND | year)])
    march = Scope(start=date(2014, 3, 1), end=date(2014, 3, 31))
    found = {name: edge.values[0] for name, edge in edges(view(table, march)).items()}
    # A contract without a known end runs on, but its money is known to fall on its first day alone.
    assert found == {"a|contract|x": 31, "a|contract|y": 0, "a|spend|x": 31}
    spend = edges(view(table, march))["a|spend|x"].values[2]
    assert spend == "<[2014-01-01, 2014-12-31T23:59:59, 31.00]>"


def test_contracts_keep_the_chain_and_never_cross_it(table_of: TableOf) -> None:
    year = {"start": date(2014, 1, 1), "end": date(2014, 12, 31)}
    ties = [
        ("canterbury", "eks", {"key": "s1", "places": ("kent-place",), "contract": "c1", "services": ("it",)}),
        ("leeds", "eks", {"key": "s2", "places": ("york-place",)}),
        ("leeds", "x", CONTRACT | {"key": "c2", "value": Decimal(90)} | year),
        ("leeds", "y", CONTRACT | {"key": "c2"}),
        ("leeds", "x", SPEND | {"key": "p", "value": Decimal(7)}),
    ]
    table = table_of(ties, labels={"kent-place": "Kent"}, region=[("leeds", "Yorkshire")])
    view = contracts_view(table, Scope(), Options())
    rows, nodes = edges(view).values(), dict(nodes_in(view.graph))
    assert {(edge.source, edge.kind, edge.target) for edge in rows} == {
        *(
            ("canterbury", "buys", "s1"),
            ("eks", "provides", "s1"),
            ("s1", "place", "kent-place"),
            ("s1", "contract", "c1"),
        ),
        *(("leeds", "buys", "s2"), ("eks", "provides", "s2"), ("s2", "place", "york-place")),
        *(("leeds", "buys", "c2"), ("x", "provides", "c2"), ("y", "provides", "c2")),
    }
    assert {name: node.kind for name, node in nodes.items()} == {
        "canterbury": "buyer",
        "leeds": "buyer",
        "eks": "supplier",
        "x": "supplier",
        "y": "supplier",
        "s1": "service",
        "s2": "service",
        "c1": "contract",
        "c2": "contract",
        "kent-place": "place",
        "york-place": "place",
    }
    assert (nodes["c2"].value, nodes["leeds"].value, nodes["x"].value) == (90, 90, 45)
    assert (nodes["kent-place"].label, nodes["leeds"].region) == ("Kent", "Yorkshire")
    assert view.notes == ("1 left out: payments, which are in the view network",)
    # Who has a contract or service without any day may be there at any time.
    assert (nodes["x"].spells, nodes["leeds"].spells) == (((date(2014, 1, 1), date(2014, 12, 31)),), ())
    # The sum that is bought is the sum that is provided.
    money = Counter[str]()
    for edge in rows:
        money[edge.kind] += edge.values[0] or 0  # type: ignore[operator,assignment] # money
    assert money["buys"] == money["provides"] == 90


def test_the_chain_of_the_seeds_ends_where_the_council_is(seeds: EmbeddedEngine, seeds_table: EdgeTable) -> None:
    drawing = draw("contracts", seeds_table, seeds, options=Options("Canterbury City Council", depth=3))
    graph = nx.Graph([(edge.source, edge.target) for edge in drawing.edges()])
    assert "organisation/canterbury-city-council" in graph
    assert "organisation/east-kent-services" in graph


@given(
    st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from("vwxyz"), st.just({})), max_size=20),
    st.integers(1, 3),
)
@settings(max_examples=25)
def test_suppliers_share_what_sets_of_buyers_share(table_of: TableOf, ties: list[Tie], shared: int) -> None:
    buyers = {supplier: {a for a, b, _ in ties if b == supplier} for _, supplier, _ in ties}
    expected = {
        f"{one}|shares|{other}": (len(both), round(len(both) / len(buyers[one] | buyers[other]), 6))
        for one, other in combinations(sorted(buyers), 2)
        if len(both := buyers[one] & buyers[other]) >= shared
    }
    found = suppliers_view(table_of(ties), Scope(), Options(shared=shared))
    assert {name: edge.values for name, edge in edges(found).items()} == expected
    assert set(found.graph) == {end for name in expected for end in name.split("|shares|")}


def test_too_many_pairs_are_refused_with_what_would_fit(table_of: TableOf, monkeypatch: pytest.MonkeyPatch) -> None:
    ties: list[Tie] = [
        (buyer, supplier, {}) for buyer, sold in (("a", "wxyz"), ("b", "wxy"), ("c", "wx")) for supplier in sold
    ]
    table = table_of(ties)
    monkeypatch.setattr(views_of_parties, "MOST_EDGES", 3)
    with pytest.raises(ScopeError, match=r"6 pairs .* share 1 buyers or more.* 2 or more would fit, with 3"):
        suppliers_view(table, Scope(), Options(shared=1))
    assert len(edges(suppliers_view(table, Scope(), Options(shared=2)))) == 3
    monkeypatch.setattr(views_of_parties, "_MOST_PAIRS", 5)
    with pytest.raises(ScopeError, match="choose a service, a place, a period or a minimum"):
        suppliers_view(table, Scope(), Options(shared=2))


def test_claims_tell_plans_and_denials_from_facts(seeds: EmbeddedEngine, seeds_table: EdgeTable) -> None:
    drawing = draw("claims", seeds_table, seeds)
    names = [column.id for column in columns(drawing.view)]
    rows = [dict(zip(names, edge.values, strict=True)) | {"kind": edge.kind} for edge in drawing.edges()]
    assert {row["modality"] for row in rows} >= {"fact", "rumour"}
    for row in rows:
        assert str(row["modality"]) in str(row["kind"])
        assert ("denied" in str(row["kind"])) is (row["polarity"] == "denied")
    serco = [edge for edge in drawing.edges() if edge.kind == "acquires (fact)" and edge.source == "organisation/serco"]
    assert "organisation/intelenet-global-services" in {edge.target for edge in serco}


def test_a_claim_is_there_from_the_first_day_on_which_it_was_said(
    seeds: EmbeddedEngine, seeds_table: EdgeTable
) -> None:
    drawing = draw("claims", seeds_table, seeds)
    started = {edge.spells[0][0] for edge in drawing.edges()}
    assert date(2014, 3, 3) in started  # the day of the article in The Register
    assert {edge.spells[0][1] for edge in drawing.edges()} == {None}
    assert {len(node.spells) for node in drawing.nodes()} == {1}


def test_claims_take_a_neighbourhood_and_no_filter(seeds: EmbeddedEngine, seeds_table: EdgeTable) -> None:
    near = draw("claims", seeds_table, seeds, options=Options("organisation/serco"))
    assert 0 < near.graph.number_of_edges() < draw("claims", seeds_table, seeds).graph.number_of_edges()
    with pytest.raises(ScopeError, match="leave these filters out"):
        draw("claims", seeds_table, seeds, Scope(minimum=Decimal(1)))


@pytest.mark.parametrize(
    ("scope", "title"),
    [
        (Scope(), "Who buys from whom"),
        (Scope(start=date(2011, 1, 1)), "Who buys from whom: from 2011-01-01"),
        (Scope(services=("it",), end=date(2012, 6, 1)), "Who buys from whom: IT, to 2012-06-01"),
        (
            Scope(buyers=("a",), start=date(2011, 1, 1), end=date(2012, 6, 1)),
            "Who buys from whom: A, from 2011-01-01 to 2012-06-01",
        ),
    ],
)
def test_a_title_says_what_was_asked(table_of: TableOf, seeds: EmbeddedEngine, scope: Scope, title: str) -> None:
    assert draw("network", table_of(DATED, labels={"it": "IT"}), seeds, scope).title == title


def test_a_region_stands_before_a_country(engine_of: Callable[..., EmbeddedEngine]) -> None:
    engine = engine_of("""
        GRAPH cg:established {
          place:england a cg:Place ; rdfs:label "England" ; cg:level "country" .
          place:kent a cg:Place ; rdfs:label "South East" ; cg:level "region" ; cg:within place:england .
          place:dover a cg:Place ; rdfs:label "Dover" ; cg:level "authority-area" ; cg:within place:kent .
          organisation:dover a cg:Council ; rdfs:label "Dover District Council" ; cg:areaServed place:dover .
          organisation:uk a cg:Department ; rdfs:label "Ministry" ; cg:basedIn place:england .
          service:s a cg:Service ; cg:customer organisation:dover ; cg:provider organisation:uk .
        }
    """)
    found = {iri.rpartition("/")[2]: party.region for iri, party in edges_of(engine).parties.items()}
    assert found == {"dover": "South East", "uk": "England"}


def test_every_column_is_documented() -> None:
    text = (Path(__file__).parents[3] / "docs" / "gephi.md").read_text(encoding="utf-8")
    for view_ in VIEWS:
        for column in (*columns(), *columns(view_)):
            assert f"`{column.id}`" in text, column.id
        assert f"`{view_}`" in text
