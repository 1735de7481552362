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

from civicgraph.graph.edges.network import Network
from civicgraph.graph.edges.scope import ScopeError
from civicgraph.graph.engine.embedded import EmbeddedEngine
from civicgraph.graph.exports import suppliers_view
from civicgraph.graph.exports.contracts_view import contracts_parts
from civicgraph.graph.exports.drawing import Drawing, EdgeRow
from civicgraph.graph.exports.network_view import network_parts
from civicgraph.graph.exports.parts import Parts, TooLargeError
from civicgraph.graph.exports.selection import VIEWS, Selection
from civicgraph.graph.exports.suppliers_view import suppliers_parts
from civicgraph.graph.exports.views import draw, drawn, regions
from civicgraph.graph.measures.concentration import hhi, shares

NetworkOf = Callable[..., Network]
Tie = tuple[str, str, Mapping[str, Any]]
SPEND = {"kind": "spend", "currency": "GBP"}
CONTRACT = {"kind": "contract", "currency": "GBP"}


def edges(parts: Parts | Drawing) -> dict[str, EdgeRow]:
    return {edge.id: edge for edge in parts.edges()}


def named(drawing: Drawing) -> dict[str, dict[str, Any]]:
    columns = [column.id for column in drawing.node_columns]
    return {node.id: dict(zip(columns, node.values, strict=True)) for node in drawing.nodes()}


def view(network: Network, selection: Selection | None = None, groups: Mapping[str, str] | None = None) -> Drawing:
    return drawn(network_parts(network, selection or Selection(), {}, groups or {}), network)


MONEY = [
    ("a", "x", SPEND | {"value": Decimal(60)}),
    ("a", "y", SPEND | {"value": Decimal(20)}),
    ("b", "x", SPEND | {"value": Decimal(20)}),
    ("b", "z", SPEND | {"value": Decimal(-5)}),
    ("c", "z", {"kind": "service"}),
]


def test_shares_and_hhi_by_hand(network_of: NetworkOf) -> None:
    found = named(view(network_of(MONEY)))
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
@settings(max_examples=40)
def test_numbers_are_those_of_plain_networkx(network_of: NetworkOf, ties: list[Tie]) -> None:
    network = network_of(ties)
    drawing = view(network)
    found = named(drawing)
    paid: Counter[tuple[str, str]] = Counter()
    for buyer, supplier, data in ties:
        paid[buyer, supplier] += data["value"]
    sold: Counter[str] = Counter()
    for (_, supplier), value in paid.items():
        sold[supplier] += value
    part = shares({supplier: float(value) for supplier, value in sold.items()})
    plain = nx.Graph(network)
    cores = nx.core_number(plain)
    for supplier in sold:
        mine = {buyer: float(value) for (buyer, other), value in paid.items() if other == supplier}
        assert found[supplier]["share"] == pytest.approx(part[supplier], abs=1e-8)
        assert found[supplier]["hhi"] == pytest.approx(hhi(shares(mine).values()), abs=1e-3)
    assert {name: data["core"] for name, data in found.items()} == cores
    assert sum(edge.values[0] for edge in drawing.edges()) == sum(paid.values())  # type: ignore[misc] # money throughout


def test_guarded_ties_are_in_no_edge_and_are_counted(network_of: NetworkOf) -> None:
    drawing = view(network_of([*MONEY, ("a", "total", SPEND | {"value": Decimal(100), "guard": "total-row"})]))
    assert "total" not in named(drawing)
    assert drawing.notes == ("1 left out: guarded as total-row",)


def test_a_contract_shared_by_two_is_split(network_of: NetworkOf) -> None:
    shared = CONTRACT | {"value": Decimal(100), "split": 0.5, "key": "k"}
    found = edges(view(network_of([("a", "x", shared), ("a", "y", shared)])))
    assert [edge.values[0] for edge in found.values()] == [Decimal(50), Decimal(50)]


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (Selection(minimum=Decimal(60)), {"a|spend|x"}),
        (Selection(around="y"), {"a|spend|y"}),
        (Selection(around="Y", depth=2), {"a|spend|x", "a|spend|y"}),
        (Selection(around="y", depth=3), {"a|spend|x", "a|spend|y", "b|spend|x"}),
        (Selection(around="y", depth=10), {"a|spend|x", "a|spend|y", "b|spend|x", "b|spend|z", "c|service|z"}),
    ],
)
def test_minimum_and_neighbourhood(network_of: NetworkOf, selection: Selection, expected: set[str]) -> None:
    drawing = view(network_of(MONEY), selection)
    assert set(edges(drawing)) == expected
    # Shares rest on the whole scope, whatever is shown of it.
    assert named(drawing)["a"]["share"] == 0.842105263


def test_an_unknown_middle_is_refused_with_the_nearest(network_of: NetworkOf) -> None:
    with pytest.raises(ScopeError, match="nothing in this view is called 'alpha lid'; the nearest: Alpha Ltd"):
        view(network_of([("ashby", "alpha ltd", {})]), Selection(around="alpha lid"))


DATED = [
    ("a", "x", {"start": date(2010, 1, 1), "end": date(2012, 12, 31), "services": ("it",), "places": ("leeds",)}),
    ("a", "y", {"start": date(2013, 1, 1), "services": ("helpdesk",)}),
    ("a", "z", {}),
]


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (Selection(as_of=date(2011, 6, 1)), {"a|service|x"}),
        (Selection(start=date(2012, 1, 1), end=date(2013, 6, 1)), {"a|service|x", "a|service|y"}),
        (Selection(end=date(2009, 1, 1)), set()),
        (Selection(service="it"), {"a|service|x", "a|service|y"}),
        (Selection(service="helpdesk"), {"a|service|y"}),
        (Selection(place="leeds"), {"a|service|x"}),
    ],
)
def test_service_place_and_time(network_of: NetworkOf, selection: Selection, expected: set[str]) -> None:
    network = network_of(DATED, broader={"helpdesk": frozenset({"it"})})
    assert set(edges(view(network, selection))) == expected
    kept = {edge.source for edge in contracts_parts(network, selection, {}, {}).edges()}
    assert bool(kept) is bool(expected)


def test_groups_stand_for_their_members(network_of: NetworkOf) -> None:
    ties = [
        ("a", "x", SPEND | {"value": Decimal(1)}),
        ("b", "y", SPEND | {"value": Decimal(2)}),
        ("a", "y", SPEND | {"value": Decimal(4)}),
    ]
    drawing = view(network_of(ties), Selection(level="group"), {"x": "g", "y": "g", "g": "g"})
    assert {name: edge.values[0] for name, edge in edges(drawing).items()} == {"a|spend|g": 5, "b|spend|g": 2}
    assert named(drawing)["g"]["hhi"] == pytest.approx(10_000 * (25 + 4) / 49, abs=1e-3)


def test_groups_of_the_seeds_are_those_of_the_day(seeds: EmbeddedEngine, seeds_network: Network) -> None:
    one = draw(seeds, seeds_network, "network", Selection(level="group"))
    assert one.edge_count <= draw(seeds, seeds_network, "network", Selection()).edge_count


def test_contracts_keep_the_chain_and_never_cross_it(network_of: NetworkOf) -> None:
    ties = [
        ("canterbury", "eks", {"key": "s1", "places": ("kent",), "contract": "c1", "services": ("it",)}),
        ("leeds", "eks", {"key": "s2", "places": ("york",)}),
        ("leeds", "x", CONTRACT | {"key": "c2", "value": Decimal(90), "split": 0.5}),
        ("leeds", "y", CONTRACT | {"key": "c2", "value": Decimal(90), "split": 0.5}),
        ("leeds", "x", SPEND | {"key": "p", "value": Decimal(7)}),
    ]
    parts = contracts_parts(network_of(ties, labels={"kent": "Kent"}), Selection(), {"leeds": "Yorkshire"}, {})
    assert {(edge.source, edge.kind, edge.target) for edge in parts.edges()} == {
        *(("canterbury", "buys", "s1"), ("eks", "provides", "s1"), ("s1", "place", "kent"), ("s1", "contract", "c1")),
        *(("leeds", "buys", "s2"), ("eks", "provides", "s2"), ("s2", "place", "york")),
        *(("leeds", "buys", "c2"), ("x", "provides", "c2"), ("y", "provides", "c2")),
    }
    nodes = {node.id: node for node in parts.nodes}
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
        "kent": "place",
        "york": "place",
    }
    assert (nodes["c2"].value, nodes["leeds"].value, nodes["x"].value) == (90, 90, 45)
    assert (nodes["kent"].label, nodes["leeds"].region) == ("Kent", "Yorkshire")
    assert parts.left_out == {"payments, which are in the view network": 1}
    # The sum that is bought is the sum that is provided.
    money = Counter[str]()
    for edge in parts.edges():
        money[edge.kind] += edge.values[0] or 0  # type: ignore[operator,assignment] # money
    assert money["buys"] == money["provides"] == 90


def test_the_chain_of_the_seeds_ends_where_the_council_is(seeds: EmbeddedEngine, seeds_network: Network) -> None:
    drawing = draw(seeds, seeds_network, "contracts", Selection(around="Canterbury City Council", depth=3))
    graph = nx.Graph([(edge.source, edge.target) for edge in drawing.edges()])
    assert "organisation/canterbury-city-council" in graph
    assert "organisation/east-kent-services" in graph


@given(
    st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from("vwxyz"), st.just({})), max_size=20),
    st.integers(1, 3),
)
@settings(max_examples=40)
def test_suppliers_share_what_sets_of_buyers_share(network_of: NetworkOf, ties: list[Tie], shared: int) -> None:
    buyers = {supplier: {a for a, b, _ in ties if b == supplier} for _, supplier, _ in ties}
    expected = {
        f"{one}|shares|{other}": (len(both), round(len(both) / len(buyers[one] | buyers[other]), 6))
        for one, other in combinations(sorted(buyers), 2)
        if len(both := buyers[one] & buyers[other]) >= shared
    }
    parts = suppliers_parts(network_of(ties), Selection(shared=shared), {}, {})
    assert {edge.id: edge.values for edge in parts.edges()} == expected
    assert {node.id for node in parts.nodes} == {end for name in expected for end in name.split("|shares|")}


def test_too_many_pairs_are_refused_with_what_would_fit(network_of: NetworkOf, monkeypatch: pytest.MonkeyPatch) -> None:
    ties: list[Tie] = [
        (buyer, supplier, {}) for buyer, sold in (("a", "wxyz"), ("b", "wxy"), ("c", "wx")) for supplier in sold
    ]
    monkeypatch.setattr(suppliers_view, "MOST_EDGES", 3)
    with pytest.raises(TooLargeError, match=r"6 pairs .* share 1 buyers or more.* 2 or more would fit, with 3"):
        suppliers_parts(network_of(ties), Selection(shared=1), {}, {})
    assert len(edges(suppliers_parts(network_of(ties), Selection(shared=2), {}, {}))) == 3
    monkeypatch.setattr(suppliers_view, "_MOST_WORK", 5)
    with pytest.raises(TooLargeError, match="choose a service, a place, a period or a minimum"):
        suppliers_parts(network_of(ties), Selection(shared=2), {}, {})


def test_claims_tell_plans_and_denials_from_facts(seeds: EmbeddedEngine, seeds_network: Network) -> None:
    drawing = draw(seeds, seeds_network, "claims", Selection())
    columns = [column.id for column in drawing.edge_columns]
    rows = [dict(zip(columns, edge.values, strict=True)) | {"kind": edge.kind} for edge in drawing.edges()]
    assert {row["modality"] for row in rows} >= {"fact", "rumour"}
    for row in rows:
        assert str(row["modality"]) in str(row["kind"])
        assert ("denied" in str(row["kind"])) is (row["polarity"] == "denied")
    serco = [edge for edge in drawing.edges() if edge.kind == "acquires (fact)" and edge.source == "organisation/serco"]
    assert "organisation/intelenet-global-services" in {edge.target for edge in serco}


def test_claims_take_a_neighbourhood_and_no_other_filter(seeds: EmbeddedEngine, seeds_network: Network) -> None:
    near = draw(seeds, seeds_network, "claims", Selection(around="organisation/serco"))
    assert 0 < near.edge_count < draw(seeds, seeds_network, "claims", Selection()).edge_count
    with pytest.raises(ScopeError, match="leave these filters out"):
        draw(seeds, seeds_network, "claims", Selection(minimum=Decimal(1)))


def test_a_region_stands_before_a_country(engine_of: Callable[..., EmbeddedEngine]) -> None:
    engine = engine_of("""
        GRAPH cg:established {
          place:england a cg:Place ; rdfs:label "England" ; cg:level "country" .
          place:kent a cg:Place ; rdfs:label "South East" ; cg:level "region" ; cg:within place:england .
          place:dover a cg:Place ; rdfs:label "Dover" ; cg:level "authority-area" ; cg:within place:kent .
          organisation:dover a cg:Council ; rdfs:label "Dover District Council" ; cg:areaServed place:dover .
          organisation:uk a cg:Department ; rdfs:label "Ministry" ; cg:basedIn place:england .
        }
    """)
    found = {iri.rpartition("/")[2]: region for iri, region in regions(engine).items()}
    assert found == {"dover": "South East", "uk": "England"}


def test_every_column_is_documented(seeds: EmbeddedEngine, seeds_network: Network) -> None:
    text = (Path(__file__).parents[3] / "docs" / "gephi.md").read_text(encoding="utf-8")
    for view_ in VIEWS:
        drawing = draw(seeds, seeds_network, view_, Selection(shared=1))
        for column in (*drawing.node_columns, *drawing.edge_columns):
            assert f"`{column.id}`" in text, column.id
        assert f"`{view_}`" in text
