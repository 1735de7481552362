"""Contracts and processes that several sources have: a record a source, and of each property the value that counts.

What one source has is written as it stands. Where several have it, each source's statements are kept on a `cg:Record`
of its own in `cg:records`, numbered by `precedence`; the rules in `ontology/rules_of_records/` then leave the contract
or process in `cg:established` with the value of the first record that has one.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Final

from pyoxigraph import RdfFormat, Store

from civicgraph.graph.engine.embedded import EmbeddedEngine
from civicgraph.graph.engine.interface import rows
from civicgraph.graph.records.iris import BASE, short_hash
from civicgraph.graph.records.rows import precedence
from civicgraph.graph.snapshot.source_files import SourceParts, rewritten
from civicgraph.ontology.read import PREFIXES, rules
from civicgraph.ontology.terms import CG

_ESTABLISHED: Final = f" <{CG.established}> .\n".encode()
_SOURCE: Final = f"<{PREFIXES['prov']}wasDerivedFrom> <".encode()
_TYPE: Final = f"<{PREFIXES['rdf']}type> ".encode()
_GUARD: Final = re.compile(rf'<{re.escape(CG.guard)}> "([^"]*)"'.encode())
_PUBLISHED: Final = re.compile(rf'<{re.escape(CG.publicationDate)}> "([^"]*)"'.encode())
_AWARDED: Final = re.compile(rf'<{re.escape(CG.stage)}> "(?:award|contract)"'.encode())
_BEGINNINGS: Final = (f"<{BASE}contract/".encode(), f"<{BASE}process/".encode())


@dataclass(frozen=True, slots=True)
class _Record:
    """What one source says of one contract or process: lines without their subject and graph."""

    subject: bytes
    source: bytes
    statements: tuple[bytes, ...]


def settle(store: Store, sources: Sequence[SourceParts], canonical: Mapping[str, str]) -> None:
    """Leave one value of each property to what several sources have, and derive what records as a whole give.

    What each source says of such a contract or process is kept. The rules are `ontology/rules_of_records/`.

    Parameters
    ----------
    store
        Holds all the sources.
    sources
        The sources of records.
    canonical
        The decided key for each key that is replaced.
    """
    engine = EmbeddedEngine(store, "")
    # One source does not disagree with itself.
    found = rows(engine, "shared-records") if len(sources) > 1 else ()
    if shared := {str(row["subject"]).encode() for row in found}:
        by_subject: dict[bytes, list[_Record]] = defaultdict(list)
        for source in sources:
            for record in _records(source, shared, canonical):
                by_subject[record.subject].append(record)
        lines = b"".join(_lines(of_one) for of_one in by_subject.values() if len(of_one) > 1)
        store.bulk_load(lines, RdfFormat.N_QUADS)
    for rule in rules("rules_of_records"):
        store.update(rule.sparql)


def _records(source: SourceParts, shared: set[bytes], canonical: Mapping[str, str]) -> Iterator[_Record]:
    """Yield what a source says of contracts and processes that others have, too."""
    found: dict[bytes, list[bytes]] = defaultdict(list)
    with source.quads() as file:
        for chunk in rewritten(file, canonical):
            for line in chunk.splitlines(keepends=True):
                if line.startswith(_BEGINNINGS) and line.endswith(_ESTABLISHED):
                    subject, _, rest = line.partition(b" ")
                    if subject in shared:
                        found[subject].append(rest.removesuffix(_ESTABLISHED))
    for subject, statements in found.items():
        named = next((one.removeprefix(_SOURCE)[:-1] for one in statements if one.startswith(_SOURCE)), None)
        if named is not None:
            yield _Record(subject, named, tuple(statements))


def _lines(records: Iterable[_Record]) -> bytes:
    """Return the N-Quads of the records of one contract or process."""
    graph = f" <{CG.records}> .\n".encode()
    lines: list[bytes] = []
    last_first = sorted(records, key=attrgetter("source"), reverse=True)
    for number, record in enumerate(sorted(last_first, key=_order), start=1):
        node = f"<{BASE}record/{short_hash(record.source.decode(), record.subject.decode())}> ".encode()
        said = [one for one in record.statements if not one.startswith((_TYPE, _SOURCE))]
        said += [
            _TYPE + f"<{CG.Record}>".encode(),
            f"<{CG.recordOf}> ".encode() + record.subject,
            f"<{CG.inSource}> <".encode() + record.source + b">",
            f'<{CG.precedence}> "{number}"^^<{PREFIXES["xsd"]}integer>'.encode(),
        ]
        lines += [node + one + graph for one in said]
    return b"".join(lines)


def _order(record: _Record) -> tuple[bool, int, bool]:
    text = b"\n".join(record.statements)
    guard, published = _GUARD.search(text), _PUBLISHED.search(text)
    told = (b"" if found is None else found[1] for found in (guard, published))
    # A process is often dated by its tender notice in what tells of its award, too.
    return *precedence(*(one.decode() for one in told)), _AWARDED.search(text) is None
