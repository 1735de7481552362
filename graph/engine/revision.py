"""A changed copy of a store on disk, the quads that the change added and removed, and the graphs that it left empty."""

import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, cast

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import BlankNode, DefaultGraph, NamedNode, RdfFormat, Store, parse
from typing_extensions import Buffer

from civicgraph.graph.engine.errors import QueryError
from civicgraph.graph.engine.interface import ALL_GRAPHS
from civicgraph.graph.engine.updates import Change, Done, GraphChange, apply, empty_graphs

_DIGEST: Final = 8


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
    before = None if revision.notes is None else _digests(base, _graph(revision.change))
    done = apply(store, revision.change, sockets_denied=sockets_denied)
    if before is not None:
        _write_notes(base, before, store, revision)
    store.flush()
    return done


def _write_notes(base: Store, before: NDArray[np.uint64], store: Store, revision: Revision) -> None:
    """Write down as N-Quads what a change added and removed, and the names of the graphs that are empty after it.

    An update does not say which quads it will touch, so the store is read before and after, a digest a quad; of a
    change of one graph only that graph is.
    """
    notes, graph = Path(revision.notes or ""), _graph(revision.change)
    after = _digests(store, graph)
    _write(store, graph, np.setdiff1d(after, before, assume_unique=True), notes / "added")
    _write(base, graph, np.setdiff1d(before, after, assume_unique=True), notes / "removed")
    _refuse_blank_nodes(notes / "added")
    names = "".join(f"{name}\n" for name in empty_graphs(store))
    (notes / "empty").write_text(names, encoding="utf-8", newline="\n")


def _graph(change: Change) -> NamedNode | DefaultGraph | None:
    if not isinstance(change, GraphChange) or change.graph == ALL_GRAPHS:
        return None
    return DefaultGraph() if change.graph is None else NamedNode(change.graph)


class _Lines(io.RawIOBase):
    """A file that hands on each line that is written to it."""

    def __init__(self, take: Callable[[bytes], object]) -> None:
        self._take = take
        self._rest = b""

    def writable(self) -> bool:
        return True

    def write(self, data: Buffer, /) -> int:
        part = bytes(data)
        *lines, self._rest = (self._rest + part).split(b"\n")
        for line in lines:
            self._take(line)
        return len(part)


def _each_line(store: Store, graph: NamedNode | DefaultGraph | None, take: Callable[[bytes], object]) -> None:
    out = cast("IO[bytes]", _Lines(take))
    if graph is None:
        store.dump(out, RdfFormat.N_QUADS)
    else:
        store.dump(out, RdfFormat.N_TRIPLES, from_graph=graph)


def _digest(line: bytes) -> bytes:
    return hashlib.blake2b(line, digest_size=_DIGEST).digest()


def _digests(store: Store, graph: NamedNode | DefaultGraph | None) -> NDArray[np.uint64]:
    found = bytearray()
    _each_line(store, graph, lambda line: found.extend(_digest(line)))
    return np.unique(np.frombuffer(found, dtype=np.uint64))


def _write(store: Store, graph: NamedNode | DefaultGraph | None, wanted: NDArray[np.uint64], path: Path) -> None:
    digests = {digest.tobytes() for digest in wanted}
    in_graph = b"" if graph is None or isinstance(graph, DefaultGraph) else f"{graph} ".encode()
    with path.open("wb") as out:

        def take(line: bytes) -> None:
            if _digest(line) in digests:
                out.write(line[:-1] + in_graph + b".\n")

        if digests:
            _each_line(store, graph, take)


def _refuse_blank_nodes(added: Path) -> None:
    for quad in parse(path=added, format=RdfFormat.N_QUADS):
        if any(isinstance(term, BlankNode) for term in (quad.subject, quad.object, quad.graph_name)):
            msg = f"a kept graph has no blank nodes, and the change adds one ({quad.predicate}): give it an IRI"
            raise QueryError(msg)
