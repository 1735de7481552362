"""What kind of service was bought: from CPV codes and from product descriptions, by rules that are data.

Precision first: what no rule fits has no type, and whoever loads it counts it.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final

import yaml

_PACKAGE: Final = "civicgraph.seeds_loader.services"
_SHORTEST: Final = 2
_CODE: Final = 8


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


def services_of_text(text: str) -> tuple[str, ...]:
    """Return the service types of a product description: what the first rule that fits it says, or nothing.

    >>> services_of_text("2200 Huddle User Licences"), services_of_text("Invoice 118")
    (('collaboration',), ())
    """
    return _of_text(" ".join(text.lower().split()))


@lru_cache(maxsize=20_000)
def _of_code(code: str) -> str | None:
    rules = cpv_rules()
    for length in range(min(len(code), _CODE), _SHORTEST - 1, -1):
        if code[:length] in rules:
            return rules[code[:length]]
    return None


@lru_cache(maxsize=100_000)
def _of_text(text: str) -> tuple[str, ...]:
    if not any(letter.isalpha() for letter in text):
        return ()
    for pattern, services in _product_rules():
        if pattern.search(text) is not None:
            return services
    return ()


@cache
def cpv_rules() -> Mapping[str, str | None]:
    """Return the service type of each beginning of a CPV code; None where a branch has none."""
    rules: dict[str, str | None] = yaml.safe_load(_data("cpv_services.yaml"))
    return rules


@cache
def _product_rules() -> tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]:
    rules = yaml.safe_load(_data("product_services.yaml"))
    return tuple(
        (
            re.compile(
                "|".join([*map(_words, rule["words"]), *(rf"^{_words(words)}$" for words in rule.get("only", ()))])
            ),
            tuple(rule["services"]),
        )
        for rule in rules
    )


def _words(words: str) -> str:
    """Return the pattern of words: whole ones, `*` for the rest of a word, any one character of space between."""
    pattern = r"[\s_/.-]+".join(re.escape(word).replace(r"\*", r"[a-z]*") for word in words.split())
    return rf"(?<![a-z0-9]){pattern}(?![a-z0-9])"


def _data(name: str) -> str:
    return files(_PACKAGE).joinpath(name).read_text(encoding="utf-8")
