"""The embedded engine: Oxigraph in this process, in memory or over a snapshot on disk."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

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

from civicgraph.graph.engine.errors import QueryError, QueryKindError
from civicgraph.graph.engine.interface import (
    ALL_GRAPHS,
    DATASET_SYNTAXES,
    GRAPH_SYNTAXES,
    SOLUTION_SYNTAXES,
    Begin,
    Graphs,
    NamedGraphs,
    Query,
    ResultFormat,
    Row,
    Term,
    named_dataset,
    syntax_of,
    term,
)
from civicgraph.graph.engine.tokens import fault_of, query_traits, refuse_deep
from civicgraph.graph.engine.updates import exists
from civicgraph.ontology.read import PREFIXES
from civicgraph.ontology.terms import CG

_Results = QuerySolutions | QueryBoolean | QueryTriples
_ESTABLISHED: Final = NamedNode(CG.established)

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
        self._default: Graphs | None = [
            graph
            for graph in (_ESTABLISHED, DefaultGraph())
            if next(store.quads_for_pattern(None, None, None, graph), None) is not None
        ]
        if _ESTABLISHED not in self._default:
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
        default: Graphs | None = None if default_graph is None else [NamedNode(graph) for graph in default_graph]
        # The engine's results belong to the thread that made them, and an error keeps every frame that it left, for any
        # thread to let go. So no frame that an error leaves may hold results: not this one, not a comprehension's.
        results = self._results(Query(sparql, bind=bind or {}), default)
        rows: list[Row] = []
        try:
            if isinstance(results, QuerySolutions):
                names = [variable.value for variable in results.variables]
                for solution in results:
                    rows.append(dict(zip(names, map(term, solution), strict=True)))  # noqa: PERF401 - see above
                return iter(rows)
        finally:
            del results
        msg = "this is not a SELECT query"
        raise QueryKindError(msg)

    def ask(self, sparql: str) -> bool:
        """Return the answer of an ASK query.

        Raises
        ------
        QueryError
            The query is not SPARQL, or not an ASK.
        """
        results = self._results(Query(sparql))
        try:
            if isinstance(results, QueryBoolean):
                return bool(results)
        finally:
            del results
        msg = "this is not an ASK query"
        raise QueryKindError(msg)

    def write_answer(self, query: Query, begin: Begin) -> None:
        """Write the answer of a query, over the dataset that it names.

        Parameters
        ----------
        query
            The query, and what to write solutions, booleans and graphs in.
        begin
            Called once with the format, before anything is written; returns where to write.

        Raises
        ------
        QueryError
            The query is not SPARQL, the format named for its kind of result cannot hold it, or one of its graphs has a
            name that is not an IRI.
        """
        results = self._results(query, *(named_dataset(query) or (None, None)))
        try:
            if isinstance(results, QueryTriples):
                chosen = query.formats["graph"]
                syntax = syntax_of(GRAPH_SYNTAXES, chosen, "triples")
                results.serialize(begin(chosen), format=syntax)
            else:
                chosen = query.formats["boolean" if isinstance(results, QueryBoolean) else "solutions"]
                results_syntax = syntax_of(SOLUTION_SYNTAXES, chosen, "solutions")
                results.serialize(begin(chosen), format=results_syntax)
        finally:
            del results

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

    def _results(
        self, query: Query, default: Graphs | None = None, named_graphs: NamedGraphs | None = None
    ) -> _Results:
        sparql = query.sparql
        traits = query_traits(sparql)
        if traits.calls_service:
            msg = "SERVICE is not answered here: no query may reach the network"
            raise QueryError(msg)
        refuse_deep(sparql)
        if default is None and not traits.names_dataset:
            default = self._default
        values: dict[Variable, NamedNode | BlankNode | RdfLiteral | Triple] = {
            Variable(name): value for name, value in query.bind.items()
        }
        # To read the project's prefixes takes as long as many a look-up, and one without a colon has none.
        prefixes = PREFIXES if "\\" in sparql or ":" in _IRI.sub("", sparql) else None
        try:
            return self._store.query(
                sparql,
                base_iri=query.base,
                prefixes=prefixes,
                default_graph=default,
                named_graphs=named_graphs,
                substitutions=values,
            )
        except SyntaxError as error:
            msg = f"this is not a SPARQL 1.1 query: {fault_of(sparql, str(error), PREFIXES)}"
            raise QueryError(msg) from error
        except RuntimeError as error:
            msg = f"this query cannot be answered: {error}"
            raise QueryError(msg) from error
