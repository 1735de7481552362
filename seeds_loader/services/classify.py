"""What kind of service was bought: from CPV codes and from product descriptions, by rules that are data.

Precision first: what no rule fits has no type, and whoever loads it counts it.
"""

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final

import yaml

from civicgraph.ontology.schemes import service_of_code

_PACKAGE: Final = "civicgraph.seeds_loader.services"
_GENERAL: Final = frozenset({
    *("it-services", "applications", "software-licences", "line-of-business", "app-development", "app-management"),
    *("it-consultancy", "it-support", "it-operations", "hosting", "infrastructure", "web-digital", "erp"),
})  # fmt: skip
"""Types of codes that any system may be bought under."""
_SOFTWARE: Final = frozenset(
    {"applications", "software-licences", "line-of-business", "app-development", "app-management"}
)
"""Those of them that say that software was bought."""


def services_of(cpv: Iterable[str]) -> tuple[str, ...]:
    """Return the service types of CPV codes, in the codes' order, each once.

    >>> services_of(["48445000", "72000000", "45000000", "48445000"])
    ('crm', 'it-services')
    """
    found: dict[str, None] = {}
    for code in cpv:
        service = _of_code(code)
        if service is not None:
            found[service] = None
    return tuple(found)


def services_of_contract(cpv: tuple[str, ...], title: str) -> tuple[str, ...]:
    """Return the service types of a contract: those of its codes, a general one made narrower by what its title says.

    The code of a system for one service is often that of software or IT services at large, and its title tells which.

    >>> services_of_contract(("48000000",), "Revenues and Benefits System 2025")
    ('revenues-benefits-system',)
    >>> (
    ...     services_of_contract(("72000000", "79630000"), "HR and Payroll System"),
    ...     services_of_contract(("45000000",), "GIS"),
    ... )
    (('hr-payroll-system', 'hr'), ())
    """
    found = services_of(cpv)
    if not _GENERAL.intersection(found):
        return found
    told = _system_of_title(" ".join(title.lower().split()), is_software=not _SOFTWARE.isdisjoint(found))
    if not told:
        return found
    return tuple(dict.fromkeys([*told, *(service for service in found if service not in _GENERAL)]))


def services_of_text(text: str) -> tuple[str, ...]:
    """Return the service types of a product description: what the first rule that fits it says, or nothing.

    >>> services_of_text("2200 Huddle User Licences"), services_of_text("Invoice 118")
    (('collaboration',), ())
    """
    return _of_text(" ".join(text.lower().split()))


_of_code = lru_cache(maxsize=20_000)(service_of_code)


@lru_cache(maxsize=100_000)
def _of_text(text: str) -> tuple[str, ...]:
    if not any(letter.isalpha() for letter in text):
        return ()
    return next((services for pattern, services in _product_rules() if pattern.search(text) is not None), ())


@lru_cache(maxsize=100_000)
def _system_of_title(title: str, *, is_software: bool) -> tuple[str, ...]:
    for words in ("words", "software") if is_software else ("words",):
        for pattern, services in _product_rules(words, "system"):
            if pattern.search(title) is not None:
                return services
    return ()


@cache
def _product_rules(
    words: str = "words", kind: str | None = None
) -> tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]:
    """Return the rules of a kind, or all of them, each by the words of the list that is named."""
    rules = yaml.safe_load(_data("product_services.yaml"))
    return tuple(
        (
            re.compile("|".join([*map(_words, rule[words]), *(rf"^{_words(only)}$" for only in rule.get("only", ()))])),
            tuple(rule["services"]),
        )
        for rule in rules
        if kind in (None, rule.get("kind")) and words in rule
    )


def _words(words: str) -> str:
    """Return the pattern of words: whole ones, `*` for the rest of a word, any one character of space between."""
    pattern = r"[\s_/.-]+".join(re.escape(word).replace(r"\*", r"[a-z]*") for word in words.split())
    return rf"(?<![a-z0-9]){pattern}(?![a-z0-9])"


def _data(name: str) -> str:
    return files(_PACKAGE).joinpath(name).read_text(encoding="utf-8")
