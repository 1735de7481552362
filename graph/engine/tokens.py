r"""SPARQL cut into its tokens, exactly: what is an IRI, a name, a variable, and what only looks like one in a string.

Joined again, the tokens are the query, character for character. The terminals are those of the SPARQL 1.1 grammar
(section 19.8); what stands between them (operators, braces) is one token a sign. Escapes of the form `\uXXXX` count
before anything else (section 19.2): whoever looks for keywords reads them first.

They also tell what is wrong with a query in plain words: a parser says what it expected, where it gave up.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final, Literal

from civicgraph.graph.engine.errors import QueryError

Kind = Literal["space", "comment", "iri", "string", "variable", "name", "node", "word", "number", "language", "sign"]

_ESCAPE: Final = r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}"
_CHARACTER: Final = rf"[\w\u00B7\u203F\u2040-]|{_ESCAPE}"
_LOCAL: Final = rf"{_CHARACTER}|:|%[0-9A-Fa-f]{{2}}|\\[_~.\-!$&'()*+,;=/?#@%]"
_TOKEN: Final = re.compile(
    rf"""
    (?P<space>    \s+ )
  | (?P<comment>  \#[^\r\n]* )
  | (?P<iri>      <(?:[^<>"{{}}|^`\\\x00-\x20]|{_ESCAPE})*> )
  | (?P<string>   \"\"\"(?:\"{{0,2}}(?:[^"\\]|\\.))*\"\"\" | '''(?:'{{0,2}}(?:[^'\\]|\\.))*'''
                | "(?:[^"\\\r\n]|\\.)*" | '(?:[^'\\\r\n]|\\.)*' )
  | (?P<variable> [?$](?:\w|[\u00B7\u203F\u2040]|{_ESCAPE})+ )
  | (?P<node>     _:[\w](?:(?:{_CHARACTER}|\.)*(?:{_CHARACTER}))? )
  | (?P<name>     (?:(?:[^\W\d_]|{_ESCAPE})(?:(?:{_CHARACTER}|\.)*(?:{_CHARACTER}))?)? :
                  (?:(?:{_LOCAL})(?:(?:{_LOCAL}|\.)*(?:{_LOCAL}))?)? )
  | (?P<number>   (?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)? )
  | (?P<language> @[A-Za-z]+(?:-[A-Za-z0-9]+)* )
  | (?P<word>     (?:[A-Za-z_]|{_ESCAPE})(?:\w|{_ESCAPE})* )
  | (?P<sign>     \^\^ | && | \|\| | != | <= | >= | [^\w\s"'#] )
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPED: Final = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")

DEEPEST: Final = 200
"""Brackets within brackets, or signs before a value, that a query may have: the engine reads them by recursion."""
_OPENING: Final = frozenset("({[")
_CLOSING: Final = frozenset(")}]")
_UNARY: Final = frozenset("!+-^")

_QUERIES: Final = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
_UPDATES: Final = ("INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH")
_POSITION: Final = re.compile(r"error at (\d+):(\d+)")
_HINTS: Final = {
    "variable that is unbound": "SELECT has a variable that the pattern does not have or that is not grouped by: "
    "name it in GROUP BY, or put it into an aggregate such as (COUNT(?x) AS ?n)",
    "overrides an existing variable": "SELECT gives a value to a variable that the pattern has: "
    "use another name after AS",
    "IRI parsing failed": "what stands between < and > is not a whole address, such as <https://example.org/a>",
}
"""What is told of what a parser says, by words of that."""
_BEFORE: Final = 30
_AFTER: Final = 20
"""Characters that are shown on either side of where a parser gave up."""


@dataclass(frozen=True, slots=True)
class Token:
    """One token: its kind, and the text as it stands in the query."""

    kind: Kind
    text: str

    @property
    def is_blank(self) -> bool:
        """Whether it only sets other tokens off."""
        return self.kind in ("space", "comment")

    def is_word(self, *words: str) -> bool:
        """Whether it is one of some keywords, given in capitals; SPARQL minds no case, and reads escapes anywhere."""
        return self.kind == "word" and unescaped(self.text).upper() in words


def tokens(sparql: str) -> Iterator[Token]:
    """Yield the tokens of a query.

    Raises
    ------
    QueryError
        A character cannot begin any token: mostly a string that does not end.

    Examples
    --------
    >>> [token.text for token in tokens("ASK {?s a 'a # b'} # c")]
    ['ASK', ' ', '{', '?s', ' ', 'a', ' ', "'a # b'", '}', ' ', '# c']
    """
    at = 0
    while at < len(sparql):
        found = _TOKEN.match(sparql, at)
        if found is None:
            line = sparql.count("\n", 0, at) + 1
            msg = f"this is not SPARQL 1.1: line {line} has a string without an end, or a character out of place"
            raise QueryError(msg)
        yield Token(found.lastgroup, found[0])  # type: ignore[arg-type] # the pattern's groups are the kinds
        at = found.end()


def unescaped(text: str) -> str:
    r"""Return a text with its `\uXXXX` and `\UXXXXXXXX` read.

    >>> unescaped(r"cg:\u0065stablished")
    'cg:established'
    """
    if "\\" not in text:
        return text
    return _ESCAPED.sub(_character, text)


def _character(found: re.Match[str]) -> str:
    code = int(found[1] or found[2], 16)
    if code > 0x10FFFF:  # noqa: PLR2004 - the last code point of Unicode
        msg = f"this is not SPARQL 1.1: {found[0]} is not a character"
        raise QueryError(msg)
    return chr(code)


def keywords(sparql: str) -> list[str]:
    """Return the bare words of a query or an update, in capitals.

    >>> keywords("ASK { ?s a 'FROM' } # SERVICE")
    ['ASK', 'A']
    """
    return [token.text.upper() for token in tokens(unescaped(sparql)) if token.kind == "word"]


@dataclass(frozen=True, slots=True)
class QueryTraits:
    """Whether a query names its own dataset (`FROM`), and whether it calls another server (`SERVICE`)."""

    names_dataset: bool
    calls_service: bool


@lru_cache(maxsize=256)
def query_traits(sparql: str) -> QueryTraits:
    """Return what a query asks for beyond its pattern. A text that is not a query may seem to ask for either.

    The embedded engine takes a default graph from its caller in place of the query's `FROM`, and follows `SERVICE` to
    the network, and has nothing that says whether a query has either.

    Examples
    --------
    >>> query_traits("SELECT * FROM <http://example.org/g> { ?s ?p ?o }")
    QueryTraits(names_dataset=True, calls_service=False)
    >>> query_traits("SELECT * { ?from ?service 'from service' }")
    QueryTraits(names_dataset=False, calls_service=False)
    """
    text = sparql.casefold()
    # SPARQL reads \\uXXXX anywhere, in a keyword too: such a query is looked at whatever words it shows.
    if not any(sign in text for sign in ("from", "service", "\\u")):
        return QueryTraits(names_dataset=False, calls_service=False)
    # No other keyword holds these; but the engine lets keywords stand without a space between them (SERVICESILENT).
    words = keywords(sparql)
    return QueryTraits(any("FROM" in word for word in words), any("SERVICE" in word for word in words))


def refuse_deep(sparql: str) -> None:
    """Refuse a query that is nested so deep that the engine, which reads it by recursion, would crash.

    Raises
    ------
    QueryError
        More than `DEEPEST` brackets are open at one place, or so many signs stand before one value.
    """
    openings = sum(map(sparql.count, _OPENING))
    if "\\" not in sparql and openings <= DEEPEST and sum(map(sparql.count, _UNARY)) <= DEEPEST:
        return
    depth = signs = 0
    for token in tokens(unescaped(sparql)):
        if token.is_blank:
            continue
        signs = signs + 1 if token.text in _UNARY or token.text == "^^" else 0
        depth += (token.text in _OPENING) - (token.text in _CLOSING)
        if max(depth, signs) > DEEPEST:
            msg = f"the query is nested too deep: {DEEPEST} brackets within brackets are the most, or signs in a row"
            raise QueryError(msg)


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
    placed: list[tuple[int, Token]] = []
    line = 1
    try:
        for token in tokens(sparql):
            placed += [] if token.is_blank else [(line, token)]
            line += token.text.count("\n")
    except QueryError as error:
        return str(error).partition(": ")[2]
    words = ((line, token) for line, token in placed if token.kind == "word" and not token.is_word("PREFIX", "BASE"))
    line, first = next(words, (0, None))
    if first is None:
        return "it has no SELECT, ASK, CONSTRUCT or DESCRIBE"
    if not unescaped(first.text).upper().startswith(_QUERIES):
        if first.is_word(*_UPDATES):
            return f"line {line}: {first.text} is an update, and not a query; POST it to /update of a server"
        return f"line {line}: a query begins with {', '.join(_QUERIES[:-1])} or {_QUERIES[-1]}, not {first.text!r}"
    texts = [token.text for _, token in placed]
    counted = [(texts.count(one), one, texts.count(other), other) for one, other in ("{}", "()", "[]")]
    names = [(line, unescaped(token.text).partition(":")) for line, token in placed if token.kind == "name"]
    declared = {*prefixes, *(prefix for _, (prefix, _, local) in names if not local)}
    position = _POSITION.search(said)
    line, column = (int(position[1]), int(position[2])) if position else (1, 1)
    near = ([*sparql.splitlines(), ""][line - 1] or texts[-1])[max(0, column - _BEFORE) : column + _AFTER].strip()
    what = next((hint for words, hint in _HINTS.items() if words in said), "it is not understood")
    faults = [
        *(f"it has {opened} {one} and {closed} {other}" for opened, one, closed, other in counted if opened != closed),
        *(f"line {line}: {undeclared(prefix)}" for line, (prefix, _, _) in names if prefix not in declared),
        *_bound_again(placed),
        f"line {line}: {what}, near {near!r}",
    ]
    return faults[0]


def _bound_again(placed: list[tuple[int, Token]]) -> Iterator[str]:
    """Find each BIND that gives a value to a variable that the pattern before it has."""
    groups: list[set[str]] = [set()]
    depth = 0  # of brackets within a BIND, whose variables are not given a value there but for one
    for (_, before), (line, token) in pairwise(placed):
        text = token.text
        if depth or before.is_word("BIND"):
            depth += (text == "(") - (text == ")")
        if text == "{":
            groups.append(set())
        elif text == "}" and len(groups) > 1:
            inner = groups.pop()
            groups[-1] |= inner
        elif token.kind == "variable" and (not depth or before.is_word("AS")):
            if depth and text in groups[-1]:
                yield f"line {line}: BIND gives {text} a value, and {text} has one before it; use another name"
            groups[-1].add(text)


def undeclared(prefix: str) -> str:
    """Return what is told of a prefix that a query does not declare."""
    return f"the prefix {prefix}: is not declared; begin the query with PREFIX {prefix}: <its namespace>"
