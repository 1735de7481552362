"""CSV by the rules of Gephi's spreadsheet import, and GraphML read back with networkx."""

import csv
import io
import math
import re
from collections.abc import Callable, Iterable
from datetime import date

import networkx as nx

from civicgraph.graph.edges.table import EdgeTable
from civicgraph.graph.exports.drawing import Drawing
from civicgraph.graph.exports.forms import edges_csv, graphml, nodes_csv

DrawingOf = Callable[..., Drawing]


def read(pieces: Iterable[bytes]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(b"".join(pieces).decode("utf-8"), newline=""), strict=True))


def test_headers_are_those_that_gephi_knows(traps: EdgeTable, drawing_of: DrawingOf) -> None:
    drawing = drawing_of(traps)
    assert b"".join(nodes_csv(drawing)).startswith(b"Id,Label,timeset,kind,class,uri,region,value,")
    header = (
        b"Source,Target,Type,Kind,Id,Label,Weight,timeset,value,count,spend,services,places,certainty,documents\r\n"
    )
    assert b"".join(edges_csv(drawing)).startswith(header)


def test_edges_read_back(traps: EdgeTable, drawing_of: DrawingOf) -> None:
    drawing = drawing_of(traps)
    rows = {row["Id"]: row for row in read(edges_csv(drawing))}
    assert set(rows) == {edge.id for edge in drawing.edges()}
    assert {row["Type"] for row in rows.values()} == {"Directed"}
    nodes = {row["Id"] for row in read(nodes_csv(drawing))}
    assert {row[end] for row in rows.values() for end in ("Source", "Target")} <= nodes
    assert rows["a|contract|x"]["value"] == "2234567890.17"
    assert (rows["a|service|x"]["value"], rows["b|contract|x"]["value"]) == ("", "0.00")
    assert rows["c|spend|x"]["timeset"] == "<[2012-03-01, 2012-04-30T23:59:59]; [2013-01-01, 2013-01-31T23:59:59]>"
    # Without an exponent Gephi would take the numbers for whole ones, and cut off their pence.
    spend = "<[2012-03-01, 2012-12-31T23:59:59, 30.30e0]; [2013-01-01, 2013-01-31T23:59:59, 5.00e0]>"
    assert rows["c|spend|x"]["spend"] == spend
    assert rows["x|service|a"]["timeset"] == "<[2011-01-01, Infinity]>"
    assert rows["a|contract|x"]["services"] == '["IT ""services"" & <more>"'.replace('""', '\\"') + (
        ', "a\\\\b, \N{GRINNING FACE}"]'
    )


def test_every_timeset_is_of_gephis_form(traps: EdgeTable, drawing_of: DrawingOf) -> None:
    """Gephi's rule for a set of intervals: <[from, to]; [from, to]>, bounds being days or an infinity."""
    bound = r"(?:-?Infinity|\d{4}-\d\d-\d\d(?:T23:59:59)?)"
    form = re.compile(rf"<\[{bound}, {bound}\](?:; \[{bound}, {bound}\])*>")
    drawing = drawing_of(traps)
    for row in (*read(nodes_csv(drawing)), *read(edges_csv(drawing))):
        if row["timeset"]:
            assert form.fullmatch(row["timeset"])
            days = [
                math.inf
                if day == "Infinity"
                else -math.inf
                if "Inf" in day
                else date.fromisoformat(day[:10]).toordinal()
                for day in re.findall(bound, row["timeset"])
            ]
            assert days == sorted(days)


def test_graphml_reads_back_with_networkx(traps: EdgeTable, drawing_of: DrawingOf) -> None:
    drawing = drawing_of(traps)
    network = nx.read_graphml(io.BytesIO(b"".join(graphml(drawing))), force_multigraph=True)
    assert isinstance(network, nx.MultiDiGraph)
    for node in drawing.nodes():
        data = network.nodes[node.id]
        assert (data["x"], data["y"], data["size"]) == (node.x, node.y, node.size)
        assert data["kind"] == node.kind
        assert {data[part] for part in "rgb"} <= set(range(256))
    edges = {key: data for _, _, key, data in network.edges(keys=True, data=True)}
    assert set(edges) == {edge.id for edge in drawing.edges()}
    assert edges["a|contract|x"]["value"] == 2234567890.17
    assert edges["a|contract|x"]["kind"] == "contract"
    assert "value" not in edges["a|service|x"]
    assert edges["c|spend|x"]["spells"] == "2012-03-01/2012-04-30; 2013-01-01/2013-01-31"
    assert network.nodes["b"]["label"] == 'Bell & "Sons" \N{GRINNING FACE}\n\ttab <b>'


def test_graphml_of_nothing(table_of: Callable[..., EdgeTable], drawing_of: DrawingOf) -> None:
    found = nx.read_graphml(io.BytesIO(b"".join(graphml(drawing_of(table_of([]))))))
    assert len(found) == 0
    assert found.is_directed()
