"""Triples into the graphs of a slot, in batches, and out of them."""

import re
from collections.abc import Callable, Iterable, Iterator

from civicgraph.graph.engine.remote.probe import Asking
from civicgraph.graph.engine.remote.query import Held
from civicgraph.graph.engine.remote.updates import Updates
from civicgraph.graph.snapshot.derive import Progress


def renaming(held: Held) -> Callable[[bytes], bytes]:
    """Return what names the graphs of the data in N-Triples as the server does."""
    marker = f"{held.marker}>".encode()
    iris = re.compile(b"|".join(re.escape(f"<{iri}>".encode()) for iri in held.renamed))
    return lambda triples: iris.sub(lambda found: found[0][:-1] + marker, triples)


class Sending:
    """Puts triples into the graphs of a slot, and takes some out.

    Parameters
    ----------
    updates, asking
        The server.
    held
        The version whose graphs they are.
    progress
        Told how much was sent.
    """

    def __init__(self, updates: Updates, asking: Asking, held: Held, progress: Progress) -> None:
        self._updates = updates
        self._asking = asking
        self._progress = progress
        self._held = held
        self._renamed = renaming(held)
        self._sent = 0

    def insert(self, graph: str, lines: Iterable[bytes]) -> None:
        """Put triples into a graph. Raises as `Updates.run` does."""
        for batch in self._batches(lines):
            self._updates.insert(self._held.called(graph), self._renamed(batch))
            self._sent += batch.count(b"\n")
            self._progress(f"sent {self._sent:,} triples")

    def delete(self, graph: str, lines: Iterable[bytes]) -> None:
        """Take triples out of a graph. Raises as `Updates.run` does."""
        for batch in self._batches(lines):
            self._updates.delete(self._held.called(graph), self._renamed(batch))

    def drop(self) -> None:
        """Take all graphs of the slot away. Raises as `Updates.run` does."""
        for graph in self._held.graphs:
            self._updates.drop(self._held.called(graph))

    def count(self) -> int:
        """Return how many triples the graphs of the slot hold."""
        total = 0
        for name in map(self._held.called, self._held.graphs):
            ((count,),) = self._asking.table(f"SELECT (COUNT(*) AS ?n) WHERE {{ GRAPH <{name}> {{ ?s ?p ?o }} }}")
            total += 0 if count is None else int(count.value)
        return total

    def _batches(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        most, largest = self._updates.batch
        waiting: list[bytes] = []
        size = 0
        for line in lines:
            waiting.append(line)
            size += len(line)
            if len(waiting) >= most or size >= largest:
                yield b"".join(waiting)
                waiting.clear()
                size = 0
        if waiting:
            yield b"".join(waiting)
