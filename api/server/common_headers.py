"""The headers that every response carries, errors included."""

from collections.abc import Sequence
from typing import Final

_POLICY: Final = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors "
)

FRAMED: Final = {"Content-Security-Policy": f"{_POLICY}*"}
"""What a page carries that other programs may show in a frame of theirs: one that has links only."""

_SECURITY: Final = (
    (b"content-security-policy", f"{_POLICY}'none'".encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)
_ANY_ORIGIN: Final = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"ETag, Link, Location, Retry-After"),
)


def with_common_headers(headers: Sequence[tuple[bytes, bytes]], *, from_page: bool) -> list[tuple[bytes, bytes]]:
    """Return the headers of a response with those that every one carries.

    Parameters
    ----------
    headers
        Its own.
    from_page
        Whether a page of another server asks.
    """
    given = {name for name, _ in headers}
    shared = (*_SECURITY, *_ANY_ORIGIN) if from_page else _SECURITY
    return [*headers, *(one for one in shared if one[0] not in given)]
