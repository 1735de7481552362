"""Values that a server gives back otherwise than it was given them, put right.

Virtuoso writes `true` as 1. The data has truth values in their usual form, as the embedded engine writes them.
Durations have none: they travel under a datatype of their own; see `server.naming`.
"""

import io
from collections.abc import Collection, Iterator
from typing import IO, Any, Final, cast

import orjson
from pyoxigraph import BlankNode, Literal, NamedNode, QueryResultsFormat, QuerySolutions, Triple, parse_query_results

Value = NamedNode | BlankNode | Literal
_BOOLEAN: Final = NamedNode("http://www.w3.org/2001/XMLSchema#boolean")
_WRITTEN: Final = {"0": "false", "1": "true"}


def mended(value: Value, *, is_flag: bool = False) -> Value:
    """Return a value in its usual form; a flag is a truth value that may come as a number.

    >>> mended(Literal("1", datatype=_BOOLEAN)).value
    'true'
    """
    if not isinstance(value, Literal):
        return value
    if is_flag or value.datatype == _BOOLEAN:
        return Literal(_WRITTEN.get(value.value, value.value), datatype=_BOOLEAN)
    return value


def mended_triple(triple: Triple) -> Triple:
    """Return a triple with its object in the usual form."""
    return Triple(triple.subject, triple.predicate, mended(cast("Value", triple.object)))


def mended_solutions(solutions: QuerySolutions, flags: Collection[str]) -> QuerySolutions:
    """Return solutions whose values are in their usual form; they are read as they are asked for.

    `flags` are the columns that hold truth values.
    """
    found = parse_query_results(cast("IO[bytes]", _Written(solutions, flags)), QueryResultsFormat.JSON)
    return cast("QuerySolutions", found)


class _Written(io.RawIOBase):
    """Solutions as a file: what is to be written in any form can only come from a parser."""

    def __init__(self, solutions: QuerySolutions, flags: Collection[str]) -> None:
        self._parts = _json(solutions, flags)
        self._ready = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        if not self._ready:
            self._ready = next(self._parts, b"")
        size = len(self._ready) if size < 0 else size
        part, self._ready = self._ready[:size], self._ready[size:]
        return part


def _json(solutions: QuerySolutions, flags: Collection[str]) -> Iterator[bytes]:
    names = [variable.value for variable in solutions.variables]
    yield b'{"head":{"vars":' + orjson.dumps(names) + b'},"results":{"bindings":['
    comma = b""
    for solution in solutions:
        values = zip(names, solution, strict=True)
        row = {
            name: _told(mended(cast("Value", value), is_flag=name in flags))
            for name, value in values
            if value is not None
        }
        yield comma + orjson.dumps(row)
        comma = b","
    yield b"]}}"


def _told(value: Value) -> dict[str, Any]:
    if isinstance(value, NamedNode):
        return {"type": "uri", "value": value.value}
    if isinstance(value, BlankNode):
        return {"type": "bnode", "value": value.value}
    told = {"type": "literal", "value": value.value}
    if value.language is not None:
        return told | {"xml:lang": value.language}
    return told | {"datatype": value.datatype.value}
