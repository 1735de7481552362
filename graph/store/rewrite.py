"""N-Quads with keys of organisations and places replaced by those decided: how identity reaches a source's quads."""

import re
from collections.abc import Iterator, Mapping
from typing import IO, Final

from civicgraph.graph.iris import BASE

_CHUNK: Final = 1 << 20
_ORGANISATION: Final = re.compile(rb"<" + re.escape(BASE.encode()) + rb"((?:organisation|place)/[a-z0-9-]+)>")


def rewritten(quads: IO[bytes], canonical: Mapping[str, str]) -> Iterator[bytes]:
    """Yield N-Quads in which the IRIs of organisations and places are those that were decided.

    Parameters
    ----------
    quads
        The source's N-Quads, open for reading.
    canonical
        The decided key for each key that is to be replaced.

    Yields
    ------
    bytes
        About a megabyte of whole lines.
    """
    decided = {key.encode(): f"<{BASE}{other}>".encode() for key, other in canonical.items()}

    def renamed(match: re.Match[bytes]) -> bytes:
        return decided.get(match[1], match[0])

    # An IRI never spans two lines, so whole lines hold whole IRIs.
    while chunk := quads.read(_CHUNK):
        yield _ORGANISATION.sub(renamed, chunk + quads.readline())
