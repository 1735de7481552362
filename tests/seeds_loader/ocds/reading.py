"""A file of OCDS read by one process, as the loader's batches read it."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from civicgraph.graph.records.types import Rejection
from civicgraph.seeds_loader.ocds.batches import Drafting, PutBy, groups, overview
from civicgraph.seeds_loader.ocds.processes import Record, records_of
from civicgraph.seeds_loader.ocds.releases import Found, open_lines


def processes(path: Path) -> Iterator[Sequence[Found] | Rejection]:
    """Yield the releases of each process together, and a rejection for what holds none."""
    lines = open_lines(path)
    drafting = Drafting(path.name, "source/x", overview(path.name, lines())[0])
    aside: list[PutBy] = []
    yield from drafting.processes(list(lines()), aside)
    with closing(sqlite3.connect("")) as others:
        others.execute("CREATE TABLE put_by (ocid, line, release)")
        others.executemany("INSERT INTO put_by VALUES (?, ?, ?)", aside)
        yield from drafting.processes(list(groups(others)), [])


def read_ocds(path: Path) -> Iterator[Record]:
    """Yield each process of a file, each of its awards after it, and what could not be used."""
    for found in processes(path):
        if isinstance(found, Rejection):
            yield found
        else:
            yield from records_of(path.name, found)
