"""Contracts and processes that several sources have: a record a source, and of each property the value that counts.

What one source has is written as it stands. Where several have it, each source's statements are kept on a `cg:Record`
of its own in `cg:records`, numbered by `precedence`; the rules in `ontology/rules_of_records/` then leave the contract
or process in `cg:established` with the value of the first record that has one.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from pyoxigraph import RdfFormat, Store

from civicgraph.graph.engine.embedded import EmbeddedEngine
from civicgraph.graph.engine.interface import rows
from civicgraph.graph.records.iris import BASE, short_hash
from civicgraph.graph.records.rows import precedence
from civicgraph.graph.snapshot.source_files import SourceFiles
from civicgraph.ontology.read import PREFIXES, rules
from civicgraph.ontology.terms import CG

_ESTABLISHED: Final = f" <{CG.established}> .\n".encode()
_SOURCE: Final = f"<{PREFIXES['prov']}wasDerivedFrom> <".encode()
_TYPE: Final = f"<{PREFIXES['rdf']}type> ".encode()
_GUARD: Final = re.compile(rf'<{re.escape(CG.guard)}> "([^"]*)"'.encode())
_PUBLISHED: Final = re.compile(rf'<{re.escape(CG.publicationDate)}> "([^"]*)"'.encode())
_AWARDED: Final = re.compile(rf'<{re.escape(CG.stage)}> "(?:award|contract)"'.encode())
_BEGINNINGS: Final = (f"<{BASE}contract/".encode(), f"<{BASE}process/".encode())


def settle(store: Store, sources: Sequence[SourceFiles], canonical: Mapping[str, str]) -> None:
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
        records: dict[bytes, dict[bytes, list[bytes]]] = defaultdict(dict)
        for source in sources:
            for subject, statements in _statements(source, shared, canonical).items():
                for named in [one for one in statements if one.startswith(_SOURCE)][:1]:
                    records[subject][named.removeprefix(_SOURCE)[:-1]] = statements
        lines = (_lines(subject, of_one) for subject, of_one in records.items() if len(of_one) > 1)
        store.bulk_load(b"".join(lines), RdfFormat.N_QUADS)
    for rule in rules("rules_of_records"):
        store.update(rule.sparql)


def _statements(source: SourceFiles, shared: set[bytes], canonical: Mapping[str, str]) -> dict[bytes, list[bytes]]:
    """Return what a source says of contracts and processes that others have, too: lines without subject and graph."""
    found: dict[bytes, list[bytes]] = defaultdict(list)
    for chunk in source.decided(canonical):
        for line in chunk.splitlines(keepends=True):
            if line.startswith(_BEGINNINGS) and line.endswith(_ESTABLISHED):
                subject, _, rest = line.partition(b" ")
                if subject in shared:
                    found[subject].append(rest.removesuffix(_ESTABLISHED))
    return found


def _lines(subject: bytes, records: Mapping[bytes, Sequence[bytes]]) -> bytes:
    """Return the N-Quads of the records of one contract or process, which are given by source."""
    lines: list[bytes] = []
    last_first = sorted(records, reverse=True)
    for number, source in enumerate(sorted(last_first, key=lambda one: _order(records[one])), start=1):
        node = f"<{BASE}record/{short_hash(source.decode(), subject.decode())}> ".encode()
        said = [one for one in records[source] if not one.startswith((_TYPE, _SOURCE))]
        said += [
            _TYPE + f"<{CG.Record}>".encode(),
            f"<{CG.recordOf}> ".encode() + subject,
            f"<{CG.inSource}> <".encode() + source + b">",
            f'<{CG.precedence}> "{number}"^^<{PREFIXES["xsd"]}integer>'.encode(),
        ]
        lines += [node + one + f" <{CG.records}> .\n".encode() for one in said]
    return b"".join(lines)


def _order(statements: Sequence[bytes]) -> tuple[bool, int, bool]:
    text = b"\n".join(statements)
    guard, published = _GUARD.search(text), _PUBLISHED.search(text)
    told = (b"" if found is None else found[1] for found in (guard, published))
    # A process is often dated by its tender notice in what tells of its award, too.
    return *precedence(*(one.decode() for one in told)), _AWARDED.search(text) is None
