"""The body of an answer on its way to a parser: read to its end, names of graphs put back, faults told as they are."""

import io
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from civicgraph.graph.engine.errors import RemoteCutError, RemoteError, RemoteTimeoutError

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse


class Body(io.RawIOBase):
    """The body of an answer, read as it comes: to its end, or an error says that it has none.

    Parameters
    ----------
    response
        The answer.
    host
        Who gave it.
    deadline
        By when it is to have ended, on the monotonic clock.
    marker
        The sign in the names that graphs have on the server; it stands nowhere else, and is taken out.
    """

    def __init__(self, response: "BaseHTTPResponse", host: str, deadline: float, marker: bytes = b"") -> None:
        self._response = response
        self._host = host
        self._deadline = deadline
        self._marker = marker
        self._waiting = b""
        self._taken = 0
        self._fault: RemoteError | None = None

    @property
    def headers(self) -> Mapping[str, str]:
        """The header fields of the answer."""
        return self._response.headers

    @property
    def has_length(self) -> bool:
        """Whether HTTP itself tells where the body ends, so that a cut shows."""
        return "Content-Length" in self.headers or "chunked" in self.headers.get("Transfer-Encoding", "").lower()

    def readable(self) -> bool:
        """Say yes."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """Return some bytes, at most `size` and a marker's length; none at the end.

        Raises
        ------
        RemoteCutError, RemoteTimeoutError
            The body ended before its end, or too late.
        """
        while chunk := self._chunk(size):
            if not self._marker:
                return chunk
            found = (self._waiting + chunk).replace(self._marker, b"")
            # The marker may stand across a border: what may be its beginning waits for the rest.
            keep = _beginning(found, self._marker)
            ready, self._waiting = found[: len(found) - keep], found[len(found) - keep :]
            if ready:
                return ready
        last, self._waiting = self._waiting, b""
        return last

    @contextmanager
    def parsed(self) -> Iterator["Body"]:
        """Give the body to a parser, and turn what that says of it into what is wrong with the answer.

        Raises
        ------
        RemoteError
            The body was cut or late, or it has no end of its own.
        """
        try:
            yield self
        except ConnectionError:
            raise  # who the result is written to is gone: the answer itself is told of by other errors
        except (SyntaxError, ValueError, OSError) as error:
            # The parser hides behind an error of its own what went wrong beneath it.
            if self._fault is not None:
                raise self._fault from error
            if isinstance(error, (SyntaxError, OSError)) and not isinstance(error, UnicodeError):
                what = f"the answer of {self._host} is not whole: {error}"
                raise RemoteCutError(what, "try again; if it stays so, look at the server's log") from error
            raise

    def _chunk(self, size: int) -> bytes:
        from urllib3.exceptions import HTTPError, ReadTimeoutError  # noqa: PLC0415 - most commands ask no server

        try:
            if time.monotonic() > self._deadline:
                what = f"{self._host} did not end its answer in time"
                raise RemoteTimeoutError(what, "ask for less, or raise --timeout")
            try:
                chunk = self._response.read(None if size < 0 else size)
            except ReadTimeoutError as error:
                raise RemoteTimeoutError(f"{self._host} stopped in the middle of its answer", "try again") from error
            except (HTTPError, OSError) as error:
                what = f"the answer of {self._host} was cut after {self._taken:,} bytes"
                raise RemoteCutError(what, "try again; if it stays so, ask for less") from error
        except RemoteError as error:
            self._fault = error
            raise
        self._taken += len(chunk)
        return chunk


def _beginning(text: bytes, marker: bytes) -> int:
    """Return how many bytes at the end of a text may be the beginning of a marker.

    >>> _beginning(b"abc~a", b"~ab~"), _beginning(b"abc", b"~ab~")
    (2, 0)
    """
    longest = min(len(text), len(marker) - 1)
    return next((size for size in range(longest, 0, -1) if text.endswith(marker[:size])), 0)
