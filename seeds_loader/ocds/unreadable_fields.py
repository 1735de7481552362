"""What a notice says and no record can hold: dates, amounts and identifiers that are none. Each is told."""

from collections.abc import Iterator, Sequence
from typing import Final

from civicgraph.graph.records.types import Rejection
from civicgraph.seeds_loader.currencies import currency_code
from civicgraph.seeds_loader.identifiers import official, schemes
from civicgraph.seeds_loader.ocds.fields import Object, amount, day, identifier, mapping, mappings
from civicgraph.seeds_loader.ocds.releases import Found

_DATES: Final = {
    "tender": ("datePublished",),
    "awards": ("date", "contractPeriod/startDate", "contractPeriod/endDate"),
    "contracts": ("dateSigned", "period/startDate", "period/endDate"),
}
"""Where dates are in what has a value, too."""

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
    for name, dates in _DATES.items():
        for holder in awards if name == "awards" else mappings(found.release.get(name)):
            for place in dates:
                outer, _, inner = place.partition("/")
                value = mapping(holder.get(outer)).get(inner) if inner else holder.get(outer)
                if value and day(value) is None:
                    yield _unreadable(file, found, f"{name}/{place}", value, _NO_DAY)
            worth = mapping(holder.get("value"))
            pounds, currency = worth.get("amount"), worth.get("currency")
            if pounds is not None and amount(pounds) is None:
                yield _unreadable(file, found, f"{name}/value/amount", pounds, _NO_AMOUNT)
            if currency and (not isinstance(currency, str) or currency_code(currency) is None):
                yield _unreadable(file, found, f"{name}/value/currency", currency, _NO_CURRENCY)
    for party in mappings(found.release.get("parties")):
        for given in (*mappings(party.get("identifier")), *mappings(party.get("additionalIdentifiers"))):
            scheme, number = given.get("scheme"), identifier(given.get("id"))
            if number and isinstance(scheme, str) and scheme in schemes() and official(scheme, number) is None:
                told = (f"no identifier of {scheme}", "write it as the register does, or leave it out")
                yield _unreadable(file, found, "parties/identifier", number, told)


def _unreadable(file: str, found: Found, field: str, value: object, told: tuple[str, str]) -> Rejection:
    reason, remedy = told
    return Rejection(file, found.line, field, f"{str(value)[:80]!r} is {reason}", remedy, found.ocid, partial=True)
