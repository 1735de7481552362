"""The engine that is a SPARQL server: the same questions, the same answers, byte for byte.

Whatever form a server gives its results in, they are read by one parser and written by one serializer, those of the
embedded engine: so they are the same bytes, and a result without its end is an error and no shorter result.
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from typing import IO, Final, TypeVar, cast

from pyoxigraph import (
    DefaultGraph,
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
from civicgraph.graph.engine.interface import ALL_GRAPHS, Begin, Query, ResultFormat, ResultKind, Row, Term
from civicgraph.graph.engine.remote.body import Renamed, told
from civicgraph.graph.engine.remote.http import Connection
from civicgraph.graph.engine.remote.mending import Tally, as_solutions, mended_rows, mended_triple
from civicgraph.graph.engine.remote.ordering import ordered
from civicgraph.graph.engine.remote.probe import JSON, SYNTAXES, TRIPLES, TSV, Abilities, truth
from civicgraph.graph.engine.remote.query import UNNAMED, Beside, Naming, Prepared, prepare
from civicgraph.graph.engine.remote.threads import Hand, in_own_thread
from civicgraph.graph.engine.results import DATASET_SYNTAXES, GRAPH_SYNTAXES, SOLUTION_SYNTAXES, syntax_of, term

_Found = TypeVar("_Found", QuerySolutions, QuerySolutions | QueryBoolean)
_BATCH: Final = 500
_SUSPECT: Final = 1000
"""Solutions of such a number, or a multiple, are counted a second way: limits of rows are such numbers."""


@dataclass(frozen=True, slots=True)
class Held:
    """A version of the data on a server: its name, what its graphs are called there, and the sign in these names."""

    version: str
    naming: Naming
    marker: str


class RemoteEngine:
    """Answers queries by asking a SPARQL server.

    Parameters
    ----------
    connection
        The server.
    abilities
        What it is and can do.
    held
        The version of the data that is asked.
    """

    def __init__(self, connection: Connection, abilities: Abilities, held: Held) -> None:
        self._connection = connection
        self._abilities = abilities
        self.held = held

    @property
    def version(self) -> str:
        """A name for exactly this state of the data."""
        return self.held.version

    def select(
        self, sparql: str, default_graph: Sequence[str] | None = None, bind: Mapping[str, Term] | None = None
    ) -> Iterator[Row]:
        """Yield the solutions of a SELECT query, as they come.

        Raises
        ------
        QueryError
            The query is not SPARQL, or not a SELECT.
        RemoteError
            The server cannot answer, or its answer was cut: also in the middle of the solutions.
        """
        naming = self.held.naming
        beside = Beside() if default_graph is None else Beside(default_graph, naming.named)
        asked = self._prepare(sparql, bind, beside)
        if asked.kind != "SELECT":
            msg = "this is not a SELECT query"
            raise QueryKindError(msg)
        limit = self._abilities.row_limit
        rows = self._rows if limit is None else partial(self._pages, limit)

        def work(hand: Hand[list[Row]]) -> None:
            with closing(rows(asked)) as found:
                while batch := list(islice(found, _BATCH)):
                    hand(batch)

        return chain.from_iterable(in_own_thread(work))

    def ask(self, sparql: str) -> bool:
        """Return the answer of an ASK query. Raises as `select` does."""
        asked = self._prepare(sparql)
        if asked.kind != "ASK":
            msg = "this is not an ASK query"
            raise QueryKindError(msg)
        with self._answer(asked, JSON) as body, told(body):
            return truth(_parsed(body, JSON))

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
        # Where pages are needed, they need an order.
        order = "" if self._abilities.row_limit is None else " ORDER BY ?s ?p ?o"
        for name in self.held.naming.names if graph is None else (_name_of(graph),):
            place = DefaultGraph() if name == UNNAMED else NamedNode(name)
            for row in self.select(f"SELECT ?s ?p ?o WHERE {{ {pattern} }}{order}", default_graph=[name]):
                s, p, o = (given[key] or row[key] for key in "spo")
                yield Quad(cast("NamedNode", s), cast("NamedNode", p), cast("Term", o), place)

    def write_results(self, sparql: str, formats: Mapping[ResultKind, ResultFormat], begin: Begin) -> None:
        """Write the results of any query in the format named for its kind. Raises as `select` does.

        What was written before an error is raised is no result.
        """
        self._write(self._prepare(sparql), formats, begin)

    def write_answer(self, question: Query, begin: Begin) -> None:
        """Write the answer of a question, over the dataset that it names, as `write_results` does.

        Raises
        ------
        QueryError
            As `select`; or an IRI of the question is none.
        """
        default, named = question.default_graphs, question.named_graphs
        try:
            for graph in (*(default or ()), *(named or ())):
                NamedNode(graph)
        except ValueError as error:
            msg = f"a graph of the request has a name that is not an IRI: {error}"
            raise QueryError(msg) from error
        beside = Beside(default, named, question.base)
        self._write(self._prepare(question.sparql, question.bind, beside), question.formats, begin)

    def write_graph(self, graph: str | None, chosen: ResultFormat, begin: Begin) -> None:
        """Write a graph whole: the unnamed one for None, all of them for `*`.

        Raises
        ------
        QueryError
            There is no such graph.
        RemoteError
            The server cannot answer, or its answer was cut.
        """
        if graph not in (None, ALL_GRAPHS) and graph not in self.held.naming.named:
            msg = f"there is no graph <{graph}>"
            raise QueryError(msg)
        syntax = syntax_of(DATASET_SYNTAXES, chosen, "triples")
        if graph == ALL_GRAPHS:
            serialize(self.quads(), begin(chosen), format=syntax)
        else:
            place = DefaultGraph() if graph is None else NamedNode(graph)
            serialize((quad.triple for quad in self.quads(graph=place)), begin(chosen), format=syntax)

    def _prepare(self, sparql: str, bind: Mapping[str, Term] | None = None, beside: Beside | None = None) -> Prepared:
        able = self._abilities
        naming, dataset = self.held.naming, beside or Beside()
        return prepare(sparql, naming, bind, dataset, orders=able.orders, keeps_booleans=able.keeps_booleans)

    def _write(self, asked: Prepared, formats: Mapping[ResultKind, ResultFormat], begin: Begin) -> None:
        if asked.kind in ("CONSTRUCT", "DESCRIBE"):
            self._write_graph(asked, formats["graph"], begin)
            return
        chosen = formats["boolean" if asked.kind == "ASK" else "solutions"]
        syntax = syntax_of(SOLUTION_SYNTAXES, chosen, "solutions")
        self._refuse_cut(asked)
        accept = self._abilities.results if asked.kind == "SELECT" else JSON
        with self._answer(asked, accept) as body, told(body):
            # A line of TSV is a row; those of JSON say nothing, so that its rows are counted as they are read.
            tally = Tally()
            results = self._right(asked, _parsed(body, accept), tally, counts=accept == JSON)
            try:
                if asked.kind == "ASK" and isinstance(results, QuerySolutions):
                    text = '{"head":{},"boolean":' + ("true" if truth(results) else "false") + "}"
                    results = parse_query_results(text, QueryResultsFormat.JSON)
                results.serialize(begin(chosen), format=syntax)
            finally:
                del results  # they belong to this thread, and an error keeps this frame for any other
        # One line is for the names of the columns.
        self._refuse_round(asked, tally.rows or (body.lines - 1 if accept == TSV else 0))

    def _write_graph(self, asked: Prepared, chosen: ResultFormat, begin: Begin) -> None:
        syntax = syntax_of(GRAPH_SYNTAXES, chosen, "triples")
        with self._answer(asked, TRIPLES) as body, told(body):
            if not body.has_length:
                what = "the server does not say where its triples end, so that a cut would not show"
                raise RemoteCutError(what, "ask with SELECT instead")
            quads = parse(cast("IO[bytes]", body), RdfFormat.N_TRIPLES)
            try:
                triples = (quad.triple for quad in quads)
                serialize(
                    triples if self._abilities.keeps_booleans else map(mended_triple, triples),
                    begin(chosen),
                    format=syntax,
                )
            finally:
                del quads

    def _rows(self, asked: Prepared) -> Generator[Row, None, None]:
        count, tally = 0, Tally()
        accept = self._abilities.results
        with self._answer(asked, accept) as body, told(body):
            solutions = self._right(asked, _solutions(body, accept), tally)
            try:
                names = [variable.value for variable in solutions.variables]
                for solution in solutions:
                    count += 1
                    yield dict(zip(names, map(term, solution), strict=True))
            finally:
                del solutions
        self._refuse_round(asked, tally.rows or count)

    def _right(self, asked: Prepared, found: _Found, tally: Tally, *, counts: bool = False) -> _Found:
        """Return results as they are, or with order and values put right where the server errs in them.

        What is put right is counted; with `counts`, all is.
        """
        if isinstance(found, QuerySolutions):
            names = [variable.value for variable in found.variables]
            rows = mended_rows(found, asked.flags, tally)
            if asked.order is not None:
                return ordered(asked.order, names, rows)
            if counts or not self._abilities.keeps_booleans:
                return as_solutions(names, rows)
        return found

    def _refuse_round(self, asked: Prepared, count: int) -> None:
        """Refuse a round number of rows if it is not all of them: unknown limits are such numbers."""
        if count and count % _SUSPECT == 0 and (whole := self._count(asked)) != count:
            raise _cut(count, whole)

    def _pages(self, limit: int, asked: Prepared) -> Generator[Row, None, None]:
        """Yield the solutions of a query from a server that cuts at a limit of rows, page by page."""
        whole = self._count(asked)
        if whole < limit:
            yield from self._rows(asked)
            return
        found = self._all_pages(limit, whole, asked)
        if asked.order is None:
            yield from found
            return
        rows = list(found)
        names = list(rows[0])
        solutions = ordered(asked.order, names, ([row[name] for name in names] for row in rows))
        yield from (dict(zip(names, map(term, solution), strict=True)) for solution in solutions)

    def _all_pages(self, limit: int, whole: int, asked: Prepared) -> Generator[Row, None, None]:
        count = 0
        for offset in range(0, whole, limit - 1):
            for row in self._rows(asked.page(offset, limit - 1)):
                count += 1
                yield row
        if count != whole:
            raise _cut(count, whole)

    def _refuse_cut(self, asked: Prepared) -> None:
        """Refuse a query that has more solutions than the server would give without saying so."""
        limit = self._abilities.row_limit
        if limit is not None and asked.kind == "SELECT" and (whole := self._count(asked)) > limit:
            raise _cut(limit, whole)

    def _count(self, asked: Prepared) -> int:
        with self._answer(asked.counting(), JSON) as body, told(body):
            (found,) = ([*solution] for solution in _solutions(body, JSON))
            return int(found[0].value)

    @contextmanager
    def _answer(self, asked: Prepared, accept: str) -> Iterator[Renamed]:
        method, url, headers, content = self._abilities.request(self._connection.address.query, asked, accept)
        with self._connection.send(method, url, headers=headers, body=content) as body:
            yield Renamed(body, self.held.marker.encode())


def _cut(given: int, whole: int) -> RemoteCutError:
    what = f"the server would give {given:,} of {whole:,} rows and say nothing of the rest"
    return RemoteCutError(what, "raise its limit of rows, or ask for fewer with LIMIT")


def _parsed(body: Renamed, accept: str) -> QuerySolutions | QueryBoolean:
    return parse_query_results(cast("IO[bytes]", body), SYNTAXES[accept])


def _solutions(body: Renamed, accept: str) -> QuerySolutions:
    found = _parsed(body, accept)
    if not isinstance(found, QuerySolutions):
        raise SyntaxError("it is of another kind than the query")  # noqa: TRY004 - told as any other fault of an answer
    return found


def _name_of(graph: NamedNode | DefaultGraph) -> str:
    return graph.value if isinstance(graph, NamedNode) else UNNAMED
