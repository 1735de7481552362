"""export: the network for Gephi and others, and the whole graph as TriG."""

import csv
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import networkx as nx
import pytest
from lxml import etree
from pyoxigraph import RdfFormat, parse

from civicgraph.graph.snapshot.snapshot import DataFolder

Run = Callable[..., CompletedProcess[str]]

ASHBY, ALPHA = "organisation/ashby-council", "organisation/alpha"


def export(run: Run, form: str, path: Path, data: Path, *options: str) -> str:
    done = run("export", form, "-o", path, "--data", data, *options)
    assert (done.returncode, done.stdout) == (0, "")
    return done.stderr


def test_trig_holds_every_quad_and_is_the_same_each_time(run: Run, small_data: Path, tmp_path: Path) -> None:
    said = export(run, "trig", tmp_path / "a.trig", small_data)
    export(run, "trig", tmp_path / "b.trig", small_data)
    content = (tmp_path / "a.trig").read_bytes()
    assert content == (tmp_path / "b.trig").read_bytes()
    with DataFolder(small_data).open() as snapshot:
        stored = set(snapshot.engine.store)
    assert set(parse(content, RdfFormat.TRIG)) == stored
    assert said == f"{len(stored)} quads written to {tmp_path / 'a.trig'}\n"


@pytest.mark.parametrize("form", ["epo", "ocds", "org", "popolo"])
def test_the_graph_in_other_words_is_turtle(run: Run, small_data: Path, tmp_path: Path, form: str) -> None:
    said = export(run, form, tmp_path / "a.ttl", small_data)
    content = (tmp_path / "a.ttl").read_bytes()
    assert list(parse(content, RdfFormat.TURTLE))
    assert said == f"{len(content)} bytes written to {tmp_path / 'a.ttl'}\n"


def test_claims_are_written_as_nanopublications(run: Run, small_data: Path, tmp_path: Path) -> None:
    said = export(run, "nanopub", tmp_path / "a.trig", small_data)
    assert said.endswith(f" nanopublications written to {tmp_path / 'a.trig'}\n")
    assert list(parse((tmp_path / "a.trig").read_bytes(), RdfFormat.TRIG))


def test_gexf_opens_as_the_network(run: Run, small_data: Path, tmp_path: Path) -> None:
    said = export(run, "gexf", tmp_path / "a.gexf", small_data)
    assert said == f"2 nodes and 2 edges written to {tmp_path / 'a.gexf'}\n"
    tree = etree.parse(tmp_path / "a.gexf")
    labels = [node.get("label") for node in tree.iter("{*}node")]
    assert labels == ["Alpha Limited", "Ashby Council"]
    assert [(edge.get("source"), edge.get("target")) for edge in tree.iter("{*}edge")] == [(ASHBY, ALPHA)] * 2


def test_graphml_opens_in_networkx(run: Run, small_data: Path, tmp_path: Path) -> None:
    export(run, "graphml", tmp_path / "a.graphml", small_data)
    network = nx.read_graphml(tmp_path / "a.graphml")
    assert sorted(network.nodes) == [ALPHA, ASHBY]
    assert [(buyer, supplier) for buyer, supplier, *_ in network.edges] == [(ASHBY, ALPHA)] * 2


def test_csv_is_a_folder_of_two_sheets(run: Run, small_data: Path, tmp_path: Path) -> None:
    export(run, "csv", tmp_path / "deep" / "sheets", small_data)
    with (tmp_path / "deep" / "sheets" / "edges.csv").open(encoding="utf-8", newline="") as file:
        edges = list(csv.DictReader(file))
    assert [(edge["Source"], edge["Target"], edge["Kind"]) for edge in edges] == [
        *((ASHBY, ALPHA, "contract"), (ASHBY, ALPHA, "service")),
    ]
    assert {edge["Kind"]: edge["value"] for edge in edges} == {"contract": "5000000.00", "service": ""}
    with (tmp_path / "deep" / "sheets" / "nodes.csv").open(encoding="utf-8", newline="") as file:
        assert [node["Label"] for node in csv.DictReader(file)] == ["Alpha Limited", "Ashby Council"]


@pytest.mark.parametrize(
    ("options", "edges", "undated"),
    [
        (["--from", "2013-04-01"], 1, 1),
        (["--to", "2013-03-31"], 0, 1),
        (["--from", "2016-04-01"], 0, 1),
        (["--from", "2013-01-01", "--to", "2020-12-31"], 1, 1),
        (["--as-of", "2014-06-01"], 1, 1),
        (["--minimum", "5,000,000"], 1, 0),
        (["--minimum", "5000000.01"], 0, 0),
        (["--around", "Ashby Council", "--depth", "2"], 2, 0),
        (["--service", "payroll"], 2, 0),
        (["--view", "contracts"], 5, 0),
        (["--view", "suppliers", "--shared", "1"], 0, 0),
    ],
)
def test_filters_cut_the_network(
    run: Run, small_data: Path, tmp_path: Path, options: list[str], edges: int, undated: int
) -> None:
    said = export(run, "gexf", tmp_path / "a.gexf", small_data, *options)
    assert ("1 left out: no date known" in said) is bool(undated)
    assert len(list(etree.parse(tmp_path / "a.gexf").iter("{*}edge"))) == edges


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--minimum", "lots"], "the minimum 'lots' is not a sum of money"),
        (["--around", "Ashbee Council"], "nothing in this view is called 'Ashbee Council'; the nearest: Ashby Council"),
        (["--service", "payrol"], "no service type is called 'payrol'; the nearest: Payroll"),
        (["--depth", "11"], "'--depth': Input should be less than or equal to 10"),
        (["--as-of", "2014-01-01", "--from", "2013-01-01"], "were both given; choose one"),
    ],
)
def test_filters_that_fit_nothing_are_refused(
    run: Run, small_data: Path, tmp_path: Path, options: list[str], said: str
) -> None:
    done = run("export", "gexf", "-o", tmp_path / "a.gexf", "--data", small_data, *options)
    assert done.returncode == 2
    assert said in done.stderr
    assert not (tmp_path / "a.gexf").exists()


def test_trig_takes_no_filter(run: Run, small_data: Path, tmp_path: Path) -> None:
    done = run("export", "trig", "-o", tmp_path / "a.trig", "--data", small_data, "--minimum", "1")
    assert (done.returncode, "filters do not apply to trig" in done.stderr) == (2, True)


@pytest.mark.parametrize(("form", "start"), [("svg", b"<?xml"), ("png", b"\x89PNG")])
def test_pictures(run: Run, small_data: Path, tmp_path: Path, form: str, start: bytes) -> None:
    export(run, form, tmp_path / f"a.{form}", small_data)
    assert (tmp_path / f"a.{form}").read_bytes().startswith(start)


def test_planned_and_rumoured_suppliers_are_in_no_network(run: Run, small_data: Path, tmp_path: Path) -> None:
    for form in ("gexf", "graphml"):
        export(run, form, tmp_path / f"a.{form}", small_data)
        content = (tmp_path / f"a.{form}").read_text(encoding="utf-8")
        assert "Alpha" in content
        assert "Beta" not in content
        assert "Gamma" not in content
