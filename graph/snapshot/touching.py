"""What a change of the graph touches: edges rest on the project's own graphs, and on no other."""

from typing import IO, Final

from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from civicgraph.ontology.read import ONTOLOGY_IRI

_OWN: Final = ONTOLOGY_IRI.removesuffix("ontology")


def touched(*changed: IO[bytes]) -> set[str]:
    r"""Return the IRIs of all that a change says something of in the project's own graphs, and in the unnamed one.

    Parameters
    ----------
    changed
        Open N-Quads: what was added, what was removed.

    >>> from io import BytesIO
    >>> touched(BytesIO(b"<a:s> <a:p> <a:o> <http://example.org/notes> ."))
    set()
    >>> sorted(touched(BytesIO(b"<a:s> <a:p> <a:o> <http://example.org/notes> .\n<a:s> <a:p> <a:o> .")))
    ['a:o', 'a:s']
    """
    found: set[str] = set()
    for file in changed:
        for quad in parse(file, RdfFormat.N_QUADS):
            if not _is_of_another(quad):
                found.update(term.value for term in (quad.subject, quad.object) if isinstance(term, NamedNode))
    return found


def _is_of_another(quad: Quad) -> bool:
    # The unnamed graph is a part of the default graph, which edges are read from.
    return isinstance(quad.graph_name, NamedNode) and not quad.graph_name.value.startswith(_OWN)
