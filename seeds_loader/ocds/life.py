"""What notices of the Procurement Act 2023 tell of a contract's life: changes, failures, its end, what it came of."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import chain
from typing import Final

from civicgraph.graph.records.iris import short_hash, slugify
from civicgraph.graph.records.types import ContractEvent, ContractLife, Notice, Terms
from civicgraph.seeds_loader.ocds.fields import Object, day, identifier, mapping, mappings, money
from civicgraph.seeds_loader.ocds.parties import resolve
from civicgraph.seeds_loader.text import clean_text
from civicgraph.seeds_loader.yaml_lines import own_yaml

_NOTICE: Final = re.compile(r"UK(?:[1-9]|1[0-7])")
_CALL_OFF: Final = frozenset({"framework"})
_CONTINUES: Final = frozenset({"replacementProcess", "renewalProcess", "prior", "subsequentTo", "unsuccessfulProcess"})
_MISSED: Final = frozenset({"slightlyBelow", "below", "significantlyBelow"})
_TELLING: Final = frozenset({"contracts", "relatedProcesses", "relatedLots", "awardID", "hasRenewal", "hasOptions"})


def notices(release: Object) -> tuple[Notice, ...]:
    """Return the notices that a release holds, by its documents that name a type, in order: its tag does not tell."""
    holders = chain.from_iterable(mappings(release.get(name)) for name in ("planning", "tender", "awards", "contracts"))
    found = {}
    for holder in holders:
        for document in mappings(holder["documents"]) if "documents" in holder else ():
            kind = document.get("noticeType")
            if isinstance(kind, str) and _NOTICE.fullmatch(kind):
                number = identifier(document.get("id")) or identifier(release.get("id"))
                found[number] = Notice(f"notice/{slugify(number)}", number, kind, day(document.get("datePublished")))
    return tuple(sorted(found.values(), key=lambda one: (one.published or date.min, one.number)))


def ended_without_contract(tender: Object) -> tuple[date | None, str]:
    """Return when a procurement was brought to its end and why, as a notice of that (UK12) says."""
    holders = (tender, *mappings(tender.get("lots")))
    told = (_said(holder, "statusDetails") for holder in holders)
    changes = (_said(one, "rationale", "description") for one in reversed(mappings(tender.get("amendments"))))
    return day(tender.get("finalStatusDate")), next(filter(None, (*told, *changes)), "")


def continues(release: Object) -> tuple[str, ...]:
    """Return the OCIDs of the earlier processes that a release says it continues."""
    return tuple(dict.fromkeys(_related(release.get("relatedProcesses"), _CONTINUES)))


def life(
    release: Object, holders: Sequence[Object], contract: str, parties: Mapping[str, Object]
) -> ContractLife | None:
    """Return what an award and the contracts made of it tell of their life, or None where they tell nothing.

    Parameters
    ----------
    release
        The release.
    holders
        The award, and its contracts.
    contract
        The id of the contract.
    parties
        The parties of the release by their local ids.
    """
    tender = mapping(release.get("tender"))
    if (
        all(map(_TELLING.isdisjoint, (release, *holders)))
        and "lots" not in tender
        and "maxExtentDate" not in mapping(holders[0].get("contractPeriod"))
    ):
        # As nearly all are.
        return None
    periods = [mapping(holder.get(name)) for holder in holders for name in ("contractPeriod", "period")]
    extents = (day(period.get("maxExtentDate")) for period in periods)
    lots = _lots(tender, holders)
    all_lots = mappings(tender.get("lots"))
    related = [
        _related(one["relatedProcesses"], _CALL_OFF) for one in (release, tender, *holders) if "relatedProcesses" in one
    ]
    found = ContractLife(
        latest_end=max(filter(None, extents), default=None),
        ended=_ended(holders),
        end_reason=_end_reason(holders),
        lots=tuple(dict.fromkeys(clean_text(lot.get("title")) or key for key, lot in lots.items())),
        call_off_of=tuple(dict.fromkeys(chain.from_iterable(related))),
        events=tuple(chain.from_iterable(_events(holder, contract, parties) for holder in holders)),
        paid=_paid(holders),
        terms=terms_of((*holders, *(lots.values() if lots or len(all_lots) > 1 else all_lots))),
    )
    return None if found == ContractLife() else found


def _related(value: object, wanted: frozenset[str]) -> Iterator[str]:
    for one in mappings(value) if value else ():
        kinds = one.get("relationship")
        told = {kind for kind in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(kind, str)}
        number = identifier(one.get("identifier"))
        if number and one.get("scheme") in (None, "ocid") and not wanted.isdisjoint(told):
            yield number


def terms_of(holders: Sequence[Object]) -> Terms:
    """Return what awards, contracts or lots say of options and of renewal."""
    return Terms(*_terms(holders, "options"), *_terms(holders, "renewal"))


def lot_titles(tender: Object) -> tuple[str, ...]:
    """Return what the lots of a tender are called: by their titles, else by their ids."""
    lots = mappings(tender["lots"]) if tender.get("lots") else ()
    named = (clean_text(lot.get("title")) or identifier(lot.get("id")) for lot in lots)
    return tuple(dict.fromkeys(filter(None, named)))


def _lots(tender: Object, holders: Sequence[Object]) -> Mapping[str, Object]:
    """Return the lots that an award and its contracts are said to be of, by id."""
    lots = {identifier(lot.get("id")): lot for lot in mappings(tender.get("lots"))}
    told = (holder.get("relatedLots") for holder in holders)
    named = [identifier(lot) for listed in told if isinstance(listed, list) for lot in listed]
    return {lot: lots.get(lot, {}) for lot in named if lot}


def _terms(holders: Sequence[Object], name: str) -> tuple[bool | None, tuple[str, ...]]:
    """Return whether there are `options` or a `renewal`, as far as is said, and their terms."""
    told = [clean_text(mapping(holder.get(name)).get("description")) for holder in holders]
    said = {holder.get(f"has{name.capitalize()}") for holder in holders}
    texts = tuple(dict.fromkeys(filter(None, told)))
    return (True if texts or True in said else False if False in said else None), texts


def _ended(holders: Sequence[Object]) -> date | None:
    """Return the day on which all contracts came to their end in fact, where they are said to be terminated."""
    contracts = [holder for holder in holders if "status" in holder and holder.get("awardID")]
    if not contracts or any(holder.get("status") != "terminated" for holder in contracts):
        return None
    days = [
        day(holder.get("finalStatusDate"))
        or day(holder.get("dateTerminated"))
        or day(mapping(holder.get("period")).get("endDate"))
        for holder in contracts
    ]
    return max((one for one in days if one), default=None)


def _paid(holders: Sequence[Object]) -> Decimal | None:
    """Return the sum of the payments that contracts list, where all are read and in the currency of the contracts."""
    listed = [one for holder in holders for one in mappings(mapping(holder.get("implementation")).get("transactions"))]
    sums = [money(one.get("value")) for one in listed]
    amounts = [one.amount for one in sums if one.amount is not None]
    currencies = {one.currency for one in (*sums, *(money(one["value"]) for one in holders if "value" in one))}
    is_whole = amounts and len(amounts) == len(sums) and len(currencies) == 1
    return sum(amounts, Decimal(0)) if is_whole else None


def _end_reason(holders: Sequence[Object]) -> str | None:
    names = ("terminationRationaleClassifications", "terminationRationaleClassification")
    told = [one for holder in holders for name in names for one in mappings(holder.get(name))]
    words = [f"{identifier(one.get('id'))} {clean_text(one.get('description'))}" for one in told]
    found = (reason for one in words for reason, pattern in _reasons().items() if pattern.search(one))
    return next(found, None)


def _events(holder: Object, contract: str, parties: Mapping[str, Object]) -> Iterator[ContractEvent]:
    for name in ("amendments", "proposedAmendments"):
        for one in mappings(holder.get(name)) if holder.get(name) else ():
            value, currency, *_ = money(one.get("value"))
            classified = (_said(each, "description", "id") for each in mappings(one.get("rationaleClassifications")))
            yield ContractEvent(
                kind="Change",
                key=_key(contract, name, one),
                label=_said(one, "description", "rationale") or "Contract change",
                day=day(one.get("date")),
                reason=_said(one, "rationale") or "; ".join(filter(None, classified)),
                new_end=day(mapping(one.get("period")).get("endDate")),
                value=value,
                currency=currency,
                added=resolve(mappings(one.get("suppliersAdded")), parties),
                removed=resolve(mappings(one.get("suppliersRemoved")), parties),
            )
    implementation = mapping(holder.get("implementation"))
    for one in (*mappings(holder.get("performanceFailures")), *mappings(implementation.get("performanceFailures"))):
        value, currency, *_ = money(one.get("penaltyValue"))
        yield ContractEvent(
            kind="PerformanceFailure",
            key=_key(contract, "failure", one),
            label=_said(one, "requirement", "description") or "Performance failure",
            day=day(one.get("decisionDate")) or day(one.get("penaltyDate")),
            reason=_said(one, "description"),
            value=value,
            currency=currency,
            suppliers=resolve(mappings(one.get("suppliers")), parties),
        )
    yield from _missed((*mappings(holder.get("agreedMetrics")), *mappings(implementation.get("metrics"))), contract)


def _missed(metrics: Sequence[Object], contract: str) -> Iterator[ContractEvent]:
    """Yield the measures of performance that were not met."""
    for metric in metrics:
        for observation in mappings(metric.get("observations")) if metric.get("observations") else ():
            rating = identifier(mapping(observation.get("measureClassification")).get("id"))
            if rating in _MISSED:
                yield ContractEvent(
                    kind="PerformanceFailure",
                    key=_key(contract, identifier(metric.get("id")), observation),
                    label=_said(metric, "title", "description") or "Measure of performance",
                    day=day(mapping(observation.get("period")).get("endDate")),
                    reason=rating,
                )


def _key(contract: str, name: str, one: Object) -> str:
    return f"event/{short_hash(contract, name, identifier(one.get('id')) or str(sorted(map(str, one.items()))))}"


def _said(holder: Object, *names: str) -> str:
    return next(filter(None, (clean_text(holder.get(name)) for name in names)), "")[:300]


@cache
def _reasons() -> Mapping[str, re.Pattern[str]]:
    return {reason: re.compile(words, re.IGNORECASE) for reason, words in own_yaml("ocds/end_reasons.yaml").items()}
