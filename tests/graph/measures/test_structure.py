"""Places in any networkx graph and its concentration, on random graphs and on graphs whose answers are known."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from civicgraph.graph.measures.concentration import hhi, shares
from civicgraph.graph.measures.graph_concentration import concentration
from civicgraph.graph.measures.structure import Graph, communities, core_share, places_of, structure

EDGES = st.lists(
    st.tuples(st.sampled_from("abcdexy"), st.sampled_from("vwxyz"), st.integers(1, 1000)), min_size=1, max_size=25
)
Edges = Sequence[tuple[str, str, int]]


def graph_of(edges: Edges) -> Graph:
    graph: Graph = nx.MultiDiGraph()
    graph.add_edges_from((buyer, supplier, {"weight": weight}) for buyer, supplier, weight in edges)
    return graph


@given(EDGES)
@settings(max_examples=40)
def test_parallel_edges_are_one_and_a_party_is_no_partner_of_itself(edges: Edges) -> None:
    sums: Counter[tuple[str, str]] = Counter()
    for buyer, supplier, weight in edges:
        sums[buyer, supplier] += weight
    simple: Graph = nx.DiGraph()
    simple.add_nodes_from(graph_of(edges))
    simple.add_weighted_edges_from((*pair, weight) for pair, weight in sums.items())
    partners: Graph = nx.Graph(simple)
    partners.remove_edges_from(list(nx.selfloop_edges(partners)))
    ranks = nx.pagerank(simple, tol=1e-13, max_iter=1000)
    cores, between = nx.core_number(partners), nx.betweenness_centrality(partners)
    found = structure(graph_of(edges))
    assert {party: place.pagerank for party, place in found.items()} == pytest.approx(ranks, abs=1e-9)
    assert {party: place.betweenness for party, place in found.items()} == pytest.approx(between, abs=1e-9)
    assert {party: (place.degree, place.core_number) for party, place in found.items()} == {
        party: (partners.degree(party), core) for party, core in cores.items()
    }
    assert places_of((*pair, float(weight)) for pair, weight in sums.items()) == {
        party: place._replace(betweenness=None) for party, place in found.items()
    }


def test_from_few_pivots_betweenness_is_the_same_estimate_each_time_and_near_the_truth() -> None:
    star = graph_of([(f"buyer {n}", "hub", 1) for n in range(300)])
    found = structure(star)
    assert found == structure(star)
    assert found["hub"].betweenness == pytest.approx(1, abs=0.02)
    assert sum(place.betweenness or 0 for place in found.values()) == found["hub"].betweenness


def test_an_empty_network_has_no_places() -> None:
    empty = graph_of([])
    assert (structure(empty), places_of([]), core_share([]), communities(empty)) == ({}, {}, None, {})
    assert (concentration(empty)["hhi"], concentration(empty, "supplier")) == (None, {})


@given(EDGES)
@settings(max_examples=40)
def test_concentration_is_of_weighted_degrees(edges: Edges) -> None:
    graph = graph_of(edges)
    sold: dict[str, float] = dict(graph.in_degree(weight="weight"))  # type: ignore[attr-defined] # it is directed
    part = shares(sold)
    whole, suppliers, buyers = concentration(graph), concentration(graph, "supplier"), concentration(graph, "buyer")
    assert whole["hhi"] == hhi(part.values())
    assert (whole["total"], whole["suppliers"], whole["buyers"]) == (sum(sold.values()), len(part), len(buyers))
    assert {party: one["share"] for party, one in suppliers.items()} == part
    assert sum(one["share"] for one in buyers.values()) == pytest.approx(1)
    assert list(suppliers) == sorted(suppliers, key=lambda party: -suppliers[party]["total"])


def test_refunds_are_taken_off_totals_and_are_in_no_share() -> None:
    found = concentration(graph_of([("a", "x", 60), ("b", "x", -10), ("b", "y", 50), ("c", "z", -5)]), "supplier")
    assert {party: (one["total"], one["share"]) for party, one in found.items()} == {
        "x": (50, 0.5), "y": (50, 0.5), "z": (-5, 0.0)
    }  # fmt: skip
    assert (found["x"]["hhi"], found["x"]["partners"], found["x"]["top_partner_share"]) == (10_000, 2, 1)
    assert (found["z"]["hhi"], found["z"]["top_partner"]) == (None, None)


def test_a_graph_without_direction_has_shares_too() -> None:
    graph: Graph = nx.Graph()
    graph.add_weighted_edges_from([("a", "b", 3), ("b", "c", 1)])
    assert {party: one["share"] for party, one in concentration(graph, "supplier").items()} == {
        "b": 0.5, "a": 0.375, "c": 0.125
    }  # fmt: skip


BACKEND = """
import atexit, collections, json, os
import networkx as nx

calls = collections.Counter()
atexit.register(lambda: open(os.environ["CALLS"], "w").write(json.dumps(calls)))

def __getattr__(name):
    if name.startswith("__") or name not in nx.utils.backends._registered_algorithms:
        raise AttributeError(name)
    own = nx.utils.backends._registered_algorithms[name].orig_func
    def counted(*given, **named):
        calls[name] += 1
        return own(*given, **named)
    return counted

def convert_from_nx(graph, **_):
    return graph

def convert_to_nx(found, **_):
    return found
"""
"""A backend of networkx that counts which functions are called, and hands on to networkx's own."""

SCRIPT = """
import sys, tempfile
from pathlib import Path
from civicgraph.graph.edges.scope import Scope
from civicgraph.graph.exports.options import Options
from civicgraph.graph.exports.views import draw
from civicgraph.graph.measures.failure import fails, knocked_on
from civicgraph.graph.measures.figures import figures_of
from civicgraph.graph.snapshot.derive import edges_of_store
from civicgraph.seeds_loader.load import engine_in_memory

engine = engine_in_memory([Path(sys.argv[1])])
table = edges_of_store(engine, Path(tempfile.mkdtemp()))
with table.scoped(Scope()) as found:
    figures_of(table, found, "supplier", structure=True)
    figures_of(table, found, "market", structure=True)
list(draw("network", table, engine, options=Options("capita", depth=2)).nodes())
capita = next(iri for iri in table.parties if iri.endswith("/capita"))
fails(table, knocked_on(capita, table.holdings, None), None)
"""


def test_production_calls_networkx(facts: Path, tmp_path: Path) -> None:
    (tmp_path / "counting.py").write_text(BACKEND)
    info = tmp_path / "counting-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: counting\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[networkx.backends]\ncounting = counting\n")
    calls = tmp_path / "calls.json"
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "CALLS": str(calls)}
    environment |= {f"NETWORKX_BACKEND_PRIORITY_{of}": "counting" for of in ("ALGOS", "GENERATORS")}
    subprocess.run([sys.executable, "-c", SCRIPT, str(facts)], check=True, env=environment)
    assert set(json.loads(calls.read_text())) >= {
        *("pagerank", "betweenness_centrality", "core_number", "k_core", "louvain_communities"),
        *("single_source_shortest_path_length", "bfs_tree"),
    }
