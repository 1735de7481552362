"""What is wrong with a query, in plain words with its line: a parser says what it expected where it gave up."""

import re
from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from civicgraph.graph.engine.errors import QueryError
from civicgraph.graph.engine.tokens import Kind, tokens, unescaped

_QUERIES: Final = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
_UPDATES: Final = ("INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH")
_PAIRS: Final = {"}": "{", ")": "(", "]": "["}
_POSITION: Final = re.compile(r"error at (\d+):(\d+)")
_UNGROUPED: Final = (
    "SELECT has a variable that the pattern does not have or that is not grouped by: name it in GROUP BY, or put it "
    "into an aggregate such as (COUNT(?x) AS ?n)"
)
_BEFORE: Final = 30
_AFTER: Final = 20
"""Characters that are shown on either side of where a parser gave up."""


class _Placed(NamedTuple):
    """A token with its escapes read, and the line that it begins in."""

    kind: Kind
    text: str
    line: int

    def is_word(self, *words: str) -> bool:
        return self.kind == "word" and self.text.upper() in words


def fault_of(sparql: str, said: str, prefixes: Collection[str]) -> str:
    """Return what is wrong with a query that a parser refused.

    Parameters
    ----------
    sparql
        The query.
    said
        What the parser said.
    prefixes
        Those that need not be declared.

    Examples
    --------
    >>> fault_of("SELECT ?s { ?s a foaf:Person }", "error at 1:30: expected one of Prefix not found", ["rdfs"])
    'line 1: the prefix foaf: is not declared; begin the query with PREFIX foaf: <its namespace>'
    """
    placed: list[_Placed] = []
    line = 1
    try:
        for token in tokens(sparql):
            if not token.is_blank:
                placed.append(_Placed(token.kind, unescaped(token.text), line))
            line += token.text.count("\n")
    except QueryError as error:
        return str(error).partition(": ")[2]
    if not placed:
        return "it is empty"
    return (
        _not_a_query(placed)
        or _unclosed(placed)
        or (_undeclared(placed, prefixes) if "Prefix not found" in said else None)
        or _bound_again(placed)
        or _elsewhere(sparql, said, placed)
    )


def _not_a_query(placed: Sequence[_Placed]) -> str | None:
    begin = 0
    while begin < len(placed) and placed[begin].is_word("PREFIX", "BASE"):
        begin += 3 if placed[begin].is_word("PREFIX") else 2
    if begin >= len(placed):
        return "it has no SELECT, ASK, CONSTRUCT or DESCRIBE"
    first = placed[begin]
    if first.is_word(*_UPDATES):
        return f"line {first.line}: {first.text} is an update, and not a query; POST it to /update of a server"
    if not first.text.upper().startswith(_QUERIES):
        return (
            f"line {first.line}: a query begins with {', '.join(_QUERIES[:-1])} or {_QUERIES[-1]}, not {first.text!r}"
        )
    return None


def _unclosed(placed: Sequence[_Placed]) -> str | None:
    opened: list[_Placed] = []
    for one in placed:
        if one.text in _PAIRS.values():
            opened.append(one)
        elif one.text in _PAIRS:
            if not opened:
                return f"line {one.line}: {one.text} closes nothing that is open"
            last = opened.pop()
            if last.text != _PAIRS[one.text]:
                return f"line {one.line}: {one.text} does not close the {last.text} of line {last.line}"
    return f"line {opened[-1].line}: the {opened[-1].text} there is not closed" if opened else None


def _undeclared(placed: Sequence[_Placed], prefixes: Collection[str]) -> str | None:
    declared = {after.text.partition(":")[0] for one, after in pairwise(placed) if one.is_word("PREFIX")}
    for one in placed:
        prefix = one.text.partition(":")[0]
        if one.kind == "name" and prefix not in {*prefixes, *declared}:
            remedy = f"begin the query with PREFIX {prefix}: <its namespace>"
            return f"line {one.line}: the prefix {prefix}: is not declared; {remedy}"
    return None


def _bound_again(placed: Sequence[_Placed]) -> str | None:
    """Find a BIND that gives a value to a variable that the pattern before it has."""
    groups: list[set[str]] = [set()]
    calls: list[int | None] = []
    for at, one in enumerate(placed):
        if one.text == "{":
            groups.append(set())
        elif one.text == "}" and len(groups) > 1:
            groups[-1] |= groups.pop()
        elif one.text == "(":
            calls.append(placed[at - 1].line if placed[at - 1].is_word("BIND") else None)
        elif one.text == ")" and calls:
            calls.pop()
        elif one.kind == "variable":
            is_target = bool(calls and calls[-1]) and placed[at - 1].is_word("AS")
            if is_target and one.text in groups[-1]:
                what = f"BIND gives {one.text} a value, and {one.text} has one before it"
                return f"line {calls[-1]}: {what}; use another name"
            if is_target or not any(calls):
                groups[-1].add(one.text)
    return None


def _elsewhere(sparql: str, said: str, placed: Sequence[_Placed]) -> str:
    position = _POSITION.search(said)
    line = int(position[1]) if position else placed[-1].line
    if "variable that is unbound" in said:
        return _UNGROUPED
    if "overrides an existing variable" in said:
        return "SELECT gives a value to a variable that the pattern has; use another name after AS"
    if "IRI parsing failed" in said:
        return f"line {line}: what stands between < and > is not a whole address, such as <https://example.org/a>"
    column = int(position[2]) if position else 1
    text = [*sparql.splitlines(), ""][line - 1] or placed[-1].text
    return f"line {line}: it is not understood near {text[max(0, column - _BEFORE) : column + _AFTER].strip()!r}"
