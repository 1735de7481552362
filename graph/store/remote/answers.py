"""Everybody's queries, so many at a time, each answered as it comes: what worker processes are to the embedded engine.

The server does the work and has limits of its own. Ours are how long an answer may take, how long it may be, and how
many are under way.
"""

import io
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, cast

from typing_extensions import Buffer

from civicgraph.graph.store.asking import PoolBusyError
from civicgraph.graph.store.engine import ResultFormat, ResultKind
from civicgraph.graph.store.remote.engine import RemoteEngine
from civicgraph.graph.store.remote.http import CHUNK
from civicgraph.graph.store.remote.threads import Hand, in_own_thread


@dataclass(frozen=True, slots=True)
class RemoteAnswer:
    """A query's results: the format that was chosen for their kind, and the bytes as they come."""

    format: ResultFormat
    chunks: Iterator[bytes]


class RemoteAnswers:
    """Answers queries by asking a server.

    Parameters
    ----------
    engine
        What asks it.
    timeout
        Seconds that a query may wait for its turn; the engine's connection bounds what it may take then.
    size
        How many queries may run at once.
    """

    def __init__(self, engine: RemoteEngine, timeout: float, size: int = 2) -> None:
        self.timeout = timeout
        self._engine = engine
        self._free = threading.BoundedSemaphore(size)

    def answer(self, sparql: str, formats: Mapping[ResultKind, ResultFormat]) -> RemoteAnswer:
        """Start a query and return its answer as soon as the first bytes are there.

        Raises
        ------
        QueryError
            The query is not SPARQL, or asks for what will not be done.
        PoolBusyError
            As many queries as may be were under way for too long.
        RemoteError
            The server cannot answer. While the chunks are read, it can be raised too.
        """
        if not self._free.acquire(timeout=self.timeout):
            msg = f"as many queries as may be were under way for {self.timeout:g} seconds"
            raise PoolBusyError(msg)
        chunks = self._chunks(sparql, formats)
        # The first item is the format, so that a refusal is raised here and not in mid-stream.
        return RemoteAnswer(cast("ResultFormat", next(chunks).decode()), chunks)

    def close(self) -> None:
        """Do nothing: a query that is under way ends by itself, and the connection belongs to who made it."""

    def _chunks(self, sparql: str, formats: Mapping[ResultKind, ResultFormat]) -> Iterator[bytes]:
        def work(hand: Hand[bytes]) -> None:
            written: list[io.BufferedWriter] = []

            def begin(chosen: ResultFormat) -> IO[bytes]:
                hand(chosen.encode())
                written.append(io.BufferedWriter(_Chunks(hand), CHUNK))
                return written[0]

            self._engine.write_results(sparql, formats, begin)
            written[0].flush()

        try:
            yield from in_own_thread(work)
        finally:
            self._free.release()


class _Chunks(io.RawIOBase):
    """A file whose every write is handed over."""

    def __init__(self, hand: Hand[bytes]) -> None:
        self._hand = hand

    def writable(self) -> bool:
        return True

    def write(self, data: Buffer, /) -> int:
        chunk = bytes(data)
        self._hand(chunk)
        return len(chunk)
