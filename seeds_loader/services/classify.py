"""What kind of service was bought: from CPV codes, descriptions, categories and names, by rules that are data.

Precision first: what no rule fits has no type, and whoever loads it counts it.
"""

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Final, NamedTuple

from civicgraph.graph.edges.scope import Certainty
from civicgraph.ontology.schemes import service_of_code
from civicgraph.seeds_loader.yaml_lines import own_yaml

_CODE: Final = re.compile(r"(?<!\d)\d{8}(?=-\d\b|\b)")
"""A code of the Common Procurement Vocabulary."""
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
    return tuple(dict.fromkeys(filter(None, map(_of_code, cpv))))


@lru_cache(maxsize=50_000)
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
    told = _told("product", title, kind="system", is_software=not _SOFTWARE.isdisjoint(found))
    if not told:
        return found
    return tuple(dict.fromkeys([*told, *(service for service in found if service not in _GENERAL)]))


def services_of_text(text: str) -> tuple[str, ...]:
    """Return the service types of a product description: what the first rule that fits it says, or nothing.

    >>> services_of_text("2200 Huddle User Licences"), services_of_text("Invoice 118")
    (('collaboration',), ())
    """
    return _told("product", text) or ()


def services_of_payment(what: str, supplier: str, department: str) -> tuple[tuple[str, ...], Certainty]:
    """Return the service types of a payment, and how certain they are; nothing and `asserted` where no rule fits.

    Parameters
    ----------
    what
        What the row says was bought. A type told by it, or by a CPV code in it, is `asserted`.
    supplier
        The supplier's name. A type told by it is `reported`; it is asked where `what` says no more than how
        the money is booked.
    department
        The part of the buyer that paid. A type told by it is `speculative`.

    Examples
    --------
    >>> services_of_payment("ICT Support & Maintenance", "Alpha Ltd", "Finance")
    (('it-support',), 'asserted')
    >>> services_of_payment("Supplies and services", "VODAFONE LTD", ""), services_of_payment("", "Alpha Ltd", "ICT")
    ((('mobile',), 'reported'), (('it-services',), 'speculative'))
    >>> services_of_payment("Nursing Home", "Vodafone Ltd", "ICT"), services_of_payment("Taxis", "Vodafone Ltd", "ICT")
    ((('social-care',), 'asserted'), ((), 'asserted'))
    """
    found, is_general = _of_category(what)
    if found or not is_general:
        return found, "asserted"
    told = _told("supplier", supplier)
    if told is not None:
        return told, "reported" if told else "asserted"
    told = _told("department", department)
    return (told, "speculative") if told else ((), "asserted")


@lru_cache(maxsize=100_000)
def _of_category(text: str) -> tuple[tuple[str, ...], bool]:
    """Return the types that a text for what was bought tells, and whether it tells nothing but how money is booked."""
    found = _told("category", text)
    if found is not None:
        return found, False
    coded, general = services_of(_CODE.findall(text)), own_yaml("services/payment_services.yaml")["general"]
    parts = (part.strip().casefold() for part in text.split(" / "))
    return coded, not coded and all(not part or part in general for part in parts)


@lru_cache(maxsize=200_000)
def _told(part: str, text: str, *, kind: str | None = None, is_software: bool = False) -> tuple[str, ...] | None:
    """Return the types of the first rule of a part, and of a kind, that fits a text; None where none fits."""
    text, (every, rules) = " ".join(text.lower().split()), _rules(part)
    if every.search(text) is None:
        return None
    of_software = is_software or _SAYS_SOFTWARE.search(text) is not None
    for rule in rules:
        words = (rule.words, rule.software) if of_software else (rule.words,)
        if kind in (None, rule.kind) and any(pattern is not None and pattern.search(text) for pattern in words):
            return rule.services
    return None


class _Rule(NamedTuple):
    """A rule: the types that its words tell, and those words that tell them of software alone."""

    services: tuple[str, ...]
    kind: str | None
    words: re.Pattern[str]
    software: re.Pattern[str] | None


@cache
def _rules(part: str) -> tuple[re.Pattern[str], list[_Rule]]:
    """Return one pattern of all words of a part, to be done with most texts at once, and its rules."""
    of_products = part == "product"
    rows = own_yaml("services/product_services.yaml" if of_products else "services/payment_services.yaml")
    rows = rows if of_products else rows[part]
    rules = [
        _Rule(
            tuple(row["services"]),
            row.get("kind"),
            _any(row["words"], row.get("only", ())),
            _any(row["software"]) if "software" in row else None,
        )
        for row in rows
    ]
    words = (word for row in rows for word in (*row["words"], *row.get("software", ())))
    return _any(words, [word for row in rows for word in row.get("only", ())]), rules


_of_code = lru_cache(maxsize=20_000)(service_of_code)


def _any(words: Iterable[str], only: Iterable[str] = ()) -> re.Pattern[str]:
    """Return the pattern of any of some words, or of a text of some alone.

    They are whole words, `*` stands for the rest of one, and any one character of space may be between two.
    """
    within, alone = ("|".join(map(_words, some)) for some in (words, only))
    return re.compile(rf"(?<![a-z0-9])(?:{within})(?![a-z0-9])" + (rf"|^(?:{alone})$" if alone else ""))


def _words(words: str) -> str:
    return r"[\s_/.-]+".join(re.escape(word).replace(r"\*", r"[a-z]*") for word in words.split())
