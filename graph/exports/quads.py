"""The whole graph as TriG: the same data gives the same bytes, whenever and in whatever order it was loaded."""

import io
import re
from collections.abc import Iterable, Sequence
from typing import IO, Final

from pyoxigraph import Quad, RdfFormat, Triple, serialize

from civicgraph.ontology.read import ONTOLOGY_IRI, PREFIXES

_LAST_GRAPHS: Final = (ONTOLOGY_IRI,)
_HEAD: Final = re.compile(rb"\A(?:@prefix .*\n)*")


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
    body = io.BytesIO()
    serialize(items, body, syntax, prefixes=PREFIXES)
    out.write(_HEAD.sub(b"", body.getvalue(), count=1))


def _order(quad: Quad) -> tuple[bool, str, str, str, str]:
    graph = str(quad.graph_name)
    # The ontology is the same in every export and long: what was loaded comes first.
    return graph[1:-1] in _LAST_GRAPHS, graph, str(quad.subject), str(quad.predicate), str(quad.object)
