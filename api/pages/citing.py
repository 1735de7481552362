"""How a page is cited, shared and shown in another: its address for good, and what programs read of it."""

import hashlib
import re
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Final
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response
from starlette.types import Scope

from civicgraph.api.problems import Refusal
from civicgraph.api.serving import SnapshotDependency
from civicgraph.api.sparql.requests import address

router = APIRouter(include_in_schema=False)

_TODAY: Final = "The same page as it is now"
_CITED: Final = (
    *("/id/", "/markets", "/network", "/ties", "/service/", "/what-if", "/compare", "/map", "/tables/"),
    *("/doubtful", "/contradictions", "/data", "/method"),
)
"""Beginnings of the addresses of pages that say something of the data."""
_SPECIAL: Final = re.compile(r"[\\{}$&#%_~^]")
_ESCAPES: Final = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}

REQUEST: Final[ContextVar[tuple[Scope, Callable[[], str | None]] | None]] = ContextVar("REQUEST", default=None)
"""The request that is being answered, and what returns the version of the data that is open."""


def here() -> Mapping[str, str | None] | None:
    """Return where the page is that is being asked for; None where no request is being answered.

    `base` is the address of the server, `url` that of the page as it is now and later, `for_good` that of the page as
    of this `version` of the data: None for a page that says nothing of data. A bibliography knows it by its `key`.
    """
    asking = REQUEST.get()
    if asking is None:
        return None
    scope, version_of = asking
    query = scope["query_string"].decode("latin-1")
    base, asked = address(scope, ""), f"{scope['path']}?{query}" if query else scope["path"]
    version = version_of() if scope["path"].startswith(_CITED) else None
    return {
        "base": base,
        "url": base + asked,
        "version": version,
        "for_good": None if version is None else f"{base}/at/{version}{asked}",
        "key": f"civicgraph-{hashlib.sha256(asked.encode()).hexdigest()[:8]}",
    }


def bibtex(text: str) -> str:
    r"""Return a text as a field of BibTeX holds it.

    >>> bibtex("Smith & Sons_Ltd")
    'Smith \\& Sons\\_Ltd'
    """
    return _SPECIAL.sub(lambda found: _ESCAPES.get(found[0], f"\\{found[0]}"), text)


@router.get("/at/{cited:path}")
def at(request: Request, snapshot: SnapshotDependency, cited: str) -> Response:
    """Lead from the address of a page in a version to the page, as long as that is the version that is served."""
    version, _, rest = cited.partition("/")
    query = request.url.query
    today = f"/{quote(rest.lstrip('/'))}" + (f"?{query}" if query else "")  # and never the address of another server
    if version == snapshot.version and not today.startswith("/at/"):
        return RedirectResponse(today, 307)
    detail = (
        f"what was cited was of version {version[:40]!r} of the data; this server keeps the newest alone, "
        f"{snapshot.version!r}: look at the page as it is now, or ask whoever runs the server to load the "
        "sources of then"
    )
    return Refusal(410, "That version is not kept any more", detail, nearest=[{"name": _TODAY, "address": today}])
