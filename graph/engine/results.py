"""What all engines make of results: the terms of a solution, and the syntax that a format is written in."""

from collections.abc import Mapping
from typing import Final, TypeVar

from pyoxigraph import Literal as RdfLiteral
from pyoxigraph import NamedNode, QueryResultsFormat, RdfFormat

from civicgraph.graph.engine.errors import QueryError
from civicgraph.graph.engine.interface import Term

_F = TypeVar("_F")

SOLUTION_SYNTAXES: Final[Mapping[str, QueryResultsFormat]] = {
    "json": QueryResultsFormat.JSON,
    "xml": QueryResultsFormat.XML,
    "csv": QueryResultsFormat.CSV,
    "tsv": QueryResultsFormat.TSV,
}
GRAPH_SYNTAXES: Final[Mapping[str, RdfFormat]] = {
    "turtle": RdfFormat.TURTLE,
    "ntriples": RdfFormat.N_TRIPLES,
    "rdfxml": RdfFormat.RDF_XML,
    "jsonld": RdfFormat.JSON_LD,
    # The triples of a CONSTRUCT are in no named graph, and both formats write those as their older sisters do.
    "trig": RdfFormat.TURTLE,
    "nquads": RdfFormat.N_TRIPLES,
}
DATASET_SYNTAXES: Final[Mapping[str, RdfFormat]] = {
    **GRAPH_SYNTAXES,
    "trig": RdfFormat.TRIG,
    "nquads": RdfFormat.N_QUADS,
}


def syntax_of(known: Mapping[str, _F], name: str, kind: str) -> _F:
    """Return the syntax of a format.

    Parameters
    ----------
    known
        The syntaxes that can hold the results, by the name of their format.
    name
        The format.
    kind
        What the results are, for people.

    Raises
    ------
    QueryError
        The format cannot hold such results.
    """
    if name not in known:
        msg = f"{name} cannot hold {kind}; {', '.join(known)} can"
        raise QueryError(msg)
    return known[name]


def term(value: object) -> Term | None:
    """Return a value of a solution as a term, None where it is unbound.

    A blank node or an RDF 1.2 triple term can only come from a user's own data; it is passed on as text.
    """
    if value is None or isinstance(value, NamedNode | RdfLiteral):
        return value
    return RdfLiteral(str(value))
