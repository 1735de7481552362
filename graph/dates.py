"""Dates as documents give them: EDTF text, and the days it can mean."""

from dataclasses import dataclass
from datetime import date, timedelta

from edtf import parse_edtf
from edtf.parser.edtf_exceptions import EDTFParseException


class DateError(ValueError):
    """A text is no date in EDTF."""


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
        EDTF, levels 0 and 1: ``2014-03-03``, ``2013-11``, ``2006~``, ``2009/2012``, ``../2016-04``.

    Raises
    ------
    DateError
        The text is not EDTF.

    Examples
    --------
    >>> parse_date("2021-03").latest
    datetime.date(2021, 3, 31)
    >>> parse_date("2006~").earliest
    datetime.date(2005, 1, 1)
    """
    first, slash, last = text.partition("/")
    if slash:
        return DateBounds(
            None if first in ("", "..") else parse_date(first).earliest,
            None if last in ("", "..") else parse_date(last).latest,
        )
    try:
        parsed = parse_edtf(text)
        earliest, latest = (date(*bound[:3]) for bound in (parsed.lower_strict(), parsed.upper_strict()))
    except (EDTFParseException, ValueError, TypeError, AttributeError) as error:
        msg = f"{text!r} is no date: give a day (2014-03-03), a month, a year, or EDTF such as 2006~"
        raise DateError(msg) from error
    if text.endswith(("~", "?", "%")):
        earliest, latest = _widen(earliest, latest)
    return DateBounds(earliest, latest)


def _widen(earliest: date, latest: date) -> tuple[date, date]:
    one_day = timedelta(days=1)
    if earliest == latest:
        return earliest - one_day, latest + one_day
    before, after = earliest - one_day, latest + one_day
    if (latest - earliest).days > 31:  # noqa: PLR2004 - longer than any month: a year or a season
        return date(before.year, 1, 1), date(after.year, 12, 31)
    after_next = date(after.year + after.month // 12, after.month % 12 + 1, 1)
    return before.replace(day=1), after_next - one_day
