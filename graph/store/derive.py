"""From what was loaded to what is asked: the ontology, the sources' quads and the rules make a snapshot's store."""

import io
from collections.abc import Callable, Iterable
from typing import IO, Final

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store

from civicgraph.graph.triples import ESTABLISHED, RDFS_LABEL
from civicgraph.ontology.read import ONTOLOGY_IRI, PREFIXES, read_text, rules

_SKOS: Final = PREFIXES["skos"]

Progress = Callable[[str], None]
"""Told the name of each step as it begins."""


def build(store: Store, sources: Iterable[IO[bytes]], progress: Progress = lambda _: None) -> None:
    """Fill an empty store with the ontology, the sources and everything that the rules derive from them.

    Parameters
    ----------
    store
        An empty store, in memory or on disk.
    sources
        The N-Quads of each source, open for reading.
    progress
        Called with the name of each step.
    """
    progress("ontology")
    ontology = NamedNode(ONTOLOGY_IRI)
    for name in ("civicgraph.ttl", "views.ttl"):
        store.load(read_text(name), RdfFormat.TURTLE, to_graph=ontology)
    # The service scheme is data that people ask for: concepts and their names belong to the default graph.
    store.load(read_text("services.ttl"), RdfFormat.TURTLE, to_graph=ESTABLISHED)
    store.extend(_concept_labels(store))
    progress("sources")
    for source in sources:
        store.bulk_load(source, RdfFormat.N_QUADS)
    for rule in rules():
        progress(rule.name)
        store.update(rule.sparql)
    progress("done")


def build_in_memory(*sources: bytes) -> Store:
    """Return a store in memory built from sources given as N-Quads.

    >>> len(build_in_memory()) > 0
    True
    """
    store = Store()
    build(store, (io.BytesIO(source) for source in sources))
    return store


def _concept_labels(store: Store) -> list[Quad]:
    return [
        Quad(quad.subject, RDFS_LABEL, Literal(quad.object.value), ESTABLISHED)
        for quad in store.quads_for_pattern(None, NamedNode(_SKOS + "prefLabel"), None, ESTABLISHED)
        if isinstance(quad.object, Literal)
    ]
