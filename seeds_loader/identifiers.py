"""Official identifiers of organisations in the form of org-id.guide, by the registers of `identifier_schemes.yaml`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

import yaml


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
def official(scheme: str, number: str) -> str | None:
    """Return an identifier in the form of org-id.guide, or None where it is no official one of the right form.

    >>> official("GB-COH", "7689604"), official("GB-COH", "sc 123456")
    ('GB-COH-07689604', 'GB-COH-SC123456')
    >>> official("GB-COH", "458577871"), official("GB-CFS", "18525")
    (None, None)
    """
    known = schemes().get(scheme)
    if known is None:
        return None
    text = number.replace(" ", "").upper()
    text = text.removeprefix(f"{scheme}-")
    if known.pattern.fullmatch(text) is None:
        return None
    text = text.zfill(known.digits)
    return None if text in known.never else f"{scheme}-{text}"


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
    text = files("civicgraph.seeds_loader").joinpath("identifier_schemes.yaml").read_text(encoding="utf-8")
    rules = yaml.safe_load(text)
    return {
        scheme: Scheme(
            rank,
            re.compile(rule["pattern"]),
            rule.get("digits", 0),
            rule.get("class"),
            frozenset(rule.get("never", ())),
        )
        for rank, (scheme, rule) in enumerate(rules.items())
    }
