"""uvicorn's HTTP protocol with three short cuts, for answers that are there as a whole.

What a framework does for a request takes longer than most look-ups. So an answer that is whole is written to the
connection at once; a request that comes again, byte for byte, is answered before anything of it is parsed: the same
bytes ask for the same; and a look-up is asked before anything is made that answers it.
"""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final, Protocol, cast

import orjson
from starlette.types import Scope
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from civicgraph.api.server.security import finished

AtHand = Callable[[bytes, str], bytes | None]
"""Given a request and who sent it, returns the rest of its response after the date, if that is at hand."""


class Begun(Protocol):
    """A request whose answer is on its way."""

    def leave(self) -> None:
        """Take note that nobody waits for it any more."""


class Peer(Protocol):
    """The connection that a request came over."""

    def answered(self, content: bytes) -> None:
        """Send a response with status 200: what of it follows the date."""

    def handed_on(self, begun: Begun) -> None:
        """Let a request go the long way, with what was begun for it."""


LookUp = Callable[[bytes, str, Peer], Begun | None]
"""Given a request, who sent it and the connection, begins to answer it; or returns None: it is to go the long way."""

_LONGEST: Final = 8192
"""Bytes of a request that is worth being remembered."""

_LONGEST_ADDRESS: Final = 65_535
_TOO_LONG: Final = (
    414,
    "The address is too long",
    f"an address may have {_LONGEST_ADDRESS} characters: send a long query in the body of a POST",
)
_UNREADABLE: Final = (400, "The request cannot be read", "it is no HTTP/1.1: see RFC 9112")
_PROBLEM_TYPE: Final = b"application/problem+json"

_STATE: Final = "direct"
_BEGUN: Final = "begun"
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


def begun_of(scope: Scope) -> Begun | None:
    """Return what was begun for a request before it went the long way, if anything was."""
    found: Begun | None = scope.get("state", {}).get(_BEGUN)
    return found


class _QuickProtocol(HttpToolsProtocol):
    """One connection, which asks first whether an answer is at hand, then whether it soon will be."""

    def __init__(
        self,
        ways: tuple[AtHand, LookUp],
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._at_hand, self._look_up = ways

    _begun = 0
    _is_open = False
    _direct: Direct | None = None
    _waited_for: Begun | None = None
    _handed: Begun | None = None
    _request = b""
    _later = b""
    _last = 0.0
    _is_ending = False

    def data_received(self, data: bytes) -> None:
        if self._waited_for is not None:
            self._later += data
            self.flow.pause_reading()
            return
        between = not self._is_open and (self._direct is None or self._direct.is_over)
        if not between or len(data) > _LONGEST:
            super().data_received(data)
            return
        client = self.client[0] if self.client else ""
        rest = self._at_hand(data, client)
        if rest is not None:
            self.transport.write(STATUS_LINE[200] + _dated(self.server_state.default_headers) + rest)
            self.on_response_complete()
            return
        if not self.flow.write_paused:
            self._waited_for = self._look_up(data, client, self)
            if self._waited_for is not None:
                self._request = data
                return
        self._go_the_long_way(data)

    def answered(self, content: bytes) -> None:
        """Send the answer of a look-up: what follows the date."""
        self._waited_for = None
        if self.transport.is_closing():
            return
        last = b"connection: close\r\n" if self._is_ending else b""
        self.transport.write(STATUS_LINE[200] + _dated(self.server_state.default_headers) + last + content)
        if self._is_ending:
            self.transport.close()
            return
        self.server_state.total_requests += 1
        self._last = self.loop.time()
        # One clock at a time: it is looked at when it strikes what came meanwhile.
        if self.timeout_keep_alive_task is None:
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )
        if self._later:
            self.flow.resume_reading()
            self._go_on()

    def timeout_keep_alive_handler(self) -> None:
        idle = 0.0 if self._waited_for is not None else self.loop.time() - self._last
        left = self.timeout_keep_alive - idle
        if left <= 0:
            super().timeout_keep_alive_handler()
        else:
            self.timeout_keep_alive_task = self.loop.call_later(left, self.timeout_keep_alive_handler)

    def handed_on(self, begun: Begun) -> None:
        """Let a look-up go the long way."""
        self._waited_for = None
        if self.transport.is_closing():
            begun.leave()
            return
        self.flow.resume_reading()
        self._handed = begun
        self._go_the_long_way(self._request)
        if self._is_ending:
            self.cycle.keep_alive = False
        self._go_on()

    def _go_on(self) -> None:
        if self._later:
            data, self._later = self._later, b""
            self.data_received(data)

    def _go_the_long_way(self, data: bytes) -> None:
        before = self._begun
        super().data_received(data)
        if not self._is_open and self._begun == before + 1 and self._direct is not None:
            self._direct.request = data

    def connection_lost(self, exc: Exception | None) -> None:
        begun, self._waited_for = self._waited_for, None
        if begun is not None:
            begun.leave()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        if self._waited_for is None:
            super().shutdown()
        else:
            self._is_ending = True

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - as uvicorn calls it
        """Refuse what the parser does not take, as everything is refused; uvicorn's own answer is plain text."""
        # Its parser counts in 16 bits where what part of an address begins.
        is_too_long = len(getattr(self, "url", b"")) > _LONGEST_ADDRESS
        status, title, detail = _TOO_LONG if is_too_long else _UNREADABLE
        body = orjson.dumps({"title": title, "status": status, "detail": detail})
        headers = finished([(b"content-type", _PROBLEM_TYPE), (b"content-length", b"%d" % len(body))], from_page=True)
        lines = b"".join([name + b": " + value + b"\r\n" for name, value in headers])
        dated = _dated(self.server_state.default_headers)
        self.transport.write(STATUS_LINE[status] + dated + lines + b"connection: close\r\n\r\n" + body)
        self.transport.close()

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
            if self._handed is not None:
                self.scope["state"][_BEGUN], self._handed = self._handed, None

    def on_message_complete(self) -> None:
        self._is_open = False
        super().on_message_complete()


def quick_protocol(at_hand: AtHand, look_up: LookUp) -> type[HttpToolsProtocol]:
    """Return the protocol that asks first whether an answer is at hand, then whether it soon will be."""
    return cast("type[HttpToolsProtocol]", partial(_QuickProtocol, (at_hand, look_up)))


class _Dated:
    """The headers that the server gives to all responses, in one piece: they change once a second."""

    def __init__(self) -> None:
        self._headers: Sequence[tuple[bytes, bytes]] = ()
        self._lines = b""

    def __call__(self, headers: Sequence[tuple[bytes, bytes]]) -> bytes:
        if headers is not self._headers:
            self._headers = headers
            self._lines = b"".join([name + b": " + value + b"\r\n" for name, value in headers])
        return self._lines


_dated: Final = _Dated()
