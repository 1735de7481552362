"""What kind of service was bought: from CPV codes and from product descriptions, by rules that are data.

Precision first: what no rule fits has no type, and whoever loads it counts it.
"""

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final, NamedTuple

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
_SAYS_SOFTWARE: Final = re.compile(r"\b(?:software|systems?)\b")


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
    told = _told(_plain(title), kind="system", is_software=not _SOFTWARE.isdisjoint(found))
    if not told:
        return found
    return tuple(dict.fromkeys([*told, *(service for service in found if service not in _GENERAL)]))


def services_of_text(text: str) -> tuple[str, ...]:
    """Return the service types of a product description: what the first rule that fits it says, or nothing.

    >>> services_of_text("2200 Huddle User Licences"), services_of_text("Invoice 118")
    (('collaboration',), ())
    """
    return _told(_plain(text))


_of_code = lru_cache(maxsize=20_000)(service_of_code)


def _plain(text: str) -> str:
    return " ".join(text.lower().split())


@lru_cache(maxsize=100_000)
def _told(text: str, *, kind: str | None = None, is_software: bool = False) -> tuple[str, ...]:
    """Return what the first rule of a kind that fits a text says, or nothing."""
    if not any(letter.isalpha() for letter in text):
        return ()
    of_software = is_software or _SAYS_SOFTWARE.search(text) is not None
    for rule in _rules():
        if kind in (None, rule.kind) and (rule.words.search(text) or (of_software and rule.fits_software(text))):
            return rule.services
    return ()


class _Rule(NamedTuple):
    """A rule: the types that its words tell, and those words that tell them of software alone."""

    services: tuple[str, ...]
    kind: str | None
    words: re.Pattern[str]
    software: re.Pattern[str] | None

    def fits_software(self, text: str) -> bool:
        return self.software is not None and self.software.search(text) is not None


@cache
def _rules() -> tuple[_Rule, ...]:
    rows = yaml.safe_load(files(_PACKAGE).joinpath("product_services.yaml").read_text(encoding="utf-8"))
    return tuple(
        _Rule(
            tuple(row["services"]),
            row.get("kind"),
            re.compile("|".join([*map(_words, row["words"]), *(rf"^{_words(only)}$" for only in row.get("only", ()))])),
            re.compile("|".join(map(_words, row["software"]))) if "software" in row else None,
        )
        for row in rows
    )


def _words(words: str) -> str:
    """Return the pattern of words: whole ones, `*` for the rest of a word, any one character of space between."""
    pattern = r"[\s_/.-]+".join(re.escape(word).replace(r"\*", r"[a-z]*") for word in words.split())
    return rf"(?<![a-z0-9]){pattern}(?![a-z0-9])"
