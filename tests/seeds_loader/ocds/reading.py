"""A file of OCDS read by one process, as the loader's batches read it."""

from collections.abc import Iterator
from pathlib import Path

import orjson

from civicgraph.graph.records.types import Rejection
from civicgraph.seeds_loader.ocds.by_ocid import PutBy, aside, in_line, overview
from civicgraph.seeds_loader.ocds.processes import Record, records_of
from civicgraph.seeds_loader.ocds.releases import Found, Stream


def processes(path: Path) -> Iterator[list[Found] | Rejection]:
    """Yield the releases of each process together, and a rejection for what holds none."""
    stream = Stream(path)
    with aside() as others:
        repeated = overview(path.name, stream).repeated
        for line in stream.lines():
            for found in in_line(path.name, line, repeated):
                if isinstance(found, PutBy):
                    others.add([found])
                else:
                    yield found if isinstance(found, Rejection) else [found]
        for group in others.groups():
            yield [Found(one.ocid, one.line, orjson.loads(one.release)) for one in group]


def read_ocds(path: Path) -> Iterator[Record]:
    """Yield each process of a file, each of its awards after it, and what could not be used."""
    for found in processes(path):
        if isinstance(found, Rejection):
            yield found
        else:
            yield from records_of(path.name, found)
