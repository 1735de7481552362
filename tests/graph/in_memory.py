"""A store that is built in memory, from what tests write down."""

from pyoxigraph import Store

from civicgraph.graph.snapshot.derive import Parts, build
from civicgraph.graph.snapshot.source_files import InMemory


def build_in_memory(*sources: bytes) -> Store:
    """Return a store in memory built from stated sources given as N-Quads."""
    store = Store()
    build(store, Parts([InMemory(source) for source in sources]))
    return store
