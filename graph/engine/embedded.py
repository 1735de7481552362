"""The embedded engine: Oxigraph in this process, in memory or over a snapshot on disk."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from pyoxigraph import (
    BlankNode,
    DefaultGraph,
    NamedNode,
    Quad,
    QueryBoolean,
    QuerySolutions,
    QueryTriples,
    Store,
    Triple,
    Variable,
)
from pyoxigraph import Literal as RdfLiteral

from civicgraph.graph.engine.asking import Question
from civicgraph.graph.engine.changes import ALL_GRAPHS, exists
from civicgraph.graph.engine.interface import Begin, QueryError, QueryKindError, ResultFormat, ResultKind, Row, Term
from civicgraph.graph.engine.results import DATASET_SYNTAXES, GRAPH_SYNTAXES, SOLUTION_SYNTAXES, syntax_of, term
from civicgraph.graph.engine.traits import query_traits
from civicgraph.graph.records.quads import ESTABLISHED
from civicgraph.ontology.read import PREFIXES

_Graphs = list[NamedNode | BlankNode | DefaultGraph]


class _Beside(NamedTuple):
    """What a protocol says beside a query: its named graphs, and what its relative IRIs are relative to."""

    named_graphs: list[NamedNode | BlankNode] | None = None
    base: str | None = None


_NOTHING: Final = _Beside()
_IRI: Final = re.compile(r"""<[^<>"{}|^`\\\s?$()&,;]*>""")
"""An IRI, and never two comparisons: between those stands a bracket, a comma, or what joins them."""


class EmbeddedEngine:
    """Answers queries over an Oxigraph store.

    Parameters
    ----------
    store
        The quads. The engine only reads them.
    version
        A name for this state of the data.
    """

    def __init__(self, store: Store, version: str) -> None:
        self._store = store
        self._version = version
        self._default: _Graphs | None = [
            graph
            for graph in (ESTABLISHED, DefaultGraph())
            if next(store.quads_for_pattern(None, None, None, graph), None) is not None
        ]
        if ESTABLISHED not in self._default:
            self._default = None  # the unnamed graph alone is what the engine asks by itself

    @property
    def version(self) -> str:
        """A name for exactly this state of the data."""
        return self._version

    @property
    def store(self) -> Store:
        """The quads themselves."""
        return self._store

    def quads(
        self,
        subject: NamedNode | None = None,
        predicate: NamedNode | None = None,
        value: Term | None = None,
        graph: NamedNode | DefaultGraph | None = None,
    ) -> Iterator[Quad]:
        """Yield the quads of a pattern in no fixed order; None stands for any term."""
        return self._store.quads_for_pattern(subject, predicate, value, graph)

    def select(
        self, sparql: str, default_graph: Sequence[str] | None = None, bind: Mapping[str, Term] | None = None
    ) -> Iterator[Row]:
        """Return the solutions of a SELECT query.

        Parameters
        ----------
        sparql
            The query.
        default_graph
            The graphs whose union is the default graph; if None, the established view.
        bind
            Values of projected variables.

        Raises
        ------
        QueryError
            The query is not SPARQL, or not a SELECT.
        """
        return iter(self._rows(sparql, self._dataset(sparql, default_graph), bind))

    def ask(self, sparql: str) -> bool:
        """Return the answer of an ASK query.

        Raises
        ------
        QueryError
            The query is not SPARQL, or not an ASK.
        """
        return self._boolean(sparql, self._dataset(sparql))

    def write_results(self, sparql: str, formats: Mapping[ResultKind, ResultFormat], begin: Begin) -> None:
        """Write the results of any query in the format named for its kind.

        Parameters
        ----------
        sparql
            The query.
        formats
            What to write solutions, booleans and graphs in.
        begin
            Called once with the format, before anything is written; returns where to write.

        Raises
        ------
        QueryError
            The query is not SPARQL, or the format named for its kind of result cannot hold it.
        """
        self._write(sparql, self._dataset(sparql), formats, begin)

    def write_answer(self, question: Question, begin: Begin) -> None:
        """Write the answer of a question, over the dataset that it names.

        Raises
        ------
        QueryError
            As `write_results` does; or an IRI or a value of the question is none.
        """
        default, named = question.default_graphs, question.named_graphs
        try:
            # Where a protocol names either part of the dataset, the other is empty, and FROM is passed over.
            chosen: _Graphs | None = (
                None if default is None and named is None else [NamedNode(graph) for graph in default or ()]
            )
            named_graphs: list[NamedNode | BlankNode] | None = (
                None if chosen is None else [NamedNode(graph) for graph in named or ()]
            )
        except ValueError as error:
            msg = f"a graph of the request has no IRI for its name: {error}"
            raise QueryError(msg) from error
        dataset = self._dataset(question.sparql)
        self._write(
            question.sparql,
            dataset if chosen is None else chosen,
            question.formats,
            begin,
            question.bind,
            _Beside(named_graphs, question.base),
        )

    def write_graph(self, graph: str | None, chosen: ResultFormat, begin: Begin) -> None:
        """Write a graph whole: the unnamed one for None, all for ALL_GRAPHS. Raises QueryError if it is not there."""
        if not exists(self._store, graph):
            msg = f"there is no graph <{graph}>"
            raise QueryError(msg)
        syntax = syntax_of(DATASET_SYNTAXES, chosen, "triples")
        if graph == ALL_GRAPHS:
            self._store.dump(begin(chosen), syntax)
        else:
            self._store.dump(begin(chosen), syntax, from_graph=NamedNode(graph) if graph else DefaultGraph())

    def _boolean(self, sparql: str, dataset: _Graphs | None) -> bool:
        results = self._query(sparql, dataset)
        try:
            if isinstance(results, QueryBoolean):
                return bool(results)
        finally:
            del results
        msg = "this is no ASK query"
        raise QueryKindError(msg)

    def _write(
        self,
        sparql: str,
        dataset: _Graphs | None,
        formats: Mapping[ResultKind, ResultFormat],
        begin: Begin,
        bind: Mapping[str, Term] | None = None,
        beside: _Beside = _NOTHING,
    ) -> None:
        results = self._query(sparql, dataset, bind, beside)
        try:
            if isinstance(results, QueryTriples):
                chosen = formats["graph"]
                syntax = syntax_of(GRAPH_SYNTAXES, chosen, "triples")
                results.serialize(begin(chosen), format=syntax)
            else:
                chosen = formats["boolean" if isinstance(results, QueryBoolean) else "solutions"]
                results_syntax = syntax_of(SOLUTION_SYNTAXES, chosen, "solutions")
                results.serialize(begin(chosen), format=results_syntax)
        finally:
            del results

    def _dataset(self, sparql: str, default_graph: Sequence[str] | None = None) -> _Graphs | None:
        """Return the graphs that make up the default graph of a query, or None where the query says so itself."""
        traits = query_traits(sparql)
        if traits.calls_service:
            msg = "SERVICE is not answered here: no query may reach the network"
            raise QueryError(msg)
        if default_graph is not None:
            return [NamedNode(graph) for graph in default_graph]
        return None if traits.names_dataset else self._default

    def _rows(self, sparql: str, dataset: _Graphs | None, bind: Mapping[str, Term] | None) -> list[Row]:
        # The engine's results belong to the thread that made them, and an error keeps every frame that it left, for any
        # thread to let go. So no frame that an error leaves may hold results: not this one, not a comprehension's.
        results = self._query(sparql, dataset, bind)
        rows: list[Row] = []
        try:
            if isinstance(results, QuerySolutions):
                names = [variable.value for variable in results.variables]
                for solution in results:
                    rows.append(dict(zip(names, map(term, solution), strict=True)))  # noqa: PERF401 - see above
                return rows
        finally:
            del results
        msg = "this is no SELECT query"
        raise QueryKindError(msg)

    def _query(
        self,
        sparql: str,
        dataset: _Graphs | None,
        bind: Mapping[str, Term] | None = None,
        beside: _Beside = _NOTHING,
    ) -> QuerySolutions | QueryBoolean | QueryTriples:
        values: dict[Variable, NamedNode | BlankNode | RdfLiteral | Triple] = {
            Variable(name): value for name, value in (bind or {}).items()
        }
        # To read the project's prefixes takes as long as many a look-up, and one without a colon has none.
        prefixes = PREFIXES if "\\" in sparql or ":" in _IRI.sub("", sparql) else None
        try:
            return self._store.query(
                sparql,
                base_iri=beside.base,
                prefixes=prefixes,
                default_graph=dataset,
                named_graphs=beside.named_graphs,
                substitutions=values,
            )
        except SyntaxError as error:
            msg = f"this is no SPARQL 1.1 query: {error}"
            raise QueryError(msg) from error
        except RuntimeError as error:
            msg = f"this query cannot be answered: {error}"
            raise QueryError(msg) from error
