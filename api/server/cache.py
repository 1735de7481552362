"""The result cache: what was answered from one version of the data is the answer until there is another."""

from collections import OrderedDict
from typing import Final, NamedTuple, Self

from starlette.types import Message, Scope, Send

CACHED_PATHS: Final = (
    *("/sparql", "/tables", "/queries/", "/concentration", "/exports/", "/what-if/", "/markets", "/compare"),
)
"""Paths whose answers follow from the data alone, as their ETag says."""

_LARGEST: Final = 16 * 1024 * 1024
_WHOLE: Final = 64 * 1024 * 1024


class Key(NamedTuple):
    """What of a request its answer depends on; addresses in the answer begin with scheme and host."""

    path: str
    query: bytes
    address: tuple[str, bytes]
    accept: tuple[bytes, bytes]

    @classmethod
    def of(cls, scope: Scope) -> Self:
        """Return the key of a request."""
        accept = encoding = host = b""
        for name, value in scope["headers"]:
            if name == b"accept":
                accept += b"," + value
            elif name == b"accept-encoding":
                encoding += b"," + value
            elif name == b"host":
                host = value
        return cls(scope["path"], scope["query_string"], (scope["scheme"], host), (accept, encoding))


class CachedResponse(NamedTuple):
    """A response that is kept."""

    headers: list[tuple[bytes, bytes]]
    body: bytes


class ResultCache:
    """Keeps the responses that were asked for last, of one version at a time."""

    def __init__(self) -> None:
        self.size = 0
        self._version: str | None = None
        self._kept: OrderedDict[Key, CachedResponse] = OrderedDict()

    def get(self, version: str | None, key: Key) -> CachedResponse | None:
        """Return the response of that version to a request, if it is kept."""
        if version is None or version != self._version:
            return None
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def taking(self, send: Send, taken: list[Message]) -> Send:
        """Return a `send` that also takes note of a response, as long as it is not too large to be kept."""
        size = 0

        async def sent(message: Message) -> None:
            nonlocal size
            await send(message)
            size += len(message.get("body", b""))
            if size <= _LARGEST:
                taken.append(message)

        return sent

    def put(self, version: str, key: Key, taken: list[Message]) -> None:
        """Keep a response, if it is whole and says that it follows from that version."""
        if len(taken) < 2 or taken[-1].get("more_body", False) or taken[0].get("status") != 200:  # noqa: PLR2004
            return
        headers = taken[0]["headers"]
        if (b"etag", b'W/"%s"' % version.encode()) not in headers:
            return
        if version != self._version:
            self._kept.clear()
            self.size, self._version = 0, version
        kept = [header for header in headers if header[0] not in (b"content-length", b"transfer-encoding")]
        body = b"".join([one.get("body", b"") for one in taken[1:]])
        response = CachedResponse([*kept, (b"content-length", b"%d" % len(body))], body)
        if key in self._kept:
            self.size -= _size(key, self._kept.pop(key))
        self._kept[key] = response
        self.size += _size(key, response)
        while self.size > _WHOLE:
            self.size -= _size(*self._kept.popitem(last=False))


def _size(key: Key, response: CachedResponse) -> int:
    return len(response.body) + len(key.query) + 2048
