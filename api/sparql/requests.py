"""What is read from a request: its body, its fields, and which of the formats on offer its client asks for."""

import re
from collections.abc import Mapping, Sequence
from typing import Final, Literal, TypeVar
from urllib.parse import parse_qs

from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope

MAX_QUERY_BYTES: Final = 1_000_000
MAX_UPDATE_BYTES: Final = 64 * 1024**2

FORM: Final = "application/x-www-form-urlencoded"
_MAX_FIELDS: Final = 1000

_WEIGHT: Final = re.compile(r"q\s*=")
_NUMBER: Final = re.compile(r"\d*\.?\d+|\d+\.")
_HOST: Final = re.compile(r"(?:[A-Za-z0-9.\-_]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")

Fields = Mapping[str, Sequence[str]]
_F = TypeVar("_F")


def header(scope: Scope, name: bytes) -> str:
    """Return a header of a request, its lines joined; empty where there is none."""
    found = [value for key, value in scope["headers"] if key == name]
    return b", ".join(found).decode("latin-1") if found else ""


def content_type(scope: Scope) -> str:
    """Return the media type of a request's body, without parameters."""
    return header(scope, b"content-type").partition(";")[0].strip().lower()


def fields(text: bytes) -> Fields:
    """Return the fields of a query string or a form.

    Raises
    ------
    HTTPException
        They are not UTF-8, or there are too many.
    """
    try:
        return parse_qs(
            text.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MAX_FIELDS, separator="&"
        )
    except UnicodeDecodeError as error:
        raise HTTPException(400, "the request is not UTF-8, percent-encoded where it is not ASCII") from error
    except ValueError as error:
        raise HTTPException(400, f"the request has more than {_MAX_FIELDS} parameters") from error


async def body(receive: Receive, limit: int, what: str) -> bytes:
    """Return the body of a request.

    Raises
    ------
    HTTPException
        It is longer than `limit` bytes, or the client is gone.
    """
    content = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise HTTPException(400, "the request ended before its body did")
        content += message.get("body", b"")
        if len(content) > limit:
            raise HTTPException(413, f"{what} may have {limit} bytes")
        if not message.get("more_body", False):
            return bytes(content)


async def sparql_of(scope: Scope, receive: Receive, what: Literal["query", "update"], limit: int) -> tuple[str, Fields]:
    """Return the query or update of a request, in its address, its body or a form, and the fields that came with it.

    Raises
    ------
    HTTPException
        It is sent as something else, is too long or not UTF-8, or there is none, or more than one.
    """
    article, media_type = "a" if what == "query" else "an", f"application/sparql-{what}"
    found, kind = fields(scope["query_string"]), content_type(scope)
    if scope["method"] == "POST":
        if kind not in (media_type, FORM):
            raise HTTPException(415, f"POST {article} {what} as {media_type} or as a form, not as {kind or 'nothing'}")
        content = await body(receive, limit, f"{article} {what}")
        if kind == media_type:
            if what in found:
                raise HTTPException(400, f"one {what} at a time: the address has one, and the body another")
            return text(content, what), found
        found = {**found, **fields(content)}
    sparql = one(found, what, what)
    if sparql is None:
        raise HTTPException(400, f"no {what}: give one as ?{what}=, as a form field, or as the body")
    return sparql, found


def one(found: Fields, name: str, what: str) -> str | None:
    """Return the only value of a parameter, or None where there is none.

    Raises
    ------
    HTTPException
        There are several.
    """
    values = found.get(name, ())
    if len(values) > 1:
        raise HTTPException(400, f"one {what} at a time: the parameter '{name}' was given more than once")
    return values[0] if values else None


def text(content: bytes, what: str) -> str:
    """Return a body as text.

    Raises
    ------
    HTTPException
        It is not UTF-8.
    """
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise HTTPException(400, f"the {what} is not UTF-8") from error


def address(scope: Scope, path: str) -> str:
    """Return the address under which a client reaches a path of this server."""
    host = header(scope, b"host")
    if _HOST.fullmatch(host) is None:
        host = "localhost"
    return f"{scope.get('scheme', 'http')}://{host}{scope.get('root_path', '')}{path}"


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
    wanted: dict[str, float] = {}
    for part in filter(None, map(str.strip, accept.lower().split(","))):
        media_type, *parameters = (piece.strip() for piece in part.split(";"))
        weight = next((one.partition("=")[2].strip() for one in parameters if _WEIGHT.match(one)), "1")
        wanted[media_type] = max(
            wanted.get(media_type, 0.0), min(float(weight), 1.0) if _NUMBER.fullmatch(weight) else 0.0
        )

    def quality(media_type: str) -> float:
        ranges = (media_type, f"{media_type.partition('/')[0]}/*", "*/*")
        return next((wanted[name] for name in ranges if name in wanted), 0.0 if wanted else 1.0)

    best = max(offered, key=quality)  # the first of equals
    return offered[best] if quality(best) > 0 else None


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
