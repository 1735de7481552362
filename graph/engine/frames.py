"""What server and query workers say to one another: frames of a kind, a length and that many bytes.

A worker may have been led astray by a query, so nothing that it sends is ever unpickled.
"""

import socket
import struct
from functools import lru_cache
from typing import Any, Final, cast
from urllib.parse import unquote_to_bytes

import orjson
from pyoxigraph import Literal, NamedNode

from civicgraph.graph.engine.asking import Question
from civicgraph.graph.engine.interface import ResultFormat, Term

HEAD: Final = struct.Struct(">cI")

QUESTION, LOOK_UP, CHANGE, GRAPH = b"Q", b"K", b"U", b"G"
"""To a worker: a query; a query as it stands in an address; a change of the store; a graph to be written out."""

FORMAT, CHUNK, END, WHOLE, REFUSED, LIMIT, FAULT = b"F", b"C", b"E", b"W", b"R", b"L", b"S"
"""From a worker: the format of the results, a part of them, their end; all three in one; why there are none; which
limit they passed; what is wrong with the server that it asks."""

REPLACE_ME: Final = b"replace me"
"""Content of the end that a worker sends which has grown too large to be kept."""


_AT_ONCE: Final = 1 << 16


def frame(kind: bytes, content: bytes) -> bytes:
    r"""Return content as it is sent.

    >>> frame(CHUNK, b"ab")
    b'C\x00\x00\x00\x02ab'
    """
    return HEAD.pack(kind, len(content)) + content


class Reader:
    """Reads frames from a connection, as many bytes at once as are there."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._read = b""

    def next(self) -> tuple[bytes, bytes]:
        """Wait for a frame, and return its kind and content.

        Raises
        ------
        EOFError
            The other side has closed.
        """
        self._fill(HEAD.size)
        kind, length = HEAD.unpack_from(self._read)
        end = HEAD.size + length
        self._fill(end)
        content, self._read = self._read[HEAD.size : end], self._read[end:]
        return kind, content

    def _fill(self, size: int) -> None:
        if len(self._read) >= size:
            return
        parts, length = [self._read], len(self._read)
        while length < size:
            part = self._connection.recv(max(_AT_ONCE, min(size - length, 1 << 20)))
            if not part:
                msg = "the other side has closed"
                raise EOFError(msg)
            parts.append(part)
            length += len(part)
        self._read = b"".join(parts)


def question_bytes(question: Question) -> bytes:
    """Return a question as it is sent."""
    return orjson.dumps(
        {
            "sparql": question.sparql,
            "formats": dict(question.formats),
            "default_graphs": question.default_graphs,
            "named_graphs": question.named_graphs,
            "base": question.base,
            "bind": {name: _packed(value) for name, value in question.bind.items()},
        }
    )


def read_question(content: bytes) -> Question:
    """Return a question as it was sent.

    >>> asked = Question("ASK {}", default_graphs=("a:b",), bind={"x": Literal("1")})
    >>> read_question(question_bytes(asked)) == asked
    True
    """
    raw: dict[str, Any] = orjson.loads(content)
    for name in ("default_graphs", "named_graphs"):
        raw[name] = None if raw[name] is None else tuple(raw[name])
    bind: dict[str, list[str | None]] = raw.pop("bind")
    return Question(bind={name: _unpacked(value) for name, value in bind.items()}, **raw)


def look_up_bytes(like: bytes, value: bytes) -> bytes:
    """Return a query as it stands in an address, to be sent with `LOOK_UP`; see `read_look_up`."""
    return b"%b\n%b" % (like, value)


def read_look_up(content: bytes) -> Question:
    """Return the question of a query that is percent-encoded in UTF-8, with a plus for a space.

    >>> like = question_bytes(Question("", base="a:b"))
    >>> read_look_up(look_up_bytes(like, b"ASK+%7B%7D"))
    Question(sparql='ASK {}', formats={...}, default_graphs=None, named_graphs=None, bind={}, base='a:b')
    """
    head, _, value = content.partition(b"\n")
    like, sparql = _like(head), unquote_to_bytes(value.replace(b"+", b" ")).decode()
    return Question(sparql, like.formats, like.default_graphs, like.named_graphs, like.bind, like.base)


@lru_cache(maxsize=64)
def _like(content: bytes) -> Question:
    return read_question(content)


def whole(chosen: ResultFormat, content: bytes) -> bytes:
    """Return a whole answer as it is sent."""
    return HEAD.pack(WHOLE, len(chosen) + 1 + len(content)) + b"%b %b" % (chosen.encode(), content)


def read_whole(content: bytes) -> tuple[ResultFormat, bytes]:
    """Return the format of a whole answer, and the answer.

    >>> read_whole(whole("json", b"{ }")[HEAD.size :])
    ('json', b'{ }')
    """
    chosen, _, rest = content.partition(b" ")
    return cast("ResultFormat", chosen.decode()), rest


def _packed(term: Term) -> list[str | None]:
    if isinstance(term, NamedNode):
        return [term.value]
    return [term.value, term.datatype.value, term.language]


def _unpacked(parts: list[str | None]) -> Term:
    value = parts[0] or ""
    if len(parts) == 1:
        return NamedNode(value)
    _, datatype, language = parts
    return Literal(value, language=language) if language else Literal(value, datatype=NamedNode(datatype or ""))
