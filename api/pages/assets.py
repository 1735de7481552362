"""The files that pages are made with: the style sheet, the icon, and the built scripts."""

from importlib.resources import files
from typing import Final

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

from civicgraph.api.pages.rendering import scripts

router = APIRouter(include_in_schema=False)

_TYPES: Final = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
_HOUR: Final = {"Cache-Control": "max-age=3600"}
_FOR_GOOD: Final = {"Cache-Control": "max-age=31536000, immutable"}
"""A built file's name tells its content, so it never changes under a name."""


@router.get("/style.css")
@router.get("/noscript.css")
@router.get("/icon.svg")
def asset(request: Request) -> Response:
    """Return the style sheet of all pages, what hides what needs scripts where none run, or the icon."""
    name = request.scope["route"].path
    return Response(
        files("civicgraph.api").joinpath(f"page{name}").read_bytes(),
        media_type=_TYPES[name[name.rfind(".") :]],
        headers=_HOUR,
    )


@router.get("/built/{name}")
def built(name: str) -> Response:
    """Return a built script or its style sheet."""
    folder = files("civicgraph.api").joinpath("page/built")
    known = {path.name for path in folder.iterdir()} if scripts() else set()
    ending = name[name.rfind(".") :]
    if name not in known or ending not in _TYPES:
        raise HTTPException(404, f"no script {name[:80]!r} was built")
    return Response(folder.joinpath(name).read_bytes(), media_type=_TYPES[ending], headers=_FOR_GOOD)
