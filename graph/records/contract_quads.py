"""Procurement records as N-Quads lines: written as text, because a million contracts are fourteen million quads."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from decimal import Decimal
from itertools import product
from typing import Final

from civicgraph.graph.records.dates import parse_date
from civicgraph.graph.records.iris import BASE, short_hash, slugify
from civicgraph.graph.records.register_types import Area, Authority, Code, Ownership
from civicgraph.graph.records.spend_keys import month_days, spend_key
from civicgraph.graph.records.types import (
    SME,
    ContractRecord,
    Party,
    ProcessRecord,
    RegisterEntry,
    Spend,
    canonical_number,
)
from civicgraph.ontology.read import PREFIXES
from civicgraph.ontology.terms import CG, CG_NS, SERVICES_NS

_G: Final = f" <{CG.established}> .\n"
# What lines of contracts are made of, ready for use: of each there are millions.
_TYPE: Final = f" <{PREFIXES['rdf']}type> "
_LABEL: Final = f" <{PREFIXES['rdfs']}label> "
_DERIVED: Final = f" <{PREFIXES['prov']}wasDerivedFrom> "
_RECORD: Final = f" <{CG.record}> "
_STAGE: Final = f" <{CG.stage}> "
_BUYER: Final = f" <{CG.buyer}> "
_SUPPLIER: Final = f" <{CG.supplier}> "
_PROCESS: Final = f" <{CG.process}> "
_CURRENCY: Final = f" <{CG.currency}> "
_VAT_BASIS: Final = f" <{CG.vatBasis}> "
_CLASSIFICATION: Final = f" <{CG.classification}> "
_SERVICE_TYPE: Final = f" <{CG.serviceType}> "
_GUARD: Final = f" <{CG.guard}> "
_CONTRACTS_WITH: Final = f" <{CG.contractsWith}> "
_SERVED_BY: Final = f" <{CG.servedBy}> "
_SKOS: Final = PREFIXES["skos"]
_XSD: Final = PREFIXES["xsd"]
_DECIMAL: Final = f"^^<{_XSD}decimal>"
_DATE: Final = f"^^<{_XSD}date>"
NAMELESS: Final = frozenset({"total", "blank", "redacted", "individual", "possible-individual"})
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


def contract_lines(contract: ContractRecord, buyers: Iterable[str], suppliers: Iterable[str], source: str) -> list[str]:
    """Return the lines of a contract, some of them together, with the short cuts that follow from it.

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
    lines = [_head(node, CG.Contract, contract.title, source, contract.record)]
    lines += [f"{node}{_BUYER}{buyer}{_G}" for buyer in buyer_nodes]
    lines += [f"{node}{_SUPPLIER}{supplier}{_G}" for supplier in supplier_nodes]
    if contract.process is not None:
        lines.append(f"{node}{_PROCESS}{process_node(contract.process)}{_G}")
    lines += (
        _money(node, CG.awardedValue, contract.value, contract.currency),
        "" if not contract.vat else f"{node}{_VAT_BASIS}<{CG_NS}{contract.vat}OfVat>{_G}",
        _day(node, CG.awardDate, contract.awarded),
        _day(node, CG.publicationDate, contract.published),
        _day(node, CG.start, contract.start),
        _day(node, CG.end, contract.end),
        _day(node, CG.latestEnd, contract.latest_end),
        _day(node, CG.ended, contract.ended),
        "" if contract.end_reason is None else f"{node} <{CG.endReason}> <{CG_NS}{contract.end_reason}>{_G}",
        _classified(node, contract.cpv, contract.services),
    )
    if contract.entry is not None:
        lines.extend(_entry_lines(node, contract.entry))
    if contract.guard is not None:
        lines.append(f"{node}{_GUARD}{literal(contract.guard)}{_G}")
        return lines
    for buyer, supplier in product(buyer_nodes, supplier_nodes):
        lines.append(f"{buyer}{_CONTRACTS_WITH}{supplier}{_G}{buyer}{_SERVED_BY}{supplier}{_G}")
    return lines


def _entry_lines(node: str, entry: RegisterEntry) -> Iterator[str]:
    for predicate, text in (
        (CG.reference, entry.reference),
        (CG.responsibleUnit, entry.department),
        (CG.procurementMethod, entry.procedure),
    ):
        if text:
            yield f"{node} <{predicate}> {literal(text)}{_G}"
    yield _day(node, CG.reviewDate, entry.review)
    yield _money(node, CG.annualValue, entry.yearly_value, None)
    if entry.notice_months is not None:
        yield f'{node} <{CG.noticePeriod}> "P{entry.notice_months}M"^^<{_XSD}duration>{_G}'
    for predicate, is_one in ((CG.supplierIsSme, entry.sme), (CG.supplierIsVcse, entry.vcse)):
        if is_one is not None:
            yield f'{node} <{predicate}> "{str(is_one).lower()}"^^<{_XSD}boolean>{_G}'


def life_lines(contract: ContractRecord, key_of: Callable[[Party], str]) -> Iterator[str]:
    """Yield the lines of what notices tell of a contract's life; `key_of` gives the key of a party."""
    node, life = thing(f"contract/{contract.id}"), contract.life
    if life is None:
        return
    yield _money(node, CG.spendTo, life.paid, None)
    for lot in life.lots:
        yield f"{node} <{CG.lot}> {literal(lot)}{_G}"
    for ocid in life.call_off_of:
        yield f"{node} <{CG.callOffOf}> {process_node(ocid)}{_G}"
    for event in life.events:
        own = thing(event.key)
        yield f"{own}{_TYPE}<{CG_NS}{event.kind}>{_G}{own}{_TYPE}<{CG.Event}>{_G}"
        yield f"{own}{_LABEL}{literal(event.label)}{_G}"
        yield f"{own} <{CG.ofContract}> {node}{_G}"
        yield _day(own, CG.date, event.day)
        yield _day(own, CG.newEnd, event.new_end)
        yield _money(own, CG.newValue if event.kind == "Change" else CG.amount, event.value, event.currency)
        if event.reason:
            yield f"{own} <{CG.reason}> {literal(event.reason)}{_G}"
        for predicate, parties in ((CG.supplierAdded, event.added), (CG.supplierRemoved, event.removed)):
            yield from (f"{own} <{predicate}> {thing(key_of(party))}{_G}" for party in parties)


def process_lines(process: ProcessRecord, buyers: Iterable[str], source: str) -> list[str]:
    """Return the lines of a contracting process, some of them together.

    Without an award it is in no share, so it has no short cut.
    """
    node = process_node(process.id)
    lines = [_head(node, CG.ContractingProcess, process.title, source, process.record)]
    lines.append(f"{node}{_STAGE}{literal(process.stage)}{_G}")
    lines += [f"{node}{_BUYER}{thing(key)}{_G}" for key in buyers]
    lines += (
        _money(node, CG.estimatedValue, process.value, process.currency),
        _day(node, CG.publicationDate, process.published),
        _classified(node, process.cpv, process.services),
    )
    lines += [f"{node} <{CG.replaces}> {process_node(ocid)}{_G}" for ocid in process.continues]
    if process.notice is not None:
        notice, own = process.notice, thing(process.notice.key)
        lines.append(_head(own, CG.Notice, f"{notice.type} {notice.number}", source, process.record))
        lines.append(f"{own} <{CG.noticeOf}> {node}{_G}{own} <{CG.noticeType}> <{CG_NS}{notice.type}>{_G}")
        lines.append(_day(own, CG.publicationDate, notice.published))
        lines.append(f"{own} <{CG.reference}> {literal(notice.number)}{_G}")
    if process.is_framework:
        lines.append(f'{node} <{CG.isFramework}> "true"^^<{_XSD}boolean>{_G}')
    return lines


def _head(node: str, cls: str, label: str, source: str, record: str) -> str:
    """Return what is said of every record: its class and name, and where it comes from."""
    return (
        f"{node}{_TYPE}<{cls}>{_G}{node}{_LABEL}{literal(label)}{_G}"
        f"{node}{_DERIVED}{thing(source)}{_G}{node}{_RECORD}{literal(record)}{_G}"
    )


def _money(node: str, predicate: str, value: Decimal | None, currency: str | None) -> str:
    if value is None:
        return ""
    line = f'{node} <{predicate}> "{canonical_number(value)}"{_DECIMAL}{_G}'
    return line if currency is None else f"{line}{node}{_CURRENCY}{literal(currency)}{_G}"


def _day(node: str, predicate: str, day: date | None) -> str:
    return "" if day is None else f'{node} <{predicate}> "{day.isoformat()}"{_DATE}{_G}'


def _classified(node: str, cpv: Iterable[str], services: Iterable[str]) -> str:
    codes = [f"{node}{_CLASSIFICATION}<{_CPV}{code}>{_G}" for code in cpv]
    return "".join([*codes, *[f"{node}{_SERVICE_TYPE}<{SERVICES_NS}{slug}>{_G}" for slug in services]])


def running_lines(pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield a line for each buyer and supplier, given by IRI, that a contract ties at the as-of date."""
    for buyer, supplier in sorted(pairs):
        yield f"<{buyer}> <{CG.currentlyContractsWith}> <{supplier}>{_G}"


def guard_line(record: str, guard: str) -> str:
    """Return the line that says why a record, given by IRI, counts in no share."""
    return f"<{record}>{_GUARD}{literal(guard)}{_G}"


def under_contract_line(spend: str, contract: str) -> str:
    """Return the line that says under which contract a sum of money was paid, both given by IRI."""
    return f"<{spend}> <{CG.underContract}> <{contract}>{_G}"


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
    label = f"{buyer}, {spend.month}: {spend.guard}" if nobody else f"{buyer} to {supplier}, {spend.month}"
    told = (spend.typed, spend.size, spend.vat, spend.currency, spend.sector, spend.lot)
    key = spend_key(source, spend.buyer, spend.supplier, spend.month, spend.services, spend.guard, told)
    node = thing(key)
    first, last = month_days(spend.month)
    yield _head(node, CG.Spend, label, source, spend.rows)
    yield f"{node}{_BUYER}{thing(spend.buyer)}{_G}"
    if spend.guard not in NAMELESS:
        yield f"{node}{_SUPPLIER}{thing(spend.supplier)}{_G}"
    yield _money(node, CG.amount, spend.amount, spend.currency)
    yield f'{node} <{CG.count}> "{spend.count}"^^<{_XSD}integer>{_G}'
    yield f"{node} <{CG.reportedBy}> {literal(reported_by)}{_G}"
    yield _day(node, CG.start, first)
    yield _day(node, CG.end, last)
    yield _classified(node, (), spend.services)
    if spend.services and spend.typed != "asserted":
        yield f"{node} <{CG.serviceTypeCertainty}> <{CG_NS}{spend.typed}>{_G}"
    if spend.size:
        yield f'{node} <{CG.supplierIsSme}> "{str(spend.size == SME).lower()}"^^<{_XSD}boolean>{_G}'
    if spend.vat:
        yield f"{node}{_VAT_BASIS}<{CG_NS}{spend.vat}OfVat>{_G}"
    if spend.sector:
        yield f"{node} <{CG.buyerSector}> {literal(spend.sector)}{_G}"
    if spend.lot:
        yield f"{node} <{CG.lot}> {literal(spend.lot)}{_G}"
    if spend.guard is not None:
        yield f"{node}{_GUARD}{literal(spend.guard)}{_G}"


def party_lines(key: str, cls: str) -> str:
    """Return the line that makes an organisation a supplier or a buyer."""
    return f"{thing(key)}{_TYPE}<{cls}>{_G}"


def sector_lines(key: str, sector: str) -> Iterator[str]:
    """Yield the lines that put an organisation into a sector, called by its words whatever their case.

    >>> "sector/local-government" in next(sector_lines("organisation/x", "Local Government"))
    True
    """
    slug = slugify(sector)
    node = thing(f"sector/{slug}")
    yield f"{thing(key)} <{CG.memberOf}> {node}{_G}"
    for cls in (CG.Sector, CG.Agent):
        yield f"{node}{_TYPE}<{cls}>{_G}"
    yield f"{node}{_LABEL}{literal(slug.replace('-', ' ').capitalize())}{_G}"


def code_lines(code: Code) -> Iterator[str]:
    """Yield the lines of a code of the Common Procurement Vocabulary."""
    node = f"<{_CPV}{code.code}>"
    yield f"{node}{_TYPE}<{_SKOS}Concept>{_G}"
    yield f"{node} <{_SKOS}inScheme> <{_CPV.rstrip('/')}>{_G}"
    yield f"{node}{_LABEL}{literal(code.label)}{_G}"
    yield f"{node} <{_SKOS}prefLabel> {literal(code.label)}@en{_G}"
    yield f"{node} <{_SKOS}notation> {literal(f'{code.code}-{code.check_digit}')}{_G}"
    if code.parent is not None:
        yield f"{node} <{_SKOS}broader> <{_CPV}{code.parent}>{_G}"


def area_lines(area: Area) -> Iterator[str]:
    """Yield the lines of a place of a register."""
    node = thing(area.key)
    yield f"{node}{_TYPE}<{CG.Place}>{_G}"
    yield f"{node}{_LABEL}{literal(area.name)}{_G}"
    yield f"{node} <{CG.level}> {literal(area.level)}{_G}"
    for key in area.within:
        yield f"{node} <{CG.within}> {thing(key)}{_G}"
    if area.gss is not None:
        yield f"{node} <{CG.identifier}> {literal(area.gss)}{_G}"
    for predicate, degrees in ((CG.latitude, area.latitude), (CG.longitude, area.longitude)):
        if degrees is not None:
            yield f'{node} <{predicate}> "{canonical_number(degrees)}"{_DECIMAL}{_G}'


def authority_lines(authority: Authority, key: str, successors: Iterable[str]) -> Iterator[str]:
    """Yield the lines of a public body of a register, but its names, which are decided over all sources."""
    node = thing(key)
    for predicate, day in ((CG.start, authority.starts), (CG.end, authority.ends)):
        if day:
            # A register may know no more than the year or month.
            datatype = f"{_XSD}date" if len(day) == len("2023-04-01") else f"{PREFIXES['edtf']}EDTF"
            yield f'{node} <{predicate}> "{day}"^^<{datatype}>{_G}'
    for other in successors:
        yield f"{node} <{CG.successor}> {thing(other)}{_G}"
    if authority.area is not None:
        yield f"{node} <{CG.areaServed}> {thing(authority.area)}{_G}"
    if authority.website:
        yield f"{node} <{CG.website}> {literal(authority.website)}{_G}"


def ownership_lines(ownership: Ownership, owner: str, owned: str, source: str) -> Iterator[str]:
    """Yield the lines of an ownership between two organisations given by their keys."""
    share = "" if ownership.share is None else canonical_number(ownership.share)
    said = (ownership.starts or "", ownership.ends or "", share, str(ownership.controls))
    node = thing(f"ownership/{short_hash(source, owner, owned, *said)}")
    told = f"{ownership.owner.name} as owner of {ownership.owned.name}"
    yield _head(node, CG.Ownership, told, source, ownership.record)
    yield f"{node} <{CG.ground}> {literal(ownership.ground)}{_G}"
    yield f"{node} <{CG.owner}> {thing(owner)}{_G}"
    yield f"{node} <{CG.owned}> {thing(owned)}{_G}"
    yield f'{node} <{CG.controls}> "{str(ownership.controls).lower()}"^^<{_XSD}boolean>{_G}'
    if share:
        yield f'{node} <{CG.share}> "{share}"{_DECIMAL}{_G}'
    for predicate, text in ((CG.start, ownership.starts), (CG.end, ownership.ends)):
        yield from _dated(node, predicate, text)


def _dated(node: str, predicate: str, text: str | None) -> Iterator[str]:
    """Yield a date that may be inexact: as EDTF, with the earliest and the latest day that it can mean."""
    if not text:
        return
    bounds = parse_date(text)
    if bounds.is_exact:
        yield _day(node, predicate, bounds.earliest)
        return
    yield f"{node} <{predicate}> {literal(text)}^^<{PREFIXES['edtf']}EDTF>{_G}"
    yield _day(node, f"{predicate}Earliest", bounds.earliest)
    yield _day(node, f"{predicate}Latest", bounds.latest)
