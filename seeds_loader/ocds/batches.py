"""A file of OCDS in batches, and what a draft takes of each: text, names and counts. All cores work at them.

A process with one release, as nearly all have, is read as its line is. To know which have more, the file is read twice:
the first time only for its OCIDs, of which 64 bits each are kept (8 MB for a million), so a torn file is told before
anything is loaded. Releases of the other processes are put by in a temporary database, and follow at the end in the
order of their first release.

What a batch comes to depends on nothing but its lines, and batches are taken in their order, so that a source is the
same however many processes read it.
"""

import re
import sqlite3
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from hashlib import blake2b
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Final, TypeVar

import numpy as np
import orjson

from civicgraph.graph.records.contract_quads import contract_lines, life_lines, process_lines
from civicgraph.graph.records.rows import contract_row
from civicgraph.graph.records.types import ProcessRecord, Rejection
from civicgraph.ontology.terms import CG
from civicgraph.seeds_loader.faults import SourceFileError
from civicgraph.seeds_loader.guards.guard import guard_contract
from civicgraph.seeds_loader.ocds.fields import identifier
from civicgraph.seeds_loader.ocds.processes import Record, records_of
from civicgraph.seeds_loader.ocds.releases import Found, Line, open_lines, releases_in
from civicgraph.seeds_loader.parallel import cores, parallel_map
from civicgraph.seeds_loader.parties import Parties
from civicgraph.seeds_loader.report import LoadReport

_T = TypeVar("_T")
_BATCH_LINES: Final = 500
_BATCH_BYTES: Final = 2_000_000
_ALONE: Final = 16_000_000
"""Bytes of a file that are read before other processes would have begun."""

_MOST: Final = 8
"""Processes: more would wait for the one that takes what they made."""

_OCID: Final = re.compile(rb'"ocid"\s*:\s*("[^"\\]*(?:\\.[^"\\]*)*")')
_KEY: Final = b'"ocid"'
_LINK: Final = re.compile(rb'\s*\[?\s*"https?://')
"""The beginning of a line that has links where releases should be."""

_GROUPED: Final = """
    SELECT ocid, min(line), release
    FROM put_by JOIN (SELECT ocid, min(rowid) AS first FROM put_by GROUP BY ocid) USING (ocid)
    GROUP BY first, ocid, release
    ORDER BY first, min(put_by.rowid)
"""

PutBy = tuple[str, int, bytes]
"""A release of a process that has, or might have, others: its OCID, its line, and itself as JSON."""

Batch = Sequence[Line] | Sequence[Sequence[PutBy]]
"""Lines, or the releases of each of several processes."""


@dataclass(slots=True)
class Drafted:
    """What a batch comes to.

    `quads` and `rows` are whole lines; `roles` the key and class of each buyer and supplier that is tied to another;
    `report` counts records, and has not the `faults` yet; `aside` holds releases that are to be read with others of
    their process; `last_line` is the last one read.
    """

    quads: bytes = b""
    rows: bytes = b""
    parties: Parties = field(default_factory=Parties)
    roles: dict[tuple[str, str], None] = field(default_factory=dict)
    report: LoadReport = field(default_factory=LoadReport)
    faults: list[Rejection] = field(default_factory=list)
    latest: date | None = None
    aside: list[PutBy] = field(default_factory=list)
    last_line: int = 0


@dataclass(frozen=True, slots=True)
class Drafting:
    """Makes of a batch what a draft takes of it.

    Parameters
    ----------
    file
        The name of the file.
    source
        The key of the source.
    repeated
        Digests of the OCIDs that come more than once, or might.
    """

    file: str
    source: str
    repeated: frozenset[int]

    def __call__(self, batch: Batch) -> Drafted:
        """Return what a batch comes to."""
        aside: list[PutBy] = []
        drafted = draft_records(self._records(batch, aside), self.source)
        drafted.aside = aside
        drafted.last_line = max((one.number for one in batch if isinstance(one, Line)), default=0)
        return drafted

    def _records(self, batch: Batch, aside: list[PutBy]) -> Iterator[Record]:
        for found in self.processes(batch, aside):
            if isinstance(found, Rejection):
                yield found
            else:
                yield from records_of(self.file, found)

    def processes(self, batch: Batch, aside: list[PutBy]) -> Iterator[Sequence[Found] | Rejection]:
        """Yield the releases of each process, and a rejection for what holds none; `aside` gets what is put by."""
        for one in batch:
            if not isinstance(one, Line):
                yield [Found(ocid, line, orjson.loads(release)) for ocid, line, release in one]
                continue
            for found in releases_in(self.file, one):
                if isinstance(found, Rejection):
                    yield found
                elif self.repeated and _digest(found.ocid) in self.repeated:
                    aside.append((found.ocid, found.line, orjson.dumps(found.release)))
                else:
                    yield (found,)


def draft_records(records: Iterable[Record], source: str, told: set[tuple[str, str]] | None = None) -> Drafted:
    """Return what records come to; `told` as in `contract_lines`."""
    drafted, report = Drafted(), LoadReport()
    quads, rows = list[str](), list[str]()
    told = set() if told is None else told
    for record in records:
        report.read += not isinstance(record, Rejection) or not record.partial
        if isinstance(record, Rejection):
            drafted.faults.append(record)
            continue
        buyers = [drafted.parties.key(party) for party in record.buyers]
        if isinstance(record, ProcessRecord):
            quads.extend(process_lines(record, buyers, source))
            drafted.latest = later(drafted.latest, record.published)
            continue
        contract = guard_contract(record)
        suppliers = [drafted.parties.key(party) for party in contract.suppliers]
        quads.extend(contract_lines(contract, buyers, suppliers, source, told))
        if contract.life is not None:
            quads.extend(life_lines(contract, drafted.parties.key))
        rows.append(contract_row(contract, buyers, suppliers))
        drafted.latest = later(drafted.latest, contract.awarded)
        if contract.value is not None and contract.currency == "GBP":
            report.add_pounds({contract.guard or "loaded": contract.value})
        if contract.guard is not None:
            report.guarded[contract.guard] += 1
            continue
        for keys, cls in ((buyers, CG.Buyer), (suppliers, CG.Supplier)):
            drafted.roles.update(dict.fromkeys((key, cls) for key in keys))
    drafted.quads, drafted.rows, drafted.report = "".join(quads).encode(), "".join(rows).encode(), report
    return drafted


def draft_batches(path: Path, source: str, reached: Callable[[int, int], None]) -> Iterator[Drafted]:
    """Yield what each batch of a file comes to, the lines first, then the processes that have several releases.

    Parameters
    ----------
    path
        The file, of any form that `open_lines` takes.
    source
        The key of the source.
    reached
        Told of the lines that are read, and how many there are.

    Raises
    ------
    SourceFileError
        The file as a whole cannot be read, or nothing in it is OCDS, or a process that read it ended before its time.
    """
    lines = open_lines(path)
    repeated, last, size = overview(path.name, lines())
    drafting = Drafting(path.name, source, repeated)
    processes = min(cores(), _MOST) if size > _ALONE else 1
    # A database without a name is in a file that the system removes.
    with closing(sqlite3.connect("")) as others:
        others.execute("CREATE TABLE put_by (ocid, line, release)")
        try:
            with parallel_map(drafting, processes) as drafts:
                for drafted in drafts(_batches(lines(), lambda line: len(line.raw or b""))):
                    others.executemany("INSERT INTO put_by VALUES (?, ?, ?)", drafted.aside)
                    reached(drafted.last_line, last)
                    yield drafted
                yield from drafts(_batches(groups(others), lambda group: sum(len(one[2]) for one in group)))
        except BrokenProcessPool as error:
            reason = "a process that read it ended before its time"
            remedy = "see whether memory ran out; a script must call this under `if __name__ == '__main__':`"
            raise SourceFileError(path.name, None, reason, remedy) from error


def overview(name: str, lines: Iterable[Line]) -> tuple[frozenset[int], int, int]:
    """Return the digests of the OCIDs that come more than once, or might, how many lines there are, and their bytes.

    Raises
    ------
    SourceFileError
        The file cannot be read to its end, or nothing in it is OCDS.
    """
    seen = array("Q")
    size, linked, line = 0, False, Line(0, b"")
    for line in lines:
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
                seen.append(_digest(_text(given[1])))
            at = line.raw.find(_KEY, at + len(_KEY))
    if not seen:
        if linked:
            raise SourceFileError(
                name, None, "it has addresses and no releases", "fetch what it links to and load that"
            )
        remedy = f"name a file of OCDS releases; a table of notices loads by: civicgraph load contracts {name}"
        raise SourceFileError(name, None, "no OCDS: nothing in it has an ocid", remedy)
    digests, counts = np.unique(np.frombuffer(seen, dtype=np.uint64), return_counts=True)
    return frozenset(digests[counts > 1].tolist()), line.number, size


def groups(put_by: sqlite3.Connection) -> Iterator[Sequence[PutBy]]:
    """Yield the releases of each process that were put by, the same one once, in the order of the first of them."""
    for _, found in groupby(put_by.execute(_GROUPED), itemgetter(0)):
        yield list(found)


def later(latest: date | None, day: date | None) -> date | None:
    """Return the later of two days that may be unknown."""
    return day if latest is None or (day is not None and day > latest) else latest


def _text(given: bytes) -> str:
    try:
        return identifier(orjson.loads(given))
    except orjson.JSONDecodeError:
        return ""


def _digest(ocid: str) -> int:
    # Python's own hash of a text differs from process to process.
    return int.from_bytes(blake2b(ocid.encode(), digest_size=8).digest())


def _batches(things: Iterable[_T], size_of: Callable[[_T], int]) -> Iterator[list[_T]]:
    batch: list[_T] = []
    size = 0
    for thing in things:
        batch.append(thing)
        size += size_of(thing)
        if len(batch) >= _BATCH_LINES or size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
