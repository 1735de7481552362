"""The values of an OCDS release, each taken for what it can be: text, money, a day, codes. Nothing here raises."""

import math
import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final, NamedTuple

from civicgraph.seeds_loader.currencies import currency_code
from civicgraph.seeds_loader.faults import ValueFault
from civicgraph.seeds_loader.tables.cells import read_amount
from civicgraph.seeds_loader.text import clean_text

Object = Mapping[str, object]
"""A JSON object."""

_NONE: Final[Object] = {}
_CPV: Final = re.compile(r"(\d{8})(?:-\d)?")
_CPV_SCHEMES: Final = ("CPV", "cpv", "", None)


def mapping(value: object) -> Object:
    """Return a value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else _NONE


def mappings(value: object) -> list[Object]:
    """Return the objects of a list; a single object counts as a list of one.

    >>> mappings([{"id": 1}, None]), mappings(None)
    ([{'id': 1}], [])
    """
    if isinstance(value, list):
        return [member for member in value if isinstance(member, dict)]
    return [value] if isinstance(value, dict) else []


def identifier(value: object) -> str:
    """Return an id as text; nothing where it is neither text nor a whole number.

    >>> identifier(7), identifier(" a "), identifier(None)
    ('7', 'a', '')
    """
    if isinstance(value, str):
        return value.strip() if value.isprintable() else clean_text(value)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def amount(value: object) -> Decimal | None:
    """Return a number, or a text that is one, as a decimal.

    The parser hands on a fraction as the nearest double, and the shortest decimal that reads back as it is what the
    file has, as long as doubles lie closer than a penny: below 2**46, about 70 trillion.

    >>> amount(93007.1), amount("£1,250.50"), amount("about 5"), amount(True)
    (Decimal('93007.1'), Decimal('1250.50'), None, None)
    """
    if isinstance(value, float):
        return Decimal(repr(value)) if math.isfinite(value) else None
    if isinstance(value, int):
        return None if isinstance(value, bool) else Decimal(value)
    try:
        return read_amount(value) if isinstance(value, str) else None
    except ValueFault:
        return None


class Money(NamedTuple):
    """An amount, its currency, `net` or `gross` of VAT where that is known, and what it is gross where it is net."""

    amount: Decimal | None = None
    currency: str | None = None
    vat: str = ""
    gross: Decimal | None = None


def money(value: object) -> Money:
    """Return what an OCDS value says.

    >>> money({"amount": 100, "amountGross": 120, "currency": "GBP"})
    Money(amount=Decimal('100'), currency='GBP', vat='net', gross=Decimal('120'))
    >>> money({"amountGross": 120})
    Money(amount=Decimal('120'), currency=None, vat='gross', gross=None)
    """
    fields = mapping(value)
    if not fields:
        return Money()
    code = fields.get("currency")
    currency = currency_code(code) if isinstance(code, str) else None
    plain, vat = amount(fields.get("amount")), ""
    if "valueAddedTaxIncluded" in fields:
        included = fields["valueAddedTaxIncluded"]
        vat = "gross" if included is True else "net" if included is False else ""
    net, gross = amount(fields.get("amountNet")), amount(fields.get("amountGross"))
    if plain is None:
        plain, vat = (net, "net") if net is not None else (gross, "gross" if gross is not None else "")
    elif not vat and gross is not None:
        vat = "net" if gross > plain else ""
    elif not vat and net is not None:
        vat = "gross" if net < plain else "net"
    return Money(plain, currency, vat, gross if vat == "net" else None)


def day(value: object) -> date | None:
    """Return the day of a date-time, as the place that wrote it counts days.

    >>> day("2025-04-23T23:59:59+01:00"), day("soon"), day(20250423)
    (datetime.date(2025, 4, 23), None, None)
    """
    return _day(value[:12]) if isinstance(value, str) else None


@lru_cache(maxsize=50_000)
def _day(text: str) -> date | None:
    text = text.strip()[:10]
    if len(text) != len("2025-04-23") or text[4] != "-":
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def cpv_codes(holders: Iterable[Object]) -> tuple[str, ...]:
    """Return the CPV codes of tenders, awards and items, the main classification first.

    >>> cpv_codes([{"classification": {"scheme": "CPV", "id": "48000000-8"}}])
    ('48000000',)
    """
    codes: dict[str, None] = {}
    for holder in holders:
        for name in ("classification", "additionalClassifications"):
            value = holder.get(name)
            for classification in mappings(value) if value else ():
                if classification.get("scheme") in _CPV_SCHEMES:
                    code = _CPV.fullmatch(identifier(classification.get("id")))
                    if code is not None:
                        codes[code[1]] = None
    return tuple(codes)
