"""The result cache: what was answered from one version of the data is the answer until there is another."""

from collections import OrderedDict
from typing import Final

from starlette.types import Message, Scope

CACHED_PATHS: Final = (
    *("/sparql", "/tables", "/queries/", "/concentration", "/exports/", "/what-if/", "/markets", "/compare"),
)
"""Paths whose answers follow from the data alone, as their ETag says."""

LARGEST: Final = 16 * 1024 * 1024
"""Bytes of a response that may be kept."""
_WHOLE: Final = 64 * 1024 * 1024

Key = tuple[str, bytes, str, bytes, bytes, bytes]
Kept = tuple[list[tuple[bytes, bytes]], bytes]
"""The headers and the body of a response."""


def key_of(scope: Scope) -> Key:
    """Return what of a request its answer depends on; addresses in the answer begin with scheme and host."""
    accept = encoding = host = b""
    for name, value in scope["headers"]:
        if name == b"accept":
            accept += b"," + value
        elif name == b"accept-encoding":
            encoding += b"," + value
        elif name == b"host":
            host = value
    return scope["path"], scope["query_string"], scope["scheme"], host, accept, encoding


class ResultCache:
    """Keeps the responses that were asked for last, of one version at a time."""

    def __init__(self) -> None:
        self.size = 0
        self._version: str | None = None
        self._kept: OrderedDict[Key, Kept] = OrderedDict()

    def get(self, version: str, key: Key) -> Kept | None:
        """Return the response of that version to a request, if it is kept."""
        found = self._kept.get(key) if version == self._version else None
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def put(self, version: str, key: Key, sent: list[Message]) -> None:
        """Keep a response, if it is whole and says that it follows from that version."""
        if len(sent) < 2 or sent[-1].get("more_body", False) or sent[0].get("status") != 200:  # noqa: PLR2004
            return
        headers = sent[0]["headers"]
        if (b"etag", b'W/"%s"' % version.encode()) not in headers:
            return
        if version != self._version:
            self._kept.clear()
            self.size, self._version = 0, version
        kept = [header for header in headers if header[0] not in (b"content-length", b"transfer-encoding")]
        body = b"".join([one.get("body", b"") for one in sent[1:]])
        if key in self._kept:
            self.size -= _size(key, self._kept.pop(key))
        self._kept[key] = [*kept, (b"content-length", b"%d" % len(body))], body
        self.size += _size(key, self._kept[key])
        while self.size > _WHOLE:
            self.size -= _size(*self._kept.popitem(last=False))


def _size(key: Key, kept: Kept) -> int:
    return len(kept[1]) + len(key[1]) + 2048
