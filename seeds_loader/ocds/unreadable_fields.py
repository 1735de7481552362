"""What a notice says and no record can hold: dates, amounts and identifiers that are none. Each is told."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from civicgraph.graph.records.types import Rejection
from civicgraph.seeds_loader.currencies import currency_code
from civicgraph.seeds_loader.identifiers import official, schemes
from civicgraph.seeds_loader.ocds.fields import Object, amount, day, identifier, mapping, mappings
from civicgraph.seeds_loader.ocds.releases import Found

_NO_DAY: Final = ("no date", "write it as 2025-04-23, with or without a time")
_NO_CURRENCY: Final = ("a currency that is not known", "write its code of three letters, such as GBP")
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
    for holder, name, dates in _holders(found.release, awards):
        for place in dates:
            value = _at(holder, place)
            if value and day(value) is None:
                yield _unreadable(file, found, f"{name}/{place}", value, _NO_DAY)
        value = holder.get("value")
        if not isinstance(value, dict):
            continue
        pounds, currency = value.get("amount"), value.get("currency")
        if pounds is not None and amount(pounds) is None:
            yield _unreadable(file, found, f"{name}/value/amount", pounds, _NO_AMOUNT)
        if currency and (not isinstance(currency, str) or currency_code(currency) is None):
            yield _unreadable(file, found, f"{name}/value/currency", currency, _NO_CURRENCY)
    for scheme, number in _identifiers(mappings(found.release.get("parties"))):
        if official(scheme, number) is None:
            told = (f"no identifier of {scheme}", "write it as the register does, or leave it out")
            yield _unreadable(file, found, "parties/identifier", number, told)


def _holders(release: Object, awards: Sequence[Object]) -> Iterator[tuple[Object, str, Sequence[str]]]:
    """Yield what holds dates and a value, what it is called, and where its dates are."""
    yield mapping(release.get("tender")), "tender", ("datePublished",)
    for award in awards:
        yield award, "awards", ("date", "contractPeriod/startDate", "contractPeriod/endDate")
    for contract in mappings(release.get("contracts")) if release.get("contracts") else ():
        yield contract, "contracts", ("dateSigned", "period/startDate", "period/endDate")


def _at(holder: Object, place: str) -> object:
    outer, inner, name = place.partition("/")
    return mapping(holder.get(outer)).get(name) if inner else holder.get(outer)


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
