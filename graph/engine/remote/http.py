"""One server over HTTP: pooled connections, one policy for what is sent again, and errors that say what to do.

A query changes nothing, so it is sent again while nothing of its answer was read. So is a part of a load: to add the
same triples twice is to add them once. What was cut in the middle is never passed off as whole: a body is read to
the end that its length or its last chunk marks.
"""

import io
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property
from importlib.resources import files
from itertools import count
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode, urlsplit

import yaml

from civicgraph.graph.engine.errors import (
    QueryError,
    RemoteBusyError,
    RemoteCutError,
    RemoteError,
    RemoteTimeoutError,
)
from civicgraph.graph.engine.remote.address import Address, Secrets
from civicgraph.graph.engine.remote.query import Prepared

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse, PoolManager

PATIENCE: Final = 10.0
"""Seconds for which a server that is not there, or has no room, is tried again by who waits for its answer."""
LOAD_PATIENCE: Final = 120.0
"""The same of a load, which is not given up because a server restarts."""
_KEPT: Final = 4
"""Connections that are kept for later requests."""
_CONNECT: Final = 10.0
_CHANGE: Final = 600.0
"""Seconds that one change may take."""
_LINES: Final = 2_000
"""Triples of one update: Virtuoso's compiler runs out of memory at some 5,000."""
_LONGEST_PAUSE: Final = 60.0
"""Seconds: a server that asks us to come back later than that is told to the user instead."""
_SAID: Final = 2.0
"""Seconds of waiting after which it is said that we wait."""
_BUSY: Final = frozenset({429, 502, 503, 504})
_SHOWN: Final = 300

Request = tuple[str, Mapping[str, str], bytes]
"""URL, header fields and body."""
FORM: Final = "application/x-www-form-urlencoded"
JSON: Final = "application/sparql-results+json"
TRIPLES: Final = "application/n-triples"


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
            found = (self._waiting + chunk).replace(self._marker, b"") if self._marker else chunk
            # The marker may stand across a border: the end waits for the rest.
            end = len(found) - max(0, len(self._marker) - 1)
            if end > 0:
                ready, self._waiting = found[:end], found[end:]
                return ready
            self._waiting = found
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


def _unsaid(_: str) -> None:
    """Say nothing: who asks from a program hears of a server that stays away by its error."""


class Connection:
    """A server that can be asked. Threads may share it.

    Parameters
    ----------
    address
        Where it answers.
    secrets
        What lets us in.
    timeout
        Seconds that a request may take, its answer included, where the caller names no other.
    notice
        Told, for a person to read, that the server is not there and for how long it is tried again.
    """

    def __init__(
        self,
        address: Address,
        secrets: Secrets | None = None,
        timeout: float = 30.0,
        notice: Callable[[str], None] = _unsaid,
    ) -> None:
        self.address = address
        self.timeout = timeout
        self.patience = PATIENCE
        self._secrets = secrets or Secrets()
        self.notice = notice

    @cached_property
    def _pool(self) -> "PoolManager":
        from urllib3 import PoolManager  # noqa: PLC0415 - most commands ask no server

        return PoolManager(maxsize=_KEPT, block=False, retries=False)

    def __getstate__(self) -> dict[str, object]:
        """Return what goes to another process, which has connections of its own, and nobody to tell."""
        return {name: value for name, value in self.__dict__.items() if name != "_pool"} | {"notice": _unsaid}

    @property
    def where(self) -> str:
        """How messages name the server: never its query, never a secret."""
        return _host(self.address.query)

    @contextmanager
    def patient(self) -> Iterator[None]:
        """Try a server that is not there for as long as a load may wait."""
        self.patience = LOAD_PATIENCE
        try:
            yield
        finally:
            self.patience = PATIENCE

    def query(self, asked: Prepared, accept: str, marker: bytes = b"") -> AbstractContextManager[Body]:
        """Ask a query, as a form, which every server takes, however long it is. Raises as `send` does."""
        fields = [("query", asked.text)]
        fields += [("default-graph-uri", graph) for graph in asked.default]
        fields += [("named-graph-uri", graph) for graph in asked.named]
        headers = {"Accept": accept, "Content-Type": FORM}
        return self.send(self.address.query, headers, urlencode(fields).encode(), marker=marker)

    def update(self, sparql: str) -> None:
        """Run an update.

        Raises
        ------
        RemoteError
            The server cannot be reached, does not let us write, or failed.
        QueryError
            The server refuses it.
        """
        address = self.address.update or _update_address(self.address.query)
        self._post(address, FORM, urlencode({"update": sparql}).encode())

    def insert(self, graph: str, triples: bytes) -> None:
        """Add triples, whole lines of N-Triples, to a graph. Raises as `update` does."""
        address = self.address.graph_store
        if address is not None:
            url = f"{address}{'&' if '?' in address else '?'}{urlencode({'graph': graph})}"
            self._post(url, TRIPLES, triples)
            return
        lines = triples.splitlines(keepends=True)
        for at in range(0, len(lines), _LINES):
            part = b"".join(lines[at : at + _LINES]).decode()
            self.update(f"INSERT DATA {{ GRAPH <{graph}> {{\n{part}}} }}")

    def drop(self, graph: str) -> None:
        """Take a whole graph away. Raises as `update` does."""
        self.update(f"DROP SILENT GRAPH <{graph}>")

    def _post(self, url: str, content_type: str, body: bytes) -> None:
        with self.send(url, {"Content-Type": content_type}, body, _CHANGE) as answer:
            answer.read()

    @contextmanager
    def send(
        self, url: str, headers: Mapping[str, str], body: bytes, timeout: float | None = None, marker: bytes = b""
    ) -> Iterator[Body]:
        """Post what may be sent again, and hold the answer.

        Parameters
        ----------
        url, headers, body
            The request.
        timeout
            Seconds that it may take with its answer, once the server is there.
        marker
            What is taken out of the answer.

        Raises
        ------
        RemoteError
            The server cannot be reached, refuses us, or is busy or broken for longer than we may wait.
        QueryError
            The server says that the request is not one that it can answer.
        """
        response, deadline = self._answered((url, headers, body), timeout or self.timeout)
        try:
            if not 200 <= response.status < 300:  # noqa: PLR2004
                raise _refusal(response, _host(url))
            yield Body(response, _host(url), deadline, marker)
        finally:
            # What was read to its end is kept for the next request; anything else is of no more use.
            response.release_conn() if response.closed else response.close()

    def _answered(self, request: Request, timeout: float) -> "tuple[BaseHTTPResponse, float]":
        """Return the first answer that is not to be asked for again, and by when it is to have ended."""
        began = time.monotonic()
        until = began + self.patience
        is_said = False
        for number in count():
            deadline = time.monotonic() + timeout
            found = self._attempt(request, timeout)
            if not isinstance(found, tuple):
                return found, deadline
            fault, asked = found
            pause = max(min(0.2 * 2**number, 5.0), asked)
            now = time.monotonic()
            if pause > _LONGEST_PAUSE or now + pause > until:
                raise fault
            if not is_said and now + pause - began > _SAID:
                self.notice(f"{fault.what}; trying again for {until - now:.0f} seconds")
                is_said = True
            time.sleep(pause)
        raise AssertionError

    def _attempt(self, request: Request, timeout: float) -> "BaseHTTPResponse | tuple[RemoteError, float]":
        """Return an answer; or why there is none yet, and the pause that the server asks for."""
        from urllib3 import Timeout  # noqa: PLC0415
        from urllib3.exceptions import HTTPError, LocationValueError, ReadTimeoutError, SSLError  # noqa: PLC0415

        url, headers, body = request
        host = _host(url)
        try:
            response = self._pool.request(
                "POST",
                url,
                body=body,
                headers={"Accept-Encoding": "gzip", "User-Agent": "civicgraph", **headers, **self._secrets.fields},
                timeout=Timeout(connect=min(_CONNECT, timeout), read=timeout),
                redirect=False,
                preload_content=False,
            )
        except ReadTimeoutError as error:
            # It would take as long again.
            raise RemoteTimeoutError(f"{host} did not answer in time", "raise --timeout, or ask for less") from error
        except (SSLError, LocationValueError) as error:
            what = f"{host} cannot be spoken to safely: {_reason(error)}"
            raise RemoteError(what, "check its certificate and the address") from error
        except (HTTPError, OSError) as error:
            fault = RemoteError(f"{host} cannot be reached: {_reason(error)}", "check the address and the server")
            fault.__cause__ = error
            return fault, 0.0
        if response.status not in _BUSY:
            return response
        asked = response.headers.get("Retry-After", "")
        response.drain_conn()
        busy = RemoteBusyError(f"{host} is busy (status {response.status})", "try again later")
        return busy, float(asked) if asked.isdecimal() else 0.0  # it may be a date too: our own pause then


def _update_address(query: str) -> str:
    """Return where a server that answers queries at an address most likely takes updates.

    >>> _update_address("http://localhost:7878/query"), _update_address("http://localhost:8890/sparql")
    ('http://localhost:7878/update', 'http://localhost:8890/sparql')
    """
    path, _, parameters = query.partition("?")
    address = path.removesuffix("/query") + "/update" if path.endswith("/query") else path
    return f"{address}?{parameters}" if parameters else address


def _host(url: str) -> str:
    return urlsplit(url).netloc


def _refusal(response: "BaseHTTPResponse", host: str) -> Exception:
    """Return what is told of an answer with an error status: see `refusals.yaml`."""
    status = response.status
    known = yaml.safe_load(files("civicgraph.graph.engine.remote").joinpath("refusals.yaml").read_text("utf-8"))
    for one in known:
        if status in one["statuses"]:
            return RemoteError(f"{host} {one['what'].format(status=status)}", one["remedy"])
    said = " ".join(response.read(4096, decode_content=True).decode("utf-8", "replace").split())[:_SHOWN]
    if 400 <= status < 500:  # noqa: PLR2004
        return QueryError(f"the server says of this query: {said or f'status {status}'}")
    return RemoteError(f"{host} failed (status {status}): {said}", "its own log says more")


def _reason(error: Exception) -> str:
    """Return the innermost reason of a failure to connect, in the words of the system."""
    reason: BaseException = error
    while reason.__cause__ is not None or isinstance(getattr(reason, "reason", None), BaseException):
        reason = reason.__cause__ or reason.reason  # type: ignore[attr-defined] # urllib3 keeps what it wraps there
    return getattr(reason, "strerror", None) or type(reason).__name__
