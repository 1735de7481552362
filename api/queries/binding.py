"""Parameters of stored queries as terms, and their answers as rows: for the server and the command line."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice, product
from typing import Final
from urllib.parse import urlsplit

from pyoxigraph import Literal, NamedNode, QueryResultsFormat, QuerySolutions, parse_query_results

from civicgraph.api.name_search import Names
from civicgraph.api.tables.catalog import Column, StoredQuery
from civicgraph.api.tables.flat import Cell, TableRow
from civicgraph.graph.edges.filters import day
from civicgraph.graph.edges.scope import ScopeError
from civicgraph.graph.engine.errors import QueryError
from civicgraph.graph.engine.interface import Engine, Term
from civicgraph.graph.records.iris import BASE, key_of
from civicgraph.graph.records.quads import RDF_TYPE
from civicgraph.ontology.read import PREFIXES
from civicgraph.ontology.terms import CG

_XSD: Final = PREFIXES["xsd"]
_ANSWERS: Final = 50
"""How many answers one address may put together."""
_NEAREST: Final = 5
_WORDS: Final = {"iri": "a thing", "number": "a number", "integer": "a number", "date": "a day such as 2019-04-01"}
_NUMBERS: Final = {_XSD + name for name in ("integer", "decimal", "double", "float")}

_ROLES: Final = {
    "supplier": (CG.Supplier, "supplies nobody in what is loaded; suppliers-of has whom it buys from"),
    "council": (CG.Buyer, "buys from nobody in what is loaded; customers-of has whom it supplies"),
}
"""What a thing must be to be asked for under the name of a parameter, and what to say where it is not."""


def bindings(
    query: StoredQuery, given: Mapping[str, Sequence[str]], engine: Engine, names: Callable[[], Names]
) -> list[dict[str, Term]]:
    """Return the parameters of a query as terms, once for each answer that is wanted: a repeated one means either.

    Parameters
    ----------
    query
        The query.
    given
        The values of each parameter as texts; what is not given has its default, or is left open.
    engine
        The snapshot; a thing that it says nothing of is refused.
    names
        Gives the names of its things: a thing may be called by its own.

    Raises
    ------
    ScopeError
        A parameter is unknown, a value not of its type, there is no such thing, or it has another role.
    """
    unknown = [name for name in given if name not in query.params]
    if unknown:
        msg = f"unknown parameter {unknown[0][:80]!r}; known are: {', '.join(query.params) or 'none'}"
        raise ScopeError(msg)
    options: list[list[tuple[str, Term]]] = []
    for name, column in query.params.items():
        if name in given:
            texts = dict.fromkeys(given[name])
            options.append([(name, _given(name, column, text, engine, names)) for text in texts if text])
        elif column.default:
            options.append([(name, _term(name, column, column.default))])
    combined = list(islice(product(*(one for one in options if one)), _ANSWERS + 1))
    if len(combined) > _ANSWERS:
        msg = f"that would be more than {_ANSWERS} answers in one; give fewer values"
        raise ScopeError(msg)
    return [dict(pairs) for pairs in combined]


def joined(answers: Iterable[Iterable[TableRow]]) -> Iterator[TableRow]:
    """Yield the rows of several answers, without those that an earlier answer had."""
    seen: set[tuple[Cell, ...]] = set()
    for answer in answers:
        rows = [(tuple(row.values()), row) for row in answer]
        yield from (row for key, row in rows if key not in seen)
        seen.update(key for key, _ in rows)


def rows_of(content: bytes) -> tuple[Sequence[str], Iterator[TableRow]]:
    """Return the columns and rows of results in JSON, numbers as numbers.

    Raises
    ------
    QueryError
        They are not solutions.
    """
    results = parse_query_results(content, QueryResultsFormat.JSON)
    if not isinstance(results, QuerySolutions):
        msg = "a stored query is a SELECT"
        raise QueryError(msg)
    names = [variable.value for variable in results.variables]
    return names, iter([{name: cell(row[name]) for name in names} for row in results])


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


def _given(name: str, column: Column, text: str, engine: Engine, names: Callable[[], Names]) -> Term:
    """Return what somebody gave as a term: a thing by its IRI, the end of it, or its name."""
    if column.type != "iri":
        return _term(name, column, text)
    try:
        term = _term(name, column, text)
    except ValueError:
        term = None
    if isinstance(term, NamedNode) and any(
        next(iter(quads), None) for quads in (engine.quads(subject=term), engine.quads(value=term))
    ):
        return _in_role(name, text, term, engine)
    hits = names().find(text.rpartition("/")[2] if term is not None and not urlsplit(text).scheme else text, _NEAREST)
    called = next((hit for hit in hits if text.casefold() in (hit.label.casefold(), hit.name.casefold())), None)
    if called is not None:
        return _in_role(name, text, NamedNode(called.iri), engine)
    near = "; ".join(f"{hit.label} ({key_of(hit.iri) or hit.iri})" for hit in hits)
    advice = f"the nearest: {near}" if near else "the search finds things by their names"
    msg = f"nothing is known of {name} {text[:80]!r}; {advice}"
    raise ScopeError(msg, text, [hit.label for hit in hits])


def _in_role(name: str, text: str, thing: NamedNode, engine: Engine) -> NamedNode:
    cls, fault = _ROLES.get(name, (None, ""))
    if cls is None or next(iter(engine.quads(thing, RDF_TYPE, NamedNode(cls))), None) is not None:
        return thing
    msg = f"{text[:80]!r} {fault}"
    raise ScopeError(msg)


def _term(name: str, column: Column, text: str) -> Term:
    try:
        if column.type == "iri":
            prefix, colon, local = text.partition(":")
            if colon and prefix in PREFIXES and not local.startswith("//"):
                return NamedNode(PREFIXES[prefix] + local)
            return NamedNode(text if urlsplit(text).scheme else BASE + text)
        if column.type in ("number", "integer"):
            kind = "integer" if column.type == "integer" else "decimal"
            float(text)
            return Literal(text, datatype=NamedNode(_XSD + kind))
        if column.type == "date":
            return Literal(day(name, text).isoformat(), datatype=NamedNode(_XSD + "date"))
    except ValueError as error:
        msg = f"{name} is not {_WORDS[column.type]}: {text[:80]!r}; {column.description}"
        raise ScopeError(msg) from error
    return Literal(text)
