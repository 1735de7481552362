"""The HTTP server: uvicorn, which refuses what it cannot read as everything is refused here."""

import gc
import socket
from typing import Final

import orjson
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from civicgraph.api.server.common_headers import with_common_headers

GRACE: Final = 5
"""Seconds in which answers that have begun may end when the server is told to."""

_LONGEST_ADDRESS: Final = 65_535
_TOO_LONG: Final = (
    414,
    "The address is too long",
    f"an address may have {_LONGEST_ADDRESS} characters: send a long query in the body of a POST",
)
_UNREADABLE: Final = (400, "The request cannot be read", "it is not HTTP/1.1: see RFC 9112")


class _Protocol(HttpToolsProtocol):
    """One connection."""

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - as uvicorn calls it
        """Refuse what the parser does not take, as everything is refused; uvicorn's own answer is plain text."""
        # Its parser counts in 16 bits where what part of an address begins.
        is_too_long = len(getattr(self, "url", b"")) > _LONGEST_ADDRESS
        status, title, detail = _TOO_LONG if is_too_long else _UNREADABLE
        body = orjson.dumps({"title": title, "status": status, "detail": detail})
        given = [(b"content-type", b"application/problem+json"), (b"content-length", b"%d" % len(body))]
        headers = [
            *self.server_state.default_headers,
            *with_common_headers(given, from_page=True),
            (b"connection", b"close"),
        ]
        lines = b"".join([b"%b: %b\r\n" % header for header in headers])
        self.transport.write(STATUS_LINE[status] + lines + b"\r\n" + body)
        self.transport.close()


def answer_requests(app: ASGIApp, listener: socket.socket) -> None:
    """Answer what comes to a socket until this process is told to end.

    Parameters
    ----------
    app
        What answers.
    listener
        A socket that listens.
    """
    config = uvicorn.Config(
        app,
        http=_Protocol,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE,
    )
    # What is there now stays: the collector need not look at it again and again.
    gc.collect()
    gc.freeze()
    uvicorn.Server(config).run(sockets=[listener])
