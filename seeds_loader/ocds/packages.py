"""The releases that a line of OCDS holds, whatever it is: a release, a record, a package of either, an array."""

import json
from collections.abc import Iterator
from typing import Final, NamedTuple

import orjson

from civicgraph.graph.records.types import Rejection
from civicgraph.seeds_loader.ocds.fields import Object, identifier
from civicgraph.seeds_loader.ocds.stream import MAX_LINE, Line
from civicgraph.seeds_loader.text import clean_text

_LEVELS: Final = 3
_DEEPEST: Final = 100


class Found(NamedTuple):
    """A release with the line that holds it (in a document: its place there), and its OCID."""

    ocid: str
    line: int
    release: Object


def releases_in(file: str, line: Line) -> Iterator[Found | Rejection]:
    """Yield the releases of a line, and a rejection for what is none."""
    if line.raw is None:
        reason, remedy = f"longer than {MAX_LINE // 10**6} MB", "take out what is no part of the notice"
        yield Rejection(file, line.number, "line", reason, remedy)
        return
    try:
        value = orjson.loads(line.raw)
    except orjson.JSONDecodeError as error:
        yield Rejection(file, line.number, "line", *_json_fault(line.raw, error))
        return
    key = line.repeated_key if line.repeated_key is not None else _repeated_key(line.raw, value)
    if key is not None:
        yield Rejection(file, line.number, clean_text(key), "given twice in one object", "keep the one that is meant")
        return
    yield from _releases(file, line.number, value, 0)


def _json_fault(raw: bytes, error: orjson.JSONDecodeError) -> tuple[str, str]:
    if b"\0" in raw:
        return "a NUL byte", "fetch it again"
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return "not UTF-8", "save it as UTF-8"
    if "recursion" in error.msg or "depth" in error.msg:
        return "nested too deeply", "no OCDS is: fetch it again"
    return f"not JSON: {error.msg} at character {error.pos}", "complete the line, or fetch it again"


def _repeated_key(raw: bytes, value: object) -> str | None:
    """Return a key that an object gives twice.

    The parser keeps the last without a word. What it kept, written again, then has fewer keys than the line: cheap to
    count, so that only a line that differs is looked at closely.
    """
    try:
        if orjson.dumps(value).count(b'":') == raw.count(b'":'):
            return None
        return _KeyTwice().of(raw)
    except (orjson.JSONEncodeError, RecursionError):
        return None


class _KeyTwice:
    def __init__(self) -> None:
        self._key: str | None = None

    def of(self, raw: bytes) -> str | None:
        json.loads(raw, object_pairs_hook=self._object)
        return self._key

    def _object(self, pairs: list[tuple[str, object]]) -> None:
        keys = set()
        for key, _ in pairs:
            if key in keys and self._key is None:
                self._key = key
            keys.add(key)


def _releases(file: str, line: int, value: object, depth: int) -> Iterator[Found | Rejection]:
    """Yield the releases of a release, record, package or array."""
    if isinstance(value, list) and depth == 0:
        for member in value:
            yield from _releases(file, line, member, depth + 1)
        return
    if not isinstance(value, dict):
        yield Rejection(file, line, "release", "no object", "give an OCDS release")
        return
    members: object = None
    if "compiledRelease" in value or "versionedRelease" in value or ("releases" in value and "ocid" in value):
        members = _of_record(value)
    elif "releases" in value or "records" in value:
        members = value.get("releases") or value.get("records") or []
    if members is not None and depth < _LEVELS:
        for member in members if isinstance(members, list) else [members]:
            yield from _releases(file, line, member, depth + 1)
        return
    ocid = identifier(value.get("ocid"))
    if not ocid:
        yield Rejection(file, line, "ocid", "no ocid", "give the process its OCID", clean_text(value.get("id")))
        return
    yield Found(ocid, line, value)


def _of_record(record: Object) -> list[object]:
    """Return what stands for a record: its compiled release, else its releases, else the latest of each version."""
    if isinstance(record.get("compiledRelease"), dict):
        return [record["compiledRelease"]]
    releases = record.get("releases")
    if isinstance(releases, list):
        # A release can be given by its address only, which nothing here follows.
        full = [release for release in releases if isinstance(release, dict) and "ocid" in release]
        if full:
            return list(full)
    if isinstance(record.get("versionedRelease"), dict):
        return [_latest(record["versionedRelease"], 0)]
    return [{"ocid": record.get("ocid"), "linked": True}]


def _latest(value: object, depth: int) -> object:
    if depth > _DEEPEST:
        return None
    if isinstance(value, dict):
        return {key: _latest(member, depth + 1) for key, member in value.items()}
    if isinstance(value, list):
        if value and all(isinstance(member, dict) and {"releaseDate", "value"} <= member.keys() for member in value):
            return value[-1]["value"]
        return [_latest(member, depth + 1) for member in value]
    return value
