"""Procurement records as N-Quads lines: written as text, because a million contracts are fourteen million quads."""

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from typing import Final

from civicgraph.graph.dates import parse_date
from civicgraph.graph.iris import BASE, short_hash, slugify
from civicgraph.graph.records import (
    Area,
    Authority,
    Code,
    ContractRecord,
    Ownership,
    ProcessRecord,
    Spend,
    canonical_number,
)
from civicgraph.ontology.read import PREFIXES
from civicgraph.ontology.terms import CG, SERVICES_NS

_G: Final = f"<{CG.established}> .\n"
_TYPE: Final = f"<{PREFIXES['rdf']}type>"
_LABEL: Final = f"<{PREFIXES['rdfs']}label>"
_DERIVED: Final = f"<{PREFIXES['prov']}wasDerivedFrom>"
_SKOS: Final = PREFIXES["skos"]
_XSD: Final = PREFIXES["xsd"]
NAMELESS: Final = frozenset({"total", "blank", "redacted", "individual"})
"""Guards of rows whose supplier is no organisation, or none that may be named."""
_SLUG: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_CPV: Final = "http://data.europa.eu/cpv/cpv/"
_ESCAPES: Final = str.maketrans({
    "\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f", "\x7f": "\\u007F",
    **{chr(code): f"\\u{code:04X}" for code in range(0x20) if chr(code) not in "\n\r\t\b\f"},
    "<": "\\u003C",  # so that no text looks like an IRI to what replaces organisations in the quads
})  # fmt: skip


def literal(text: str) -> str:
    r"""Return a text as an N-Quads literal.

    >>> literal('say "aye"')
    '"say \\"aye\\""'
    """
    # Nearly every text has nothing to escape, which is told faster than to look at each character.
    if text.isprintable() and "\\" not in text and '"' not in text and "<" not in text:
        return f'"{text}"'
    return f'"{text.translate(_ESCAPES)}"'


def thing(key: str) -> str:
    """Return a thing's IRI from its key, as N-Quads write it. The key is not checked."""
    return f"<{BASE}{key}>"


def process_node(ocid: str) -> str:
    """Return the IRI of a contracting process: its OCID where that is a slug, as the standard's own prefixes are.

    >>> process_node("ocds-b5fd17-1").rpartition("/")[2], process_node("OCDS-B5FD17/1").rpartition("/")[2]
    ('ocds-b5fd17-1>', 'ocds-b5fd17-1-3db5f639f826f7e8>')
    """
    return thing(f"process/{ocid if _SLUG.fullmatch(ocid) else f'{slugify(ocid)}-{short_hash(ocid)}'}")


def contract_lines(
    contract: ContractRecord, buyers: Iterable[str], suppliers: Iterable[str], source: str
) -> Iterator[str]:
    """Yield the lines of a contract, with the short cuts that follow from it.

    A contract that is guarded has its reason and no short cut; it counts in no share.

    Parameters
    ----------
    contract
        The record.
    buyers, suppliers
        Keys of its parties.
    source
        Key of the source.
    """
    node = thing(f"contract/{contract.id}")
    buyer_nodes, supplier_nodes = [thing(key) for key in buyers], [thing(key) for key in suppliers]
    yield f"{node} {_TYPE} <{CG.Contract}> {_G}"
    yield f"{node} {_LABEL} {literal(contract.title)} {_G}"
    yield f"{node} {_DERIVED} {thing(source)} {_G}"
    yield f"{node} <{CG.record}> {literal(contract.record)} {_G}"
    for buyer in buyer_nodes:
        yield f"{node} <{CG.buyer}> {buyer} {_G}"
    for supplier in supplier_nodes:
        yield f"{node} <{CG.supplier}> {supplier} {_G}"
    if contract.process is not None:
        yield f"{node} <{CG.process}> {process_node(contract.process)} {_G}"
    yield from _money(node, CG.awardedValue, contract.value, contract.currency)
    for predicate, day in ((CG.date, contract.awarded), (CG.start, contract.start), (CG.end, contract.end)):
        yield from _day(node, predicate, day)
    yield from _classified(node, contract.cpv, contract.services)
    if contract.guard is not None:
        yield f"{node} <{CG.guard}> {literal(contract.guard)} {_G}"
        return
    for buyer, supplier in product(buyer_nodes, supplier_nodes):
        yield f"{buyer} <{CG.contractsWith}> {supplier} {_G}{buyer} <{CG.servedBy}> {supplier} {_G}"


def process_lines(process: ProcessRecord, buyers: Iterable[str], source: str) -> Iterator[str]:
    """Yield the lines of a contracting process. Without an award it is in no share, so it has no short cut."""
    node = process_node(process.id)
    yield f"{node} {_TYPE} <{CG.ContractingProcess}> {_G}"
    yield f"{node} {_LABEL} {literal(process.title)} {_G}"
    yield f"{node} {_DERIVED} {thing(source)} {_G}"
    yield f"{node} <{CG.record}> {literal(process.record)} {_G}"
    yield f"{node} <{CG.stage}> {literal(process.stage)} {_G}"
    for key in buyers:
        yield f"{node} <{CG.buyer}> {thing(key)} {_G}"
    yield from _money(node, CG.estimatedValue, process.value, process.currency)
    yield from _day(node, CG.date, process.published)
    yield from _classified(node, process.cpv, process.services)
    if process.is_framework:
        yield f'{node} <{CG.isFramework}> "true"^^<{_XSD}boolean> {_G}'


def _money(node: str, predicate: str, value: Decimal | None, currency: str | None) -> Iterator[str]:
    if value is not None:
        yield f'{node} <{predicate}> "{canonical_number(value)}"^^<{_XSD}decimal> {_G}'
        if currency is not None:
            yield f"{node} <{CG.currency}> {literal(currency)} {_G}"


def _day(node: str, predicate: str, day: date | None) -> Iterator[str]:
    if day is not None:
        yield f'{node} <{predicate}> "{day.isoformat()}"^^<{_XSD}date> {_G}'


def _classified(node: str, cpv: Iterable[str], services: Iterable[str]) -> Iterator[str]:
    for code in cpv:
        yield f"{node} <{CG.classification}> <{_CPV}{code}> {_G}"
    for slug in services:
        yield f"{node} <{CG.serviceType}> <{SERVICES_NS}{slug}> {_G}"


def running_lines(pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield a line for each buyer and supplier, given by IRI, that a contract ties at the as-of date."""
    for buyer, supplier in sorted(pairs):
        yield f"<{buyer}> <{CG.currentlyContractsWith}> <{supplier}> {_G}"


def spend_key(spend: Spend, source: str) -> str:
    """Return the key of the money between two parties in a month, as one source has it."""
    identity = (source, spend.buyer, spend.supplier, spend.month, *spend.services, spend.guard or "")
    return f"spend/{short_hash(*identity, length=20)}"


def month_days(month: str) -> tuple[date, date]:
    """Return the first and the last day of a month.

    >>> month_days("2020-02")[1]
    datetime.date(2020, 2, 29)
    """
    first = date.fromisoformat(f"{month}-01")
    return first, (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def spend_lines(spend: Spend, source: str, reported_by: str, names: tuple[str, str]) -> Iterator[str]:
    """Yield the lines of the money that went between two parties in one month.

    Where the guard says that the row names nobody, no supplier is given.

    Parameters
    ----------
    spend
        The sum.
    source
        Key of the source.
    reported_by
        `payments` that the buyer reports, or `sales` that the supplier declares.
    names
        What the source calls the buyer and the supplier.
    """
    buyer, supplier = names
    nobody = spend.guard in NAMELESS
    told = f"{buyer}, {spend.month}: {spend.guard}" if nobody else f"{buyer} to {supplier}, {spend.month}"
    node = thing(spend_key(spend, source))
    first, last = month_days(spend.month)
    yield f"{node} {_TYPE} <{CG.Spend}> {_G}"
    yield f"{node} {_LABEL} {literal(told)} {_G}"
    yield f"{node} {_DERIVED} {thing(source)} {_G}"
    yield f"{node} <{CG.record}> {literal(spend.rows)} {_G}"
    yield f"{node} <{CG.buyer}> {thing(spend.buyer)} {_G}"
    if spend.guard not in NAMELESS:
        yield f"{node} <{CG.supplier}> {thing(spend.supplier)} {_G}"
    yield from _money(node, CG.amount, spend.amount, "GBP")
    yield f'{node} <{CG.count}> "{spend.count}"^^<{_XSD}integer> {_G}'
    yield f"{node} <{CG.reportedBy}> {literal(reported_by)} {_G}"
    yield from _day(node, CG.start, first)
    yield from _day(node, CG.end, last)
    yield from _classified(node, (), spend.services)
    if spend.guard is not None:
        yield f"{node} <{CG.guard}> {literal(spend.guard)} {_G}"


def party_lines(key: str, cls: str) -> str:
    """Return the line that makes an organisation a supplier or a buyer."""
    return f"{thing(key)} {_TYPE} <{cls}> {_G}"


def sector_lines(key: str, sector: str) -> Iterator[str]:
    """Yield the lines that put an organisation into a sector, called by its words whatever their case.

    >>> "sector/local-government" in next(sector_lines("organisation/x", "Local Government"))
    True
    """
    slug = slugify(sector)
    node = thing(f"sector/{slug}")
    yield f"{thing(key)} <{CG.memberOf}> {node} {_G}"
    for cls in (CG.Sector, CG.Agent):
        yield f"{node} {_TYPE} <{cls}> {_G}"
    yield f"{node} {_LABEL} {literal(slug.replace('-', ' ').capitalize())} {_G}"


def code_lines(code: Code) -> Iterator[str]:
    """Yield the lines of a code of the Common Procurement Vocabulary."""
    node = f"<{_CPV}{code.code}>"
    yield f"{node} {_TYPE} <{_SKOS}Concept> {_G}"
    yield f"{node} {_LABEL} {literal(code.label)} {_G}"
    yield f"{node} <{_SKOS}prefLabel> {literal(code.label)}@en {_G}"
    yield f"{node} <{_SKOS}notation> {literal(f'{code.code}-{code.check_digit}')} {_G}"
    if code.parent is not None:
        yield f"{node} <{_SKOS}broader> <{_CPV}{code.parent}> {_G}"


def area_lines(area: Area) -> Iterator[str]:
    """Yield the lines of a place of a register."""
    node = thing(area.key)
    yield f"{node} {_TYPE} <{CG.Place}> {_G}"
    yield f"{node} {_LABEL} {literal(area.name)} {_G}"
    yield f"{node} <{CG.level}> {literal(area.level)} {_G}"
    for key in area.within:
        yield f"{node} <{CG.within}> {thing(key)} {_G}"
    if area.gss is not None:
        yield f"{node} <{CG.identifier}> {literal(area.gss)} {_G}"
    for predicate, degrees in ((CG.latitude, area.latitude), (CG.longitude, area.longitude)):
        if degrees is not None:
            yield f'{node} <{predicate}> "{canonical_number(degrees)}"^^<{_XSD}decimal> {_G}'


def authority_lines(authority: Authority, key: str, successors: Iterable[str]) -> Iterator[str]:
    """Yield the lines of a public body of a register, but its names, which are decided over all sources."""
    node = thing(key)
    for predicate, day in ((CG.start, authority.starts), (CG.end, authority.ends)):
        if day:
            # A register may know no more than the year or month.
            datatype = f"{_XSD}date" if len(day) == len("2023-04-01") else f"{PREFIXES['edtf']}EDTF"
            yield f'{node} <{predicate}> "{day}"^^<{datatype}> {_G}'
    for other in successors:
        yield f"{node} <{CG.successor}> {thing(other)} {_G}"
    if authority.area is not None:
        yield f"{node} <{CG.areaServed}> {thing(authority.area)} {_G}"
    if authority.website:
        yield f"{node} <{CG.website}> {literal(authority.website)} {_G}"


def ownership_lines(ownership: Ownership, owner: str, owned: str, source: str) -> Iterator[str]:
    """Yield the lines of an ownership between two organisations given by their keys."""
    share = "" if ownership.share is None else canonical_number(ownership.share)
    said = (ownership.starts or "", ownership.ends or "", share, str(ownership.controls))
    node = thing(f"ownership/{short_hash(source, owner, owned, *said)}")
    yield f"{node} {_TYPE} <{CG.Ownership}> {_G}"
    yield f"{node} {_LABEL} {literal(f'{ownership.owner.name} as owner of {ownership.owned.name}')} {_G}"
    yield f"{node} {_DERIVED} {thing(source)} {_G}"
    yield f"{node} <{CG.record}> {literal(ownership.record)} {_G}"
    yield f"{node} <{CG.ground}> {literal(ownership.ground)} {_G}"
    yield f"{node} <{CG.owner}> {thing(owner)} {_G}"
    yield f"{node} <{CG.owned}> {thing(owned)} {_G}"
    yield f'{node} <{CG.controls}> "{str(ownership.controls).lower()}"^^<{_XSD}boolean> {_G}'
    if share:
        yield f'{node} <{CG.share}> "{share}"^^<{_XSD}decimal> {_G}'
    for predicate, text in ((CG.start, ownership.starts), (CG.end, ownership.ends)):
        yield from _dated(node, predicate, text)


def _dated(node: str, predicate: str, text: str | None) -> Iterator[str]:
    """Yield a date that may be inexact: as EDTF, with the earliest and the latest day that it can mean."""
    if not text:
        return
    bounds = parse_date(text)
    if bounds.is_exact:
        yield from _day(node, predicate, bounds.earliest)
        return
    yield f"{node} <{predicate}> {literal(text)}^^<{PREFIXES['edtf']}EDTF> {_G}"
    yield from _day(node, f"{predicate}Earliest", bounds.earliest)
    yield from _day(node, f"{predicate}Latest", bounds.latest)
