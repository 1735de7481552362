"""GEXF as Gephi and Gephi Lite read it."""

import io
import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from civicgraph.graph.exports.gexf import COLOURS, write_gexf
from civicgraph.graph.exports.rows import edge_rows, node_rows, plain
from civicgraph.graph.network import Network

NetworkOf = Callable[..., Network]
NS = {"g": "http://gexf.net/1.3", "viz": "http://gexf.net/1.3/viz"}


def written(network: Network, title: str = "A title") -> bytes:
    out = io.BytesIO()
    write_gexf(network, out, title)
    return out.getvalue()


def parsed(network: Network, title: str = "A title") -> etree._Element:
    return etree.fromstring(written(network, title))


def found(element: etree._Element, path: str) -> list[etree._Element]:
    return element.findall(path, NS)


def one(element: etree._Element, path: str) -> etree._Element:
    (single,) = found(element, path)
    return single


def values(element: etree._Element) -> dict[str, str]:
    return {value.attrib["for"]: value.attrib["value"] for value in found(element, "g:attvalues/g:attvalue")}


def edges(network: Network) -> dict[str, etree._Element]:
    return {edge.attrib["id"]: edge for edge in found(parsed(network), ".//g:edge")}


def test_the_file_is_gexf_1_3_with_days_as_intervals(seeds_network: Network) -> None:
    root = parsed(seeds_network)
    assert etree.QName(root) == etree.QName(NS["g"], "gexf")
    assert root.attrib["version"] == "1.3"
    graph = one(root, "g:graph")
    assert dict(graph.attrib) == {
        "defaultedgetype": "directed",
        "mode": "dynamic",
        "timeformat": "date",
        "timerepresentation": "interval",
    }
    # The day is the data's and never the clock's.
    meta = one(root, "g:meta")
    assert meta.attrib["lastmodifieddate"] == "2021-03-31"
    assert [child.text for child in meta] == ["civicgraph", "A title"]


def test_attributes_are_declared_by_type_and_take_no_name_that_gephi_keeps_for_itself(seeds_network: Network) -> None:
    root = parsed(seeds_network)
    blocks = found(root, "g:graph/g:attributes")
    # Gephi Lite keeps the last block of a class only: there is one for each.
    assert [(block.attrib["class"], block.attrib["mode"]) for block in blocks] == [
        ("node", "static"),
        ("edge", "static"),
    ]
    types = {each.attrib["id"]: each.attrib["type"] for block in blocks for each in block}
    assert types == {
        "class": "string",
        "role": "string",
        "uri": "string",
        "buyers": "integer",
        "suppliers": "integer",
        "count": "integer",
        "value": "double",
        "services": "liststring",
        "places": "liststring",
        "certainty": "string",
        "documents": "integer",
    }
    for block in blocks:
        declared = {name for each in block for name in (each.attrib["id"], each.attrib["title"])}
        assert declared.isdisjoint({"id", "type", "label", "weight", "Id", "Type", "Label", "Weight"})
        assert {each.attrib["id"] for each in block} >= {
            name for part in found(root, f".//g:{block.attrib['class']}") for name in values(part)
        }


def test_every_node_and_edge_is_there_with_its_ends(seeds_network: Network) -> None:
    root = parsed(seeds_network)
    nodes, links = found(root, ".//g:node"), found(root, ".//g:edge")
    pairs = {(buyer, supplier, data["kind"]) for buyer, supplier, data in seeds_network.edges(data=True)}
    assert len(nodes) == seeds_network.number_of_nodes()
    assert len(links) == len(pairs)
    ids = {node.attrib["id"] for node in nodes}
    assert all({edge.attrib["source"], edge.attrib["target"]} <= ids for edge in links)
    assert sum(float(edge.attrib["weight"]) for edge in links) == seeds_network.number_of_edges()
    uris = {values(node)["uri"]: node.attrib["label"] for node in nodes}
    assert uris == {iri: data["label"] for iri, data in seeds_network.nodes(data=True)}


def test_nodes_have_the_colour_of_their_role_without_transparency(seeds_network: Network) -> None:
    for node in found(parsed(seeds_network), ".//g:node"):
        colour = one(node, "viz:color").attrib
        assert set(colour) == {"r", "g", "b"}
        role: Any = values(node)["role"]
        assert tuple(int(colour[part]) for part in "rgb") == COLOURS[role]
        assert float(one(node, "viz:size").attrib["value"]) > 0


def test_parallel_edges_of_different_kinds_stay_apart(network_of: NetworkOf) -> None:
    pounds = {"kind": "contract", "currency": "GBP", "value": Decimal("1234567890.12")}
    network = network_of([("a", "x", {}), ("a", "x", pounds), ("a", "x", pounds), ("x", "a", {})])
    made = edges(network)
    assert {name: edge.attrib["kind"] for name, edge in made.items()} == {
        "a|contract|x": "contract",
        "a|service|x": "service",
        "x|service|a": "service",
    }
    # 2 x 1,234,567,890.12, with its pennies and without an exponent; a value that is not known is not there.
    assert values(made["a|contract|x"])["value"] == "2469135780.24"
    assert values(made["a|contract|x"])["count"] == "2"
    assert "value" not in values(made["a|service|x"])


def test_what_is_not_known_is_left_out_and_never_called_none(network_of: NetworkOf, seeds_network: Network) -> None:
    assert b"None" not in written(seeds_network)
    (edge,) = edges(network_of([("a", "x", {})])).values()
    assert values(edge) == {"count": "1", "certainty": "asserted", "documents": "1"}
    assert {"start", "end"}.isdisjoint(edge.attrib)
    assert "lastmodifieddate" not in one(parsed(network_of([])), "g:meta").attrib


@pytest.mark.parametrize(
    ("spells", "expected"),
    [
        ([(date(2010, 1, 1), date(2010, 12, 31))], {"start": "2010-01-01", "end": "2010-12-31"}),
        ([(date(2010, 1, 1), None)], {"start": "2010-01-01"}),
        ([(None, date(2010, 12, 31))], {"end": "2010-12-31"}),
    ],
)
def test_one_spell_is_the_edge_s_own(
    network_of: NetworkOf, spells: list[tuple[date | None, date | None]], expected: dict[str, str]
) -> None:
    (edge,) = edges(network_of([("a", "x", {"start": start, "end": end}) for start, end in spells])).values()
    assert {name: edge.attrib[name] for name in ("start", "end") if name in edge.attrib} == expected
    assert found(edge, "g:spells") == []


def test_several_spells_stand_in_the_edge_in_order(network_of: NetworkOf) -> None:
    spells = [(date(2020, 1, 1), None), (None, date(2010, 1, 1)), (date(2015, 1, 1), date(2015, 12, 31))]
    (edge,) = edges(network_of([("a", "x", {"start": start, "end": end}) for start, end in spells])).values()
    assert {"start", "end"}.isdisjoint(edge.attrib)
    assert [dict(spell.attrib) for spell in found(edge, "g:spells/g:spell")] == [
        {"end": "2010-01-01"},
        {"start": "2015-01-01", "end": "2015-12-31"},
        {"start": "2020-01-01"},
    ]


@given(label=st.text(), service=st.text(min_size=1), title=st.text())
def test_any_text_comes_back_but_for_what_xml_forbids(
    network_of: NetworkOf, label: str, service: str, title: str
) -> None:
    network = network_of([("a", "x", {"services": ("s",)})], labels={"s": service})
    network.nodes["a"]["label"] = label
    root = parsed(network, title)
    labels = {node.attrib["id"]: node.attrib["label"] for node in found(root, ".//g:node")}
    assert labels["a"] == plain(label)
    # Quoted as Gephi's reader of lists, and that of JSON, want it.
    listed = values(one(root, ".//g:edge"))["services"]
    assert json.loads(listed, strict=False) == [plain(service)]
    assert (one(root, "g:meta/g:title").text or "") == plain(title)


@pytest.mark.parametrize("iri", ["http://e/a&b", "http://e/o'neil", "http://e/é😀?x=1&y=2#z", "urn:x:a%22b"])
def test_any_iri_is_an_id(network_of: NetworkOf, iri: str) -> None:
    root = parsed(network_of([(iri, "x", {})]))
    edge = one(root, ".//g:edge")
    assert (edge.attrib["source"], edge.attrib["id"]) == (iri, f"{iri}|service|x")
    assert iri in {node.attrib["id"] for node in found(root, ".//g:node")}


def test_an_empty_network_is_a_file_without_nodes(network_of: NetworkOf) -> None:
    root = parsed(network_of([]))
    assert found(root, ".//g:node") == found(root, ".//g:edge") == []
    assert [etree.QName(part).localname for part in one(root, "g:graph")] == [
        "attributes",
        "attributes",
        "nodes",
        "edges",
    ]


def test_one_node_without_any_tie_is_written(network_of: NetworkOf) -> None:
    network = network_of([])
    network.add_node("a", label="Alone", cls="Council", is_collective=False)
    assert [node.attrib["label"] for node in found(parsed(network), ".//g:node")] == ["Alone"]


def test_the_numbers_are_those_of_the_rows(seeds_network: Network) -> None:
    root = parsed(seeds_network)
    for node, row in zip(found(root, ".//g:node"), node_rows(seeds_network), strict=True):
        assert (node.attrib["id"], values(node)["buyers"], values(node)["suppliers"]) == (
            *(row.id, str(row.buyers)),
            str(row.suppliers),
        )
    for edge, tie in zip(found(root, ".//g:edge"), edge_rows(seeds_network), strict=True):
        assert (edge.attrib["id"], float(edge.attrib["weight"])) == (tie.id, tie.count)
        assert json.loads(values(edge).get("services", "[]")) == list(tie.services)
