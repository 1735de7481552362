"""A file of OCDS in batches, and what a draft takes of each: text, names and counts. All cores work at them.

What a batch comes to depends on nothing but its lines, and batches are taken in their order, so that a source is the
same however many processes read it.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Final, TypeVar

import orjson

from civicgraph.graph.records.contract_quads import contract_lines, life_lines, process_lines
from civicgraph.graph.records.rows import contract_row
from civicgraph.graph.records.types import ProcessRecord, Rejection
from civicgraph.ontology.terms import CG
from civicgraph.seeds_loader.faults import SourceFileError
from civicgraph.seeds_loader.guards.guard import Context, guard_contract
from civicgraph.seeds_loader.ocds.by_ocid import PutBy, aside, in_line, overview
from civicgraph.seeds_loader.ocds.processes import Record, records_of
from civicgraph.seeds_loader.ocds.releases import Found, Line, Stream
from civicgraph.seeds_loader.parallel import cores, parallel_map
from civicgraph.seeds_loader.parties import Parties

_T = TypeVar("_T")
_BATCH_LINES: Final = 500
_BATCH_BYTES: Final = 2_000_000
_ALONE: Final = 16_000_000
"""Bytes of a file that are read before other processes would have begun."""

_MOST: Final = 8
"""Processes: more would wait for the one that takes what they made."""

_NO_POUNDS: Final = Decimal(0)

Batch = Sequence[Line] | Sequence[Sequence[PutBy]]
"""Lines, or the releases of each of several processes."""


@dataclass(slots=True)
class Drafted:
    """What a batch comes to.

    `quads` and `rows` are whole lines; `roles` the key and class of each buyer and supplier that is tied to another;
    `pounds` what contracts come to, loaded or by guard; `aside` holds releases that are to be read with others of their
    process; `last_line` is the last one read.
    """

    quads: bytes = b""
    rows: bytes = b""
    parties: Parties = field(default_factory=Parties)
    roles: dict[tuple[str, str], None] = field(default_factory=dict)
    read: int = 0
    guarded: Counter[str] = field(default_factory=Counter)
    pounds: dict[str, Decimal] = field(default_factory=dict)
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
    context: Context = field(default_factory=Context, compare=False)

    def __call__(self, batch: Batch) -> Drafted:
        """Return what a batch comes to."""
        drafted = Drafted()
        records = (record for releases in self._found(batch, drafted) for record in records_of(self.file, releases))
        return draft_records(records, self.source, self.context, drafted)

    def _found(self, batch: Batch, drafted: Drafted) -> Iterator[Sequence[Found]]:
        for one in batch:
            if not isinstance(one, Line):
                yield [Found(put_by.ocid, put_by.line, orjson.loads(put_by.release)) for put_by in one]
                continue
            drafted.last_line = one.number
            for found in in_line(self.file, one, self.repeated):
                if isinstance(found, Found):
                    yield (found,)
                elif isinstance(found, PutBy):
                    drafted.aside.append(found)
                else:
                    _fault(found, drafted)


def draft_records(
    records: Iterable[Record],
    source: str,
    context: Context,
    drafted: Drafted,
    told: set[tuple[str, str]] | None = None,
) -> Drafted:
    """Return what records come to, added to what was drafted before; `told` as in `contract_lines`."""
    quads, rows = list[str](), list[str]()
    told = set() if told is None else told
    for record in records:
        _take(record, source, context, drafted, quads, rows, told)
    drafted.quads, drafted.rows = "".join(quads).encode(), "".join(rows).encode()
    return drafted


def _take(
    record: Record,
    source: str,
    context: Context,
    drafted: Drafted,
    quads: list[str],
    rows: list[str],
    told: set[tuple[str, str]],
) -> None:
    if isinstance(record, Rejection):
        _fault(record, drafted)
        return
    drafted.read += 1
    buyers = [drafted.parties.key(party) for party in record.buyers]
    if isinstance(record, ProcessRecord):
        quads.extend(process_lines(record, buyers, source))
        drafted.latest = later(drafted.latest, record.published)
        return
    contract = guard_contract(record, context)
    suppliers = [drafted.parties.key(party) for party in contract.suppliers]
    quads.extend(contract_lines(contract, buyers, suppliers, source, told))
    if contract.life is not None:
        quads.extend(life_lines(contract, drafted.parties.key))
    rows.append(contract_row(contract, buyers, suppliers))
    drafted.latest = later(drafted.latest, contract.awarded)
    if contract.value is not None and contract.currency == "GBP":
        became = contract.guard or "loaded"
        drafted.pounds[became] = drafted.pounds.get(became, _NO_POUNDS) + contract.value
    if contract.guard is not None:
        drafted.guarded[contract.guard] += 1
        return
    for keys, cls in ((buyers, CG.Buyer), (suppliers, CG.Supplier)):
        drafted.roles.update(dict.fromkeys((key, cls) for key in keys))


def draft_batches(path: Path, source: str, reached: Callable[[int, int], None]) -> Iterator[Drafted]:
    """Yield what each batch of a file comes to, the lines first, then the processes that have several releases.

    Parameters
    ----------
    path
        The file, of any form that `read_ocds` takes.
    source
        The key of the source.
    reached
        Told of the lines that are read, and how many there are.

    Raises
    ------
    SourceFileError
        The file as a whole cannot be read, or nothing in it is OCDS, or a process that read it ended before its time.
    """
    stream = Stream(path)
    first = overview(path.name, stream)
    with aside() as others:
        drafting = Drafting(path.name, source, first.repeated)
        processes = min(cores(), _MOST) if first.size > _ALONE else 1
        try:
            with parallel_map(drafting, processes) as drafts:
                for drafted in drafts(_batches(stream.lines(), lambda line: len(line.raw or b""))):
                    others.add(drafted.aside)
                    reached(drafted.last_line, first.lines)
                    yield drafted
                yield from drafts(_batches(others.groups(), lambda group: sum(len(one.release) for one in group)))
        except BrokenProcessPool as error:
            raise SourceFileError.of_ended_process(path.name) from error


def later(latest: date | None, day: date | None) -> date | None:
    """Return the later of two days that may be unknown."""
    return day if latest is None or (day is not None and day > latest) else latest


def _fault(fault: Rejection, drafted: Drafted) -> None:
    drafted.read += not fault.partial
    drafted.faults.append(fault)


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
