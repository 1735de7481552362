"""Nodes and edges as CSV for Gephi's spreadsheet import, read back with csv."""

import csv
import io
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civicgraph.graph.exports.rows import edge_rows, node_rows, plain
from civicgraph.graph.exports.sheets import edges_csv, nodes_csv
from civicgraph.graph.network import Network

NetworkOf = Callable[..., Network]


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def header(text: str) -> str:
    return text.partition("\r\n")[0]


def test_headers_are_those_that_gephi_knows(seeds_network: Network) -> None:
    assert header(nodes_csv(seeds_network)) == "Id,Label,timeset,class,role,uri,buyers,suppliers"
    assert header(edges_csv(seeds_network)) == (
        "Source,Target,Type,Kind,Id,Label,Weight,timeset,value,services,places,certainty,documents"
    )


def test_nodes_read_back(seeds_network: Network) -> None:
    rows = [(row.id, row.label, row.cls, row.role, row.uri) for row in node_rows(seeds_network)]
    found = read(nodes_csv(seeds_network))
    assert [(each["Id"], each["Label"], each["class"], each["role"], each["uri"]) for each in found] == rows
    assert [int(each["buyers"]) for each in found] == [row.buyers for row in node_rows(seeds_network)]


def test_edges_read_back_and_lead_from_node_to_node(seeds_network: Network) -> None:
    ids = {each["Id"] for each in read(nodes_csv(seeds_network))}
    found = read(edges_csv(seeds_network))
    rows = edge_rows(seeds_network)
    assert [(each["Source"], each["Target"], each["Kind"], each["Id"]) for each in found] == [
        (row.source, row.target, row.kind, row.id) for row in rows
    ]
    assert {each["Type"] for each in found} == {"Directed"}
    assert all({each["Source"], each["Target"]} <= ids for each in found)
    assert [float(each["Weight"]) for each in found] == [row.count for row in rows]
    assert [each["services"] for each in found] == ["; ".join(row.services) for row in rows]


def test_money_keeps_its_pennies_and_what_is_not_known_is_empty(network_of: NetworkOf) -> None:
    pounds = {"kind": "contract", "currency": "GBP", "value": Decimal("1234567890.12")}
    found = read(edges_csv(network_of([("a", "x", {}), ("a", "x", pounds)])))
    assert {each["Kind"]: each["value"] for each in found} == {"service": "", "contract": "1234567890.12"}


@pytest.mark.parametrize(
    ("spells", "timeset"),
    [
        ([(None, None)], ""),
        ([(date(2010, 1, 1), date(2010, 12, 31))], "<[2010-01-01, 2010-12-31]>"),
        (
            [(date(2015, 1, 1), None), (None, date(2010, 1, 1))],
            "<[-Infinity, 2010-01-01]; [2015-01-01, Infinity]>",
        ),
    ],
)
def test_spells_are_a_timeset(
    network_of: NetworkOf, spells: list[tuple[date | None, date | None]], timeset: str
) -> None:
    (edge,) = read(edges_csv(network_of([("a", "x", {"start": start, "end": end}) for start, end in spells])))
    assert edge["timeset"] == timeset


@given(label=st.text(), service=st.text(min_size=1))
def test_any_text_comes_back_but_for_what_xml_forbids(network_of: NetworkOf, label: str, service: str) -> None:
    network = network_of([("http://e/a,b\"'", "x", {"services": ("s",)})], labels={"s": service})
    network.nodes["x"]["label"] = label
    nodes, (edge,) = read(nodes_csv(network)), read(edges_csv(network))
    assert {each["Id"]: each["Label"] for each in nodes}["x"] == plain(label)
    assert (edge["Source"], edge["services"]) == ("http://e/a,b\"'", plain(service))


def test_an_empty_network_is_the_headers(network_of: NetworkOf) -> None:
    assert read(nodes_csv(network_of([]))) == read(edges_csv(network_of([]))) == []
    assert nodes_csv(network_of([])).count("\r\n") == 1
