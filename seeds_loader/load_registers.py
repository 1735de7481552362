"""Loading registers: public bodies, the procurement vocabulary and who owns whom, into drafts."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final, TypeVar

from civicgraph.graph.identity.mentions import Rank, SourceMention
from civicgraph.graph.identity.names import provisional_key
from civicgraph.graph.records.contract_quads import code_lines, ownership_lines, sector_lines
from civicgraph.graph.records.register_types import Area, Authority
from civicgraph.graph.records.statements import statements, thing
from civicgraph.graph.records.types import Party, Rejection
from civicgraph.seeds_loader.duplicates import Content
from civicgraph.seeds_loader.load import Read, Reader, Reading, loader, source_key, source_of
from civicgraph.seeds_loader.parties import Parties
from civicgraph.seeds_loader.registers.authorities import read_authorities
from civicgraph.seeds_loader.registers.bodies import find, kind_of
from civicgraph.seeds_loader.registers.buyers import is_list, read_buyers
from civicgraph.seeds_loader.registers.cpv import read_cpv
from civicgraph.seeds_loader.registers.organisations import read_organisations
from civicgraph.seeds_loader.registers.ownership import read_ownership
from civicgraph.seeds_loader.report import LoadReport

_T = TypeVar("_T")


def _register_reader(
    kind: str,
    read_all: Callable[[Path], Iterable[Authority | Area | Rejection]],
) -> Reader:
    def read(reading: Reading) -> Read:
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
                mentions += _of_register(record, key)
        reading.draft.write_mentions(mentions)
        report.read = find(reading.path, kind_of(kind)).count()
        return Read(source.id, kind, source.label, report, content=Content(source.sha256))

    return read


def _of_register(authority: Authority, key: str) -> Iterable[SourceMention]:
    identifiers = (authority.identifier, *authority.other_identifiers)
    yield SourceMention(key, authority.name, Rank.REGISTER, identifiers, authority.cls)
    for alias in authority.aliases:
        yield SourceMention(key, alias, Rank.REGISTER, cls=authority.cls, is_alias=True)


def _sound(records: Iterable[_T | Rejection], report: LoadReport) -> Iterator[_T]:
    """Yield the records that can be used; all of them are counted."""
    for record in records:
        report.read += 1
        if isinstance(record, Rejection):
            report.reject(record)
        else:
            yield record


def _read_buyers(reading: Reading) -> Read:
    source = source_of(reading, "List of buyers")
    report, named = LoadReport(), Parties()
    coded: list[SourceMention] = []
    for record in _sound(read_buyers(reading.path), report):
        if record.code:
            key = provisional_key(record.name, (f"GB-GOR-{record.code}",))
            coded.append(SourceMention(key, record.name, Rank.REGISTER, cls="PublicBody", is_alias=True))
        else:
            cls = "Company" if record.identifiers else "Organisation"
            key = named.key(Party(record.name, record.identifiers, cls))
            for former in record.former:
                named.key(Party(former, record.identifiers, cls))
            reading.draft.write_quads(sector_lines(key, record.sector) if record.sector else ())
    reading.draft.write_mentions([*named.mentions(), *coded])
    return Read(source.id, "organisations", source.label, report, content=Content(source.sha256))


def _read_cpv(reading: Reading) -> Read:
    source = source_of(reading, "Procurement vocabulary")
    report = LoadReport()
    for code in _sound(read_cpv(reading.path), report):
        reading.draft.write_quads(code_lines(code))
    return Read(source.id, "cpv", source.label, report, content=Content(source.sha256))


def _read_ownership(reading: Reading) -> Read:
    source = source_of(reading, "Ownership file")
    report, parties = LoadReport(), Parties()
    for record in _sound(read_ownership(reading.path), report):
        keys = parties.key(record.owner), parties.key(record.owned)
        reading.draft.write_quads(ownership_lines(record, *keys, source_key(source)))
    reading.draft.write_mentions(parties.mentions())
    return Read(source.id, "ownership", source.label, report, content=Content(source.sha256))


_read_authorities: Final = _register_reader("authorities", read_authorities)
_read_register: Final = _register_reader("organisations", read_organisations)


def _read_organisations(reading: Reading) -> Read:
    return (_read_buyers if is_list(reading.path) else _read_register)(reading)


load_authorities: Final = loader(_read_authorities)
"""Load registers of local authorities."""

load_organisations: Final = loader(_read_organisations)
"""Load registers of government organisations, and lists of buyers.

A list of buyers brings names, and one of suppliers company numbers too; one that leads to codes of government
organisations brings them as other names.
"""

load_cpv: Final = loader(_read_cpv)
"""Load the Common Procurement Vocabulary."""

load_ownership: Final = loader(_read_ownership)
"""Load files of ownership."""
