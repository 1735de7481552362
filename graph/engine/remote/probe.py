"""What a server is and can do, found by asking it: servers differ where the standard leaves room, and where they err.

Each ability is found by a question whose answer is known. What cannot work at all is an error that says so; what can
be done another way is done that way.
"""

from typing import Final

from pyoxigraph import QueryResultsFormat, QuerySolutions, parse_query_results

from civicgraph.graph.engine.errors import QueryError, RemoteError
from civicgraph.graph.engine.interface import Term
from civicgraph.graph.engine.remote.http import Connection
from civicgraph.graph.engine.remote.query import DURATION, Dataset, Prepared

JSON: Final = "application/sparql-results+json"
TRIPLES: Final = "application/n-triples"

_YEARS: Final = f'"P13Y"^^<{DURATION}>'
_EXPONENT: Final = 5
"""The probe asks for ten to the power of so many rows and one: usual limits are 1,000, 10,000 and 65,536."""


def table(connection: Connection, sparql: str, dataset: Dataset | None = None) -> list[tuple[Term | None, ...]]:
    """Return the solutions of a small SELECT query, asked before anything is known of the server.

    Raises
    ------
    RemoteError
        The server cannot be reached, refuses us, or answers with something else.
    QueryError
        It refuses the query.
    """
    with connection.query(Prepared("SELECT", "", sparql, dataset=dataset or Dataset()), JSON) as answer:
        content = answer.read()
    try:
        results = parse_query_results(content, QueryResultsFormat.JSON)
    except (SyntaxError, ValueError) as error:
        what = f"{connection.where} answers a query with something else than results"
        raise RemoteError(what, "name the address that takes queries, often .../sparql or .../query") from error
    return [tuple(solution) for solution in results] if isinstance(results, QuerySolutions) else []


def keeps_durations(connection: Connection, graph: str) -> bool:
    """Find out whether a server is one that this program can work with, and gives thirteen years back as such.

    Parameters
    ----------
    connection
        The server.
    graph
        A graph on it that says something of itself.

    Raises
    ------
    RemoteError
        The server cannot be reached, does not mind datasets, or cuts results without a word.
    """
    if not _minds_datasets(connection, graph):
        raise RemoteError(
            f"{connection.where} does not mind the dataset of a request (default-graph-uri, named-graph-uri)",
            "versions of the data cannot be told apart on it: use another engine, or its setting for datasets",
        )
    values = " ".join(f"VALUES ?v{number} {{ 0 1 2 3 4 5 6 7 8 9 }}" for number in range(_EXPONENT))
    found = len(table(connection, f"SELECT ?v0 WHERE {{ {{ {values} }} UNION {{ BIND (0 AS ?v0) }} }}"))
    if found != 10**_EXPONENT + 1:
        what = f"{connection.where} cuts results at {found:,} rows and says nothing of the rest"
        raise RemoteError(what, "raise its limit of rows (Virtuoso's is ResultSetMaxRows)")
    ((years,),) = table(connection, f"SELECT ?x WHERE {{ VALUES ?x {{ {_YEARS} }} }}")
    return str(years) == _YEARS


def _minds_datasets(connection: Connection, graph: str) -> bool:
    """Whether a server minds a dataset: for what is there and what is not, and for named graphs."""
    nothing, there = f"{graph}-nothing", f"SELECT ?p WHERE {{ <{graph}> ?p ?o }} LIMIT 1"
    # One that is named outright some servers always look into; that is no harm, for nobody knows the names of others.
    named = f"SELECT DISTINCT ?g WHERE {{ GRAPH ?g {{ <{graph}> ?p ?o }} }}"
    try:
        return (
            bool(table(connection, there, Dataset((graph,), (graph,))))
            and not table(connection, there, Dataset((nothing,), (graph,)))
            and [str(found) for (found,) in table(connection, named, Dataset((nothing,), (graph,)))] == [f"<{graph}>"]
            and not table(connection, named, Dataset((graph,), (nothing,)))
        )
    except QueryError:
        return False
