"""uvicorn's HTTP protocol with two short cuts, for answers that are there as a whole.

What a framework does for a request takes longer than most look-ups. So an answer that is whole is written to the
connection at once, and a request that comes again, byte for byte, is answered before anything of it is parsed: the same
bytes ask for the same.
"""

from collections.abc import Callable, Sequence
from typing import Final

from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

AtHand = Callable[[bytes, str], bytes | None]
"""Given a request and who sent it, returns the rest of its response after the date, if that is at hand."""

_LONGEST: Final = 8192
"""Bytes of a request that is worth being remembered."""

_STATE: Final = "direct"
_NO_BODY: Final = (204, 304)


class Direct:
    """The way of one response to its connection that passes over the framework."""

    __slots__ = ("_cycle", "peer", "request")

    def __init__(self, cycle: RequestResponseCycle, peer: str) -> None:
        self.peer = peer
        self.request: bytes | None = None
        self._cycle = cycle

    @property
    def is_over(self) -> bool:
        """Whether the whole response was sent."""
        return self._cycle.response_complete

    def send(self, status: int, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> bytes | None:
        """Send a whole response, and return what of it follows the date; None where it must go the long way."""
        cycle = self._cycle
        if cycle.flow.write_paused or not cycle.keep_alive or cycle.response_started or status in _NO_BODY:
            return None
        head = b"".join([name + b": " + value + b"\r\n" for name, value in headers])
        if head.count(b"\n") != len(headers) or b"content-length: " not in head:
            return None  # a line end inside a header, or no length: the framework knows what to do
        content = b"%b\r\n%b" % (head, body)
        if not cycle.disconnected:
            cycle.transport.write(STATUS_LINE[status] + _dated(cycle.default_headers) + content)
        cycle.response_started = cycle.response_complete = True
        cycle.message_event.set()
        cycle.on_response()
        return content


def direct_of(scope: Scope) -> Direct | None:
    """Return the short way to the connection of a request, where its server has one."""
    found = scope.get("state", {}).get(_STATE)
    return found if isinstance(found, Direct) else None


def quick_protocol(at_hand: AtHand) -> type[HttpToolsProtocol]:
    """Return the protocol that asks first whether an answer is at hand."""

    class QuickProtocol(HttpToolsProtocol):
        """One connection."""

        _begun = 0
        _is_open = False
        _direct: Direct | None = None

        def data_received(self, data: bytes) -> None:
            between = not self._is_open and (self._direct is None or self._direct.is_over)
            if not between or len(data) > _LONGEST:
                super().data_received(data)
                return
            rest = at_hand(data, self.client[0] if self.client else "")
            if rest is not None:
                self.transport.write(STATUS_LINE[200] + _dated(self.server_state.default_headers) + rest)
                self.on_response_complete()
                return
            before = self._begun
            super().data_received(data)
            if not self._is_open and self._begun == before + 1 and self._direct is not None:
                self._direct.request = data

        def on_message_begin(self) -> None:
            self._begun += 1
            self._is_open = True
            super().on_message_begin()

        def on_headers_complete(self) -> None:
            before = self.cycle
            super().on_headers_complete()
            if self.cycle is not before:
                self._direct = Direct(self.cycle, self.client[0] if self.client else "")
                self.scope["state"][_STATE] = self._direct

        def on_message_complete(self) -> None:
            self._is_open = False
            super().on_message_complete()

    return QuickProtocol


def _dated(headers: Sequence[tuple[bytes, bytes]]) -> bytes:
    return b"".join(name + b": " + value + b"\r\n" for name, value in headers)
