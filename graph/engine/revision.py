"""A changed copy of a store on disk, the quads that the change added and removed, and the graphs that it left empty."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, RdfFormat, Store, serialize

from civicgraph.graph.engine.errors import QueryError
from civicgraph.graph.engine.interface import ALL_GRAPHS
from civicgraph.graph.engine.updates import Change, Done, GraphChange, apply, empty_graphs


@dataclass(frozen=True, slots=True)
class Revision:
    """A change, the store that it is made to a copy of, and where the copy is made.

    `notes` is the folder where what the change did is written, if it is to be: the files `added` and `removed` for
    quads, `empty` for the names of graphs that hold none.
    """

    base: str
    copy: str
    change: Change
    notes: str | None = None


def revise(revision: Revision, limit: Callable[[], None], *, sockets_denied: bool) -> Done:
    """Make a changed copy of a store, and write down what the change did where that is wanted.

    `limit` is called once the stores are open.

    Raises
    ------
    QueryError
        The change cannot be made, or adds a blank node and is to be written down: a kept graph has none.
    """
    base = Store.read_only(revision.base)
    base.backup(revision.copy)
    store = Store(revision.copy)
    limit()
    done = apply(store, revision.change, sockets_denied=sockets_denied)
    if revision.notes is not None:
        _write_notes(base, store, _graph(revision.change), Path(revision.notes))
    store.flush()
    return done


def only_in(store: Store, other: Store, graph: NamedNode | DefaultGraph | None = None) -> Iterator[Quad]:
    """Yield the quads that one store has, in a graph or in all, and another has not."""
    return (quad for quad in store.quads_for_pattern(None, None, None, graph) if quad not in other)


def _write_notes(base: Store, store: Store, graph: NamedNode | DefaultGraph | None, notes: Path) -> None:
    """Write down as N-Quads what a change added and removed, and the names of the graphs that are empty after it.

    An update does not say which quads it will touch, so both stores are read; of a change of one graph only that graph.
    """
    serialize(map(_without_blank_nodes, only_in(store, base, graph)), notes / "added", RdfFormat.N_QUADS)
    serialize(only_in(base, store, graph), notes / "removed", RdfFormat.N_QUADS)
    names = "".join(f"{name}\n" for name in empty_graphs(store))
    (notes / "empty").write_text(names, encoding="utf-8", newline="\n")


def _graph(change: Change) -> NamedNode | DefaultGraph | None:
    if not isinstance(change, GraphChange) or change.graph == ALL_GRAPHS:
        return None
    return DefaultGraph() if change.graph is None else NamedNode(change.graph)


def _without_blank_nodes(quad: Quad) -> Quad:
    if any(isinstance(term, BlankNode) for term in (quad.subject, quad.object, quad.graph_name)):
        msg = f"a kept graph has no blank nodes, and the change adds one ({quad.predicate}): give it an IRI"
        raise QueryError(msg)
    return quad
