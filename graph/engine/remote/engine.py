"""The engine that is a SPARQL server: the same questions, and answers in the same forms.

Results come as JSON, are read by one parser and written by one serializer, those of the embedded engine; a result
without its end is an error and not a shorter result.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import BytesIO
from tempfile import TemporaryFile
from typing import IO, Final, cast

from pyoxigraph import (
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    parse,
    parse_query_results,
    serialize,
)

from civicgraph.graph.engine.errors import QueryError, QueryKindError, RemoteCutError
from civicgraph.graph.engine.interface import (
    ALL_GRAPHS,
    DATASET_SYNTAXES,
    GRAPH_SYNTAXES,
    SOLUTION_SYNTAXES,
    Begin,
    Query,
    ResultFormat,
    Row,
    Term,
    syntax_of,
    term,
)
from civicgraph.graph.engine.remote.http import JSON, TRIPLES, Body, Connection
from civicgraph.graph.engine.remote.query import Prepared, Slot, prepare

_BATCH: Final = 100_000
"""Bytes of solutions that are made rows at a time."""
_BOOLEAN: Final = NamedNode("http://www.w3.org/2001/XMLSchema#boolean")
_USUAL: Final = {"0": Literal("false", datatype=_BOOLEAN), "1": Literal("true", datatype=_BOOLEAN)}
_SUSPECT: Final = 1000
"""Solutions of such a number, or a multiple, are counted a second way: limits of rows are such numbers."""


class RemoteEngine:
    """Answers queries by asking a SPARQL server.

    Parameters
    ----------
    connection
        The server.
    held
        The slot of the version of the data that is asked.
    """

    def __init__(self, connection: Connection, held: Slot) -> None:
        self._connection = connection
        self.held = held

    @property
    def version(self) -> str:
        """A name for exactly this state of the data."""
        return self.held.version

    def select(
        self, sparql: str, default_graph: Sequence[str] | None = None, bind: Mapping[str, Term] | None = None
    ) -> Iterator[Row]:
        """Yield the solutions of a SELECT query, however many they are; some thousands are held at a time.

        A server that cuts its results is asked for one page after another of the rows in a fixed order. A query with an
        order of its own is not: it may have as many solutions as the server gives at once.

        Raises
        ------
        QueryError
            The query is not SPARQL, or not a SELECT.
        RemoteError
            The server cannot answer, or its answer was cut: also at the end of the solutions.
        """
        default, named = (None, None) if default_graph is None else (tuple(default_graph), self.held.graphs)
        question = Query(sparql, default_graphs=default, named_graphs=named, bind=bind or {})
        asked = prepare(question, self.held)
        if asked.kind != "SELECT":
            msg = "this is not a SELECT query"
            raise QueryKindError(msg)
        return self._rows(asked) if self.held.row_limit is None else self._pages(asked, self.held.row_limit)

    def quads(
        self,
        subject: NamedNode | None = None,
        predicate: NamedNode | None = None,
        value: Term | None = None,
        graph: NamedNode | DefaultGraph | None = None,
    ) -> Iterator[Quad]:
        """Yield the quads of a pattern in no fixed order; None stands for any term."""
        given = {"s": subject, "p": predicate, "o": value}
        pattern = " ".join(f"?{name}" if term is None else str(term) for name, term in given.items())
        graphs = self.held.graphs if graph is None else (graph.value,) if isinstance(graph, NamedNode) else ()
        for name in graphs:
            for row in self.select(f"SELECT ?s ?p ?o WHERE {{ {pattern} }}", default_graph=[name]):
                s, p, o = (given[key] or row[key] for key in "spo")
                yield Quad(cast("NamedNode", s), cast("NamedNode", p), cast("Term", o), NamedNode(name))

    def write_answer(self, question: Query, begin: Begin) -> None:
        """Write the answer of a query over the dataset that it names. What was written before an error does not count.

        Raises
        ------
        QueryError
            As `select`; or the name of a graph in the query is not an IRI.
        RemoteError
            As `select`.
        """
        asked, formats = prepare(question, self.held), question.formats
        if asked.kind in ("CONSTRUCT", "DESCRIBE"):
            self._write_graph(asked, formats["graph"], begin)
            return
        chosen = formats["boolean" if asked.kind == "ASK" else "solutions"]
        syntax = syntax_of(SOLUTION_SYNTAXES, chosen, "solutions")
        limit = self.held.row_limit
        if limit is not None and asked.kind == "SELECT" and (whole := self._count(asked)) > limit:
            raise _cut(limit, whole)
        with self._answer(asked, JSON) as body:
            results = _parsed(body)
            try:
                results.serialize(begin(chosen), format=syntax)
            finally:
                del results  # they belong to this thread, and an error keeps this frame for any other

    def write_graph(self, graph: str | None, chosen: ResultFormat, begin: Begin) -> None:
        """Write a graph whole: the unnamed one for None, all of them for `*`.

        Raises
        ------
        QueryError
            There is no such graph.
        RemoteError
            The server cannot answer, or its answer was cut.
        """
        if graph not in (None, ALL_GRAPHS) and graph not in self.held.graphs:
            msg = f"there is no graph <{graph}>"
            raise QueryError(msg)
        syntax = syntax_of(DATASET_SYNTAXES, chosen, "triples")
        if graph == ALL_GRAPHS:
            serialize(self.quads(), begin(chosen), format=syntax)
        else:
            place = DefaultGraph() if graph is None else NamedNode(graph)
            serialize((quad.triple for quad in self.quads(graph=place)), begin(chosen), format=syntax)

    def _write_graph(self, asked: Prepared, chosen: ResultFormat, begin: Begin) -> None:
        syntax = syntax_of(GRAPH_SYNTAXES, chosen, "triples")
        with self._answer(asked, TRIPLES) as body:
            if not body.has_length:
                what = "the server does not say where its triples end, so that a cut would not show"
                raise RemoteCutError(what, "ask with SELECT instead")
            quads = parse(cast("IO[bytes]", body), RdfFormat.N_TRIPLES)
            try:
                serialize((quad.triple for quad in quads), begin(chosen), format=syntax)
            finally:
                del quads

    def _rows(self, asked: Prepared) -> Iterator[Row]:
        """Yield the solutions of a query once the answer is there to its end, which it is kept to in a file.

        A parser's results die with the thread that made them, and who takes rows may do so from a different thread each
        time (a streamed response). So no such results are held while rows are taken.
        """
        number = 0
        with TemporaryFile() as kept:
            with self._answer(asked, JSON) as body:
                _parsed(body).serialize(kept, format=QueryResultsFormat.TSV)
            kept.seek(0)
            head = kept.readline()
            while lines := kept.readlines(_BATCH):
                rows = _rows_of(head + b"".join(lines))
                number += len(rows)
                yield from rows
        if number and number % _SUSPECT == 0 and (whole := self._count(asked)) != number:
            raise _cut(number, whole)

    def _pages(self, asked: Prepared, limit: int) -> Iterator[Row]:
        """Yield the solutions of a query from a server that cuts at a limit of rows, page by page."""
        number, whole = 0, self._count(asked)
        if whole < limit:
            yield from self._rows(asked)
            return
        if asked.is_ordered:
            raise _cut(limit, whole)
        names = list(next(self._rows(asked.page(["any"], 0, 1))))
        for offset in range(0, whole, limit - 1):
            for row in self._rows(asked.page(names, offset, limit - 1)):
                number += 1
                yield row
        if number != whole:
            raise _cut(number, whole)

    def _count(self, asked: Prepared) -> int:
        with self._answer(asked.counting(), JSON) as body:
            kept = BytesIO()
            _parsed(body).serialize(kept, format=QueryResultsFormat.TSV)
        ((found,),) = (row.values() for row in _rows_of(kept.getvalue()))
        return 0 if found is None else int(found.value)

    @contextmanager
    def _answer(self, asked: Prepared, accept: str) -> Iterator[Body]:
        with self._connection.query(asked, accept, self.held.marker.encode()) as body, body.parsed():
            yield body


def _cut(given: int, whole: int) -> RemoteCutError:
    what = f"the server gives {given:,} of {whole:,} rows and says nothing of the rest"
    return RemoteCutError(what, "raise its limit of rows, or ask for fewer with LIMIT")


def _usual(value: Term | None) -> Term | None:
    """Return a value, a truth value in its usual form: some servers give `true` back as 1."""
    is_boolean = isinstance(value, Literal) and value.datatype == _BOOLEAN
    return _USUAL.get(value.value, value) if is_boolean and value is not None else value


def _parsed(body: Body) -> QuerySolutions | QueryBoolean:
    return parse_query_results(cast("IO[bytes]", body), QueryResultsFormat.JSON)


def _rows_of(content: bytes) -> list[Row]:
    solutions = cast("QuerySolutions", parse_query_results(content, QueryResultsFormat.TSV))
    names = [variable.value for variable in solutions.variables]
    return [{name: _usual(term(value)) for name, value in zip(names, solution, strict=True)} for solution in solutions]
