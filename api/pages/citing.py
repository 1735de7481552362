"""How a page is cited, shared and shown in another: its address for good, and what programs read of it."""

import hashlib
import re
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from civicgraph.api.problems import Near, problem, problem_of
from civicgraph.api.serving import Serving
from civicgraph.api.sparql.requests import address
from civicgraph.graph.engine.errors import RemoteError
from civicgraph.graph.snapshot.snapshot import DataFolderError

_AT: Final = "/at/"
_TODAY: Final = "The same page as it is now"
_CITED: Final = (
    *("/id/", "/markets", "/network", "/ties", "/service/", "/what-if", "/compare", "/map", "/tables/"),
    *("/doubtful", "/contradictions", "/data", "/method"),
)
"""Beginnings of the addresses of pages that say something of the data."""
_SPECIAL: Final = re.compile(r"[\\{}$&#%_~^]")


@dataclass(frozen=True, slots=True)
class Here:
    """The page that is being asked for: where it is, and the version of the data that it shows.

    Attributes
    ----------
    base
        The address of the server, without a slash at its end.
    path, query
        What of it was asked for.
    version
        Returns the version, None while it is being opened.
    """

    base: str
    path: str
    query: str
    version: Callable[[], str | None]

    @property
    def url(self) -> str:
        """The address of the page as it is now and later."""
        return self.base + self._asked

    @property
    def for_good(self) -> str | None:
        """The address of the page as of this version of the data; None for a page that says nothing of data."""
        version = self.version() if self.path.startswith(_CITED) else None
        return None if version is None else f"{self.base}{_AT}{version}{self._asked}"

    @property
    def key(self) -> str:
        """What a bibliography knows it by."""
        return f"civicgraph-{hashlib.sha256(self._asked.encode()).hexdigest()[:8]}"

    @property
    def _asked(self) -> str:
        return f"{self.path}?{self.query}" if self.query else self.path


_HERE: Final[ContextVar[Here | None]] = ContextVar("_HERE", default=None)


def here() -> Here | None:
    """Return the page that is being asked for; None where no request is being answered."""
    return _HERE.get()


def bibtex(text: str) -> str:
    r"""Return a text as a field of BibTeX holds it.

    >>> bibtex("Smith & Sons_Ltd")
    'Smith \\& Sons\\_Ltd'
    """
    return _SPECIAL.sub(lambda found: _ESCAPES.get(found[0], f"\\{found[0]}"), text)


_ESCAPES: Final = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}


class Versions:
    """Stands before an application: answers `/at/VERSION/...` as long as that is the version that is served.

    Parameters
    ----------
    app
        What answers.
    serving
        Returns what is served.
    """

    def __init__(self, app: ASGIApp, serving: Callable[[], Serving]) -> None:
        self._app = app
        self._serving = serving

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        path: str = scope["path"]
        if path.startswith(_AT):
            version, _, rest = path.removeprefix(_AT).partition("/")
            path = f"/{rest.lstrip('/')}"  # and never the address of another server
            scope = {**scope, "path": path, "raw_path": path.encode()}
            refused = await self._refused(version, scope)
            if refused is not None:
                await refused(scope, receive, send)
                return
        query = scope["query_string"].decode("latin-1")
        _HERE.set(Here(address(scope, ""), path, query, self._serving().open_version))
        await self._app(scope, receive, send)

    async def _refused(self, version: str, scope: Scope) -> JSONResponse | None:
        """Return why a page of a version cannot be given, None where it can."""
        try:
            async with self._serving().held() as snapshot:
                held = snapshot.version
        except (DataFolderError, RemoteError) as error:
            return problem_of(error)
        return None if version == held else _gone(version, held, scope)


def _gone(version: str, held: str, scope: Scope) -> JSONResponse:
    """Return the refusal of a page of a version that is not kept any more."""
    query = scope["query_string"].decode("latin-1")
    today = quote(scope["path"]) + (f"?{query}" if query else "")
    detail = (
        f"what was cited was of version {version[:40]!r} of the data; this server keeps the newest alone, {held!r}: "
        "look at the page as it is now, or ask whoever runs the server to load the sources of then"
    )
    return problem(410, "That version is not kept any more", detail, nearest=[Near(name=_TODAY, address=today)])
