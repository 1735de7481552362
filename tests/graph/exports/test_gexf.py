"""GEXF 1.3 as Gephi and Gephi Lite read it: its shape, and each thing that other writers get wrong."""

import io
import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from importlib.resources import files

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from civicgraph.graph.edges.table import EdgeTable
from civicgraph.graph.engine.embedded import EmbeddedEngine
from civicgraph.graph.exports.cells import colour, plain, spelled
from civicgraph.graph.exports.drawing import SMALLEST, Drawing, nodes_in
from civicgraph.graph.exports.gexf import gexf
from civicgraph.graph.exports.options import VIEWS, Options
from civicgraph.graph.exports.views import draw

DrawingOf = Callable[..., Drawing]
TableOf = Callable[..., EdgeTable]
NS = {"g": "http://gexf.net/1.3", "viz": "http://gexf.net/1.3/viz"}


def parsed(drawing: Drawing) -> etree._Element:
    return etree.fromstring(b"".join(gexf(drawing)))


def found(element: etree._Element, path: str) -> list[etree._Element]:
    return element.findall(path, NS)


def one(element: etree._Element, path: str) -> etree._Element:
    (single,) = found(element, path)
    return single


def values(element: etree._Element) -> dict[str, str]:
    return {value.attrib["for"]: value.attrib["value"] for value in found(element, "g:attvalues/g:attvalue")}


def by_id(root: etree._Element, name: str) -> dict[str, etree._Element]:
    return {element.attrib["id"]: element for element in found(root, f".//g:{name}")}


@pytest.fixture(scope="module")
def schema() -> etree.RelaxNG:
    return etree.RelaxNG(etree.fromstring(files("civicgraph.graph.exports").joinpath("gexf.rng").read_bytes()))


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_of_the_seeds_keeps_to_the_schema(
    seeds: EmbeddedEngine, seeds_table: EdgeTable, schema: etree.RelaxNG, view: str
) -> None:
    drawing = draw(view, seeds_table, seeds, options=Options(shared=1))  # type: ignore[arg-type] # a key of VIEWS
    schema.assertValid(parsed(drawing))


def test_the_traps_keep_to_the_schema(traps: EdgeTable, drawing_of: DrawingOf, schema: etree.RelaxNG) -> None:
    schema.assertValid(parsed(drawing_of(traps)))


@pytest.mark.parametrize(
    "change",
    [
        lambda root: root.set("version", "1.2"),
        lambda root: found(root, ".//viz:color")[0].set("r", "256"),
        lambda root: found(root, ".//viz:position")[0].set("z", "None"),
        lambda root: found(root, ".//g:edge")[0].set("weight", "0"),
        lambda root: found(root, ".//g:attribute")[0].set("id", "label"),
        lambda root: found(root, ".//g:edge/g:attvalues/g:attvalue")[0].set("value", ""),
        lambda root: found(root, "g:graph/g:attributes")[1].set("mode", "static"),
    ],
)
def test_the_schema_refuses_what_gephi_would(
    traps: EdgeTable, drawing_of: DrawingOf, schema: etree.RelaxNG, change: Callable[[etree._Element], None]
) -> None:
    root = parsed(drawing_of(traps))
    change(root)
    assert not schema.validate(root)


def test_meta_says_what_the_file_is_and_of_what_day(seeds_table: EdgeTable, drawing_of: DrawingOf) -> None:
    meta = one(parsed(drawing_of(seeds_table)), "g:meta")
    assert meta.attrib["lastmodifieddate"] == "2021-03-31"
    texts = {etree.QName(child).localname: child.text for child in meta}
    assert texts["title"] == "civicgraph: who buys from whom"
    assert texts["description"] == ("Sizes go by customers; colours by kind. 6 left out: collective, no single body")
    assert "Open Government Licence" in (texts["license"] or "")
    assert texts["source"]


def test_what_changes_with_time_is_declared_before_the_block_that_gephi_lite_keeps(
    traps: EdgeTable, drawing_of: DrawingOf
) -> None:
    root = parsed(drawing_of(traps))
    blocks = found(root, "g:graph/g:attributes")
    assert [(block.attrib["class"], block.attrib["mode"]) for block in blocks] == [
        ("node", "static"),
        ("edge", "dynamic"),
        ("edge", "static"),
    ]
    types = [{each.attrib["id"]: each.attrib["type"] for each in block} for block in blocks]
    assert types[1] == {"spend": "double"}
    assert (types[2]["spend"], types[2]["value"], types[2]["count"]) == ("string", "double", "integer")
    # Every value is declared in the last block of its class, so that a strict reader takes the file too.
    for name, declared in (("node", types[0]), ("edge", types[2])):
        assert {key for element in found(root, f".//g:{name}") for key in values(element)} <= set(declared)
    spend = values(by_id(root, "edge")["c|spend|x"])["spend"]
    assert spend == "<[2012-03-01, 2012-12-31T23:59:59, 30.30]; [2013-01-01, 2013-01-31T23:59:59, 5.00]>"


def test_networkx_reads_all_of_it(traps: EdgeTable, drawing_of: DrawingOf) -> None:
    drawing = drawing_of(traps)
    found = nx.read_gexf(io.BytesIO(b"".join(gexf(drawing))))
    assert isinstance(found, nx.MultiDiGraph)
    assert (len(found), found.number_of_edges()) == (len(drawing.graph), drawing.graph.number_of_edges())
    edges = {data["id"]: data for *_, data in found.edges(data=True)}
    assert edges["a|contract|x"]["value"] == 2234567890.17
    # Were the number by year not declared as text too, in the last block, networkx could not read it.
    assert edges["c|spend|x"]["spend"].startswith("<[2012-03-01, ")
    assert edges["c|spend|x"]["spells"][0] == ("2012-03-01", "2012-04-30T23:59:59")


def test_parallel_edges_keep_their_kind_and_money_its_pence(traps: EdgeTable, drawing_of: DrawingOf) -> None:
    edges = by_id(parsed(drawing_of(traps)), "edge")
    assert {name: edge.attrib["kind"] for name, edge in edges.items() if name.startswith("a|")} == {
        "a|contract|x": "contract",
        "a|service|x": "service",
    }
    assert values(edges["a|contract|x"])["value"] == "2234567890.17"
    assert (values(edges["a|contract|x"])["count"], edges["a|contract|x"].attrib["weight"]) == ("2", "2.0")
    # 0 and 1.5 in one column are both doubles; what is not known, and what is not in pounds, is not there.
    assert values(edges["b|contract|x"])["value"] == "0.00"
    assert values(edges["c|contract|x"])["value"] == "1.50"
    assert "value" not in values(edges["a|service|x"])
    assert "value" not in values(edges["http://e/a&b?c='d'|service|\N{PILE OF POO}"])


def test_nothing_is_called_none_or_written_as_numpy_or_with_an_exponent(
    traps: EdgeTable, drawing_of: DrawingOf
) -> None:
    text = b"".join(gexf(drawing_of(traps))).decode()
    for wrong in ("None", "np.", "nan", "inf", "\x07"):
        assert wrong not in text
    root = parsed(drawing_of(traps))
    for node in found(root, ".//g:node"):
        for name, number in values(node).items():
            if name in ("degree", "community", "core", "buyers", "suppliers"):
                assert str(int(number)) == number


def test_spells_are_days_to_the_last_second_that_do_not_overlap(traps: EdgeTable, drawing_of: DrawingOf) -> None:
    edges = by_id(parsed(drawing_of(traps)), "edge")
    spells = [dict(spell.attrib) for spell in found(edges["c|spend|x"], "g:spells/g:spell")]
    assert spells == [
        {"start": "2012-03-01", "end": "2012-04-30T23:59:59"},
        {"start": "2013-01-01", "end": "2013-01-31T23:59:59"},
    ]
    assert edges["x|service|a"].attrib["start"] == "2011-01-01"
    assert "end" not in edges["x|service|a"].attrib
    assert {"start", "end"}.isdisjoint(edges["a|service|x"].attrib)


def test_a_node_is_there_while_its_ties_are(table_of: TableOf, drawing_of: DrawingOf) -> None:
    dated = {"start": date(2010, 1, 1), "end": date(2010, 12, 31)}
    later = {"start": date(2015, 1, 1), "end": date(2015, 12, 31)}
    nodes = by_id(parsed(drawing_of(table_of([("a", "x", dated), ("a", "y", later), ("b", "y", {})]))), "node")
    assert (nodes["a"].attrib["start"], nodes["a"].attrib["end"]) == ("2010-01-01", "2015-12-31T23:59:59")
    assert {"start", "end"}.isdisjoint(nodes["y"].attrib)  # one of its ties has no date, and may be of any


def test_labels_and_iris_come_back_but_for_what_xml_forbids(traps: EdgeTable, drawing_of: DrawingOf) -> None:
    nodes = by_id(parsed(drawing_of(traps)), "node")
    assert nodes["b"].attrib["label"] == 'Bell & "Sons" \N{GRINNING FACE}\n\ttab <b>'
    assert nodes["c"].attrib["label"] == "O'Neil; \u200fעברית"
    assert {"http://e/a&b?c='d'", "\N{PILE OF POO}"} <= set(nodes)
    services = values(by_id(parsed(drawing_of(traps)), "edge")["a|contract|x"])["services"]
    assert json.loads(services) == ['IT "services" & <more>', "a\\b, \N{GRINNING FACE}"]


def test_nodes_are_coloured_by_kind_placed_and_sized_by_value(traps: EdgeTable, drawing_of: DrawingOf) -> None:
    drawing = drawing_of(traps)
    rows = {row.id: row for row in drawing.nodes()}
    nodes = by_id(parsed(drawing), "node")
    for name, node in nodes.items():
        mark, place = one(node, "viz:color").attrib, one(node, "viz:position").attrib
        assert tuple(int(mark[part]) for part in "rgb") == colour(rows[name].kind)
        assert set(mark) == {"r", "g", "b"}
        assert (float(place["x"]), float(place["y"])) == (rows[name].x, rows[name].y)
    assert values(nodes["x"])["kind"] == "both"
    assert values(nodes["a"])["region"] == "South East"
    places = {(row.x, row.y) for row in rows.values()}
    assert len(places) == len(rows)
    # c paid 35.30 and nobody else paid: contracts do not count where there is money paid.
    assert (rows["c"].size, rows["x"].size) == (max(row.size for row in rows.values()),) * 2


def test_an_empty_network(table_of: TableOf, drawing_of: DrawingOf, schema: etree.RelaxNG) -> None:
    root = parsed(drawing_of(table_of([])))
    schema.assertValid(root)
    assert found(root, ".//g:node") == found(root, ".//g:edge") == []


def test_one_node_tied_to_itself(table_of: TableOf, drawing_of: DrawingOf, schema: etree.RelaxNG) -> None:
    root = parsed(drawing_of(table_of([("a", "a", {})])))
    schema.assertValid(root)
    assert [(edge.attrib["source"], edge.attrib["target"]) for edge in found(root, ".//g:edge")] == [("a", "a")]
    assert one(root, ".//g:node/viz:position").attrib["x"] == "0.0"


@given(texts=st.lists(st.tuples(st.text(min_size=1), st.text(min_size=1)), min_size=1, max_size=8))
@settings(max_examples=10)
def test_any_text_can_be_written(table_of: TableOf, drawing_of: DrawingOf, texts: list[tuple[str, str]]) -> None:
    labels, services = zip(*texts, strict=True)
    types = tuple(f"s{at}" for at in range(len(texts)))
    edges = [(one, "x", {"services": types}) for one in types]
    table = table_of(
        edges, labels=dict(zip(types, services, strict=True)), called=dict(zip(types, labels, strict=True))
    )
    root = parsed(drawing_of(table))
    for one, label in zip(types, labels, strict=True):
        assert by_id(root, "node")[one].attrib["label"] == plain(label)
    for edge in found(root, ".//g:edge"):
        assert sorted(json.loads(values(edge)["services"], strict=False)) == sorted(map(plain, services))


def test_numpy_numbers_are_written_as_numbers() -> None:
    # The rows hold numbers of Python's own: what numpy's would look like is why.
    assert repr(np.float64(1.5)) == "np.float64(1.5)"
    assert spelled(float(np.float64(1.5))) == "1.5"
    assert spelled(Decimal("1E+9")) == "1000000000.00"
    assert spelled(Decimal("0.1234")) == "0.1234"


def test_the_file_is_written_in_pieces(traps: EdgeTable, drawing_of: DrawingOf) -> None:
    drawing = drawing_of(traps)
    row = next(drawing.edges())
    for at in range(5_000):
        drawing.graph.add_edge(row.source, row.target, str(at), row=row)
    pieces = gexf(drawing)
    assert b"<nodes>" in next(pieces)
    assert all(node.size == SMALLEST for _, node in nodes_in(drawing.graph))  # it came before positions were worked out
    assert max(map(len, pieces)) < 100_000
