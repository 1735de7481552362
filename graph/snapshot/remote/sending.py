"""Lines of quads into the graphs of a slot, in batches; each batch is looked for on the server once all were taken."""

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from civicgraph.graph.engine.errors import RemoteError
from civicgraph.graph.engine.remote.probe import Asking
from civicgraph.graph.engine.remote.query import UNNAMED, Naming
from civicgraph.graph.engine.remote.updates import Updates
from civicgraph.graph.snapshot.derive import Progress

_TERM: Final = rb'<[^<>"\s]*>|"(?:[^"\\]|\\.)*"(?:\^\^<[^<>"\s]*>|@[A-Za-z0-9-]+)?'
_TRIPLE: Final = re.compile(rb"<[^<>\"\s]*> <[^<>\"\s]*> (?:" + _TERM + rb") \.\n")
_ASKED: Final = 20
_DELETED: Final = 500


class LostError(RemoteError):
    """A server has not what it said that it had taken."""


class Renaming:
    """Moves lines into the graphs of a slot.

    Parameters
    ----------
    naming
        What is called otherwise on the server.
    """

    def __init__(self, naming: Naming) -> None:
        self._by_token = {f"<{graph}>".encode(): name for graph, name in naming.names.items()}
        self._unnamed = naming.names.get(UNNAMED)
        self._others = {f"<{iri}>".encode(): name for iri, name in naming.values.items()}
        tokens = map(re.escape, (*self._by_token, *self._others))
        self._renamed = re.compile(b"|".join(tokens))

    def placed(self, line: bytes) -> tuple[str, bytes]:
        """Return the server's name of a line's graph, and the line without it."""
        at = line.rfind(b" <")
        graph = self._by_token.get(line[at + 1 : -3])
        # Only where some lines are in no graph may what looks like one be the object of a triple.
        if graph is None or (self._unnamed is not None and _TRIPLE.fullmatch(line)):
            if self._unnamed is None:
                msg = f"a line is in no graph of the version: {line!r}"
                raise ValueError(msg)
            return self._unnamed, line
        return graph, line[:at] + b" .\n"

    def translated(self, triples: Iterable[bytes]) -> bytes:
        """Return triples in which the graphs of the data are called as on the server."""
        return self._renamed.sub(self._name, b"".join(triples))

    def _name(self, found: re.Match[bytes]) -> bytes:
        token = found[0]
        return f"<{self._by_token.get(token) or self._others[token]}>".encode()


class Sending:
    """Puts lines into the graphs of a slot, and takes lines out.

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
        self.names = tuple(naming.names.values())
        self._renaming = Renaming(naming)
        self._looked_for: list[tuple[str, bytes]] = []

    def insert(self, lines: Iterable[bytes]) -> int:
        """Put lines in, and return how many they were. Raises as `Updates.run` does."""
        waiting: defaultdict[str, list[bytes]] = defaultdict(list)
        sizes: defaultdict[str, int] = defaultdict(int)
        most, largest = self._updates.batch
        sent = 0
        for line in lines:
            graph, triple = self._renaming.placed(line)
            waiting[graph].append(triple)
            sizes[graph] += len(triple)
            if len(waiting[graph]) >= most or sizes[graph] >= largest:
                sent += self._send(graph, waiting.pop(graph))
                sizes[graph] = 0
                self._progress(f"sent {sent:,} triples")
        for graph, triples in waiting.items():
            sent += self._send(graph, triples)
        return sent

    def delete(self, lines: Iterable[bytes]) -> None:
        """Take lines out. Raises as `Updates.run` does."""
        waiting: defaultdict[str, list[bytes]] = defaultdict(list)
        for line in lines:
            graph, triple = self._renaming.placed(line)
            waiting[graph].append(triple)
            if len(waiting[graph]) >= _DELETED:
                self._updates.delete(graph, self._renaming.translated(waiting.pop(graph)))
        for graph, triples in waiting.items():
            self._updates.delete(graph, self._renaming.translated(triples))

    def check(self) -> None:
        """Look for the first and the last triple of each batch: a server that ended meanwhile may have lost some.

        Raises
        ------
        LostError
            One is not there.
        """
        by_graph: defaultdict[str, list[bytes]] = defaultdict(list)
        for graph, triple in self._looked_for:
            by_graph[graph].append(triple)
        for graph, triples in by_graph.items():
            for start in range(0, len(triples), _ASKED):
                pattern = b"".join(triples[start : start + _ASKED]).decode()
                if not self._asking.ask(f"ASK {{ GRAPH <{graph}> {{\n{pattern}}} }}"):
                    what = "the server has lost triples that it had taken"
                    raise LostError(what, "load again; if it stays so, look at the server's log and its disk")

    def count(self, graphs: Iterable[str]) -> int:
        """Return how many triples some graphs of the server hold."""
        total = 0
        for graph in graphs:
            ((count,),) = self._asking.table(f"SELECT (COUNT(*) AS ?n) WHERE {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}")
            total += 0 if count is None else int(count.value)
        return total

    def _send(self, graph: str, triples: list[bytes]) -> int:
        content = self._renaming.translated(triples)
        self._updates.insert(graph, content)
        first, last = content[: content.index(b"\n") + 1], content[content.rfind(b"\n", 0, -1) + 1 :]
        self._looked_for += [(graph, first), (graph, last)]
        return len(triples)
