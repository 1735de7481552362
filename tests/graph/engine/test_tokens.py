"""Whether a query names its dataset or calls another server, told from its words wherever they stand as such."""

import pytest

from civicgraph.graph.engine.embedded import EmbeddedEngine
from civicgraph.graph.engine.errors import QueryError
from civicgraph.graph.engine.tokens import QueryTraits, query_traits
from tests.graph.in_memory import build_in_memory

CALL = "SERVICE <http://127.0.0.1:9/> { ?s ?p ?o }"
NEITHER = QueryTraits(names_dataset=False, calls_service=False)


@pytest.mark.parametrize(
    "sparql",
    [
        f"SELECT * {{ {CALL} }}",
        f"SELECT * {{ {CALL.lower()} }}",
        "SELECT * { SERVICE SILENT ?where { ?s ?p ?o } }",
        f"ASK {{ {CALL} }}",
        f"CONSTRUCT {{ ?s ?p ?o }} {{ {CALL} }}",
        f"DESCRIBE ?s {{ {CALL} }}",
        f"SELECT * {{ {{ SELECT * {{ {CALL} }} }} }}",
        f"SELECT * {{ OPTIONAL {{ {CALL} }} }}",
        f"SELECT * {{ {{}} UNION {{ {CALL} }} }}",
        f"SELECT * {{ ?s ?p ?o MINUS {{ {CALL} }} }}",
        f"SELECT * {{ GRAPH ?g {{ {CALL} }} }}",
        f"SELECT * {{ FILTER EXISTS {{ {CALL} }} }}",
        f"SELECT * {{ FILTER (1 = 2 || NOT EXISTS {{ {CALL} }}) }}",
        f"SELECT * {{ BIND (EXISTS {{ {CALL} }} AS ?x) }}",
        f"SELECT (EXISTS {{ {CALL} }} AS ?x) {{}}",
        f"SELECT (COUNT(*) AS ?n) {{}} GROUP BY (EXISTS {{ {CALL} }} AS ?x)",
        f"SELECT * {{ ?s ?p ?o }} ORDER BY (EXISTS {{ {CALL} }})",
        f"SELECT ?s {{ ?s ?p ?o }} GROUP BY ?s HAVING (EXISTS {{ {CALL} }})",
        # SPARQL reads \u before anything else, and so in a keyword too.
        r"SELECT * { S\u0045RVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        r"SELECT * { \U00000053ervice <http://127.0.0.1:9/> { ?s ?p ?o } }",
        f"# a comment\nSELECT * {{ #\n {CALL} }}",
    ],
)
def test_a_call_to_another_server_is_found_wherever_it_stands(sparql: str) -> None:
    assert query_traits(sparql).calls_service
    with pytest.raises(QueryError, match="SERVICE is not answered here"):
        list(ENGINE.select(sparql))


ENGINE = EmbeddedEngine(build_in_memory(), "")


@pytest.mark.parametrize(
    "sparql",
    [
        "SELECT * FROM <http://e/g> { ?s ?p ?o }",
        "SELECT *\nfrom\n<http://e/g>\n{ ?s ?p ?o }",
        "ASK FROM NAMED <http://e/g> { ?s ?p ?o }",
        "CONSTRUCT { ?s ?p ?o } FROM <http://e/g> WHERE { ?s ?p ?o }",
        "CONSTRUCT FROM <http://e/g> WHERE { ?s ?p ?o }",
        "DESCRIBE <http://e/a> FROM <http://e/g>",
        r"SELECT * FRO\u004D <http://e/g> { ?s ?p ?o }",
    ],
)
def test_a_dataset_is_found_in_every_kind_of_query(sparql: str) -> None:
    assert query_traits(sparql) == QueryTraits(names_dataset=True, calls_service=False)


@pytest.mark.parametrize(
    "sparql",
    [
        "SELECT * { ?from ?service ?FROM }",
        "SELECT * { $from $service ?o }",
        "SELECT * { ?s ?p 'FROM <http://e/g> SERVICE <http://e/s> {}' }",
        'SELECT * { ?s ?p """\nSERVICE <http://e/s> {}\n""" }',
        "SELECT * { ?s ?p 'x'@service }",
        "SELECT * { ?s <http://e/service> <http://e/from#FROM> }",
        "SELECT * { ?s cg:from ?o }",
        "PREFIX service: <http://e/> PREFIX from: <http://f/> SELECT * { ?s service:from from:service }",
        "BASE <http://e/service/> SELECT * { ?s <from> ?o }",
        "SELECT * { ?s ?p ?o # FROM <http://e/g> SERVICE <http://e/s> { }\n }",
        "# from\nSELECT * { _:service ?p ?o }",
        "SELECT * { ?s <http://e/x#y> ?o } # service",
        r"SELECT * { ?s ?p 'caf\u00e9' }",
        "SELECT * { ?s ?p ?o }",
    ],
)
def test_the_words_alone_mean_nothing(sparql: str) -> None:
    assert query_traits(sparql) == NEITHER
    # The engine reads the same query, and asks its own default graph.
    list(ENGINE.select(sparql))


def test_both_at_once() -> None:
    found = query_traits(f"ASK FROM <http://e/g> {{ {CALL} }}")
    assert found == QueryTraits(names_dataset=True, calls_service=True)


@pytest.mark.parametrize(
    "sparql",
    [
        "SERVICE",
        f"SELECT * {{ {CALL}",
        f"SELECT * {{ LATERAL {{ {CALL} }} }}",
        f"INSERT {{ ?s ?p ?o }} WHERE {{ {CALL} }}",
        f"{'{' * 3000} service {'}' * 3000}",
        # The engine needs no space between some words.
        "SELECT * { SERVICESILENT<http://127.0.0.1:9/>{ ?s ?p ?o } }",
        "SELECT * { ?s ?p 1e5SERVICE<http://127.0.0.1:9/>{ ?s ?p ?o } }",
        "SELECT * { ?s ?p trueSERVICE<http://127.0.0.1:9/>{ ?s ?p ?o } }",
        "SELECT * { FILTER(?a<?b)SERVICE<http://127.0.0.1:9/>{ ?s ?p ?o } }",
        "SELECT * { FILTER(?a<?b) SERVICE ?c { ?s ?p ?o } FILTER(?c>1) }",
        "SELECT * { ?s ?p 'it''s' SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        r"SELECT * { ?s ?p 'a\\' SERVICE <http://127.0.0.1:9/> { ?s ?p 'b' } }",
        'SELECT * { ?s ?p """a""" SERVICE <http://127.0.0.1:9/> { ?s ?p """b""" } }',
        "SELECT * { ?s ?p <http://e/#x> SERVICE <http://127.0.0.1:9/#> { ?s ?p ?o } }",
        "# \\u000A SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
    ],
    ids=lambda sparql: sparql[:40],
)
def test_no_call_hides_in_odd_writing(sparql: str) -> None:
    assert query_traits(sparql).calls_service
    with pytest.raises(QueryError, match="SERVICE is not answered here"):
        list(ENGINE.select(sparql))


def test_a_text_that_is_no_query_is_refused_by_the_engine() -> None:
    assert query_traits("this is nothing") == NEITHER
    for text in ("this is nothing", "from", "SELECT * FROM { ?s ?p ?o }"):
        with pytest.raises(QueryError, match="this is not a SPARQL"):
            list(ENGINE.select(text))
