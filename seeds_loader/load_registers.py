"""Loading registers: public bodies, the procurement vocabulary and who owns whom, into drafts."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from civicgraph.graph.identity.mentions import Rank, SourceMention
from civicgraph.graph.identity.names import provisional_key
from civicgraph.graph.records.contract_quads import code_lines, ownership_lines
from civicgraph.graph.records.register_types import Area, Authority
from civicgraph.graph.records.statements import statements, thing
from civicgraph.graph.records.types import Rejection
from civicgraph.seeds_loader.load import Read, Reading, load_files, source_key, source_of
from civicgraph.seeds_loader.parties import Parties
from civicgraph.seeds_loader.registers.authorities import read_authorities
from civicgraph.seeds_loader.registers.bodies import columns_of_companies, find, read_companies, read_organisations
from civicgraph.seeds_loader.registers.cpv import read_cpv
from civicgraph.seeds_loader.registers.ownership import read_ownership
from civicgraph.seeds_loader.registers.rows import kind_of
from civicgraph.seeds_loader.report import LoadReport
from civicgraph.seeds_loader.tables.table import read_table

_T = TypeVar("_T")


def _read_register(
    reading: Reading, kind: str, read_all: Callable[[Path], Iterable[Authority | Area | Rejection]]
) -> Read:
    source = source_of(reading, "Register")
    report = LoadReport()
    mentions: list[SourceMention] = []
    for record in read_all(reading.path):
        if isinstance(record, Rejection):
            report.take(record)
        elif isinstance(record, Area):
            reading.draft.write_quads(statements("Area", thing(record.key), record))
            codes = (record.gss,) if record.gss else ()
            mentions.append(SourceMention(record.key, record.name, Rank.REGISTER, codes, "Place"))
        else:
            key = provisional_key(record.name, (record.identifier,))
            successors = [provisional_key("", (identifier,)) for identifier in record.successors]
            reading.draft.write_quads(statements("Authority", thing(key), record, successors=successors))
            identifiers = (record.identifier, *record.other_identifiers)
            mentions.append(SourceMention(key, record.name, Rank.REGISTER, identifiers, record.cls))
            aliases = (SourceMention(key, one, Rank.REGISTER, cls=record.cls, is_alias=True) for one in record.aliases)
            mentions.extend(aliases)
    reading.draft.write_mentions(mentions)
    register, tables = find(reading.path, kind_of(kind))
    report.read = sum(1 for file in (register, *(table for table, _ in tables)) for _ in read_table(file).rows())
    return Read(source, kind, report)


def _sound(records: Iterable[_T | Rejection], report: LoadReport) -> Iterator[_T]:
    """Yield the records that can be used; all of them are counted."""
    for record in records:
        report.read += 1
        if isinstance(record, Rejection):
            report.reject(record)
        else:
            yield record


def _read_organisations(reading: Reading) -> Read:
    columns = columns_of_companies(reading.path)
    if columns is None:
        return _read_register(reading, "organisations", read_organisations)
    source = source_of(reading, "List of companies")
    report, parties = LoadReport(), Parties()
    for company in _sound(read_companies(reading.path, columns), report):
        parties.update(company)
    reading.draft.write_mentions(parties.mentions())
    return Read(source, "organisations", report)


def _read_cpv(reading: Reading) -> Read:
    source = source_of(reading, "Procurement vocabulary")
    report = LoadReport()
    for code in _sound(read_cpv(reading.path), report):
        reading.draft.write_quads(code_lines(code))
    return Read(source, "cpv", report)


def _read_ownership(reading: Reading) -> Read:
    source = source_of(reading, "Ownership file")
    report, parties = LoadReport(), Parties()
    for record in _sound(read_ownership(reading.path), report):
        keys = parties.key(record.owner), parties.key(record.owned)
        reading.draft.write_quads(ownership_lines(record, *keys, source_key(source)))
    reading.draft.write_mentions(parties.mentions())
    return Read(source, "ownership", report)


load_authorities: Final = partial(load_files, partial(_read_register, kind="authorities", read_all=read_authorities))
"""Load registers of local authorities."""

load_organisations: Final = partial(load_files, _read_organisations)
"""Load registers of government organisations, and lists of companies with their numbers."""

load_cpv: Final = partial(load_files, _read_cpv)
"""Load the Common Procurement Vocabulary."""

load_ownership: Final = partial(load_files, _read_ownership)
"""Load files of ownership."""
