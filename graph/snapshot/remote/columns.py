"""The ties of a version, kept on its server as compressed columns: who measures there fetches these, and no records.

They are literals of a graph beside the version's own, each a part of one compressed stream, and a last one that says
how many there are and what their digest is: without it, or with another, there are none. Who finds none makes the ties
through SPARQL.
"""

import base64
import hashlib
import io
import re
import shutil
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import orjson
from pyoxigraph import Literal
from typing_extensions import Buffer

from civicgraph.graph.engine.remote.probe import Asking
from civicgraph.graph.engine.remote.updates import Updates
from civicgraph.graph.snapshot.remote.catalogue import CATALOGUE

_PART: Final = 48_000
"""Bytes of one literal, before they are written as text."""
_SENT: Final = 12
_ASKED: Final = 24
_READ: Final = 1 << 20
_CONTENT: Final = f"{CATALOGUE}#columns"
_WHOLE: Final = f"{CATALOGUE}#whole"
_NAME: Final = re.compile(r"[a-z_]+(\.[a-z]+){1,2}")


def columns_graph(catalogue: str, slot: int) -> str:
    """Return the graph that keeps the columns of a slot."""
    return f"{catalogue}/slot/{slot}/columns"


def columns_triples(graph: str, version: str, folder: Path) -> Iterator[str]:
    """Yield the files of a folder as triples, lines of N-Triples of which the last says that they are whole."""
    digest, count = hashlib.sha256(), 0
    for part in _parts(_packed(folder)):
        digest.update(part)
        yield f'<{graph}/{count}> <{_CONTENT}> "{base64.b64encode(part).decode()}" .\n'
        count += 1
    yield f"<{graph}> <{_WHOLE}> {Literal(f'{version} {count} {digest.hexdigest()}')} .\n"


def send_columns(updates: Updates, graph: str, version: str, folder: Path) -> None:
    """Keep the files of a folder in a graph, in place of what is there. Raises as `Updates.insert` does."""
    updates.drop(graph)
    lines = columns_triples(graph, version, folder)
    while batch := "".join(islice(lines, _SENT)):
        updates.insert(graph, batch.encode())


def fetch_columns(asking: Asking, graph: str, version: str, folder: Path) -> bool:
    """Write the files that a graph keeps into a new folder; return whether they are there, whole, and of that version.

    Raises
    ------
    RemoteError
        The server cannot be asked.
    """
    found = asking.table(f"SELECT ?whole WHERE {{ GRAPH <{graph}> {{ <{graph}> <{_WHOLE}> ?whole }} }}")
    said = found[0][0].value.split() if len(found) == 1 and found[0][0] is not None else []
    if len(said) != 3 or said[0] != version:  # noqa: PLR2004
        return False
    digest = hashlib.sha256()

    def noted() -> Iterator[bytes]:
        for part in _asked(asking, graph, int(said[1])):
            digest.update(part)
            yield part

    with TemporaryDirectory(dir=folder.parent, prefix="columns-") as partial:
        into = Path(partial) / "whole"
        into.mkdir()
        try:
            _unpack(noted(), into)
        except (ValueError, zlib.error):
            return False  # damaged: as if there were none
        if digest.hexdigest() != said[2]:
            return False
        shutil.rmtree(folder, ignore_errors=True)
        into.rename(folder)
    return True


def _packed(folder: Path) -> Iterator[bytes]:
    """Yield a compressed stream: for each file a line with its name and length, and its bytes."""
    deflate = zlib.compressobj()
    for path in sorted(folder.iterdir()):
        yield deflate.compress(orjson.dumps([path.name, path.stat().st_size]) + b"\n")
        with path.open("rb") as file:
            while chunk := file.read(_READ):
                yield deflate.compress(chunk)
    yield deflate.flush()


def _parts(stream: Iterator[bytes]) -> Iterator[bytes]:
    waiting = bytearray()
    for chunk in stream:
        waiting += chunk
        while len(waiting) >= _PART:
            yield bytes(waiting[:_PART])
            del waiting[:_PART]
    yield bytes(waiting)


def _asked(asking: Asking, graph: str, count: int) -> Iterator[bytes]:
    for start in range(0, count, _ASKED):
        wanted = range(start, min(start + _ASKED, count))
        values = " ".join(f"<{graph}/{number}>" for number in wanted)
        triples = f"VALUES ?part {{ {values} }} ?part <{_CONTENT}> ?content"
        sparql = f"SELECT ?part ?content WHERE {{ GRAPH <{graph}> {{ {triples} }} }}"
        found = {part.value: content.value for part, content in asking.table(sparql) if part and content}
        for number in wanted:
            yield base64.b64decode(found.get(f"{graph}/{number}", ""))


class _Inflated(io.RawIOBase):
    """What a compressed stream holds, as a file."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts = parts
        self._inflate = zlib.decompressobj()
        self._ready = b""

    def readable(self) -> bool:
        return True

    def readinto(self, into: Buffer, /) -> int:
        view = memoryview(into)
        while not self._ready:
            part = next(self._parts, None)
            if part is None:
                return 0
            self._ready = self._inflate.decompress(part)
        size = min(len(view), len(self._ready))
        view[:size] = self._ready[:size]
        self._ready = self._ready[size:]
        return size


def _unpack(parts: Iterator[bytes], folder: Path) -> None:
    """Write the files of a stream. Raises ValueError or zlib.error where it is damaged."""
    stream = io.BufferedReader(_Inflated(parts), _READ)
    while line := stream.readline():
        name, size = orjson.loads(line)
        if not isinstance(name, str) or not isinstance(size, int) or _NAME.fullmatch(name) is None:
            msg = "it holds no columns"
            raise ValueError(msg)
        with (folder / name).open("wb") as file:
            while size > 0 and (chunk := stream.read(min(size, _READ))):
                size -= file.write(chunk)
        if size:
            msg = "it ends before its end"
            raise ValueError(msg)
