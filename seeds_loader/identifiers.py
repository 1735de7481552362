"""Official identifiers of organisations in the form of org-id.guide, by the registers of `identifier_schemes.yaml`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

from civicgraph.seeds_loader.yaml_lines import own_yaml

_COMPANY: Final = re.compile(r"(?:GB-?COH-?)?([A-Z]{0,2})([0-9]{4,8}[A-Z]?)(?:\.0)?")
_COMPANY_DIGITS: Final = 8
_CHARITY: Final = re.compile(r"(?:GB-?(?:CHC|SC)-?)?(SCO?)?([0-9]{5,7})(?:-[0-9]+|\.0)?")


@dataclass(frozen=True, slots=True)
class Scheme:
    """A register: its rank (the most telling first), the form of its identifiers, the class that being in it warrants.

    `digits` is how long a number is with the leading zeros that people leave out; `never` holds numbers of nobody.
    """

    rank: int
    pattern: re.Pattern[str]
    digits: int
    cls: str | None
    never: frozenset[str]


@lru_cache(maxsize=100_000)
def official(scheme: str, number: str, *, is_meant: bool = False) -> str | None:
    """Return an identifier in the form of org-id.guide, or None where it is not an official one of the right form.

    What people write who have none, such as 12345678, is none either unless it `is_meant`.

    >>> official("GB-COH", "7689604"), official("GB-COH", "sc 123456")
    ('GB-COH-07689604', 'GB-COH-SC123456')
    >>> official("GB-COH", "458577871"), official("GB-CFS", "18525")
    (None, None)
    """
    known = schemes().get(scheme)
    text = number.replace(" ", "").upper().removeprefix(f"{scheme}-")
    if known is None or known.pattern.fullmatch(text) is None:
        return None
    text = text.zfill(known.digits)
    return f"{scheme}-{text}" if is_meant or text not in known.never else None


def company_identifier(text: str) -> str | None:
    """Return a company number as an official identifier, or None where the text is none.

    Noughts that a spreadsheet took away are put back. A number that others write where they have none, such as
    12345678, is that of a company here: a list of companies means what it says.

    >>> company_identifier("1234567"), company_identifier("sc 123456"), company_identifier("N/A")
    ('GB-COH-01234567', 'GB-COH-SC123456', None)
    """
    found = _COMPANY.fullmatch("".join(text.split()).upper())
    if found is None or not found[2].strip("0"):
        return None
    return official("GB-COH", found[1] + found[2].zfill(_COMPANY_DIGITS - len(found[1])), is_meant=True)


def charity_identifier(text: str) -> str | None:
    """Return a charity number as an official identifier, or None where the text is none.

    >>> charity_identifier("1089464"), charity_identifier("SC038092"), charity_identifier("exempt")
    ('GB-CHC-1089464', 'GB-SC-SC038092', None)
    """
    found = _CHARITY.fullmatch("".join(text.split()).upper())
    if found is None:
        return None
    return official("GB-SC", f"SC{found[2].zfill(6)}") if found[1] else official("GB-CHC", found[2])


def scheme_of(identifier: str) -> str:
    """Return the register's code at the beginning of an identifier.

    >>> scheme_of("GB-COH-01234567")
    'GB-COH'
    """
    country, _, rest = identifier.partition("-")
    return f"{country}-{rest.partition('-')[0]}"


@cache
def schemes() -> Mapping[str, Scheme]:
    """Return the registers by their code at org-id.guide."""
    return {
        scheme: Scheme(
            rank,
            re.compile(rule["pattern"]),
            rule.get("digits", 0),
            rule.get("class"),
            frozenset(rule.get("never", ())),
        )
        for rank, (scheme, rule) in enumerate(own_yaml("identifier_schemes.yaml").items())
    }
