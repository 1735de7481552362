"""JSON as publishers write it: one bad token costs the field it stands in, not all that is about it.

What orjson refuses is read again by Python's own reader: NaN and a number too large for a double stay text, a byte
that is not UTF-8 is read as cp1252, control characters are let be, and an object that gives a key twice is marked.
"""

import json
import math
from collections.abc import Iterator
from typing import Final, NamedTuple

import orjson

from civicgraph.seeds_loader.tables.bytestreams import CP1252_FALLBACK

TWICE: Final = "\0twice"
"""The key under which an object holds a key that it was given twice, with two values."""

_MARK: Final = orjson.dumps(TWICE)
_RELEASE: Final = frozenset(
    {"ocid", "tender", "awards", "buyer", "parties", "contracts", "planning", "tag", "compiledRelease"}
    | {"versionedRelease"}
)


class Parsed(NamedTuple):
    """A value, and what was put right to read it; `marked` says that objects in it may hold `TWICE`."""

    value: object
    mended: tuple[str, ...] = ()
    marked: bool = False


def parse(raw: bytes) -> Parsed:
    """Return what a text of JSON says.

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
            return Parsed(value, marked=_MARK in raw)
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        pass
    return _mended(raw)


def given_twice(value: object) -> str | None:
    """Return a key that an object within a value gives twice, if any does."""
    if isinstance(value, dict):
        if TWICE in value:
            return str(value[TWICE])
        return next(filter(None, map(given_twice, value.values())), None)
    return next(filter(None, map(given_twice, value)), None) if isinstance(value, list) else None


def members(value: object) -> Iterator[object]:
    """Yield the releases and records that a value holds, however packages are wrapped; itself where it holds none."""
    if isinstance(value, list):
        for member in value:
            yield from members(member)
    elif not isinstance(value, dict) or is_record(value):
        yield value
    elif "releases" in value or "records" in value:
        inner = value.get("releases") or value.get("records") or []
        for member in inner if isinstance(inner, list) else [inner]:
            yield from members(member)
    elif _RELEASE.isdisjoint(value):
        wrapped = [
            member
            for inner in value.values()
            if isinstance(inner, dict | list)
            for member in members(inner)
            if isinstance(member, dict) and not _RELEASE.isdisjoint(member)
        ]
        yield from wrapped or [value]
    else:
        yield value


def is_record(value: dict[str, object]) -> bool:
    """Return whether an object is a record of OCDS: the releases of a process, or what they add up to."""
    return "compiledRelease" in value or "versionedRelease" in value or ("releases" in value and "ocid" in value)


def marks_release(key: object) -> bool:
    """Return whether a key tells that the object that has it is a release or a record."""
    return key in _RELEASE


def _mended(raw: bytes) -> Parsed:
    mended: dict[str, None] = {}

    def constant(text: str) -> str:
        mended[f"{text} in the place of a number was left out"] = None
        return text

    def number(text: str) -> float | str:
        value = float(text)
        return value if math.isfinite(value) else text

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found: dict[str, object] = {}
        for key, value in pairs:
            if key in found and found[key] != value:
                found[TWICE] = key
            found[key] = value
        return found

    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("utf-8", CP1252_FALLBACK)
        mended["bytes that are not UTF-8 were read as cp1252"] = None
    try:
        value = json.loads(
            text.removeprefix("\ufeff"),
            strict=False,
            parse_constant=constant,
            parse_float=number,
            object_pairs_hook=once,
        )
        # Half a surrogate pair is a question mark from here on: nothing could be written with it.
        text = json.dumps(value, ensure_ascii=False)
        return Parsed(orjson.loads(text.encode("utf-8", "replace")), tuple(mended), json.dumps(TWICE) in text)
    except json.JSONDecodeError:
        raise
    except ValueError as error:
        # A whole number of thousands of digits.
        raise json.JSONDecodeError(str(error), "", 0) from error
