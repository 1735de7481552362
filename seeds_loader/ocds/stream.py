"""A file of OCDS, plain or compressed, as a stream of lines that each hold JSON, whatever form it has on disk.

JSON lines are read where they are. A JSON document (a package, an array, one release, over many lines) is parsed as a
stream and its releases are written, one a line, to a temporary file; the line number is then the place in the
document. A line or release over `MAX_LINE` bytes is handed on as None: no notice is that long.
"""

import gzip
import io
import json
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final, NamedTuple

import ijson  # type: ignore[import-untyped] # it has no types
import orjson

from civicgraph.graph.records.types import Published
from civicgraph.seeds_loader.faults import SourceFileError
from civicgraph.seeds_loader.ocds.fields import day
from civicgraph.seeds_loader.ocds.json_text import TWICE, marks_release, members, parse
from civicgraph.seeds_loader.text import clean_text

MAX_LINE: Final = 10_000_000
"""Bytes of one line, or of one release of a document."""

_MAX_MEMBER: Final = 64_000_000
_MAX_OPEN: Final = 2_000
_IN_MEMORY: Final = 32_000_000
_CHUNK: Final = 1 << 16
_BLOCK: Final = 1 << 20
_GZIP: Final = b"\x1f\x8b"
_BOM: Final = b"\xef\xbb\xbf"
_FORMS: Final = "name a file of OCDS: a package, an array of releases, or JSON lines, plain or as .gz"
_MEMBERS: Final = {"releases": "releases.item", "records": "records.item"}
_NOT_OCDS: Final = "JSON, but neither releases nor records of OCDS"
_MAX_MENDED: Final = 100_000_000
"""Bytes of a document that is not sound JSON and is read as a whole."""


_STATED: Final = {
    "license": "licence",
    "publisher.name": "publisher",
    "publisher.uri": "publisher_address",
    "uri": "address",
    "publishedDate": "issued",
}
"""What a package says of itself, by its key, and what it is called here."""


class Line(NamedTuple):
    """A line of a file, numbered from 1; `raw` is None where it is longer than `MAX_LINE`.

    `mended` is what had to be put right to read the document that it was made from.
    """

    number: int
    raw: bytes | None
    mended: tuple[str, ...] = ()


class Stream:
    """The lines of a file, as often as wanted.

    Parameters
    ----------
    path
        The file.
    spool
        What a document was made into, if it is one.
    mended
        What had to be put right to read the document.
    """

    def __init__(self, path: Path, spool: IO[bytes] | None = None, mended: tuple[str, ...] = ()) -> None:
        self._path = path
        self._spool = spool
        self._mended = mended

    def lines(self) -> Iterator[Line]:
        """Yield the lines that are not blank.

        Raises
        ------
        SourceFileError
            The file cannot be read to its end.
        """
        with self._opened() as stream:
            for line in _lines(stream):
                yield line._replace(mended=self._mended) if line.number == 1 else line

    def blocks(self) -> Iterator[bytes]:
        """Yield the file as it stands, about a megabyte at a time, lines whole unless one is longer than `MAX_LINE`.

        Raises
        ------
        SourceFileError
            The file cannot be read to its end.
        """
        with self._opened() as stream:
            while block := stream.read(_BLOCK):
                yield block + stream.readline(MAX_LINE)

    @contextmanager
    def _opened(self) -> Iterator[IO[bytes]]:
        if self._spool is None:
            with _open(self._path) as stream:
                yield stream
        else:
            self._spool.seek(0)
            yield self._spool


@contextmanager
def open_stream(path: Path) -> Iterator[Stream]:
    """Open a file of OCDS, whatever its form.

    Raises
    ------
    SourceFileError
        It cannot be read, is empty, or is not a JSON.
    """
    if _is_lines(path):
        yield Stream(path)
        return
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as spool:
        yield Stream(path, spool, _spool_document(path, spool))


def published(path: Path) -> Published:
    """Return what the first package of a file says of itself before its releases: licence, publisher, address, day.

    Raises
    ------
    SourceFileError
        The file cannot be read.
    """
    found: dict[str, str] = {}
    with _open(path) as stream:
        start = io.BytesIO(stream.read(_BLOCK).removeprefix(_BOM))
    try:
        for prefix, event, value in ijson.parse(start, multiple_values=True):
            if event == "string" and prefix in _STATED:
                found[_STATED[prefix]] = clean_text(value)
            elif event == "map_key" and (value in _MEMBERS or marks_release(value)):
                break
    except (ijson.JSONError, UnicodeDecodeError):
        # What is not sound before the first release is not what a package says of itself.
        return Published()
    issued = day(found.pop("issued", None))
    return Published(**found, issued=issued)


@contextmanager
def _open(path: Path) -> Iterator[IO[bytes]]:
    try:
        with path.open("rb") as file:
            packed = file.read(2) == _GZIP
            file.seek(0)
            if not packed:
                yield file
                return
            with gzip.GzipFile(fileobj=file) as unpacked, io.BufferedReader(unpacked, _CHUNK * 4) as stream:
                yield stream
    except EOFError as error:
        raise SourceFileError(path.name, None, "the gzip file is cut short", "fetch it again") from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise SourceFileError(path.name, None, f"no sound gzip file: {error}", "fetch it again") from error
    except OSError as error:
        raise SourceFileError(path.name, None, error.strerror or str(error), _FORMS) from error


def _lines(stream: IO[bytes]) -> Iterator[Line]:
    number = 0
    while raw := stream.readline(MAX_LINE + 1):
        number += 1
        if number == 1 and raw.startswith(_BOM):
            raw = raw[len(_BOM) :]
        if len(raw) > MAX_LINE:
            while raw and not raw.endswith(b"\n"):
                raw = stream.readline(MAX_LINE)
            yield Line(number, None)
        elif not raw.isspace() and raw:
            yield Line(number, raw)


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


class _Metered:
    """A stream that stops when one member of a document grows past all reason, in bytes or in depth."""

    def __init__(self, name: str, stream: IO[bytes]) -> None:
        self._name = name
        self._stream = stream
        self._first = True
        self.member()

    def member(self) -> None:
        """Note that a member of the document was complete."""
        self._bytes = self._open = 0

    def read(self, size: int = _CHUNK) -> bytes:
        """Return the next bytes."""
        chunk = self._stream.read(size)
        # The parser first reads nothing, to see whether bytes come.
        if self._first and chunk:
            chunk, self._first = chunk.removeprefix(_BOM), False
        self._bytes += len(chunk)
        self._open += chunk.count(b"[") + chunk.count(b"{") - chunk.count(b"]") - chunk.count(b"}")
        if self._bytes > _MAX_MEMBER:
            reason = f"a value of over {_MAX_MEMBER // 10**6} MB that is not a list of releases"
            raise SourceFileError(self._name, None, reason, _FORMS)
        if self._open > _MAX_OPEN:
            raise SourceFileError(self._name, None, "nested too deeply", "no OCDS is: fetch it again")
        return chunk


class _Once(dict[str, object]):
    """An object of a document that notes in itself a key that it was given twice; members are built ahead of use."""

    def __setitem__(self, key: str, value: object) -> None:
        if key in self and self[key] != value:
            dict.__setitem__(self, TWICE, key)
        dict.__setitem__(self, key, value)


def _spool_document(path: Path, spool: IO[bytes]) -> tuple[str, ...]:
    """Write the members of a document to a file, one a line; return what had to be put right."""
    try:
        prefix = _prefix(path)
        with _open(path) as stream:
            metered = _Metered(path.name, stream)
            for member in ijson.items(metered, prefix, map_type=_Once, multiple_values=True, buf_size=_CHUNK):
                spool.write(_dumped(member) + b"\n")
                metered.member()
    except (ijson.JSONError, UnicodeDecodeError, ValueError) as error:
        if isinstance(error, SourceFileError):
            raise
        spool.seek(0)
        spool.truncate()
        return _spool_mended(path, spool, " ".join(str(error).split())[:200])
    return ()


def _spool_mended(path: Path, spool: IO[bytes], fault: str) -> tuple[str, ...]:
    """Write the members of a document that is not sound JSON, read as a whole and put right."""
    with _open(path) as stream:
        raw = stream.read(_MAX_MENDED + 1)
    try:
        parsed = parse(raw) if len(raw) <= _MAX_MENDED else None
    except (json.JSONDecodeError, RecursionError):
        parsed = None
    if parsed is None:
        raise SourceFileError(path.name, None, f"not sound JSON: {fault}", "fetch it again")
    found = list(members(parsed.value))
    if not any(isinstance(member, dict) and any(map(marks_release, member)) for member in found):
        raise SourceFileError(path.name, None, _NOT_OCDS, _FORMS)
    spool.writelines(_dumped(member) + b"\n" for member in found)
    return parsed.mended


def _prefix(path: Path) -> str:
    """Return where in the document its releases are, from the first key that tells."""
    with _open(path) as stream:
        for prefix, event, value in ijson.parse(_Metered(path.name, stream), buf_size=_CHUNK):
            if event == "map_key" and value in _MEMBERS:
                return f"{prefix}.{_MEMBERS[value]}" if prefix else _MEMBERS[value]
            if event == "map_key" and marks_release(value):
                return str(prefix)
    raise SourceFileError(path.name, None, _NOT_OCDS, _FORMS)


def _dumped(member: object) -> bytes:
    try:
        # Fractions come as decimals and stay what they are, as text.
        return orjson.dumps(member, default=_as_text, option=orjson.OPT_PASSTHROUGH_SUBCLASS)
    except (orjson.JSONEncodeError, RecursionError):
        # What cannot be written again (too deep, too large a number) is not a record; the reader says so of this line.
        return b"{"


def _as_text(value: Any) -> object:  # noqa: ANN401 - what orjson calls it with
    return dict(value) if isinstance(value, dict) else str(value)
