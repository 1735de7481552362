"""N-Quads with keys of organisations and places replaced by those decided: how identity reaches a source's quads."""

import re
import sys
from collections.abc import Iterator, Mapping
from functools import partial
from typing import IO, Final, Self

from civicgraph.graph.iris import BASE

_CHUNK: Final = 1 << 20
_ORGANISATION: Final = re.compile(rb"<" + re.escape(BASE.encode()) + rb"((?:organisation|place)/[a-z0-9-]+)>")


class Rewritten:
    """A readable file of N-Quads in which the IRIs of organisations and places are those that were decided.

    Parameters
    ----------
    quads
        The source's N-Quads, open for reading.
    canonical
        The decided key for each key that is to be replaced.
    """

    def __init__(self, quads: IO[bytes], canonical: Mapping[str, str]) -> None:
        self._quads = quads
        self._canonical = {key.encode(): f"<{BASE}{decided}>".encode() for key, decided in canonical.items()}
        self._ready = b""
        self._at = 0
        self._left = sys.maxsize

    def parts(self, size: int) -> Iterator[Self]:
        """Yield itself for each part of about `size` bytes, in whole lines: to read as far as it goes.

        The engine's bulk loader holds the quads of one call in memory, up to two gigabytes of them.
        """
        while True:
            self._ready, self._at, self._left = self._next(), 0, size
            if not self._ready:
                return
            yield self

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes, fewer before the end of a chunk, none at the end; or all that are left."""
        if size < 0:
            return b"".join(iter(partial(self.read, _CHUNK), b""))
        if self._at == len(self._ready):
            self._left -= len(self._ready)
            self._ready, self._at = self._next() if self._left > 0 else b"", 0
        # A parser asks for a few kilobytes at a time: what is left of a chunk is not copied each time.
        result = self._ready[self._at : self._at + size]
        self._at += len(result)
        return result

    def _next(self) -> bytes:
        chunk = self._quads.read(_CHUNK)
        # An IRI never spans two lines, so whole lines hold whole IRIs.
        return _ORGANISATION.sub(self._decided, chunk + self._quads.readline()) if chunk else b""

    def _decided(self, match: re.Match[bytes]) -> bytes:
        return self._canonical.get(match[1], match[0])
