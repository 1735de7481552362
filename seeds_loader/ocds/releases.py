"""A file of OCDS, plain or compressed, as lines that each hold JSON, and the releases in these, however wrapped.

JSON lines are read where they are. A JSON document (a package, an array, one release, over many lines) is read as a
whole, and each of its releases is a line; the line number is then the place in the document.
A line or release over `MAX_LINE` bytes is handed on as None: no notice is that long.
"""

import gzip
import io
import json
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, Final, NamedTuple

import orjson

from civicgraph.graph.records.types import Published, Rejection
from civicgraph.seeds_loader.faults import SourceFileError
from civicgraph.seeds_loader.ocds.fields import Object, day, identifier, mapping, mappings
from civicgraph.seeds_loader.ocds.json_text import MEMBERS, Mended, parse
from civicgraph.seeds_loader.text import clean_text

MAX_LINE: Final = 10_000_000
"""Bytes of one line, or of one release of a document."""

MAX_DOCUMENT: Final = 150_000_000
"""Bytes of a document, once unpacked: reading it takes up to ten times as much memory."""

_CHUNK: Final = 1 << 18
_BLOCK: Final = 1 << 20
_GZIP: Final = b"\x1f\x8b"
_BOM: Final = b"\xef\xbb\xbf"
_HEAD: Final = re.compile(rb'"(?:releases|records)"\s*:')
_FORMS: Final = "name a file of OCDS: a package, an array of releases, or JSON lines, plain or as .gz"
_RELEASE: Final = frozenset(
    {"ocid", "tender", "awards", "buyer", "parties", "contracts", "planning", "tag", "compiledRelease"}
    | {"versionedRelease"}
)
_NOT_OCDS: Final = "JSON, but neither releases nor records of OCDS"
_TOO_DEEP: Final = ("nested too deeply", "no OCDS is: fetch it again")
_LINKED: Final = (
    "its releases are given by address only, or as versions, so nothing of it was read",
    "fetch what it links to and load that",
)


class Line(NamedTuple):
    """A line of a file, numbered from 1; `raw` is None where it is longer than `MAX_LINE`.

    `mended` is what had to be put right to read the document that it was made from.
    """

    number: int
    raw: bytes | None
    mended: tuple[Mended, ...] = ()


class Found(NamedTuple):
    """A release with the line that holds it (in a document: its place there), and its OCID."""

    ocid: str
    line: int
    release: Object


def open_lines(path: Path) -> Callable[[], Iterable[Line]]:
    """Return what yields the lines of a file of OCDS that are not blank, whatever its form, as often as wanted.

    What is returned raises SourceFileError where the file cannot be read to its end.

    Raises
    ------
    SourceFileError
        It cannot be read, is empty, or is not a JSON.
    """
    if _is_lines(path):
        return partial(_lines, path)
    members_of_it, mended = _members(path)
    found = [
        Line(number, raw if len(raw) <= MAX_LINE else None, () if number > 1 else mended)
        for number, raw in enumerate(members_of_it, 1)
    ]
    return lambda: found


def _lines(path: Path) -> Iterator[Line]:
    with _open(path) as stream:
        number = 0
        while raw := stream.readline(MAX_LINE + 1):
            number += 1
            if len(raw) > MAX_LINE:
                while raw and not raw.endswith(b"\n"):
                    raw = stream.readline(MAX_LINE)
                yield Line(number, None)
            elif raw := (raw.removeprefix(_BOM) if number == 1 else raw).lstrip():
                yield Line(number, raw)


def published(path: Path) -> Published:
    """Return what the first package of a file says of itself before its releases: licence, publisher, address, day.

    Raises
    ------
    SourceFileError
        The file cannot be read.
    """
    with _open(path) as stream:
        head, *members_of_it = _HEAD.split(stream.read(_BLOCK).removeprefix(_BOM), maxsplit=1)
    try:
        said = orjson.loads(head.rstrip(b", \t\r\n") + b"}") if members_of_it else {}
    except orjson.JSONDecodeError:
        # What stands before the first releases is not a package, or not sound.
        said = {}
    if not isinstance(said, dict) or _is_release(said):
        return Published()
    publisher = mapping(said.get("publisher"))
    return Published(
        licence=clean_text(said.get("license")),
        publisher=clean_text(publisher.get("name")),
        publisher_address=clean_text(publisher.get("uri")),
        address=clean_text(said.get("uri")),
        issued=day(said.get("publishedDate")),
    )


def releases_in(file: str, line: Line) -> Iterator[Found | Rejection]:
    """Yield the releases of a line, a rejection for what is none, and a partial one for what was put right."""
    if line.raw is None:
        reason, remedy = f"longer than {MAX_LINE // 10**6} MB", "take out what does not belong to the notice"
        yield Rejection(file, line.number, "line", reason, remedy)
        return
    try:
        value, mended = parse(line.raw)
    except RecursionError:
        yield Rejection(file, line.number, "line", *_TOO_DEEP)
        return
    except json.JSONDecodeError as error:
        reason = f"not JSON: {error.msg} at character {error.pos}"
        yield Rejection(file, line.number, "line", reason, "complete the line, or fetch it again")
        return
    found = list(_found_in(value))
    ocid = identifier(mapping(found[0]).get("ocid")) if len(found) == 1 else ""
    for field, what, own in (*line.mended, *mended):
        remedy = "correct it, or fetch it again" if field == "line" else "keep the one that is meant"
        yield Rejection(file, line.number, clean_text(field), what, remedy, own or ocid, partial=True)
    for member in found:
        release = mapping(member)
        ocid = identifier(release.get("ocid"))
        if not isinstance(member, dict):
            yield Rejection(file, line.number, "release", "not an object", "give an OCDS release")
        elif _is_record(release):
            yield Rejection(file, line.number, "releases", *_LINKED, ocid)
        elif ocid:
            yield Found(ocid, line.number, release)
        else:
            reason, remedy = "no ocid", "give the process its OCID"
            yield Rejection(file, line.number, "ocid", reason, remedy, clean_text(release.get("id")))


def _found_in(value: object) -> Iterator[object]:
    """Yield the releases that a value holds, however packages are wrapped; itself where it holds none.

    For a record stands its compiled release, else its releases; one that has these by their addresses only is yielded.
    """
    if isinstance(value, list):
        for member in value:
            yield from _found_in(member)
    elif not isinstance(value, dict):
        yield value
    elif _is_record(value):
        several = [release for release in mappings(value.get("releases")) if "ocid" in release]
        compiled = mapping(value.get("compiledRelease"))
        yield from [compiled] if compiled else several or [value]
    elif not value.keys().isdisjoint(MEMBERS):
        yield from _found_in(value.get("releases") or value.get("records") or [])
    elif not _is_release(value):
        wrapped = [_found_in(inner) for inner in value.values() if isinstance(inner, dict | list)]
        yield from [member for found in wrapped for member in found if _is_release(member)] or [value]
    else:
        yield value


def _is_record(value: Object) -> bool:
    """Return whether an object is a record of OCDS: the releases of a process, or what they add up to."""
    return "compiledRelease" in value or "versionedRelease" in value or ("releases" in value and "ocid" in value)


def _is_release(value: object) -> bool:
    """Return whether a value is a release or a record, by a key that only these have."""
    return isinstance(value, dict) and not _RELEASE.isdisjoint(value)


@contextmanager
def _open(path: Path) -> Iterator[IO[bytes]]:
    try:
        with path.open("rb") as file:
            packed = file.read(2) == _GZIP
            file.seek(0)
            if not packed:
                yield file
                return
            with gzip.GzipFile(fileobj=file) as unpacked, io.BufferedReader(unpacked, _CHUNK) as stream:
                yield stream
    except EOFError as error:
        raise SourceFileError(path.name, None, "the gzip file is cut short", "fetch it again") from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise SourceFileError(path.name, None, f"no sound gzip file: {error}", "fetch it again") from error
    except OSError as error:
        raise SourceFileError(path.name, None, error.strerror or str(error), _FORMS) from error


def _is_lines(path: Path) -> bool:
    with _open(path) as stream:
        first = stream.readline(MAX_LINE + 1)
        while first and first.isspace():
            first = stream.readline(MAX_LINE + 1)
    if not first:
        raise SourceFileError(path.name, None, "empty", _FORMS)
    if first[:2] in (b"\xff\xfe", b"\xfe\xff") or first[:2] in (b"{\0", b"\0{", b"[\0", b"\0["):
        raise SourceFileError(path.name, 1, "not UTF-8 but UTF-16", "save it as UTF-8")
    text = first.removeprefix(_BOM).strip()
    if text[:1] not in (b"{", b"["):
        raise SourceFileError(path.name, 1, "not JSON", _FORMS)
    if path.name.lower().removesuffix(".gz").endswith((".jsonl", ".ndjson", ".jl")):
        # One document under the name of lines is told by a first line that only opens it.
        return text not in (b"{", b"[")
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True


def _members(path: Path) -> tuple[list[bytes], tuple[Mended, ...]]:
    """Return the members of a document, each a line, and what had to be put right to read it."""
    with _open(path) as stream:
        raw = stream.read(MAX_DOCUMENT + 1)
    if len(raw) > MAX_DOCUMENT:
        reason = f"one JSON document of more than {MAX_DOCUMENT // 10**6} MB"
        remedy = "give its releases one a line, as by: jq -c '.releases[]' FILE > FILE.jsonl"
        raise SourceFileError(path.name, None, reason, remedy)
    try:
        value, mended = parse(raw)
    except RecursionError as error:
        raise SourceFileError(path.name, None, *_TOO_DEEP) from error
    except json.JSONDecodeError as error:
        reason = f"not sound JSON: {error.msg} at character {error.pos}"
        raise SourceFileError(path.name, error.lineno, reason, "complete it, or fetch it again") from error
    found = list(_found_in(value))
    if found and not any(map(_is_release, found)):
        raise SourceFileError(path.name, None, _NOT_OCDS, _FORMS)
    return [orjson.dumps(member) + b"\n" for member in found], mended
