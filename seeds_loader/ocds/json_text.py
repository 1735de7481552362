"""JSON as publishers write it: one bad token costs the field it stands in, not all that is about it.

What orjson refuses is read again by Python's own reader: NaN and a number too large for a double stay text, a byte
that is not UTF-8 is read as cp1252, control characters are let be, and a key that an object gives twice, with two
values, is left out of it.
"""

import json
import math
from typing import Final, NamedTuple

import orjson

from civicgraph.seeds_loader.tables.bytestreams import CP1252_FALLBACK

MEMBERS: Final = ("releases", "records")
"""The lists of a package."""


class Mended(NamedTuple):
    """What was put right to read a text: the field that it cost, what it was, and the OCID that it is of, if known."""

    field: str
    what: str
    ocid: str = ""


def parse(raw: bytes) -> tuple[object, tuple[Mended, ...]]:
    """Return what a text of JSON says, and what was put right to read it.

    Raises
    ------
    json.JSONDecodeError
        It is not JSON, also with what can be put right.
    RecursionError
        It is nested too deeply.
    """
    try:
        value = orjson.loads(raw)
        # What was kept of a key given twice, written again, has fewer keys than the text: cheap to count.
        if orjson.dumps(value).count(b'":') == raw.count(b'":'):
            return value, ()
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        pass
    return _mended(raw)


def _mended(raw: bytes) -> tuple[object, tuple[Mended, ...]]:
    mended: dict[Mended, None] = {}
    twice: list[str] = []

    def constant(text: str) -> str:
        mended[Mended("line", f"{text} in the place of a number was left out")] = None
        return text

    def number(text: str) -> float | str:
        value = float(text)
        return value if math.isfinite(value) else text

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found, out = _once(pairs)
        twice.extend(out)
        if "ocid" in found:
            told("" if "ocid" in out else str(found["ocid"]))
        return {key: value for key, value in found.items() if key not in out}

    def told(ocid: str) -> None:
        what = f"given twice in one object{ocid and f' of {ocid}'}, with two values, and left out"
        mended.update((Mended(key, what, ocid), None) for key in twice)
        twice.clear()

    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("utf-8", CP1252_FALLBACK)
        mended[Mended("line", "bytes that are not UTF-8 were read as cp1252")] = None
    try:
        value = json.loads(
            text.removeprefix("\ufeff"),
            strict=False,
            parse_constant=constant,
            parse_float=number,
            object_pairs_hook=once,
        )
        told("")
        # Half a surrogate pair is a question mark from here on: nothing could be written with it.
        text = json.dumps(value, ensure_ascii=False)
        return orjson.loads(text.encode("utf-8", "replace")), tuple(mended)
    except json.JSONDecodeError:
        raise
    except ValueError as error:
        # A whole number of thousands of digits.
        raise json.JSONDecodeError(str(error), "", 0) from error


def _once(pairs: list[tuple[str, object]]) -> tuple[dict[str, object], dict[str, None]]:
    """Return an object, and the keys that it gives twice with two values; lists of releases are joined."""
    found: dict[str, object] = {}
    twice: dict[str, None] = {}
    for key, value in pairs:
        before = found.setdefault(key, value)
        if isinstance(before, list) and isinstance(value, list) and before is not value and key in MEMBERS:
            found[key] = before + value
        elif before != value:
            twice[key] = None
    return found, twice
