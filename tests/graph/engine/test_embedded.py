"""Queries over a store: which graphs they see, how values reach them, and what they are written in."""

import csv
import io
import json
from xml.etree import ElementTree as ET

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Store, parse

from civicgraph.graph.engine.embedded import EmbeddedEngine
from civicgraph.graph.engine.errors import QueryError, QueryKindError
from civicgraph.graph.engine.interface import Query, ResultFormat, ResultKind
from civicgraph.ontology.terms import CG

NAMES = "SELECT ?name { ?thing <http://e/name> ?name } ORDER BY ?name"
QUADS = """
    <http://e/a> <http://e/name> "established" <https://w3id.org/civicgraph/ontology#established> .
    <http://e/a> <http://e/name> "planned" <https://w3id.org/civicgraph/ontology#plans> .
    <http://e/a> <http://e/name> "other" <http://e/other> .
"""
UNNAMED = '<http://e/a> <http://e/name> "unnamed" .'


def engine(quads: str = QUADS) -> EmbeddedEngine:
    store = Store()
    store.load(quads, RdfFormat.N_QUADS)
    return EmbeddedEngine(store, "v1")


def names(found: EmbeddedEngine, sparql: str = NAMES, *graphs: str) -> list[str]:
    rows = found.select(sparql, graphs or None)
    return [term.value for row in rows for term in row.values() if term is not None]


def written(found: EmbeddedEngine, sparql: str, **formats: ResultFormat) -> tuple[ResultFormat, bytes]:
    """Return what was written in which format, for formats by kind of result."""
    everything: dict[ResultKind, ResultFormat] = {"solutions": "json", "boolean": "json", "graph": "turtle"}
    begun: list[ResultFormat] = []
    out = io.BytesIO()

    def begin(chosen: ResultFormat) -> io.BytesIO:
        begun.append(chosen)
        return out

    found.write_answer(Query(sparql, everything | formats), begin)  # type: ignore[arg-type] # the kinds are keys
    (chosen,) = begun
    return chosen, out.getvalue()


def test_the_established_view_is_the_default_graph() -> None:
    assert names(engine()) == ["established"]


def test_the_unnamed_graph_joins_it_when_it_holds_something() -> None:
    assert names(engine(QUADS + UNNAMED)) == ["established", "unnamed"]
    assert names(engine(UNNAMED)) == ["unnamed"]


def test_an_empty_store_has_an_empty_default_graph() -> None:
    assert names(engine("")) == []
    assert engine("").ask("ASK {}")
    assert not engine("").ask("ASK { ?s ?p ?o }")


@pytest.mark.parametrize(
    ("dataset", "expected"),
    [
        ("FROM <http://e/other>", ["other"]),
        ("from <http://e/other> FROM cg:plans", ["other", "planned"]),
        ("FROM <http://e/none>", []),
        # A query that names graphs but no default one has an empty one, as the standard says.
        ("FROM NAMED <http://e/other>", []),
    ],
)
def test_a_query_that_names_its_dataset_gets_it(dataset: str, expected: list[str]) -> None:
    sparql = NAMES.replace("{", f"{dataset} {{", 1)
    assert names(engine(QUADS + UNNAMED), sparql) == expected
    assert engine().ask(f"ASK {dataset} {{ ?s ?p ?o }}") is bool(expected)


def test_named_graphs_are_seen_by_name_unless_the_query_names_others() -> None:
    sparql = "SELECT ?name %s { GRAPH ?g { ?thing <http://e/name> ?name } } ORDER BY ?name"
    assert names(engine(QUADS + UNNAMED), sparql % "") == ["established", "other", "planned"]
    assert names(engine(), sparql % "FROM NAMED <http://e/other>") == ["other"]


def test_the_caller_can_name_the_default_graph() -> None:
    assert names(engine(), NAMES, CG.plans) == ["planned"]
    assert names(engine(), NAMES, CG.plans, "http://e/other") == ["other", "planned"]


def test_a_bound_value_is_a_term_and_never_query_text() -> None:
    hostile = 'x" } UNION { ?thing ?p ?name'
    found = engine(f"{QUADS} <http://e/h> <http://e/name> {Literal(hostile)} <{CG.established}> .")
    sparql = "SELECT ?thing ?name { ?thing <http://e/name> ?name }"
    rows = list(found.select(sparql, bind={"name": Literal(hostile)}))
    assert rows == [{"thing": NamedNode("http://e/h"), "name": Literal(hostile)}]
    assert list(found.select(sparql, bind={"thing": NamedNode("http://e/none")})) == []
    # The number 1 and the text "1" are two terms.
    numbers = engine(f'<http://e/a> <http://e/name> "1" <{CG.established}> .')
    assert list(numbers.select(sparql, bind={"name": Literal(1)})) == []


@pytest.mark.parametrize(
    "sparql",
    [
        "ASK { GRAPH cg:plans { ?thing <http://e/name> ?name } }",
        "ASK { FILTER (1<xsd:integer('2')&&xsd:integer('3')>2) }",
        "ASK { BIND (1 AS ?a) FILTER (?a<xsd:integer('2')&&3>?a) }",
        "ASK { FILTER (EXISTS{FILTER(1<xsd:integer('2'))}&&3>2) }",
        "ASK { FILTER (1<2) FILTER (2<xsd:integer('3')) FILTER (3>2) }",
        "ASK { <http://e/a> <http://e/name> 'established' }",
        "ASK { FILTER ('a:b' = 'a:b') }",
        "BASE <http://e/> ASK { <a> <name> 'established' }",
    ],
)
def test_the_projects_prefixes_need_not_be_declared(sparql: str) -> None:
    assert engine().ask(sparql)


def test_a_row_has_every_projected_variable_in_order() -> None:
    (row,) = engine().select("SELECT ?b ?nothing ?a { BIND (1 AS ?a) BIND ('x'@en AS ?b) }")
    assert list(row.items()) == [("b", Literal("x", language="en")), ("nothing", None), ("a", Literal(1))]


def test_a_blank_node_is_passed_on_as_text() -> None:
    (row,) = engine(f'_:b <http://e/name> "x" <{CG.established}> .').select("SELECT ?s { ?s ?p ?o }")
    assert isinstance(row["s"], Literal)
    assert row["s"].value.startswith("_:")


@pytest.mark.parametrize("sparql", ["ASK { ?s ?p ?o }", "CONSTRUCT WHERE { ?s ?p ?o }", "DESCRIBE <http://e/a>"])
def test_only_a_select_can_be_selected(sparql: str) -> None:
    with pytest.raises(QueryKindError, match="this is not a SELECT query"):
        list(engine().select(sparql))


@pytest.mark.parametrize("sparql", [NAMES, "CONSTRUCT WHERE { ?s ?p ?o }"])
def test_only_an_ask_can_be_asked(sparql: str) -> None:
    with pytest.raises(QueryKindError, match="this is not an ASK query"):
        engine().ask(sparql)


@pytest.mark.parametrize(
    "sparql",
    [
        "",
        "SELECT",
        "SELECT * { ?s ?p }",
        "SELECT ?x { ?s unknown:p ?x }",
        # The second word makes the other parser look at it, which is as strict.
        "SELECT * { ?s ?p } # from",
        "INSERT DATA { <http://e/a> <http://e/b> 1 }",
        "DELETE WHERE { ?s ?p ?o }",
        "LOAD <http://127.0.0.1:9/>",
        "DROP ALL",
        f"SELECT {'(' * 100}1{')' * 100} AS ?from {{}}",
    ],
)
def test_what_is_no_query_is_refused_and_changes_nothing(sparql: str) -> None:
    found = engine()
    with pytest.raises(QueryError, match="this is not a SPARQL"):
        list(found.select(sparql))
    assert len(found.store) == 3


@pytest.mark.parametrize("form", ["SELECT * {%s}", "ASK {%s}", "CONSTRUCT {} {%s}"])
def test_a_function_that_the_engine_does_not_have_is_refused(form: str) -> None:
    with pytest.raises(QueryError, match=r"<http://e/f> is not supported"):
        written(engine(), form % "?s ?p ?o FILTER (<http://e/f>(?s))")


def test_solutions_are_written_in_every_format() -> None:
    rows = "SELECT ?a ?b { VALUES (?a ?b) { (<http://e/x> 'é, \"q\"') (UNDEF 2) } }"
    found = json.loads(written(engine(), rows, solutions="json")[1])
    assert found["head"] == {"vars": ["a", "b"]}
    assert [{name: term["value"] for name, term in row.items()} for row in found["results"]["bindings"]] == [
        {"a": "http://e/x", "b": 'é, "q"'},
        {"b": "2"},
    ]
    text = written(engine(), rows, solutions="csv")[1].decode()
    assert list(csv.reader(io.StringIO(text, newline=""))) == [["a", "b"], ["http://e/x", 'é, "q"'], ["", "2"]]
    assert written(engine(), rows, solutions="tsv")[1].decode().splitlines() == [
        "?a\t?b",
        '<http://e/x>\t"é, \\"q\\""',
        "\t2",
    ]
    root = ET.fromstring(written(engine(), rows, solutions="xml")[1])  # noqa: S314 - our own writing
    results = root.findall(".//{http://www.w3.org/2005/sparql-results#}result")
    assert [len(result) for result in results] == [2, 1]


def test_an_answer_is_written_in_the_format_of_its_kind() -> None:
    formats: dict[str, ResultFormat] = {"solutions": "csv", "boolean": "xml", "graph": "ntriples"}
    assert written(engine(), NAMES, **formats) == ("csv", b"name\r\nestablished\r\n")
    chosen, text = written(engine(), "ASK {}", **formats)
    assert (chosen, b"<boolean>true</boolean>" in text) == ("xml", True)
    triple = '<http://e/a> <http://e/name> "established" .'
    assert written(engine(), "CONSTRUCT WHERE { ?s ?p ?o }", **formats) == ("ntriples", f"{triple}\n".encode())


@pytest.mark.parametrize(
    ("name", "syntax"),
    [
        ("turtle", RdfFormat.TURTLE),
        ("ntriples", RdfFormat.N_TRIPLES),
        ("rdfxml", RdfFormat.RDF_XML),
        ("jsonld", RdfFormat.JSON_LD),
    ],
)
def test_graphs_are_written_in_every_format(name: ResultFormat, syntax: RdfFormat) -> None:
    _, text = written(engine(), "CONSTRUCT WHERE { ?s ?p ?o }", graph=name)
    (read,) = parse(text, syntax)
    assert (read.subject, read.object) == (NamedNode("http://e/a"), Literal("established"))


def test_a_format_that_cannot_hold_the_answer_is_refused_before_anything_is_written() -> None:
    begun: list[ResultFormat] = []

    def begin(chosen: ResultFormat) -> io.BytesIO:
        begun.append(chosen)
        return io.BytesIO()

    formats: dict[ResultKind, ResultFormat] = {"solutions": "turtle", "boolean": "json", "graph": "csv"}
    with pytest.raises(QueryError, match="turtle cannot hold solutions; json, xml, csv, tsv can"):
        engine().write_answer(Query(NAMES, formats), begin)
    with pytest.raises(QueryError, match="csv cannot hold triples"):
        engine().write_answer(Query("CONSTRUCT WHERE { ?s ?p ?o }", formats), begin)
    assert begun == []


def test_the_engine_has_the_version_it_was_given() -> None:
    assert engine().version == "v1"
