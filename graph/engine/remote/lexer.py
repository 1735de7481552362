"""SPARQL cut into its tokens, exactly: what is an IRI, a name, a variable, and what only looks like one in a string.

Joined again, the tokens are the query, character for character. The terminals are those of the SPARQL 1.1 grammar;
what stands between them (operators, braces) is one token a sign.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from civicgraph.graph.engine.interface import QueryError

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
            msg = f"this is no SPARQL 1.1 query: line {line} has a string without an end, or a character out of place"
            raise QueryError(msg)
        yield Token(found.lastgroup, found[0])  # type: ignore[arg-type] # the pattern's groups are the kinds
        at = found.end()


def unescaped(text: str) -> str:
    r"""Return a token with its `\uXXXX` and `\UXXXXXXXX` read.

    >>> unescaped(r"cg:\u0065stablished")
    'cg:established'
    """
    if "\\" not in text:
        return text
    return _ESCAPED.sub(_character, text)


def _character(found: re.Match[str]) -> str:
    code = int(found[1] or found[2], 16)
    if code > 0x10FFFF:  # noqa: PLR2004 - the last code point of Unicode
        msg = f"this is no SPARQL 1.1 query: {found[0]} is no character"
        raise QueryError(msg)
    return chr(code)
