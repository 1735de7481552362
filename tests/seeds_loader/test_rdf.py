"""RDF files: every syntax the engine reads, no blank nodes, and triples without a graph are established."""

from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad

from civicgraph.graph.records.quads import CLAIMS, ESTABLISHED
from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.seeds_loader.faults import SourceFileError
from civicgraph.seeds_loader.load import load_rdf
from civicgraph.seeds_loader.rdf import read_rdf

THING = NamedNode("http://example.org/a")
PROPERTY = NamedNode("http://example.org/p")
QUAD = Quad(THING, PROPERTY, Literal("é"), ESTABLISHED)
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XML = f"""<rdf:RDF xmlns:rdf="{RDF}" xmlns:e="http://example.org/">
<rdf:Description rdf:about="http://example.org/a"><e:p>é</e:p></rdf:Description></rdf:RDF>"""


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.ttl", f'{THING} {PROPERTY} "é" .'),
        ("a.TTL", f'{THING} {PROPERTY} "é" .'),
        ("a.nt", f'{THING} {PROPERTY} "\\u00E9" .\n'),
        ("a.nq", f'{THING} {PROPERTY} "é" .\n'),
        ("a.trig", f'{{ {THING} {PROPERTY} "é" }}'),
        ("a.rdf", XML),
        ("a.owl", XML),
        ("a.jsonld", '{"@id": "http://example.org/a", "http://example.org/p": "é"}'),
    ],
)
def test_every_syntax_by_the_ending(tmp_path: Path, name: str, content: str) -> None:
    assert read_rdf(write(tmp_path, name, content)) == [QUAD]


def test_named_graphs_are_kept_and_the_unnamed_one_is_established(tmp_path: Path) -> None:
    content = f"{THING} {PROPERTY} 1 . GRAPH {CLAIMS} {{ {THING} {PROPERTY} 2 }}"
    quads = read_rdf(write(tmp_path, "a.trig", content))
    integer = NamedNode("http://www.w3.org/2001/XMLSchema#integer")
    assert quads == [
        Quad(THING, PROPERTY, Literal("1", datatype=integer), ESTABLISHED),
        Quad(THING, PROPERTY, Literal("2", datatype=integer), CLAIMS),
    ]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.ttl", f"_:x {PROPERTY} 1 ."),
        ("a.ttl", f"{THING} {PROPERTY} [] ."),
        ("a.ttl", f"{THING} {PROPERTY} (1 2) ."),
        ("a.ttl", f"{THING} {PROPERTY} <<( {THING} {PROPERTY} _:x )>> ."),
        ("a.trig", f"GRAPH _:g {{ {THING} {PROPERTY} 1 }}"),
        ("a.jsonld", '{"http://example.org/p": "é"}'),
    ],
)
def test_blank_nodes_are_refused(tmp_path: Path, name: str, content: str) -> None:
    with pytest.raises(SourceFileError, match=r"a blank node at .*; give it an IRI, or loading twice would double it"):
        read_rdf(write(tmp_path, name, content))


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        ("a.ttl", f"{THING} {PROPERTY} 1 .\n{THING} {PROPERTY}", 2),
        ("a.ttl", "<a> <b> <c> .", 1),
        ("a.nt", f'{THING} {PROPERTY} "a" .\n{THING} {PROPERTY} "\x00\n', 2),
        ("a.nt", f'{THING} {PROPERTY} "'.encode() + b'\xff" .', 1),
        ("a.jsonld", '{"@id": "http://example.org/a",', 1),
        ("a.rdf", XML.replace("</e:p>", "</e:q>"), None),
        ("a.trig", "GRAPH { ", 1),
    ],
)
def test_broken_syntax_is_told_with_its_line(tmp_path: Path, name: str, content: str, line: int | None) -> None:
    with pytest.raises(SourceFileError) as caught:
        read_rdf(write(tmp_path, name, content))
    assert (caught.value.file, caught.value.line) == (name, line)
    assert "\n" not in str(caught.value)


def test_context_on_the_network_is_not_fetched(tmp_path: Path) -> None:
    content = '{"@context": "http://127.0.0.1:9/context", "@id": "http://example.org/a", "p": "x"}'
    with pytest.raises(SourceFileError, match="context"):
        read_rdf(write(tmp_path, "a.jsonld", content))


def test_entities_that_stand_for_gigabytes_are_refused(tmp_path: Path) -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<!DOCTYPE r [<!ENTITY e0 "aaaaaaaaaa">{entities}]>' + XML.replace("é", "&e11;")
    with pytest.raises(SourceFileError, match="an entity made of other entities"):
        read_rdf(write(tmp_path, "a.rdf", bomb))
    harmless = '<!DOCTYPE r [<!ENTITY e0 "&#233;">]>' + XML.replace("é", "&e0;")
    assert read_rdf(write(tmp_path, "b.rdf", harmless)) == [QUAD]


def test_unknown_ending_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(SourceFileError, match=r"its ending names no RDF syntax; use \.ttl, \.trig"):
        read_rdf(write(tmp_path, "a.txt", ""))
    with pytest.raises(SourceFileError, match="No such file"):
        read_rdf(tmp_path / "missing.ttl")
    (tmp_path / "folder.ttl").mkdir()
    with pytest.raises(SourceFileError, match="directory"):
        read_rdf(tmp_path / "folder.ttl")


def test_loaded_triples_are_asked_as_established(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    result = load_rdf(folder, [write(tmp_path, "extra.ttl", f'{THING} {PROPERTY} "é" .')])
    assert (result.report.read, result.report.loaded) == (1, 1)
    with folder.open() as snapshot:
        assert snapshot.engine.ask(f'ASK {{ {THING} {PROPERTY} "é" }}')
        assert snapshot.engine.ask(f"ASK {{ GRAPH {ESTABLISHED} {{ {THING} {PROPERTY} ?o }} }}")
