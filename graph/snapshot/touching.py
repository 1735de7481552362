"""What a change of the graph touches: ties rest on the project's own graphs, and on no other."""

from collections.abc import Iterable
from typing import IO, Final

from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from civicgraph.ontology.read import ONTOLOGY_IRI

_OWN: Final = ONTOLOGY_IRI.removesuffix("ontology")


def leaves_ties(*changed: IO[bytes]) -> bool:
    r"""Return whether ties are the same after a change: all its quads are in graphs that somebody else has named.

    Parameters
    ----------
    changed
        Open N-Quads: what was added, what was removed.

    >>> from io import BytesIO
    >>> leaves_ties(BytesIO(b"<a:s> <a:p> <a:o> <http://example.org/notes> ."))
    True
    >>> leaves_ties(BytesIO(b"<a:s> <a:p> <a:o> <http://example.org/notes> .\n<a:s> <a:p> <a:o> ."))
    False
    """
    return all(_is_of_another(parse(file, RdfFormat.N_QUADS)) for file in changed)


def _is_of_another(quads: Iterable[Quad]) -> bool:
    # The unnamed graph is a part of the default graph, which ties are read from.
    graphs = (quad.graph_name for quad in quads)
    return all(isinstance(graph, NamedNode) and not graph.value.startswith(_OWN) for graph in graphs)
