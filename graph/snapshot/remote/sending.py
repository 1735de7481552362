"""Triples into the graphs of a slot, in batches, and out of them."""

import re
from collections.abc import Iterable, Iterator

from civicgraph.graph.engine.remote.probe import Asking
from civicgraph.graph.engine.remote.query import Naming
from civicgraph.graph.engine.remote.updates import Updates
from civicgraph.graph.snapshot.derive import Progress


class Renaming:
    """Names the graphs of the data in its triples as the server does.

    Parameters
    ----------
    naming
        What is called otherwise on the server.
    """

    def __init__(self, naming: Naming) -> None:
        called = {**naming.names, **naming.datatypes}
        self._names = {f"<{iri}>".encode(): f"<{name}>".encode() for iri, name in called.items()}
        self._renamed = re.compile(b"|".join(map(re.escape, self._names)))

    def __call__(self, triples: bytes) -> bytes:
        """Return triples, lines of N-Triples, as the server is given them."""
        return self._renamed.sub(lambda found: self._names[found[0]], triples)


class Sending:
    """Puts triples into the graphs of a slot, and takes some out.

    Parameters
    ----------
    updates, asking
        The server.
    naming
        What is called otherwise on the server.
    progress
        Told how much was sent.
    """

    def __init__(self, updates: Updates, asking: Asking, naming: Naming, progress: Progress) -> None:
        self._updates = updates
        self._asking = asking
        self._progress = progress
        self._names = naming.names
        self._renamed = Renaming(naming)
        self._sent = 0

    def insert(self, graph: str, lines: Iterable[bytes]) -> None:
        """Put triples into a graph. Raises as `Updates.run` does."""
        for batch in self._batches(lines):
            self._updates.insert(self._names[graph], self._renamed(batch))
            self._sent += batch.count(b"\n")
            self._progress(f"sent {self._sent:,} triples")

    def delete(self, graph: str, lines: Iterable[bytes]) -> None:
        """Take triples out of a graph. Raises as `Updates.run` does."""
        for batch in self._batches(lines):
            self._updates.delete(self._names[graph], self._renamed(batch))

    def drop(self) -> None:
        """Take all graphs of the slot away. Raises as `Updates.run` does."""
        for name in self._names.values():
            self._updates.drop(name)

    def count(self) -> int:
        """Return how many triples the graphs of the slot hold."""
        total = 0
        for name in self._names.values():
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
