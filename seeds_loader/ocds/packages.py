"""The releases of each contracting process, from a file of OCDS of any form, those of one process together.

A process with one release, as nearly all have, is handed on as its line is read. To know which have more, the file is
read twice: the first time only for its OCIDs, of which 64 bits each are kept (8 MB for a million), so a torn file is
told before anything is loaded. Releases of the other processes are put by in a temporary file, indexed by OCID, and
follow at the end in the order of their first release.
"""

import json
import re
import tempfile
from array import array
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Final, NamedTuple

import numpy as np
import orjson

from civicgraph.graph.records import Rejection
from civicgraph.seeds_loader.faults import SourceFileError
from civicgraph.seeds_loader.ocds.fields import Object, identifier
from civicgraph.seeds_loader.ocds.stream import MAX_LINE, Line, Stream, open_stream
from civicgraph.seeds_loader.ocds.text import clean

_OCID: Final = re.compile(rb'"ocid"\s*:\s*"((?:[^"\\]|\\.)*)"')
_KEY: Final = b'"ocid"'
_LEVELS: Final = 3
_IN_MEMORY: Final = 32_000_000
_DEEPEST: Final = 100


class Found(NamedTuple):
    """A release with the line that holds it (in a document: its place there), and its OCID."""

    ocid: str
    line: int
    release: Object


def processes(
    path: Path, reached: Callable[[int, int], None] = lambda _line, _lines: None
) -> Iterator[list[Found] | Rejection]:
    """Yield the releases of each process together, and a rejection for what holds none.

    `reached` is told of each line that is read, and how many there are.

    Raises
    ------
    SourceFileError
        The file as a whole cannot be read, or nothing in it is OCDS.
    """
    with open_stream(path) as stream:
        repeated, lines = _repeated(path, stream)
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as aside:
            index: dict[str, array[int]] = {}
            for line in stream.lines():
                reached(line.number, lines)
                for found in _in_line(path.name, line, stream.repeated_keys.get(line.number)):
                    if isinstance(found, Rejection):
                        yield found
                    elif hash(found.ocid) in repeated:
                        _put_by(aside, index, found)
                    else:
                        yield [found]
            for ocid, places in index.items():
                yield list(_taken_up(aside, ocid, places))


def _repeated(path: Path, stream: Stream) -> tuple[frozenset[int], int]:
    """Return the hashes of the OCIDs that come more than once, or might, and the number of the last line."""
    seen = array("q")
    lines = 0
    for line in stream.lines():
        lines = line.number
        raw = line.raw
        # A pattern that starts at the key is a good deal faster than one that looks for it.
        at = -1 if raw is None else raw.find(_KEY)
        while raw is not None and at >= 0:
            given = _OCID.match(raw, at)
            if given is not None:
                seen.append(hash(_ocid(given[1])))
            at = raw.find(_KEY, at + len(_KEY))
    if not seen:
        raise SourceFileError(path.name, None, "no OCDS: nothing in it has an ocid", "name a file of OCDS releases")
    hashes = np.sort(np.frombuffer(seen, dtype=np.int64))
    return frozenset(np.unique(hashes[1:][hashes[1:] == hashes[:-1]]).tolist()), lines


def _ocid(raw: bytes) -> str:
    if b"\\" in raw:
        try:
            return identifier(orjson.loads(b'"' + raw + b'"'))
        except orjson.JSONDecodeError:
            return ""
    return identifier(raw.decode("utf-8", "replace"))


def _put_by(aside: IO[bytes], index: "dict[str, array[int]]", found: Found) -> None:
    data = orjson.dumps(found.release)
    places = index.setdefault(found.ocid, array("q"))
    places.extend((found.line, aside.tell(), len(data)))
    aside.write(data)


def _taken_up(aside: IO[bytes], ocid: str, places: "array[int]") -> Iterator[Found]:
    """Yield what was put by for one process, the same release once."""
    seen: set[bytes] = set()
    for at in range(0, len(places), 3):
        aside.seek(places[at + 1])
        data = aside.read(places[at + 2])
        if data not in seen:
            seen.add(data)
            yield Found(ocid, places[at], orjson.loads(data))


def _in_line(file: str, line: Line, repeated_key: str | None) -> Iterator[Found | Rejection]:
    if line.raw is None:
        reason, remedy = f"longer than {MAX_LINE // 10**6} MB", "take out what is no part of the notice"
        yield Rejection(file, line.number, "line", reason, remedy)
        return
    try:
        value = orjson.loads(line.raw)
    except orjson.JSONDecodeError as error:
        yield Rejection(file, line.number, "line", *_json_fault(line.raw, error))
        return
    key = repeated_key if repeated_key is not None else _repeated_key(line.raw, value)
    if key is not None:
        yield Rejection(file, line.number, clean(key), "given twice in one object", "keep the one that is meant")
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
        yield Rejection(file, line, "ocid", "no ocid", "give the process its OCID", clean(value.get("id")))
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
