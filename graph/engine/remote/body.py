"""The body of an answer on its way to a parser: names of graphs put back, faults told as what they are."""

import io
from collections.abc import Iterator
from contextlib import contextmanager

from civicgraph.graph.engine.errors import RemoteCutError
from civicgraph.graph.engine.remote.http import Body


class Renamed(io.RawIOBase):
    """The body of an answer in which the graphs have their own names again.

    Parameters
    ----------
    body
        What the server sends.
    marker
        The sign in the names that graphs have on the server; it stands nowhere else, and is taken out.
    """

    def __init__(self, body: Body, marker: bytes) -> None:
        self.body = body
        self._marker = marker
        self._waiting = b""
        self._ended = False
        self.lines = 0
        """How many lines were read so far."""

    @property
    def has_length(self) -> bool:
        """Whether HTTP itself tells where the body ends."""
        return self.body.has_length

    def readable(self) -> bool:
        """Say yes."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """Return some bytes, at most `size` and a marker's length; none at the end."""
        while not self._ended:
            chunk = self.body.read(size)
            self.lines += chunk.count(b"\n")
            self._ended = not chunk
            found = (self._waiting + chunk).replace(self._marker, b"")
            # The marker may stand across a border: what may be its beginning waits for the rest.
            keep = 0 if self._ended else _beginning(found, self._marker)
            ready, self._waiting = found[: len(found) - keep], found[len(found) - keep :]
            if ready:
                return ready
        return b""


@contextmanager
def told(body: Renamed) -> Iterator[None]:
    """Turn what a parser says of an answer into what is wrong with the answer.

    Raises
    ------
    RemoteError
        The body was cut or late, or it has no end of its own.
    """
    try:
        yield
    except ConnectionError:
        raise  # who the result is written to is gone: the answer itself is told of by other errors
    except (SyntaxError, ValueError, OSError) as error:
        # The parser hides behind an error of its own what went wrong beneath it.
        if body.body.fault is not None:
            raise body.body.fault from error
        if isinstance(error, (SyntaxError, OSError)) and not isinstance(error, UnicodeError):
            what = f"the answer of {body.body.host} is not whole: {error}"
            raise RemoteCutError(what, "try again; if it stays so, look at the server's log") from error
        raise


def _beginning(text: bytes, marker: bytes) -> int:
    """Return how many bytes at the end of a text may be the beginning of a marker.

    >>> _beginning(b"abc~a", b"~ab~"), _beginning(b"abc", b"~ab~")
    (2, 0)
    """
    longest = min(len(text), len(marker) - 1)
    return next((size for size in range(longest, 0, -1) if text.endswith(marker[:size])), 0)
