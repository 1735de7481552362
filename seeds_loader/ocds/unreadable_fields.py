"""What a notice says and no record can hold: dates, amounts and identifiers that are none. Each is told."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from civicgraph.graph.records.types import Rejection
from civicgraph.seeds_loader.identifiers import official, schemes
from civicgraph.seeds_loader.ocds.fields import Object, amount, day, identifier, mapping, mappings
from civicgraph.seeds_loader.ocds.packages import Found

_NO_DAY: Final = ("no date", "write it as 2025-04-23, with or without a time")
_NO_AMOUNT: Final = ("no number", "write digits and a point")


def unreadable_fields(file: str, found: Found, awards: Sequence[Object]) -> Iterator[Rejection]:
    """Yield each field of a notice that was given and could not be read, as a partial rejection.

    Parameters
    ----------
    file
        Where the notice stands.
    found
        The notice.
    awards
        Its awards.
    """
    tender = mapping(found.release.get("tender"))
    dates = [("tender/datePublished", tender.get("datePublished"))]
    amounts = [("tender/value/amount", _amount_of(tender))]
    for award in awards:
        period = mapping(award.get("contractPeriod"))
        dates += [
            ("awards/date", award.get("date")),
            ("awards/contractPeriod/startDate", period.get("startDate")),
            ("awards/contractPeriod/endDate", period.get("endDate")),
        ]
        amounts.append(("awards/value/amount", _amount_of(award)))
    if found.release.get("contracts"):
        for contract in mappings(found.release.get("contracts")):
            period = mapping(contract.get("period"))
            dates += [
                ("contracts/dateSigned", contract.get("dateSigned")),
                ("contracts/period/startDate", period.get("startDate")),
                ("contracts/period/endDate", period.get("endDate")),
            ]
            amounts.append(("contracts/value/amount", _amount_of(contract)))
    for field, value in dates:
        if value and day(value) is None:
            yield _unreadable(file, found, field, value, _NO_DAY)
    for field, value in amounts:
        if value is not None and amount(value) is None:
            yield _unreadable(file, found, field, value, _NO_AMOUNT)
    for scheme, number in _identifiers(mappings(found.release.get("parties"))):
        if official(scheme, number) is None:
            told = (f"no identifier of {scheme}", "write it as the register does, or leave it out")
            yield _unreadable(file, found, "parties/identifier", number, told)


def _amount_of(holder: Object) -> object:
    value = holder.get("value")
    return value.get("amount") if isinstance(value, dict) else None


def _identifiers(parties: Iterable[Object]) -> Iterator[tuple[str, str]]:
    """Yield the identifiers that are said to be of a register that is known, empty ones left out."""
    for party in parties:
        told = [party["identifier"]] if "identifier" in party else []
        if more := party.get("additionalIdentifiers"):
            told += more if isinstance(more, list) else [more]
        for given in told:
            if isinstance(given, dict):
                scheme, number = given.get("scheme"), identifier(given.get("id"))
                if number and isinstance(scheme, str) and scheme in schemes():
                    yield scheme, number


def _unreadable(file: str, found: Found, field: str, value: object, told: tuple[str, str]) -> Rejection:
    reason, remedy = told
    return Rejection(file, found.line, field, f"{str(value)[:80]!r} is {reason}", remedy, found.ocid, partial=True)
