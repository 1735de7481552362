"""Responses ready to be sent, by the very bytes of the request: for what is asked again and again."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from starlette.types import Scope

_LARGEST: Final = 64 * 1024
_WHOLE: Final = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class ReadyResponse:
    """A response after its date, and what the log says of its request."""

    content: bytes
    scope: Scope


class ReadyResponses:
    """Keeps those that were asked for last, of one version of the data at a time."""

    def __init__(self) -> None:
        self._version: str | None = None
        self._size = 0
        self._kept: OrderedDict[bytes, ReadyResponse] = OrderedDict()

    def __contains__(self, request: object) -> bool:
        """Return whether there is a response to a request, of whatever version."""
        return request in self._kept

    def get(self, version: str | None, request: bytes) -> ReadyResponse | None:
        """Return the response of that version to a request, if it is kept."""
        if version is None or version != self._version:
            return None
        found = self._kept.get(request)
        if found is not None:
            self._kept.move_to_end(request)
        return found

    def put(self, version: str, request: bytes, content: bytes, scope: Scope) -> None:
        """Keep a response, if it is not too large."""
        if version != self._version:
            self._kept.clear()
            self._size, self._version = 0, version
        if len(content) > _LARGEST or request in self._kept:
            return
        told = {name: scope[name] for name in ("method", "path", "query_string")}
        self._kept[request] = ReadyResponse(content, told)
        self._size += len(request) + len(content)
        while self._size > _WHOLE:
            oldest, dropped = self._kept.popitem(last=False)
            self._size -= len(oldest) + len(dropped.content)
