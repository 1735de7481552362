"""The whole graph as TriG: the same data gives the same bytes, whenever and in whatever order it was loaded."""

import io
from collections.abc import Iterable, Sequence
from typing import IO, Final, cast

from pyoxigraph import Quad, RdfFormat, Triple, serialize
from typing_extensions import Buffer

from civicgraph.ontology.read import ONTOLOGY_IRI, PREFIXES

_LAST_GRAPHS: Final = (ONTOLOGY_IRI,)


def write_trig(quads: Iterable[Quad], out: IO[bytes]) -> int:
    """Write quads as TriG, in order of graph, subject, predicate and object.

    Parameters
    ----------
    quads
        What to write. They are sorted in memory.
    out
        Where to write.

    Returns
    -------
    int
        How many quads were written.
    """
    ordered = sorted(quads, key=_order)
    _write(ordered, out, RdfFormat.TRIG)
    return len(ordered)


def turtle(triples: Iterable[Triple]) -> bytes:
    """Return triples as Turtle: the same triples give the same bytes."""
    out = io.BytesIO()
    _write(sorted(triples, key=str), out, RdfFormat.TURTLE)
    return out.getvalue()


def _write(items: Sequence[Quad] | Sequence[Triple], out: IO[bytes], syntax: RdfFormat) -> None:
    # The serializer writes its prefixes in no fixed order, so they are written here, and its own are passed over.
    for prefix, namespace in sorted(PREFIXES.items()):
        out.write(f"@prefix {prefix}: <{namespace}> .\n".encode())
    serialize(items, cast("IO[bytes]", _Body(out)), syntax, prefixes=PREFIXES)


class _Body(io.RawIOBase):
    """Passes on what is written to it from the first line that declares no prefix."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out
        self._head: bytes | None = b""

    def writable(self) -> bool:
        return True

    def write(self, data: Buffer, /) -> int:
        chunk = bytes(data)
        if self._head is None:
            self._out.write(chunk)
            return len(chunk)
        self._head += chunk
        while self._head is not None and b"\n" in self._head:
            line, _, rest = self._head.partition(b"\n")
            if line.startswith(b"@prefix "):
                self._head = rest
            else:
                self._out.write(self._head)
                self._head = None
        return len(chunk)


def _order(quad: Quad) -> tuple[bool, str, str, str, str]:
    graph = str(quad.graph_name)
    # The ontology is the same in every export and long: what was loaded comes first.
    return graph[1:-1] in _LAST_GRAPHS, graph, str(quad.subject), str(quad.predicate), str(quad.object)
