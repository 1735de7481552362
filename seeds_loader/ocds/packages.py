"""The releases that a line of OCDS holds, whatever it is: a release, a record, a package of either, an array."""

import json
from collections.abc import Iterator
from typing import Final, NamedTuple

from civicgraph.graph.records.types import Rejection
from civicgraph.seeds_loader.ocds.fields import Object, identifier
from civicgraph.seeds_loader.ocds.json_text import Parsed, given_twice, is_record, members, parse
from civicgraph.seeds_loader.ocds.stream import MAX_LINE, Line
from civicgraph.seeds_loader.text import clean_text

_DEEPEST: Final = 100
_LINKED: Final = (
    "its releases are given by address only, so nothing of it was read",
    "fetch what it links to and load that",
)


class Found(NamedTuple):
    """A release with the line that holds it (in a document: its place there), and its OCID.

    `file` is named where it is not the file that is read.
    """

    ocid: str
    line: int
    release: Object
    file: str = ""


def releases_in(file: str, line: Line) -> Iterator[Found | Rejection]:
    """Yield the releases of a line, a rejection for what is none, and a partial one for what was put right."""
    if line.raw is None:
        reason, remedy = f"longer than {MAX_LINE // 10**6} MB", "take out what does not belong to the notice"
        yield Rejection(file, line.number, "line", reason, remedy)
        return
    try:
        parsed = parse(line.raw)
    except (json.JSONDecodeError, RecursionError) as error:
        yield Rejection(file, line.number, "line", *_json_fault(error))
        return
    for what in (*line.mended, *parsed.mended):
        yield Rejection(file, line.number, "line", what, "correct it, or fetch it again", "", partial=True)
    yield from _releases(file, line.number, parsed)


def _json_fault(error: json.JSONDecodeError | RecursionError) -> tuple[str, str]:
    if isinstance(error, RecursionError):
        return "nested too deeply", "no OCDS is: fetch it again"
    return f"not JSON: {error.msg} at character {error.pos}", "complete the line, or fetch it again"


def _releases(file: str, line: int, parsed: Parsed) -> Iterator[Found | Rejection]:
    """Yield the releases of a release, record, package or array."""
    for member in members(parsed.value):
        if not isinstance(member, dict):
            yield Rejection(file, line, "release", "not an object", "give an OCDS release")
            continue
        if parsed.marked and (key := given_twice(member)) is not None:
            yield Rejection(file, line, clean_text(key), "given twice in one object", "keep the one that is meant")
            continue
        found = _of_record(member) if is_record(member) else [member]
        if not found:
            yield Rejection(file, line, "releases", *_LINKED, identifier(member.get("ocid")))
        for release in found:
            ocid = identifier(release.get("ocid"))
            if ocid:
                yield Found(ocid, line, release)
            else:
                reason, remedy = "no ocid", "give the process its OCID"
                yield Rejection(file, line, "ocid", reason, remedy, clean_text(release.get("id")))


def _of_record(record: Object) -> list[Object]:
    """Return what stands for a record: its compiled release, else its releases, else the latest of each version."""
    if isinstance(record.get("compiledRelease"), dict):
        return [record["compiledRelease"]]  # type: ignore[list-item]  # seen to be an object
    releases = record.get("releases")
    if isinstance(releases, list):
        # A release can be given by its address only, which nothing here follows.
        full = [release for release in releases if isinstance(release, dict) and "ocid" in release]
        if full:
            return list(full)
    if isinstance(record.get("versionedRelease"), dict):
        latest = _latest(record["versionedRelease"], 0)
        return [latest] if isinstance(latest, dict) else []
    return []


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
