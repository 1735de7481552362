"""Which columns of a query hold truth values that it computes, for a server that gives these as 1 and 0."""

from collections.abc import Iterable
from typing import Final

from civicgraph.graph.engine.tokens import Token, unescaped

_OPERATORS: Final = frozenset({"=", "!=", "<", ">", "<=", ">=", "&&", "||", "!"})
_WORDS: Final = ("EXISTS", "IN", "TRUE", "FALSE")
_FUNCTIONS: Final = (
    *("BOUND", "SAMETERM", "ISIRI", "ISURI", "ISBLANK", "ISLITERAL", "ISNUMERIC"),
    *("CONTAINS", "STRSTARTS", "STRENDS", "REGEX", "LANGMATCHES"),
)


def flags(body: Iterable[Token]) -> frozenset[str]:
    """Return the variables that a query's body gives a truth value by `AS`.

    >>> from civicgraph.graph.engine.tokens import tokens
    >>> sorted(flags(tokens("SELECT (1 + 1 AS ?n) (?n > 1 AS ?a) { BIND (NOT EXISTS { ?s ?p 1 } AS ?b) }")))
    ['a', 'b']
    """
    found: set[str] = set()
    open_at: list[list[Token]] = []
    named: list[Token] = []
    for token in (token for token in body if not token.is_blank):
        if token.text in ("(", "{"):
            if open_at:
                open_at[-1].append(token)
            open_at.append([])
        elif token.text in (")", "}"):
            named = open_at.pop() if open_at else []
            if token.text == ")" and len(named) > 2 and named[-2].is_word("AS") and _is_flag(named[:-2]):  # noqa: PLR2004
                found.add(unescaped(named[-1].text)[1:])
        elif open_at:
            open_at[-1].append(token)
    return frozenset(found)


def _is_flag(expression: list[Token]) -> bool:
    """Return whether an expression, without what stands in its inner brackets, gives a truth value."""
    if any(token.text in _OPERATORS or token.is_word(*_WORDS) for token in expression):
        return True
    return len(expression) == 2 and expression[0].is_word(*_FUNCTIONS)  # noqa: PLR2004
