"""N-Quads with one organisation's keys replaced by another's, in stream: how identity reaches the quads of a source."""

import re
from collections.abc import Mapping
from typing import IO, Final

from civicgraph.graph.iris import BASE

_CHUNK: Final = 1 << 20
_ORGANISATION: Final = re.compile(rb"<" + re.escape(BASE.encode()) + rb"(organisation/[^>]*)>")


class Rewritten:
    """A readable file of N-Quads in which the IRIs of organisations are those that were decided.

    Parameters
    ----------
    quads
        The source's N-Quads, open for reading.
    canonical
        The decided key for each key that is to be replaced.
    base
        The namespace of things.
    """

    def __init__(self, quads: IO[bytes], canonical: Mapping[str, str]) -> None:
        self._quads = quads
        self._canonical = {key.encode(): f"<{BASE}{decided}>".encode() for key, decided in canonical.items()}
        self._ready = b""

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes, or all that are left."""
        if size < 0:
            return self._ready + b"".join(iter(self._next, b""))
        while len(self._ready) < size:
            chunk = self._next()
            if not chunk:
                break
            self._ready += chunk
        result, self._ready = self._ready[:size], self._ready[size:]
        return result

    def _next(self) -> bytes:
        chunk = self._quads.read(_CHUNK)
        # An IRI never spans two lines, so whole lines hold whole IRIs.
        return _ORGANISATION.sub(self._decided, chunk + self._quads.readline()) if chunk else b""

    def _decided(self, match: re.Match[bytes]) -> bytes:
        return self._canonical.get(match[1], match[0])
