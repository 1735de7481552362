"""Parameters of stored queries as terms, and their answers as rows: for the server and the command line."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final
from urllib.parse import urlsplit

from pyoxigraph import Literal, NamedNode, QueryResultsFormat, QuerySolutions, Store, parse_query_results

from civicgraph.api.tables.flat import Cell, TableRow
from civicgraph.api.tables.headers import Column, StoredQuery
from civicgraph.graph.engine.errors import QueryError
from civicgraph.graph.engine.interface import Term
from civicgraph.graph.records.iris import BASE
from civicgraph.ontology.read import PREFIXES

_XSD: Final = PREFIXES["xsd"]
_NUMBERS: Final = {_XSD + name for name in ("integer", "decimal", "double", "float")}


def bound(query: StoredQuery, given: Mapping[str, str]) -> dict[str, Term]:
    """Return the parameters of a query as terms: as given, else by default; what has neither is left open.

    Raises
    ------
    ValueError
        A parameter is unknown, or its value not of its type.
    """
    unknown = [name for name in given if name not in query.params]
    if unknown:
        msg = f"unknown parameter {unknown[0][:80]!r}; known are: {', '.join(query.params) or 'none'}"
        raise ValueError(msg)
    texts = {name: given.get(name, column.default) for name, column in query.params.items()}
    return {name: _term(name, query.params[name], text) for name, text in texts.items() if text}


def rows_of(content: bytes) -> tuple[Sequence[str], Iterator[TableRow]]:
    """Return the columns and rows of results in JSON, numbers as numbers.

    Raises
    ------
    QueryError
        They are no solutions.
    """
    results = parse_query_results(content, QueryResultsFormat.JSON)
    if not isinstance(results, QuerySolutions):
        msg = "a stored query is a SELECT"
        raise QueryError(msg)
    names = [variable.value for variable in results.variables]
    return names, iter([{name: cell(row[name]) for name in names} for row in results])


def columns_of(query: StoredQuery) -> Sequence[str]:
    """Return the columns of a query's answer, whatever data it is asked over.

    Raises
    ------
    QueryError
        It is no SELECT.
    """
    try:
        results = Store().query(query.sparql, prefixes=PREFIXES)
    except SyntaxError as error:
        msg = f"{query.name}.rq is no SPARQL 1.1 query: {error}"
        raise QueryError(msg) from error
    if not isinstance(results, QuerySolutions):
        msg = f"{query.name}.rq is no SELECT"
        raise QueryError(msg)
    return [variable.value for variable in results.variables]


def cell(term: object) -> Cell:
    """Return a term as a cell: a number as a number, what is unbound as None."""
    if isinstance(term, Literal) and term.datatype.value in _NUMBERS:
        whole = term.datatype.value == _XSD + "integer"
        try:
            number = int(term.value) if whole else float(term.value)
        except ValueError:
            return term.value
        return number if number - number == 0 else term.value  # JSON has no infinity
    return None if term is None else str(getattr(term, "value", term))


def _term(name: str, column: Column, text: str) -> Term:
    try:
        if column.type == "iri":
            return NamedNode(_iri(text))
        if column.type in ("number", "integer"):
            kind = "integer" if column.type == "integer" else "decimal"
            float(text)
            return Literal(text, datatype=NamedNode(_XSD + kind))
        if column.type == "date":
            return Literal(date.fromisoformat(text).isoformat(), datatype=NamedNode(_XSD + "date"))
    except ValueError as error:
        msg = f"{name} is no {column.type}: {text[:80]!r}; {column.description}"
        raise ValueError(msg) from error
    return Literal(text)


def _iri(text: str) -> str:
    prefix, colon, local = text.partition(":")
    if colon and prefix in PREFIXES and not local.startswith("//"):
        return PREFIXES[prefix] + local
    return text if urlsplit(text).scheme else BASE + text
