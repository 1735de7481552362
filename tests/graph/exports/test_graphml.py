"""GraphML, read back with networkx."""

import io
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from civicgraph.graph.exports.graphml import write_graphml
from civicgraph.graph.exports.rows import edge_rows, node_rows, plain
from civicgraph.graph.network import Network

NetworkOf = Callable[..., Network]


def read(network: Network) -> Network:
    out = io.BytesIO()
    write_graphml(network, out)
    out.seek(0)
    graph = nx.read_graphml(out, force_multigraph=True)
    assert isinstance(graph, nx.MultiDiGraph)
    return graph


def test_nodes_read_back_with_all_their_attributes(seeds_network: Network) -> None:
    assert dict(read(seeds_network).nodes.items()) == {
        row.id: {
            "label": row.label,
            "class": row.cls,
            "role": row.role,
            "uri": row.uri,
            "buyers": row.buyers,
            "suppliers": row.suppliers,
        }
        for row in node_rows(seeds_network)
    }


def test_edges_read_back_with_all_their_attributes(seeds_network: Network) -> None:
    found = {
        key: (source, target, data) for source, target, key, data in read(seeds_network).edges(keys=True, data=True)
    }
    rows = edge_rows(seeds_network)
    assert set(found) == {row.id for row in rows}
    for row in rows:
        source, target, data = found[row.id]
        assert (source, target) == (row.source, row.target)
        # What is not known is absent: no edge of the seeds has a value.
        assert "value" not in data
        assert data.pop("id", row.id) == row.id
        assert bool(data.pop("spells", "")) is bool(row.spells)
        assert data == {
            "kind": row.kind,
            "edgelabel": row.label,
            "weight": float(row.count),
            "certainty": row.certainty,
            "documents": row.documents,
            **({"services": "; ".join(row.services)} if row.services else {}),
            **({"places": "; ".join(row.places)} if row.places else {}),
        }


def test_parallel_edges_of_different_kinds_stay_apart_and_money_keeps_its_pennies(network_of: NetworkOf) -> None:
    pounds = {"kind": "contract", "currency": "GBP", "value": Decimal("1234567890.12")}
    network = read(network_of([("a", "x", {}), ("a", "x", pounds)]))
    found = {data["kind"]: data for _, _, data in network.edges(data=True)}
    assert set(found) == {"service", "contract"}
    assert found["contract"]["value"] == 1234567890.12
    assert "value" not in found["service"]


@pytest.mark.parametrize(
    ("spells", "text"),
    [
        ([(date(2010, 1, 1), date(2010, 12, 31))], "2010-01-01/2010-12-31"),
        ([(None, date(2010, 1, 1)), (date(2015, 1, 1), None)], "../2010-01-01; 2015-01-01/.."),
    ],
)
def test_spells_are_intervals_as_text(
    network_of: NetworkOf, spells: list[tuple[date | None, date | None]], text: str
) -> None:
    network = read(network_of([("a", "x", {"start": start, "end": end}) for start, end in spells]))
    assert [data["spells"] for _, _, data in network.edges(data=True)] == [text]


@given(label=st.text(), service=st.text(min_size=1))
def test_any_text_comes_back_but_for_what_xml_forbids(network_of: NetworkOf, label: str, service: str) -> None:
    network = network_of([("http://e/é😀?x=1&y='2'", "x", {"services": ("s",)})], labels={"s": service})
    network.nodes["x"]["label"] = label
    found = read(network)
    # An empty text is as good as none.
    assert found.nodes["x"].get("label", "") == plain(label)
    ((source, _, data),) = found.edges(data=True)
    assert source == "http://e/é😀?x=1&y='2'"
    assert data.get("services", "") == plain(service)


def test_an_empty_network_and_a_node_alone(network_of: NetworkOf) -> None:
    network = network_of([])
    assert len(read(network)) == 0
    network.add_node("a", label="Alone", cls="Council", is_collective=False)
    found = read(network)
    assert list(found) == ["a"]
    assert found.nodes["a"]["label"] == "Alone"
    assert found.is_directed()
