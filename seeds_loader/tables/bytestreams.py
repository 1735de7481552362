"""A file's bytes as lines of text: surveyed to the end first, so that no row of a torn file is ever handed on."""

import codecs
import re
from collections import Counter
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Final

from civicgraph.seeds_loader.faults import SourceFileError

MAX_LINE: Final = 1_000_000
"""Bytes of one line: no record that people keep in a table is longer."""

MAX_RATIO: Final = 200
"""How many bytes one compressed byte may stand for, once a file is past `FREE_BYTES`; tables stay below 60."""

FREE_BYTES: Final = 64_000_000

_CHUNK: Final = 1 << 20
_WORKBOOKS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_PAGES: Final = (b"<!doctype", b"<html", b"<head", b"<table", b"<body", b"<meta", b"<style")
_NOT_TABLES: Final = {
    b"%PDF": "a PDF document",
    b"{\\rtf": "a rich text document",
    b"\x1f\x8b": "packed by gzip",
    b"\x42\x5a\x68": "packed by bzip2",
    b"\xfd7zXZ": "packed by xz",
    b"\x28\xb5\x2f\xfd": "packed by zstd",
}
_CONTROLS: Final = bytes({*range(0x20)} - set(b"\0\t\n\v\f\r\x1a\x1b"))
_UTF16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# A byte-order mark, and the same after it was read as cp1252 or Mac Roman and written again as UTF-8.
_MARKS: Final = re.compile(b"(?:%s)*" % b"|".join((codecs.BOM_UTF8, "\xef\xbb\xbf".encode(), "\xd4\xaa\xf8".encode())))
_ASCII: Final = bytes(range(0x80))
_UTF8: Final = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_LIKELY: Final = frozenset("\u2018\u2019\u201c\u201d\u2013\u2014\u2026\u2022£€™®©°½¼¾\xa0éèüöäáóíñçôêâà")
CP1252_FALLBACK: Final = "civicgraph-cp1252"
"""What decodes each byte that is not UTF-8 as cp1252, by the name to give as `errors`."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What a file turned out to be.

    `form` is "text", "workbook", "page" (of the web) or "records" (of JSON); `marks` counts the bytes of a byte-order
    mark, mangled or not; `complete` says that the last line has an end; `nul` that there are NULs in the text; `lines`
    counts the ends of lines.
    """

    path: Path
    form: str
    encoding: str = "utf-8"
    errors: str = "strict"
    marks: int = 0
    complete: bool = True
    nul: bool = False
    lines: int | None = None


def _one_cp1252_byte(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.start + 1].decode("cp1252", "replace"), error.start + 1


codecs.register_error(CP1252_FALLBACK, _one_cp1252_byte)


def survey(path: Path) -> Survey:
    """Read a file to its end and say how it is to be read, in constant memory.

    The encoding is what the bytes are, whatever a publisher declares: UTF-16 by its mark; Mac Roman, where few are
    UTF-8 and it gives likelier characters than cp1252; else UTF-8, of which stray bytes, or all, stand for cp1252.

    Raises
    ------
    SourceFileError
        The file cannot be opened, is empty or no table, or has a line that is longer than any record.
    """
    name = path.name
    try:
        if path.is_dir():
            raise SourceFileError(name, None, "a folder", "name the files in it")
        with path.open("rb") as stream:
            start = stream.read(512)
            if start.startswith(_WORKBOOKS):
                return Survey(path, "workbook")
            if _shown(start).startswith(_PAGES):
                return Survey(path, "page")
            if path.suffix.lower() == ".json" and _shown(start).startswith((b"{", b"[")):
                return Survey(path, "records")
            stream.seek(0)
            return _survey_text(path, stream)
    except OSError as error:
        raise SourceFileError(name, None, error.strerror or str(error), "name a readable file") from error


def _survey_text(path: Path, stream: BufferedReader) -> Survey:
    name = path.name
    last = chunk = stream.read(_CHUNK)
    _refuse(name, chunk)
    wide = chunk.startswith(_UTF16)
    mark = None if wide else _MARKS.match(chunk)
    high: Counter[int] = Counter()
    nuls = total = lines = utf8 = feeds = 0
    while chunk:
        if len(chunk) >= _CHUNK and b"\n" not in chunk and b"\r" not in chunk:
            reason = f"a line of more than {MAX_LINE // 10**6} MB"
            raise SourceFileError(name, lines + 1, reason, "put each record on a line of its own")
        if chunk.endswith(b"\r"):
            # One end of a line is not to be taken for two.
            chunk += stream.read(1)
        total += len(chunk)
        nuls += chunk.count(b"\0")
        feeds += (found := chunk.count(b"\n"))
        lines += found + chunk.count(b"\r") - chunk.count(b"\r\n")
        if not wide and not chunk.isascii():
            high.update(chunk.translate(None, _ASCII))
            utf8 += sum(map(len, _UTF8.findall(chunk)))
        last, chunk = chunk, stream.read(_CHUNK)
    if not wide and nuls > total // 4:
        raise SourceFileError(name, None, "binary data or UTF-16 without its mark", "save it as CSV in UTF-8")
    encoding, errors = "utf-8", CP1252_FALLBACK
    if wide:
        encoding, errors = "utf-16", "strict"
    elif utf8 * 2 < high.total() and _is_mac(high, of_lines=bool(lines and not feeds)):
        encoding, errors = "mac-roman", "replace"
    complete = last.rstrip(b"\0").endswith((b"\n", b"\r"))
    marks = 0 if mark is None else mark.end()
    return Survey(path, "text", encoding, errors, marks, complete, bool(nuls) and not wide, lines)


def _is_mac(high: Counter[int], *, of_lines: bool) -> bool:
    """Return whether bytes are likelier in Mac Roman than in cp1252; where both are, lines that end as there tell."""

    def likely(encoding: str) -> int:
        decoded = ((bytes((byte,)).decode(encoding, "replace"), count) for byte, count in high.items())
        return sum(count for character, count in decoded if character in _LIKELY)

    return likely("mac-roman") + of_lines > likely("cp1252")


def _refuse(name: str, start: bytes) -> None:
    if not start.strip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"):
        raise SourceFileError(name, None, "empty", "name a table with a header and rows")
    for magic, what in _NOT_TABLES.items():
        if start.startswith(magic):
            remedy = "unpack it and load what is in it" if what.startswith("packed") else "save it as .csv or .xlsx"
            raise SourceFileError(name, None, what, remedy)
    if not start.startswith(_UTF16) and len(start) - len(start.translate(None, _CONTROLS)) > len(start) // 50:
        raise SourceFileError(name, None, "binary data", "save it as CSV in UTF-8")
    if _shown(start[:512]).startswith(b"<?xml"):
        reason = "XML, not a table"
        raise SourceFileError(name, None, reason, "open it in a spreadsheet and save it as .xlsx, if it is one")


def _shown(start: bytes) -> bytes:
    return start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
