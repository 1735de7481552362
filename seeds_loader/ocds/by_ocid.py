"""The releases of each contracting process, grouped by OCID, from a file of OCDS of any form.

A process with one release, as nearly all have, is handed on as its line is read. To know which have more, the file is
read twice: the first time only for its OCIDs, of which 64 bits each are kept (8 MB for a million), so a torn file is
told before anything is loaded. Releases of the other processes are put by in a temporary database, and follow
at the end in the order of their first release.
"""

import re
import sqlite3
from array import array
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from hashlib import blake2b
from itertools import groupby
from operator import itemgetter
from typing import Final, NamedTuple

import numpy as np
import orjson

from civicgraph.graph.records.types import Rejection
from civicgraph.seeds_loader.faults import SourceFileError
from civicgraph.seeds_loader.ocds.fields import identifier
from civicgraph.seeds_loader.ocds.releases import Found, Line, Stream, releases_in

_OCID: Final = re.compile(rb'"ocid"\s*:\s*"(?:([!#-\[\]-~]+)|([^"\\]*(?:\\.[^"\\]*)*))"')
"""The OCID of a release: one that is what it will be read as, as nearly all are, else as it stands."""

_KEY: Final = b'"ocid"'
_LINK: Final = re.compile(rb'\s*\[?\s*"https?://')
"""The beginning of a line that has links where releases should be."""

_GROUPED: Final = """
    SELECT ocid, min(line), release
    FROM put_by JOIN (SELECT ocid, min(rowid) AS first FROM put_by GROUP BY ocid) USING (ocid)
    GROUP BY first, ocid, release
    ORDER BY first, min(put_by.rowid)
"""


class PutBy(NamedTuple):
    """A release of a process that has, or might have, others: its OCID, its line, and itself as JSON."""

    ocid: str
    line: int
    release: bytes


class Overview(NamedTuple):
    """What the first reading of a file tells.

    `repeated` are the digests of the OCIDs that come more than once, or might; `lines` is how many lines it has, `size`
    its bytes once unpacked.
    """

    repeated: frozenset[int]
    lines: int
    size: int


def overview(name: str, stream: Stream) -> Overview:
    """Read a file for its OCIDs.

    Raises
    ------
    SourceFileError
        The file cannot be read to its end, or nothing in it is OCDS.
    """
    seen = array("Q")
    size, linked, line = 0, False, Line(0, b"")
    for line in stream.lines():
        if line.raw is None:
            # It may be of OCDS, and is rejected by itself.
            seen.append(0)
            continue
        size += len(line.raw)
        linked = linked or (not seen and _LINK.match(line.raw) is not None)
        # A pattern that starts at the key is a good deal faster than one that looks for it.
        at = line.raw.find(_KEY)
        while at >= 0:
            given = _OCID.match(line.raw, at)
            if given is not None:
                seen.append(_digest_in(given))
            at = line.raw.find(_KEY, at + len(_KEY))
    if not seen:
        if linked:
            raise SourceFileError(
                name, None, "it has addresses and no releases", "fetch what it links to and load that"
            )
        remedy = f"name a file of OCDS releases; a table of notices loads by: civicgraph load contracts {name}"
        raise SourceFileError(name, None, "no OCDS: nothing in it has an ocid", remedy)
    digests, counts = np.unique(np.frombuffer(seen, dtype=np.uint64), return_counts=True)
    return Overview(frozenset(digests[counts > 1].tolist()), line.number, size)


def in_line(file: str, line: Line, repeated: frozenset[int]) -> Iterator[Found | PutBy | Rejection]:
    """Yield the releases of a line, those as `PutBy` whose process has others."""
    for found in releases_in(file, line):
        if isinstance(found, Found) and repeated and _digest(found.ocid.encode()) in repeated:
            yield PutBy(found.ocid, found.line, orjson.dumps(found.release))
        else:
            yield found


class Aside:
    """Releases that were put by, in a temporary database of their own.

    Parameters
    ----------
    database
        An empty one to keep them in.
    """

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        database.execute("CREATE TABLE put_by (ocid, line, release)")

    def add(self, some: Iterable[PutBy]) -> None:
        """Put some by."""
        self._database.executemany("INSERT INTO put_by VALUES (?, ?, ?)", some)

    def groups(self) -> Iterator[list[PutBy]]:
        """Yield the releases of each process, the same one once, in the order of the first of them."""
        for _, found in groupby(self._database.execute(_GROUPED), itemgetter(0)):
            yield [PutBy(*one) for one in found]


@contextmanager
def aside() -> Iterator[Aside]:
    """Open a place for releases that are put by."""
    # A database without a name is in a file that the system removes.
    with closing(sqlite3.connect("")) as database:
        yield Aside(database)


def _digest_in(given: re.Match[bytes]) -> int:
    plain, other = given.groups()
    if plain is None:
        try:
            plain = identifier(orjson.loads(b'"' + other + b'"')).encode()
        except orjson.JSONDecodeError:
            plain = b""
    return _digest(plain)


def _digest(ocid: bytes) -> int:
    # Python's own hash of a text differs from process to process.
    return int.from_bytes(blake2b(ocid, digest_size=8).digest())
