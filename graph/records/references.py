"""References that a contract is known by, written so that the same one is equal wherever it was met."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

OCID: Final = "ocid:"
"""Begins a reference that is an OCID, so that it is like no other."""

_PLAIN: Final = re.compile(r"[\W_]+")
_PORTAL: Final = re.compile(r"\bDN ?\d{5,7}(?!\d)", re.IGNORECASE)
"""The number that councils' procurement portal gives; notices carry it amid other text."""
_SHORTEST: Final = 3


@lru_cache(maxsize=50_000)
def references_in(text: str) -> tuple[str, ...]:
    """Return the references that a text gives: itself, and a portal's number in it.

    What has no digit, or fewer than three letters and digits, tells nothing.

    >>> references_in("C/0017 "), references_in("MRTN001-DN756786-01185010"), references_in("n/a"), references_in("7")
    (('c0017',), ('mrtn001dn75678601185010', 'dn756786'), (), ())
    """
    found = [_PLAIN.sub("", one.casefold()) for one in (text, *_PORTAL.findall(text))]
    return tuple(dict.fromkeys(one for one in found if len(one) >= _SHORTEST and any(map(str.isdigit, one))))


def reference_list(texts: Iterable[str], ocid: str | None = None) -> str:
    """Return all references of a contract or a payment, each once, set off by spaces.

    >>> reference_list(["ocds-b5fd17-1", "DN756786", ""], ocid="ocds-b5fd17-1")
    'ocid:ocds-b5fd17-1 dn756786'
    """
    own = [] if not ocid else [OCID + "".join(ocid.split()).casefold()]
    return " ".join(
        dict.fromkeys([*own, *(one for text in texts if text and text != ocid for one in references_in(text))])
    )
