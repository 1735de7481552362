"""Texts as their writer meant them: bytes that were read in the wrong encoding put right, control characters out."""

import re
import unicodedata
from typing import Final

from ftfy import fix_encoding

_DROPPED: Final = frozenset(("Cf", "Cs", "Co", "Cn"))
_DOUBTFUL: Final = re.compile("[^\x00-\x7f]{2}|\u00c3 ")
"""What text read in the wrong encoding has somewhere: to ask ftfy of every text would take longer than all else."""

_TRADE_MARK: Final = "\u00e2\u201e\u00a2"
"""UTF-8 of a trade mark sign read as cp1252, which ftfy takes for what was meant."""


def clean_text(value: object) -> str:
    r"""Return a text on one line, repaired; nothing where the value is not a text.

    What a publisher made of line ends (`rn`, a lost backslash) stays, for it cannot be told from letters.

    >>> clean_text("  Server VM\u00c2\u00ae\u00a0 Virtual\x07 "), clean_text("a" + chr(0) + "b"), clean_text(None)
    ('Server VM® Virtual', 'a b', '')
    """
    if not isinstance(value, str):
        return ""
    if not value.isascii():
        if _DOUBTFUL.search(value):
            value = fix_encoding(value.replace(_TRADE_MARK, "™"))
    elif value.isprintable():
        return value.strip() if "  " not in value else " ".join(value.split())
    if not value.isprintable():
        value = "".join(_shown(character) for character in value)
    return " ".join(value.split())


def _shown(character: str) -> str:
    kind = unicodedata.category(character)
    return " " if kind == "Cc" else "" if kind in _DROPPED else character
