"""`ORDER BY` done here, for a server that orders long texts wrongly.

Virtuoso orders texts of more than some twenty characters that begin alike as it happened to store them; keys that it is
made to compute it orders right, but plans them badly. So the rows are asked for without `LIMIT` and `OFFSET`, and the
embedded engine orders and cuts them, as it does its own.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, cast

from pyoxigraph import BlankNode, QuerySolutions, Store

from civicgraph.graph.engine.errors import RemoteError
from civicgraph.graph.engine.remote.mending import Value
from civicgraph.graph.engine.tokens import Token, tokens, unescaped

MOST: Final = 500_000
"""Rows that are ordered here: they are held in memory."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is left to do with the solutions of a query: its prologue, and its `ORDER BY` with what follows that."""

    prologue: str
    by: str


def order_apart(prologue: str, before: str, after: str) -> tuple[str, Order | None]:
    """Return the end of a SELECT query as a server is to be asked for it, and the order that is done here.

    There is none to do where it says none, where it goes by what the query does not give, and where values follow it.

    >>> order_apart("", "SELECT ?a ", "{ ?a ?b ?c } ORDER BY ?a LIMIT 3")
    ('{ ?a ?b ?c } ORDER BY ?a ', Order(prologue='', by='ORDER BY ?a LIMIT 3'))
    """
    found = list(tokens(after))
    start = next((at for at, token in _outside(found) if token.is_word("ORDER")), None)
    if start is None:
        return after, None
    end = next((at for at, token in _outside(found) if at > start and token.is_word("LIMIT", "OFFSET")), len(found))
    given = _given(before)
    keys = {unescaped(token.text)[1:] for token in found[start:end] if token.kind == "variable"}
    if any(token.text == "{" for token in found[start:]) or (given is not None and not keys <= given):
        return after, None
    return _text(found[:end]), Order(prologue, _text(found[start:]))


def ordered(order: Order, names: Sequence[str], rows: Iterable[Sequence[Value | None]]) -> QuerySolutions:
    """Return solutions in an order, given the names of their variables and their values.

    Raises
    ------
    RemoteError
        They are too many, or there are blank nodes among them.
    """
    head = " ".join(f"?{name}" for name in names)
    values = "\n".join(_texts(rows))
    text = f"{order.prologue}SELECT {head} WHERE {{ VALUES ({head}) {{\n{values}\n}} }} {order.by}"
    return cast("QuerySolutions", Store().query(text))


def _texts(rows: Iterable[Sequence[Value | None]]) -> Iterator[str]:
    for number, row in enumerate(rows):
        if number >= MOST:
            what = f"this server orders texts wrongly, and more than {MOST:,} rows are not ordered here"
            raise RemoteError(what, "ask for fewer, or without ORDER BY")
        if any(isinstance(value, BlankNode) for value in row):
            what = "this server orders texts wrongly, and rows with blank nodes cannot be ordered here"
            raise RemoteError(what, "ask without ORDER BY")
        yield f"({' '.join('UNDEF' if value is None else str(value) for value in row)})"


def _outside(found: list[Token]) -> Iterator[tuple[int, Token]]:
    """Yield the tokens that stand in no braces, with their places."""
    depth = 0
    for at, token in enumerate(found):
        depth += {"{": 1, "}": -1}.get(token.text, 0)
        if depth == 0:
            yield at, token


def _given(before: str) -> set[str] | None:
    """Return the variables that a query gives, or None for all."""
    depth, after_as = 0, False
    given: set[str] = set()
    for token in tokens(before):
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if token.text == "*" and depth == 0:
            return None
        if token.kind == "variable" and (depth == 0 or after_as):
            given.add(unescaped(token.text)[1:])
        after_as = token.is_word("AS") or (after_as and token.is_blank)
    return given


def _text(found: list[Token]) -> str:
    return "".join(token.text for token in found)
