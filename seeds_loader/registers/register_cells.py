"""What cells of contracts registers say in words: suppliers, sums, terms, yes and no."""

import html
from calendar import monthrange
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from civicgraph.graph.records.types import Party
from civicgraph.seeds_loader.faults import ValueFault
from civicgraph.seeds_loader.guards.rules import compiled, is_legal, of_name
from civicgraph.seeds_loader.identifiers import charity_identifier, company_identifier
from civicgraph.seeds_loader.tables.cells import names_month, order_evidence, read_amount, read_day
from civicgraph.seeds_loader.text import clean_text

_LONGEST: Final = 600
_REMEMBERED: Final = 50_000


@lru_cache(maxsize=_REMEMBERED)
def suppliers_in(text: str, company: str, charity: str) -> tuple[Party, ...]:
    """Return the suppliers that a cell names; a company or charity number is that of one alone."""
    names = _names(text)
    numbers = (company_identifier(company), charity_identifier(charity)) if len(names) == 1 else ()
    return tuple(Party(name, tuple(number for number in numbers if number)) for name in names)


def _names(text: str) -> tuple[str, ...]:
    """Return the suppliers that a cell names, each once.

    >>> _names("Alpha Ltd, Beta plc; Smith, Jones & Co"), _names("A E Yates,B & C Groundworks")
    (('Alpha Ltd', 'Beta plc', 'Smith, Jones & Co'), ('A E Yates', 'B & C Groundworks'))
    """
    names: dict[str, None] = {}
    for part in (words()["address"].sub("", one) for one in words()["any_of"].split(html.unescape(text))):
        pieces = words()["comma"].split(part)
        firms = part.split(",")
        if len(pieces) == 1 and all(map(is_legal, firms)):
            pieces = firms
        names.update((name, None) for name in map(clean_text, pieces) if name and of_name(name) != "blank")
    return tuple(names)


def sum_in(text: str) -> Decimal:
    """Return a sum that may be written as people do.

    >>> sum_in("c. £1.2m"), sum_in("£50k"), sum_in("1,250.50")
    (Decimal('1200000.0'), Decimal('50000'), Decimal('1250.50'))
    """
    bare = words()["empty"].sub("", " ".join(words()["about"].sub(" ", text).split()))
    if (match := words()["sum"].fullmatch(bare)) is not None and match[2]:
        times = words()["factors"].get(match[2].casefold())
        if times is not None:
            return read_amount(match[1]) * Decimal(times)
    return read_amount(bare or text)


@lru_cache(maxsize=_REMEMBERED)
def months_in(text: str, *, bare: bool = False) -> int | None:
    """Return for how many months something is, where a text says so; a number alone is of months if it may be `bare`.

    >>> (
    ...     months_in("2 x 12 months"),
    ...     months_in("Yes - up to 2 years"),
    ...     months_in("1+1"),
    ...     months_in("31/03/2027"),
    ...     months_in("3", bare=True),
    ... )
    (24, 24, 24, None, 3)
    """
    if bare and text.strip().isdigit():
        months = int(text)
    elif words()["plus"].fullmatch(text.strip()):
        months = 12 * sum(map(int, text.split("+")))
    else:
        found = [match for match in words()["term"].finditer(text) if match["unit"].casefold() in words()["months"]]
        months = sum(
            int(match["times"] or words()["numbers"].get((match["worded"] or "one").casefold(), 1))
            * (words()["numbers"].get(match["number"].casefold()) or int(match["number"]))
            * words()["months"][match["unit"].casefold()]
            for match in found
        )
    return months if 0 < months <= _LONGEST else None


@lru_cache(maxsize=_REMEMBERED)
def day_in(text: str, *, month_first: bool, last: bool) -> date:
    """Return the day that a cell names; of a month alone its first, or its `last`.

    Raises
    ------
    ValueFault
        The text is not a day, also without the remarks that people add.

    Examples
    --------
    >>> day_in("Feb-28", month_first=False, last=True), day_in("1st of May 2024*", month_first=False, last=True)
    (datetime.date(2028, 2, 29), datetime.date(2024, 5, 1))
    """
    try:
        day = read_day(text, month_first=month_first)
    except ValueFault:
        bare = words()["of_day"].sub(" ", text).strip()
        if bare == text:
            raise
        return day_in(bare, month_first=month_first, last=last)
    return day.replace(day=monthrange(day.year, day.month)[1]) if last and names_month(text) else day


@lru_cache(maxsize=_REMEMBERED)
def parts_of_period(text: str) -> tuple[str, ...]:
    """Return the parts of a text that give several days, nothing where it does not.

    >>> parts_of_period("01/04/2024 - 31/03/2026"), parts_of_period("1 April 2024 to 31 March 2026, 1 May 2025")
    (('01/04/2024', '31/03/2026'), ('1 April 2024', '31 March 2026', '1 May 2025'))
    >>> parts_of_period("2024-04-01"), parts_of_period("3 years")
    ((), ())
    """
    parts = tuple(part.strip() for part in words()["between_days"].split(text))
    return parts if len(parts) > 1 and all(map(_names_day, parts)) else ()


def _names_day(text: str) -> bool:
    try:
        read_day(text)
    except ValueFault:
        # The order of digits is not known here.
        return order_evidence(text) is not None
    return True


@lru_cache(maxsize=_REMEMBERED)
def months_later(day: date, months: int) -> date:
    """Return the day so many months later: the end of a month stays one.

    >>> months_later(date(2026, 2, 28), 12), months_later(date(2026, 3, 31), 24)
    (datetime.date(2027, 2, 28), datetime.date(2028, 3, 31))
    """
    following = day + timedelta(days=1)
    year, month = divmod(following.year * 12 + following.month - 1 + months, 12)
    last = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(following.day, last)) - timedelta(days=1)


@lru_cache(maxsize=_REMEMBERED)
def truth_of(text: str) -> bool | None:
    """Return whether a cell says yes or no, or None where it says neither."""
    plain = _plain(text)
    return True if words()["yes"].fullmatch(plain) else False if words()["no"].fullmatch(plain) else None


@lru_cache(maxsize=_REMEMBERED)
def cleaned(text: str) -> str:
    """Return a cell's text on one line, repaired."""
    return clean_text(html.unescape(text) if "&" in text else text)


@lru_cache(maxsize=_REMEMBERED)
def is_unknown(text: str) -> bool:
    """Return whether a cell says that nothing is known."""
    return words()["unknown"].fullmatch(_plain(text)) is not None


@lru_cache(maxsize=_REMEMBERED)
def has_no_day(text: str) -> bool:
    """Return whether a cell says of a day or a term that it is not known, or that there is no end."""
    return is_unknown(text) or words()["open"].search(text) is not None


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def words() -> Mapping[str, Any]:
    """Return what `register_words.yaml` has, its patterns ready for use."""
    return compiled("tables/register_words.yaml")
