"""What workers answer: the same bytes as the engine in process, in every format, and clear refusals."""

import io
import socket
from dataclasses import replace
from pathlib import Path

import pytest
from pyoxigraph import QueryBoolean, QueryResultsFormat, QueryTriples, RdfFormat, Store

from civicgraph.graph.engine.errors import (
    QueryError,
    ResultLimitError,
)
from civicgraph.graph.engine.interface import Query, ResultFormat, ResultKind
from civicgraph.graph.engine.store_process import WorkerLimits
from tests.graph.engine.running_pool import FORMATS, TRUE, RunningPool


def direct(folder: Path, sparql: str, form: QueryResultsFormat | RdfFormat) -> bytes:
    """Ask the store in this process, past workers and engine."""
    store = Store.read_only(str(folder))
    results = store.query(sparql, use_default_graph_as_union=True)
    out = io.BytesIO()
    if isinstance(form, RdfFormat):
        assert isinstance(results, QueryTriples)
        results.serialize(out, form)
    else:
        assert not isinstance(results, QueryTriples)
        results.serialize(out, form)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("json", QueryResultsFormat.JSON),
        ("xml", QueryResultsFormat.XML),
        ("csv", QueryResultsFormat.CSV),
        ("tsv", QueryResultsFormat.TSV),
    ],
)
def test_solutions_come_in_every_format(
    folder: Path, patient: RunningPool, name: ResultFormat, form: QueryResultsFormat
) -> None:
    # More than one chunk of them.
    rows = "SELECT ?s ?o ?none { ?s ?p ?o } ORDER BY ?o"
    answer = patient.answer(rows, {**FORMATS, "solutions": name})
    chunks = patient.rest(answer)
    assert answer.format == name
    assert len(chunks) > 1
    assert b"".join(chunks) == direct(folder, rows, form)


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("turtle", RdfFormat.TURTLE),
        ("ntriples", RdfFormat.N_TRIPLES),
        ("rdfxml", RdfFormat.RDF_XML),
        ("jsonld", RdfFormat.JSON_LD),
    ],
)
def test_graphs_come_in_every_format(folder: Path, patient: RunningPool, name: ResultFormat, form: RdfFormat) -> None:
    graph = "CONSTRUCT WHERE { <http://e/7> ?p ?o }"
    answer = patient.answer(graph, {**FORMATS, "graph": name})
    assert answer.format == name
    assert b"".join(patient.rest(answer)) == direct(folder, graph, form)


def test_a_boolean_comes_in_the_format_of_booleans(patient: RunningPool) -> None:
    answer = patient.answer("ASK { ?s ?p ?o }", {"solutions": "csv", "boolean": "xml", "graph": "turtle"})
    assert answer.format == "xml"
    assert b"<boolean>true</boolean>" in b"".join(patient.rest(answer))
    assert isinstance(Store().query("ASK {}"), QueryBoolean)
    assert patient.ask() == TRUE


@pytest.mark.parametrize(
    "sparql", ["nonsense", "INSERT DATA { <http://e/a> <http://e/b> 1 }", "ASK { FILTER (<http://e/f>(1)) }"]
)
def test_a_refused_query_leaves_its_worker_as_it_was(patient: RunningPool, sparql: str) -> None:
    patient.ask()
    before = patient.pids()
    with pytest.raises(QueryError):
        patient.answer(sparql)
    with pytest.raises(QueryError, match="csv cannot hold triples"):
        patient.answer("CONSTRUCT WHERE { ?s ?p ?o }", {**FORMATS, "graph": "csv"})
    assert patient.ask() == TRUE
    assert patient.pids() == before


def test_nobody_is_called_from_a_query(patient: RunningPool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(QueryError, match="SERVICE is not answered here"):
            patient.answer(f"ASK {{ SERVICE <http://127.0.0.1:{port}/> {{ ?s ?p ?o }} }}")
        assert patient.ask() == TRUE
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_the_dataset_of_a_question(patient: RunningPool) -> None:
    question = Query("ASK { ?s ?p ?o }", FORMATS, default_graphs=("http://e/no-such-graph",))
    assert b"false" in (patient.run(patient.pool.answer(question)).body or b"")
    with pytest.raises(QueryError, match="name that is not an IRI"):
        patient.run(patient.pool.answer(replace(question, default_graphs=("no iri",))))


@pytest.mark.parametrize("form", ["json", "xml", "csv", "tsv"])
def test_answers_that_are_too_long_say_so(folder: Path, form: ResultFormat) -> None:
    pool = RunningPool(WorkerLimits(1024**3, rows=1000, bytes=10**9), folder)
    formats: dict[ResultKind, ResultFormat] = {**FORMATS, "solutions": form}
    whole = pool.rest(pool.answer("SELECT * { ?s ?p ?o } LIMIT 990", formats))
    assert whole
    with pytest.raises(ResultLimitError, match=r"cut off after 1,000 rows"):
        pool.rest(pool.answer("SELECT * { ?s ?p ?o }", formats))
    pool.close()
