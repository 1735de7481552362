"""Places in the network against networkx, on random networks and on one whose answers are known."""

from collections.abc import Sequence

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from civicgraph.graph.edges.network import Network
from civicgraph.graph.measures.structure import betweenness, core_numbers, core_share, pagerank

EDGES = st.lists(
    st.tuples(st.sampled_from("abcdexy"), st.sampled_from("vwxyz"), st.integers(1, 1000)), min_size=1, max_size=25
)
Edges = Sequence[tuple[str, str, int]]


def network_of(edges: Edges) -> Network:
    network: Network = nx.MultiDiGraph()
    network.add_edges_from(
        (buyer, supplier, {"weight": weight}) for buyer, supplier, weight in edges if buyer != supplier
    )
    return network


@given(EDGES)
@settings(max_examples=40)
def test_pagerank_is_that_of_networkx(edges: Edges) -> None:
    network = network_of(edges)
    expected = nx.pagerank(network, tol=1e-13, max_iter=1000) if network else {}
    assert pagerank(network) == pytest.approx(expected, abs=1e-9)


@given(EDGES)
@settings(max_examples=40)
def test_betweenness_from_all_is_that_of_networkx(edges: Edges) -> None:
    network = network_of(edges)
    assert betweenness(network, None) == pytest.approx(nx.betweenness_centrality(nx.Graph(network)), abs=1e-9)


@given(EDGES)
@settings(max_examples=40)
def test_core_numbers_and_the_core_are_those_of_networkx(edges: Edges) -> None:
    network = network_of(edges)
    cores = nx.core_number(nx.Graph(network))
    assert core_numbers(network) == cores
    inner = {party for party, core in cores.items() if core == max(cores.values())}
    weights = [(data["weight"], {buyer, supplier} <= inner) for buyer, supplier, data in network.edges(data=True)]
    if weights:
        expected = sum(weight for weight, inside in weights if inside) / sum(weight for weight, _ in weights)
        assert core_share(network) == pytest.approx(expected)
    else:
        assert core_share(network) is None


def test_from_few_pivots_betweenness_is_the_same_estimate_each_time_and_near_the_truth() -> None:
    star = network_of([(f"buyer {n}", "hub", 1) for n in range(300)])
    found = betweenness(star, 64)
    assert found == betweenness(star, 64)
    assert found["hub"] == pytest.approx(1, abs=0.02)
    assert sum(found.values()) == found["hub"]


def test_an_empty_network_has_no_places() -> None:
    empty = network_of([])
    assert (pagerank(empty), betweenness(empty), core_numbers(empty), core_share(empty)) == ({}, {}, {}, None)
