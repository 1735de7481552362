"""What a cell says: amounts in pounds, and days."""

import re
import unicodedata
from calendar import month_name
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from civicgraph.seeds_loader.faults import ValueFault
from civicgraph.seeds_loader.guards.rules import compiled
from civicgraph.seeds_loader.text import clean_text

MERGED: Final = "(merged with the cell above)"
"""Stands in the lower rows of cells that were merged over a number."""

PLAIN_AMOUNT: Final = r"-?[0-9]{1,15}(?:\.[0-9]{1,6})?"
"""The pattern of an amount that reads as it stands, as nearly all do."""
is_written_amount: Final = re.compile(r"£? ?(?:[0-9]{1,3}(?:,[0-9]{3}){1,4}|[0-9]{1,15})(?:\.[0-9]{1,6})?").fullmatch
"""Tells an amount in pounds as most people write one, which nothing else can be meant by."""
_DECIMALS: Final = 6
_MINUSES: Final = str.maketrans({"\u2212": "-", "\u2013": "-", "\u2010": "-", "\u2011": "-"})

_MONTHS: Final = {name[:length].lower(): at for at, name in enumerate(month_name) for length in range(3, len(name) + 1)}
_EXCEL_EPOCH: Final = date(1899, 12, 30)
_EXCEL_DAYS: Final = range(32_874, 73_051)  # 1990 to 2099
_YEARS: Final = range(1900, 2100)
_SHORT_YEAR, _PIVOT = 100, 69


def read_amount(text: str) -> Decimal:
    """Return an amount in pounds.

    Thousands signs, pound signs, brackets or a trailing minus (or CR) for what is negative are understood; digits
    beyond a millionth of a pound are rounding noise and are rounded away.

    Raises
    ------
    ValueFault
        The text is not an amount, is rounded by scientific notation, or is in another currency.

    Examples
    --------
    >>> read_amount("(£1,234.50)"), read_amount("12.00-"), read_amount("1.2345E+2"), read_amount("£ -")
    (Decimal('-1234.50'), Decimal('-12.00'), Decimal('123.45'), Decimal('0'))
    """
    if re.fullmatch(PLAIN_AMOUNT, text):
        return Decimal(text)
    if is_written_amount(text):
        return Decimal(text.lstrip("£ ").replace(",", ""))
    if text == MERGED:
        raise ValueFault("merged with the cell above", "its amount is counted there; nothing is to be done")
    bare = forms()["pounds"].sub("", "".join(clean_text(text).translate(_MINUSES).split()))
    if not bare:
        raise ValueFault("empty", "give the amount in pounds")
    if bare == "-":
        # How spreadsheets show nought in the form of accounts.
        return Decimal(0)
    negative = False
    if bare.startswith("(") and bare.endswith(")"):
        bare, negative = bare[1:-1], True
    if bare[-2:].upper() in ("CR", "DR"):
        bare, negative = bare[:-2], negative ^ (bare[-2:].upper() == "CR")
    if bare.startswith(("-", "+")) or bare.endswith(("-", "+")):
        negative ^= "-" in (bare[0], bare[-1])
        bare = bare[1:] if bare[0] in "-+" else bare[:-1]
    amount = _unsigned(bare, text)
    return -amount if negative else amount


def _unsigned(bare: str, text: str) -> Decimal:
    if forms()["amount"].fullmatch(bare):
        amount = Decimal(bare.replace(",", ""))
    elif match := forms()["scientific"].fullmatch(bare):
        if int(match[3]) > len(match[2] or ""):
            raise ValueFault(f"{text!r} is rounded by scientific notation", "write the amount in full")
        amount = Decimal(bare)
    elif bare.startswith("="):
        raise ValueFault(f"{text!r} is a formula without its value", "save the workbook with its values worked out")
    elif any(unicodedata.category(character) == "Sc" for character in bare):
        raise ValueFault(f"{text!r} is not in pounds", "give it in pounds")
    else:
        raise ValueFault(f"{text!r} is not an amount", "write it as 1234.56")
    return min(amount, round(amount, _DECIMALS), key=lambda number: len(number.as_tuple().digits))


def read_day(text: str, *, month_first: bool = False) -> date:
    """Return the day that a cell names; the first of the month where only the month is named.

    Understood are ISO dates and times, day/month/year in digits or with the month's name, with a weekday or without,
    Excel's day numbers, and yyyymm. Years of two digits are those from 1969 to 2068.

    Parameters
    ----------
    text
        The cell.
    month_first
        Whether digits are in the order month/day/year.

    Raises
    ------
    ValueFault
        The text is not a day.

    Examples
    --------
    >>> [read_day(text).isoformat() for text in ("2019-10-01", "1/10/19", "01-Oct-2019", "43739", "201910")]
    ['2019-10-01', '2019-10-01', '2019-10-01', '2019-10-01', '2019-10-01']
    """
    bare = forms()["weekday"].sub("", " ".join(text.split()))
    if not bare:
        raise ValueFault("empty", "give the day")
    try:
        found = _day(bare, month_first=month_first)
    except (ValueError, KeyError):
        found = None
    if found is None or found.year not in _YEARS:
        order = "month/day/year" if month_first else "day/month/year"
        raise ValueFault(f"{text!r} is not a day", f"write it as 2019-10-31; digits with strokes are read as {order}")
    return found


def names_month(text: str) -> bool:
    """Return whether a cell that names a day names no more than its month.

    >>> names_month("October 2019"), names_month("201910"), names_month("1/10/2019")
    (True, True, False)
    """
    parts = _parts(" ".join(text.split()))
    return bool(parts) and not parts.get("day")


def _parts(text: str) -> dict[str, str]:
    return next((match.groupdict("") for form in forms()["days"].values() if (match := form.fullmatch(text))), {})


def _day(text: str, *, month_first: bool) -> date | None:
    if (serial := forms()["serial"].fullmatch(text)) is not None:
        days = int(serial[1])
        return _EXCEL_EPOCH + timedelta(days=days) if days in _EXCEL_DAYS else None
    if not (parts := _parts(text)):
        return None
    day, month, year = parts.get("day") or "1", parts["month"], int(parts["year"])
    if month_first and "stroke" in parts:
        day, month = month, day
    if year < _SHORT_YEAR:
        year += 1900 if year >= _PIVOT else 2000
    return date(year, int(month) if month.isdigit() else _MONTHS[month.lower()], int(day))


def order_evidence(text: str) -> str | None:
    """Return which order a date of digits must have: "day first", "month first", or None where it may be either.

    >>> order_evidence("31/12/2019"), order_evidence("12/31/2019"), order_evidence("01/02/2019")
    ('day first', 'month first', None)
    """
    match = forms()["days"]["numeric"].fullmatch(text.strip())
    if match is None:
        return None
    first, second = int(match["day"]), int(match["month"])
    if first > 12 >= second:  # noqa: PLR2004 - months
        return "day first"
    return "month first" if second > 12 >= first else None  # noqa: PLR2004 - months


def forms() -> Mapping[str, Any]:
    """Return what `cell_forms.yaml` has, its patterns ready for use."""
    return compiled("tables/cell_forms.yaml")
