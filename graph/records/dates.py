"""Dates as documents give them: EDTF text, and the days it can mean."""

import re
import reprlib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import Final

_OPEN: Final = ("", "..")
# White space, which the parser passes over, and level 2's signs inside a date, which say how far it is inexact.
_BEYOND: Final = re.compile(r"\s|[~?%](?!$)")
# Level 2's "one of a set", of which only a stretch is read: some time within it, not all of it as with a slash.
_WITHIN: Final = re.compile(r"\[([^\[\]/]*?)\.\.([^\[\]/]*)\]")


class DateError(ValueError):
    """A text is not a date in EDTF."""


@dataclass(frozen=True, slots=True)
class DateBounds:
    """The earliest and the latest day that a date can mean; None where it is open."""

    earliest: date | None
    latest: date | None

    @property
    def is_exact(self) -> bool:
        """Whether only one day is meant."""
        return self.earliest is not None and self.earliest == self.latest


def parse_date(text: str) -> DateBounds:
    """Return the days that an EDTF date can mean.

    An approximate year or month is taken one year, or one month, wider on either side; an approximate day one
    day wider: no source says how far "about" reaches, and a bound that is too narrow would be a claim.

    Parameters
    ----------
    text
        EDTF, levels 0 and 1: ``2014-03-03``, ``2013-11``, ``2006~``, ``2009/2012`` for the whole span; and of
        level 2 ``[2009..2012]``, ``[2009..]``, ``[..2012]`` for some time within it.

    Raises
    ------
    DateError
        The text is not EDTF, ends before it begins, or can mean a day outside the years 1 to 9999.

    Examples
    --------
    >>> parse_date("2021-03").latest
    datetime.date(2021, 3, 31)
    >>> parse_date("2006~").earliest
    datetime.date(2005, 1, 1)
    >>> parse_date("[2011-05-25..2011-06-02]").latest
    datetime.date(2011, 6, 2)
    """
    from edtf.parser.edtf_exceptions import EDTFParseException  # noqa: PLC0415 - a grammar takes a while to be made

    within = _WITHIN.fullmatch(text)
    first, slash, last = text.partition("/") if within is None else (within[1], "..", within[2])
    try:
        if not slash:
            return DateBounds(*_days(text))
        earliest = None if first in _OPEN else _days(first)[0]
        latest = None if last in _OPEN else _days(last)[1]
    except (EDTFParseException, ValueError, TypeError, AttributeError, OverflowError) as error:
        msg = f"{reprlib.repr(text)} is not a date: give a day (2014-03-03), a month, a year, or EDTF such as 2006~"
        raise DateError(msg) from error
    if earliest is not None and latest is not None and latest < earliest:
        msg = f"{text!r} ends before it begins"
        raise DateError(msg)
    return DateBounds(earliest, latest)


@lru_cache(4096)  # a grammar takes milliseconds, and documents give the same days again and again
def _days(text: str) -> tuple[date, date]:
    if "/" in text or _BEYOND.search(text):
        msg = "beyond EDTF levels 0 and 1"
        raise ValueError(msg)
    from edtf import parse_edtf  # noqa: PLC0415 - as above

    parsed = parse_edtf(text)
    earliest, latest = (date(*bound[:3]) for bound in (parsed.lower_strict(), parsed.upper_strict()))
    return _widen(earliest, latest) if text.endswith(("~", "?", "%")) else (earliest, latest)


def _widen(earliest: date, latest: date) -> tuple[date, date]:
    one_day = timedelta(days=1)
    if earliest == latest:
        return earliest - one_day, latest + one_day
    before, after = earliest - one_day, latest + one_day
    if (latest - earliest).days > 31:  # noqa: PLR2004 - longer than any month: a year or a season
        return date(before.year, 1, 1), date(after.year, 12, 31)
    after_next = date(after.year + after.month // 12, after.month % 12 + 1, 1)
    return before.replace(day=1), after_next - one_day


@cache
def last_of_month(day: date) -> date:
    """Return the last day of a day's month."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
