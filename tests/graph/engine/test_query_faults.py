"""What is wrong with a query is told in plain words."""

import pytest
from pyoxigraph import Store

from civicgraph.graph.engine.tokens import fault_of
from civicgraph.ontology.read import PREFIXES


def told(sparql: str) -> str:
    with pytest.raises(SyntaxError) as refused:
        Store().query(sparql, prefixes=PREFIXES)
    return fault_of(sparql, str(refused.value), PREFIXES)


@pytest.mark.parametrize(
    ("sparql", "said"),
    [
        ("", "it has no SELECT, ASK, CONSTRUCT or DESCRIBE"),
        ("PREFIX a: <http://a/>", "it has no SELECT, ASK, CONSTRUCT or DESCRIBE"),
        ("# a list\nSELEC * {}", "line 2: a query begins with SELECT, ASK, CONSTRUCT or DESCRIBE, not 'SELEC'"),
        ("\n\nINSERT DATA {<a:a> <a:b> <a:c>}", "line 3: INSERT is an update, and not a query; POST it to /update"),
        ("PREFIX a: <http://a/>\nDELETE WHERE {?s a:b ?o}", "line 2: DELETE is an update"),
        (
            "SELECT *\n{ ?s a foaf:Person }",
            "line 2: the prefix foaf: is not declared; begin the query with PREFIX foaf:",
        ),
        ("PREFIX a: <http://a/> SELECT * { a:b ?p b:c }", "line 1: the prefix b: is not declared"),
        ("SELECT * {\n ?s ?p ?o", "it has 1 { and 0 }"),
        ("SELECT * { ?s ?p ?o }\n}", "it has 1 { and 2 }"),
        ("SELECT * { FILTER(1 = 1 }", "it has 1 ( and 0 )"),
        ("SELECT ?s {?s a cg:Council .\n BIND(1 AS ?s)}", "line 2: BIND gives ?s a value, and ?s has one before it"),
        ("SELECT * {{?s ?p ?o}\n BIND(STR(?o) AS ?o)}", "line 2: BIND gives ?o a value"),
        ("SELECT * {?s ?p ?o {?a ?b ?c}\n BIND(STR(?o) AS ?s)}", "line 2: BIND gives ?s a value"),
        (
            "SELECT ?s {?s ?p ?o} GROUP BY ?p",
            "line 1: SELECT has a variable that the pattern does not have or that is not grouped",
        ),
        ("SELECT (?x AS ?s) {?s ?p ?x}", "line 1: SELECT gives a value to a variable that the pattern has"),
        ("SELECT * {?s <a b> ?o}", "line 1: what stands between < and > is not a whole address"),
        ("SELECT * {?s ?p 'abc}", "line 1 has a string without an end"),
        ("SELECT * {\n ?s ?p\n}", "line 3: it is not understood, near '}'"),
        ("SELECT * {?s ?p ?o} LIMIT ten", "line 1: it is not understood, near 'SELECT * {?s ?p ?o} LIMIT ten'"),
    ],
)
def test_faults_are_told(sparql: str, said: str) -> None:
    assert told(sparql).startswith(said)


def test_a_variable_of_another_group_may_be_bound() -> None:
    for bound in ("{ ?s ?p ?o } UNION { BIND(1 AS ?s) }", "?s ?p ?o BIND(STR(?z) AS ?z)"):
        assert "BIND gives" not in told(f"SELECT * {{ {bound} ?x ?y }}")
