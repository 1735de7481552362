"""One server over HTTP: pooled connections, secrets from the environment, faults that are either mended or told.

A query changes nothing, so it is sent again while nothing of its answer was read. So is a part of a load: to add the
same triples twice is to add them once. What was cut in the middle is never passed off as whole: a body is read to
the end that its length or its last chunk marks.
"""

import base64
import io
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import urlsplit

from civicgraph.graph.engine.errors import (
    AddressError,
    QueryError,
    RemoteBusyError,
    RemoteCutError,
    RemoteError,
    RemoteTimeoutError,
)

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse, PoolManager

CHUNK: Final = 64 * 1024
_CONNECT: Final = 10.0
TRIES: Final = 6
"""How often a request is sent while the server is not there or has no room: over about six seconds."""
_LONGEST_WAIT: Final = 60.0
"""Seconds: a server that asks us to come back later than that is told to the user instead."""
_BUSY: Final = frozenset({429, 502, 503, 504})
_SHOWN: Final = 300
_SECRET_NAMES: Final = ("CIVICGRAPH_STORE_USER", "CIVICGRAPH_STORE_PASSWORD", "CIVICGRAPH_STORE_TOKEN")
_HEADER_NAME: Final = "CIVICGRAPH_STORE_HEADER"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server answers queries, takes updates, and takes whole graphs; the last two may be unknown.

    `name` tells several sets of data on one server apart.
    """

    query: str
    update: str | None = None
    graph_store: str | None = None
    name: str = "civicgraph"

    @classmethod
    def read(cls, query: str, update: str | None = None, graph_store: str | None = None) -> Self:
        """Return the address that some URLs give; what follows a `#` in the first names the set of data.

        Raises
        ------
        AddressError
            One of them is no URL of a server, or holds a password.

        Examples
        --------
        >>> Address.read("http://localhost:7878/query#leeds").name
        'leeds'
        """
        given = [_checked(url) for url in (query, update, graph_store) if url is not None]
        name = urlsplit(query).fragment or "civicgraph"
        if not all(part.isalnum() and part.isascii() for part in name.split("-")):
            msg = "the name of a set of data, after the #, is made of letters, digits and hyphens"
            raise AddressError(msg)
        rest = iter(given[1:])
        return cls(
            given[0],
            next(rest) if update is not None else None,
            next(rest) if graph_store is not None else None,
            name,
        )


def _checked(url: str) -> str:
    parts = urlsplit(url)
    if parts.username is not None or parts.password is not None:
        names = " and ".join(_SECRET_NAMES[:2])
        msg = f"a store's URL must hold no user or password: others can see command lines; set {names}"
        raise AddressError(msg)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        msg = f"{url} is no URL of a SPARQL server; write it as http://host:port/path or https://host/path"
        raise AddressError(msg)
    return url.partition("#")[0]


@dataclass(frozen=True, slots=True)
class Secrets:
    """The header fields that let us in. They are never shown."""

    fields: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Return what the environment says: a user with a password, a token, or a header field as `Name: value`.

        Raises
        ------
        AddressError
            What is set does not go together. The message holds no value.
        """
        user, password, token = (environment.get(name) or None for name in _SECRET_NAMES)
        header = environment.get(_HEADER_NAME) or None
        if (user is None) != (password is None):
            msg = f"{_SECRET_NAMES[0]} and {_SECRET_NAMES[1]} go together: set both or none"
            raise AddressError(msg)
        if user is not None and token is not None:
            msg = f"{_SECRET_NAMES[0]} and {_SECRET_NAMES[2]} exclude each other: set one of them"
            raise AddressError(msg)
        fields = {}
        if user is not None:
            fields["Authorization"] = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        if token is not None:
            fields["Authorization"] = f"Bearer {token}"
        if header is not None:
            name, colon, value = header.partition(":")
            if not colon or not name.strip() or any(sign in header for sign in "\r\n"):
                msg = f"{_HEADER_NAME} is a header field, written as Name: value"
                raise AddressError(msg)
            fields[name.strip()] = value.strip()
        if any(not value.isprintable() for value in fields.values()):
            msg = "a secret for the store holds a character that no header field may hold"
            raise AddressError(msg)
        return cls(fields)


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
    at_once
        How many requests may be under way at once.
    """

    def __init__(
        self, address: Address, secrets: Secrets | None = None, timeout: float = 30.0, at_once: int = 4
    ) -> None:
        self.address = address
        self.timeout = timeout
        self._secrets = secrets or Secrets()
        self._at_once = at_once

    @cached_property
    def _pool(self) -> "PoolManager":
        from urllib3 import PoolManager  # noqa: PLC0415 - most commands ask no server

        return PoolManager(maxsize=self._at_once, block=False, retries=False)

    def another(self, timeout: float | None = None) -> Self:
        """Return a way to the same server that shares no connection with this one: for another process."""
        return type(self)(self.address, self._secrets, timeout or self.timeout, self._at_once)

    def close(self) -> None:
        """Let all connections go."""
        self._pool.clear()

    @contextmanager
    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        timeout: float | None = None,
        tries: int = TRIES,
    ) -> Iterator["Body"]:
        """Send a request that may be sent again, and hold its answer.

        Parameters
        ----------
        method, url, headers, body
            The request.
        timeout
            Seconds that it may take with its answer and all that is sent again.
        tries
            How often it is sent, at most, while the server is not there or has no room.

        Raises
        ------
        RemoteError
            The server cannot be reached, lets us not in, or is busy or broken for longer than we may wait.
        QueryError
            The server says that the request is none that it can answer.
        """
        deadline = time.monotonic() + (timeout or self.timeout)
        response = self._answered((method, url, headers or {}, body), deadline, tries)
        try:
            if not 200 <= response.status < 300:  # noqa: PLR2004
                raise self._refusal(response, self.host(url))
            yield Body(response, self.host(url), deadline)
        finally:
            # What was read to its end is kept for the next request; anything else is of no more use.
            response.release_conn() if response.closed else response.close()

    @staticmethod
    def host(url: str) -> str:
        """Return how messages name a server: never its query, never a secret."""
        return urlsplit(url).netloc

    def _answered(
        self, request: tuple[str, str, Mapping[str, str], bytes | None], deadline: float, tries: int
    ) -> "BaseHTTPResponse":
        from urllib3 import Retry, Timeout  # noqa: PLC0415
        from urllib3.exceptions import (  # noqa: PLC0415
            HTTPError,
            LocationValueError,
            NewConnectionError,
            SSLError,
            TimeoutError,  # noqa: A004
        )

        method, url, headers, body = request
        pauses = Retry()
        host = self.host(url)
        for number in count(1):
            left = max(0.1, deadline - time.monotonic())
            fault: RemoteError
            wait = min(0.2 * 2 ** (number - 1), 5.0)
            try:
                response = self._pool.request(
                    method,
                    url,
                    body=body,
                    headers={"Accept-Encoding": "gzip", "User-Agent": "civicgraph", **headers, **self._secrets.fields},
                    timeout=Timeout(connect=min(_CONNECT, left), read=left),
                    redirect=False,
                    preload_content=False,
                )
            except NewConnectionError as error:
                fault = RemoteError(f"{host} cannot be reached: {_reason(error)}", "check the address and the server")
                fault.__cause__ = error
            except TimeoutError as error:
                fault = RemoteTimeoutError(f"{host} did not answer in time", "raise --timeout, or ask for less")
                fault.__cause__ = error
            except (SSLError, LocationValueError) as error:
                what = f"{host} cannot be spoken to safely: {_reason(error)}"
                raise RemoteError(what, "check its certificate and the address") from error
            except (HTTPError, OSError) as error:
                fault = RemoteError(f"{host} cannot be reached: {_reason(error)}", "check the address and the server")
                fault.__cause__ = error
            else:
                if response.status not in _BUSY:
                    return response
                asked = response.headers.get("Retry-After")
                fault = RemoteBusyError(f"{host} is busy (status {response.status})", "try again later")
                response.drain_conn()
                if asked is not None:
                    with suppress(HTTPError):  # neither a number nor a date: our own pause
                        wait = pauses.parse_retry_after(asked)
            if number >= tries or wait > _LONGEST_WAIT or time.monotonic() + wait > deadline:
                raise fault
            time.sleep(wait)
        raise AssertionError

    def _refusal(self, response: "BaseHTTPResponse", host: str) -> Exception:
        said = " ".join(response.read(4096, decode_content=True).decode("utf-8", "replace").split())[:_SHOWN]
        status = response.status
        if status in (401, 403):
            names = ", ".join((*_SECRET_NAMES, _HEADER_NAME))
            return RemoteError(f"{host} lets us not in (status {status})", f"set what it asks for: {names}")
        if 300 <= status < 400:  # noqa: PLR2004
            return RemoteError(f"{host} sends us elsewhere (status {status})", "name the address that it leads to")
        if status in (404, 405):
            return RemoteError(f"{host} has no such door (status {status})", "check the path of the address")
        if status == 413:  # noqa: PLR2004
            return RemoteError(f"{host} takes no request of that length (status 413)", "raise its limit")
        if 400 <= status < 500:  # noqa: PLR2004
            return QueryError(f"the server says of this query: {said or f'status {status}'}")
        return RemoteError(f"{host} failed (status {status}): {said}", "its own log says more")


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
    """

    def __init__(self, response: "BaseHTTPResponse", host: str, deadline: float) -> None:
        self._response = response
        self.host = host
        self._deadline = deadline
        self.fault: Exception | None = None
        self.taken = 0

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
        """Return up to `size` bytes, none at the end.

        Raises
        ------
        RemoteCutError, RemoteTimeoutError
            The body ended before its end, or too late. `fault` keeps the error for who reads through a parser.
        """
        from urllib3.exceptions import HTTPError, ReadTimeoutError  # noqa: PLC0415

        try:
            if time.monotonic() > self._deadline:
                what = f"{self.host} did not end its answer in time"
                raise RemoteTimeoutError(what, "ask for less, or raise --timeout")
            try:
                chunk = self._response.read(None if size < 0 else size)
            except ReadTimeoutError as error:
                raise RemoteTimeoutError(f"{self.host} stopped in the middle of its answer", "try again") from error
            except (HTTPError, OSError) as error:
                what = f"the answer of {self.host} was cut after {self.taken:,} bytes"
                raise RemoteCutError(what, "try again; if it stays so, ask for less") from error
        except RemoteError as error:
            self.fault = error
            raise
        self.taken += len(chunk)
        return chunk


def _reason(error: Exception) -> str:
    """Return the innermost reason of a failure to connect, in the words of the system."""
    reason: BaseException = error
    while reason.__cause__ is not None or isinstance(getattr(reason, "reason", None), BaseException):
        reason = reason.__cause__ or reason.reason  # type: ignore[attr-defined] # urllib3 keeps what it wraps there
    return getattr(reason, "strerror", None) or type(reason).__name__
