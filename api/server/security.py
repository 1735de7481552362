"""What every response carries, errors included."""

from typing import Final

_POLICY: Final = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors "
)

SECURITY_HEADERS: Final = {
    "Content-Security-Policy": f"{_POLICY}'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}

FRAMED: Final = {"Content-Security-Policy": f"{_POLICY}*"}
"""What a page carries that other programs may show in a frame of theirs: one that has links only."""
