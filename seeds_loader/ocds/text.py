"""Texts as their writer meant them: bytes that were read in the wrong encoding put right, control characters out."""

import re
from typing import Final

# What UTF-8 read as cp1252 looks like: a lead byte, then the characters that cp1252 has for 0x80 to 0xBF.
_HIGH: Final = "".join(bytes([code]).decode("cp1252", "replace") for code in range(0x80, 0xC0)).replace("\ufffd", "")
_TAIL: Final = "[" + re.escape(_HIGH) + "\u0080-\u009f]"
_MOJIBAKE: Final = re.compile(f"[\u00c2-\u00df]{_TAIL}|[\u00e0-\u00ef]{_TAIL}{{2}}|[\u00f0-\u00f4]{_TAIL}{{3}}")
_BYTES: Final = {chr(code): bytes([code]) for code in range(0x100)}
_BYTES.update({character: character.encode("cp1252") for character in _HIGH})
_CONTROL: Final = re.compile("[\u0000-\u001f\u007f-\u009f\u00ad\u200b\u2060\ufeff\ufffe\uffff\ud800-\udfff]+")
_SPACE: Final = re.compile(r"\s+")


def clean(value: object) -> str:
    """Return a text on one line, repaired; nothing where the value is no text.

    What a publisher made of line ends (`rn`, a lost backslash) stays, for it cannot be told from letters.

    >>> clean("CafÃ©  tea"), clean("a" + chr(0) + "b"), clean(None)
    ('Café tea', 'a b', '')
    """
    if not isinstance(value, str):
        return ""
    if value.isascii() and value.isprintable():
        return value.strip() if "  " not in value else " ".join(value.split())
    repaired = _MOJIBAKE.sub(_again, value)
    repaired = _MOJIBAKE.sub(_again, repaired) if repaired != value else repaired
    return _SPACE.sub(" ", _CONTROL.sub(" ", repaired)).strip()


def _again(match: re.Match[str]) -> str:
    try:
        return b"".join(map(_BYTES.__getitem__, match[0])).decode("utf-8")
    except UnicodeDecodeError:
        return match[0]
