"""The whole graph as TriG, the established view in the words of other vocabularies, and claims as nanopublications.

The same data gives the same bytes, whenever and in whatever order it was loaded.
"""

import io
import re
from collections.abc import Iterable, Sequence
from typing import IO, Final, Literal, get_args

from pyoxigraph import NamedNode, Quad, RdfFormat, Triple, parse, serialize

from civicgraph.graph.engine.interface import Engine, Query, rows
from civicgraph.ontology.read import ONTOLOGY_IRI, PREFIXES, read_text

Vocabulary = Literal["epo", "ocds", "org", "popolo"]
"""The vocabularies that there is a mapping to."""
VOCABULARIES: Final[tuple[Vocabulary, ...]] = get_args(Vocabulary)

_NANOPUBLICATION: Final = NamedNode("http://www.nanopub.org/nschema#Nanopublication")

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


def in_words_of(engine: Engine, vocabulary: Vocabulary) -> bytes:
    """Return the established view in another vocabulary, as Turtle: the same data gives the same bytes.

    Parameters
    ----------
    engine
        The snapshot.
    vocabulary
        Whose words: `epo`, `ocds`, `org` or `popolo`; the mappings are `ontology/mappings/*.rq`.
    """
    written = io.BytesIO()
    engine.write_answer(Query(read_text(f"mappings/{vocabulary}.rq"), {"graph": "ntriples"}), lambda _: written)
    return turtle({quad.triple for quad in parse(written.getvalue(), RdfFormat.N_TRIPLES)})


def write_nanopublications(engine: Engine, out: IO[bytes]) -> int:
    """Write all claims as nanopublications, as TriG, and return how many there are; see `nanopublications.rq`."""
    quads = [Quad(row["s"], row["p"], row["o"], row["g"]) for row in rows(engine, "nanopublications")]  # type: ignore[arg-type] # all are bound
    write_trig(quads, out)
    return sum(quad.object == _NANOPUBLICATION for quad in quads)


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
