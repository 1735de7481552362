"""The result cache: what was answered from one version of the data is the answer until there is another."""

from collections import OrderedDict
from typing import Final, NamedTuple, Self

from starlette.types import Message, Scope, Send

CACHED_PATHS: Final = ("/sparql", "/tables", "/queries/", "/concentration", "/exports/", "/what-if/")
"""Paths whose answers follow from the data alone, as their ETag says."""

_LARGEST: Final = 1024 * 1024
_WHOLE: Final = 64 * 1024 * 1024
_ASKED: Final = 100_000


class Key(NamedTuple):
    """What of a request its answer depends on."""

    path: str
    query: bytes
    headers: tuple[bytes, ...]
    has_condition: bool

    @classmethod
    def of(cls, scope: Scope) -> Self:
        """Return the key of a request."""
        accept = encoding = host = origin = b""
        condition = False
        for name, value in scope["headers"]:
            if name == b"accept":
                accept += b"," + value
            elif name == b"accept-encoding":
                encoding += b"," + value
            elif name == b"host":
                host = value  # addresses in the answer begin with it
            elif name == b"origin":
                origin = b"*"
            elif name in (b"if-none-match", b"range"):
                condition = True
        return cls(scope["path"], scope["query_string"], (accept, encoding, host, origin), condition)


class ResultCache:
    """Keeps the responses that were asked for last, of one version at a time."""

    def __init__(self) -> None:
        self.size = 0
        self._version: str | None = None
        self._asked: set[int] = set()
        self._kept: OrderedDict[Key, tuple[Message, Message]] = OrderedDict()

    def get(self, version: str | None, key: Key) -> tuple[Message, Message] | None:
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

    def was_asked(self, version: str, key: Key) -> bool:
        """Return whether something of that version was asked for before, or something of the same hash."""
        self._begin(version)
        if len(self._asked) >= _ASKED:
            self._asked.clear()
        number = hash(key)
        if number in self._asked:
            return True
        self._asked.add(number)
        return False

    def put(self, version: str, key: Key, taken: list[Message]) -> None:
        """Keep a response, if it is whole and says that it follows from that version."""
        if len(taken) < 2 or taken[-1].get("more_body", False) or taken[0].get("status") != 200:  # noqa: PLR2004
            return
        headers = dict(taken[0]["headers"])
        if headers.get(b"etag") != b'W/"%s"' % version.encode():
            return
        self._begin(version)
        body = b"".join(message.get("body", b"") for message in taken[1:])
        whole = [
            (name, value) for name, value in headers.items() if name not in (b"content-length", b"transfer-encoding")
        ]
        start = {**taken[0], "headers": [*whole, (b"content-length", str(len(body)).encode())]}
        if key in self._kept:
            self.size -= _size(key, self._kept.pop(key))
        self._kept[key] = (start, {"type": "http.response.body", "body": body})
        self.size += _size(key, self._kept[key])
        while self.size > _WHOLE:
            oldest, dropped = self._kept.popitem(last=False)
            self.size -= _size(oldest, dropped)

    def _begin(self, version: str) -> None:
        if version != self._version:
            self._kept.clear()
            self._asked.clear()
            self.size, self._version = 0, version


def _size(key: Key, kept: tuple[Message, Message]) -> int:
    return len(kept[1]["body"]) + len(key.query) + 1024
