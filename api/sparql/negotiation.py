"""Content negotiation: which of the formats on offer a client asks for."""

from collections.abc import Mapping
from typing import TypeVar

from starlette.exceptions import HTTPException

_F = TypeVar("_F")


def negotiate(accept: str, offered: Mapping[str, _F]) -> _F | None:
    """Return the format that an Accept header prefers, by RFC 9110, section 12.5.1.

    Parameters
    ----------
    accept
        The header; empty means that anything is welcome.
    offered
        Formats by media type, the one the server prefers first.

    Returns
    -------
    object or None
        None where the client accepts nothing of what is offered.

    Examples
    --------
    >>> negotiate("text/csv;q=0.5, application/json", {"text/csv": "csv", "application/json": "json"})
    'json'
    >>> negotiate("image/png", {"text/csv": "csv"}) is None
    True
    """
    wanted = [_range(part) for part in accept.split(",") if part.strip()] or [("*/*", 1.0)]
    best: tuple[float, int] | None = None
    chosen: _F | None = None
    for position, (media_type, value) in enumerate(offered.items()):
        patterns = (media_type, f"{media_type.partition('/')[0]}/*", "*/*")
        found = ([quality for name, quality in wanted if name == pattern] for pattern in patterns)
        quality = max(next(filter(None, found), [0.0]))
        if quality > 0 and (best is None or (quality, -position) > best):
            best, chosen = (quality, -position), value
    return chosen


def negotiated(accept: str, offered: Mapping[str, _F], what: str = "this is") -> _F:
    """Return the format that an Accept header prefers, as `negotiate` does.

    Raises
    ------
    HTTPException
        The client accepts nothing of what is offered.
    """
    chosen = negotiate(accept, offered)
    if chosen is None:
        raise HTTPException(406, f"{what} given as {', '.join(offered)}")
    return chosen


def _range(part: str) -> tuple[str, float]:
    media_type, *parameters = (piece.strip() for piece in part.split(";"))
    quality = 1.0
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                quality = min(max(float(value), 0.0), 1.0)
            except ValueError:
                quality = 0.0
    return media_type.lower(), quality
