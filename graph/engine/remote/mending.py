"""Values that a server gives back otherwise than it was given them, put right.

Virtuoso writes `true` as 1. The data has truth values in their usual form, as the embedded engine writes them.
Durations have none: they travel under a datatype of their own; see `server.naming`.
"""

import io
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any, Final, cast

import orjson
from pyoxigraph import BlankNode, Literal, NamedNode, QueryResultsFormat, QuerySolutions, Triple, parse_query_results

Value = NamedNode | BlankNode | Literal
_BOOLEAN: Final = NamedNode("http://www.w3.org/2001/XMLSchema#boolean")
_WRITTEN: Final = {"0": "false", "1": "true"}


@dataclass(slots=True)
class Tally:
    """How many solutions a server gave."""

    rows: int = 0


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


def mended_rows(solutions: QuerySolutions, flags: Collection[str], tally: Tally) -> Iterator[list[Value | None]]:
    """Yield the values of solutions in their usual form, as they are asked for.

    `flags` are the columns that hold truth values; the solutions are counted in a tally.
    """
    are_flags = [variable.value in flags for variable in solutions.variables]
    for solution in solutions:
        tally.rows += 1
        values = zip(are_flags, solution, strict=True)
        yield [None if value is None else mended(cast("Value", value), is_flag=flag) for flag, value in values]


def as_solutions(names: Sequence[str], rows: Iterator[list[Value | None]]) -> QuerySolutions:
    """Return rows as solutions: what is to be written in any form can only come from a parser."""
    found = parse_query_results(cast("IO[bytes]", _Written(names, rows)), QueryResultsFormat.JSON)
    return cast("QuerySolutions", found)


class _Written(io.RawIOBase):
    """Rows as a file of JSON, read as it is asked for."""

    def __init__(self, names: Sequence[str], rows: Iterator[list[Value | None]]) -> None:
        self._parts = _json(names, rows)
        self._ready = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        if not self._ready:
            self._ready = next(self._parts, b"")
        size = len(self._ready) if size < 0 else size
        part, self._ready = self._ready[:size], self._ready[size:]
        return part


def _json(names: Sequence[str], rows: Iterator[list[Value | None]]) -> Iterator[bytes]:
    yield b'{"head":{"vars":' + orjson.dumps([*names]) + b'},"results":{"bindings":['
    comma = b""
    for row in rows:
        found = {name: _told(value) for name, value in zip(names, row, strict=True) if value is not None}
        yield comma + orjson.dumps(found)
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
