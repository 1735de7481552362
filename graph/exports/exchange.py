"""The established view in the words of other vocabularies, and claims as nanopublications."""

import io
from typing import IO, Final, Literal, get_args

from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from civicgraph.graph.engine.interface import Engine, Query, rows
from civicgraph.graph.exports.quads import turtle, write_trig
from civicgraph.ontology.read import read_text

Vocabulary = Literal["epo", "ocds", "org", "popolo"]
"""The vocabularies that there is a mapping to."""
VOCABULARIES: Final[tuple[Vocabulary, ...]] = get_args(Vocabulary)

_NANOPUBLICATION: Final = NamedNode("http://www.nanopub.org/nschema#Nanopublication")


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
