"""Positions, communities and pictures: reproducible, bounded, and held to independent oracles."""

import struct

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from civicgraph.graph.edges.table import EdgeTable
from civicgraph.graph.engine.embedded import EmbeddedEngine
from civicgraph.graph.exports.layout import REACH, _Grid, layout
from civicgraph.graph.exports.options import Options
from civicgraph.graph.exports.picture import picture
from civicgraph.graph.exports.views import draw
from civicgraph.graph.measures.structure import communities

TIES = st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=40)


def graph_of(ties: list[tuple[int, int]]) -> "nx.MultiDiGraph[int]":
    graph: nx.MultiDiGraph[int] = nx.MultiDiGraph()
    graph.add_nodes_from(range(12))
    graph.add_edges_from(ties)
    return graph


@given(TIES)
@settings(max_examples=30)
def test_positions_are_bounded_apart_and_the_same_each_time(ties: list[tuple[int, int]]) -> None:
    first, second = layout(graph_of(ties)), layout(graph_of(ties))
    assert np.array_equal(first, second)
    assert np.isfinite(first).all()
    assert np.abs(first).max() <= REACH
    apart = np.hypot(*(first[:, None] - first[None]).transpose(2, 0, 1)) + np.eye(12)
    assert apart.min() > 1e-3


@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_nodes_without_ties(count: int) -> None:
    assert layout(nx.empty_graph(count)).shape == (count, 2)


def test_neighbours_are_nearer_than_strangers() -> None:
    graph = nx.random_partition_graph([30] * 4, 0.4, 0.01, seed=1)
    xy = layout(graph)
    lengths = [np.hypot(*(xy[a] - xy[b])) for a, b in graph.edges]
    everything = [np.hypot(*(xy[a] - xy[b])) for a in range(120) for b in range(a)]
    assert np.mean(lengths) < 0.6 * np.mean(everything)


def test_the_grid_gives_the_repulsion_of_all_pairs() -> None:
    random = np.random.default_rng(1)
    positions, masses = random.normal(size=(300, 2)) * 100, random.integers(1, 9, 300).astype(float)
    apart = positions[:, None] - positions[None]
    squares = (apart**2).sum(axis=2) + np.diag([np.inf] * len(masses))
    exact, grid = np.einsum("ijk,ij->ik", apart, masses / squares), _Grid(256).repulsion(positions, masses)
    assert np.median(np.hypot(*(exact - grid).T) / np.hypot(*exact.T)) < 0.03


def test_communities_are_found_and_numbered_by_size() -> None:
    graph = nx.disjoint_union_all([nx.complete_graph(size) for size in (3, 6, 4)])
    graph.add_node(13)
    found = communities(graph)
    assert list(found.values()) == [2] * 3 + [0] * 6 + [1] * 4 + [3]


@given(TIES)
@settings(max_examples=30)
def test_communities_never_join_what_nothing_ties(ties: list[tuple[int, int]]) -> None:
    graph = graph_of(ties)
    found = communities(graph)
    for part in set(found.values()):
        assert nx.is_weakly_connected(graph.subgraph(node for node in graph if found[node] == part))
    assert found == communities(graph_of(ties))


def test_pictures_name_the_largest_and_say_what_they_show(seeds: EmbeddedEngine, seeds_table: EdgeTable) -> None:
    drawing = draw("network", seeds_table, seeds)
    png = picture(drawing, "png")
    width, height = struct.unpack(">II", png[16:24])
    assert png.startswith(b"\x89PNG")
    assert (width, height) == (2475, 1755)  # A3 at 150 dots an inch
    svg = picture(drawing, "svg", most=10).decode()
    assert svg == picture(drawing, "svg", most=10).decode()
    assert "<dc:date>" not in svg
    # Letters are drawn as shapes, each text named in a comment.
    texts = {line.strip() for line in svg.split("\n")}
    assert any(f"of the largest of {len(drawing.graph)} nodes by customers" in text for text in texts)


def test_a_picture_of_nothing_says_so(seeds: EmbeddedEngine, seeds_table: EdgeTable) -> None:
    drawing = draw("suppliers", seeds_table, seeds, options=Options(shared=50))
    assert "Nothing is in this view" in picture(drawing, "svg").decode()
