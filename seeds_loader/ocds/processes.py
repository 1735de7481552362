"""OCDS to records: each process with its state, and each award of it as a contract.

What is taken for what it can be, and what then happens to the rest:

- a release without an ocid, or no JSON, is rejected;
- awards of one process with one id are told apart by their position, with a warning;
- a date that is none, a number that is none, a null in the place of a list: the record loads without that field; of
  dates, amounts and identifiers of registers that are known it is said which were lost;
- an award without suppliers loads without them; one of 0 pounds has that value, for the record says so;
- a negative award and one of 10**15 or more load guarded as `absurd-amount`; an award that is cancelled or
  unsuccessful as `unsuccessful-award`; one only proposed as `pending-award`; one that a later release corrected under
  another id as `superseded-award`;
- the value of a tender is never taken for that of its award, nor its least value for its value.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from civicgraph.graph.records.iris import short_hash, slugify
from civicgraph.graph.records.types import ContractRecord, Party, ProcessRecord, Rejection, Terms
from civicgraph.seeds_loader.currencies import currency_code
from civicgraph.seeds_loader.identifiers import official, schemes
from civicgraph.seeds_loader.ocds.fields import (
    Money,
    Object,
    amount,
    cpv_codes,
    day,
    identifier,
    mapping,
    mappings,
    money,
)
from civicgraph.seeds_loader.ocds.hints import framework_hints, sets_up_framework
from civicgraph.seeds_loader.ocds.life import continues, ended_without_contract, life, lot_titles, notices, terms_of
from civicgraph.seeds_loader.ocds.merge import SUPERSEDED, compiled, with_own_ids
from civicgraph.seeds_loader.ocds.parties import buyers, in_role, organisations, resolve
from civicgraph.seeds_loader.ocds.releases import Found
from civicgraph.seeds_loader.services.classify import services_of_contract
from civicgraph.seeds_loader.text import clean_text

_ABSURD: Final = Decimal(10) ** 15
_TITLE: Final = 300
_KEY: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_ENDED: Final = frozenset({"cancelled", "unsuccessful", "withdrawn"})
_GUARDS: Final = {
    "cancelled": "unsuccessful-award",
    "unsuccessful": "unsuccessful-award",
    "withdrawn": "unsuccessful-award",
    "pending": "pending-award",
    SUPERSEDED: "superseded-award",
}
_NUMBER: Final = re.compile(r"\d{6}-20\d\d")
"""The number of a notice of Find a Tender, which other records know it by."""
_PLANNING: Final = frozenset({"planning", "planned"})
_DYNAMIC: Final = "technique:dynamic-purchasing-system"
_DYNAMIC_MARKETS: Final = frozenset({"UK13", "UK14", "UK15", "UK16"})
_DATES: Final = {
    "tender": ("datePublished",),
    "awards": ("date", "contractPeriod/startDate", "contractPeriod/endDate"),
    "contracts": ("dateSigned", "period/startDate", "period/endDate"),
}
"""Where dates are in what has a value, too."""

_NO_CURRENCY: Final = ("a currency that is not known", "write its code of three letters, such as GBP")

Record = ContractRecord | ProcessRecord | Rejection
"""What a file of OCDS comes to, one by one."""


def records_of(file: str, releases: Sequence[Found]) -> Iterator[Record]:
    """Yield the process that releases are of, each of its awards after it, and what could not be used."""
    if len(releases) == 1:
        yield from _records(file, releases[0])
        return
    for state in compiled(file, releases):
        if isinstance(state, Rejection):
            yield state
        else:
            yield from _records(file, state)


def contract_id(ocid: str, award: str) -> str:
    """Return a slug for an award that no other award of any source has.

    An OCID is the world's only one, and an award's id the only one of its process. An award's id that is one plain word
    (after the OCID, which some publishers repeat) follows the OCID as it stands; any other leaves a digest of both, for
    two ids can differ by what a slug cannot hold.

    >>> contract_id("ocds-b5fd17-1", "ocds-b5fd17-1-2"), contract_id("ocds-b5fd17-1", "2")
    ('ocds-b5fd17-1-2', 'ocds-b5fd17-1-2')
    >>> contract_id("ocds-b5fd17-1", "A/2") == contract_id("ocds-b5fd17-1", "A-2")
    False
    """
    own = award.removeprefix(f"{ocid}-")
    if own and own.isascii() and own.isalnum() and own == own.lower() and _KEY.fullmatch(ocid) is not None:
        return f"{ocid}-{own}"
    return f"{slugify(ocid)}-{short_hash(ocid, own)}"


class _Notice:
    """What the awards of a process have in common."""

    def __init__(self, found: Found) -> None:
        release, number = found.release, identifier(found.release.get("id"))
        self.release = release
        self.ocid = found.ocid
        self.place = f"{found.ocid} release {number or '-'} line {found.line}"
        self.tender = mapping(release.get("tender"))
        self.items = mappings(self.tender.get("items"))
        self.parties = organisations(release)
        self.buyers = buyers(release, self.parties)
        self.contracts = mappings(release.get("contracts")) if release.get("contracts") else []
        self.cpv = cpv_codes((self.tender, *self.items))
        self.hints = framework_hints(self.tender, {})
        self.title = clean_text(self.tender.get("title"))
        self.numbers = (number,) if _NUMBER.fullmatch(number) else ()


def _records(file: str, found: Found) -> Iterator[Record]:
    release, several = with_own_ids(found.release)
    notice = _Notice(found._replace(release=release))
    awards = mappings(release.get("awards"))
    yield _process(notice, awards)
    for key in several:
        reason = f"several awards have the id {key!r}; they are told apart by their position"
        yield Rejection(file, found.line, "awards/id", reason, "nothing is to be done", found.ocid, partial=True)
    for field, value, what, remedy in _unreadable(release, awards):
        reason = f"{str(value)[:80]!r} is {what}"
        yield Rejection(file, found.line, field, reason, remedy, found.ocid, partial=True)
    for award, contracts, key in _agreements(notice, awards):
        yield _contract(notice, award, contracts, contract_id(notice.ocid, key))


def _agreements(notice: _Notice, awards: Sequence[Object]) -> Iterator[tuple[Object, list[Object], str]]:
    """Yield each award with the contracts made of it, then the contracts without an award of theirs, by a key each."""
    named = [(contract, identifier(contract.get("awardID"))) for contract in notice.contracts]
    taken = set()
    for number, award in enumerate(awards, 1):
        key = identifier(award.get("id"))
        taken.add(key)
        yield award, [one for one, of in named if of == key or (not of and len(awards) == 1)], key or f"#{number}"
    without: dict[str, list[Object]] = {}
    for number, (contract, of) in enumerate(named, 1):
        # Without an award of its own a contract is the record of itself; one that names none belongs to a sole award.
        if of not in taken and (of or len(awards) != 1):
            key = of or f"contract {identifier(contract.get('id')) or number}"
            without.setdefault(key if of or key not in without else f"{key}#{number}", []).append(contract)
    yield from (({}, contracts, key) for key, contracts in without.items())


def _unreadable(release: Object, awards: Sequence[Object]) -> Iterator[tuple[str, object, str, str]]:
    """Yield the name, value, fault and remedy of each field of a notice that was given and could not be read."""
    for name, dates in _DATES.items():
        for holder in awards if name == "awards" else mappings(release.get(name)):
            for place in dates:
                outer, _, inner = place.partition("/")
                value = mapping(holder.get(outer)).get(inner) if inner else holder.get(outer)
                if value and day(value) is None:
                    yield f"{name}/{place}", value, "no date", "write it as 2025-04-23, with or without a time"
            worth = mapping(holder.get("value"))
            pounds, currency = worth.get("amount"), worth.get("currency")
            if pounds is not None and amount(pounds) is None:
                yield f"{name}/value/amount", pounds, "no number", "write digits and a point"
            if currency and (not isinstance(currency, str) or currency_code(currency) is None):
                yield f"{name}/value/currency", currency, *_NO_CURRENCY
    for party in mappings(release.get("parties")):
        for given in (*mappings(party.get("identifier")), *mappings(party.get("additionalIdentifiers"))):
            scheme, number = given.get("scheme"), identifier(given.get("id"))
            if number and isinstance(scheme, str) and scheme in schemes() and official(scheme, number) is None:
                remedy = "write it as the register does, or leave it out"
                yield "parties/identifier", number, f"no identifier of {scheme}", remedy


def _process(notice: _Notice, awards: Sequence[Object]) -> ProcessRecord:
    tender, release = notice.tender, notice.release
    value, currency, _, gross = money(tender.get("value"))
    published = notices(release)
    stage = _stage(notice, awards)
    ended, reason = ended_without_contract(tender) if stage in _ENDED else (None, "")
    return ProcessRecord(
        id=notice.ocid,
        title=_title(notice, {}),
        buyers=notice.buyers,
        record=notice.place,
        stage=stage,
        value=value if value is not None and 0 <= value < _ABSURD else None,
        currency=currency,
        published=day(tender.get("datePublished")) or day(release.get("date")),
        cpv=notice.cpv,
        services=services_of_contract(notice.cpv, notice.title),
        is_framework=(bool(notice.hints) and sets_up_framework(notice.hints)) or None,
        notices=published,
        continues=continues(release) if "relatedProcesses" in release else (),
        gross=gross,
        is_dynamic_market=(_DYNAMIC in notice.hints or any(one.type in _DYNAMIC_MARKETS for one in published)) or None,
        lots=lot_titles(tender),
        terms=terms_of((tender, *mappings(tender["lots"]))) if "lots" in tender else Terms(),
        ended=ended,
        reason=reason,
    )


def _contract(notice: _Notice, award: Object, contracts: Sequence[Object], key: str) -> ContractRecord:
    value, currency, vat, gross = money(award.get("value"))
    if value is None and contracts:
        value, currency, vat, gross = _sum(contracts)
    start, end = _period(award, contracts)
    items = _items(notice, award, contracts)
    cpv = (cpv_codes(items) if items is not notice.items else ()) or notice.cpv
    told = "title" in award or "description" in award
    title = _title(notice, award or (contracts[0] if contracts else {}))
    # The numbers that others know it by: the buyer's own of tender and contract, and the notice's.
    held = (notice.tender.get("id"), notice.tender.get("externalReference"), *(one.get("id") for one in contracts))
    told_of = life(notice.release, (award, *contracts), key, notice.parties)
    return ContractRecord(
        id=key,
        title=title,
        buyers=notice.buyers,
        suppliers=_suppliers(notice, award, contracts),
        record=notice.place,
        process=notice.ocid,
        value=value,
        currency=currency,
        awarded=day(award.get("date")) or next((d for c in contracts if (d := day(c.get("dateSigned")))), None),
        start=start,
        end=end,
        cpv=cpv,
        services=services_of_contract(cpv, title),
        guard=_guard(award, contracts, value),
        vat=vat,
        framework_hints=framework_hints(notice.tender, award) if told else notice.hints,
        published=day(notice.release.get("date")),
        ended=None if told_of is None else told_of.ended,
        end_reason=None if told_of is None else told_of.end_reason,
        latest_end=None if told_of is None else told_of.latest_end,
        life=told_of,
        references=(*map(identifier, held), *notice.numbers),
        gross=gross,
    )


def _suppliers(notice: _Notice, award: Object, contracts: Sequence[Object]) -> tuple[Party, ...]:
    for holder in (award, *contracts):
        if found := resolve(mappings(holder.get("suppliers")), notice.parties):
            return found
    # The notice names its suppliers, and there is nothing else that they could be of.
    alone = bool(contracts) and not award and len(contracts) == len(notice.contracts)
    return resolve(in_role(notice.release, "supplier"), notice.parties) if alone else ()


def _sum(contracts: Sequence[Object]) -> Money:
    """Return what the contracts of one award come to, where all say it in one currency."""
    values = [money(contract.get("value")) for contract in contracts if contract.get("status") != "cancelled"]
    amounts = [one.amount for one in values if one.amount is not None]
    kinds = {(one.currency, one.vat) for one in values}
    if not amounts or len(amounts) < len(values) or len(kinds) > 1:
        return Money()
    gross = [one.gross for one in values if one.gross is not None]
    is_known = len(gross) == len(values)
    return Money(sum(amounts, Decimal(0)), *kinds.pop(), sum(gross, Decimal(0)) if is_known else None)


def _period(award: Object, contracts: Sequence[Object]) -> tuple[date | None, date | None]:
    own = mapping(award.get("contractPeriod"))
    start, end = day(own.get("startDate")), day(own.get("endDate"))
    if contracts and (start is None or end is None):
        periods = [mapping(contract.get("period")) for contract in contracts]
        start = start or min((d for p in periods if (d := day(p.get("startDate")))), default=None)
        end = end or max((d for p in periods if (d := day(p.get("endDate")))), default=None)
    return start, end


def _guard(award: Object, contracts: Sequence[Object], value: Decimal | None) -> str | None:
    status = award.get("status")
    if status is None and contracts:
        statuses = [contract.get("status") for contract in contracts]
        # What one contract of the award was is not what became of the others.
        status = statuses[0] if all(one == statuses[0] for one in statuses) else None
        # A contract not signed yet comes of an award that was made.
        status = None if status == "pending" and award else status
    guard = _GUARDS.get(status.lower()) if isinstance(status, str) else None
    if guard is None and value is not None and not 0 <= value < _ABSURD:
        return "absurd-amount"
    return guard


def _items(notice: _Notice, award: Object, contracts: Sequence[Object]) -> Sequence[Object]:
    """Return what an award is for: its own items, else those of the tender that are in its lots."""
    for holder in (award, *contracts):
        if own := mappings(holder.get("items")):
            return own
    named = award.get("relatedLots")
    lots = frozenset(map(identifier, named)) if isinstance(named, list) else frozenset()
    if not lots:
        return notice.items
    found = []
    for item in notice.items:
        several = item.get("relatedLots")
        if not lots.isdisjoint(map(identifier, several if isinstance(several, list) else [item.get("relatedLot")])):
            found.append(item)
    return found or notice.items


def _stage(notice: _Notice, awards: Sequence[Object]) -> str:
    """Return how far a process has come, or how it ended without an award."""
    if awards or notice.contracts:
        return "award" if awards else "contract"
    status = notice.tender.get("status")
    if isinstance(status, str) and status in _ENDED:
        return status
    if not notice.tender or (isinstance(status, str) and status in _PLANNING):
        return "planning"
    tags = notice.release.get("tag")
    if isinstance(tags, list) and tags and all(tag in ("planning", "planningUpdate") for tag in tags):
        return "planning"
    return "tender"


def _title(notice: _Notice, award: Object) -> str:
    if not award.get("title") and 0 < len(notice.title) <= _TITLE:
        return notice.title
    for holder, field in (
        (award, "title"),
        (notice.tender, "title"),
        (notice.release, "title"),
        (award, "description"),
        (notice.tender, "description"),
    ):
        text = clean_text(holder.get(field))
        if text:
            return text if len(text) <= _TITLE else text[:_TITLE].rsplit(" ", 1)[0] + " …"
    return notice.ocid
