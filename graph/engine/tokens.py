r"""The words of a SPARQL text, told from what stands in strings, comments, IRIs and names.

SPARQL's lexical grammar (SPARQL 1.1, section 19.8) is regular, so a word that this finds bare is a keyword. Escapes of
the form \uXXXX count before anything else (section 19.2).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_TOKEN: Final = re.compile(
    r"""
      (?P<skip> \s+ | \#[^\n\r]* )
    | (?P<iri> <[^<>"{}|^`\\\x00-\x20]*> )
    | (?P<string> \"{3}(?:"{0,2}(?:[^"\\]|\\.))*\"{3} | '{3}(?:'{0,2}(?:[^'\\]|\\.))*'{3}
        | "(?:[^"\\\n\r]|\\.)*" | '(?:[^'\\\n\r]|\\.)*' )
    | (?P<name> [?$]\w+ | @[a-zA-Z]+(?:-[a-zA-Z0-9]+)*
        | (?:[^\W\d](?:[\w.\-·]*[\w\-·])?)?:
          (?:(?:[\w:]|%[0-9a-fA-F]{2}|\\[^\w\s])
             (?:(?:[\w.:\-·]|%[0-9a-fA-F]{2}|\\[^\w\s])*(?:[\w:\-·]|%[0-9a-fA-F]{2}|\\[^\w\s]))?)? )
    | (?P<word> [A-Za-z]\w* )
    | (?P<other> . )
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE: Final = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_LARGEST: Final = 0x10FFFF


@dataclass(frozen=True, slots=True)
class Token:
    """A part of a text: its kind (`iri`, `string`, `name`, `word`, `other`), its text, and where it begins."""

    kind: str
    text: str
    start: int


def unescaped(sparql: str) -> str:
    r"""Return a text with its \uXXXX and \UXXXXXXXX escapes read.

    >>> unescaped(r"S\u0045LECT")
    'SELECT'
    """

    def character(match: re.Match[str]) -> str:
        code = int(match[1] or match[2], 16)
        return match[0] if code > _LARGEST else chr(code)

    return _ESCAPE.sub(character, sparql)


def tokens(sparql: str) -> Iterator[Token]:
    """Yield the tokens of a text whose escapes were read, without white space and comments.

    >>> [token.text for token in tokens("ASK { ?s a 'FROM' } # SERVICE") if token.kind == "word"]
    ['ASK', 'a']
    """
    for match in _TOKEN.finditer(sparql):
        kind = match.lastgroup or ""
        if kind != "skip":
            yield Token(kind, match[0], match.start())
